"""Lists of the accountant as values: shown on a page in pieces, and given whole as a file, by the same columns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import Field

from bpp.console.language import gettext
from bpp.console.money.periods import Span, WrongPeriod, beside, offered, read_span, said
from bpp.console.page import Reading, Shown, Visit
from bpp.console.sheets import Cell, csv_file, xlsx_file
from bpp.core.world import World
from bpp.operator.files import File
from bpp.operator.problems import not_found
from bpp.operator.routes import Handler, Query
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from catalog.money import ZERO, Money

Kind = Literal["text", "money", "count", "share", "day", "moment"]
ROWS = 100
"""Rows of a list on one page; the file has all of them."""
AT_ONCE = 500
WRITERS: Mapping[str, Callable[..., File]] = {"csv": csv_file, "xlsx": xlsx_file}


@dataclass(frozen=True, slots=True)
class Link:
    """Where a cell leads: a page by name, the parts of its path, its query."""

    page: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading (a text of the catalogs), what a row has in it, of which kind, and where it leads."""

    title: str
    value: Callable[[Any], Cell]
    kind: Kind = "text"
    link: Callable[[Any], Link | None] = lambda _row: None


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a list begins and goes on that is read piece by piece: its first row, and the cursor of what follows."""

    first: int
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A list: ``name`` is that of its file, ``title`` a text of the catalogs; ``sums``: the last row adds up.

    With a ``cut`` its rows are a piece of it already; its query has a ``cursor`` then.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Any]
    sums: bool = False
    cut: Cut | None = None


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell as a template writes it."""

    value: Cell
    kind: Kind
    link: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """A piece of a list: ``files``, ``top``, ``before`` and ``after`` are queries of the same page.

    ``count`` is None where nobody has counted the whole list.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[ShownCell]]
    count: int | None
    first: int
    files: Mapping[str, str]
    top: str
    before: str
    after: str
    sums: Sequence[Decimal | None]


class ListQuery(Query):
    """A piece of a list, from its row ``start`` on, or a file of the whole; ``table`` names which of a page."""

    table: str = ""
    start: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    file: Literal["", "csv", "xlsx"] = ""


class PeriodQuery(ListQuery):
    """The same of a period: one of the list by its key, or two days. What is none is told on the page."""

    period: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a page read: its lists, and whatever else its template is given."""

    tables: Sequence[Table] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


Listing = Callable[[Visit, Work, World], Awaitable[Found]]
PeriodListing = Callable[[Visit, Span, Work, World], Awaitable[Found]]


def listing(read: Listing) -> Reading:
    """A page with lists."""

    async def reading(visit: Visit, work: Work, world: World) -> Shown:
        return _shown(await read(visit, work, world), visit, str(local_day(world.now)))

    return reading


def of_period(read: PeriodListing, beside: Callable[[], Mapping[str, Any]] = dict) -> Reading:
    """A page with lists of a period that the reader chooses; for what is none, or has too much, the chooser alone.

    ``beside`` is what its template is given whatever the period.
    """

    async def reading(visit: Visit, work: Work, world: World) -> Shown:
        query: PeriodQuery = visit.query
        today = local_day(world.now)
        span: Span | None = None
        try:
            span = read_span(query.period, query.since, query.until, today)
            found = _shown(await read(visit, span, work, world), visit, f"{span.first}-{span.last}")
        except WrongPeriod as problem:
            return {**beside(), "chooser": _chooser(span, query, today), "wrong": problem.words}
        if isinstance(found, File):
            return found
        return {**beside(), **found, "chooser": _chooser(span, query, today), "wrong": ""}

    return reading


async def whole(handler: Handler, query: Query, visit: Visit, work: Work, world: World) -> list[Any]:
    """Everything that a call of the operator API lists page by page."""
    items: list[Any] = []
    cursor: str | None = None
    while True:
        asked = query.model_copy(update={"limit": AT_ONCE, "cursor": cursor})
        content: Any = (await handler(visit.call(query=asked), work, world)).content
        items += content.items
        cursor = content.next
        if cursor is None:
            return items


def rupees_of(amount: Money | str) -> Decimal:
    """An amount as a cell has it."""
    return Decimal(str(amount))


def debit(amount: Money) -> Decimal | None:
    """An amount on the left side (debit positive), nothing where it is on the other."""
    return rupees_of(amount) if amount > ZERO else None


def credit(amount: Money) -> Decimal | None:
    """The same on the right side."""
    return debit(-amount)


def _shown(found: Found, visit: Visit, of: str) -> Shown:
    query: ListQuery = visit.query
    if query.file:
        return _file(found.tables, query, of)
    return {"tables": {one.name: _view(one, query) for one in found.tables}, **found.more}


def _file(tables: Sequence[Table], query: ListQuery, of: str) -> File:
    table = next((one for one in tables if one.name == query.table), None)
    if table is None:
        raise not_found("list", query.table)
    header = [gettext(one.title) for one in table.columns]
    rows = ([one.value(row) for one in table.columns] for row in table.rows)
    return WRITERS[query.file](f"{table.name}-{of}", header, rows)


def _view(table: Table, query: ListQuery) -> TableView:
    def asked(**more: Any) -> str:
        kept = query.model_dump(exclude={"table", "start", "file", "cursor"})
        return urlencode({name: value for name, value in {**kept, "table": table.name, **more}.items() if value})

    cut, count = table.cut, len(table.rows)
    start = query.start if query.table == table.name else 0
    piece, before, after = table.rows[start : start + ROWS], "", ""
    if cut is not None:
        start, piece = cut.first, table.rows
        after = asked(cursor=cut.after, start=start + count) if cut.after else ""
    else:
        before = asked(start=max(start - ROWS, 0)) if start else ""
        after = asked(start=start + ROWS) if start + ROWS < count else ""
    return TableView(
        name=table.name,
        title=table.title,
        columns=table.columns,
        rows=[[ShownCell(one.value(row), one.kind, one.link(row)) for one in table.columns] for row in piece],
        count=None if cut is not None and count else count,
        first=start,
        files={kind: asked(file=kind) for kind in WRITERS},
        top=asked() if cut is not None and start else "",
        before=before,
        after=after,
        sums=[_sum(one, table.rows) for one in table.columns] if table.sums and table.rows else (),
    )


def _sum(column: Column, rows: Sequence[Any]) -> Decimal | None:
    if column.kind not in {"money", "count"}:
        return None
    return sum((Decimal(str(column.value(row) or 0)) for row in rows), Decimal(0))


def _chooser(span: Span | None, query: PeriodQuery, today: date) -> Mapping[str, Any]:
    def asked(near: Span) -> str:
        kept = query.model_dump(exclude={"table", "start", "file", "period", "since", "until"})
        chosen = {"period": near.key} if near.key else {"since": near.first, "until": near.last}
        return urlencode({name: value for name, value in {**kept, **chosen}.items() if value})

    groups = [(label, [(one.key, said(one)) for one in spans]) for label, spans in offered(today)]
    kept = query.model_dump(exclude={"table", "start", "file", "period", "since", "until"})
    return {
        "groups": groups,
        "key": span.key if span else "",
        "listed": span is not None and any(span.key == key for _, spans in groups for key, _ in spans),
        "since": str(span.first) if span else query.since,
        "until": str(span.last) if span else query.until,
        "said": said(span) if span else "",
        "before": asked(beside(span, -1)) if span else "",
        "after": asked(beside(span, 1)) if span else "",
        "kept": {name: value for name, value in kept.items() if value},
        "asked": asked(span) if span else "",
    }

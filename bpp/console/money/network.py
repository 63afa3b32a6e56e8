"""Settlements with buyer apps in a list: what is filed, what is due and overdue, where the two sides differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from bpp.console.language import gettext, msg
from bpp.console.money import network_words as words
from bpp.console.money.bookings import order_link
from bpp.console.money.rupee import meant
from bpp.console.money.tables import AT_ONCE, Column, Cut, Found, Link, ListQuery, Table, rupees_of
from bpp.console.money.words import told
from bpp.console.page import Done, Visit, outcome
from bpp.core.world import World
from bpp.operator.routes import Query
from bpp.operator.settlement_models import SettlementPage, SettlementQuery, SettlementView, StandingView
from bpp.operator.settlements import get_standing, list_settlements, post_run
from bpp.settlement.amounts import turned
from bpp.settlement.model import Settlement, Side
from bpp.settlement.plan import Pace, fileable, follow_up, undecided
from bpp.settlement.states import ReconState, SettlementState
from bpp.storage.ports import Work

PATH = "/console/money/network"
ON_A_PAGE = 50
Which = Literal["open", "PREPARED", "PENDING", "NOT_SETTLED", "IN_RECON", "SETTLED", "all"]
WHICH: Mapping[str, str] = {"open": msg("All that are not over"), **words.STATES, "all": msg("All")}


class NetworkQuery(ListQuery):
    """Which settlements: in what state, compared how, with whom, of which order (any of its numbers)."""

    which: Which = "open"
    recon: ReconState | Literal[""] = ""
    app: str = Field(default="", max_length=255)
    number: str = Field(default="", max_length=255)
    cursor: str | None = Field(default=None, max_length=64)


@dataclass(frozen=True, slots=True)
class Row:
    """A settlement as the operator API shows it, and as it is."""

    view: SettlementView
    one: Settlement
    next: tuple[str, str]

    @property
    def to_us(self) -> Decimal:
        """What is filed to be moved: above zero to us, below zero from us."""
        return rupees_of(self.view.figures.amount) * sign(self.one)

    @property
    def difference(self) -> Decimal | None:
        """By how much what the buyer app says is more (or less) than what is filed."""
        return self.theirs - rupees_of(self.view.figures.amount) if self.theirs is not None else None

    @property
    def theirs(self) -> Decimal | None:
        """What the buyer app says that moves, where it says otherwise."""
        return rupees_of(self.view.counter.amount) if self.view.counter is not None else None


def sign(one: Settlement) -> int:
    """1 where the money of a settlement moves to us, -1 where it moves from us."""
    return 1 if (one.due.collected_by is Side.BAP) != turned(one.due) else -1


def comes_next(one: Settlement, now: datetime, pace: Pace) -> tuple[str, str]:
    """What comes next of a settlement, what is overdue first: a text of the catalogs, and the look of its tag."""
    if one.state is SettlementState.SETTLED and one.recon is not ReconState.SENT_PENDING:
        return words.OVER
    if undecided(one):
        return words.APART
    follow = follow_up(one, now, pace)
    return _awaited(one, now) if follow is None else words.FOLLOWS[follow]


def _awaited(one: Settlement, now: datetime) -> tuple[str, str]:
    """What comes next where nothing is overdue."""
    if one.recon is ReconState.SENT_PENDING:
        return words.APP_AWAITED
    if one.state is SettlementState.PENDING:
        return words.AGENCY_AWAITED
    if one.issue_id:
        return words.COMPLAINED
    if fileable(one, now):
        return words.FILED_NEXT
    return words.NOT_YET if one.ready_at > now else words.FILED_ON if one.due_date else words.OVER


async def read_network(visit: Visit, work: Work, world: World) -> Found:
    """A piece of the list, or all of it for a file; how settlement stands, and how many are in which state."""
    query: NetworkQuery = visit.query
    number = query.number.strip()
    refs = await meant(number, visit, work, world) if number else ()
    rows: Sequence[Row] = ()
    after: str | None = None
    if not number or len(refs) == 1:
        rows, after = await _rows(query, refs[0] if refs else None, visit, work, world)
    cut = Cut(query.start if query.cursor else 0, after)
    return Found(
        tables=(Table(name="network", title=msg("Settlements"), columns=COLUMNS, rows=rows, cut=cut),),
        more={
            **await standing(visit, work, world),
            "refs": refs,
            "asked": query,
            "which": [(name, gettext(text)) for name, text in WHICH.items()],
            "recons": [("", gettext("Any")), *((name, gettext(text)) for name, text in words.RECONS.items())],
        },
    )


async def standing(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """How settlement stands, in words."""
    found: StandingView = (await get_standing(visit.call(query=Query()), work, world)).content  # type: ignore[assignment]
    counts = [(state, sum(one.count for one in found.counts if one.state == state)) for state in words.STATES]
    run = found.run
    return {
        "mode": gettext(words.MODES[found.mode]),
        "on": found.mode != "off",
        "agency": found.agency,
        "run": run,
        "stage": gettext(words.STAGES[run.stage]) if run else "",
        "counts": [(state, gettext(words.STATES[state]), count) for state, count in counts],
    }


async def _rows(
    query: NetworkQuery, ref: str | None, visit: Visit, work: Work, world: World
) -> tuple[Sequence[Row], str | None]:
    """A page of the list with the cursor of the next, or every page for a file."""
    state = SettlementState(query.which) if query.which in words.STATES else None
    limit = AT_ONCE if query.file else ON_A_PAGE
    asked = SettlementQuery(
        state=state,
        recon=query.recon or None,
        bap_id=query.app.strip() or None,
        order_ref=ref,
        open=query.which == "open",
        limit=limit,
        cursor=None if query.file else query.cursor,
    )
    rows, after = await rows_of(asked, visit, work, world)
    while query.file and after is not None:
        further, after = await rows_of(asked.model_copy(update={"cursor": after}), visit, work, world)
        rows = [*rows, *further]
    return rows, after


async def rows_of(query: SettlementQuery, visit: Visit, work: Work, world: World) -> tuple[Sequence[Row], str | None]:
    """A page of settlements, and the cursor of the next."""
    content = (await list_settlements(visit.call(query=query), work, world)).content
    assert isinstance(content, SettlementPage)  # noqa: S101  the call gives nothing else
    known = await work.settlements.some([one.id for one in content.items])
    return [row_of(one, known[one.id], world) for one in content.items], content.next


def row_of(view: SettlementView, one: Settlement, world: World) -> Row:
    """A settlement with what comes next."""
    return Row(view, one, comes_next(one, world.now, world.rules.settlement.pace))


def which_one(view: SettlementView) -> str:
    """Whether it is the sale of an order or a later settlement of it."""
    return (
        gettext(msg("Sale"))
        if view.number == 1
        else gettext(msg("Correction %(number)s")) % {"number": view.number - 1}
    )


def one_link(row: Row) -> Link:
    """To the page of a settlement."""
    return Link("money-network-one", {"settlement": row.view.id})


COLUMNS = (
    Column(msg("Order"), lambda row: row.view.order_id, link=one_link),
    Column(msg("Sale or correction"), lambda row: which_one(row.view)),
    Column(msg("Buyer app"), lambda row: row.view.bap_id),
    Column(msg("State"), lambda row: told(words.STATES, row.view.state)),
    Column(msg("What comes next"), lambda row: gettext(row.next[0]) if row.next[0] else ""),
    Column(msg("Moves to us (below zero: from us)"), lambda row: row.to_us, "money"),
    Column(msg("Finder fee with GST"), lambda row: rupees_of(row.view.figures.commission), "money"),
    Column(msg("The buyer app says"), lambda row: row.theirs, "money"),
    Column(msg("Difference"), lambda row: row.difference, "money"),
    Column(msg("Moved"), lambda row: rupees_of(row.view.settled), "money"),
    Column(msg("Comparison"), lambda row: told(words.RECONS, row.view.recon)),
    Column(msg("May be settled from"), lambda row: row.view.ready_at, "moment"),
    Column(msg("Filed"), lambda row: row.view.filed_at, "moment"),
    Column(msg("Reference of the bank"), lambda row: row.view.reference_no),
    Column(msg("Booking"), lambda row: row.view.order_ref, link=lambda row: order_link(row.view.order_ref)),
)


async def act_run(visit: Visit, work: Work, world: World) -> Done:
    """Begin a run now; it is done in steps."""
    return outcome(await post_run(visit.call(), work, world), PATH)

"""``bpp observability``: how far the network was told what was said, what is missing, and refused entries once more."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bpp.cli.output import FAILED, AsJson, facts, show, table
from bpp.settings import Settings, load_settings

if TYPE_CHECKING:
    from bpp.storage.ports import Work

T = TypeVar("T")
observability = typer.Typer(no_args_is_help=True, help="What network observability was told of our messages.")

First = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day (India); by default six before.")
]
Last = Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="Last day; by default today.")]
FACTS = (
    "pushing",
    "endpoint",
    "told_up_to",
    "moved_at",
    "holder",
    "failures",
    "reason",
    "not_before",
    "waiting",
    "oldest",
)
COLUMNS = ("day", "pushed", "warned", "refused", "waiting", "oldest", "complete", "late")
REFUSED = ("seq", "part", "type", "at", "words", "again")
"""What is shown of each refusal, and behind it the transaction, by which the console finds the order."""
SHOWN = 50
"""Refusals that are listed."""
A_WEEK = timedelta(days=6)


@observability.command("status")
def status(*, as_json: AsJson = False) -> None:
    """Whether it is told, how far, and what waits; straight on the database.

    Example: bpp observability status
    """
    settings = load_settings(os.environ)
    found = asyncio.run(_on(settings, lambda work: _status(work, settings)))
    show(found, lambda: facts(found, FACTS), as_json=as_json)


@observability.command("gaps")
def gaps(*, first: First = None, last: Last = None, as_json: AsJson = False) -> None:
    """Each day's entries that were pushed and refused, and messages that wait. Status 1 where a day is late.

    A day must be told by 02:00 of the next. Example: bpp observability gaps --from 2026-11-23
    """
    settings = load_settings(os.environ)
    found = asyncio.run(_on(settings, lambda work: _gaps(work, settings, first, last)))
    text = table(found["days"], COLUMNS, empty="nothing was told, and nothing waits")
    refused = table(found["refusals"], (*REFUSED, "transaction_id"), empty="nothing was refused")
    show(found, f"{text}\n\n{refused}", as_json=as_json)
    if any(one["late"] for one in found["days"]):
        raise typer.Exit(FAILED)


@observability.command("again")
def again(*, first: First = None, last: Last = None, as_json: AsJson = False) -> None:
    """Push what was refused once more, and without waiting for the end of a pause; a server must be running.

    Example: bpp observability again --from 2026-11-23 --until 2026-11-23
    """
    settings = load_settings(os.environ)
    days = first.date() if first else None, last.date() if last else None
    count = asyncio.run(_on(settings, lambda work: work.observability.again(*days), writes=True))
    show({"again": count}, f"{count} refused entries are pushed once more, and whatever waits", as_json=as_json)


async def _status(work: Work, settings: Settings) -> dict[str, Any]:
    from bpp.observability.types import told  # noqa: PLC0415  heavy: only this command waits for it

    cursor = await work.observability.cursor()
    waiting = await work.observability.waiting(told(settings.observability_also), None)
    oldest = min((one.oldest for one in waiting), default=None)
    return {
        "pushing": settings.observed,
        "endpoint": settings.observability_url,
        "told_up_to": cursor.seq if cursor else None,
        "moved_at": _text(cursor.moved_at) if cursor else None,
        "holder": cursor.holder if cursor else "",
        "failures": cursor.failures if cursor else 0,
        "reason": cursor.reason if cursor else "",
        "not_before": _text(cursor.not_before) if cursor else None,
        "waiting": sum(one.messages for one in waiting) if cursor else None,
        "oldest": _text(oldest),
    }


async def _gaps(work: Work, settings: Settings, since: datetime | None, until: datetime | None) -> dict[str, Any]:
    """Of some days; where nobody says since when, what waits from before the last week as well."""
    from bpp.observability.gaps import days  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.observability.types import told  # noqa: PLC0415

    first, last = _day(since, -A_WEEK), _day(until)
    waiting = await work.observability.waiting(told(settings.observability_also), None)
    if since is None:
        first = min([first, *(one.day for one in waiting)])
    pushed = await work.observability.days(first, last)
    refusals = await work.observability.refusals(first, last, SHOWN)
    rows = await work.observability.exchanges({one.seq for one in refusals})
    transactions = {one.seq: one.transaction_id for one in rows}
    within = [one for one in waiting if first <= one.day <= last]
    return {
        "days": [one.document for one in days(pushed, within, datetime.now(UTC))],
        "refusals": [
            {name: _plain(getattr(one, name)) for name in REFUSED} | {"transaction_id": transactions.get(one.seq)}
            for one in refusals
        ],
    }


async def _on(settings: Settings, unit: Callable[[Work], Awaitable[T]], *, writes: bool = False) -> T:
    from bpp.storage.engine import open_storage, upgrade  # noqa: PLC0415  heavy: only these commands wait for it

    await upgrade(settings.database_url)
    storage = open_storage(settings.database_url)
    try:
        return await (storage.run(unit) if writes else storage.read(unit))
    finally:
        await storage.close()


def _day(given: datetime | None, step: timedelta = timedelta()) -> date:
    from bpp.observability.gaps import day_of  # noqa: PLC0415  heavy: only this command waits for it

    return given.date() if given else day_of(datetime.now(UTC)) + step


def _plain(value: Any) -> Any:
    return _text(value) if isinstance(value, datetime) else value


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

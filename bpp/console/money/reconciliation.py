"""Reconciliation: bookings against money, three lists of what does not match, and whether a period is complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpp.console.language import gettext, msg
from bpp.console.money.bookings import lists
from bpp.console.money.fields import read_rupees
from bpp.console.money.overview import checks, moments, reconciliation_of
from bpp.console.money.periods import Span
from bpp.console.money.tables import Found, PeriodQuery
from bpp.console.page import Visit
from bpp.core.world import World
from bpp.ledger.readings import Reading, readings
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter

READINGS: Mapping[str, str] = {
    "a": msg("It is the Samiti's share under another name."),
    "b": msg("It is what was paid online; the rest is cash in hand."),
    "c": msg("It is the providers' part, without the commission, of the little that was paid."),
}
CHECKS: Mapping[str, str] = {
    "the commission received is the figure": msg("The commission received is this figure"),
    "all commission due was received": msg("All commission due was received"),
    "all that was charged was seen": msg("All that was charged was seen"),
    "the money paid online is the figure": msg("The money paid online is this figure"),
    "the rest was taken in cash": msg("The rest was taken in cash"),
    "what wallets got of money seen is the figure": msg("What wallets got of the money seen is this figure"),
    "figure and commission received are the money seen": msg("Figure and commission received are the money seen"),
    "nothing was taken in cash": msg("Nothing was taken in cash"),
    "the rest of what was charged was not seen": msg("The rest of what was charged was not seen"),
}
"""What each equation of a reading says, by its words in the ledger."""


class ReconciliationQuery(PeriodQuery):
    """Which days, and a figure to be explained."""

    figure: str = ""


async def read_reconciliation(visit: Visit, span: Span, work: Work, world: World) -> Found:
    """Totals, the lists, the conditions of a complete period, and what a figure may mean."""
    found, still = await reconciliation_of(span, work, world)
    then = await work.ledger.balances(AccountFilter(), moments(span)[1])
    conditions = checks(found, still, then, span, local_day(world.now))
    figure = visit.query.figure
    amount = read_rupees(figure) if figure else None
    return Found(
        tables=lists(found, still, world),
        more={
            "totals": found.totals,
            "checks": conditions,
            "complete": all(one.holds for one in conditions),
            "figure": figure,
            "figure_wrong": bool(figure) and amount is None,
            "readings": [_told(one) for one in readings(found.totals, amount)] if amount is not None else [],
        },
    )


def _told(one: Reading) -> Mapping[str, Any]:
    return {
        "says": gettext(READINGS[one.letter]),
        "consistent": one.consistent,
        "checks": [{"says": gettext(CHECKS[check.says]), "of": check} for check in one.checks],
    }

"""Complaints in a list: the first due first, or the newest, as far as they are somebody's business."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from bpp.console.language import gettext, msg
from bpp.console.page import Visit
from bpp.console.tickets.rows import row
from bpp.console.tickets.words import LEVELS, LOOKS, STATUSES
from bpp.core.world import World
from bpp.operator.routes import Query
from bpp.operator.ticket_models import TicketPage, TicketQuery
from bpp.operator.tickets import list_tickets
from bpp.people.model import Person, Role
from bpp.storage.ports import Work

ON_A_PAGE = 50
Which = Literal["open", "overdue", "officer", "ours", "all"]
SHELVES: Mapping[Which, tuple[str, Mapping[str, Any]]] = {
    "open": (msg("To be resolved"), {"open": True}),
    "overdue": (msg("Overdue"), {"overdue": True}),
    "officer": (msg("The grievance officer's"), {"open": True, "officers": True}),
    "ours": (msg("Our own complaints"), {"ours": True}),
    "all": (msg("All"), {}),
}
"""What is looked for, and how the operator API asks for it."""


class TicketsQuery(Query):
    """Which complaints; of a ``number``, however it stands. ``after`` is the last one of the page before."""

    which: Which = "open"
    number: str = Field(default="", max_length=64)
    after: str | None = Field(default=None, max_length=64)


async def read_tickets(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """A page of the list."""
    query: TicketsQuery = visit.query
    number = query.number.strip()
    asked: Mapping[str, Any] = {"number": number} if number else SHELVES[query.which][1]
    which = TicketQuery(**asked, **_reach(visit.person), limit=ON_A_PAGE, cursor=query.after)
    found = (await list_tickets(visit.call(query=which), work, world)).content
    assert isinstance(found, TicketPage)  # noqa: S101  the call gives nothing else
    providers = world.catalog.providers
    return {
        "rows": [(row(one, world.now), providers.get(one.provider_id)) for one in found.items],
        "next": found.next,
        "shelves": [(name, gettext(title)) for name, (title, _) in SHELVES.items()],
        "which": "" if number else query.which,
        "number": number,
        "statuses": STATUSES,
        "looks": LOOKS,
        "levels": LEVELS,
    }


def _reach(person: Person) -> Mapping[str, str]:
    """Only what is the person's business: a provider's own, an officer's district."""
    if person.role is Role.PROVIDER:
        return {"provider_id": person.provider_id}
    return {"district": person.district} if person.role is Role.OFFICER else {}

"""Orders in a list: newest first, as far as they are somebody's business, by state, provider, day and channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from bpp.console.language import gettext
from bpp.console.orders.words import CHANNELS, STAGES, STATUSES
from bpp.console.page import Day, Visit
from bpp.core.world import World
from bpp.operator.routes import Query
from bpp.orders.model import Channel
from bpp.orders.numbers import read_number
from bpp.orders.states import Stage
from bpp.people.model import Role
from bpp.storage.ports import OrderFilter, OrderRow, Work
from catalog.availability import KOLKATA

Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=255)]


class OrdersQuery(Query):
    """What is looked for; what is left out does not filter. ``number`` is a buyer app's id, or ours as it is said."""

    number: Name | None = None
    state: Stage | None = None
    channel: Channel | None = None
    provider: str | None = Field(default=None, max_length=64)
    bap: Name | None = None
    day: Day | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=64)


async def read_orders(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """A page of the list."""
    query: OrdersQuery = visit.query
    which = _within_reach(_filter(query), visit)
    rows = await _found(which, query, work)
    page = rows[: query.limit]
    providers = world.catalog.providers
    return {
        "rows": [(row, providers.get(row.provider_id)) for row in page],
        "next": page[-1].ref if len(rows) > len(page) else None,
        "query": query,
        "kept": [(name, value) for name, value in query.model_dump(mode="json").items() if value and name != "cursor"],
        "stages": STAGES,
        "statuses": STATUSES,
        "channels": CHANNELS,
        "states": [("", gettext("all")), *((key, gettext(text)) for key, text in STAGES.items())],
        "ways": [("", gettext("all")), *((key, gettext(text)) for key, text in CHANNELS.items())],
        "providers": [("", gettext("all")), *_providers(visit, world)],
    }


def _filter(query: OrdersQuery) -> OrderFilter:
    start = datetime.combine(query.day, time(), KOLKATA) if query.day else None
    return OrderFilter(
        order_id=query.number,
        state=query.state,
        channel=query.channel,
        provider_id=query.provider,
        bap_id=query.bap,
        starts_from=start,
        starts_before=start + timedelta(days=1) if start else None,
        after=query.cursor,
        limit=query.limit + 1,
    )


def _within_reach(which: OrderFilter, visit: Visit) -> OrderFilter:
    """Only what is the person's business: a provider's own, an officer's district."""
    person = visit.person
    if person.role is Role.PROVIDER:
        return replace(which, provider_id=person.provider_id)
    return replace(which, district=person.district) if person.role is Role.OFFICER else which


async def _found(which: OrderFilter, query: OrdersQuery, work: Work) -> list[OrderRow]:
    rows = list(await work.orders.find(which))
    number = read_number(query.number or "")
    if not rows and number is not None:  # no buyer app has it as its id
        rows = list(await work.orders.find(replace(which, order_id=number)))
    return rows


def _providers(visit: Visit, world: World) -> list[tuple[str, str]]:
    """Whom a person may choose among."""
    found = list(world.catalog.providers.values())
    if visit.person.role is Role.PROVIDER:
        return []
    if visit.person.role is Role.OFFICER:
        found = [one for one in found if visit.person.district in one.districts]
    return sorted(((one.id, one.name) for one in found), key=lambda one: one[1])

"""What lies within whose reach: a provider's own, a worker's own, an officer's district; everything for the rest.

Whatever a path, a query or a form names by one of ``NAMED`` is looked up here before a page or a deed sees it. What
lies outside is answered as what does not exist, so that nobody learns that it does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

from bpp.core.world import World
from bpp.issues.ticket import Ticket
from bpp.orders.model import Order
from bpp.people.model import Person, Role
from bpp.storage.ports import Work

Within = Callable[[Person, str, Work, World], Awaitable[bool]]
BOUNDED = frozenset({Role.PROVIDER, Role.WORKER, Role.OFFICER})
"""Roles that do not see everything; their pages show what ``reach`` lets through."""


async def order_within(person: Person, ref: str, work: Work, world: World) -> bool:
    """Whether an order is the person's business."""
    del world
    if person.role not in BOUNDED:
        return True
    order = await work.orders.get(ref)
    return order is not None and sees_order(person, order)


def sees_order(person: Person, order: Order) -> bool:
    """The same for an order that was read."""
    if person.role is Role.PROVIDER:
        return order.seller.provider_id == person.provider_id
    if person.role is Role.WORKER:
        return any(
            one.worker_id == person.worker_id
            for visit in order.fulfillments
            for one in ((visit.assignee, *visit.crew) if visit.assignee else visit.crew)
        )
    if person.role is Role.OFFICER:
        return any(visit.district == person.district for visit in order.fulfillments)
    return True


async def provider_within(person: Person, provider_id: str, work: Work, world: World) -> bool:
    """Whether a provider is the person's business: its own, or one that serves the officer's district."""
    del work
    if person.role is Role.PROVIDER:
        return provider_id == person.provider_id
    if person.role is Role.OFFICER:
        return serves(provider_id, person.district, world)
    return person.role is not Role.WORKER


async def worker_within(person: Person, worker_id: str, work: Work, world: World) -> bool:
    """Whether a worker is the person's business."""
    if person.role is Role.WORKER:
        return worker_id == person.worker_id
    if person.role not in BOUNDED:
        return True
    worker = world.catalog.workers.get(worker_id)
    if worker is None:
        return False
    if person.role is Role.OFFICER:
        return person.district in worker.districts
    return await provider_within(person, worker.provider_id, work, world)


async def offering_within(person: Person, offering_id: str, work: Work, world: World) -> bool:
    """Whether an offering is the person's business."""
    offering = world.catalog.offerings.get(offering_id)
    return offering is not None and await provider_within(person, offering.provider_id, work, world)


async def district_within(person: Person, district: str, work: Work, world: World) -> bool:
    """Whether a district is the person's business."""
    del work, world
    return person.district == district if person.role is Role.OFFICER else person.role not in BOUNDED


async def ticket_within(person: Person, ref: str, work: Work, world: World) -> bool:
    """Whether a complaint is the person's business: its own provider's, or one of the officer's district."""
    del world
    if person.role not in BOUNDED:
        return True
    ticket = await work.issues.get(ref)
    return ticket is not None and sees_ticket(person, ticket)


def sees_ticket(person: Person, ticket: Ticket) -> bool:
    """The same for a complaint that was read."""
    if person.role is Role.PROVIDER:
        return ticket.provider_id == person.provider_id
    if person.role is Role.OFFICER:
        return ticket.district == person.district
    return person.role is not Role.WORKER


NAMED: Mapping[str, Within] = {
    "ref": order_within,
    "provider": provider_within,
    "provider_id": provider_within,
    "worker": worker_within,
    "worker_id": worker_within,
    "offering": offering_within,
    "offering_id": offering_within,
    "district": district_within,
    "ticket": ticket_within,
}
"""What is looked up, by the name that a path, a query or a form has for it."""


async def within(person: Person, named: Iterable[tuple[str, str]], work: Work, world: World) -> bool:
    """Whether everything that is named, by the name of its field, lies within the person's reach."""
    for name, value in named:
        check = NAMED.get(name)
        if check is not None and value and not await check(person, value, work, world):
            return False
    return True


def serves(provider_id: str, district: str, world: World) -> bool:
    """Whether a provider has chosen a district."""
    provider = world.catalog.providers.get(provider_id)
    return provider is not None and district in provider.districts

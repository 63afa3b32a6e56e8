"""The pure half of a draft: what a selection names, whether it may be, and the values made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bpp.core.chosen import base_of, check_parents, hours_chosen, wrong_choice
from bpp.core.pricing import price
from bpp.core.roster import Visit, minutes_between, qualified_workers
from bpp.core.sellers import taking_orders
from bpp.core.wanted import Selection
from bpp.core.world import World
from bpp.errors import (
    BusinessError,
    ItemNotFound,
    LocationNotFound,
    NotServiceable,
    PaymentTypeUnsupported,
    QuantityExceeded,
    QuantityUnavailable,
    SlotUnavailable,
    TooFar,
)
from bpp.orders.assignment import local_day, may_go
from bpp.orders.model import Assignee, Draft, Fulfillment, LineItem, Order, Seller
from catalog.availability import CELL, cells_needed
from catalog.model import Location, Offering, Provider, Slot, Worker
from catalog.reach import Reach, reaches
from catalog.search import Place, location_for
from catalog.snapshot import offered, service_id_of

MOST_UNITS = 999  # no item is sold in larger numbers (catalog.load_schema, max_count)
LONGEST = timedelta(days=366)  # longer than any horizon: no visit of that length can be free
FAR = timedelta(days=36_525)  # later than this, near the end of the calendar, no slot can be reckoned with


def unserved(provider: Provider, offerings: Sequence[Offering], place: Place) -> list[BusinessError | None]:
    """Of each of some offerings of a provider why a place is not served with it, or None where it is."""
    return [_unserved(one) for one in reaches(provider, offerings, place)]


def _unserved(found: Reach) -> BusinessError | None:
    match found:
        case Reach.OUTSIDE:
            return NotServiceable("the provider does not serve this place")
        case Reach.TOO_FAR:
            return TooFar("the place is beyond the provider's distance")
        case _:
            return None


def visit_of(one: Draft | Order, provider: Provider, visit: Fulfillment | None = None) -> Visit:
    """The visit of a draft, or a visit of an order (its first where none is named), from its snapshot."""
    visit = visit or one.fulfillments[0]
    cells = (visit.slot.end - visit.slot.start) // CELL
    items = one.of_visit(visit) if isinstance(one, Order) else one.items
    worked = sum(item.minutes for item in items)
    # A slot over several days spans closed hours, so its length says more than the work in it.
    before_kept = worked if cells > cells_needed(24 * 60) else max(worked, cells * 15)
    return Visit(
        provider=provider,
        service_ids=frozenset(item.service_id for item in items),
        place=place_of(visit),
        minutes=visit.minutes or before_kept,
        crew=1 + len(visit.crew) if visit.assignee else max(1, visit.team_size),
        hours=tuple(hours for item in items for hours in item.hours),
        gender=visit.gender,
        gender_required=visit.gender_required,
        without=frozenset(visit.dropped),
    )


def selling(provider_id: str, world: World) -> Provider:
    """The provider, if it takes orders now; raises as ``taking_orders`` does."""
    return taking_orders(world.catalog.providers.get(provider_id), provider_id, local_day(world.now))


def place_of(visit: Fulfillment) -> Place:
    """Where a visit goes."""
    return Place(gps=visit.gps, area_code=visit.area_code, district=visit.district)


def assignee(worker: Worker, seller: Seller) -> Assignee:
    """A worker as the buyer is told; one without an e-mail shows the provider's (decision 20)."""
    return Assignee(
        worker_id=worker.id,
        name=worker.name,
        phone=worker.phone,
        email=worker.email or seller.email,
        photo=worker.photo,
        gps=worker.gps,
        shares_location=worker.shares_location,
        creds=worker.creds,
    )


def who_may_not_go(one: Draft | Order, provider: Provider, visit: Fulfillment, world: World) -> tuple[str, ...]:
    """The ids of those of a visit's workers who may not be sent any more on its day."""
    job = visit_of(one, provider, visit).job(local_day(visit.slot.start))
    team = [each.worker_id for each in (visit.assignee, *visit.crew) if each]
    found = {name: world.catalog.worker(name) for name in team}
    return tuple(name for name, worker in found.items() if worker is None or not may_go(worker, job))


def known(wanted: Selection, world: World) -> tuple[Provider, tuple[Offering, ...]]:
    """The provider and offerings named; raises as ``selling`` does, LocationNotFound and ItemNotFound.

    Raises QuantityExceeded and SlotUnavailable for numbers and times so far out that no price or slot can be made of
    them; nearer ones are judged beside the priced draft.
    """
    today = local_day(world.now)
    provider = selling(wanted.provider_id, world)
    for location_id in wanted.location_ids:
        # A provider with a single place is meant by any location id: real buyer apps send odd ones.
        if len(provider.locations) > 1 and provider.location(location_id) is None:
            path = "message.order.provider.locations"
            raise LocationNotFound(f"provider {provider.id} has no location {location_id!r}", path=path)
    offerings = []
    for index, line in enumerate(wanted.lines):
        offering = world.catalog.item(line.item_id)
        if offering is None or offering.provider_id != provider.id or not offered(offering, today):
            path = f"message.order.items[{index}].id"
            raise ItemNotFound(f"provider {provider.id} does not offer item {line.item_id!r}", path=path)
        if wanted.peer is not None and not offering.on_network:
            path = f"message.order.items[{index}].id"
            raise ItemNotFound(f"item {line.item_id!r} is not sold on the network", path=path)
        if wanted.peer is not None and offering.domain != wanted.peer.domain:
            path = f"message.order.items[{index}].id"
            raise ItemNotFound(f"item {line.item_id!r} belongs to {offering.domain}", path=path)
        offerings.append(offering)
    check_parents(wanted, world.catalog)
    units = _units(wanted)
    if excess := [one for one in offerings if units[one.id] > MOST_UNITS]:
        raise QuantityExceeded(f"at most {excess[0].max_count} of item {excess[0].id}")
    if wanted.start > world.now + FAR:
        raise SlotUnavailable("the slot lies beyond every slot that is offered")
    return provider, tuple(offerings)


def _units(wanted: Selection) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for line in wanted.lines:  # an item may stand in several lines
        counts[line.item_id] = counts.get(line.item_id, 0) + line.count
    return counts


def still_known(draft: Draft, world: World) -> tuple[Provider, tuple[Offering, ...]]:
    """The draft's provider and offerings, if they are still sold; raises as ``known`` does."""
    provider = selling(draft.seller.provider_id, world)
    found = tuple(world.catalog.item(item.item_id) for item in draft.items)
    offerings = tuple(one for one in found if one is not None and offered(one, local_day(world.now)))
    if len(offerings) != len(draft.items):
        raise ItemNotFound("an item of the selection is no longer offered", path="message.order.items")
    return provider, offerings


def refusal(wanted: Selection, visit: Visit, offerings: tuple[Offering, ...], world: World) -> BusinessError | None:
    """What stands against a selection besides its slot, or None."""
    counts = _units(wanted)
    missed = unserved(visit.provider, offerings, wanted.place)
    for line, offering, error in zip(wanted.lines, offerings, missed, strict=True):
        if error:
            return error
        if counts[line.item_id] > offering.max_count:
            return QuantityExceeded(f"at most {offering.max_count} of item {offering.id} in one order")
        if wanted.payment_type is not None and wanted.payment_type not in offering.payment_types:
            return payment_refused()
    if wrong := wrong_choice(wanted, world.catalog):
        return wrong
    if visit.crew > 1:  # nobody at all is another answer, which the search for a slot gives
        team = len(qualified_workers(visit, world))
        if visit.crew > max(team, 1):
            return QuantityUnavailable(f"the provider has {team} workers for {visit.crew} at once")
    return None


def payment_refused() -> PaymentTypeUnsupported:
    """One text for a payment type that an item is not sold with."""
    return PaymentTypeUnsupported("the item is not sold with this type of payment")


def visit_wanted(wanted: Selection, provider: Provider, offerings: tuple[Offering, ...], world: World) -> Visit:
    """The visit a selection asks for: the work, or the longer range that was asked for.

    A range is cut at what no worker can have free, so that it is refused and not reckoned with.
    """
    pairs = list(zip(wanted.lines, offerings, strict=True))
    work = sum(one.duration if one.parallel else one.duration * line.count for line, one in pairs)
    return Visit(
        provider=provider,
        service_ids=frozenset(service_id_of(one) for one in offerings),
        place=wanted.place,
        minutes=min(max(work, minutes_between(wanted.start, wanted.end)), LONGEST // timedelta(minutes=1)),
        crew=max((line.count for line, one in pairs if one.parallel), default=1),
        hours=tuple(hours for line in wanted.lines for hours in hours_chosen(line, world.catalog)),
        gender=wanted.gender,
        gender_required=wanted.gender_required,
    )


def build_draft(
    wanted: Selection, visit: Visit, offerings: tuple[Offering, ...], *, ref: str, world: World
) -> tuple[Draft, BusinessError | None]:
    """The draft a selection makes, priced, without a worker yet; and what stands against an offer that it names.

    ``visit`` is the one that it asks for.
    """
    provider = visit.provider
    location = location_for(provider, offerings[0], wanted.place)
    items = tuple(
        LineItem(
            item_id=one.id,
            count=line.count,
            service_id=service_id_of(one),
            name=one.name,
            category=one.category,
            unit_price=one.price_in(wanted.place.district),
            tax_rate=one.tax_rate,
            sac=one.sac,
            minutes=one.duration if one.parallel else one.duration * line.count,
            wire=line.wire,
            parent_item_id=base.id if (base := base_of(line, world.catalog)) else "",
            hours=hours_chosen(line, world.catalog),
        )
        for line, one in zip(wanted.lines, offerings, strict=True)
    )
    end = wanted.start + cells_needed(visit.minutes) * CELL
    fulfillment = Fulfillment(
        id=world.new_id(),
        slot=Slot(start=wanted.start, end=end),
        minutes=visit.minutes,
        customer=wanted.customer,
        gps=wanted.place.gps,
        area_code=wanted.place.area_code,
        district=wanted.place.district,
        tags=wanted.tags,
        gender=wanted.gender,
        gender_required=wanted.gender_required,
    )
    seller = _seller(provider, location)
    priced = price(items, offerings, wanted.place, world, seller=seller, offers=wanted.offers)
    draft = Draft(
        ref=ref,
        channel=wanted.channel,
        peer=wanted.peer,
        seller=seller,
        items=items,
        fulfillments=(fulfillment,),
        quote=priced.quote,
        payment_type=wanted.payment_type or offerings[0].payment_types[0],
        terms=provider.terms,
        finder_fee=wanted.finder_fee,
        advance=max(one.advance for one in offerings),
        session=wanted.session,
    )
    return draft, priced.refused


def _seller(provider: Provider, location: Location) -> Seller:
    return Seller(
        provider_id=provider.id,
        name=provider.name,
        phone=provider.phone,
        email=provider.email,
        location_id=location.id,
        location_gps=location.gps,
        location_address=location.address,
        gstin=provider.gstin,
        tracking=provider.tracking,
    )


def with_workers(draft: Draft, workers: tuple[Worker, ...], slot: Slot) -> Draft:
    """The draft with the workers held for it and the stretch they are held for."""
    lead, *crew = (assignee(worker, draft.seller) for worker in workers)
    visit = replace(draft.fulfillments[0], assignee=lead, crew=tuple(crew), slot=slot)
    return replace(draft, fulfillments=(visit, *draft.fulfillments[1:]))

"""Bookings in our own channels: portal, app, call centre, service centre, department. The engine is the network's.

What differs is written here and nowhere else: there is no buyer app, so nobody is told by a callback, no finder fee is
due, all the money is ours to collect (at the door, rule R9, or by our payment page), and the order's id is a number of
ours that can be said on the telephone. A quote is a draft whose reference stands in the place of the transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bpp.core.book import Confirmation, book
from bpp.core.draft import Selected, initialise, offer, select
from bpp.core.wanted import Details, Line, Selection, session_holder
from bpp.core.world import World
from bpp.errors import BusinessError, OrderInvalid
from bpp.orders.assignment import AskedGender
from bpp.orders.model import Channel, Draft, FinderFee, Fulfillment, Json, Order
from bpp.storage.ports import Work
from catalog.model import ON_SITE, Gps, PaymentType
from catalog.moments import wire_time
from catalog.money import Money
from catalog.search import Place

STATE = {"name": "Uttar Pradesh"}
NOWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks the price of: items of a provider at a place; without a ``start`` only the price is told.

    ``session`` is who asks for others at once, as a seat of the call centre; ``replaces`` an earlier quote for the same
    caller, whose slot is let go.
    """

    channel: Channel
    session: str
    provider_id: str
    lines: tuple[Line, ...]
    place: Place
    start: datetime | None
    payment_type: PaymentType | None = None
    offers: tuple[str, ...] = ()
    replaces: str = ""
    gender: AskedGender = ""
    gender_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A government buyer (rule R16): its tax number, and the reference of the purchase order it buys under."""

    name: str
    gstin: str
    purchase_order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """Who books: five facts for a caller, the quote's reference apart."""

    name: str
    phone: str
    address: str
    email: str = ""
    place: Place = NOWHERE
    instructions: str = ""
    department: Department | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedHere:
    """The order; or why there is none, with starts that can be booked instead of a lost one."""

    order: Order | None
    error: BusinessError | None = None
    alternatives: tuple[datetime, ...] = ()


async def quote(asked: Asked, work: Work, world: World) -> Selected:
    """Price what is asked and hold its slot, as ``select`` and ``offer`` do; raises as they do."""
    wanted = Selection(
        channel=asked.channel,
        peer=None,
        provider_id=asked.provider_id,
        location_ids=(),
        lines=asked.lines,
        place=asked.place,
        start=asked.start or world.now,
        end=None,
        payment_type=asked.payment_type or _usual_payment(asked, world),
        customer={},
        tags=(),
        finder_fee=FinderFee(),
        offers=asked.offers,
        session=asked.session,
        replaces=asked.replaces,
        gender=asked.gender,
        gender_required=asked.gender_required,
    )
    return await (select(wanted, work, world) if asked.start else offer(wanted, work, world))


async def quoted(ref: str, work: Work) -> Draft | None:
    """The quote of a reference, locked in a unit that writes; None for none, and for a buyer app's selection."""
    return await work.orders.draft("", ref)


async def held_quotes(channel: Channel, session: str, work: Work, world: World) -> list[tuple[Draft, datetime]]:
    """The quotes whose slots a session holds, each with the moment until which; what lapses first leads."""
    held = await work.slots.held_for(session_holder(channel, session), world.now)
    found = [(await quoted(ref, work), until) for ref, until in held]
    return [(draft, until) for draft, until in found if draft is not None]


async def book_quote(
    draft: Draft, who: Consumer, work: Work, world: World, *, payment_type: PaymentType | None, total: Money | None
) -> BookedHere:
    """Make the order of a quote for somebody.

    ``total`` is the price as it was told, where the caller shall pay no other. Raises OrderInvalid for another, and for
    a quote that is an order already; as ``initialise`` and ``book`` do for what is not sold any more.
    """
    if total is not None and total != draft.quote.total:
        raise OrderInvalid(f"the quoted price is {draft.quote.total}", path="total")
    lines = tuple(Line(item_id=one.item_id, count=one.count, wire={}) for one in draft.items)
    place = _where(who.place, draft.fulfillments[0])
    details = Details(
        lines=lines,
        provider_id=draft.seller.provider_id,
        billing=_billing(who),
        customer=_customer(who, place),
        place=place,
        payment_type=payment_type,
    )
    ready = await initialise(draft, details, work, world)
    if ready.error is not None:
        return BookedHere(order=None, error=ready.error, alternatives=ready.alternatives)
    confirmation = Confirmation(
        order_id="",
        provider_id=draft.seller.provider_id,
        lines=lines,
        total=ready.draft.quote.total,
        payments=(),
        customer={},
        place=Place(),
        created_at=wire_time(world.now),
        said_at=world.now,
        message_id="",
    )
    booked = await book(ready.draft, confirmation, work, world)
    if booked.error is not None:
        return BookedHere(order=None, error=booked.error, alternatives=booked.alternatives)
    return BookedHere(order=booked.order)


def _usual_payment(asked: Asked, world: World) -> PaymentType | None:
    """At the door where everything asked for is sold so (rule R9); else None, as the offerings say."""
    found = [world.catalog.item(line.item_id) for line in asked.lines]
    return ON_SITE if all(one and ON_SITE in one.payment_types for one in found) else None


def _billing(who: Consumer) -> Json:
    billing = {"name": who.name, "phone": who.phone, "address": who.address, "email": who.email, "state": STATE}
    if who.department is not None:
        billing |= {
            "name": who.department.name,
            "ordered_by": who.name,
            "buyer_type": "department",
            "tax_id": who.department.gstin,
            "purchase_order": who.department.purchase_order,
        }
    return {key: value for key, value in billing.items() if value}


def place_at(gps: Gps | None, area_code: str) -> Place:
    """A place as somebody tells it: without coordinates no more is known of it than its district."""
    return replace(Place.of(gps, area_code), by_district=gps is None)


def _where(said: Place, visit: Fulfillment) -> Place:
    """Where the visit goes: what was said last, and what the quote was made for as far as that is the same place."""
    area_code = said.area_code or visit.area_code
    same = area_code == visit.area_code
    return place_at(said.gps or (visit.gps if same else None), area_code)


def _customer(who: Consumer, place: Place) -> Json:
    """The customer's stop, in the words of the network, so that every reader of an order finds it alike."""
    location = {"address": who.address, "area_code": place.area_code, "state": STATE, "country": {"code": "IND"}}
    customer: dict[str, object] = {
        "location": {**location, **({"gps": str(place.gps)} if place.gps else {})},
        "contact": {"phone": who.phone, **({"email": who.email} if who.email else {})},
        "person": {"name": who.name},
    }
    return {**customer, **({"instructions": {"short_desc": who.instructions}} if who.instructions else {})}


def with_channel(draft: Draft, channel: Channel | None) -> Draft:
    """The quote as it is booked: by another channel of ours than it was asked in, where one is named."""
    return draft if channel is None else replace(draft, channel=channel)

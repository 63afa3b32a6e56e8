"""Book: a draft becomes an order, its hold a booking, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bpp.core.accounts import settle
from bpp.core.command import Paid
from bpp.core.details import SAME_PLACE_KM
from bpp.core.draft import keep_slot
from bpp.core.late import watch
from bpp.core.pay import check_amount, check_transaction
from bpp.core.selection import selling
from bpp.core.wanted import Line, check_same_items, check_same_offers
from bpp.core.world import World
from bpp.errors import BusinessError, OrderBusy, OrderInvalid, PaymentFailed, QuoteExpired
from bpp.orders.model import Draft, Fulfillment, Json, Order, Payment
from bpp.orders.numbers import order_number
from bpp.orders.states import Actor, Event, Stage
from bpp.storage.ports import OrderEvent, OrderFilter, Timer, VersionConflict, Work
from catalog.geo import distance_km
from catalog.model import IN_ADVANCE
from catalog.moments import later_than, parse_moment
from catalog.money import ZERO, Money
from catalog.quote import Quote
from catalog.search import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What a confirm says: the order id of the buyer app, and what it believes was selected, quoted and paid.

    An empty ``order_id`` leaves the id to us: a number that can be said on the telephone.
    """

    order_id: str
    provider_id: str
    lines: tuple[Line, ...]
    total: Money | None
    payments: tuple[Paid, ...]
    customer: Json
    place: Place
    created_at: str
    said_at: datetime
    message_id: str
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """The answer to a confirmation: the order; or, with ``error``, the order that was not made.

    Such an order is cancelled, was never stored and is shown to the buyer app only. ``alternatives`` are bookable
    starts when the slot was lost.
    """

    order: Order
    error: BusinessError | None = None
    alternatives: tuple[datetime, ...] = ()


async def book(draft: Draft | None, confirmation: Confirmation, work: Work, world: World) -> Booked:
    """Turn an initialised draft into an order.

    Raises OrderInvalid when the confirmation contradicts what was selected, quoted or initialised, and OrderBusy while
    the provider's word on the same order is awaited. A lapsed quote or a lost slot comes back in ``error``; then there
    is no order. The same order confirmed again is the same order.
    """
    if draft is None:
        raise OrderInvalid("nothing was initialised in this transaction", path="context.transaction_id")
    existing = await _existing(draft, confirmation.order_id, work)
    if existing is not None:
        return _again(existing, confirmation)
    if not draft.initialised:
        raise OrderInvalid("nothing was initialised in this transaction", path="context.transaction_id")
    check_same_items(draft.items, draft.seller, confirmation.provider_id, confirmation.lines)
    check_same_offers(draft.quote, confirmation.offers)
    payments = _payments(draft, confirmation)
    _check_total(draft.quote, confirmation.total)
    _check_place(draft.fulfillments[0], confirmation.place)
    order_id = confirmation.order_id or await _own_number(work, world)
    confirmation = replace(confirmation, order_id=order_id)
    if draft.quote.valid_until <= world.now:
        error: BusinessError = QuoteExpired("the quote is no longer valid; please init again")
        return Booked(order=_not_made(draft, confirmation, payments, world.now), error=error)
    if not world.rules.unpaid_confirm and any(_owed_in_advance(one) for one in payments):
        error = PaymentFailed("what is due in advance was not paid")
        return Booked(order=_not_made(draft, confirmation, payments, world.now), error=error)
    provider = selling(draft.seller.provider_id, world)
    kept = await keep_slot(draft, work, world, trigger="confirm")
    if kept.error is not None:
        refused = _not_made(kept.draft, confirmation, payments, world.now)
        return Booked(order=refused, error=kept.error, alternatives=kept.alternatives)
    if not await work.slots.book(draft.ref, world.now):
        raise VersionConflict(draft.ref)  # kept a moment ago in this very unit: run it again and see
    order = _order(kept.draft, confirmation, payments, accepted=provider.acceptance == "auto", now=world.now)
    order = replace(order, confirm_sent=world.rules.confirm_at_once and not order.accepted)
    order = await settle(None, order, work, world)
    if not await work.orders.add(order, world.now):
        raise OrderInvalid("this order id belongs to another transaction", path="message.order.id")
    # The slot is the order's from now on: what is selected later in this transaction must not hold by the same ref, and
    # what stays of this draft, for a confirm that is repeated, is not initialised a second time. Without a transaction
    # the draft is known by its ref alone, and by that it stays known.
    ref = world.new_id() if draft.peer else draft.ref
    await work.orders.save_draft(replace(kept.draft, ref=ref, initialised=False), world.now)
    await work.orders.record(_first_event(order, world.now))
    await watch(None, order, work, world)
    if not order.accepted:
        due = world.now + (world.rules.accept_window if order.peer else world.rules.own_accept_window)
        await work.timers.set(Timer(kind="acceptance", subject=order.ref, due_at=due))
    return Booked(order=order)


async def _own_number(work: Work, world: World) -> str:
    """A number for an order to which nobody gave an id, which no other of ours has."""
    number = order_number(world.new_id())
    while await work.orders.by_network_id("", number) is not None:
        number = order_number(world.new_id())
    return number


async def _existing(draft: Draft, order_id: str, work: Work) -> Order | None:
    """The order that this transaction has made already; raises OrderInvalid where ids and transactions are mixed up."""
    if draft.peer is None:
        return await work.orders.get(draft.ref)
    bap_id, transaction_id = draft.peer.bap_id, draft.peer.transaction_id
    named = await work.orders.by_network_id(bap_id, order_id) if order_id else None
    if named is not None and named.peer is not None and named.peer.transaction_id != transaction_id:
        raise OrderInvalid("this order id belongs to another transaction", path="message.order.id")
    rows = await work.orders.find(OrderFilter(bap_id=bap_id, transaction_id=transaction_id, limit=1))
    if not rows:
        return None
    if order_id and rows[0].order_id != order_id:
        raise OrderInvalid("this transaction was confirmed already under another order id", path="message.order.id")
    return await work.orders.get(rows[0].ref)


def _again(order: Order, confirmation: Confirmation) -> Booked:
    """The same order once more, unless the confirmation contradicts it or the order has moved on."""
    check_same_items(order.items, order.seller, confirmation.provider_id, confirmation.lines)
    check_same_offers(order.quotes[0], confirmation.offers)
    _check_total(order.quotes[0], confirmation.total)
    if order.visit.stage is not Stage.ASSIGNED or order.open_proposals:  # on_confirm names who comes
        text = f"the order was confirmed already and is {order.status.lower()}; please ask for its status"
        raise OrderInvalid(text, path="message.order.id")
    if not order.accepted and not order.confirm_sent:
        raise OrderBusy("the provider's word on this order is awaited", path="message.order.id")
    return Booked(order=order)


def _payments(draft: Draft, confirmation: Confirmation) -> tuple[Payment, ...]:
    """The draft's payments with what the buyer app says of them; junk beside them is left out.

    Payment ids are not stable between on_init and confirm (protocol.md 1.5), so they are matched by type and order
    and the buyer app's id is echoed from then on. What we collect need not be named, and is not paid by a buyer app's
    word.
    """
    left = [(place, one) for place, one in enumerate(confirmation.payments) if one.type]
    settled: list[Payment] = []
    for index, payment in enumerate(draft.payments):
        found = _said_of(payment, left)
        if found is None:
            if strange := _strange(draft, left):
                raise OrderInvalid(f"the type at init was {payment.type}", path=f"{_at(strange[0])}.type")
            if _by_buyer_app(payment):
                raise OrderInvalid(f"a payment of type {payment.type} was expected", path=_at(index))
            settled.append(replace(payment, status="NOT-PAID"))
            continue
        left.remove(found)
        place, said = found
        path = _at(place)
        check_amount(payment, said, path)
        check_transaction(said, path)
        paid = said.status == "PAID" and payment.collected_by == "BAP"
        taken = {one.id for one in (*settled, *draft.payments) if one.page_id != payment.page_id}
        settled.append(
            replace(
                payment,
                id=said.id if said.id and said.id not in taken else payment.id,
                own_id=payment.page_id,
                status="PAID" if paid else "NOT-PAID",
                transaction_id=said.transaction_id if paid else "",
            )
        )
    return tuple(settled)


def _said_of(payment: Payment, left: list[tuple[int, Paid]]) -> tuple[int, Paid] | None:
    """What is said of a payment, with its index: of its type, by its id where that was kept, else the first."""
    alike = [(place, one) for place, one in left if one.type == payment.type]
    return next((found for found in alike if found[1].id == payment.id), next(iter(alike), None))


def _strange(draft: Draft, left: list[tuple[int, Paid]]) -> list[int]:
    """Where payments stand of a type that the draft has none of."""
    types = {one.type for one in draft.payments}
    return [place for place, one in left if one.type not in types]


def _at(index: int) -> str:
    return f"message.order.payments[{index}]"


def _by_buyer_app(payment: Payment) -> bool:
    return payment.type == IN_ADVANCE and payment.collected_by == "BAP"


def _owed_in_advance(payment: Payment) -> bool:
    """Whether a buyer app has still to collect a payment beforehand; of a price that an offer took away it has not."""
    return payment.status != "PAID" and payment.amount > ZERO and _by_buyer_app(payment)


def _check_total(quote: Quote, total: Money | None) -> None:
    if total is not None and total != quote.total:
        raise OrderInvalid(f"the quoted price is {quote.total}", path="message.order.quote.price.value")


def _check_place(visit: Fulfillment, place: Place) -> None:
    """The job stays where it was priced and where its worker is sent; coordinates are written anew between steps."""
    path = "message.order.fulfillments[0].stops"
    if place.gps and visit.gps and distance_km(place.gps, visit.gps) > SAME_PLACE_KM:
        raise OrderInvalid(f"the place initialised was {visit.gps}", path=path)
    if place.area_code and visit.area_code and place.area_code != visit.area_code:
        raise OrderInvalid(f"the pincode initialised was {visit.area_code}", path=path)


def _customer(before: Json, said: Json) -> Json:
    """The customer's stop: the place as initialised with what a confirm adds to it, the confirm's contact and person.

    Unlike at init (``merged_customer``) the earlier place counts: ``_check_place`` has seen that it is the same.
    """
    location = {**(said.get("location") or {}), **(before.get("location") or {})}
    added = {key: said[key] for key in ("contact", "person", "instructions") if said.get(key)}
    return {**before, **added, "location": location}


def _order(
    draft: Draft, confirmation: Confirmation, payments: tuple[Payment, ...], *, accepted: bool, now: datetime
) -> Order:
    visit = draft.fulfillments[0]
    visit = replace(
        visit,
        stage=Stage.ASSIGNED if visit.assignee else Stage.PENDING,
        customer=_customer(visit.customer, confirmation.customer),
    )
    return Order(
        ref=draft.ref,
        channel=draft.channel,
        peer=draft.peer,
        order_id=confirmation.order_id,
        seller=draft.seller,
        items=draft.items,
        fulfillments=(visit, *draft.fulfillments[1:]),
        quotes=(draft.quote,),
        payments=payments,
        billing=draft.billing,
        terms=draft.terms,
        finder_fee=draft.finder_fee,
        accepted=accepted,
        created_at=confirmation.created_at,
        updated_at=later_than(parse_moment(confirmation.created_at), now),
        confirm_message_id=confirmation.message_id,
        confirm_said_at=confirmation.said_at,
    )


def _not_made(draft: Draft, confirmation: Confirmation, payments: tuple[Payment, ...], now: datetime) -> Order:
    """What the buyer app is shown of an order that could not be made: cancelled, without a worker."""
    order = _order(draft, confirmation, payments, accepted=False, now=now)
    visit = replace(order.fulfillments[0], stage=Stage.CANCELLED, assignee=None, crew=())
    return replace(order, fulfillments=(visit,))


def _first_event(order: Order, now: datetime) -> OrderEvent:
    visit = order.visit
    return OrderEvent(
        at=now,
        ref=order.ref,
        fulfillment_id=visit.id,
        event=Event.ASSIGN if visit.assignee else "book",
        actor=Actor.SYSTEM,
        source="",
        target=visit.stage,
        detail={"worker_id": visit.assignee.worker_id} if visit.assignee else {},
    )

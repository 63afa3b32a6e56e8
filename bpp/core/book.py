"""Book: a draft becomes an order, its hold a booking, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bpp.core.draft import Selected, keep_slot
from bpp.core.selection import selling
from bpp.core.wanted import Line, check_same_items
from bpp.core.world import World
from bpp.errors import BusinessError, OrderInvalid, QuoteExpired
from bpp.orders.model import Draft, Json, Order, Payment
from bpp.orders.states import Actor, Event, Stage
from bpp.storage.ports import OrderEvent, Timer, Work
from catalog.moments import later_than, parse_moment
from catalog.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment as a confirm states it. ``amount`` is None where none was said."""

    id: str
    type: str
    status: str
    amount: Money | None
    transaction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What a confirm says: the order id of the buyer app, and what it believes was selected, quoted and paid."""

    order_id: str
    provider_id: str
    lines: tuple[Line, ...]
    total: Money | None
    payments: tuple[Paid, ...]
    customer: Json
    created_at: str
    status_case: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """The answer to a confirmation: the order; or, with ``refused``, the draft that could not become one."""

    order: Order | None = None
    refused: Selected | None = None


async def book(draft: Draft | None, confirmation: Confirmation, work: Work, world: World) -> Booked:
    """Turn an initialised draft into an order.

    Raises OrderInvalid when the confirmation contradicts what was selected, quoted or initialised. A lapsed quote or a
    lost slot comes back in ``refused``; then there is no order. The same order confirmed again is the same order.
    """
    if draft is None or not draft.initialised:
        raise OrderInvalid("nothing was initialised in this transaction", path="context.transaction_id")
    bap_id = draft.peer.bap_id if draft.peer else ""
    existing = await work.orders.by_network_id(bap_id, confirmation.order_id)
    if existing is not None:
        if existing.ref != draft.ref:
            raise OrderInvalid("this order id belongs to another transaction", path="message.order.id")
        return Booked(order=existing)
    if await work.orders.get(draft.ref) is not None:
        raise OrderInvalid("this transaction was confirmed already under another order id", path="message.order.id")
    check_same_items(draft.items, draft.seller, confirmation.provider_id, confirmation.lines)
    payments = _payments(draft, confirmation)
    _check_total(draft, confirmation.total)
    if draft.quote.valid_until <= world.now:
        error: BusinessError = QuoteExpired("the quote is no longer valid; please init again")
        return Booked(refused=Selected(draft=draft, error=error))
    provider = selling(draft.seller.provider_id, world)
    kept = await keep_slot(draft, work, world)
    if kept.error is not None:
        return Booked(refused=kept)
    await work.slots.book(draft.ref, world.now)
    order = _order(kept.draft, confirmation, payments, accepted=provider.acceptance == "auto", now=world.now)
    if not await work.orders.add(order, world.now):
        raise OrderInvalid("this order id belongs to another transaction", path="message.order.id")
    await work.orders.record(_first_event(order, world.now))
    if not order.accepted:
        due = world.now + world.rules.accept_window
        await work.timers.set(Timer(kind="acceptance", subject=order.ref, due_at=due))
    return Booked(order=order)


def _payments(draft: Draft, confirmation: Confirmation) -> tuple[Payment, ...]:
    """The draft's payments with what the buyer app says of them; junk beside them is left out.

    Payment ids are not stable between on_init and confirm (protocol.md 1.5), so they are matched by type and order
    and the buyer app's id is echoed from then on.
    """
    candidates = [one for one in confirmation.payments if one.type]
    settled = []
    for index, payment in enumerate(draft.payments):
        path = f"message.order.payments[{index}]"
        if index >= len(candidates):
            raise OrderInvalid(f"a payment of type {payment.type} was expected", path=path)
        said = candidates[index]
        if said.type != payment.type:
            raise OrderInvalid(f"the type at init was {payment.type}", path=f"{path}.type")
        if said.amount is not None and said.amount != payment.amount:
            raise OrderInvalid(f"the amount is {payment.amount}", path=f"{path}.params.amount")
        if said.status == "PAID" and not said.transaction_id:
            raise OrderInvalid("a payment that is PAID needs a transaction_id", path=f"{path}.params.transaction_id")
        paid = said.status == "PAID"
        settled.append(
            replace(
                payment,
                id=said.id or payment.id,
                status="PAID" if paid else "NOT-PAID",
                transaction_id=said.transaction_id if paid else "",
            )
        )
    return tuple(settled)


def _check_total(draft: Draft, total: Money | None) -> None:
    if total is not None and total != draft.quote.total:
        raise OrderInvalid(f"the quoted price is {draft.quote.total}", path="message.order.quote.price.value")


def _order(
    draft: Draft, confirmation: Confirmation, payments: tuple[Payment, ...], *, accepted: bool, now: datetime
) -> Order:
    visit = draft.fulfillments[0]
    visit = replace(
        visit,
        stage=Stage.ASSIGNED if visit.assignee else Stage.PENDING,
        customer={**visit.customer, **confirmation.customer},
    )
    peer = draft.peer
    if peer is not None and confirmation.status_case == "title":
        peer = replace(peer, status_case="title")
    return Order(
        ref=draft.ref,
        channel=draft.channel,
        peer=peer,
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
    )


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

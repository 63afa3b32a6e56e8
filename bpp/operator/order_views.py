"""From the stored order to what the API shows of it: in a list, and one with all that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bpp.core.advance import allowed_events
from bpp.core.papers import papers_of
from bpp.core.world import World
from bpp.ledger.model import Posting
from bpp.operator.ledger_views import posting_view
from bpp.operator.order_models import (
    AssignedWorker,
    CancellationView,
    Fulfillment,
    Item,
    Line,
    OrderDetail,
    OrderSummary,
    Otp,
    Paper,
    PaymentView,
    ProposalView,
    Quote,
    Slot,
    TimelineEntry,
)
from bpp.orders.cancellation import Cancellation
from bpp.orders.model import Assignee, LineItem, Order, Payment, Proposal
from bpp.orders.model import Fulfillment as Visit
from bpp.orders.states import Actor
from bpp.storage.ports import OrderEvent, OrderRow
from bpp.storage.ports_messages import Transcript
from catalog.money import total
from catalog.quote import Quote as PricedQuote


def summary(row: OrderRow) -> OrderSummary:
    """A row of the list."""
    return OrderSummary(**_common(row))


def detail(
    order: Order,
    row: OrderRow,
    messages: Transcript,
    events: Sequence[OrderEvent],
    postings: Sequence[Posting],
    world: World,
) -> OrderDetail:
    """One order; ``messages`` are those of its transaction, ``events`` and ``postings`` its own."""
    gone = order.cancellation
    return OrderDetail(
        **_common(row),
        accepted=order.accepted,
        acknowledged=order.acknowledged,
        allowed_events=possible(order),
        items=[_item(one) for one in order.items],
        billing=dict(order.billing),
        fulfillments=[_fulfillment(one, order.of_visit(one)) for one in order.fulfillments],
        quote=quote_view(order.quote),
        payments=[_payment(one) for one in order.payments],
        cancellation=_cancellation(gone) if gone else None,
        quotations=[_proposal(one) for one in order.proposals],
        papers=[Paper(kind=kind, url=url) for kind, url in papers_of(order, world)],
        ledger=[posting_view(one) for one in postings],
        timeline=timeline(messages.rows, events),
        messages_left_out=messages.left_out,
    )


def possible(order: Order) -> list[str]:
    """The events that the seller's side may cause now."""
    return [event.value for event in allowed_events(order, Actor.SELLER)]


def timeline(messages: Sequence[Mapping[str, Any]], events: Sequence[OrderEvent]) -> list[TimelineEntry]:
    """Messages and events in order of time; a message stands before the event it caused at the same moment."""
    found = [
        TimelineEntry(
            at=one["at"],
            kind="message",
            name=one["action"],
            direction=one["direction"],
            message_id=one["message_id"],
            outcome=one["outcome"],
            http_status=one["http_status"],
            detail={"reason": one["reason"]} if one["reason"] else {},
        )
        for one in messages
    ]
    found += [
        TimelineEntry(
            at=one.at,
            kind="event",
            name=one.event,
            actor=one.actor,
            source=one.source or None,
            target=one.target,
            detail={"fulfillment_id": one.fulfillment_id, **one.detail},
        )
        for one in events
    ]
    return sorted(found, key=lambda entry: entry.at)


def _common(row: OrderRow) -> dict[str, Any]:
    return {
        "ref": row.ref,
        "bap_id": row.bap_id or None,
        "order_id": row.order_id,
        "transaction_id": row.transaction_id or None,
        "channel": row.channel,
        "state": row.state,
        "order_status": row.order_status,
        "provider_id": row.provider_id,
        "worker_id": row.worker_id or None,
        "slot_start": row.slot_start,
        "total": row.total,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _item(one: LineItem) -> Item:
    return Item(
        item_id=one.item_id,
        name=one.name,
        category=one.category,
        count=one.count,
        unit_price=str(one.unit_price),
        minutes=one.minutes,
    )


def _cancellation(one: Cancellation) -> CancellationView:
    return CancellationView(
        cancelled_by=one.cancelled_by,
        reason=one.reason,
        note=one.note,
        fee=str(one.fee),
        refund=str(one.refund),
        penalty=str(one.penalty),
    )


def _proposal(one: Proposal) -> ProposalView:
    return ProposalView(
        id=one.id,
        state=one.state,
        total=str(total(line.amount for line in one.lines)),
        offered_at=one.offered_at,
        valid_until=one.valid_until,
        items=[_item(item) for item in one.items],
        payments=[_payment(payment) for payment in one.payments],
        visit=_fulfillment(one.visit, one.items) if one.visit else None,
    )


def _fulfillment(one: Visit, items: Sequence[LineItem]) -> Fulfillment:
    return Fulfillment(
        id=one.id,
        state=one.stage,
        code=one.code,
        slot=Slot(start=one.slot.start, end=one.slot.end),
        worker=_worker(one.assignee) if one.assignee else None,
        crew=[_worker(worker) for worker in one.crew],
        customer=dict(one.customer),
        items=[item.item_id for item in items],
        district=one.district,
        departed_at=one.departed_at,
        started_at=one.started_at,
        completed_at=one.completed_at,
        otp=Otp(serial=one.otp.serial, valid_from=one.otp.valid_from, valid_to=one.otp.valid_to, tries=one.otp.tries)
        if one.otp
        else None,
    )


def _worker(one: Assignee) -> AssignedWorker:
    return AssignedWorker(
        worker_id=one.worker_id, name=one.name, phone=one.phone, email=one.email, photo=one.photo, gps=str(one.gps)
    )


def quote_view(one: PricedQuote) -> Quote:
    """A price with its lines."""
    lines = [
        Line(
            title=line.title,
            kind=line.kind,
            item_id=line.item_id,
            count=line.count,
            unit_price=str(line.unit_price) if line.unit_price is not None else None,
            amount=str(line.amount),
        )
        for line in one.lines
    ]
    return Quote(total=str(one.total), ttl=one.ttl, valid_until=one.valid_until, lines=lines)


def _payment(one: Payment) -> PaymentView:
    return PaymentView(
        id=one.id,
        type=one.type,
        status=one.status,
        collected_by=one.collected_by,
        amount=str(one.amount),
        transaction_id=one.transaction_id,
        fulfillment_id=one.fulfillment_id,
    )

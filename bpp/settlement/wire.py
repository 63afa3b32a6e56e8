"""Settlements to messages and back: what stands in what we send, values from what we receive.

``Meaning`` is what ``orders[].amount`` of a recon says (network.md 2.2): the sum of its settlements (a), what the
order comes to (b, what real buyer apps mean), or what moves with refunds taken off (c). All are read; one is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from beckn_schemas.base import SchemaViolation
from beckn_schemas.rsf_received import Amount, Leg, OnSettleMessage, Received
from beckn_schemas.rsf_received import ReconMessage as ReceivedRecon
from beckn_schemas.rsf_received import ReconOrder as ReceivedOrder
from beckn_schemas.rsf_received import ReconSettlement as ReceivedSettlement
from beckn_schemas.rsf_sent import FIELDS
from bpp.settlement.amounts import figures_of, net_amount, order_total, turned
from bpp.settlement.judge import OrderVerdict, answer
from bpp.settlement.judge_settle import NO_LEG, Said, SaidLeg, SaidOrder
from bpp.settlement.model import (
    Entry,
    Figures,
    Filing,
    Kind,
    ReconLine,
    ReconOrder,
    ReconStatus,
    Settlement,
)
from bpp.settlement.states import SettlementState
from catalog.moments import wire_time
from catalog.money import ZERO, Money, total

Json = dict[str, Any]
Meaning = Literal["a", "b", "c"]


def _sum(settlements: Sequence[Settlement]) -> Money:
    return total(figures_of(one).amount for one in settlements)


MEANINGS: Mapping[Meaning, Callable[[Sequence[Settlement]], Money]] = {"a": _sum, "b": order_total, "c": net_amount}


def settle_message(filing: Filing, our_id: str) -> Json:
    """What a settle says: NP-NP, MISC or NIL."""
    settlement: Json = {"type": filing.kind.value}
    if filing.kind is not Kind.NIL:
        settlement |= {"id": filing.wire_id, "orders": [_entry(one, filing.kind) for one in filing.entries]}
    if filing.kind is not Kind.NP_NP:
        return {"settlement": settlement}
    collector, receiver = filing.apps(our_id)
    return {"collector_app_id": collector, "receiver_app_id": receiver, "settlement": settlement}


def report_message(filing: Filing) -> Json:
    """What a report asks about: the pair of ids of a settle."""
    return {"ref_transaction_id": filing.transaction_id, "ref_message_id": filing.message_id}


def recon_message(orders: Iterable[Sequence[Settlement]], meaning: Meaning = "b") -> Json:
    """A recon of orders, each with all of its settlements, oldest first."""
    return {"orders": [_recon_order(settlements, meaning) for settlements in orders]}


def on_recon_message(verdicts: Sequence[OrderVerdict], at: datetime, meaning: Meaning = "b") -> Json:
    """What we answer to a recon; ``at`` is later than it."""
    amounts = {one.said.order_id: MEANINGS[meaning](one.settlements) for one in verdicts}
    told = answer(verdicts, amounts, at)
    return {"orders": [_answered_order(one, verdict) for one, verdict in zip(told, verdicts, strict=True)]}


def recon_status(one: Settlement) -> ReconStatus:
    """What a settlement is called in a recon: a refund that was not filed yet is still to be initiated."""
    if one.state is SettlementState.SETTLED:
        return "SETTLED"
    return "TO_BE_INITIATED" if (one.number > 1 or turned(one.due)) and not one.attempts else "PENDING"


def _entry(one: Entry, kind: Kind) -> Json:
    shown: Json = {}
    if kind is Kind.NP_NP:
        shown = {
            "id": one.order_id,
            "inter_participant": _held(one.inter_participant),
            "collector": _held(one.collector),
        }
    return {**shown, "self": _held(one.own)}


def _held(amount: Money) -> Json:
    return {"amount": _inr(amount)}


def _inr(amount: Money) -> Json:
    return {"currency": "INR", "value": str(amount)}


def _recon_order(settlements: Sequence[Settlement], meaning: Meaning) -> Json:
    return {
        "id": settlements[0].order_id,
        "amount": _inr(MEANINGS[meaning](settlements)),
        "settlements": [_recon_settlement(one) for one in settlements],
    }


def _recon_settlement(one: Settlement) -> Json:
    status, filed = recon_status(one), figures_of(one)
    return {
        "id": one.shown_id,
        "payment_id": one.payment_id,
        "status": status,
        **{name: _inr(getattr(filed, name)) for name in FIELDS},
        **({"settlement_ref_no": one.reference_no or one.id} if status == "SETTLED" else {}),
        "updated_at": wire_time(one.updated_at),
    }


def _answered_order(told: ReconOrder, verdict: OrderVerdict) -> Json:
    lines = [
        _answered_line(line, None if verdict.accord else compared.apart)
        for line, compared in zip(told.lines, verdict.compared, strict=True)
    ]
    return {
        "id": told.order_id,
        "amount": _inr(told.amount),
        "recon_accord": verdict.accord,
        "settlements": lines,
    }


def _answered_line(line: ReconLine, apart: Mapping[str, Money] | None) -> Json:
    said: Json = {"id": line.id, "payment_id": line.payment_id, "status": line.status}
    if line.due_date is not None:
        said["due_date"] = line.due_date.isoformat()
    for name in FIELDS:
        difference = {} if apart is None else {"diff_value": str(apart[name])}
        said[name] = {**_inr(getattr(line.figures, name)), **difference}
    if line.reference_no:
        said["settlement_ref_no"] = line.reference_no
    return {**said, "updated_at": wire_time(line.updated_at)} if line.updated_at is not None else said


def read_recon(message: ReceivedRecon) -> tuple[ReconOrder, ...]:
    """The orders of a recon or an on_recon; raises SchemaViolation for an amount below zero, or finer than a paisa."""
    return tuple(_read_order(order, f"message.orders[{place}]") for place, order in enumerate(message.orders))


def _read_order(order: ReceivedOrder, path: str) -> ReconOrder:
    return ReconOrder(
        order_id=order.id,
        amount=_money(order.amount, f"{path}.amount"),
        accord=order.recon_accord,
        lines=tuple(_read_line(one, f"{path}.settlements[{place}]") for place, one in enumerate(order.settlements)),
    )


def _read_line(one: ReceivedSettlement, path: str) -> ReconLine:
    return ReconLine(
        id=one.id,
        payment_id=one.payment_id or one.id,
        status=one.status,
        figures=Figures(**{name: _money(getattr(one, name), f"{path}.{name}") for name in FIELDS}),
        reference_no=one.settlement_ref_no or "",
        due_date=one.due_date,
        updated_at=one.updated_at,
    )


def read_answer(received: Received, transaction_id: str, message_id: str) -> Said:
    """What an on_settle or on_report says; raises SchemaViolation for an amount below zero, or finer than a paisa."""
    message, code = received.settled, received.error.code if received.error else ""
    orders = _read_settled(message) if message is not None else ()
    wire_id = message.settlement.id or "" if message is not None else ""
    return Said(transaction_id=transaction_id, message_id=message_id, wire_id=wire_id, orders=orders, code=code)


def _read_settled(message: OnSettleMessage) -> tuple[SaidOrder, ...]:
    found = []
    for place, one in enumerate(message.settlement.orders):
        path = f"message.settlement.orders[{place}]"
        found.append(
            SaidOrder(
                order_id=one.id or "",
                inter_participant=_leg(one.inter_participant, f"{path}.inter_participant"),
                collector=_leg(one.collector, f"{path}.collector"),
                provider=_leg(one.provider, f"{path}.provider"),
                own=_leg(one.own, f"{path}.self"),
                code=one.error.code if one.error else "",
            )
        )
    return tuple(found)


def _leg(leg: Leg | None, path: str) -> SaidLeg:
    if leg is None:
        return NO_LEG
    return SaidLeg(
        status=leg.status or "",
        amount=_money(leg.amount, f"{path}.amount") if leg.amount else None,
        settled=_money(leg.settled_amount, f"{path}.settled_amount") if leg.settled_amount else None,
        reference_no=leg.reference_no or "",
        code=leg.error.code if leg.error else "",
    )


def _money(amount: Amount, path: str) -> Money:
    """An amount that was said; who pays is told by who files, never by a sign."""
    try:
        said = Money.parse(amount.value)
    except ValueError:
        raise SchemaViolation(f"{path}.value", "an amount in rupees and whole paise") from None
    if said < ZERO:
        raise SchemaViolation(f"{path}.value", "an amount that is not below zero")
    return said

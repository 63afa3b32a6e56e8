"""From an event as the API takes it to the command of the core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from beckn_schemas.base import parse_duration
from bpp.core.command import Command, Paid, Quotation, QuotedLine, QuotedPayment
from bpp.core.world import World
from bpp.operator.order_events import (
    AcceptQuote,
    Assign,
    Cancel,
    Decline,
    Pay,
    Reassign,
    RejectQuote,
    Requote,
    Reschedule,
    Start,
    Unassign,
)
from bpp.operator.problems import ApiProblem, invalid
from bpp.operator.routes import Call
from bpp.orders.model import Order
from bpp.orders.reasons import told
from bpp.orders.states import Actor, Event
from catalog.moments import minute
from catalog.money import Money

ACTORS: Mapping[str, Actor] = {"seller": Actor.SELLER, "buyer": Actor.BUYER}


def command_of(call: Call, order: Order, world: World) -> Command:
    """What an operator asks for. Raises ApiProblem for a worker of another provider and an override not his to make."""
    asked: Any = call.body
    command = Command(event=Event(asked.event), actor=Actor.SELLER, by=call.caller.name)
    match asked:
        case Assign(worker_id=worker_id, fulfillment_id=fulfillment_id):
            worker_id = _of_team(worker_id, order, world) if worker_id else ""
            command = replace(command, worker_id=worker_id, fulfillment_id=fulfillment_id)
        case Start():
            otp, override = _start(asked, call)
            command = replace(command, otp=otp, override=override)
        case Cancel(reason=reason) | Decline(reason=reason):
            side = asked.on_behalf_of if isinstance(asked, Cancel) else "seller"
            code, note = told(side, reason)
            command = replace(command, actor=ACTORS[side], reason=code, note=note)
        case Reschedule():
            start = minute(asked.start)
            actor = ACTORS[asked.on_behalf_of]
            command = replace(command, actor=actor, start=start, fulfillment_id=asked.fulfillment_id)
        case Requote():
            command = replace(command, quotation=_quotation(asked))
        case AcceptQuote():
            command = replace(command, proposal_id=asked.quote_id)
        case Reassign() | Unassign():
            command = replace(
                command, reason=asked.reason, worker_id=asked.worker_id, fulfillment_id=asked.fulfillment_id
            )
        case RejectQuote():
            command = replace(command, proposal_id=asked.quote_id, reason=asked.reason)
        case Pay():
            paid = Paid(id=asked.payment_id, type="", status="PAID", amount=None, transaction_id=asked.transaction_id)
            command = replace(command, paid=(paid,))
    return command


def _of_team(worker_id: str, order: Order, world: World) -> str:
    team = [one.id for one in world.catalog.workers_of.get(order.seller.provider_id, ())]
    if worker_id not in team:
        text = f"not a worker of {order.seller.provider_id}"
        raise invalid(text, path="worker_id", allowed=sorted(team))
    return worker_id


def _start(asked: Start, call: Call) -> tuple[str, str]:
    otp, override = asked.otp.strip(), asked.override.strip()
    if override and not call.caller.may_override:
        text = "only a supervisor may start a job without the OTP"
        raise ApiProblem(403, "forbidden", text, path="override")
    if not otp and not override:
        raise invalid("the OTP that the customer was sent is expected", path="otp")
    return otp, override


def _quotation(asked: Requote) -> Quotation:
    return Quotation(
        lines=tuple(
            QuotedLine(
                title=one.title,
                price=Money.parse(one.price),
                count=one.count,
                tax_rate=Decimal(one.tax_rate) if one.tax_rate is not None else None,
            )
            for one in asked.lines
        ),
        valid_for=parse_duration(asked.valid_for),
        ttl=asked.valid_for,
        minutes=asked.minutes,
        start=minute(asked.start) if asked.start else None,
        payments=tuple(QuotedPayment(type=one.type, amount=Money.parse(one.amount)) for one in asked.payments),
    )

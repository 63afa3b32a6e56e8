"""From an event as the API takes it to the command of the core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from beckn_schemas.base import parse_duration
from bpp.core.advance import allowed_events
from bpp.core.command import Command, Paid, Quotation, QuotedLine, QuotedPayment
from bpp.core.give_up import charge
from bpp.core.reschedule import moving_fee, visit_meant
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
    Side,
    Start,
    Unassign,
)
from bpp.operator.problems import CONFLICT, ApiProblem, invalid
from bpp.operator.routes import Call
from bpp.orders.model import Order
from bpp.orders.reasons import told
from bpp.orders.states import Actor, Event
from catalog.moments import minute
from catalog.money import Money

SIDES: Mapping[str, Side] = {"consumer": "buyer", "seller": "seller"}
ACTORS: Mapping[str, Actor] = {"seller": Actor.SELLER, "buyer": Actor.BUYER}


def command_of(call: Call, order: Order, world: World) -> Command:
    """What an operator asks for. Raises ApiProblem for a worker of another provider and an override not his to make."""
    asked: Any = call.body
    command = Command(event=Event(asked.event), actor=Actor.SELLER, by=call.caller.name)
    match asked:
        case Assign(worker_id=worker_id, fulfillment_id=fulfillment_id):
            worker_id = _of_team(worker_id, order, world)
            command = replace(command, worker_id=worker_id, fulfillment_id=fulfillment_id)
        case Start():
            otp, override = _start(asked, call)
            command = replace(command, otp=otp, override=override)
        case Cancel(reason=reason):
            side = _side(asked)
            code, note = told(side, reason)
            command = replace(command, actor=ACTORS[side], reason=code, note=note)
            _expected(asked, command, order, lambda: charge(order, command.actor, world).fee)
        case Decline(reason=reason):
            code, note = told("seller", reason)
            command = replace(command, reason=code, note=note)
        case Reschedule():
            start = minute(asked.start)
            actor = ACTORS[_side(asked)]
            command = replace(command, actor=actor, start=start, fulfillment_id=asked.fulfillment_id)
            _expected(asked, command, order, lambda: moving_fee(order, actor, asked.fulfillment_id, world))
        case Requote():
            command = replace(command, quotation=_quotation(asked))
        case AcceptQuote() | RejectQuote():
            reason = asked.reason if isinstance(asked, RejectQuote) else ""
            command = replace(command, proposal_id=asked.quote_id, reason=reason)
        case Reassign() | Unassign():
            command = replace(
                command, reason=asked.reason, worker_id=asked.worker_id, fulfillment_id=asked.fulfillment_id
            )
        case Pay():
            paid = Paid(id=asked.payment_id, type="", status="PAID", amount=None, transaction_id=asked.transaction_id)
            command = replace(command, paid=(paid,))
    return command


def _side(asked: Cancel | Reschedule) -> Side:
    if asked.by is None:
        return asked.on_behalf_of
    side = SIDES[asked.by]
    if "on_behalf_of" in asked.model_fields_set and asked.on_behalf_of != side:
        raise invalid("by and on_behalf_of name two sides", path="by")
    return side


def _expected(asked: Cancel | Reschedule, command: Command, order: Order, fee: Callable[[], Money]) -> None:
    """Raise ApiProblem 409 where the charge is another than what was said; what is not possible has none."""
    if asked.expect_fee is None:
        return
    if command.event not in allowed_events(order, command.actor, visit_meant(order, command.fulfillment_id)):
        return
    now = fee()
    if now != Money.parse(asked.expect_fee):
        text = f"the charge is {now} by now, not {asked.expect_fee}; nothing was done"
        raise ApiProblem(CONFLICT, "charge_changed", text, path="expect_fee", allowed=[str(now)])


def _of_team(worker_id: str, order: Order, world: World) -> str:
    """A worker named, who is of the order's provider, or nobody."""
    team = [one.id for one in world.catalog.workers_of.get(order.seller.provider_id, ())]
    if worker_id and worker_id not in team:
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

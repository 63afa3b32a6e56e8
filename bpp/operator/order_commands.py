"""From an event as the API takes it to the command of the core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
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
    Redo,
    Refund,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """Who asks what of which order, and the command as far as every event has it."""

    call: Call
    order: Order
    world: World
    command: Command


def command_of(call: Call, order: Order, world: World) -> Command:
    """What an operator asks for. Raises ApiProblem for a worker of another provider and an override not his to make."""
    asked: Any = call.body
    command = Command(event=Event(asked.event), actor=Actor.SELLER, by=call.caller.name)
    more = FIELDS_OF.get(type(asked))
    return command if more is None else more(asked, _Asking(call=call, order=order, world=world, command=command))


def _assign(asked: Assign, by: _Asking) -> Command:
    worker_id = _of_team(asked.worker_id, by.order, by.world)
    return replace(by.command, worker_id=worker_id, fulfillment_id=asked.fulfillment_id)


def _start(asked: Start, by: _Asking) -> Command:
    otp, override = asked.otp.strip(), asked.override.strip()
    if override and not by.call.caller.may_override:
        text = "only a supervisor may start a job without the OTP"
        raise ApiProblem(403, "forbidden", text, path="override")
    if not otp and not override:
        raise invalid("the OTP that the customer was sent is expected", path="otp")
    return replace(by.command, otp=otp, override=override)


def _cancel(asked: Cancel, by: _Asking) -> Command:
    side = _side(asked)
    command = _because(replace(by.command, actor=ACTORS[side]), side, asked.reason)
    _expected(asked, command, by.order, lambda: charge(by.order, command.actor, by.world).fee)
    return command


def _decline(asked: Decline, by: _Asking) -> Command:
    return _because(by.command, "seller", asked.reason)


def _because(command: Command, side: Side, reason: str) -> Command:
    code, note = told(side, reason)
    return replace(command, reason=code, note=note)


def _reschedule(asked: Reschedule, by: _Asking) -> Command:
    actor = ACTORS[_side(asked)]
    command = replace(by.command, actor=actor, start=minute(asked.start), fulfillment_id=asked.fulfillment_id)
    _expected(asked, command, by.order, lambda: moving_fee(by.order, actor, asked.fulfillment_id, by.world))
    return command


def _requote(asked: Requote, by: _Asking) -> Command:
    return replace(by.command, quotation=_quotation(asked))


def _accept_quote(asked: AcceptQuote, by: _Asking) -> Command:
    return replace(by.command, proposal_id=asked.quote_id)


def _reject_quote(asked: RejectQuote, by: _Asking) -> Command:
    return replace(by.command, proposal_id=asked.quote_id, reason=asked.reason)


def _relieve(asked: Reassign | Unassign, by: _Asking) -> Command:
    return replace(by.command, reason=asked.reason, worker_id=asked.worker_id, fulfillment_id=asked.fulfillment_id)


def _refund(asked: Refund, by: _Asking) -> Command:
    return replace(
        by.command,
        reason=asked.reason,
        amount=Money.parse(asked.amount),
        item_id=asked.item_id,
        issue_id=asked.issue_id,
    )


def _redo(asked: Redo, by: _Asking) -> Command:
    start = minute(asked.start) if asked.start else None
    command = replace(by.command, reason=asked.reason, issue_id=asked.issue_id)
    return replace(command, start=start, fulfillment_id=asked.fulfillment_id)


def _pay(asked: Pay, by: _Asking) -> Command:
    paid = Paid(id=asked.payment_id, type="", status="PAID", amount=None, transaction_id=asked.transaction_id)
    return replace(by.command, paid=(paid,))


FIELDS_OF: Mapping[type, Callable[[Any, _Asking], Command]] = {
    Assign: _assign,
    Start: _start,
    Cancel: _cancel,
    Decline: _decline,
    Reschedule: _reschedule,
    Requote: _requote,
    AcceptQuote: _accept_quote,
    RejectQuote: _reject_quote,
    Reassign: _relieve,
    Unassign: _relieve,
    Refund: _refund,
    Redo: _redo,
    Pay: _pay,
}
"""What an event needs beside by whom; the others need nothing."""


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

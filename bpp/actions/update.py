"""update: the buyer moves a visit, takes or refuses a quotation, or says what was paid.

``update_target`` names the part meant; nothing else of the order that a buyer app sends is read (assertion 46). The
order id, the payments and the quotation are matched by their ids.
"""

from __future__ import annotations

from datetime import datetime

from beckn_schemas.requests import UpdateMessage, UpdateOrder
from bpp.actions.contract import Outcome, Request
from bpp.actions.on_order import on_update
from bpp.actions.reading import confirm_under_way, minute, order_of, paid_of
from bpp.core.advance import advance
from bpp.core.command import Advanced, Command, Paid
from bpp.core.pay import IN_ADVANCE, claimed, matched
from bpp.core.world import World
from bpp.errors import (
    BusinessError,
    FeatureNotSupported,
    InvalidRequest,
    OrderBusy,
    OrderTerminal,
    UpdateNotPossible,
)
from bpp.orders.model import Order, Proposal
from bpp.orders.states import TERMINAL, Actor, Event, IllegalTransition
from bpp.storage.ports import Work

SLOT, PAYMENTS, QUOTE = "fulfillments", "payments", "quote"
TARGETS = frozenset({SLOT, PAYMENTS, QUOTE})
REFUSALS = frozenset({"CANCELLED", "REJECTED", "DECLINED"})


async def update(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_update, which shows the order as it is then, and why if it was not changed."""
    message: UpdateMessage = request.message
    if unknown := sorted(set(message.update_target) - TARGETS):
        text = f"{', '.join(unknown)} cannot be updated; targets are {', '.join(sorted(TARGETS))}"
        raise FeatureNotSupported(text, path="message.update_target")
    order = await order_of(message.order.id, request, work, path="message.order.id")
    if under_way := await confirm_under_way(order, work):
        return on_update(Advanced(order=order, callback=None, error=under_way), world)
    try:
        advanced = await _updated(order, message, request, work, world)
    except IllegalTransition as problem:
        return on_update(Advanced(order=order, callback=None, error=_forbidden(order, problem)), world)
    except BusinessError as problem:
        return on_update(Advanced(order=order, callback=None, error=problem), world)
    return on_update(advanced, world)


async def _updated(order: Order, message: UpdateMessage, request: Request, work: Work, world: World) -> Advanced:
    """The parts named, one after the other, as long as none is refused."""
    advanced = Advanced(order=order, callback=None)
    for command in _commands(order, message, request):
        if command.event is Event.PAY and claimed(advanced.order.payments, command.paid) == advanced.order.payments:
            continue  # told again: it is paid already
        advanced = await advance(advanced.order, command, work, world)
        if advanced.error is not None:
            break
    return advanced


def _commands(order: Order, message: UpdateMessage, request: Request) -> list[Command]:
    by = request.context.bap_id
    commands = []
    if SLOT in message.update_target:
        start, fulfillment_id = _new_slot(message.order)
        moved = Command(event=Event.RESCHEDULE, actor=Actor.BUYER, by=by, start=start, fulfillment_id=fulfillment_id)
        commands.append(moved)
    if PAYMENTS in message.update_target:
        commands += _on_payments(order, message.order, by)
    if QUOTE in message.update_target:
        commands.append(Command(event=Event.ASK_QUOTE, actor=Actor.BUYER, by=by))
    return commands


def _new_slot(order: UpdateOrder) -> tuple[datetime, str]:
    """The start asked for and the visit it is for. Raises InvalidRequest where none is said."""
    for fulfillment in order.fulfillments:
        for stop in fulfillment.stops:
            if stop.type in ("end", None) and stop.time and stop.time.range and stop.time.range.start:
                return minute(stop.time.range.start), fulfillment.id or ""
    path = "message.order.fulfillments[0].stops[0].time.range.start"
    raise InvalidRequest("the start of another slot is expected", path=path)


def _on_payments(order: Order, said: UpdateOrder, by: str) -> list[Command]:
    """What a copy of the payments means: a word on a quotation where one waits, and what has been paid."""
    paid = paid_of(said.payments)
    commands = []
    proposal = _proposal_meant(order, said)
    if proposal is not None:
        takes = _takes(order, proposal, paid, said)
        event = Event.ACCEPT_QUOTE if takes else Event.REJECT_QUOTE
        reason = said.status or "" if not takes else ""
        commands.append(
            Command(event=event, actor=Actor.BUYER, by=by, proposal_id=proposal.id, reason=reason, paid=paid)
        )
        if not takes:
            return commands
    if any(one.status == "PAID" for one in paid):
        commands.append(Command(event=Event.PAY, actor=Actor.BUYER, by=by, paid=paid))
    return commands


def _proposal_meant(order: Order, said: UpdateOrder) -> Proposal | None:
    """The open quotation that a message is about: by its quote's id, by its payments' ids, else the newest."""
    waiting = order.open_proposals
    quote_id = said.quote.id if said.quote else None
    ids = {one.id for one in said.payments}
    named = [one for one in waiting if one.id == quote_id] or [
        one for one in waiting if ids & {payment.id for payment in one.payments}
    ]
    return (named or waiting or (None,))[-1]


def _takes(order: Order, proposal: Proposal, paid: tuple[Paid, ...], said: UpdateOrder) -> bool:
    """Whether the buyer takes a quotation (assertion 48): what is due in advance is paid, and nothing says no.

    Anything else is a refusal: the work goes on at its original scope, and nobody is charged for what is unclear.
    """
    if (said.status or "").upper() in REFUSALS:
        return False
    words = [word for _, word in matched((*order.payments, *proposal.payments), paid)][len(order.payments) :]
    return all(
        word is not None and (word.status == "PAID" or one.type != IN_ADVANCE)
        for one, word in zip(proposal.payments, words, strict=True)
    )


def _forbidden(order: Order, problem: IllegalTransition) -> BusinessError:
    """Why the state does not let a buyer do this. Raises OrderBusy where the provider's word is awaited."""
    if order.visit.stage in TERMINAL:
        return OrderTerminal(f"the order is {order.status.lower()}")
    if not order.accepted:
        raise OrderBusy("the provider's word on this order is awaited", path="message.order.id")
    return UpdateNotPossible(str(problem))

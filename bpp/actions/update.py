"""update: the buyer moves a visit, takes or refuses a quotation, or says what was paid.

``update_target`` names the part meant; nothing else of the order that a buyer app sends is read (assertion 46). The
order is matched by its id, payments and quotations by theirs or by their place, and a visit of an odd id is the only
one that there is: ids are not stable in real buyer apps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from beckn_schemas.requests import UpdateMessage, UpdateOrder
from bpp.actions.contract import Outcome, Request
from bpp.actions.on_order import on_update
from bpp.actions.reading import confirm_under_way, order_of, over, paid_of
from bpp.core.advance import advance
from bpp.core.command import Advanced, Command, Paid
from bpp.core.pay import claimed, matched
from bpp.core.world import World
from bpp.errors import (
    BusinessError,
    FeatureNotSupported,
    InvalidRequest,
    OrderBusy,
    OrderInvalid,
    QuoteExpired,
    UpdateNotPossible,
)
from bpp.orders.model import Order, Proposal
from bpp.orders.states import TERMINAL, Actor, Event, IllegalTransition
from bpp.storage.ports import Work
from catalog.moments import minute

SLOT, PAYMENTS, QUOTE = "fulfillments", "payments", "quote"
TARGETS = frozenset({SLOT, PAYMENTS, QUOTE})
CONSENTS = frozenset({"ACCEPTED", "IN-PROGRESS"})
REFUSALS = frozenset({"CANCELLED", "REJECTED", "DECLINED"})


async def update(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_update, which shows the order as it is then, and why if it was not changed."""
    message: UpdateMessage = request.message
    if unknown := sorted(set(message.update_target) - TARGETS):
        text = f"{', '.join(unknown)} cannot be updated; targets are {', '.join(sorted(TARGETS))}"
        raise FeatureNotSupported(text, path="message.update_target")
    order = await order_of(message.order.id, request, work, path="message.order.id")
    if not order.accepted and order.visit.stage not in TERMINAL:
        raise OrderBusy("the provider's word on this order is awaited", path="message.order.id")
    if under_way := await confirm_under_way(order, work):
        return on_update(Advanced(order=order, callback=None, error=under_way), world)
    return on_update(await _updated(order, message, request, work, world), world)


async def _updated(order: Order, message: UpdateMessage, request: Request, work: Work, world: World) -> Advanced:
    """The parts named, one after the other, as long as none is refused.

    A business refusal keeps what was done before it, and is told beside it; what is contradictory or unknown (a NACK)
    undoes everything, since then nothing of the message counts.
    """
    advanced = Advanced(order=order, callback=None)
    try:
        for command in _commands(order, message, request):
            if command.event is Event.PAY and claimed(advanced.order.payments, command.paid) == advanced.order.payments:
                continue  # told again: it is paid already
            advanced = await advance(advanced.order, command, work, world)
            if advanced.error is not None:
                break
    except IllegalTransition as problem:
        return Advanced(order=advanced.order, callback=None, error=_forbidden(advanced.order, problem))
    except BusinessError as problem:
        return Advanced(order=advanced.order, callback=None, error=problem)
    return advanced


def _commands(order: Order, message: UpdateMessage, request: Request) -> list[Command]:
    by = request.context.bap_id
    commands = []
    if SLOT in message.update_target:
        start, fulfillment_id = _new_slot(order, message.order)
        moved = Command(event=Event.RESCHEDULE, actor=Actor.BUYER, by=by, start=start, fulfillment_id=fulfillment_id)
        commands.append(moved)
    if PAYMENTS in message.update_target:
        commands += _on_payments(order, message.order, by)
    if QUOTE in message.update_target:
        commands.append(Command(event=Event.ASK_QUOTE, actor=Actor.BUYER, by=by))
    return commands


def _new_slot(order: Order, said: UpdateOrder) -> tuple[datetime, str]:
    """The start asked for and the visit it is for. Raises InvalidRequest where none is said.

    A buyer app sends its whole copy: of several visits the one is meant whose start is another than it has.
    """
    asked = [
        (minute(stop.time.range.start), fulfillment.id or "")
        for fulfillment in said.fulfillments
        for stop in fulfillment.stops
        if stop.type in ("end", None) and stop.time and stop.time.range and stop.time.range.start
    ]
    if not asked:
        path = "message.order.fulfillments[0].stops[0].time.range.start"
        raise InvalidRequest("the start of another slot is expected", path=path)
    offered = [one.visit for one in order.open_proposals if one.visit]
    known = {one.id: one.slot.start for one in (*order.fulfillments, *offered)}
    ended = {one.id for one in order.fulfillments if one.stage in TERMINAL}
    to_come = [one for one in asked if one[1] not in ended]
    changed = [(start, visit) for start, visit in to_come if start != known.get(visit, order.visit.slot.start)]
    start, visit = (changed or to_come or asked)[0]
    only = sum(one.stage not in TERMINAL for one in order.fulfillments) <= 1
    return start, "" if visit not in known and only else visit  # real buyer apps send odd ids


def _on_payments(order: Order, said: UpdateOrder, by: str) -> list[Command]:
    """What a copy of the payments means: a word on a quotation where one waits, and what has been paid.

    Raises QuoteExpired for a yes to a quotation that waits no more.
    """
    paid = paid_of(said.payments)
    commands = []
    proposal = _proposal_meant(order, said, paid)
    if proposal is not None:
        paid = _by_our_ids(order, proposal, paid)
        takes = _takes(order, proposal, paid, said)
        if proposal.state == "open":
            event = Event.ACCEPT_QUOTE if takes else Event.REJECT_QUOTE
            reason = "" if takes else said.status or ""
            word = Command(event=event, actor=Actor.BUYER, by=by, proposal_id=proposal.id, reason=reason, paid=paid)
            commands.append(word)
        elif takes:
            raise QuoteExpired("the quotation is no longer valid; another one may be asked for")
    if any(one.status == "PAID" for one in paid):
        commands.append(Command(event=Event.PAY, actor=Actor.BUYER, by=by, paid=paid))
    return commands


def _proposal_meant(order: Order, said: UpdateOrder, paid: Sequence[Paid]) -> Proposal | None:
    """The quotation that a message is about: by its quote's id, by its payments, else the newest that waits.

    None where none is spoken of, as in a copy of the order from before it was quoted for, and where the one named was
    taken already, so that a word said again is no word on another.
    """
    quote_id = said.quote.id if said.quote else None
    ids = {one.id for one in said.payments}
    named = [one for one in order.proposals if one.id == quote_id] or [
        one for one in order.proposals if one.state != "accepted" and ids & {payment.id for payment in one.payments}
    ]
    if named:
        return None if named[-1].state == "accepted" else named[-1]
    if not order.open_proposals:
        return None
    newest = order.open_proposals[-1]
    spoken_of = any(word is not None for _, word in _words(order, newest, paid))
    return newest if spoken_of or (said.status or "").upper() in REFUSALS else None


def _by_our_ids(order: Order, proposal: Proposal, paid: Sequence[Paid]) -> tuple[Paid, ...]:
    """What is said of a quotation's payments alone, with our ids in the place of odd ones (protocol.md 1.5)."""
    known = {one.id for one in (*order.payments, *proposal.payments)}
    if len(paid) != len(proposal.payments) or any(one.id in known for one in paid):
        return tuple(paid)
    return tuple(replace(word, id=one.id) for word, one in zip(paid, proposal.payments, strict=True))


def _words(order: Order, proposal: Proposal, paid: Sequence[Paid]) -> tuple[tuple[int, Paid | None], ...]:
    """What is said of each payment of a quotation."""
    return matched((*order.payments, *proposal.payments), paid)[len(order.payments) :]


def _takes(order: Order, proposal: Proposal, paid: Sequence[Paid], said: UpdateOrder) -> bool:
    """Whether the buyer takes a quotation (assertion 48): what is due in advance is paid, and nothing says no.

    Where nothing is due to the buyer app in advance, the order's status says so, or that we were paid. Anything else is
    a refusal: the work goes on at its original scope, and nobody is charged for what is unclear. Raises OrderInvalid
    for money that is said to be paid for something else, or for a part of what is due in advance.
    """
    if (said.status or "").upper() in REFUSALS:
        return False
    found = list(zip(proposal.payments, _words(order, proposal, paid), strict=True))
    due = [(one, word is not None and word.status == "PAID") for one, (_, word) in found if one.collected_by == "BAP"]
    if due and all(done for _, done in due):
        return True
    heard = {index for index, word in matched((*order.payments, *proposal.payments), paid) if word is not None}
    for index, word in enumerate(paid):
        if word.status == "PAID" and index not in heard:
            names = ", ".join(one.id for one in (*order.payments, *proposal.payments))
            raise OrderInvalid(f"one of the payments {names} is expected", path=f"message.order.payments[{index}].id")
    if any(done for _, done in due):
        missing = ", ".join(one.id for one, done in due if not done)
        raise OrderInvalid(f"due in advance as well: {missing}", path="message.order.payments")
    words = [word for _, (_, word) in found if word is not None]
    agrees = (said.status or "").upper() in CONSENTS or any(word.status == "PAID" for word in words)
    return not due and agrees and len(words) == len(found)


def _forbidden(order: Order, problem: IllegalTransition) -> BusinessError:
    """Why the state does not let a buyer do this."""
    if order.visit.stage in TERMINAL:
        return over(order)
    return UpdateNotPossible(str(problem))

"""Give an order up: slot and worker freed, the fee of the term in force, what the buyer gets back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bpp.core.command import Advanced, Command
from bpp.core.record import save, touched
from bpp.core.world import World
from bpp.errors import NotConfirmed
from bpp.orders.cancellation import Cancellation
from bpp.orders.model import Fulfillment, Order, Payment
from bpp.orders.states import TERMINAL, Actor, Event, Stage, next_stage
from bpp.storage.ports import Work
from catalog.model import CancellationTerm
from catalog.money import ZERO, Money, total
from catalog.quote import Quote, cancellation_fee, penalty_of, refunded, term_ends, term_for, undone


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What cancelling now would cost and give back; ``quote`` is the one that would stand then."""

    fee: Money
    refund: Money
    penalty: Money
    quote: Quote


def charge(order: Order, actor: Actor, world: World) -> Charge:
    """What cancelling costs at this moment, by the term of the state and of the time left before the slot.

    Only the buyer's cancelling costs the buyer a fee; a seller's refunds everything that is not done yet, and costs
    the provider its penalty (E-Commerce Rules 2020, rule 4(8): no fee on the consumer that the seller does not bear
    likewise). The system's own cancelling, where a confirm came to nothing, costs nobody anything, and neither does
    an order that the provider has not accepted yet: it may decline for nothing, so the buyer may go for nothing.
    Each visit that is not done is priced by itself: by its own state, its own time left, and what it would have cost.
    One to which nobody comes any more costs the buyer nothing, and the provider what it did when its worker dropped
    out: nobody escapes a penalty by sending the worker home first.
    """
    fee, penalty = ZERO, ZERO
    for visit in order.fulfillments:
        if visit.stage in TERMINAL or not order.accepted:
            continue
        term = cancellation_term_of(order, visit, world)
        price = undone(order.quote, {one.item_id for one in order.items} - _ids(order, visit))
        fee += cancellation_fee(term, price) if actor is Actor.BUYER and not visit.abandoned else ZERO
        penalty += penalty_of(term, price) if actor is Actor.SELLER else ZERO
    kept = {item_id for done in order.fulfillments if done.stage is Stage.COMPLETED for item_id in _ids(order, done)}
    quote = refunded(order.quote, fee, kept=kept)
    received = total(one.amount for one in order.payments if one.status == "PAID")
    before = total(one.amount for one in order.refunds)  # which the quote has a line for, and went back then
    return Charge(fee=fee, refund=max(received - before - quote.total, ZERO), penalty=penalty, quote=quote)


def _ids(order: Order, visit: Fulfillment) -> set[str]:
    return {one.item_id for one in order.of_visit(visit)}


def cancellation_term_of(order: Order, visit: Fulfillment, world: World) -> CancellationTerm | None:
    """The cancellation term of a visit at this moment, or None where the terms say nothing of its state."""
    code = visit.left_in if visit.abandoned else visit.code
    return term_for(order.terms.cancellation, code, max(visit.slot.start - world.now, timedelta()))


def charge_holds_until(order: Order, world: World) -> datetime | None:
    """Until when a charge stays what it is if nothing else happens to the order; None where time changes nothing.

    After that moment another term counts for one of the visits.
    """
    ends = []
    for visit in order.fulfillments:
        if visit.stage in TERMINAL or not order.accepted:
            continue
        lead = max(visit.slot.start - world.now, timedelta())
        left = term_ends(order.terms.cancellation, visit.code, lead)
        if left is not None:
            ends.append(visit.slot.start - left)
    return min(ends, default=None)


async def cancel(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """Cancel the whole order: what is not done yet is given up, and paid back but for the fee."""
    next_stage(order.visit.stage, Event.CANCEL, command.actor)
    cost = charge(order, command.actor, world)
    stopped = tuple(
        one if one.stage in TERMINAL else replace(one, stage=Stage.CANCELLED, otp=None, whereabouts=None)
        for one in order.fulfillments
    )
    cancellation = Cancellation(
        cancelled_by="CONSUMER" if command.actor is Actor.BUYER else "SELLER",
        reason=command.reason,
        fee=cost.fee,
        refund=cost.refund,
        penalty=cost.penalty,
        note=command.note,
    )
    changed = replace(
        order,
        fulfillments=stopped,
        quotes=(*order.quotes, cost.quote),
        payments=_still_due(order.payments, cost.quote.total),
        proposals=tuple(replace(one, state="withdrawn") if one.state == "open" else one for one in order.proposals),
        cancellation=cancellation,
    )
    for visit in (*order.fulfillments, *(one.visit for one in order.open_proposals if one.visit)):
        if visit.stage is not Stage.COMPLETED:
            await work.slots.release(order.slot_ref(visit))
    for kind in ("otp", "acceptance", "quote"):
        await work.timers.cancel(kind, order.ref)
    saved = await save(touched(changed, world), order, command, work, world)
    return Advanced(order=saved, callback="on_cancel")


async def decline(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """A provider says no, or nothing in time.

    Where on_confirm waits for the provider's word it carries the error; where the order was confirmed already it is
    cancelled.
    """
    gone = await cancel(order, replace(command, event=Event.DECLINE), work, world)
    if order.confirm_sent:
        return gone
    error = NotConfirmed("the provider did not accept the order")
    return Advanced(order=gone.order, callback="on_confirm", error=error)


def _still_due(payments: tuple[Payment, ...], owed: Money) -> tuple[Payment, ...]:
    """Payments keep what was paid (assertion 50); what was not is due only as far as the price that is left."""
    open_ = max(owed - total(one.amount for one in payments if one.status == "PAID"), ZERO)
    kept = []
    for one in payments:
        if one.status == "PAID":
            kept.append(one)
            continue
        due = min(one.amount, open_)
        open_ -= due
        kept.append(replace(one, amount=due))
    return tuple(kept)

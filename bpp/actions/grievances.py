"""What we do in an issue: the step in the ticket, what it changes of the order, the message that tells it.

An accepted remedy is carried out before RESOLVED is said, in the same unit: the buyer app hears of the refund, the new
visit or the cancellation first, for both go the same lane.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson

from beckn_schemas.igm_codes import V1, V2, IgmVersion
from beckn_schemas.igm_context import own_echo
from bpp.actions.contract import Json, Reply
from bpp.actions.events import perform
from bpp.actions.outgoing import Addressee, Dispatch, callback_for
from bpp.actions.schedule import SCHEDULES
from bpp.core.command import Command
from bpp.core.tickets import acting, alarmed, at_it, desk_of, heard, keep
from bpp.core.world import World
from bpp.errors import BppError
from bpp.issues.clock import escalation_due
from bpp.issues.facts import facts_of
from bpp.issues.model import Code, Complaint, Issue, Person, Resolution
from bpp.issues.raising import complaint_of_ours
from bpp.issues.remedies import CancelOrder, NoAction, NotRemediable, Redo, Refund, Remedy, remedy_for
from bpp.issues.states import FOLLOW_UP
from bpp.issues.steps import Option, Saying, impose, resolve, with_us
from bpp.issues.ticket import Ticket
from bpp.issues.v1_out import form_of
from bpp.issues.wire import action_of, callback_message, issue_message, status_message
from bpp.issues.words import Language, saying
from bpp.orders.model import Order
from bpp.orders.reasons import REJECTED
from bpp.orders.states import Actor, Event, IllegalTransition
from bpp.storage.ports import Callback, Timer, Work

NO_WAIT = timedelta()
BY_GRIEVANCE = "grievance"


async def followed(ticket: Ticket, order: Order, work: Work, world: World, language: Language = "en") -> Ticket:
    """What we do at once after the complainant's last action: the remedy that was taken, or our word that we are at it.

    A remedy that the order does not allow any more is noted for the desk, and the complainant hears that we are at it.
    """
    match FOLLOW_UP.get(ticket.issue.last.code):
        case None:
            ticket = replace(ticket, issue=with_us(ticket.issue, desk_of(world)))
            return await _closed(ticket, order, work, world)
        case Code.RESOLVED:
            accepted = ticket.issue.accepted()
            assert accepted is not None  # noqa: S101  the state table lets nothing else be accepted
            try:
                done = await carried_out(ticket, accepted, order, work, world)
            except NotRemediable as problem:
                return at_it(ticket.noted(world.now, "system", str(problem)), world, language)
            told = saying("resolved", language, remedy=accepted.short_desc)
            return replace(done, issue=resolve(done.issue, told, acting(world)))
        case _:
            return at_it(ticket, world, language)


async def _closed(ticket: Ticket, order: Order, work: Work, world: World) -> Ticket:
    """The ticket that its complainant closed. What was accepted in the same message is still to be done."""
    accepted = ticket.issue.accepted()
    if accepted is None or ticket.issue.actions[-2].code is not Code.RESOLUTION_ACCEPTED:
        return ticket
    try:
        return await carried_out(ticket, accepted, order, work, world)
    except NotRemediable as problem:
        return ticket.noted(world.now, "system", str(problem))


async def carried_out(ticket: Ticket, resolution: Resolution, order: Order, work: Work, world: World) -> Ticket:
    """Do with the order what a remedy says, once. Raises NotRemediable where the order does not allow it."""
    if resolution.id in ticket.remedied:
        return ticket
    remedy = remedy_for(ticket.issue, resolution, facts_of(order))
    if not isinstance(remedy, NoAction):
        await _performed(remedy, order, work, world)
    return replace(ticket, remedied=(*ticket.remedied, resolution.id))


async def resolved(ticket: Ticket, option: Option, order: Order, work: Work, world: World) -> Ticket:
    """A remedy imposed and carried out in the same unit; where just that was accepted and could not be done, that one.

    Raises NotRemediable where the order does not allow it, and NotPossible as the state table does.
    """
    accepted = ticket.issue.accepted()
    if (
        accepted is not None
        and accepted.id not in ticket.remedied
        and accepted.code == option.code
        and option.amount in (None, accepted.amount)
    ):
        done = await carried_out(ticket, accepted, order, work, world)
        return replace(done, issue=resolve(done.issue, option.saying, acting(world)))
    issue = impose(ticket.issue, option, acting(world))
    imposed = issue.resolution(issue.last.ref_id)
    assert imposed is not None  # noqa: S101  just made
    return await carried_out(replace(ticket, issue=issue), imposed, order, work, world)


async def _performed(remedy: Remedy, order: Order, work: Work, world: World) -> None:
    try:
        performed = await perform(order, _command(remedy), work, world)
    except IllegalTransition as problem:
        raise NotRemediable(str(problem), field="code") from problem
    except BppError as problem:
        raise NotRemediable(problem.message, field=problem.path or "code") from problem
    if performed.advanced.refused and performed.advanced.error is not None:
        raise NotRemediable(performed.advanced.error.message, field="start")


def _command(remedy: Remedy) -> Command:
    said = Command(
        event=Event.REFUND, actor=Actor.SELLER, by=BY_GRIEVANCE, reason=BY_GRIEVANCE, issue_id=remedy.issue_id
    )
    match remedy:
        case Refund(amount=amount, item_id=item_id, fulfillment_id=fulfillment_id):
            return replace(said, amount=amount, item_id=item_id, fulfillment_id=fulfillment_id)
        case Redo(fulfillment_id=fulfillment_id):
            return replace(said, event=Event.REDO, fulfillment_id=fulfillment_id)
        case CancelOrder():
            return replace(said, event=Event.CANCEL, reason=REJECTED, note=BY_GRIEVANCE)
    raise AssertionError(remedy)


def at_buyer_app(
    order: Order,
    complaint: Complaint,
    world: World,
    *,
    fulfillment_id: str = "",
    item_id: str = "",
    spoken: IgmVersion | None = None,
) -> Issue:
    """A complaint of ours to the buyer app of an order, opened now: about a visit, the last by default, or an item.

    In version 1.0.0 where the buyer app has ``spoken`` that last, and it has a form for the complaint; else in 2.0.0.
    """
    peer = order.peer
    assert peer is not None  # noqa: S101  the caller has looked
    own = world.identity
    echo = own_echo(
        domain=peer.domain,
        location=peer.location,
        bap_id=peer.bap_id,
        bap_uri=peer.bap_uri,
        bpp_id=own.subscriber_id,
        bpp_uri=own.subscriber_uri,
        transaction_id=peer.transaction_id,
    )
    seller = order.seller
    return complaint_of_ours(
        facts_of(order),
        complaint,
        Saying(complaint.short_desc, complaint.long_desc),
        acting(world),
        echo=echo,
        provider=Person(name=seller.name, phone=seller.phone, email=seller.email),
        fulfillment_id=fulfillment_id or order.visit.id,
        item_counts=tuple((one.item_id, one.count) for one in order.items if one.item_id == item_id),
        version=V1 if spoken == V1 and form_of(complaint) is not None else V2,
        times=world.rules.issue_times,
    )


async def tell(ticket: Ticket, order: Order, work: Work, world: World) -> int | None:
    """Enqueue the message that our last step owes the other side; None in channels of ours, and where none is owed."""
    issue = ticket.issue
    if not ticket.peer:
        return None
    if ticket.ours:
        return await _sent("issue", issue_message(issue, desk_of(world), facts_of(order)), issue, work, world)
    answer = action_of(issue, solicited=False)
    if answer is None:
        return None
    return await _sent(answer, callback_message(issue, desk_of(world), answer), issue, work, world)


async def _sent(action: str, message: Json, issue: Issue, work: Work, world: World) -> int:
    dispatch = Dispatch(kind="state", now=world.now, grace=NO_WAIT, window=SCHEDULES["state"].window)
    reply = Reply(message=message, order_ref=issue.order_ref, updated_at=issue.updated.at)
    callback = callback_for(reply, addressee(issue), action, world.new_id(), world.identity, dispatch)
    return await work.outbox.enqueue(callback)


def addressee(issue: Issue) -> Addressee:
    """The other side of an issue on the network."""
    echo = issue.echo
    return Addressee(
        peer=issue.bap_id,
        uri=str(echo["bap_uri"]),
        transaction_id=str(echo["transaction_id"]),
        domain=issue.domain,
        location=echo.get("location") or {},
        said=echo,
    )


async def issue_due(timer: Timer, work: Work, world: World) -> int | None:
    """What is sent when a ticket's alarm goes off: RESOLVED once more, or the question how a complaint of ours stands.

    The other side is asked when it is overdue, before anybody of ours escalates.
    """
    went_off = await alarmed(timer, work, world)
    if went_off is None:
        return None
    ticket, alarm = went_off
    issue = ticket.issue
    if ticket.ours and escalation_due(issue, world.now, world.rules.issue_times):
        return await _sent("issue_status", status_message(issue), issue, work, world)
    if alarm.to == "complainant":
        order = await work.orders.get(issue.order_ref)
        assert order is not None  # noqa: S101  orders are never deleted
        return await tell(ticket, order, work, world)
    return None


async def not_told(callback: Callback, why: str, work: Work, world: World) -> None:
    """Something that we said in an issue was refused, or could not be delivered: noted for the desk."""
    message = orjson.loads(callback.body)["message"]
    issue_id = message["issue"]["id"] if "issue" in message else message.get("issue_id", "")
    ticket = await work.issues.of_network(callback.peer, issue_id)
    if ticket is not None and not ticket.forgotten:
        await keep(heard(ticket, f"{callback.action}: {why}", world), work, world)


async def kept(ticket: Ticket, order: Order, work: Work, world: World) -> tuple[Ticket, int | None]:
    """Store what we did in a ticket, and tell it."""
    ticket = await keep(ticket, work, world)
    return ticket, await tell(ticket, order, work, world)

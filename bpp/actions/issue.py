"""issue, issue_status and what answers ours: grievances over the network (network.md 1)."""

from __future__ import annotations

from dataclasses import replace

from bpp.actions.contract import Outcome, Reply, Request, Silence
from bpp.actions.grievances import followed, tell
from bpp.core.tickets import MOST_ORDERS, desk_of, heard, keep, known_of, ticket_of
from bpp.core.world import World
from bpp.errors import BusinessError
from bpp.issues.checks import Refusal, judge_answer, judge_issue, judge_status
from bpp.issues.errors import IssueInvalid, error_of
from bpp.issues.model import Side
from bpp.issues.ticket import Ticket
from bpp.issues.wire import CallbackAction, action_of, callback_message, said
from bpp.storage.ports import OrderFilter, Work


async def issue(request: Request, work: Work, world: World) -> Outcome:
    """A complaint, or what a complainant adds to it: taken down, answered with what we do at once."""
    bap_id, message = request.context.bap_id, request.message
    before = await work.issues.of_network(bap_id, message.issue.id)
    if before is not None and before.ours:
        raise IssueInvalid("the id of an issue that is not ours is expected", path="message.issue.id")
    told = said(message, request.original["context"], Side.RESPONDENT, before.issue if before else None)
    known, order = await known_of(told, before, work, world)
    verdict = judge_issue(told, known)
    if isinstance(verdict, Refusal):
        return _refused(verdict)
    assert order is not None  # noqa: S101  judged
    if before is not None and not verdict.new:
        if action_of(before.issue, solicited=True) == "on_issue_status":  # 1.0.0 says RESOLVED nowhere else
            await tell(before, order, work, world)
            return Silence()
        return _told(before, "on_issue", world)
    ticket = replace(before, issue=verdict.issue) if before else ticket_of(verdict.issue, order, world)
    ticket = await keep(await followed(ticket, order, work, world), work, world, new=before is None)
    return _told(ticket, "on_issue", world)


async def issue_status(request: Request, work: Work, world: World) -> Outcome:
    """How an issue of the sender's stands."""
    bap_id, issue_id = request.context.bap_id, request.message.issue_id
    ticket = await work.issues.of_network(bap_id, issue_id)
    if ticket is None and await work.issues.is_known(issue_id):
        refusal: Refusal | None = Refusal("IGM006", "context.bap_id", "the subscriber of the issue is expected")
    else:
        refusal = judge_status(ticket.issue if ticket else None, bap_id)
    if refusal is not None or ticket is None or ticket.ours or ticket.forgotten:
        return _refused(refusal or Refusal("IGM005", "message.issue_id", "an issue raised by the sender is expected"))
    return _told(ticket, "on_issue_status", world)


async def on_issue(request: Request, work: Work, world: World) -> Outcome:
    """What the other side answers to a complaint of ours, or its news: noted, and nothing is answered."""
    envelope = request.envelope
    error = getattr(envelope, "error", None)
    message = envelope.message
    if not hasattr(message, "issue"):
        await _note_error(request, f"{error.code}: {error.message}" if error else "", work, world)
        return Silence()
    before = await work.issues.of_network(request.context.bap_id, message.issue.id)
    if before is not None and before.forgotten:
        raise IssueInvalid("the id of an issue that is known is expected", path="message.issue.id", reason="IGM005")
    told = said(message, request.original["context"], Side.COMPLAINANT, before.issue if before else None)
    verdict = judge_answer(told, before.issue if before else None)
    if isinstance(verdict, Refusal):
        raise _nack(verdict)
    assert before is not None  # noqa: S101  judged
    if verdict.new:
        await keep(replace(before, issue=verdict.issue), work, world)
    return Silence()


async def _note_error(request: Request, text: str, work: Work, world: World) -> None:
    """That the other side refuses a complaint of ours: it names none, so its transaction tells which.

    Where there is none it is an answer to nothing.
    """
    context = request.context
    noted = False
    which = OrderFilter(bap_id=context.bap_id, transaction_id=context.transaction_id, limit=MOST_ORDERS)
    for row in await work.orders.find(which):
        for ticket in await work.issues.of_order(row.ref):
            if ticket.ours and not ticket.forgotten:
                await keep(heard(ticket, text, world), work, world)
                noted = True
    if not noted:
        raise IssueInvalid("an issue that is known is expected", path="message.issue", reason="IGM005")


def _refused(refusal: Refusal) -> Outcome:
    error = error_of(refusal)
    if isinstance(error, BusinessError):
        return Reply(error=error)
    raise error


def _nack(refusal: Refusal) -> IssueInvalid:
    """What we are told and cannot put anywhere is refused as a whole: a callback has no callback."""
    return IssueInvalid(refusal.expected, path=refusal.path, reason=refusal.code)


def _told(ticket: Ticket, action: CallbackAction, world: World) -> Outcome:
    """The issue as it stands, unless its closing was all that was said, which nobody answers."""
    stands = ticket.issue
    if action == "on_issue" and stands.status == "CLOSED":
        return Silence()
    message = callback_message(stands, desk_of(world), action)
    return Reply(message=message, order_ref=stands.order_ref, updated_at=stands.updated.at)

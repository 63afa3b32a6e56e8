"""Tickets: complaints of customers and of ours, their clock, and what we do about them."""

from __future__ import annotations

from pydantic import TypeAdapter

from bpp.actions.grievances import at_buyer_app, kept, tell
from bpp.core.privacy import PersonalData, note_read
from bpp.core.tickets import by_customer, keep, take_down, ticket_of
from bpp.core.world import World
from bpp.issues.model import Complaint, Status
from bpp.issues.remedies import NotRemediable
from bpp.issues.states import NotPossible
from bpp.issues.ticket import Ticket
from bpp.operator.auth import DESK, STAFF
from bpp.operator.orders import order_at
from bpp.operator.problems import CONFLICT, UNPROCESSABLE, ApiProblem, invalid, not_found
from bpp.operator.routes import Answer, Call, Route
from bpp.operator.ticket_models import NewTicket, Note, TicketDetail, TicketPage, TicketQuery, TicketStep
from bpp.operator.ticket_steps import STEPS, Stepping
from bpp.operator.ticket_views import detail, summary
from bpp.orders.numbers import read_number
from bpp.storage.ports import Work
from bpp.storage.ports_audit import RecordKind
from bpp.storage.ports_issues import TicketFilter

RUNNING = (Status.OPEN, Status.PROCESSING)


async def list_tickets(call: Call, work: Work, world: World) -> Answer:
    """Tickets that fit: the newest first, or those first that are due first."""
    query: TicketQuery = call.query
    first_due = query.open or query.overdue
    statuses = [query.status] if query.status else (RUNNING if first_due else None)
    which = TicketFilter(
        ref=(read_number(query.number) or query.number) if query.number else None,
        statuses=statuses,
        level=query.level,
        ours=query.ours,
        provider_id=query.provider_id,
        district=query.district,
        due_until=world.now if query.overdue else None,
        officers_at=world.now if query.officers else None,
        by="due" if first_due else "created",
        after=query.cursor,
        limit=query.limit + 1,
    )
    rows = await work.issues.find(which)
    page = rows[: query.limit]
    more = page[-1].ref if len(rows) > len(page) else None
    return Answer(content=TicketPage(items=[summary(one, world) for one in page], next=more))


async def get_ticket(call: Call, work: Work, world: World) -> Answer:
    """One ticket."""
    return await _shown(await ticket_at(call, work), call, work, world)


async def post_ticket(call: Call, work: Work, world: World) -> Answer:
    """Take down a complaint, or raise one of ours to the buyer app of the order."""
    asked: NewTicket = call.body
    order = await order_at(call, work)
    if order.forgotten_at is not None:
        raise ApiProblem(CONFLICT, "order_forgotten", "this order was forgotten: nobody is known who could complain")
    complaint = Complaint(code=asked.code, short_desc=asked.short_desc, long_desc=asked.long_desc)
    visits, items = [one.id for one in order.fulfillments], [one.item_id for one in order.items]
    if asked.fulfillment_id not in ("", *visits):
        raise invalid("a visit of the order is expected", path="fulfillment_id", allowed=visits)
    if asked.item_id not in ("", *items):
        raise invalid("an item of the order is expected", path="item_id", allowed=items)
    if asked.against == "us":
        issue = by_customer(order, complaint, world, fulfillment_id=asked.fulfillment_id, item_id=asked.item_id)
        taken_down = await take_down(issue, order, work, world, asked.language)
        return await _shown(taken_down, call, work, world, status=201)
    if order.peer is None:
        raise ApiProblem(CONFLICT, "no_buyer_app", "no buyer app brought this order", path="against")
    issue = at_buyer_app(
        order,
        complaint,
        world,
        fulfillment_id=asked.fulfillment_id,
        item_id=asked.item_id,
        spoken=await work.issues.spoken_by(order.peer.bap_id),
    )
    raised = await keep(ticket_of(issue, order, world), work, world, new=True)
    return await _shown(raised, call, work, world, status=201, seq=await tell(raised, order, work, world))


async def post_step(call: Call, work: Work, world: World) -> Answer:
    """Take a step in a ticket; what the other side is owed for it goes out with it."""
    ticket = await ticket_at(call, work)
    order = await work.orders.get(ticket.issue.order_ref)
    assert order is not None  # noqa: S101  orders are never deleted
    if ticket.forgotten:
        raise ApiProblem(CONFLICT, "forgotten", "this complaint was forgotten with its order", path="step")
    stepping = Stepping(by=call.caller.name, order=order, work=work, world=world)
    try:
        after = await STEPS[type(call.body)](call.body, ticket, stepping)
    except NotPossible as problem:
        raise ApiProblem(CONFLICT, "not_allowed", str(problem), path="step", allowed=problem.allowed) from problem
    except NotRemediable as problem:
        raise ApiProblem(UNPROCESSABLE, "not_remediable", str(problem), path=problem.field) from problem
    if isinstance(call.body, Note) or after.issue == ticket.issue:
        return await _shown(await keep(after, work, world), call, work, world)
    changed, seq = await kept(after, order, work, world)
    return await _shown(changed, call, work, world, seq=seq)


async def ticket_at(call: Call, work: Work) -> Ticket:
    """The ticket that a path names; ApiProblem 404 for none."""
    ref = call.path["ticket"]
    ticket = await work.issues.get(ref)
    if ticket is None:
        raise not_found("ticket", ref)
    return ticket


async def _shown(
    ticket: Ticket, call: Call, work: Work, world: World, *, status: int = 200, seq: int | None = None
) -> Answer:
    reader = call.caller.reader
    if reader.sees(PersonalData.COMPLAINT) and not ticket.forgotten:
        kind: RecordKind = "order" if reader.sees(PersonalData.CONSUMER) else "complaint"
        await note_read(reader, kind, ticket.issue.order_ref, work, world)
    return Answer(content=detail(ticket, reader, world), status=status, released=(seq,) if seq is not None else ())


PROBLEMS = {
    404: "no such ticket",
    409: "the state table does not allow the step; `allowed` names what is possible",
    422: "a field is wrong, or the order does not allow the remedy",
}
ROUTES = (
    Route(
        method="GET",
        path="/tickets",
        name="list-tickets",
        tag="tickets",
        summary="Complaints: the newest, or those that are due first",
        handler=list_tickets,
        query=TicketQuery,
        answer=TypeAdapter(TicketPage),
        roles=STAFF,
    ),
    Route(
        method="GET",
        path="/tickets/{ticket}",
        name="get-ticket",
        tag="tickets",
        summary="One complaint with all that happened",
        handler=get_ticket,
        answer=TypeAdapter(TicketDetail),
        problems={404: "no such ticket"},
        roles=STAFF,
        audited=True,
    ),
    Route(
        method="POST",
        path="/tickets/{ticket}/steps",
        name="post-ticket-step",
        tag="tickets",
        summary="Ask, propose, resolve, note; or say what a customer of ours says",
        handler=post_step,
        body=TypeAdapter(TicketStep),
        tagged=True,
        answer=TypeAdapter(TicketDetail),
        problems=PROBLEMS,
        roles=STAFF,
    ),
    Route(
        method="POST",
        path="/orders/{ref}/tickets",
        name="post-ticket",
        tag="tickets",
        summary="Take down a complaint about an order, or raise one to its buyer app",
        handler=post_ticket,
        body=TypeAdapter(NewTicket),
        answer=TypeAdapter(TicketDetail),
        status=201,
        problems={
            404: "no such order",
            409: "no buyer app brought this order, or it was forgotten",
            422: "a field is wrong",
        },
        roles=DESK,
    ),
)

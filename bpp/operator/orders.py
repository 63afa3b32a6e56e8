"""Orders: find them, look at one, and make something happen to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field, TypeAdapter

from bpp.actions.events import perform
from bpp.core.command import Advanced
from bpp.core.locate import locate
from bpp.core.otp import OverrideNeeded
from bpp.core.privacy import PersonalData, Reader, detail_as_seen, read_order
from bpp.core.world import World
from bpp.errors import BppError, IncorrectOtp
from bpp.operator.auth import check_look_up, may
from bpp.operator.bookings_fields import Coordinates
from bpp.operator.ledger_views import BOOKS_ROLES
from bpp.operator.order_commands import command_of
from bpp.operator.order_events import EventRequest
from bpp.operator.order_models import LocationTaken, OrderDetail, OrderPage
from bpp.operator.order_views import detail, possible, summary
from bpp.operator.problems import CONFLICT, UNPROCESSABLE, ApiProblem, not_found, of_error
from bpp.operator.routes import Answer, Body, Call, Query, Route
from bpp.orders.model import Order
from bpp.orders.states import Event, IllegalTransition, Stage
from bpp.storage.ports import OrderFilter, Work
from bpp.storage.ports_messages import Transcript
from catalog.load_fields import gps
from catalog.moments import wire_time

Limit = Annotated[int, Field(ge=1, le=500, description="most items of a page")]


class OrderQuery(Query):
    """Which orders; what is left out does not filter."""

    bap_id: str | None = None
    order_id: str | None = None
    transaction_id: str | None = None
    phone: str | None = Field(default=None, description="the billing telephone")
    state: Stage | None = Field(default=None, description="stage of the visit under way")
    limit: Limit = 50
    cursor: str | None = Field(default=None, description="`next` of the page before")


class Position(Body):
    """Where a worker is."""

    gps: Coordinates = Field(
        description="latitude,longitude in degrees; kept no more exactly than to about 500 m",
        examples=["26.851000,80.997000"],
        max_length=64,
    )


async def list_orders(call: Call, work: Work, world: World) -> Answer:
    """Orders that fit, newest first."""
    del world
    query: OrderQuery = call.query
    check_look_up(query.phone, call.caller)
    which = OrderFilter(
        bap_id=query.bap_id,
        order_id=query.order_id,
        transaction_id=query.transaction_id,
        phone=query.phone,
        state=query.state,
        after=query.cursor,
        limit=query.limit + 1,
    )
    rows = await work.orders.find(which)
    page = rows[: query.limit]
    more = page[-1].ref if len(rows) > len(page) else None
    return Answer(content=OrderPage(items=[summary(row) for row in page], next=more))


async def get_order(call: Call, work: Work, world: World) -> Answer:
    """One order with its timeline."""
    return Answer(content=await order_detail(await order_at(call, work), work, world, reader=call.caller.reader))


async def post_event(call: Call, work: Work, world: World) -> Answer:
    """Do something to an order; the callback that the buyer app is owed goes out with it.

    A refusal that changes something, as a wrong OTP does that counts and brings a new one, is an answer and no
    exception, so that the change is stored.
    """
    order = await order_at(call, work)
    command = command_of(call, order, world)
    try:
        performed = await perform(order, command, work, world)
    except IllegalTransition as problem:
        allowed = possible(order)
        text = f"{command.event} is not possible in {problem.stage}; possible now: {', '.join(allowed) or 'nothing'}"
        raise ApiProblem(CONFLICT, "not_allowed", text, path="event", allowed=allowed) from problem
    except OverrideNeeded as problem:
        text = "too many wrong OTPs: only a supervisor's override, with a reason, starts the job now"
        raise ApiProblem(CONFLICT, "override_needed", text, path="override", allowed=possible(order)) from problem
    except BppError as problem:
        raise of_error(problem, allowed=possible(order), path=_field(command.event, problem)) from problem
    released = (performed.callback_seq,) if performed.callback_seq is not None else ()
    changed = performed.advanced.order
    if performed.advanced.refused:
        refusal = _refusal(performed.advanced)
        return Answer(content=refusal.answer, status=refusal.status, released=released)
    seen = await order_detail(changed, work, world, reader=call.caller.reader)
    return Answer(content=seen, released=released)


async def post_location(call: Call, work: Work, world: World) -> Answer:
    """Take note of where a worker on the way is. Nothing is sent, and nothing of the position is told here."""
    order = await order_at(call, work)
    if reason := await locate(order, gps(call.body.gps), work, world):
        refusal = ApiProblem(CONFLICT, "not_followed", reason)  # answered, not raised: what was kept is erased
        return Answer(content=refusal.answer, status=refusal.status)
    return Answer(content=LocationTaken(at=world.now))


async def order_detail(order: Order, work: Work, world: World, *, reader: Reader) -> OrderDetail:
    """An order as this unit of work sees it, and as the reader may."""
    order = await read_order(order, reader, work, world)
    peer = order.peer
    which = OrderFilter(bap_id=peer.bap_id if peer else "", order_id=order.order_id, limit=1)
    (row,) = await work.orders.find(which)
    messages = await work.messages.of_transaction(peer.bap_id, peer.transaction_id) if peer else Transcript()
    events = await work.orders.events(order.ref)
    postings = await work.ledger.of_order(order.ref) if may(reader.role, BOOKS_ROLES) else ()
    told = [replace(one, detail=detail_as_seen(one.detail, reader)) for one in events]
    seen = detail(order, row, messages, told, postings, world)
    if reader.sees(PersonalData.CONSUMER):
        return seen
    return seen.model_copy(update={"papers": []})  # invoices name the consumer


async def order_at(call: Call, work: Work) -> Order:
    """The order that a path names; ApiProblem 404 for none."""
    ref = call.path["ref"]
    order = await work.orders.get(ref)
    if order is None:
        raise not_found("order", ref)
    return order


FIELDS: Mapping[Event, str] = {
    Event.ASSIGN: "worker_id",
    Event.RESCHEDULE: "start",
    Event.REQUOTE: "start",
    Event.ACCEPT_QUOTE: "quote_id",
    Event.REJECT_QUOTE: "quote_id",
    Event.PAY: "payment_id",
    Event.REFUND: "amount",
    Event.REDO: "start",
}
"""The field that is at fault where the core names none of ours: its paths are those of the wire."""


def _field(event: Event, problem: BppError) -> str:
    ours = "" if problem.path.startswith("message.") else problem.path
    return ours or FIELDS.get(event, "")


def _refusal(advanced: Advanced) -> ApiProblem:
    """Why an event was not done; ``allowed`` are starts to choose from, else the events that are possible."""
    error = advanced.error
    if isinstance(error, IncorrectOtp):
        allowed = possible(advanced.order)
        return ApiProblem(UNPROCESSABLE, "incorrect_otp", error.message, path="otp", allowed=allowed)
    assert error is not None  # noqa: S101  the caller has looked
    starts = [wire_time(start) for start in advanced.alternatives]
    return of_error(error, allowed=starts or possible(advanced.order), path="start" if starts else "")


EVENT_PROBLEMS = {
    403: "an override by somebody who is no supervisor",
    404: "no such order",
    409: "the state table, the calendar or the used-up OTPs forbid it; `allowed` names what is possible",
    422: "no such event, a field is wrong, or the OTP was: a new one was sent",
}

ROUTES = (
    Route(
        method="GET",
        path="/orders",
        name="list-orders",
        tag="orders",
        summary="Find orders",
        handler=list_orders,
        query=OrderQuery,
        answer=TypeAdapter(OrderPage),
    ),
    Route(
        method="GET",
        path="/orders/{ref}",
        name="get-order",
        tag="orders",
        summary="One order with its visits, price, payments and timeline",
        handler=get_order,
        answer=TypeAdapter(OrderDetail),
        problems={404: "no such order"},
        audited=True,
    ),
    Route(
        method="POST",
        path="/orders/{ref}/events",
        name="post-order-event",
        tag="orders",
        summary="What the provider, the worker or an operator does to an order",
        handler=post_event,
        body=TypeAdapter(EventRequest),
        tagged=True,
        answer=TypeAdapter(OrderDetail),
        problems=EVENT_PROBLEMS,
    ),
    Route(
        method="POST",
        path="/orders/{ref}/location",
        name="post-order-location",
        tag="orders",
        summary="Where the worker on the way is, as his or her telephone says",
        handler=post_location,
        body=TypeAdapter(Position),
        answer=TypeAdapter(LocationTaken),
        problems={
            404: "no such order",
            409: "nobody is on the way, or the provider or the worker does not let it be told",
        },
    ),
)

"""Deliveries: callbacks with every attempt, and sending one again."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from bpp.actions.schedule import SCHEDULES
from bpp.core.privacy import PersonalData, Reader, note_read
from bpp.core.world import World
from bpp.operator.order_models import Moment
from bpp.operator.problems import CONFLICT, ApiProblem, not_found
from bpp.operator.routes import Answer, Call, Nothing, Query, Route
from bpp.orders.masking import hidden_message
from bpp.storage.ports import Attempt, Callback, CallbackState, Work

LARGEST = 2**63 - 1
RETRIABLE = ("pending", "refused", "given_up", "delivered")


class Delivery(BaseModel):
    """A callback on its way, or arrived, or given up."""

    id: int
    state: CallbackState
    kind: str
    action: str
    peer: str = Field(description="subscriber_id of the buyer app")
    transaction_id: str
    message_id: str
    order_ref: str | None
    url: str
    attempt_count: int = Field(description="tries since it was last made due")
    created_at: Moment
    due_at: Moment
    give_up_at: Moment


class AttemptView(BaseModel):
    """One try: what came back, in a word and as an HTTP status."""

    number: int
    at: Moment
    outcome: str
    http_status: int | None
    code: str
    signature: str


class DeliveryDetail(Delivery):
    """A callback with its attempts and the body that is sent, byte for byte the same each time."""

    attempts: list[AttemptView]
    body: dict[str, Any] | None = Field(description="null where it was erased")


class DeliveryPage(BaseModel):
    """Callbacks, newest first."""

    items: list[Delivery]
    next: str | None = Field(description="cursor of the next page")


class DeliveryQuery(Query):
    """Which callbacks."""

    state: Literal["pending", "delivered", "refused", "given_up", "superseded"] | None = None
    limit: Annotated[int, Field(ge=1, le=500, description="most items of a page")] = 50
    cursor: Annotated[int, Field(ge=1, le=LARGEST)] | None = Field(
        default=None, description="`next` of the page before"
    )


async def list_deliveries(call: Call, work: Work, world: World) -> Answer:
    """Callbacks, newest first."""
    del world
    query: DeliveryQuery = call.query
    rows = await work.outbox.find(query.state, query.cursor, query.limit + 1)
    page = rows[: query.limit]
    more = str(page[-1].seq) if len(rows) > len(page) else None
    return Answer(content=DeliveryPage(items=[Delivery(**_fields(one)) for one in page], next=more))


async def get_delivery(call: Call, work: Work, world: World) -> Answer:
    """One callback with every attempt."""
    return Answer(content=await _shown(await _callback(call, work), call.caller.reader, work, world))


async def retry(call: Call, work: Work, world: World) -> Answer:
    """Make a callback due now, with a new window for its tries; its peer rests no longer."""
    callback = await _callback(call, work)
    await send_again(callback, work, world)
    again = await _shown(await _callback(call, work), call.caller.reader, work, world)
    return Answer(content=again, released=(callback.seq,))


async def send_again(callback: Callback, work: Work, world: World) -> None:
    """The same for a callback that was read. Raises ApiProblem 409 where it cannot be sent again."""
    if callback.state not in RETRIABLE:
        text = "a newer answer has taken the place of this one"
        raise ApiProblem(CONFLICT, "superseded", text, allowed=RETRIABLE)
    if callback.state == "pending" and callback.leased_until is not None and callback.leased_until > world.now:
        raise ApiProblem(CONFLICT, "under_way", "it is being delivered at this moment")
    if not callback.body:
        raise ApiProblem(CONFLICT, "erased", "its body was erased; there is nothing to send")
    if not await work.outbox.again(callback.seq, world.now, world.now + SCHEDULES[callback.kind].window):
        raise ApiProblem(CONFLICT, "leased", "a delivery of it has begun just now")
    await work.outbox.peer_well(callback.peer)


def serial(text: str) -> int:
    """The number of a row that a path names; 0, which none has, for what is no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < len(str(LARGEST)) else 0


async def _callback(call: Call, work: Work) -> Callback:
    text = call.path["id"]
    callback = await work.outbox.get(serial(text))
    if callback is None:
        raise not_found("delivery", text)
    return callback


async def _shown(callback: Callback, reader: Reader, work: Work, world: World) -> DeliveryDetail:
    attempts = [_attempt(one) for one in await work.outbox.attempts(callback.seq)]
    body = json.loads(callback.body) if callback.body else None
    masked = hidden_message(body)
    if not reader.sees(PersonalData.CONSUMER):
        body = masked
    elif callback.order_ref:
        await note_read(reader, "order", callback.order_ref, work, world)
    elif body != masked:  # an answer to init names the customer before there is an order
        await note_read(reader, "message", callback.transaction_id, work, world)
    return DeliveryDetail(**_fields(callback), attempts=attempts, body=body)


def _fields(one: Callback) -> dict[str, Any]:
    return {
        "id": one.seq,
        "state": one.state,
        "kind": one.kind,
        "action": one.action,
        "peer": one.peer,
        "transaction_id": one.transaction_id,
        "message_id": one.message_id,
        "order_ref": one.order_ref or None,
        "url": one.url,
        "attempt_count": one.attempts,
        "created_at": one.created_at,
        "due_at": one.due_at,
        "give_up_at": one.give_up_at,
    }


def _attempt(one: Attempt) -> AttemptView:
    return AttemptView(
        number=one.number,
        at=one.at,
        outcome=one.outcome,
        http_status=one.http_status,
        code=one.code,
        signature=one.signature,
    )


ROUTES = (
    Route(
        method="GET",
        path="/deliveries",
        name="list-deliveries",
        tag="deliveries",
        summary="Callbacks, newest first",
        handler=list_deliveries,
        query=DeliveryQuery,
        answer=TypeAdapter(DeliveryPage),
    ),
    Route(
        method="GET",
        path="/deliveries/{id}",
        name="get-delivery",
        tag="deliveries",
        summary="One callback with every attempt",
        handler=get_delivery,
        answer=TypeAdapter(DeliveryDetail),
        problems={404: "no such callback"},
        audited=True,
    ),
    Route(
        method="POST",
        path="/deliveries/{id}/retry",
        name="retry-delivery",
        tag="deliveries",
        summary="Send a callback again, now",
        handler=retry,
        body=TypeAdapter(Nothing),
        answer=TypeAdapter(DeliveryDetail),
        problems={404: "no such callback", 409: "it is under way, erased, or replaced by a newer answer"},
    ),
)

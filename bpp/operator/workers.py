"""A worker's papers, availability, leave, engagements and standing; and the bookings that a change makes impossible."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from bpp.actions.reassign_affected import reassign_affected
from bpp.core.privacy import history_as_seen, read_worker
from bpp.core.workforce import Booking, bookings_affected, change, newly_affected, stand
from bpp.core.world import World
from bpp.operator.auth import OFFICERS, STAFF
from bpp.operator.party_models import (
    Affected,
    BookingView,
    Happened,
    History,
    Id,
    Label,
    Link,
    OutOfWork,
    Service,
    WorkerChanged,
    WorkerStanding,
)
from bpp.operator.problems import CONFLICT, ApiProblem, not_found
from bpp.operator.reliefs import reliefs
from bpp.operator.routes import Answer, Body, Call, Route
from bpp.orders.assignment import local_day
from bpp.parties.states import Step
from bpp.parties.workforce import (
    POLICE,
    back_from_leave,
    engaged_by,
    engagement_ended,
    on_leave_from,
    police_verified,
    skilled,
)
from bpp.storage.ports import Work
from catalog.model import Credential, Engagement, EngagementMode, Worker

Detail = Mapping[str, str]


class Verification(Body):
    """A police verification (rule R11)."""

    number: Label
    until: date = Field(description="its last day")
    url: Link = Field(default="", description="where its paper can be seen")


class Certificate(Body):
    """A certificate in a service (rule R11)."""

    service_id: Service
    number: Label
    until: date = Field(description="its last day")
    url: Link = Field(default="", description="where it can be seen")


class Availability(OutOfWork):
    """The worker's own switch."""

    available: bool


class Leave(OutOfWork):
    """Days away, both included."""

    first: date
    last: date


class LeaveEnd(Body):
    """Which leave is given up."""

    first: date = Field(description="its first day")


class Contract(OutOfWork):
    """An engagement elsewhere (rules R27, R28), both days included."""

    id: Id
    mode: EngagementMode
    employer: Label
    first: date
    last: date
    force: bool = Field(default=False, description="although the worker has bookings on these days")


class ContractEnd(Body):
    """An engagement ends early."""

    by: Literal["worker", "employer", "provider"]
    last: date | None = Field(default=None, description="its last day; yesterday where left out: back from today on")


@dataclass(frozen=True, slots=True)
class Done:
    """A changed worker, what to write into the history, and whether bookings in the way need a word."""

    worker: Worker
    detail: Detail
    asks: bool = False


Deed = Callable[[Worker, Any, Call, World], Done]


def _verify(worker: Worker, body: Verification, _call: Call, _world: World) -> Done:
    paper = Credential(id=body.number, type=POLICE, desc=f"{POLICE}, valid until {body.until}", url=body.url)
    return Done(police_verified(worker, paper, body.until), {"number": body.number, "until": str(body.until)})


def _certify(worker: Worker, body: Certificate, _call: Call, _world: World) -> Done:
    paper = Credential(id=body.number, type="", desc=f"{body.service_id}, valid until {body.until}", url=body.url)
    detail = {"service_id": body.service_id, "number": body.number, "until": str(body.until)}
    return Done(skilled(worker, body.service_id, paper, body.until), detail)


def _switch(worker: Worker, body: Availability, _call: Call, _world: World) -> Done:
    return Done(replace(worker, available=body.available), {"available": "yes" if body.available else "no"})


def _leave(worker: Worker, body: Leave, _call: Call, _world: World) -> Done:
    return Done(on_leave_from(worker, body.first, body.last), {"first": str(body.first), "last": str(body.last)})


def _back(worker: Worker, body: LeaveEnd, _call: Call, _world: World) -> Done:
    return Done(back_from_leave(worker, body.first), {"first": str(body.first)})


def _engage(worker: Worker, body: Contract, _call: Call, _world: World) -> Done:
    contract = Engagement(id=body.id, mode=body.mode, employer=body.employer, first=body.first, last=body.last)
    detail = {"id": body.id, "mode": body.mode, "first": str(body.first), "last": str(body.last)}
    return Done(engaged_by(worker, contract), detail, asks=not body.force)


def _end(worker: Worker, body: ContractEnd, call: Call, world: World) -> Done:
    last = body.last or local_day(world.now) - timedelta(days=1)
    contract_id = call.path["engagement"]
    detail = {"id": contract_id, "by": body.by, "last": str(last)}
    return Done(engagement_ended(worker, contract_id, last, body.by), detail)


def changing(event: str, deed: Deed) -> Callable[[Call, Work, World], Awaitable[Answer]]:
    """The handler of a call that changes a worker: load, decide, store with history, say which bookings suffer."""

    async def handle(call: Call, work: Work, world: World) -> Answer:
        worker = _worker(call, world)
        done = deed(worker, call.body, call, world)
        if done.asks and (in_the_way := await newly_affected(worker, done.worker, work, world)):
            raise _busy(in_the_way)
        affected = await change(worker, done.worker, event, call.caller.name, work, world, done.detail)
        return await _told(worker, done.worker, affected, event, call, work, world)

    handle.__doc__ = deed.__doc__
    return handle


def _busy(bookings: tuple[Booking, ...]) -> ApiProblem:
    listed = ", ".join(f"{one.ref} ({local_day(one.slot.start)})" for one in bookings)
    text = f"the worker is booked on these days: {listed}; force starts it all the same"
    return ApiProblem(CONFLICT, "booked", text, path="force", allowed=["true"])


async def change_standing(call: Call, work: Work, world: World) -> Answer:
    """Suspend or restore a worker."""
    worker = _worker(call, world)
    after, affected = await stand(worker, Step(call.body.event), call.body.reason, call.caller.name, work, world)
    return await _told(worker, after, affected, call.body.event, call, work, world)


async def affected_bookings(call: Call, work: Work, world: World) -> Answer:
    """The bookings that the worker, as he or she is now, cannot do."""
    found = await bookings_affected(_worker(call, world), work, world)
    return Answer(content=Affected(affected=[BookingView.of(one) for one in found]))


async def worker_history(call: Call, work: Work, world: World) -> Answer:
    """What happened to a worker."""
    happened = await work.parties.history("worker", _worker(call, world).id)
    events = [Happened.of(one) for one in history_as_seen(happened, call.caller.reader)]
    return Answer(content=History(agreements=[], events=events))


async def _told(
    before: Worker, after: Worker, affected: tuple[Booking, ...], why: str, call: Call, work: Work, world: World
) -> Answer:
    """The worker after a change. What it makes impossible goes to others where that is asked for; the rest is told."""
    seen = await read_worker(after, call.caller.reader, work, world)
    if not affected or not (isinstance(call.body, OutOfWork) and call.body.reassign):
        return Answer(content=WorkerChanged.of(seen, affected))
    relief = await reassign_affected(after.id, why, work, world, by=call.caller.name, now_is=after)
    left = await newly_affected(before, after, work, world)
    return Answer(content=WorkerChanged.of(seen, left, reliefs(relief.visits).items), released=relief.callbacks)


def _worker(call: Call, world: World) -> Worker:
    worker = world.catalog.worker(call.path["id"])
    if worker is None:
        raise not_found("worker", call.path["id"])
    return worker


def _change(path: str, name: str, summary: str, event: str, deed: Deed, body: type[Body]) -> Route:
    return Route(
        method="POST",
        path=f"/workers/{{id}}/{path}",
        name=name,
        tag="parties",
        summary=summary,
        handler=changing(event, deed),
        body=TypeAdapter(body),
        alters_catalog=True,
        answer=TypeAdapter(WorkerChanged),
        problems={404: "no such worker", 409: "it is not possible as things stand; the message says why"},
        roles=STAFF,
    )


def _read(path: str, name: str, summary: str, handler: Any, answer: type[BaseModel]) -> Route:
    return Route(
        method="GET",
        path=f"/workers/{{id}}/{path}",
        name=name,
        tag="parties",
        summary=summary,
        handler=handler,
        answer=TypeAdapter(answer),
        problems={404: "no such worker"},
    )


ROUTES: tuple[Route, ...] = (
    _change("verification", "verify-worker", "Police verification of a worker", "verify", _verify, Verification),
    _change("certificates", "certify-worker", "Certificate of a worker in a service", "certify", _certify, Certificate),
    _change("availability", "switch-worker", "Whether a worker takes jobs", "availability", _switch, Availability),
    _change("leaves", "add-leave", "Days a worker is away", "leave", _leave, Leave),
    _change("leaves/cancel", "cancel-leave", "A leave that is given up", "cancel_leave", _back, LeaveEnd),
    _change("engagements", "engage-worker", "A contract elsewhere for some days", "engage", _engage, Contract),
    _change("engagements/{engagement}/end", "end-engagement", "A contract that ends early", "end", _end, ContractEnd),
    Route(
        method="POST",
        path="/workers/{id}/events",
        name="worker-standing",
        tag="parties",
        summary="Suspend or restore a worker",
        handler=change_standing,
        body=TypeAdapter(WorkerStanding),
        alters_catalog=True,
        tagged=True,
        answer=TypeAdapter(WorkerChanged),
        problems={404: "no such worker", 409: "the worker's standing does not allow it; `allowed` says what it does"},
        roles=OFFICERS,
    ),
    _read("affected", "affected-bookings", "Bookings to be given to others", affected_bookings, Affected),
    _read("history", "worker-history", "What happened to a worker", worker_history, History),
)

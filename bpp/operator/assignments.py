"""The choice of workers: why somebody was sent, another in the place of who is out, and a district's day at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter

from bpp.actions.events import notify
from bpp.actions.reassign_affected import reassign_affected
from bpp.core.assign_day import assign_day
from bpp.core.world import World
from bpp.operator.auth import STAFF
from bpp.operator.orders import order_at
from bpp.operator.problems import not_found
from bpp.operator.reliefs import Reliefs, reliefs
from bpp.operator.routes import Answer, Body, Call, Route
from bpp.orders.choice import Choice, in_words
from bpp.storage.ports import Work


class RankedView(BaseModel):
    """A worker who could go, with the terms of the rank."""

    worker_id: str
    km: float | None = Field(description="from the worker's registered place, in a straight line")
    jobs_today: int
    jobs_before: int = Field(description="in the seven days before")
    rating: float = Field(description="drawn towards 4 while ratings are few")
    idle_since: datetime | None
    as_wished: bool = Field(description="of the gender asked for, or none was")


class ChoiceView(BaseModel):
    """One choice of workers for a visit, with those who were not chosen and why."""

    at: datetime
    fulfillment_id: str | None = Field(description="the visit; null where a quotation for it was not taken")
    trigger: str = Field(examples=["select"])
    day: date
    district: str | None
    service_ids: list[str]
    gender: str
    gender_required: bool
    named: str = Field(description="the worker whom an operator named, else empty")
    workers: list[str] = Field(description="who goes")
    eligible: int = Field(description="how many could go")
    ranked: list[RankedView] = Field(description="the first of them, best first, and those chosen")
    rejected: dict[str, list[str]] = Field(description="some of the others, each with the conditions that failed")
    failures: dict[str, int] = Field(description="how often each condition failed, among all the others")
    in_words: list[str]


class Choices(BaseModel):
    """All choices for an order, oldest first."""

    items: list[ChoiceView]


class OutReason(Body):
    """Why a worker's bookings go to others."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        description="kept in the timeline of each order; nothing about health or family", examples=["ill"]
    )


class DayRequest(Body):
    """Which visits."""

    district: str = Field(min_length=1, max_length=16, description="LGD code", examples=["162"])
    day: date = Field(description="in Indian time", examples=["2026-12-01"])
    limit: Annotated[int, Field(ge=1, le=500, description="most visits of one call")] = 500
    cursor: str | None = Field(default=None, max_length=64, description="`next` of the call before")


class DayAnswer(BaseModel):
    """What came of it."""

    assigned: int
    unassigned: list[str] = Field(description="references of the orders for whose visit there is nobody")
    evaluations: int = Field(description="how many pairs of visit and worker were looked at")
    next: str | None = Field(description="where to go on; null at the end of the day")


async def get_choices(call: Call, work: Work, world: World) -> Answer:
    """Why which worker was sent."""
    del world
    order = await order_at(call, work)
    visits = {order.slot_ref(one): one.id for one in order.fulfillments}
    return Answer(content=Choices(items=[_shown(one, visits) for one in await work.assignments.of_order(order.ref)]))


async def post_relief(call: Call, work: Work, world: World) -> Answer:
    """All visits of a worker to come get another one, and their buyer apps are told."""
    worker_id = call.path["id"]
    if world.catalog.worker(worker_id) is None:
        raise not_found("worker", worker_id)
    done = await reassign_affected(worker_id, call.body.reason, work, world, by=call.caller.name)
    return Answer(content=reliefs(done.visits), released=done.callbacks)


async def post_run(call: Call, work: Work, world: World) -> Answer:
    """Visits of a day without a worker get one, and their buyer apps are told."""
    asked: DayRequest = call.body
    done = await assign_day(
        asked.district, asked.day, work, world, by=call.caller.name, limit=asked.limit, after=asked.cursor
    )
    sent = [await notify(one, work, world) for one in done.advanced]
    content = DayAnswer(
        assigned=len(done.advanced), unassigned=list(done.unassigned), evaluations=done.evaluations, next=done.after
    )
    return Answer(content=content, released=tuple(one for one in sent if one is not None))


def _shown(one: Choice, visits: Mapping[str, str]) -> ChoiceView:
    return ChoiceView(
        at=one.at,
        fulfillment_id=visits.get(one.slot_ref),
        trigger=one.trigger,
        day=one.day,
        district=one.district,
        service_ids=list(one.service_ids),
        gender=one.gender,
        gender_required=one.gender_required,
        named=one.named,
        workers=list(one.workers),
        eligible=one.eligible,
        ranked=[
            RankedView(
                worker_id=each.worker_id,
                km=each.km,
                jobs_today=each.jobs_today,
                jobs_before=each.jobs_before,
                rating=each.rating,
                idle_since=each.idle_since,
                as_wished=each.as_wished,
            )
            for each in one.ranked
        ],
        rejected={worker: list(names) for worker, names in one.rejected.items()},
        failures=dict(one.failures),
        in_words=in_words(one),
    )


ROUTES = (
    Route(
        method="GET",
        path="/orders/{ref}/assignments",
        name="list-assignments",
        tag="assignment",
        summary="Why which worker was sent, and why others were not",
        handler=get_choices,
        answer=TypeAdapter(Choices),
        problems={404: "no such order"},
    ),
    Route(
        method="POST",
        path="/workers/{id}/reassign",
        name="reassign-worker",
        tag="assignment",
        summary="A worker is out: all visits to come go to others",
        handler=post_relief,
        body=TypeAdapter(OutReason),
        answer=TypeAdapter(Reliefs),
        problems={404: "no such worker", 422: "a field is wrong"},
        roles=STAFF,
    ),
    Route(
        method="POST",
        path="/assignments/run",
        name="run-assignment",
        tag="assignment",
        summary="Workers for the visits of a district's day that have none",
        handler=post_run,
        body=TypeAdapter(DayRequest),
        answer=TypeAdapter(DayAnswer),
        problems={422: "a field is wrong"},
        roles=STAFF,
    ),
)

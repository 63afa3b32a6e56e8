"""When a worker takes jobs: the switch, leave, contracts elsewhere, and whether customers see him or her come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from bpp.console.language import msg
from bpp.console.page import Done, Form, Visit, outcome
from bpp.console.worker.jobs import visits_between
from bpp.console.worker.whose import path_to, worker_at
from bpp.core.world import World
from bpp.operator import workers
from bpp.operator.routes import Body, Call
from bpp.orders.assignment import local_day
from bpp.orders.states import TERMINAL
from bpp.people.model import Role
from bpp.storage.ports import Work
from catalog.availability import engaged, on_leave
from catalog.model import EngagementMode, Worker

CHANGES = {route.name: route.handler for route in workers.ROUTES}
MODES: Mapping[EngagementMode, str] = {
    "government": msg("a government department"),
    "industry": msg("a company or factory"),
    "citizen": msg("a household"),
}
"""Where a worker may be engaged."""
Yes = Literal["yes"]
"""A box that was ticked."""
LOOKED_AHEAD = timedelta(days=92)


class Switch(Form):
    """Whether the worker takes new jobs; without, those that are booked may go to others as well."""

    available: Literal["yes", "no"]
    reassign: Yes | None = None


class LeaveDays(Form):
    """Days away, both included."""

    first: date
    last: date


class LeaveEnds(Form):
    """The leave that begins on a day."""

    first: date


class ContractDays(Form):
    """A contract elsewhere, both days included."""

    mode: EngagementMode
    employer: Annotated[str, Field(max_length=255)]
    first: date
    last: date
    force: Yes | None = None


class ContractEnds(Form):
    """A contract that ends with a day."""

    contract: str
    last: date


class Sharing(Form):
    """Whether customers may be told where about the worker is on the way."""

    share: Literal["yes", "no"]


class SharingAsked(Body):
    """The same as a change of the worker."""

    share: bool


async def read_availability(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """When the worker takes jobs, from today on."""
    worker = await worker_at(visit, work, world)
    today = local_day(world.now)
    booked = await visits_between(worker.id, world.now, world.now + LOOKED_AHEAD, work)
    return {
        "worker": worker,
        "today": today,
        "away": on_leave(worker, today) or engaged(worker, today),
        "leaves": [one for one in worker.leaves if one[1] >= today],
        "contracts": [one for one in worker.engagements if one.until >= today],
        "booked": sorted({local_day(one.slot.start) for _, one in booked if one.stage not in TERMINAL}),
        "modes": MODES,
        "own": visit.person.role is Role.WORKER,
    }


async def switch(visit: Visit, work: Work, world: World) -> Done:
    """Take new jobs, or none until further notice."""
    form: Switch = visit.form
    body = workers.Availability(available=form.available == "yes", reassign=form.reassign is not None)
    return await _change("switch-worker", body, visit, work, world)


async def add_leave(visit: Visit, work: Work, world: World) -> Done:
    """Days away; what is booked on them goes to others."""
    form: LeaveDays = visit.form
    body = workers.Leave(first=form.first, last=form.last, reassign=True)
    return await _change("add-leave", body, visit, work, world)


async def cancel_leave(visit: Visit, work: Work, world: World) -> Done:
    """Not away after all."""
    form: LeaveEnds = visit.form
    return await _change("cancel-leave", workers.LeaveEnd(first=form.first), visit, work, world)


async def engage(visit: Visit, work: Work, world: World) -> Done:
    """A contract elsewhere; what is booked on its days goes to others, where the worker says so."""
    form: ContractDays = visit.form
    body = workers.Contract(
        id=f"E-{world.new_id()}",
        mode=form.mode,
        employer=form.employer,
        first=form.first,
        last=form.last,
        force=form.force is not None,
        reassign=form.force is not None,
    )
    return await _change("engage-worker", body, visit, work, world)


async def end_contract(visit: Visit, work: Work, world: World) -> Done:
    """A contract elsewhere ends early."""
    form: ContractEnds = visit.form
    body = workers.ContractEnd(by="worker", last=form.last)
    return await _change("end-engagement", body, visit, work, world, engagement=form.contract)


async def share(visit: Visit, work: Work, world: World) -> Done:
    """Let customers see where about the worker is on the way, or not any more."""
    form: Sharing = visit.form
    call = visit.call(body=SharingAsked(share=form.share == "yes"), id=visit.path["worker"])
    return outcome(await _share(call, work, world), path_to("availability", visit.path["worker"]))


async def _change(name: str, body: Body, visit: Visit, work: Work, world: World, **path: str) -> Done:
    worker_id = visit.path["worker"]
    call = replace(visit.call(body=body), path={"id": worker_id, **path})
    answer = await CHANGES[name](call, work, world)
    return outcome(answer, path_to("availability", worker_id))


def _shared(worker: Worker, body: SharingAsked, _call: Call, _world: World) -> workers.Done:
    detail = {"shares_location": "yes" if body.share else "no"}
    return workers.Done(replace(worker, shares_location=body.share), detail)


_share = workers.changing("share_location", _shared)

"""Bookings of a worker who is out: each gets another worker, and its buyer app is told; else it is reported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bpp.actions.events import perform
from bpp.core.command import Command
from bpp.core.workforce import bookings_affected
from bpp.core.world import World
from bpp.errors import BppError
from bpp.orders.model import Fulfillment
from bpp.orders.states import BEFORE_START, Actor, Event, IllegalTransition
from bpp.storage.ports import Work
from catalog.model import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """One visit that was somebody's who is out: who goes now, nobody where ``worker_id`` is empty.

    ``problem`` says why it was left as it was.
    """

    ref: str
    fulfillment_id: str
    slot_start: datetime
    worker_id: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """What became of a worker's bookings, order by order, and the numbers of the callbacks enqueued."""

    visits: tuple[Affected, ...]
    callbacks: tuple[int, ...]


async def reassign_affected(
    worker_id: str, reason: str, work: Work, world: World, *, by: str = "", now_is: Worker | None = None
) -> Relief:
    """Give each visit of a worker to come, or under way and not begun, to the next best one, in the caller's unit.

    All of them, or with ``now_is``, the worker as just changed, those that he or she cannot do any more
    (``bookings_affected``): ``world`` may have the catalog as it was before. A visit for which there is nobody is
    PENDING afterwards.
    """
    found = await _visits_of(worker_id, work, world)
    if now_is is not None:
        impossible = {(one.ref, one.fulfillment_id) for one in await bookings_affected(now_is, work, world)}
        found = [one for one in found if one in impossible]
    done: list[Affected] = []
    callbacks: list[int] = []
    for ref, visit_id in found:
        order = await work.orders.get(ref)
        visit = next((one for one in order.fulfillments if one.id == visit_id), None) if order else None
        if order is None or visit is None or not _may_be_relieved(visit, worker_id):
            continue
        command = Command(
            event=Event.REASSIGN,
            actor=Actor.SELLER,
            by=by,
            worker_id=worker_id,
            fulfillment_id=visit.id,
            reason=reason,
        )
        one = Affected(ref=ref, fulfillment_id=visit.id, slot_start=visit.slot.start)
        try:
            performed = await perform(order, command, work, world)
        except (BppError, IllegalTransition) as problem:
            done.append(replace(one, problem=str(problem)))
            continue
        if performed.callback_seq is not None:
            callbacks.append(performed.callback_seq)
        now = next(each for each in performed.advanced.order.fulfillments if each.id == visit.id)
        done.append(replace(one, worker_id=now.assignee.worker_id if now.assignee else ""))
    return Relief(visits=tuple(done), callbacks=tuple(callbacks))


async def _visits_of(worker_id: str, work: Work, world: World) -> list[tuple[str, str]]:
    """Order and visit of each booking that is not over, in one order for everybody, so that no two wait crosswise."""
    refs = await work.slots.booked_of(worker_id, world.now)
    orders = sorted({await work.assignments.order_of(ref) for ref in refs})
    found = []
    for ref in orders:
        order = await work.orders.get(ref)
        if order is not None:
            found += [(ref, one.id) for one in order.fulfillments if order.slot_ref(one) in refs]
    return found


def _may_be_relieved(visit: Fulfillment, worker_id: str) -> bool:
    team = {one.worker_id for one in (visit.assignee, *visit.crew) if one}
    return worker_id in team and visit.stage in BEFORE_START

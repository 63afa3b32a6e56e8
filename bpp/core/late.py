"""Late: when a worker who has not set off counts as late, and the durable timer that looks then (decision 16)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bpp.core.world import World
from bpp.orders.model import Fulfillment, Order
from bpp.orders.states import Stage
from bpp.storage.ports import Timer, Work


def overdue(order: Order, world: World) -> Fulfillment | None:
    """The visit whose worker should have set off by now and has not; of several the one that became late last."""
    due = {deadline: visit for visit in order.fulfillments if (deadline := _deadline(order, visit, world))}
    late = [deadline for deadline in due if deadline <= world.now]
    return due[max(late)] if late else None


async def watch(before: Order | None, now: Order, work: Work, world: World) -> None:
    """Set the timer of an order anew where its next deadline is another than ``before``."""
    was = _next(before, world) if before else None
    due = _next(now, world)
    if due == was:
        return
    if due is None:
        await work.timers.cancel("late", now.ref)
    else:
        await work.timers.set(timer_at(now, due))


async def watch_next(order: Order, work: Work, world: World) -> None:
    """Set the timer for the deadline after this one."""
    if due := _next(order, world):
        await work.timers.set(timer_at(order, due))


def timer_at(order: Order, due: datetime) -> Timer:
    """The timer for a deadline; its serial, the minute, tells it from one that was claimed before."""
    return Timer(kind="late", subject=order.ref, due_at=due, serial=int(due.timestamp()) // 60)


def _next(order: Order, world: World) -> datetime | None:
    deadlines = (_deadline(order, visit, world) for visit in order.fulfillments)
    return min((one for one in deadlines if one and one > world.now), default=None)


def _deadline(order: Order, visit: Fulfillment, world: World) -> datetime | None:
    """The grace after the slot's start; after the sending of a worker who was sent later than that."""
    grace: timedelta | None = world.rules.late_grace
    if grace is None or not order.accepted or visit.stage is not Stage.ASSIGNED:
        return None
    return max(visit.slot.start, visit.sent_at or visit.slot.start) + grace

"""What durable timers were set for, each done in one unit of work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bpp.actions.events import notify
from bpp.actions.grievances import issue_due
from bpp.actions.settlement_run import settlement_due
from bpp.core.command import Advanced, Command
from bpp.core.give_up import decline
from bpp.core.otp import renew_lapsed
from bpp.core.projects import project_due
from bpp.core.reassign import relieve_late
from bpp.core.requote import expire_quotes
from bpp.core.world import World
from bpp.orders.reasons import NOT_ANSWERED
from bpp.orders.states import TERMINAL, Actor, Event
from bpp.storage.ports import Timer, TimerKind, Work

DUE: Mapping[TimerKind, Callable[[Timer, Work, World], Awaitable[int | None]]] = {
    "project": project_due,
    "issue": issue_due,
    "settlement": settlement_due,
}
"""What is done at the time of timers that are not of orders; the number of the message that is sent, if one is."""


async def timer_due(timer: Timer, work: Work, world: World) -> int | None:
    """Do what a durable timer was set for; one that is out of date does nothing."""
    if timer.kind in DUE:
        return await DUE[timer.kind](timer, work, world)
    order = await work.orders.get(timer.subject)
    if order is None:
        await work.timers.cancel(timer.kind, timer.subject)
        return None
    advanced: Advanced | None = None
    match timer.kind:
        case "otp":
            advanced = await renew_lapsed(order, timer.serial, work, world)
        case "acceptance":
            if not order.accepted and order.visit.stage not in TERMINAL:
                command = Command(event=Event.DECLINE, actor=Actor.SYSTEM, by="timer", reason=NOT_ANSWERED)
                advanced = await decline(order, command, work, world)
        case "quote":
            command = Command(event=Event.EXPIRE_QUOTE, actor=Actor.SYSTEM, by="timer")
            advanced = await expire_quotes(order, command, work, world)
        case "late":
            advanced = await relieve_late(order, work, world)
    if advanced is None:  # a newer timer of the same subject stays
        await work.timers.cancel(timer.kind, timer.subject, timer.serial)
        return None
    return await notify(advanced, work, world)

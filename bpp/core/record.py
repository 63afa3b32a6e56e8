"""A changed order with the event that changed it and its postings: written together, by everybody who changes one."""

from __future__ import annotations

from dataclasses import replace

from bpp.core.accounts import settle
from bpp.core.command import Command
from bpp.core.world import World
from bpp.orders.model import Fulfillment, Order
from bpp.storage.ports import OrderEvent, Work
from catalog.moments import later_than


def with_visit(order: Order, visit: Fulfillment, world: World) -> Order:
    """The order with one fulfillment changed, and a later ``updated_at``."""
    return touched(
        replace(order, fulfillments=tuple(visit if one.id == visit.id else one for one in order.fulfillments)), world
    )


def touched(order: Order, world: World) -> Order:
    """The order with a later ``updated_at``."""
    return replace(order, updated_at=later_than(order.updated_at, world.now))


async def save(
    changed: Order, before: Order, command: Command, work: Work, world: World, *, visit_id: str = "", **more: str
) -> Order:
    """Store a changed order with the event that changed it; ``more`` are further details of the event.

    ``visit_id`` names the visit that it happened to, where that is not the one under way.
    """
    was = next((one for one in before.fulfillments if one.id == visit_id), before.visit)
    now = next(one for one in changed.fulfillments if one.id == was.id)
    assignee = now.assignee
    detail = {
        "by": command.by,
        "reason": command.reason,
        "note": command.note,
        "override": command.override,
        "worker_id": assignee.worker_id if assignee else "",
        **more,
    }
    event = OrderEvent(
        at=world.now,
        ref=before.ref,
        fulfillment_id=was.id,
        event=command.event,
        actor=command.actor,
        source=was.stage,
        target=now.stage,
        detail={name: value for name, value in detail.items() if value},
    )
    await work.orders.record(event)
    return await store(changed, before, work, world)


async def store(changed: Order, before: Order, work: Work, world: World) -> Order:
    """Store a changed order, and in the books what the change means."""
    return await work.orders.save(await settle(before, changed, work, world))

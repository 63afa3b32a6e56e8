"""Locate: where a worker on the way is, as the worker's telephone reports it. Not an event of the order.

Only the last position is kept, already coarse, until the worker arrives or the order is given up. It sends nothing,
changes no time of the order and leaves no trace in its life.

Besides what was agreed when the worker was sent, it counts what he or she agrees to now: the word can be taken back at
any time (Digital Personal Data Protection Act 2023, section 6(4)).
"""

from __future__ import annotations

from dataclasses import replace

from bpp.core.world import World
from bpp.orders.model import Fulfillment, Order, Whereabouts
from bpp.orders.tracking import coarse, told, unfollowed
from bpp.storage.ports import Work
from catalog.model import Gps


class NotFollowed(Exception):
    """This worker may not be followed now; the text says why."""


async def locate(order: Order, gps: Gps, work: Work, world: World) -> Order:
    """Keep where about the worker of the visit under way is. Raises NotFollowed where nobody may be told."""
    visit = order.visit
    if reason := unfollowed(order.seller, visit):
        raise NotFollowed(reason)
    if not _agrees(visit, world):
        raise NotFollowed("the worker does not share any more where he or she is")
    seen = replace(visit, whereabouts=Whereabouts(gps=coarse(gps), at=world.now))
    changed = replace(order, fulfillments=tuple(seen if one.id == visit.id else one for one in order.fulfillments))
    return await work.orders.save(changed)


def whereabouts(order: Order, world: World) -> Whereabouts | None:
    """Where about the worker on the way is, as far as a buyer is told; None where there is nothing to follow."""
    return told(order.seller, order.visit, world.now) if _agrees(order.visit, world) else None


def _agrees(visit: Fulfillment, world: World) -> bool:
    worker = world.catalog.worker(visit.assignee.worker_id) if visit.assignee else None
    return worker is not None and worker.shares_location

"""Locate: where a worker on the way is, as the worker's telephone reports it. Not an event of the order.

Only the last position is kept, already coarse, until the worker arrives, the order is given up or a report
finds that the word was taken back. It sends nothing, changes no time of the order and leaves no trace in its life.

Besides what was agreed when the worker was sent, it counts what the provider and the worker agree to now: the word can
be taken back at any time (Digital Personal Data Protection Act 2023, section 6(4)).
"""

from __future__ import annotations

from dataclasses import replace

from bpp.core.record import store
from bpp.core.world import World
from bpp.orders.model import Fulfillment, Order
from bpp.orders.tracking import coarse, told, unfollowed
from bpp.orders.whereabouts import Whereabouts
from bpp.storage.ports import Work
from catalog.model import Gps


async def locate(order: Order, gps: Gps, work: Work, world: World) -> str:
    """Keep where about the worker of the visit under way is; or the reason why nobody may be told, empty where kept.

    A reason is no exception: what was kept while it still might be is erased with it.
    """
    visit = order.visit
    reason = not_told(order, world)
    seen = None if reason else Whereabouts(gps=coarse(gps), at=world.now)
    if seen != visit.whereabouts:
        await store(_seen(order, visit, seen), order, work, world)
    return reason


def not_told(order: Order, world: World) -> str:
    """Why nobody may be told now where the worker of the visit under way is; empty where a buyer may."""
    return unfollowed(order.seller, order.visit) or _taken_back(order, world)


def whereabouts(order: Order, world: World) -> Whereabouts | None:
    """Where about the worker on the way is, as far as a buyer is told; None where there is nothing to follow."""
    return None if _taken_back(order, world) else told(order.seller, order.visit, world.now)


def _taken_back(order: Order, world: World) -> str:
    """Who does not agree any more that a worker is followed; empty where both do."""
    assignee = order.visit.assignee
    worker = world.catalog.worker(assignee.worker_id) if assignee else None
    if worker is None or not worker.shares_location:
        return "the worker does not share any more where he or she is"
    provider = world.catalog.providers.get(order.seller.provider_id)
    if provider is None or not provider.tracking:
        return "the provider does not let its workers be followed any more"
    return ""


def _seen(order: Order, visit: Fulfillment, seen: Whereabouts | None) -> Order:
    changed = replace(visit, whereabouts=seen)
    return replace(order, fulfillments=tuple(changed if one.id == visit.id else one for one in order.fulfillments))

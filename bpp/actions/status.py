"""status and track: questions that change nothing."""

from __future__ import annotations

from beckn_schemas.requests import StatusMessage, TrackMessage
from bpp.actions.contract import Json, Outcome, Reply, Request
from bpp.actions.on_order import on_status
from bpp.actions.reading import confirm_under_way, order_of
from bpp.core.locate import whereabouts
from bpp.core.world import World
from bpp.storage.ports import Work
from catalog.moments import wire_time


async def status(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_status: the order as it is now."""
    message: StatusMessage = request.message
    order = await order_of(message.order_id, request, work)
    error = await confirm_under_way(order, work)
    return on_status(order, world, error)


async def track(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_track: where about the worker on the way is, or that there is nothing to follow (assertion 55)."""
    message: TrackMessage = request.message
    order = await order_of(message.order_id, request, work)
    seen = whereabouts(order, world)
    tracking: Json = {"id": order.visit.id, "status": "inactive"}
    if seen is not None:
        location = {"gps": str(seen.gps), "updated_at": wire_time(seen.at)}
        tracking = {**tracking, "status": "active", "location": location}
    error = await confirm_under_way(order, work)
    return Reply(message={"tracking": tracking}, error=error, order_ref=order.ref)

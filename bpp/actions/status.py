"""status, track and support: questions that change nothing."""

from __future__ import annotations

from beckn_schemas.requests import StatusMessage, SupportMessage, TrackMessage
from bpp.actions.contract import Outcome, Reply, Request
from bpp.actions.on_order import on_status
from bpp.actions.reading import confirm_under_way, order_of
from bpp.core.world import World
from bpp.storage.ports import Work


async def status(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_status: the order as it is now."""
    message: StatusMessage = request.message
    order = await order_of(message.order_id, request, work)
    error = await confirm_under_way(order, work)
    return on_status(order, world, error)


async def track(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_track. No fulfillment of ours is tracked, as ``tracking: false`` says: inactive."""
    del world
    message: TrackMessage = request.message
    order = await order_of(message.order_id, request, work)
    tracking = {"id": order.visit.id, "status": "inactive"}
    error = await confirm_under_way(order, work)
    return Reply(message={"tracking": tracking}, error=error, order_ref=order.ref)


async def support(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_support: the helpline, for any reference."""
    message: SupportMessage = request.message
    wanted = message.support
    identity = world.identity
    contact = {"phone": identity.support_phone, "email": identity.support_email}
    reference = {"ref_id": wanted.ref_id} if wanted.ref_id else {}
    order = await work.orders.by_network_id(request.context.bap_id, wanted.ref_id) if wanted.ref_id else None
    url = f"{identity.subscriber_uri.rstrip('/')}/support"
    return Reply(message={"support": {**reference, **contact, "url": url}}, order_ref=order.ref if order else "")

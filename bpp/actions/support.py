"""support: whom to call, and a wish to be called back."""

from __future__ import annotations

from beckn_schemas.requests import SupportMessage
from bpp.actions.contract import Outcome, Reply, Request
from bpp.core.help import ask_for_call
from bpp.core.world import World
from bpp.storage.ports import Work


async def support(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_support: the helpline, for any reference.

    With the id of an order of this buyer app, a ``callback_phone`` is noted for the call centre. For another id it is
    not kept, and the answer is the same, so that nobody learns from it whose orders there are (assertion 36).
    """
    message: SupportMessage = request.message
    wanted = message.support
    identity = world.identity
    contact = {"phone": identity.support_phone, "email": identity.support_email}
    reference = {"ref_id": wanted.ref_id} if wanted.ref_id else {}
    order = await work.orders.by_network_id(request.context.bap_id, wanted.ref_id) if wanted.ref_id else None
    if order is not None and order.forgotten_at is None and wanted.callback_phone:
        await ask_for_call(order, wanted.callback_phone, work, world)
    url = f"{identity.subscriber_uri.rstrip('/')}/support"
    return Reply(message={"support": {**reference, **contact, "url": url}}, order_ref=order.ref if order else "")

"""rating: the buyer's word on a completed order."""

from __future__ import annotations

from beckn_schemas.requests import RatingMessage
from bpp.actions.contract import Outcome, Reply, Request
from bpp.core.rate import GivenRating, Teller, rate
from bpp.core.world import World
from bpp.errors import BusinessError, OrderNotFound
from bpp.storage.ports import OrderFilter, Work


async def rating(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_rating. The order is the transaction's: a rating names subjects, not orders."""
    message: RatingMessage = request.message
    context = request.context
    which = OrderFilter(bap_id=context.bap_id, transaction_id=context.transaction_id, limit=1)
    rows = await work.orders.find(which)
    order = await work.orders.get(rows[0].ref) if rows else None
    if order is None:
        raise OrderNotFound("no order in this transaction", path="context.transaction_id")
    given = tuple(GivenRating(category=one.rating_category, subject=one.id, value=one.value) for one in message.ratings)
    teller = Teller(kind="ondc", by=context.bap_id)
    try:
        await rate(order, given, teller, work, world)
    except BusinessError as error:
        return Reply(message={}, error=error, order_ref=order.ref)
    return Reply(message={}, order_ref=order.ref)

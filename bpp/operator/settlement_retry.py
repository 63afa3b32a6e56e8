"""Filing again what the agency did not settle, once people have put right what was wrong."""

from __future__ import annotations

from pydantic import TypeAdapter

from bpp.core.settlements import renewed
from bpp.core.world import World
from bpp.operator.money_fields import MONEY_ROLES
from bpp.operator.routes import Answer, Call, Nothing, Route
from bpp.operator.settlement_models import SettlementView
from bpp.operator.settlement_views import settlement_view
from bpp.operator.settlements import PROBLEMS, out_of_order, settlement_at
from bpp.orders.assignment import local_day
from bpp.settlement import moves
from bpp.settlement.states import OutOfOrder
from bpp.storage.ports import Work


async def post_retry(call: Call, work: Work, world: World) -> Answer:
    """File it again in the next run, by the books as they are now.

    For codes that no automatic step helps against, and for what a silent buyer app leaves in reconciliation.
    """
    await work.settlements.lock()
    one = await renewed(await settlement_at(call, work), work, world)
    try:
        after = moves.retried(one, local_day(world.now), world.now)
    except OutOfOrder as problem:
        raise out_of_order(problem) from problem
    await work.settlements.save(after)
    return Answer(content=settlement_view(after, world))


ROUTES = (
    Route(
        method="POST",
        path="/settlements/{settlement}/retry",
        name="retry-settlement",
        tag="settlement",
        summary="File it again in the next run, once what was wrong is put right",
        handler=post_retry,
        body=TypeAdapter(Nothing),
        answer=TypeAdapter(SettlementView),
        problems=PROBLEMS,
        roles=MONEY_ROLES,
    ),
)

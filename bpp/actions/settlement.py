"""recon, on_recon, on_settle and on_report: what buyer apps and the settlement agency say of money (network.md 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from beckn_schemas.base import SchemaViolation, parse_timestamp
from beckn_schemas.rsf_codes import OUT_OF_ORDER
from bpp.actions.contract import Outcome, Reply, Request, Silence
from bpp.core.settlements import not_asked, not_filed, orders_between, prepared, take_answer
from bpp.core.world import World
from bpp.settlement import moves
from bpp.settlement.errors import ReconOrderUnknown, SettlementInvalid, SettlementMessageUnknown, error_of
from bpp.settlement.judge import OrderVerdict, check_known, judge_on_recon, judge_recon
from bpp.settlement.model import Refused, Settlement
from bpp.settlement.wire import on_recon_message, read_answer, read_recon
from bpp.storage.ports import Callback, Work
from catalog.moments import later_than

T = TypeVar("T")


async def recon(request: Request, work: Work, world: World) -> Outcome:
    """A buyer app compares: each order is judged by our books, and answered with whether we agree."""
    context = request.context
    said = _read(lambda: read_recon(request.message.recon))
    await work.settlements.lock()
    orders = await orders_between(context.bap_id, [one.order_id for one in said], work)
    try:
        check_known(said, orders)
    except Refused as refused:
        raise ReconOrderUnknown(f"{refused.expected} is expected", path=refused.path) from refused
    books = {order_id: await prepared(order, work, world) for order_id, order in orders.items()}
    verdicts = judge_recon(said, books)
    for verdict in verdicts:
        await _heard(verdict, work, world)
    at = later_than(parse_timestamp(request.original["context"]["timestamp"]), world.now)
    return Reply(message=on_recon_message(verdicts, at, world.rules.settlement.meaning), updated_at=at)


async def _heard(verdict: OrderVerdict, work: Work, world: World) -> None:
    """What a recon makes of our settlements; of several lines that mean the same one, the last."""
    changed: dict[str, Settlement] = {}
    for found in verdict.compared:
        if found.settlement is not None:
            changed[found.settlement.id] = moves.compared(found, verdict, world.now)
    for one in changed.values():
        await work.settlements.save(one)


async def on_recon(request: Request, work: Work, world: World) -> Outcome:
    """A buyer app's answer to a recon of ours: agreed, or refused with what it has; or an error alone."""
    context, message = request.context, request.message
    await work.settlements.lock()
    asked = await work.settlements.of_recon(context.bap_id, context.message_id)
    if not asked:
        raise SettlementMessageUnknown("the message_id of a recon of ours is expected", path="context.message_id")
    if message.recon is None:
        await not_asked(context.bap_id, context.message_id, message.error.code, work, world)
        return Silence()
    said = _read(lambda: read_recon(message.recon))
    books = await _books_of(asked, work)
    try:
        answers = judge_on_recon(said, context.message_id, books)
    except Refused as refused:
        raise error_of(refused) from refused
    for answer in answers:
        await work.settlements.save(moves.told(answer, world.now))
    return Silence()


async def _books_of(asked: Sequence[Settlement], work: Work) -> Mapping[str, Sequence[Settlement]]:
    refs = {one.order_id: one.ref for one in asked}
    return {order_id: await work.settlements.of_order(ref) for order_id, ref in refs.items()}


async def on_settle(request: Request, work: Work, world: World) -> Outcome:
    """The agency's word on a settle, asked for or not: judged against what was filed, and posted where money moved."""
    context = request.context
    said = _read(lambda: read_answer(request.message, context.transaction_id, context.message_id))
    try:
        await take_answer(said, request.sender, work, world)
    except Refused as refused:
        raise error_of(refused) from refused
    return Silence()


async def settle_refused(callback: Callback, code: str, work: Work, world: World) -> None:
    """The agency refused a settle of ours, by a code, or could not be reached (no code)."""
    await not_filed(callback.message_id, code or OUT_OF_ORDER, work, world)


async def recon_refused(callback: Callback, code: str, work: Work, world: World) -> None:
    """A buyer app refused a recon of ours, by a code, or could not be reached (no code)."""
    await not_asked(callback.peer, callback.message_id, code, work, world)


def _read(reading: Callable[[], T]) -> T:
    """What is said; raises SettlementInvalid (70002) for an amount that is none."""
    try:
        return reading()
    except SchemaViolation as problem:
        raise SettlementInvalid(f"{problem.expected} is expected", path=problem.path) from problem

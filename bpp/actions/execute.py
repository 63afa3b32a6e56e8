"""Each message once: recorded, handled and answered in one unit of work; what a delivery causes, likewise.

The theory. A message, its effect and the callback that answers it are committed together, and the ACK follows the
commit (ADR 1). So an ACK is never a lie: after a crash there is either everything or nothing, and in the second case
the sender, who has no ACK, sends again. A repeated message is acknowledged again and makes the stored callback due
again, byte for byte; the same ids with another body are refused (decision 4). Only acknowledged messages count as
seen.

``search`` alone is handled before the unit, on a connection that cannot write: it changes nothing, takes the longest,
and is by far the most frequent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import orjson
import structlog

from beckn_schemas.ack import ack
from beckn_schemas.context import MOST_AHEAD
from bpp.actions.cancel import cancel
from bpp.actions.confirm import confirm
from bpp.actions.contract import Handler, Outcome, Reply, Request, Silence
from bpp.actions.dialects import Heard, hear, learn
from bpp.actions.init import init
from bpp.actions.issue import issue, issue_status, on_issue
from bpp.actions.on_search import without_faulty
from bpp.actions.outgoing import Addressee, Dispatch, InvalidCallback, callback_for
from bpp.actions.rating import rating
from bpp.actions.schedule import KIND_OF, SCHEDULES
from bpp.actions.search import search
from bpp.actions.select import select
from bpp.actions.settlement import on_recon, on_settle, recon
from bpp.actions.status import status, track
from bpp.actions.support import support
from bpp.actions.update import update
from bpp.core.catalogs import Worlds
from bpp.core.world import World
from bpp.domains.sightings import Sighting
from bpp.errors import BusinessError, StaleRequest
from bpp.storage.ports import Arrival, LogEntry, MessageKey, NewCallback, Seen, Storage, Work
from bpp.tracing import Exchange

log = structlog.get_logger(__name__)


ACTIONS: Mapping[str, Handler] = {
    "search": search,
    "select": select,
    "init": init,
    "confirm": confirm,
    "status": status,
    "track": track,
    "cancel": cancel,
    "update": update,
    "rating": rating,
    "support": support,
    "issue": issue,
    "issue_status": issue_status,
    "on_issue": on_issue,
    "on_issue_status": on_issue,
    "recon": recon,
    "on_recon": on_recon,
    "on_settle": on_settle,
    "on_report": on_settle,
}
READ_ONLY = frozenset({"search"})
ACKED = orjson.dumps(ack())
Handled = tuple[Outcome, World, Heard]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An authenticated, typed message with its exact bytes. ``signature`` is kept as evidence."""

    request: Request
    body: bytes
    digest: str
    signature: str

    @property
    def key(self) -> MessageKey:
        """What identifies the message."""
        context = self.request.context
        return MessageKey(
            bap_id=self.request.sender,
            transaction_id=context.transaction_id,
            message_id=context.message_id,
            action=context.action,
        )

    @property
    def exchange(self) -> Exchange:
        """What it has in common with its callback."""
        key = self.key
        return Exchange(
            subscriber=key.bap_id,
            transaction_id=key.transaction_id,
            message_id=key.message_id,
            action=key.action,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How messages are taken: ``fresh`` refuses what is older than its ttl, ``grace`` keeps callbacks behind ACKs."""

    fresh: bool
    skew: timedelta
    grace: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """What came of a message: the number of the callback that answers it, if one does already.

    ``shown`` is what it showed of its sender's dialect; nothing for a repetition. ``order_ref`` is for the log;
    ``again``: it was one.
    """

    callback_seq: int | None
    order_ref: str = ""
    again: bool = False
    shown: tuple[Sighting, ...] = ()


async def execute_once(received: Received, storage: Storage, worlds: Worlds, policy: Policy) -> Executed:
    """Handle a message in one transaction, if it was not handled before.

    Raises ProtocolError for what leaves as a NACK; then nothing of it was stored.
    """
    key = received.key
    handler = ACTIONS[key.action]
    looks = key.action in READ_ONLY
    found = await storage.look(lambda work: _look_up(received, handler, work, worlds)) if looks else None

    async def unit(work: Work) -> Executed:
        known = await work.messages.arrival(key)
        world = await _world_of(received, known, work, worlds)
        if known.seen is not None:
            return Executed(callback_seq=await _repeated(received, known.seen, work, world, policy), again=True)
        _check_time(received.request, world, policy)
        # A catalog is true of the moment at which it was read: it bears that time, not the unit's.
        outcome, then, heard = found or await _handle(handler, received.request, known, work, world)
        await learn(heard, work, world)
        seq = await _answer(received.request, outcome, work, then, policy)
        await work.messages.accept(key, received.digest, world.now, seq)
        if isinstance(outcome, Silence) and outcome.unserved is not None:
            await work.demand.count(outcome.unserved)
        if known.failing:
            await work.outbox.peer_well(key.bap_id)
        await work.messages.log(_entry(received, outcome, world))
        ref = outcome.order_ref if isinstance(outcome, Reply) else ""
        return Executed(callback_seq=seq, order_ref=ref, shown=heard.shown)

    return await storage.run(unit)


async def _look_up(received: Received, handler: Handler, work: Work, worlds: Worlds) -> Handled | None:
    known = await work.messages.arrival(received.key)
    if known.seen is not None:
        return None
    world = await _world_of(received, known, work, worlds)
    return await _handle(handler, received.request, known, work, world)


async def _world_of(received: Received, known: Arrival, work: Work, worlds: Worlds) -> World:
    return await worlds.at(known.versions, work, received.request.context.timestamp)


async def _handle(handler: Handler, request: Request, known: Arrival, work: Work, world: World) -> Handled:
    """The handler's outcome; a business refusal that it raised becomes a reply with nothing but the error."""
    heard = await hear(request if known.search is None else replace(request, search=known.search), work, world)
    try:
        return await handler(heard.request, work, world), world, heard
    except BusinessError as error:
        return Reply(error=error), world, heard


async def _answer(request: Request, outcome: Outcome, work: Work, world: World, policy: Policy) -> int | None:
    if not isinstance(outcome, Reply):
        return None
    try:
        callback = _callback(request, outcome, world, policy)
    except InvalidCallback as problem:
        rest = without_faulty(outcome.message or {}, problem.violations) if request.context.action == "search" else None
        if rest is None:
            raise
        log.error("providers_left_out", reason=str(problem)[:500])  # noqa: TRY400  no traceback of a whole catalog
        callback = _callback(request, replace(outcome, message=rest), world, policy)
    return await work.outbox.enqueue(callback)


def _callback(request: Request, reply: Reply, world: World, policy: Policy) -> NewCallback:
    action = f"on_{request.context.action}"
    kind = KIND_OF[action]
    return callback_for(
        reply,
        Addressee.of_request(request),
        action,
        request.context.message_id,
        world.identity,
        Dispatch(kind=kind, now=world.now, grace=policy.grace, window=SCHEDULES[kind].window),
        after=request.context.timestamp,
    )


async def _repeated(received: Received, seen: Seen, work: Work, world: World, policy: Policy) -> int | None:
    if seen.digest != received.digest:
        raise StaleRequest("this message_id was used for another body", path="context.message_id")
    if seen.callback_seq is not None:
        window = SCHEDULES[KIND_OF[f"on_{received.key.action}"]].window
        await work.outbox.again(seen.callback_seq, world.now + policy.grace, world.now + window)
    log.info("message_repeated")
    return seen.callback_seq


def _check_time(request: Request, world: World, policy: Policy) -> None:
    """Raise StaleRequest for a message of the future, and where freshness is on for one older than its ttl."""
    context = request.context
    if context.timestamp > world.now + MOST_AHEAD:
        raise StaleRequest("a time that is not in the future is expected", path="context.timestamp")
    if policy.fresh and context.timestamp + context.lifetime + policy.skew < world.now:
        raise StaleRequest("the message is older than its ttl", path="context.timestamp")


def _entry(received: Received, outcome: Outcome, world: World) -> LogEntry:
    key = received.key
    return LogEntry(
        at=world.now,
        direction="in",
        peer=key.bap_id,
        action=key.action,
        transaction_id=key.transaction_id,
        message_id=key.message_id,
        body=received.body,
        digest=received.digest,
        answer=ACKED,
        http_status=200,
        outcome="ACK",
        reason=type(outcome).__name__,
        signature=received.signature,
        order_ref=outcome.order_ref if isinstance(outcome, Reply) else "",
    )

"""The delivery loop: one task that claims due callbacks and timers, and delivers many at once.

The theory. A row is claimed by a lease: whoever holds it delivers, and if that process dies the lease ends and another
takes the row. So each callback goes out at least once, with the same bytes and the same message_id each time, and a
fresh signature (ADR 3). Of a lane, the callbacks of one transaction, only the first is ever claimed, so they arrive in
order. A callback that has just been stored waits for its ACK to be written; ``release`` says that it was, and the due
time is only the fallback for a crash (ADR 2). A peer that cannot be reached rests, longer each time, and is well again
at its first answer or its first valid request; what waits for it costs nobody else anything.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

import structlog

from bpp.actions.follow_ups import FOLLOW_UPS
from bpp.actions.timers import timer_due
from bpp.bounded import Recent
from bpp.core.catalogs import Worlds
from bpp.core.tickets import texts_due
from bpp.delivery.limits import Limits, Signer
from bpp.delivery.policy import SLOW, RetryAt, Verdict, cut_short, ended, holds_up, judge, rest_until, room_for
from bpp.delivery.record import KINDS, STATES, VERDICTS, attempt_of, entry_of, exchange_of
from bpp.logs import bound, peers_id
from bpp.metrics import Metrics
from bpp.network.outcome import Acked, Outcome, Unreachable
from bpp.network.sms import Sender
from bpp.network.transport import Transport
from bpp.storage.ports import Callback, Storage, Timer, Work
from bpp.tracing import Traces

log = structlog.get_logger(__name__)
MOST_RELEASED = 1_000  # as many as one statement of the database may well name
MOST_TIMERS, MOST_FAILING = 20, 1_000  # peers that held us up last, as this process knows
RELEASE_KEPT = timedelta(seconds=5)  # longer than any grace: after that a callback's own due time does


class DeliveryLoop:
    """Delivers what is in the outbox and does what timers were set for, until stopped."""

    def __init__(
        self,
        *,
        storage: Storage,
        transport: Transport,
        signer: Signer,
        worlds: Worlds,
        clock: Callable[[], datetime],
        limits: Limits | None = None,
        metrics: Metrics | None = None,
        traces: Traces | None = None,
        sender: Sender | None = None,
    ) -> None:
        """Nothing runs before ``run``. ``sender`` takes the text messages that timers lead to."""
        self._metrics = metrics or Metrics()
        self._traces = traces
        self._sender = sender
        self._storage = storage
        self._transport = transport
        self._signer = signer
        self._worlds = worlds
        self._clock = clock
        self._limits = limits or Limits()
        self._released: dict[int, datetime] = {}
        self._in_flight: Counter[str] = Counter()
        self._under_way: set[int] = set()
        self._look_at = 0.0  # by a clock that nobody sets
        self._due_at: datetime | None = None
        self._backlog = False
        self._failing: Recent[str, bool] = Recent(MOST_FAILING)
        self._wake = asyncio.Event()
        self._stopping = False
        self._cut = False
        self._firing = 0

    def release(self, seq: int | None) -> None:
        """The ACK that a callback must not overtake has been written; or a callback without one was stored."""
        if seq is None:
            self._look_at = 0.0
        elif len(self._released) < MOST_RELEASED:  # else its due time is soon enough
            self._released[seq] = self._clock()
        self._wake.set()

    def wake(self) -> None:
        """Look now what is due: another process has made way for something, or it may have."""
        self.release(None)

    def stop(self) -> None:
        """Claim nothing more; ``run`` returns when what is under way has ended."""
        self._stopping = True
        self._wake.set()

    def cut(self) -> None:
        """What is under way is broken off: its peers are not to blame, and it is due again at once."""
        self._cut = True

    async def run(self) -> None:
        """Deliver until stopped. A database that does not answer is tried again at the next turn."""
        async with asyncio.TaskGroup() as tasks:
            while not self._stopping:
                self._wake.clear()
                try:
                    await self._turn(tasks)
                    pause = self._pause()
                except Exception:
                    log.exception("delivery_turn_failed")
                    pause = self._limits.idle
                await _wait(self._wake, pause)

    async def _turn(self, tasks: asyncio.TaskGroup) -> None:
        """Begin whatever may go out now. Only at its times, or behind a backlog, the database is asked what is due."""
        if self._backlog or self._pause() <= timedelta():
            await self._look(tasks)
        most, each = self._limits.at_once, self._limits.per_peer
        while (self._backlog or self._released) and not self._stopping:
            room, busy = room_for(self._in_flight, self._failing, at_once=most, per_peer=each)
            claimed = await self._claim(room, busy, due=self._backlog) if room > 0 else []
            for callback in claimed:
                self._in_flight[callback.peer] += 1
                self._under_way.add(callback.seq)
                tasks.create_task(self._deliver(callback))
            if len(claimed) < max(room, 1):
                break

    async def _claim(self, room: int, busy: Collection[str], *, due: bool) -> list[Callback]:
        """Lease what was released here, and with ``due`` what else is due, but for peers that have enough."""
        released, now = tuple(self._released), self._clock()
        lease, under_way = self._limits.lease, tuple(self._under_way)
        claimed = await self._storage.run(
            lambda work: work.outbox.claim(now, lease, room, released, busy, due=due, under_way=under_way)
        )
        # What waits for room, or for the callback before it in its lane, is released still.
        done = {one.seq for one in claimed}
        kept = self._released.items()
        self._released = {seq: at for seq, at in kept if seq not in done and now - at < RELEASE_KEPT}
        return list(claimed)

    async def _look(self, tasks: asyncio.TaskGroup) -> None:
        """Do what timers were set for, and see when to look again: when something is due, at the latest when idle."""
        self._look_at = time.monotonic() + self._limits.idle.total_seconds()
        now = self._clock()
        callback_due, timer_due_at = await self._storage.look(lambda work: _next_due(work, now))
        room = MOST_TIMERS - self._firing
        if timer_due_at is not None and timer_due_at <= now and room > 0:
            for timer in await self._storage.run(lambda work: work.timers.claim(now, self._limits.lease, room)):
                self._firing += 1
                tasks.create_task(self._fire(timer))
        self._backlog = callback_due is not None and callback_due <= now
        self._due_at = min((due for due in (callback_due, timer_due_at) if due and due > now), default=None)

    def _pause(self) -> timedelta:
        """How long to sleep when nobody wakes us: however the clock is set, not longer than when idle."""
        idle = timedelta(seconds=self._look_at - time.monotonic())
        return max(timedelta(), min(idle, self._due_at - self._clock()) if self._due_at else idle)

    async def _deliver(self, callback: Callback) -> None:
        """One attempt, told of in the log by whose it is."""
        with bound(
            action=callback.action,
            subscriber=callback.peer,
            transaction_id=peers_id(callback.transaction_id),
            message_id=peers_id(callback.message_id),
            order_ref=callback.order_ref,
        ):
            await self._attempt(callback)

    async def _attempt(self, callback: Callback) -> None:
        """Sign, post, judge, record with what follows from it."""
        try:
            began = self._clock()
            if callback.leased_until is not None and callback.leased_until - began < self._limits.margin:
                log.warning("lease_over")  # it took so long to come here that the row may be another's before it ends
                return
            header = self._signer.header_of(callback.digest, began)
            # Noted before it ends, or as many new peers that hang as there is room would hold up everybody.
            late = asyncio.get_running_loop().call_later(SLOW.total_seconds(), self._failing.put, callback.peer, True)  # noqa: FBT003
            try:
                outcome = await self._transport.post(callback.url, callback.body, {"Authorization": header})
            finally:
                late.cancel()
            if self._cut:
                outcome = cut_short(outcome)
            self._note_failing(callback.peer, outcome)
            now = self._clock()
            chance = random.random()  # noqa: S311  spreads tries, guards nothing
            verdict = judge(outcome, callback, now, chance, rotating=self._signer.rotating(now))
            if isinstance(verdict, RetryAt):
                self._due_at = min(self._due_at or verdict.when, verdict.when)
                self._wake.set()
            await self._storage.run(lambda work: self._record(callback, outcome, verdict, header, now, work))
            word = VERDICTS[type(verdict)]
            self._metrics.attempted(
                callback.action, word, KINDS[type(outcome)], outcome.duration, now - callback.created_at
            )
            if self._traces is not None:
                told = {"attempt": callback.attempts, "verdict": word, "status": outcome.status}
                self._traces.attempted(exchange_of(callback), began, now, **told)
            log.info("callback_attempted", attempt=callback.attempts, verdict=word, status=outcome.status)
        except Exception:
            log.exception("delivery_failed")
        finally:
            self._under_way.discard(callback.seq)
            self._in_flight[callback.peer] -= 1
            if not self._in_flight[callback.peer]:
                del self._in_flight[callback.peer]
            if self._backlog or self._released:  # which may have waited for this one
                self._wake.set()

    def _note_failing(self, peer: str, outcome: Outcome) -> None:
        if holds_up(outcome):
            self._failing.put(peer, True)  # noqa: FBT003
        else:
            self._failing.drop(peer)

    async def _record(
        self, callback: Callback, outcome: Outcome, verdict: Verdict, signature: str, now: datetime, work: Work
    ) -> None:
        due_at = verdict.when if isinstance(verdict, RetryAt) else None
        attempt = attempt_of(callback, outcome, signature, now)
        settled = await work.outbox.settle(callback.seq, STATES[type(verdict)], due_at, attempt)
        await work.messages.log(entry_of(callback, outcome, signature, now))
        if settled is not None:
            if settled.failing or not isinstance(outcome, Acked):
                await self._note_peer(callback.peer, outcome, now, work)
            await self._follow_up(callback, verdict, work)

    async def _note_peer(self, peer: str, outcome: Outcome, now: datetime, work: Work) -> None:
        """A peer that answers, whatever it answers, is well, unless it asks for time or does not answer at all."""
        if isinstance(outcome, Acked):
            await work.outbox.peer_well(peer)
            return
        until = rest_until(outcome, await work.outbox.peer_failing_since(peer), now)
        if until is not None:
            await work.outbox.peer_failed(peer, now, until)
        elif not isinstance(outcome, Unreachable):
            await work.outbox.peer_well(peer)

    async def _follow_up(self, callback: Callback, verdict: Verdict, work: Work) -> None:
        """What a delivery causes once it has ended."""
        follow_up = FOLLOW_UPS.get(callback.action)
        if follow_up is None or isinstance(verdict, RetryAt):
            return
        seq = await follow_up(callback, ended(verdict), work, self._worlds)
        if seq is not None:
            self.release(seq)

    async def _fire(self, timer: Timer) -> None:
        with bound(timer=timer.kind, order_ref=timer.subject):
            try:
                seq, texts = await self._storage.run(lambda work: _done(timer, work, self._worlds))
                self.release(seq)
                log.info("timer_fired")
                if self._sender is not None:  # once at most: the inbox and a figure say it, too
                    for phone, text in texts:
                        await self._sender.send(phone, text)
            except Exception:
                log.exception("timer_failed")
            finally:
                self._firing -= 1
                self._look_at = 0.0  # it may have set another
                self._wake.set()


async def _done(timer: Timer, work: Work, worlds: Worlds) -> tuple[int | None, Sequence[tuple[str, str]]]:
    world = await worlds.current(work)
    return await timer_due(timer, work, world), await texts_due(timer, work, world)


async def _next_due(work: Work, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When a callback is due that nobody delivers now, and a timer."""
    return await work.outbox.next_due(now), await work.timers.next_due()


async def _wait(event: asyncio.Event, pause: timedelta) -> None:
    try:
        async with asyncio.timeout(pause.total_seconds()):
            await event.wait()
    except TimeoutError:
        return

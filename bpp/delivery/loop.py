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
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bpp.actions.events import confirmed, not_confirmed, timer_due
from bpp.core.catalogs import Worlds
from bpp.delivery.policy import Delivered, GivenUp, Refused, RetryAt, Verdict, judge, rest_until
from bpp.network.outcome import Nacked, Outcome, Unreachable
from bpp.network.transport import Transport
from bpp.storage.ports import Attempt, Callback, CallbackState, LogEntry, Storage, Timer, Work

log = structlog.get_logger(__name__)
RELEASE_KEPT = timedelta(seconds=5)  # longer than any grace: after that a callback's own due time does


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is under way at once, in all and for one peer; how long a lease and an idle wait last.

    A peer with ``per_peer`` under way gets nothing more, and so many are claimed at a time, so it never has twice as
    many: whatever waits for a peer that hangs, there is room for the others.
    """

    at_once: int = 64
    per_peer: int = 8
    lease: timedelta = timedelta(seconds=60)
    idle: timedelta = timedelta(seconds=1)


class Signer(Protocol):
    """Our keys of the moment: each attempt is signed anew, with the key that signs then."""

    def header(self, body: bytes, now: datetime) -> str:
        """A fresh ``Authorization`` for a body."""
        ...

    def rotating(self, now: datetime) -> bool:
        """Whether peers may not know our key yet, or no longer, though it is a good one."""
        ...


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
    ) -> None:
        """Nothing runs before ``run``."""
        self._storage = storage
        self._transport = transport
        self._signer = signer
        self._worlds = worlds
        self._clock = clock
        self._limits = limits or Limits()
        self._released: dict[int, datetime] = {}
        self._in_flight: Counter[str] = Counter()
        self._wake = asyncio.Event()
        self._stopping = False

    def release(self, seq: int | None) -> None:
        """The ACK that a callback must not overtake has been written; or a callback without one was stored."""
        if seq is not None:
            self._released[seq] = self._clock()
        self._wake.set()

    def wake(self) -> None:
        """Look now what is due: another process has made way for something, or it may have."""
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more; ``run`` returns when what is under way has ended."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Deliver until stopped. A database that does not answer is tried again at the next turn."""
        async with asyncio.TaskGroup() as tasks:
            while not self._stopping:
                self._wake.clear()
                try:
                    await self._turn(tasks)
                    pause = await self._pause()
                except Exception:
                    log.exception("delivery_turn_failed")
                    pause = self._limits.idle
                await _wait(self._wake, pause)

    async def _turn(self, tasks: asyncio.TaskGroup) -> None:
        while (room := min(self._limits.at_once - self._in_flight.total(), self._limits.per_peer)) > 0:
            claimed = await self._claim(room)
            for callback in claimed:
                self._in_flight[callback.peer] += 1
                tasks.create_task(self._deliver(callback))
            if len(claimed) < room:
                break
        for timer in await self._claim_timers():
            tasks.create_task(self._fire(timer))

    async def _claim(self, room: int) -> list[Callback]:
        released, now = tuple(self._released), self._clock()
        due = await self._storage.read(lambda work: work.outbox.next_due(now))
        if not released and (due is None or due > now):
            return []
        busy = [peer for peer, count in self._in_flight.items() if count >= self._limits.per_peer]
        lease = self._limits.lease
        claimed = await self._storage.run(lambda work: work.outbox.claim(now, lease, room, released, busy))
        # What waits for room, or for the callback before it in its lane, is released still.
        done = {one.seq for one in claimed}
        kept = ((seq, at) for seq, at in self._released.items() if seq not in done and now - at < RELEASE_KEPT)
        self._released = dict(kept)
        return list(claimed)

    async def _claim_timers(self) -> list[Timer]:
        now = self._clock()
        due = await self._storage.read(lambda work: work.timers.next_due())
        if due is None or due > now:
            return []
        return list(await self._storage.run(lambda work: work.timers.claim(now, self._limits.lease, 20)))

    async def _pause(self) -> timedelta:
        """How long to sleep when nobody wakes us: until something is due, at most the idle wait."""
        now = self._clock()
        due = await self._storage.read(lambda work: work.outbox.next_due(now))
        if due is None or due <= now:
            return self._limits.idle
        return min(due - now, self._limits.idle)

    async def _deliver(self, callback: Callback) -> None:
        """One attempt: sign, post, judge, record with what follows from it."""
        try:
            header = self._signer.header(callback.body, self._clock())
            outcome = await self._transport.post(callback.url, callback.body, {"Authorization": header})
            now = self._clock()
            chance = random.random()  # noqa: S311  spreads tries, guards nothing
            verdict = judge(outcome, callback, now, chance, rotating=self._signer.rotating(now))
            await self._storage.run(lambda work: self._record(callback, outcome, verdict, header, now, work))
            log.info(
                "callback_attempted",
                seq=callback.seq,
                action=callback.action,
                attempt=callback.attempts,
                verdict=type(verdict).__name__,
                status=outcome.status,
            )
        except Exception:
            log.exception("delivery_failed", seq=callback.seq)
        finally:
            self._in_flight[callback.peer] -= 1
            self._wake.set()

    async def _record(
        self, callback: Callback, outcome: Outcome, verdict: Verdict, signature: str, now: datetime, work: Work
    ) -> None:
        attempt = Attempt(
            at=now,
            number=callback.attempts,
            outcome=_word(outcome),
            http_status=outcome.status,
            code=outcome.code if isinstance(outcome, Nacked) else "",
            signature=signature,
        )
        due_at = verdict.when if isinstance(verdict, RetryAt) else None
        counted = await work.outbox.settle(callback.seq, _STATES[type(verdict)], due_at, attempt)
        await work.messages.log(_entry(callback, outcome, signature, now))
        if counted:
            await self._note_peer(callback.peer, outcome, now, work)
            await self._follow_up(callback, verdict, work)

    async def _note_peer(self, peer: str, outcome: Outcome, now: datetime, work: Work) -> None:
        """A peer that answers, whatever it answers, is well, unless it asks for time or does not answer at all."""
        until = rest_until(outcome, await work.outbox.peer_failing_since(peer), now)
        if until is not None:
            await work.outbox.peer_failed(peer, now, until)
        elif not isinstance(outcome, Unreachable):
            await work.outbox.peer_well(peer)

    async def _follow_up(self, callback: Callback, verdict: Verdict, work: Work) -> None:
        """What a delivery causes: on_confirm taken, or not to be delivered."""
        if callback.action != "on_confirm" or isinstance(verdict, RetryAt) or not callback.order_ref:
            return
        order = await work.orders.get(callback.order_ref)
        if order is None:
            return
        if isinstance(verdict, Delivered):
            await confirmed(order, work)
        else:
            self.release(await not_confirmed(order, work, await self._worlds.current(work)))

    async def _fire(self, timer: Timer) -> None:
        try:
            self.release(await self._storage.run(lambda work: self._do(timer, work)))
        except Exception:
            log.exception("timer_failed", kind=timer.kind, subject=timer.subject)

    async def _do(self, timer: Timer, work: Work) -> int | None:
        return await timer_due(timer, work, await self._worlds.current(work))


_STATES: dict[type[Verdict], CallbackState] = {
    Delivered: "delivered",
    RetryAt: "pending",
    Refused: "refused",
    GivenUp: "given_up",
}


def _word(outcome: Outcome) -> str:
    if isinstance(outcome, Unreachable):
        return f"{outcome.reason}: {outcome.detail}" if outcome.detail else outcome.reason
    return type(outcome).__name__.lower()


def _entry(callback: Callback, outcome: Outcome, signature: str, now: datetime) -> LogEntry:
    return LogEntry(
        at=now,
        direction="out",
        peer=callback.peer,
        action=callback.action,
        transaction_id=callback.transaction_id,
        message_id=callback.message_id,
        body=callback.body,
        answer=outcome.answer,
        http_status=outcome.status,
        outcome=_word(outcome),
        signature=signature,
        order_ref=callback.order_ref,
    )


async def _wait(event: asyncio.Event, pause: timedelta) -> None:
    try:
        async with asyncio.timeout(pause.total_seconds()):
            await event.wait()
    except TimeoutError:
        return

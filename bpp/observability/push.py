"""Telling network observability what was said: one task in each process, of which one at a time has something to do.

The theory. What is to be told stands in the log of messages already, so that nothing is queued a second time: a cursor
in the database says how far the log was told, and whoever moves it holds a lease on it. A turn takes the rows after the
cursor, pushes a few transactions at once, each in order, and moves the cursor with the counts of what it passed in one
unit of work. A process that is killed has pushed at most a turn that is not counted; it is pushed again, under the same
identities, and counted once. An endpoint that fails is left alone, for longer each time, by all processes; the cursor
waits, and so nothing is lost however long it takes. The path of messages is not in it anywhere (ADR 55).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import structlog

from bpp.metrics import Metrics
from bpp.network.outcome import Outcome
from bpp.network.transport import Transport
from bpp.observability.entries import Entry, Page
from bpp.observability.gaps import closed, day_of, days
from bpp.observability.policy import Refused, Stuck, Taken, Trouble, Verdict, judge, lanes_of, passing, wait_after
from bpp.observability.reader import Reader
from bpp.observability.turn import Turn, progress_of, worst
from bpp.storage.ports import Storage, Work
from bpp.storage.ports_observability import Cursor, DayWaiting, Refusal
from catalog.availability import KOLKATA

log = structlog.get_logger(__name__)
MOST_COUNTED = 100_000
"""Rows after the cursor that are looked at to say how much waits."""
FIRST_PROCESS = "0"
MOST_AHEAD = 512
"""Rows that may be read while one before them holds up the cursor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushLimits:
    """How much at once, and how long.

    ``rows`` of the log in a turn, ``at_once`` entries under way; ``turn`` is how long new ones begin, and with twice
    ``patience``, the time for a try, it is well within ``lease``. ``idle`` between looks, ``count`` between countings.
    """

    rows: int = 64
    at_once: int = 8
    patience: timedelta = timedelta(seconds=5)
    turn: timedelta = timedelta(seconds=30)
    lease: timedelta = timedelta(seconds=90)
    idle: timedelta = timedelta(seconds=5)
    count: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where entries are posted, and the token that says whose they are (of our subscriber id and type)."""

    url: str
    token: str = field(repr=False)


class Pusher:
    """Pushes until it is stopped. ``holder`` is a name that no other process has, nor had before."""

    def __init__(
        self,
        *,
        storage: Storage,
        transport: Transport,
        reader: Reader,
        endpoint: Endpoint,
        clock: Callable[[], datetime],
        holder: str,
        metrics: Metrics,
        limits: PushLimits | None = None,
    ) -> None:
        """Nothing runs before ``run``."""
        self._storage = storage
        self._transport = transport
        self._reader = reader
        self._endpoint = endpoint
        self._clock = clock
        self._holder = holder
        self._metrics = metrics
        self._limits = limits or PushLimits()
        self._stopping = asyncio.Event()
        self._done: dict[str, tuple[int, Verdict]] = {}
        """What was settled behind an entry that was not, by identity with its row: this process pushes it once."""
        self._stuck = Stuck()
        self._count_at = 0.0
        self._reported: date | None = None

    def stop(self) -> None:
        """Begin nothing more; ``run`` returns when what is under way has ended and is written down."""
        self._stopping.set()

    async def run(self) -> None:
        """Push until stopped. Whatever fails is tried again at the next turn."""
        while not self._stopping.is_set():
            try:
                again = await self._turn()
                await self._counted()
            except Exception:
                log.exception("observability_turn_failed")
                again = False
            if not again:
                await _wait(self._stopping, self._limits.idle)
        await self._let_go()

    async def _turn(self) -> bool:
        """One turn; whether there is more to do at once."""
        cursor = await self._storage.look(lambda work: work.observability.cursor())
        if cursor is None:
            await self._storage.run(lambda work: work.observability.begin(_today(self._clock())))
            return True
        if not _free(cursor, self._holder, self._clock()):
            return False
        again = await self._storage.look(lambda work: _wanted(work, self._limits.at_once))
        # After a failure few are tried, and beside those that are settled already, so that others may show it was one.
        known = len({seq for seq, _ in self._done.values()})
        limit = min(self._limits.at_once + known, MOST_AHEAD) if cursor.failures else self._limits.rows
        page = await self._reader.page(cursor.seq, limit)
        if page.end == cursor.seq and not again:
            return False
        return await self._carry_out(cursor, page, again)

    async def _carry_out(self, cursor: Cursor, page: Page, again: Sequence[Refusal]) -> bool:
        now = self._clock()
        until = now + self._limits.lease
        taken = await self._storage.run(lambda work: work.observability.take(self._holder, now, until))
        if taken is None or taken.seq != cursor.seq:
            self._done.clear()  # somebody else goes on from another place
            return taken is not None
        repeated = await self._reader.refused(again)
        found = await self._pushed([*repeated, *(one for one in page.entries if one.identity not in self._done)])
        found |= self._set_aside(found)
        before = {identity: verdict for identity, (_, verdict) in self._done.items()}
        turn = Turn(cursor=taken, page=page, again=again, repeated=repeated, verdicts=before | found)
        return await self._recorded(turn, worst(found.values()))

    async def _recorded(self, turn: Turn, trouble: Trouble | None) -> bool:
        """Write down what was settled, and after trouble when to try again; whether there is more to do at once."""
        now = self._clock()
        progress = progress_of(turn, now)
        failures = turn.cursor.failures + 1 if progress.after == progress.before else 1
        until = now + self._limits.lease

        async def unit(work: Work) -> bool:
            if not await work.observability.advance(self._holder, progress, until, now):
                return False
            if trouble is not None:
                pause = wait_after(failures, trouble.wait, random.random())  # noqa: S311  spreads tries, guards nothing
                await work.observability.put_off(self._holder, failures, now + pause, trouble.reason)
            return True

        if not await self._storage.run(unit):
            log.warning("observability_lease_lost")
            self._done.clear()
            return False
        self._done |= {one.identity: (one.seq, turn.verdicts[one.identity]) for one in turn.behind(progress.after)}
        self._done = {one: settled for one, settled in self._done.items() if settled[0] > progress.after}
        if trouble is not None:
            log.warning("observability_put_off", reason=trouble.reason, failures=failures)
        return trouble is None and (turn.page.more or progress.after < turn.page.end or bool(turn.again))

    def _set_aside(self, found: Mapping[str, Verdict]) -> Mapping[str, Refused]:
        aside = self._stuck.set_aside(found)
        for _ in aside:
            self._metrics.told("refused")
        return aside

    async def _pushed(self, entries: Sequence[Entry]) -> dict[str, Verdict]:
        """Push entries, a few transactions at once and each in order; what became of those that were begun."""
        found: dict[str, Verdict] = {}
        loop = asyncio.get_running_loop()
        until = loop.time() + self._limits.turn.total_seconds()
        lanes = iter(lanes_of(entries))

        def goes_on() -> bool:
            troubles = [one for one in found.values() if isinstance(one, Trouble)]
            dead = len(troubles) >= self._limits.at_once or not all(one.inside for one in troubles)
            return not (dead or self._stopping.is_set() or loop.time() >= until)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._limits.at_once):
                tasks.create_task(self._push_lanes(lanes, found, goes_on))
        return found

    async def _push_lanes(
        self, lanes: Iterator[Sequence[Entry]], found: dict[str, Verdict], goes_on: Callable[[], bool]
    ) -> None:
        """One lane after the other as long as it makes sense; of a lane nothing after an entry that was not settled."""
        for lane in lanes:
            for one in lane:
                if not goes_on():
                    return
                found[one.identity] = verdict = await self._push(one)
                if isinstance(verdict, Trouble):
                    break

    async def _push(self, entry: Entry) -> Verdict:
        """Once more where the first try came to nothing: else each failure of many would cost a pause of all."""
        outcome = await self._tried(entry)
        if passing(outcome) and not self._stopping.is_set():
            outcome = await self._tried(entry)
        return judge(outcome)

    async def _tried(self, entry: Entry) -> Outcome:
        headers = {"Authorization": f"Bearer {self._endpoint.token}", "Idempotency-Key": entry.identity}
        outcome = await self._transport.post(self._endpoint.url, entry.body, headers)
        self._metrics.told(_word(judge(outcome)))
        return outcome

    async def _counted(self) -> None:
        """Tell how much waits, now and then: the first process does it for all."""
        now = asyncio.get_running_loop().time()
        if self._metrics.process != FIRST_PROCESS or now < self._count_at:
            return
        self._count_at = now + self._limits.count.total_seconds()
        waiting = await self._reader.waiting(MOST_COUNTED)
        oldest = min((one.oldest for one in waiting), default=None)
        age = timedelta() if oldest is None else self._clock() - oldest
        self._metrics.untold(sum(one.messages for one in waiting), age)
        await self._report(waiting)

    async def _report(self, waiting: Sequence[DayWaiting]) -> None:
        """Once after the limit of each day: what was told of it, and what is missing."""
        now = self._clock()
        day = closed(now)
        if day == self._reported:
            return
        told = await self._storage.read(lambda work: work.observability.days(day, day))
        for one in days(told, [rest for rest in waiting if rest.day == day], now):
            (log.warning if one.late else log.info)("observability_day", **one.document)
        self._reported = day

    async def _let_go(self) -> None:
        try:
            await self._storage.run(lambda work: work.observability.let_go(self._holder))
        except Exception:
            log.exception("observability_lease_kept")


def _today(now: datetime) -> datetime:
    """The beginning of the day: what was said before observability was first told is not told."""
    return datetime.combine(day_of(now), time(), KOLKATA)


def _free(cursor: Cursor, holder: str, now: datetime) -> bool:
    """Whether the cursor may be had now."""
    lapsed = cursor.leased_until is None or cursor.leased_until <= now
    ripe = cursor.not_before is None or cursor.not_before <= now
    return ripe and (lapsed or cursor.holder == holder)


async def _wanted(work: Work, limit: int) -> Sequence[Refusal]:
    return await work.observability.refusals(None, None, limit, again=True)


def _word(verdict: Verdict) -> str:
    match verdict:
        case Taken(warnings=""):
            return "pushed"
        case Taken():
            return "warned"
        case Refused():
            return "refused"
        case Trouble():
            return "failed"


async def _wait(event: asyncio.Event, pause: timedelta) -> None:
    try:
        async with asyncio.timeout(pause.total_seconds()):
            await event.wait()
    except TimeoutError:
        return

"""What pages of the engineer tell of the deployment beyond this program's own state; put in by whoever can look.

Looking costs: another connection to the database, files, questions to the registry. So what was seen is kept for a
while, however many look on, and nobody looks twice at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from aiohttp import web

from beckn_schemas.registry import Subscriber
from bpp.console.engine.figures import Figures
from bpp.inbound.health import Probe

T = TypeVar("T")
GLANCE_KEPT = timedelta(seconds=30)
EXAMINATION_KEPT = timedelta(seconds=20)
REMEMBERED = timedelta(hours=1)
APART = timedelta(seconds=30)
"""How far apart the figures are that are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """The database, the backups and the machine as they were found; None where nobody can tell.

    ``free`` are bytes beside an SQLite file, ``log`` the size of its log, ``wrote`` how long a write took.
    """

    engine: str
    problem: str
    revision: str
    head: str
    wrote: timedelta
    free: int | None
    log: int
    backups: str
    backup: datetime | None
    backup_room: int | None
    backup_broken: str
    synchronised: bool | None
    cores: int


class Finding(Protocol):
    """What `bpp doctor` says in one line."""

    @property
    def name(self) -> str:
        """The line's own."""
        ...

    @property
    def state(self) -> str:
        """ok, warning, failure, not run."""
        ...

    @property
    def text(self) -> str:
        """What was found."""
        ...

    @property
    def numbers(self) -> Sequence[str]:
        """Errors of the network that it causes."""
        ...

    @property
    def advice(self) -> str:
        """What to do."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What `bpp doctor` says, and the records that the registry has of us."""

    findings: Sequence[Finding]
    records: Sequence[Subscriber]


class Kept(Generic[T]):
    """What somebody saw, for a while; asked for once at a time."""

    def __init__(self, look: Callable[[], Awaitable[T]], kept: timedelta, clock: Callable[[], datetime]) -> None:
        self._look = look
        self._kept = kept
        self._clock = clock
        self._one = asyncio.Lock()
        self.at: datetime | None = None
        self.seen: T | None = None

    async def now(self) -> T:
        """What is seen now, or was a moment ago."""
        async with self._one:
            if self.seen is None or self.at is None or self._clock() - self.at >= self._kept:
                self.seen = await self._look()
                self.at = self._clock()
            return self.seen


class Recently:
    """Figures of the last hour, as often as somebody looked: without them nobody knows what is new."""

    def __init__(self) -> None:
        self._kept: deque[tuple[datetime, Figures]] = deque()

    def note(self, now: datetime, figures: Figures) -> None:
        """Remember the figures of now, unless others are hardly older."""
        while self._kept and now - self._kept[0][0] > REMEMBERED + APART:
            self._kept.popleft()
        if not self._kept or now - self._kept[-1][0] >= APART:
            self._kept.append((now, figures))

    def seen(self, now: datetime, window: timedelta) -> tuple[datetime, Figures] | None:
        """The newest that are at least as old as a window, else the oldest there are; None without any but now's."""
        older = [one for one in self._kept if now - one[0] >= window]
        oldest = next((one for one in self._kept if one[0] < now), None)
        return older[-1] if older else oldest

    def before(self, now: datetime, window: timedelta) -> Figures | None:
        """The same without their moment."""
        found = self.seen(now, window)
        return found[1] if found else None


@dataclass(kw_only=True)
class Surroundings:
    """``ready`` asks each part of readiness, ``glance`` looks around, ``examine`` does what `bpp doctor` does."""

    ready: Mapping[str, Probe]
    glance: Kept[Glance]
    examination: Kept[Examination]
    recently: Recently = field(default_factory=Recently)


SURROUNDINGS = web.AppKey("SURROUNDINGS", Surroundings)

"""When a worker can come: working hours in Asia/Kolkata cut into cells of a quarter of an hour.

A stretch of days is an integer with one bit per cell, so that "free for four cells" is a shift and an "and",
and the free starts of a hundred workers are one "or" each. This module is the only one that knows local time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from catalog.customization import TimeOfDay
from catalog.model import Hours, Slot, Worker

KOLKATA = ZoneInfo("Asia/Kolkata")
CELL = timedelta(minutes=15)
CELLS_PER_DAY = timedelta(days=1) // CELL
GRID = timedelta(hours=1)  # slots are offered on this grid from the opening hour on: the wire's frequency PT1H
FREQUENCY = "PT1H"


@dataclass(frozen=True, slots=True)
class Horizon:
    """The days for which slots are offered: ``days`` of them from local midnight ``first``."""

    first: date
    days: int

    @property
    def start(self) -> datetime:
        """Local midnight of the first day, in UTC."""
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """Local midnight after the last day, in UTC."""
        return self.start + timedelta(days=self.days)  # Asia/Kolkata has no clock changes

    def index(self, moment: datetime) -> int:
        """The cell of a moment; negative or beyond the last for moments outside."""
        return (moment - self.start) // CELL

    def cell(self, moment: datetime) -> int | None:
        """The cell that begins at a moment; None before the first, and where none begins."""
        index, rest = divmod(moment - self.start, CELL)
        return None if rest or index < 0 else index

    def moment(self, index: int) -> datetime:
        """When a cell begins, in UTC."""
        return self.start + index * CELL

    def dates(self) -> Iterator[tuple[int, date]]:
        """Each day with the index of its first cell."""
        for day in range(self.days):
            yield day * CELLS_PER_DAY, self.first + timedelta(days=day)


@dataclass(frozen=True, slots=True)
class Calendar:
    """One worker's horizon: the cells of working time, and those of them that are free."""

    working: int
    free: int
    day_length: int


def horizon(now: datetime, days: int) -> Horizon:
    """Today in Asia/Kolkata and the days after it, ``days`` in all."""
    return Horizon(now.astimezone(KOLKATA).date(), days)


@lru_cache(maxsize=4096)  # a few rosters of hours stand for all workers
def hours_mask(hours: Hours, span: Horizon) -> int:
    """The cells in which these hours are open."""
    opens, closes = _cell_of(hours.opens, up=True), _cell_of(hours.closes, up=False)
    if closes <= opens:
        return 0
    day_mask = ((1 << (closes - opens)) - 1) << opens
    mask = 0
    for first, day in span.dates():
        if day.isoweekday() in hours.days and day not in hours.holidays:
            mask |= day_mask << first
    return mask


def cells_mask(cells: Iterable[datetime], span: Horizon) -> int:
    """The given cells (their beginnings) as a mask; those outside the horizon are left out."""
    last = span.days * CELLS_PER_DAY
    mask = 0
    for cell in cells:
        index = span.index(cell)
        if 0 <= index < last:
            mask |= 1 << index
    return mask


def on_leave(worker: Worker, day: date) -> bool:
    """Whether a day is one of the worker's leave."""
    return any(first <= day <= last for first, last in worker.leaves)


def engaged(worker: Worker, day: date) -> bool:
    """Whether a contract elsewhere keeps the worker out of the pool on a day (rules R27, R28)."""
    return any(one.first <= day <= one.until for one in worker.engagements)


@lru_cache(maxsize=256)
def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), KOLKATA).astimezone(ZoneInfo("UTC"))


def calendar(provider_hours: Hours, worker: Worker, taken: Iterable[datetime], span: Horizon) -> Calendar:
    """A worker's calendar: the provider's and the worker's hours; free where nothing is taken.

    There is none of it on days of leave and of engagements, and none at all while the worker is not available.
    """
    working = hours_mask(provider_hours, span) & hours_mask(worker.hours, span) if worker.available else 0
    for first, day in span.dates() if worker.leaves or worker.engagements else ():
        if on_leave(worker, day) or engaged(worker, day):
            working &= ~(((1 << CELLS_PER_DAY) - 1) << first)
    opens = max(provider_hours.opens, worker.hours.opens)
    closes = min(provider_hours.closes, worker.hours.closes)
    day_length = max(0, _cell_of(closes, up=False) - _cell_of(opens, up=True))
    return Calendar(working, working & ~cells_mask(taken, span), day_length)


def without(one: Calendar, taken: Iterable[datetime], span: Horizon) -> Calendar:
    """A calendar in which some more cells are taken."""
    return Calendar(one.working, one.free & ~cells_mask(taken, span), one.day_length)


def cells_needed(minutes: int) -> int:
    """How many cells a job of so many minutes takes."""
    return max(1, -(-timedelta(minutes=minutes) // CELL))


def starts(one: Calendar, needed: int) -> int:
    """The cells at which a job of ``needed`` cells may begin, as a mask.

    A job longer than the working day takes consecutive working cells over several days (decision 13).
    """
    if needed <= one.day_length:
        return _runs(one.free, needed)
    places = list(_bits(one.working))
    packed = sum(1 << rank for rank, place in enumerate(places) if one.free >> place & 1)
    return sum(1 << places[rank] for rank in _bits(_runs(packed, needed)))


def cells_of(one: Calendar, start: datetime, needed: int, span: Horizon) -> tuple[datetime, ...] | None:
    """The free cells a job starting at ``start`` would take, or None where it does not fit or no cell begins then."""
    index = span.cell(start)
    if index is None or not fits(one, index, needed):
        return None
    if needed <= one.day_length:
        return tuple([start + step * CELL for step in range(needed)])
    return tuple([span.moment(place) for place in _over_days(one, index, needed)])


def free_at(calendars: Mapping[str, Calendar], start: datetime, needed: int, span: Horizon) -> list[str]:
    """Of some workers those with whom a job of ``needed`` cells may begin at a moment; none where no cell does."""
    index = span.cell(start)
    return [] if index is None else [name for name, one in calendars.items() if fits(one, index, needed)]


def fits(one: Calendar, index: int, needed: int) -> bool:
    """Whether a job of ``needed`` cells may begin at a cell."""
    if needed <= one.day_length:
        job = ((1 << needed) - 1) << index
        return one.free & job == job
    cells = _over_days(one, index, needed)
    return len(cells) == needed and cells[0] == index and all(one.free >> cell & 1 for cell in cells)


def _over_days(one: Calendar, index: int, needed: int) -> list[int]:
    """The cells of a job longer than the working day: the next working ones from a cell on (decision 13)."""
    return list(islice(_bits(one.working >> index << index), needed))


def offered_starts(calendars: Sequence[Calendar], needed: int, span: Horizon, hours: Hours, now: datetime) -> int:
    """The starts to offer: on the hour grid from the opening, in the future, with some worker free, as a mask."""
    mask = 0
    for one in calendars:
        mask |= starts(one, needed)
    mask &= grid_mask(hours, span)
    past = span.index(now) + 1
    return mask >> past << past if past > 0 else mask


@lru_cache(maxsize=4096)
def grid_mask(hours: Hours, span: Horizon) -> int:
    """The cells on the grid of offered starts within these hours."""
    step = GRID // CELL
    opens, closes = _cell_of(hours.opens, up=True), _cell_of(hours.closes, up=False)
    return sum(1 << (first + cell) for first, _ in span.dates() for cell in range(opens, closes, step))


def moments(mask: int, span: Horizon) -> list[datetime]:
    """The beginnings of the cells in a mask, in order."""
    first = span.start
    return [first + index * CELL for index in _bits(mask)]


def within(starts_at: Sequence[datetime], hours: Sequence[TimeOfDay]) -> list[datetime]:
    """Those of some moments that lie in any of the hours of their day; all of them where there are no hours."""
    if not hours:
        return list(starts_at)
    clocks = [(start, start.astimezone(KOLKATA).time()) for start in starts_at]
    return [start for start, clock in clocks if any(one.starts <= clock < one.ends for one in hours)]


@lru_cache(maxsize=4096)
def clock_mask(hours: tuple[TimeOfDay, ...], span: Horizon) -> int:
    """The cells that begin in any of the hours of their day; all of them where there are no hours."""
    every = moments((1 << span.days * CELLS_PER_DAY) - 1, span)
    return cells_mask(within(every, hours), span)


def between_mask(earliest: datetime | None, latest: datetime | None, span: Horizon) -> int:
    """The cells that begin at ``earliest`` or later, and before ``latest``; None does not bound."""
    cells = span.days * CELLS_PER_DAY
    first = 0 if earliest is None else max(0, -((span.start - earliest) // CELL))
    last = cells if latest is None else min(cells, max(0, -((span.start - latest) // CELL)))
    return (1 << last) - 1 >> first << first


@lru_cache(maxsize=1024)  # many offerings of many providers have the same starts open
def starts_of(mask: int, span: Horizon) -> tuple[datetime, ...]:
    """The beginnings of the cells in a mask, in order; the same value for the same mask."""
    return tuple(moments(mask, span))


def slot_of(cells: Sequence[datetime]) -> Slot:
    """The stretch from the first cell's beginning to the last one's end."""
    return Slot(start=cells[0], end=cells[-1] + CELL)


def weekday(moment: datetime) -> str:
    """The ISO weekday (1 Monday to 7 Sunday) of the local date, as the wire's ``days`` has it."""
    return str(moment.astimezone(KOLKATA).isoweekday())


def _cell_of(clock: time, *, up: bool) -> int:
    minutes = clock.hour * 60 + clock.minute
    return -(-minutes // 15) if up else minutes // 15


def _runs(mask: int, length: int) -> int:
    """Bits at which ``length`` set bits in a row begin."""
    have = 1
    while have < length and mask:
        step = min(have, length - have)
        mask &= mask >> step
        have += step
    return mask


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def until(one: Calendar, last_day: date, span: Horizon) -> Calendar:
    """A calendar without the days after ``last_day``: when a worker's papers lapse, the worker is not sent."""
    cells = min(span.days, max(0, (last_day - span.first).days + 1)) * CELLS_PER_DAY
    keep = (1 << cells) - 1
    return Calendar(one.working & keep, one.free & keep, one.day_length)

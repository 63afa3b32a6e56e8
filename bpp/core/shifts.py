"""When somebody of a provider's can come, for many offerings at once: what a search shows of free time.

The theory. Who may do a service, and when they work, changes with the catalog and the day; what is taken of their time
changes with every booking. So the first is worked out once for a provider, service and district, and kept as long as
neither its hours nor its workers change. Workers with the same hours are one shift: as long as one of them has nothing
taken, the shift is open whenever it works, whatever the others have taken. The rules are those of a single visit
(``bpp.core.slots``), and a search shows what ``hold`` would hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bpp.core.roster import Visit, roster
from bpp.core.world import World
from catalog.availability import (
    Calendar,
    cells_needed,
    clock_mask,
    horizon,
    offered_starts,
    starts_of,
)
from catalog.choices import earliest_hours, least_minutes
from catalog.customization import TimeOfDay
from catalog.memo import Memo
from catalog.model import Offering, Provider
from catalog.search import Place
from catalog.snapshot import service_id_of


@dataclass(frozen=True, slots=True)
class Shift:
    """A calendar with nothing taken, and the workers who have it."""

    calendar: Calendar
    workers: tuple[str, ...]

    def calendars(self, busy: Mapping[str, int]) -> Iterator[Calendar]:
        """The calendars of its workers as they are booked; one is enough where somebody has nothing taken."""
        if any(worker not in busy for worker in self.workers):
            yield self.calendar
            return
        for worker in self.workers:
            free = self.calendar.free & ~busy[worker]
            yield Calendar(self.calendar.working, free, self.calendar.day_length)


class Shifts:
    """The shifts of a provider for visits to a district (LGD code; None: to any) at the moment of a world."""

    def __init__(self, provider: Provider, district: str | None, world: World) -> None:
        """Nothing is worked out yet."""
        self._provider = provider
        self._district = district
        self._world = world
        self._span = horizon(world.now, world.rules.horizon_days)
        self._memo = world.catalog.teams.get(provider.id) or Memo()

    def workers(self, service: str) -> Iterator[str]:
        """The ids of those who may do a service."""
        for shift in self._of(service):
            yield from shift.workers

    def open(self, busy: Mapping[str, int], asked: int) -> Callable[[Offering], tuple[datetime, ...]]:
        """The starts to offer of each offering, where workers have these cells taken; none but those in ``asked``."""
        world, span = self._world, self._span
        after = max(world.now, world.said_at or world.now)
        known: dict[tuple[str, int, tuple[TimeOfDay, ...]], tuple[datetime, ...]] = {}

        def starts(offering: Offering) -> tuple[datetime, ...]:
            service = service_id_of(offering)
            hours = earliest_hours(offering)
            key = service, cells_needed(least_minutes(offering)), hours
            if key not in known:
                free = [one for shift in self._of(service) for one in shift.calendars(busy)]
                mask = offered_starts(free, key[1], span, self._provider.hours, after) & asked
                known[key] = starts_of(mask & clock_mask(hours, span) if hours else mask, span)
            return known[key]

        return starts

    def _of(self, service: str) -> tuple[Shift, ...]:
        key = service, self._district, self._span
        return self._memo.once(key, lambda: _shifts(self._visit(service), self._world))

    def _visit(self, service: str) -> Visit:
        place = Place(district=self._district)
        return Visit(provider=self._provider, service_ids=frozenset({service}), place=place, minutes=0)


def _shifts(visit: Visit, world: World) -> tuple[Shift, ...]:
    found: dict[Calendar, list[str]] = defaultdict(list)
    for worker, calendar in roster(visit, {}, world).calendars.items():
        if calendar.working:
            found[calendar].append(worker)
    return tuple(Shift(calendar, tuple(workers)) for calendar, workers in found.items())

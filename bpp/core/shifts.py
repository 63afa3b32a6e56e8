"""When somebody of a provider's can come, for many offerings at once: what a search shows of free time.

The theory. Who may do a service, and when they work, changes with the catalog and the day; what is taken of their time
changes with every booking. So the first is worked out once for a provider, service and district, and kept as long as
neither its hours nor its workers change. Workers with the same hours are one shift: as long as one of them has nothing
taken, the shift is open whenever it works, whatever the others have taken. The rules are those of a single visit
(``bpp.core.slots``), and a search shows what ``hold`` would hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from bpp.core.roster import Shift, Visit, memo_of, shifts
from bpp.core.world import World
from catalog.availability import (
    cells_needed,
    clock_mask,
    horizon,
    offered_starts,
    starts_of,
)
from catalog.choices import earliest_hours, least_minutes
from catalog.customization import TimeOfDay
from catalog.model import Offering, Provider
from catalog.search import Place
from catalog.snapshot import service_id_of


class Shifts:
    """The shifts of a provider for visits to a district (LGD code; None: to any) at the moment of a world."""

    def __init__(self, provider: Provider, district: str | None, world: World) -> None:
        """Nothing is worked out yet."""
        self._provider = provider
        self._district = district
        self._world = world
        self._span = horizon(world.now, world.rules.horizon_days)
        self._memo = memo_of(provider.id, self._span, world)

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
        return self._memo.once(("working", service, self._district), lambda: self._working(service))

    def _working(self, service: str) -> tuple[Shift, ...]:
        place = Place(district=self._district)
        visit = Visit(provider=self._provider, service_ids=frozenset({service}), place=place, minutes=0)
        return tuple(one for one in shifts(visit, self._span, self._world) if one.calendar.working)

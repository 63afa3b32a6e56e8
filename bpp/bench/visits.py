"""What the load selects: eight items of a provider, at starts of which it is known how many workers are free.

Each select of the load is a transaction of its own and takes a worker's time, so none may ask for a slot that is gone.
Of a provider only one service is asked for, and only starts that do not overlap: so whichever workers the server
chooses, a start can be booked exactly as often as there are qualified workers free at it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from bpp.orders.assignment import Job, local_day, papers, qualified
from bpp.sandbox.moments import wire_time
from catalog.availability import Calendar, Horizon, calendar, cells_needed, cells_of, grid_mask, horizon, moments, until
from catalog.load import CatalogData
from catalog.model import IN_ADVANCE, Offering, Provider, Worker
from catalog.places import std_codes
from catalog.search import Place, Reach, reach
from catalog.snapshot import by_provider, offered, on_sale, service_id_of

ITEMS = 8
LONGEST = 9 * 60  # minutes: what fits into one working day
MOST_OF_ONE = 24
"""So often is one provider asked at most: else the largest, whose many workers are dear to choose from, had it all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is asked of one provider. ``items`` are pairs of item id and category code; ``minutes`` the whole work."""

    domain: str
    city: str
    provider_id: str
    location_id: str
    items: tuple[tuple[str, str], ...]
    gps: str
    area_code: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Everything that can be selected: targets, and each bookable start (target's number, time) once a free worker."""

    targets: tuple[Target, ...]
    starts: tuple[tuple[int, str], ...]

    def document(self) -> dict[str, Any]:
        """For the load generator."""
        return asdict(self)

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> Visits:
        """What ``document`` made."""
        return cls(
            targets=tuple(Target(**one) for one in document["targets"]),
            starts=tuple((number, start) for number, start in document["starts"]),
        )


def plan_visits(data: CatalogData, now: datetime, *, days: int, seed: int = 6) -> Visits:
    """All that can be booked from tomorrow on of a catalog that nobody has booked of yet, in a random, fixed order."""
    offerings, workers = by_provider(data.offerings), by_provider(data.workers)
    span = horizon(now, days)
    targets: list[Target] = []
    starts: list[tuple[int, str]] = []
    random = Random(seed)  # noqa: S311  the same in every run
    for provider in data.providers:
        found = _best(provider, offerings.get(provider.id, ()), workers.get(provider.id, ()), span, local_day(now))
        if found is not None:
            target, free = found
            bookable = [(len(targets), wire_time(start)) for start, count in free for _ in range(count)]
            starts += random.sample(bookable, min(len(bookable), MOST_OF_ONE))
            targets.append(target)
    random.shuffle(starts)
    return Visits(targets=tuple(targets), starts=tuple(starts))


Free = list[tuple[datetime, int]]


def _best(
    provider: Provider, offerings: Sequence[Offering], workers: Sequence[Worker], span: Horizon, today: date
) -> tuple[Target, Free] | None:
    """The service of a provider of which the most can be booked; None where there is none with enough items."""
    if not on_sale(provider, today):
        return None
    home = provider.locations[0]
    place = Place.of(home.gps, home.area_code)
    found: list[tuple[int, Target, Free]] = []
    for items in _groups(provider, offerings, place, today):
        minutes = sum(one.duration for one in items)
        if minutes > LONGEST:
            continue
        free = list(_free(provider, items, minutes, workers, place, span))
        target = Target(
            domain=items[0].domain,
            city=std_codes(home.district).all[0],
            provider_id=provider.id,
            location_id=home.id,
            items=tuple((one.id, one.category) for one in items),
            gps=f"{home.gps.lat:.6f},{home.gps.lon:.6f}",
            area_code=home.area_code,
            minutes=minutes,
        )
        found.append((sum(count for _, count in free), target, free))
    best = max(found, key=lambda one: one[0], default=None)
    return None if best is None or not best[0] else best[1:]


def _groups(
    provider: Provider, offerings: Sequence[Offering], place: Place, today: date
) -> Iterator[tuple[Offering, ...]]:
    """The shortest items of each service that can be paid beforehand at a place."""
    of_service: defaultdict[tuple[str, str], list[Offering]] = defaultdict(list)
    for one in offerings:
        payable = IN_ADVANCE in one.payment_types and one.on_network and not one.parallel
        if payable and offered(one, today) and reach(provider, one, place) is Reach.SERVED:
            of_service[one.domain, service_id_of(one)].append(one)
    for found in of_service.values():
        if len(found) >= ITEMS:
            yield tuple(sorted(found, key=lambda one: (one.duration, one.id))[:ITEMS])


def _free(
    provider: Provider,
    items: Sequence[Offering],
    minutes: int,
    workers: Sequence[Worker],
    place: Place,
    span: Horizon,
) -> Iterator[tuple[datetime, int]]:
    """Starts from tomorrow on that do not overlap, with how many workers are free at each."""
    services = frozenset(service_id_of(one) for one in items)
    job = Job(provider_id=provider.id, service_ids=services, district=place.district, gps=place.gps, day=span.first)
    calendars = [
        until(calendar(provider.hours, one, (), span), papers(one, services), span)
        for one in workers
        if qualified(one, job)
    ]
    needed = cells_needed(minutes)
    after = span.start + timedelta(days=1)
    for start in moments(grid_mask(provider.hours, span), span):
        if start < after:
            continue
        count = sum(_fits(one, start, needed, span) for one in calendars)
        if count:
            yield start, count
            after = start + timedelta(minutes=minutes)


def _fits(one: Calendar, start: datetime, needed: int, span: Horizon) -> bool:
    """Whether a worker can do it in one go on one day."""
    return needed <= one.day_length and cells_of(one, start, needed, span) is not None

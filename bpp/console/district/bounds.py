"""The district of a page, the days that it shows, and how a long list is cut into pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Generic, TypeVar

from bpp.console.page import Visit
from bpp.core.world import World
from bpp.operator.problems import not_found
from bpp.orders.assignment import local_day
from catalog.availability import KOLKATA
from catalog.places import District, district

T = TypeVar("T")
DAY = timedelta(days=1)
ON_A_PAGE = 50


def district_of(visit: Visit) -> District:
    """The district that the path names; ApiProblem 404 for none."""
    found = district(visit.path["district"])
    if found is None:
        raise not_found("district", visit.path["district"])
    return found


@dataclass(frozen=True, slots=True)
class Days:
    """Some days in India, both included."""

    first: date
    last: date

    @property
    def begin(self) -> datetime:
        """The moment at which they begin."""
        return datetime.combine(self.first, time(), KOLKATA)

    @property
    def end(self) -> datetime:
        """The moment after them."""
        return datetime.combine(self.last + DAY, time(), KOLKATA)

    @property
    def each(self) -> list[date]:
        """Every one of them."""
        return [self.first + DAY * number for number in range((self.last - self.first).days + 1)]


def last_days(count: int, world: World) -> Days:
    """So many days up to today."""
    today = local_day(world.now)
    return Days(today - DAY * (count - 1), today)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut(Generic[T]):
    """One page of a list: ``number`` counts from 1, ``whole`` is how long the list is."""

    items: Sequence[T]
    number: int
    pages: int
    whole: int


def cut(rows: Sequence[T], number: int) -> Cut[T]:
    """The nth page of a list."""
    first = (number - 1) * ON_A_PAGE
    pages = max(-(-len(rows) // ON_A_PAGE), 1)
    return Cut(items=rows[first : first + ON_A_PAGE], number=number, pages=pages, whole=len(rows))

"""When a provider works: hours of the week, and days without work in a calendar; and on what terms."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from pydantic import Field

from beckn_schemas.base import parse_duration
from bpp.console.language import msg, spoken
from bpp.console.page import Page, Visit
from bpp.console.provider.common import OWNERS, provider_of
from bpp.console.provider.workers import WEEKDAYS
from bpp.console.reach import sees_order
from bpp.core.world import World
from bpp.operator.routes import Query
from bpp.orders.assignment import local_day
from bpp.orders.model import Order
from bpp.orders.states import TERMINAL, Stage
from bpp.storage.ports import Work
from bpp.storage.ports_orders import VisitsOf
from catalog.availability import Horizon
from catalog.model import Hours, Provider
from catalog.terms import MOVABLE

STATES: Mapping[str, str] = {
    "Pending": msg("before the worker sets off"),
    "In-Transit": msg("while the worker is on the way"),
    "At-Location": msg("when the worker is at the door"),
}
"""The states of terms, in words."""


LOOKED_AT, MOST_TOLD = 2_000, 20
"""Visits to come that are looked at for those on days without work, and how many of these are told."""


class MonthQuery(Query):
    """Which month of the calendar."""

    month: str = Field(default="", pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the calendar: ``works`` by the hours of the week, ``off`` one without work."""

    day: date
    label: str
    inside: bool
    works: bool
    off: bool
    past: bool


def month_of(text: str, today: date) -> date:
    """The first day of the month asked for; this one where none is."""
    return date.fromisoformat(f"{text}-01") if text else today.replace(day=1)


def weeks(first: date, hours: Hours, today: date) -> Sequence[Sequence[Day]]:
    """A month in weeks, from Monday on, filled up with the days around it."""
    return [
        [
            Day(
                day=one,
                label=format_date(one, "EEEE, d MMMM y", locale=f"{spoken()}_IN"),
                inside=one.month == first.month,
                works=one.isoweekday() in hours.days,
                off=one in hours.holidays,
                past=one < today,
            )
            for one in week
        ]
        for week in Calendar().monthdatescalendar(first.year, first.month)
    ]


async def read_hours(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The week, a month of days off with what is booked on such days all the same, and the terms."""
    provider, today = provider_of(visit, world), local_day(world.now)
    first = month_of(visit.query.month, today)
    after = (first + timedelta(days=31)).replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    found = weeks(first, provider.hours, today)
    holidays = sorted(one for one in provider.hours.holidays if one >= today)
    return {
        "provider": provider,
        "week": WEEKDAYS,
        "weeks": found,
        "day_names": [
            (format_date(one.day, "EEE", locale=f"{spoken()}_IN"), WEEKDAYS[one.day.isoweekday()]) for one in found[0]
        ],
        "month": f"{first:%Y-%m}",
        "month_name": format_date(first, "LLLL y", locale=f"{spoken()}_IN"),
        "before": f"{before:%Y-%m}" if before >= today.replace(day=1) else "",
        "after": f"{after:%Y-%m}",
        "listed": " ".join(one.day.isoformat() for row in found for one in row if one.inside and not one.past),
        "holidays": holidays,
        "booked": await _booked_on(holidays, provider, visit, work) if holidays else (),
        "cancelling": [(one, STATES[one.state], _minutes(one.cancel_by)) for one in provider.terms.cancellation],
        "moving": [(one, STATES[one.state], _minutes(one.within)) for one in provider.terms.reschedule],
        "movable": MOVABLE,
        "today": today,
    }


async def _booked_on(days: Sequence[date], provider: Provider, visit: Visit, work: Work) -> Sequence[Order]:
    """The first of the orders whose visits are booked on days without work: such a day moves nothing."""
    first, last = Horizon(days[0], 1).start, Horizon(days[-1], 1).end
    stages = frozenset(Stage) - TERMINAL
    which = VisitsOf(provider_id=provider.id, first=first, last=last, stages=stages, limit=LOOKED_AT)
    found = await work.orders.visits_of(which)
    off = [one for one in found if local_day(one.visit.slot.start) in days]
    return [one for one in off if sees_order(visit.person, one)][:MOST_TOLD]


def _minutes(duration: str) -> int:
    return int(parse_duration(duration).total_seconds()) // 60


HOURS = "/provider/{provider}/hours"
PAGES = (
    Page(
        path=HOURS,
        name="provider-hours",
        title=msg("Hours and terms"),
        roles=OWNERS,
        read=read_hours,
        template="provider_hours.html",
        query=MonthQuery,
    ),
)

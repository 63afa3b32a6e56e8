"""The monthly report of a district to the department: the figures, the page, the spreadsheet and the PDF."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from bpp.console.district.bounds import DAY, Days, district_of
from bpp.console.district.dashboard import bookings_plot
from bpp.console.district.demand import MOST_SERVICES, pincode_name, service_name
from bpp.console.district.pdf import as_pdf
from bpp.console.district.standing import fitness, providers_of, standing, workers_of
from bpp.console.district.words import CHANNELS, FITNESS, PAPERS, STAGES, STANDINGS
from bpp.console.language import gettext
from bpp.console.page import InALanguage, Visit
from bpp.console.sheets import Cell, xlsx_file
from bpp.console.shown import day as day_in_words
from bpp.console.shown import month as month_in_words
from bpp.console.shown import named
from bpp.core.world import World
from bpp.operator.files import File
from bpp.orders.assignment import local_day
from bpp.parties.expiry import lapsing
from bpp.storage.ports import Work
from bpp.storage.ports_demand import DemandFilter
from bpp.storage.ports_figures import Booked, BookedWith
from catalog.model import Provider
from catalog.money import Money
from catalog.places import District

MONTHS = 12
"""Of how many months, this one included, a report is offered."""
MOST = 15
"""Of how many services, pincodes and providers it tells."""
AHEAD = 30


class ReportQuery(InALanguage):
    """Of which month; the last whole one where none is named."""

    month: Annotated[str, Field(pattern=r"^(20\d{2}-(0[1-9]|1[0-2]))?$")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A month of a district in figures. ``whole``: the month is over."""

    district: District
    days: Days
    today: date
    whole: bool
    booked: Sequence[Booked]
    by_provider: Sequence[BookedWith]
    providers_named: Mapping[str, Provider | None]
    providers: Mapping[str, int]
    workers: Mapping[str, int]
    papers: Mapping[str, int]
    lacks: Sequence[tuple[str, int]]
    gaps: Sequence[tuple[str, int]]

    @property
    def orders(self) -> int:
        """How many bookings were made."""
        return sum(one.orders for one in self.booked)

    @property
    def by_state(self) -> Mapping[str, int]:
        """Bookings by how they stand now."""
        return _counted((one.state, one.orders) for one in self.booked)

    @property
    def by_channel(self) -> Mapping[str, int]:
        """Bookings by the way they came."""
        return _counted((one.channel, one.orders) for one in self.booked)

    @property
    def unserved(self) -> int:
        """Searches in vain."""
        return sum(count for _, count in self.lacks)

    def name_of(self, one: BookedWith) -> str:
        """What a provider is called in the language spoken; one that is gone from the catalogue by its id."""
        return named(self.providers_named[one.provider_id]) or one.provider_id

    def worth_of(self, one: BookedWith) -> Money:
        """What the work that a provider has done comes to."""
        return Money(one.paise)

    @property
    def worth(self) -> Money:
        """What the work that was done comes to."""
        return Money(sum(one.paise for one in self.by_provider))


async def read_report(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The report as a page, and as what a PDF is made of."""
    report = await _report(visit, work, world)
    return {
        "district": report.district,
        "report": report,
        "months": [(f"{one:%Y-%m}", month_in_words(one)) for one in months(local_day(world.now))],
        "chosen": f"{report.days.first:%Y-%m}",
        "plot": bookings_plot(report.booked, report.days),
        "stages": STAGES,
        "channels": CHANNELS,
        "standings": STANDINGS,
        "fitness": FITNESS,
        "kinds": PAPERS,
        "service_name": service_name,
        "pincode_name": pincode_name,
        "ahead": AHEAD,
        "made_at": world.now,
    }


async def read_sheet(visit: Visit, work: Work, world: World) -> File:
    """The report as a spreadsheet."""
    report = await _report(visit, work, world)
    return xlsx_file(_name(report), [gettext("Part"), gettext("What"), gettext("Count")], _rows(report))


def to_pdf(found: Mapping[str, Any], html: str) -> File:
    """The page of the report as a PDF; ApiProblem 501 where that cannot be made here."""
    return as_pdf(html, _name(found["report"]))


async def _report(visit: Visit, work: Work, world: World) -> Report:
    place, today = district_of(visit), local_day(world.now)
    days = month_of(visit.query.month, today)
    searches = DemandFilter(first=days.first, last=days.last, district=place.lgd)
    papers = (one for one in lapsing(world.catalog, today, AHEAD) if one.district == place.lgd)
    by_provider = await work.figures.booked_with(place.lgd, days.begin, days.end)
    lacks = await work.demand.report(searches, ("service_id",), MOST_SERVICES)
    gaps = await work.demand.report(searches, ("area_code",), MOST)
    catalog = world.catalog
    return Report(
        district=place,
        days=days,
        today=today,
        whole=days.last < today,
        booked=await work.figures.booked(place.lgd, days.begin, days.end),
        by_provider=by_provider,
        providers_named={one.provider_id: catalog.providers.get(one.provider_id) for one in by_provider},
        providers=Counter(standing(one, today) for one in providers_of(catalog, place.lgd)),
        workers=Counter(fitness(one, today) for one in workers_of(catalog, place.lgd)),
        papers=Counter(one.kind for one in papers),
        lacks=[(values[0], count) for values, count in lacks],
        gaps=[(values[0], count) for values, count in gaps],
    )


def month_of(text: str, today: date) -> Days:
    """The days of a month such as ``2026-10``; of none the last whole month."""
    first = date.fromisoformat(f"{text}-01") if text else (today.replace(day=1) - DAY).replace(day=1)
    return Days(first, (first + timedelta(days=31)).replace(day=1) - DAY)


def months(today: date) -> list[date]:
    """The first days of the last months, this one first."""
    found = [today.replace(day=1)]
    while len(found) < MONTHS:
        found.append((found[-1] - DAY).replace(day=1))
    return found


def _rows(report: Report) -> Iterator[Sequence[Cell]]:
    """The lines of the spreadsheet: part, what, count."""
    bookings, searches = gettext("Bookings"), gettext("Unserved searches")
    worth = gettext("Worth of the work done, in rupees")
    yield gettext("Monthly report"), f"{named(report.district)}, {month_in_words(report.days.first)}", None
    if not report.whole:
        yield gettext("Monthly report"), gettext("This month is not over yet: the figures are those up to now."), None
    yield bookings, gettext("All"), report.orders
    for parts, words in ((report.by_state, STAGES), (report.by_channel, CHANNELS)):
        yield from ((bookings, gettext(words[key]), parts.get(key, 0)) for key in words)
    yield bookings, worth, Decimal(str(report.worth))
    as_it_stood = gettext("As it stood on %(day)s.") % {"day": day_in_words(report.today)}
    yield gettext("Who serves the district"), as_it_stood, None
    for part, counted, words in (
        (gettext("Service providers"), report.providers, STANDINGS),
        (gettext("Sewamitras"), report.workers, FITNESS),
        (gettext("Papers that lapse in the next 30 days"), report.papers, PAPERS),
    ):
        yield from ((part, gettext(words[key]), counted.get(key, 0)) for key in words)
    by_provider = gettext("Bookings by provider")
    yield from ((by_provider, report.name_of(one), one.orders) for one in report.by_provider)
    yield from ((worth, report.name_of(one), Decimal(str(report.worth_of(one)))) for one in report.by_provider)
    yield searches, gettext("All"), report.unserved
    yield from ((gettext("Unserved searches by service"), service_name(key), count) for key, count in report.lacks)
    yield from ((gettext("Unserved searches by pincode"), pincode_name(key), count) for key, count in report.gaps)


def _name(report: Report) -> str:
    return f"sewamitra-{report.district.lgd}-{report.days.first:%Y-%m}"


def _counted(pairs: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    found = Counter[str]()
    for key, count in pairs:
        found[key] += count
    return found

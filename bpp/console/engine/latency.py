"""Figures: how long searches, callbacks and the rest take, and how callbacks fared over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

from aiohttp import web

from bpp.console.engine.figures import Figures, count, quantile, read_figures
from bpp.console.engine.surroundings import SURROUNDINGS
from bpp.console.engine.units import TOLD, seconds
from bpp.console.language import gettext, msg
from bpp.console.page import Visit
from bpp.console.plots import Plot, Series, plot
from bpp.console.shown import clock, day
from bpp.context import APP_CONTEXT
from bpp.core.world import World
from bpp.operator.routes import Query
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from catalog.availability import KOLKATA

MOST = 5_000
"""Callbacks that are looked at for the plot, the newest."""
SHARES = (0.5, 0.95, 0.99)
Period = Literal["hour", "day", "week"]
LATELY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Frame:
    """A time that is looked at: how long, in steps of which length, and what it is called."""

    step: timedelta
    steps: int
    words: str


FRAMES: Mapping[Period, Frame] = {
    "hour": Frame(timedelta(minutes=5), 12, msg("the last hour")),
    "day": Frame(timedelta(hours=1), 24, msg("the last day")),
    "week": Frame(timedelta(days=1), 7, msg("the last week")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Something that takes time: what it is, and its histogram of /metrics with labels."""

    words: str
    name: str
    labels: Mapping[str, str]


MEASURED: Sequence[Measured] = (
    Measured(words=msg("Search: from request to ACK"), name="bpp_ack_seconds", labels={"action": "search"}),
    Measured(
        words=msg("Search: from ACK to delivered on_search"),
        name="bpp_callback_seconds",
        labels={"action": "on_search"},
    ),
    Measured(words=msg("Any message: from request to ACK or NACK"), name="bpp_ack_seconds", labels={}),
    Measured(words=msg("Any callback: from stored to delivered"), name="bpp_callback_seconds", labels={}),
    Measured(words=msg("One attempt to deliver"), name="bpp_delivery_attempt_seconds", labels={}),
    Measured(words=msg("One transaction of the database"), name="bpp_commit_seconds", labels={}),
    Measured(words=msg("One question to the registry"), name="bpp_registry_lookup_seconds", labels={}),
    Measured(words=msg("How late a process comes to what is due"), name="bpp_event_loop_lag_seconds", labels={}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured: how many, and the percentiles in words."""

    words: str
    count: int
    times: Sequence[str]


class FiguresQuery(Query):
    """Which time the plot is of."""

    period: Period = "day"


async def read_figures_page(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """How long callbacks took over time, as stored with each attempt."""
    query: FiguresQuery = visit.query
    frame = FRAMES[query.period]
    begin = first_step(frame, world.now)
    taken = await work.traffic.delivered(begin, MOST)
    return {
        "plot": drawn(frame, begin, taken, query.period),
        "periods": [(name, one.words) for name, one in FRAMES.items()],
        "period": query.period,
        "cut": await work.traffic.overlooked(begin, MOST),
        "most": MOST,
        "late": sum(done - stored > timedelta(seconds=5) for stored, done in taken),
        "taken": len(taken),
        **TOLD,
    }


async def read_figures_part(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The live part has nothing of the database."""
    del visit, work
    return {"now": world.now, **TOLD}


async def beside_figures(visit: Visit, app: web.Application) -> Mapping[str, Any]:
    """The percentiles of /metrics since the start, and of the last minutes."""
    del visit
    context, around = app[APP_CONTEXT], app[SURROUNDINGS]
    now = context.clock()
    figures = read_figures(context.metrics.text().decode())
    before = around.recently.seen(now, LATELY)
    around.recently.note(now, figures)
    started = figures.by("bpp_process_start_time_seconds", "process")
    return {
        "now": now,
        "rows": rows(figures),
        "lately": rows(figures.since(before[1])) if before else (),
        "lately_seconds": (now - before[0]).total_seconds() if before else 0,
        "shares": [f"p{share * 100:g}" for share in SHARES],
        "messages": answers(figures),
        "process_count": len(started),
    }


def rows(figures: Figures) -> Sequence[Row]:
    """Everything that takes time."""
    found = []
    for one in MEASURED:
        buckets = figures.buckets(one.name, **one.labels)
        times = [seconds(quantile(buckets, share)) for share in SHARES]
        found.append(Row(words=gettext(one.words), count=count(buckets), times=times))
    return found


def answers(figures: Figures) -> Sequence[tuple[str, int]]:
    """How many messages had which answer, the most first."""
    found = figures.by("bpp_messages_total", "answer")
    return sorted(((name, int(value)) for name, value in found.items()), key=lambda one: -one[1])


def first_step(frame: Frame, now: datetime) -> datetime:
    """When the first step begins: the last one is under way. Hours and days are those of India."""
    midnight = datetime.combine(local_day(now), time(), KOLKATA)
    begun = midnight + (now - midnight) // frame.step * frame.step
    return begun - (frame.steps - 1) * frame.step


def drawn(frame: Frame, begin: datetime, taken: Sequence[tuple[datetime, datetime]], period: Period) -> Plot:
    """The median and the slowest twentieth of each step."""
    steps: list[list[float]] = [[] for _ in range(frame.steps)]
    for stored, done in taken:
        steps[min((stored - begin) // frame.step, frame.steps - 1)].append((done - stored).total_seconds())
    starts = [begin + number * frame.step for number in range(frame.steps)]
    labels = [day(one) if period == "week" else clock(one) for one in starts]
    series = [
        Series(name=gettext(msg("half of them within")), values=[_at(one, 0.5) for one in steps]),
        Series(name=gettext(msg("95 of 100 within")), values=[_at(one, 0.95) for one in steps]),
    ]
    title = gettext(msg("From stored to delivered, in seconds"))
    without = {place for place, one in enumerate(steps) if not one}
    return plot(title, labels, series, shown=lambda value: f"{value:.3g}", unknown=without)


def _at(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0

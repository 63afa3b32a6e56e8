"""Plots as plain shapes that a template draws as SVG, with the numbers beside them for whoever reads a table.

Pure: numbers in, shapes out. Nothing is scripted, and nothing is styled but by classes of ours. A plot is drawn twice,
for a desk and for a telephone, since letters of an SVG shrink with it; the style sheet shows the one that fits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from bpp.console.shown import number as written

LETTER = 7.5
"""How wide a letter is at most, in pixels: of 12 pixels height, in Latin or Devanagari."""
TOP, BOTTOM, RIGHT, GAP = 12, 32, 12, 10
TICKS = 4
ROW, BAR = 44, 18
"""Of bars in rows: how high a row with its label is, and its bar."""
LOOKS = ("", "two", "three", "four", "five", "six")
SMALLEST = 1.5
"""Fewer pixels than this nobody sees: a value that is not nothing is drawn so high."""
NOT_MEASURED = "–"
Kind = Literal["bars", "stacked", "lines", "rows"]
Shown = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a plot is drawn, in pixels; ``name`` is the class by which the style sheet shows it."""

    name: str
    width: int
    height: int


SIZES = (Size("wide", 720, 260), Size("slim", 312, 220))


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Numbers of one kind, one for each place."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: where, how large, of which series, and what a pointer is told."""

    x: float
    y: float
    width: float
    height: float
    look: str
    told: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line through the values of a series."""

    points: str
    look: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the plot with its value, or a label below it."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """A text in a plot: where it begins, and its base line."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The shapes of a plot in one size."""

    size: Size
    height: int
    left: float = 0
    floor: float = 0
    bars: Sequence[Bar] = ()
    lines: Sequence[Line] = ()
    across: Sequence[Tick] = ()
    below: Sequence[Tick] = ()
    texts: Sequence[Words] = ()

    @property
    def right(self) -> float:
        """Where the lines across end."""
        return self.size.width - RIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot as shapes, and the same as a table: ``rows`` are label and values as texts."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    drawings: Sequence[Drawing]
    rows: Sequence[tuple[str, Sequence[str]]]
    looks: Sequence[str]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for one in self.series for value in one.values)


@dataclass(frozen=True, slots=True)
class _Area:
    """Where values are drawn: from ``left`` in steps for each place, between ``bottom`` and ``top`` of the values."""

    size: Size
    left: float
    step: float
    ticks: Sequence[float]

    def height_of(self, value: float) -> float:
        """Where a value lies, from above."""
        bottom, top = self.ticks[0], self.ticks[-1]
        return round(TOP + (top - value) / (top - bottom) * (self.size.height - TOP - BOTTOM), 1)

    def middle(self, place: int) -> float:
        """Where a place lies, from the left."""
        return round(self.left + (place + 0.5) * self.step, 1)


def plot(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    kind: Kind = "bars",
    shown: Shown = written,
    unknown: Collection[int] = (),
) -> Plot:
    """Draw series over places; ``shown`` is how a value is written. Every series has a value for each label.

    At ``unknown`` places nothing was measured: their values are nought, so that nothing is drawn, and not written.

    ``bars`` stand side by side, ``stacked`` ones on one another; ``rows`` are lying bars of the first series, each
    under its label, for labels of any length.
    """
    looks = [LOOKS[number % len(LOOKS)] for number in range(len(series))]
    drawn = _lying if kind == "rows" else _standing
    return Plot(
        title=title,
        labels=labels,
        series=series,
        drawings=[drawn(labels, series, looks, kind, shown, size) for size in SIZES],
        rows=[
            (label, [NOT_MEASURED if place in unknown else shown(one.values[place]) for one in series])
            for place, label in enumerate(labels)
        ],
        looks=looks,
    )


def _standing(
    labels: Sequence[str], series: Sequence[Series], looks: Sequence[str], kind: Kind, shown: Shown, size: Size
) -> Drawing:
    """Bars or lines over places from left to right."""
    values = [value for one in series for value in one.values]
    if kind == "stacked":
        values = [sum(one.values[place] for one in series) for place in range(len(labels))]
    ticks = _ticks(min(values, default=0), max(values, default=0))
    left = GAP + max(len(shown(value)) for value in ticks) * LETTER
    area = _Area(size, left, (size.width - left - RIGHT) / max(len(labels), 1), ticks)
    bars = {"bars": _beside, "stacked": _stacked}.get(kind)
    return Drawing(
        size=size,
        height=size.height,
        left=left,
        floor=size.height - BOTTOM,
        bars=bars(area, labels, series, looks, shown) if bars else (),
        lines=[_line(area, one, look) for one, look in zip(series, looks, strict=True)] if kind == "lines" else (),
        across=[Tick(area.height_of(value), shown(value)) for value in ticks],
        below=_below(area, labels),
    )


def _below(area: _Area, labels: Sequence[str]) -> list[Tick]:
    """The labels under a plot: of more than there is room for only every so many."""
    room = max((len(label) for label in labels), default=1) * LETTER + GAP
    every = max(math.ceil(room / area.step), 1)
    half = (room - GAP) / 2
    found = [Tick(area.middle(place), label) for place, label in enumerate(labels) if place % every == 0]
    return [Tick(min(one.at, area.size.width - half), one.text) for one in found]


def _beside(
    area: _Area, labels: Sequence[str], series: Sequence[Series], looks: Sequence[str], shown: Shown
) -> list[Bar]:
    width = area.step * 0.8 / max(len(series), 1)
    floor = area.height_of(0)
    found = []
    for place, label in enumerate(labels):
        for number, one in enumerate(series):
            value = one.values[place]
            size = _seen(abs(floor - area.height_of(value)), value)
            x = round(area.left + (place + 0.1) * area.step + number * width, 1)
            told = f"{label}: {one.name} {shown(value)}"
            found.append(Bar(x, floor if value < 0 else floor - size, round(width, 1), size, looks[number], told))
    return found


def _stacked(
    area: _Area, labels: Sequence[str], series: Sequence[Series], looks: Sequence[str], shown: Shown
) -> list[Bar]:
    found = []
    for place, label in enumerate(labels):
        x, width, below = round(area.left + (place + 0.1) * area.step, 1), round(area.step * 0.8, 1), 0.0
        for number, one in enumerate(series):
            value = one.values[place]
            y, floor = area.height_of(below + value), area.height_of(below)
            told = f"{label}: {one.name} {shown(value)}"
            found.append(Bar(x, y, width, round(floor - y, 1), looks[number], told))
            below += value
    return [one for one in found if one.height]


def _line(area: _Area, one: Series, look: str) -> Line:
    points = (f"{area.middle(place)},{area.height_of(value)}" for place, value in enumerate(one.values))
    return Line(" ".join(points), look)


def _lying(
    labels: Sequence[str], series: Sequence[Series], looks: Sequence[str], kind: Kind, shown: Shown, size: Size
) -> Drawing:
    """Bars of the first series from the left, each under its label, with its value at its end."""
    del kind
    values = series[0].values
    said = [shown(value) for value in values]
    room = size.width - GAP - max((len(text) for text in said), default=0) * LETTER
    most = max(values, default=0) or 1
    bars, texts = [], []
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        y, width = place * ROW + ROW - BAR - 6, _seen(value / most * room, value)
        bars.append(Bar(0, y, width, BAR, looks[0], f"{label}: {said[place]}"))
        texts += [Words(0, y - 5, label), Words(round(width + 5, 1), y + BAR - 5, said[place])]
    return Drawing(size=size, height=max(len(labels), 1) * ROW, bars=bars, texts=texts)


def _seen(pixels: float, value: float) -> float:
    return round(max(pixels, SMALLEST) if value else 0, 1)


def _ticks(least: float, most: float) -> list[float]:
    """Values that read well, from at or below the least and nought to at or above the most; whole ones for counts."""
    least, most = min(least, 0), max(most, 0)
    step = _round_up((most - least) / TICKS) or 1
    if isinstance(least, int) and isinstance(most, int):
        step = math.ceil(step)
    return [step * number for number in range(math.floor(least / step), max(math.ceil(most / step), 1) + 1)]


def _round_up(value: float) -> float:
    """The next number that reads well: one, two or five with noughts."""
    if value <= 0:
        return 0
    size = 10.0 ** math.floor(math.log10(value))
    return next(step * size for step in (1, 2, 5, 10) if step * size >= value)

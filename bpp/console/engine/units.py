"""Sizes, durations and shares as an engineer reads them, in the language spoken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from babel.dates import format_timedelta

from bpp.console.language import gettext, msg, spoken
from bpp.console.shown import number

MOMENT = timedelta(seconds=1)
FEW = 10
MIB, GIB = 1 << 20, 1 << 30
STATES: Mapping[str, tuple[str, str]] = {
    "pending": (msg("waiting"), "warn"),
    "delivered": (msg("delivered"), "good"),
    "refused": (msg("refused by the buyer app"), "bad"),
    "given_up": (msg("given up"), "bad"),
    "superseded": (msg("replaced by a newer answer"), ""),
}
"""How a callback stands, and how that looks."""


def span(value: float) -> str:
    """A duration of seconds in its largest unit: ``3 hours``."""
    return format_timedelta(timedelta(seconds=value), locale=spoken(), threshold=1.5)


def since(moment: datetime, now: datetime) -> str:
    """How long ago, or in how long: ``3 hours ago``."""
    if abs(moment - now) < MOMENT:
        return gettext("just now")
    return format_timedelta(moment - now, locale=spoken(), threshold=1.5, add_direction=True)


def seconds(value: float | None) -> str:
    """A short duration: ``12 ms``, ``1.5 s``."""
    if value is None:
        return "–"
    if value < 1:
        return f"{_figure(value * 1000)} ms"
    return f"{_figure(value)} s"


def size(value: float | None) -> str:
    """Bytes: ``512 MiB``."""
    if value is None:
        return "–"
    return f"{_figure(value / GIB)} GiB" if value >= GIB else f"{_figure(value / MIB)} MiB"


def _figure(value: float) -> str:
    """With a digit after the point where there are few before it."""
    return number(str(round(value, 1) if value < FEW else round(value)))


def state_words(state: str) -> str:
    """How a callback stands."""
    return gettext(STATES[state][0])


def state_look(state: str) -> str:
    """How that looks."""
    return STATES[state][1]


TOLD = {"span": span, "since": since, "seconds": seconds, "size": size, "state_words": state_words}
"""What templates of this part call."""

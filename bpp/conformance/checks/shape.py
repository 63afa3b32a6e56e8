"""The shape of what a callback says: types, words, times, amounts, places. Source: protocol 1.0; assertion 59.

The strict models of ``beckn_schemas`` tell every departure from our own emission; what protocol 1.0 lists as a normal
variant of others is let pass here, and what is only odd has a check of its own, which warns (ADR 0033).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from beckn_schemas.base import parse_duration, parse_gps, parse_timestamp
from beckn_schemas.callbacks import Violation, check_schema
from beckn_schemas.igm_codes import IGM_ERROR_CODES
from beckn_schemas.strict_base import DURATION, MONEY
from bpp.conformance.check import Check, Fault, Severity, Subject
from bpp.conformance.checks import required, spelling
from bpp.conformance.checks.memory import remembered
from bpp.conformance.checks.plain_form import money, word
from bpp.conformance.checks.required_paths import REQUIRED
from bpp.conformance.path import at, schematic
from bpp.conformance.select import callbacks
from bpp.sandbox.exchange import Json

Fits = Callable[[Any, str], bool]
"""Whether a value that our own models refuse is one that another seller may send; the second argument is its path."""

_INDIA_LATITUDES = range(6, 39)


def _never(_: Any, __: str) -> bool:
    return False


def _amount(value: Any, _: str) -> bool:
    """Any decimal number of at most two decimals, but not less than nothing by nothing."""
    written = money(value)
    negative_nothing = str(value).startswith("-") and str(value).strip("-0.") == ""
    return (
        isinstance(value, str) and isinstance(written, str) and bool(MONEY.fullmatch(written)) and not negative_nothing
    )


def _reads(parse: Callable[[str], object]) -> Fits:
    def fits(value: Any, _: str) -> bool:
        try:
            parse(str(value))
        except ValueError:
            return False
        return True

    return fits


def _moment(value: Any, path: str) -> bool:
    """A time in UTC, with or without milliseconds; dates of holidays have a check of their own."""
    return ".holidays[" in path or (str(value).endswith(("Z", "+00:00")) and _reads(parse_timestamp)(value, path))


def _weekdays(value: Any, _: str) -> bool:
    """Numbers 1 to 7, each once; a zero before them is let pass."""
    named = [one.strip() for one in str(value).split(",")]
    return all(one.isdecimal() and 1 <= int(one) <= 7 for one in named) and len(set(named)) == len(named)  # noqa: PLR2004


_OTHER_WORDS: Mapping[str, frozenset[str]] = {
    "message.catalog.providers[].offers[].descriptor.code": frozenset({"discountpercent", "discountamount"}),
    "message.catalog.providers[].offers[].time.label": frozenset({"valid"}),
    "message.order.fulfillments[].stops[].type": frozenset({"start", "end"}),
    "message.order.fulfillments[].stops[].authorization.status": frozenset({"unclaimed", "claimed", "invalid"}),
    "message.order.fulfillments[].stops[].time.label": frozenset({"selected"}),
}
"""Words that participants use beside those that we send, without case and marks (protocol 1.0, 1.7, 4.17)."""


def _known_word(violation: Violation, value: Any) -> bool:
    """Whether a word is one of those expected but for its case and its marks."""
    known = {
        word(one.strip(" '")) for one in violation.expected.removeprefix("one of ").replace(" or ", ",").split(",")
    }
    return word(value) in known | _OTHER_WORDS.get(schematic(violation.path), frozenset())


_FITS: Mapping[str, Fits] = {
    "type": _never,
    "pattern": lambda value, path: path == "error.code" and value in IGM_ERROR_CODES,
    "money": _amount,
    "timestamp": _moment,
    "duration": _reads(parse_duration),
    "gps": _reads(parse_gps),
    "days": _weekdays,
}


_departures = remembered(check_schema)
"""Everything in which a callback departs from our own shape."""


def _violations(document: Json, rule: str) -> Iterator[tuple[str, str, Any]]:
    """Path, what was expected and what came, of one kind; the context's own words are judged elsewhere."""
    for one in _departures(document):
        if one.rule != rule or (rule in {"enum", "pattern"} and one.path.startswith("context")):
            continue
        value = at(document, one.path)
        if not (_known_word(one, value) if rule == "enum" else _FITS[rule](value, one.path)):
            yield one.path, one.expected, value


def _of_kind(rule: str, expected: str = "") -> Callable[[Subject], Iterator[Fault]]:
    def judge(subject: Subject) -> Iterator[Fault]:
        for path, wanted, value in _violations(subject.message.document, rule):
            yield Fault(path, expected or wanted, value)

    return judge


def _empty(subject: Subject) -> Iterator[Fault]:
    """Required texts and lists that are there and hold nothing."""
    message = subject.message
    for row in REQUIRED:
        if row.action in {"", message.action} and not row.echoed and row.path not in _MAY_BE_EMPTY:
            for path, value in required.places(message.document, sum(required.steps_of(row.path), ())):
                if value in ("", []):
                    yield Fault(path, "something that is not empty", repr(value))


_MAY_BE_EMPTY = frozenset(
    {
        "message.catalog.providers",  # assertion 10: nobody serves the place
        "message.catalog.providers[].items[base].parent_item_id",  # a service of its own
        "message.catalog.providers[].offers[].location_ids",  # everywhere
        "message.catalog.providers[].offers[].category_ids",
        "message.catalog.providers[].offers[].item_ids",
    }
)


def _odd_durations(subject: Subject) -> Iterator[Fault]:
    for one in _departures(subject.message.document):
        value = at(subject.message.document, one.path)
        if one.rule == "duration" and _FITS["duration"](value, one.path) and not DURATION.fullmatch(str(value)):
            yield Fault(one.path, "an ISO-8601 duration such as PT30S or P1D", value)


def _swapped(subject: Subject) -> Iterator[Fault]:
    """Places that lie in India only the other way round."""
    for path, value in _points(subject.message.document, ""):
        try:
            first, second = map(int, parse_gps(str(value)))
        except ValueError:
            continue  # another check's
        if first not in _INDIA_LATITUDES and second in _INDIA_LATITUDES:
            yield Fault(path, "latitude first, then longitude", value)


def _points(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key == "gps":
                yield f"{path}.{key}".lstrip("."), one
            else:
                yield from _points(one, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _points(one, f"{path}[{index}]")


def _check(
    name: str,
    title: str,
    judge: Callable[[Subject], Iterator[Fault]],
    *sources: str,
    severity: Severity = Severity.ERROR,
    form: bool = False,
) -> Check:
    return Check(
        name=name,
        title=title,
        sources=sources,
        of=callbacks(),
        needs="callback",
        judge=judge,
        severity=severity,
        form=form,
    )


CHECKS: tuple[Check, ...] = (
    _check(
        "shape_type",
        "Every value is of its type: text, whole number, true or false, list, object",
        _of_kind("type"),
        "specification on_* types",
        "protocol 7",
        "protocol 4.27",
        form=True,
    ),
    _check(
        "shape_enum",
        "A word from a list is one of that list, whatever its case",
        _of_kind("enum"),
        "specification on_* enums",
        "protocol 1.0",
        "protocol 4.19",
        "protocol 4.31",
        "protocol 4.33",
        form=True,
    ),
    _check(
        "shape_empty",
        "No required text or list is empty",
        _empty,
        "assertion 59",
        form=True,
    ),
    _check(
        "shape_pattern",
        "Addresses, PIN codes, ratings, percentages, one-time passwords and error codes have their form",
        _of_kind("pattern"),
        "specification on_* formats",
        "assertion 39",
        "assertion 40",
        form=True,
    ),
    _check(
        "shape_money",
        "An amount is a decimal text of at most two decimals, and never -0.00",
        _of_kind("money", "a decimal text of at most two decimals, never -0.00"),
        "assertion 59",
        "protocol 1.0",
        form=True,
    ),
    _check(
        "shape_timestamp",
        "A time has its date, its time of day and its zone, which is UTC",
        _of_kind("timestamp", "a time in UTC such as 2026-01-31T09:30:00.000Z"),
        "assertion 59",
        "protocol 1.0",
        form=True,
    ),
    _check(
        "shape_duration",
        "A duration can be read",
        _of_kind("duration"),
        "assertion 14",
        "protocol 4.2",
        form=True,
    ),
    _check(
        "shape_gps",
        "A place is a pair of degrees",
        _of_kind("gps", "latitude,longitude in degrees"),
        "protocol 1.0",
        form=True,
    ),
    _check(
        "gps_order",
        "A place is latitude first, then longitude",
        _swapped,
        "protocol 1.0",
    ),
    _check(
        "shape_days",
        "Weekdays are numbers from 1, Monday, to 7, each once",
        _of_kind("days"),
        "protocol 1.3",
        "assertion 14",
        form=True,
    ),
    _check(
        "duration_iso",
        "A duration is written as ISO-8601 has it: P1D, not PT1D",
        _odd_durations,
        "protocol 4.1",
        "protocol 4.2",
        "protocol 4.3",
        severity=Severity.WARNING,
    ),
    *spelling.CHECKS,
    *required.CHECKS,
)

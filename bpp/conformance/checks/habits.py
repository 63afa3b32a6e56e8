"""What simple counterparts read, whatever the specification leaves open. Source: protocol 7, "Send"."""

from __future__ import annotations

from collections.abc import Iterator

from beckn_schemas.base import parse_timestamp
from bpp.conformance.check import Check, Fault, Severity, Subject
from bpp.conformance.path import ABSENT, at
from bpp.conformance.select import callbacks


def _holidays(subject: Subject) -> Iterator[Fault]:
    for path, found in _every_holiday(subject):
        if not isinstance(found, list) or not found:
            yield Fault(path, "date-times, or no key where there are none", found)
            continue
        for place, one in enumerate(found):
            if not _moment(one):
                yield Fault(f"{path}[{place}]", "a date-time", one)


def _every_holiday(subject: Subject) -> Iterator[tuple[str, object]]:
    for place, provider in enumerate(subject.message.message["catalog"]["providers"]):
        holders = [f"providers[{place}]"]
        holders += [f"providers[{place}].items[{number}]" for number in range(len(provider.get("items", ())))]
        for holder in holders:
            path = f"message.catalog.{holder}.time.schedule.holidays"
            found = at(subject.message.document, path)
            if found is not ABSENT:
                yield path, found


def _moment(text: object) -> bool:
    try:
        parse_timestamp(str(text))
    except ValueError:
        return False
    return True


CHECKS: tuple[Check, ...] = (
    Check(
        name="holidays",
        title="Holidays are date-times, and left out where there are none",
        sources=("protocol 7", "protocol 3"),
        of=callbacks("on_search", where=lambda one: at(one.message, "catalog.providers[0]") is not ABSENT),
        needs="on_search with a provider",
        judge=_holidays,
        severity=Severity.WARNING,
    ),
)

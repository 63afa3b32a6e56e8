"""What simple counterparts read, whatever the specification leaves open. Source: protocol 7, "Send"."""

from __future__ import annotations

from collections.abc import Iterator

from beckn_schemas.base import parse_timestamp
from bpp.conformance.check import Check, Fault, Select, Severity, Subject
from bpp.conformance.path import ABSENT, at
from bpp.conformance.record import Flow
from bpp.conformance.select import ORDERED, callbacks

_READ = (
    "message.catalog.fulfillments[0].type",
    "message.catalog.payments[0].type",
    "message.catalog.providers[0].locations[0].id",
    "message.catalog.providers[0].items[0].location_ids",
)


def _locations(subject: Subject) -> Iterator[Fault]:
    found = at(subject.message.order, "provider.locations")
    if found in (ABSENT, None, []):
        yield Fault("message.order.provider.locations", "where the provider is", found)


def _read(subject: Subject) -> Iterator[Fault]:
    for path in _READ:
        if (found := at(subject.message.document, path)) in (ABSENT, None, "", []):
            yield Fault(path, "a value: simple buyer apps read it", found)


def _counts(subject: Subject) -> Iterator[Fault]:
    for place, item in enumerate(subject.message.order["items"]):
        path = f"items[{place}].quantity.selected.count"
        found = at(subject.message.order, path)
        if found is not ABSENT and (not isinstance(found, int) or isinstance(found, bool)):
            yield Fault(f"message.order.{path}", f"a whole number, for the item {item.get('id')}", repr(found))


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


def _with_items(*actions: str) -> Select:
    def select(flow: Flow) -> Iterator[Subject]:
        yield from callbacks(*actions, where=lambda one: bool(one.order.get("items")))(flow)

    return select


CHECKS: tuple[Check, ...] = (
    Check(
        name="provider_locations",
        title="on_select, on_init and on_update say where the provider is",
        sources=("protocol 7",),
        of=_with_items("on_select", "on_init", "on_update"),
        needs="on_select, on_init or on_update with an order",
        judge=_locations,
        severity=Severity.WARNING,
    ),
    Check(
        name="simply_read",
        title="What simple buyer apps read first stands in the catalog",
        sources=("protocol 7",),
        of=callbacks("on_search", where=lambda one: at(one.message, "catalog.providers[0]") is not ABSENT),
        needs="on_search with a provider",
        judge=_read,
        severity=Severity.WARNING,
    ),
    Check(
        name="whole_counts",
        title="quantity.selected.count is a whole number, no text",
        sources=("protocol 7", "protocol 1.0"),
        of=_with_items(*ORDERED),
        needs="callback with an order's items",
        judge=_counts,
        severity=Severity.WARNING,
    ),
    Check(
        name="holidays",
        title="Holidays are date-times, and left out where there are none",
        sources=("protocol 7",),
        of=callbacks("on_search", where=lambda one: at(one.message, "catalog.providers[0]") is not ABSENT),
        needs="on_search with a provider",
        judge=_holidays,
        severity=Severity.WARNING,
    ),
)

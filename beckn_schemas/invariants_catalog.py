"""Rules across the parts of a catalog, and of slots wherever they are offered.

Source: protocol 1.2, 3, assertions 7 and 12 to 15.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Final

from beckn_schemas.invariants_base import (
    INDIA,
    ORDERED,
    SEARCHED,
    Callback,
    Finding,
    Json,
    Rule,
    entries,
    ids,
    instant,
    paise,
    repeated,
    unresolved,
    weekday,
)
from beckn_schemas.strict_catalog import is_customization, tag_code

SERVICEABILITY: Final = frozenset({"location", "category", "type", "val", "unit"})
_UNITS: Final = {"10": "km", "11": "pincode", "12": "country", "13": "geojson"}
RESCHEDULE: Final = frozenset({"fulfillment_state", "reschedule_eligible", "reschedule_fee", "reschedule_within"})
_PINCODES: Final = re.compile(r"[0-9]{6}([,-][0-9]{6})*")
_KM: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")


def _areas(callback: Callback) -> Iterator[tuple[str, Mapping[str, Json], Mapping[str, Json]]]:
    for path, provider in callback.providers:
        for place, group in enumerate(provider["tags"]):
            if tag_code(group) == "serviceability":
                yield f"{path}.tags[{place}]", group, provider


def _serviceability_codes(callback: Callback) -> Iterator[Finding]:
    for path, provider in callback.providers:
        for place, group in enumerate(provider["tags"]):
            if tag_code(group) != "serviceability":
                yield f"{path}.tags[{place}]", "the tag serviceability"
    for path, group, _ in _areas(callback):
        if len(group["list"]) != len(SERVICEABILITY) or entries(group).keys() != SERVICEABILITY:
            yield f"{path}.list", "exactly location, category, type, val and unit"


def _serviceability_unit(callback: Callback) -> Iterator[Finding]:
    for path, group, _ in _areas(callback):
        area = entries(group)
        kind, val = area.get("type", ""), area.get("val", "")
        if _UNITS.get(kind) != area.get("unit"):
            yield f"{path}.list", "10 with km, 11 with pincode, 12 with country or 13 with geojson"
        elif not val_fits(kind, val):
            yield f"{path}.list", "a val that fits the type"


def val_fits(kind: str, val: str) -> bool:
    """Whether the ``val`` of a serviceability tag has the form of its type: km, pincodes, country, GeoJSON."""
    match kind:
        case "10":
            return _KM.fullmatch(val) is not None
        case "11":
            return _PINCODES.fullmatch(val) is not None
        case "12":
            return val == "IND"
    try:
        return bool(json.loads(val)["type"] == "FeatureCollection")
    except (ValueError, KeyError, TypeError):
        return False


def _serviceability_category(callback: Callback) -> Iterator[Finding]:
    for path, group, _ in _areas(callback):
        if not entries(group).get("category", "").startswith(callback.prefix):
            yield f"{path}.list", "a category of the context's domain"


def _serviceability_location(callback: Callback) -> Iterator[Finding]:
    for path, group, provider in _areas(callback):
        if entries(group).get("location") not in ids(provider["locations"]):
            yield f"{path}.list", "the id of a location of this provider"


def _item_category(callback: Callback) -> Iterator[Finding]:
    code = re.compile(re.escape(callback.prefix) + r"([0-9A-F]{4}|\*)")
    for path, item, _, customizes in callback.offered:
        if customizes:
            continue
        for place, category in enumerate(item["category_ids"]):
            if not code.fullmatch(category):
                yield f"{path}.category_ids[{place}]", "a category code of the context's domain"


def _item_ids(callback: Callback) -> Iterator[Finding]:
    every = list(callback.offered)
    for place in repeated([item for _, item, *_ in every]):
        yield f"{every[place][0]}.id", "an id of its own among all providers"


def _references(callback: Callback) -> Iterator[Finding]:
    fulfillments = ids(callback.catalog.get("fulfillments", ()))
    payments = ids(callback.catalog.get("payments", ()))
    for provider_path, provider in callback.providers:
        items, places, groups = ids(provider["items"]), ids(provider["locations"]), ids(provider.get("categories", ()))
        for place, item in enumerate(provider["items"]):
            path = f"{provider_path}.items[{place}]"
            yield from unresolved(path, item, "fulfillment_ids", fulfillments)
            yield from unresolved(path, item, "payment_ids", payments)
            yield from unresolved(path, item, "location_ids", places)
            if is_customization(item):
                yield from unresolved(path, item, "category_ids", groups)
            parent = item["parent_item_id"]
            if parent and (parent not in items or parent == item["id"]):
                yield f"{path}.parent_item_id", "another item of this provider, or an empty text"
        for place, group in enumerate(provider.get("categories", ())):
            if group.get("parent_category_id", group["id"]) not in groups:
                yield f"{provider_path}.categories[{place}].parent_category_id", "a category of this provider"
        for place, offer in enumerate(provider.get("offers", ())):
            yield from unresolved(f"{provider_path}.offers[{place}]", offer, "item_ids", items)
            yield from unresolved(f"{provider_path}.offers[{place}]", offer, "location_ids", places)


def _price(callback: Callback) -> Iterator[Finding]:
    for path, item, _, customizes in callback.offered:
        if customizes:
            continue
        if paise(item["price"]["value"]) <= 0:
            yield f"{path}.price.value", "more than 0.00"
        if paise(item["price"].get("maximum_value", item["price"]["value"])) < paise(item["price"]["value"]):
            yield f"{path}.price.maximum_value", "not less than the value"


def _item_tags(callback: Callback) -> Iterator[Finding]:
    for path, item, *_ in callback.offered:
        for place, group in enumerate(item["tags"]):
            code, found = tag_code(group), entries(group)
            at = f"{path}.tags[{place}]"
            if code == "attribute" and found.get("type") not in {"customization", "add_on"}:
                yield at, "an attribute of type customization or add_on"
            elif code == "reschedule_terms" and found.keys() != RESCHEDULE:
                yield at, f"exactly {', '.join(sorted(RESCHEDULE))}"
            elif code not in {"attribute", "reschedule_terms"}:
                yield at, "the tag reschedule_terms or attribute"


def _schedule_order(callback: Callback) -> Iterator[Finding]:
    for path, _, starts in callback.schedules:
        if any(later <= earlier for earlier, later in pairwise(starts)):
            yield path, "sorted starts, each once"


def _schedule_future(callback: Callback) -> Iterator[Finding]:
    now = callback.now
    for path, _, starts in callback.schedules:
        if any(start <= now for start in starts):
            yield path, "starts after context.timestamp"


def _schedule_range(callback: Callback) -> Iterator[Finding]:
    for path, time, starts in callback.schedules:
        first, last = instant(time["range"]["start"]), instant(time["range"]["end"])
        if last <= first or any(not first <= start < last for start in starts):
            yield path, "starts inside range, which ends after it begins"


def _schedule_weekday(callback: Callback) -> Iterator[Finding]:
    for path, time, starts in callback.schedules:
        days = set(time["days"].split(","))
        if any(weekday(start) not in days for start in starts):
            yield path, "starts on the weekdays named in days, as in India"


def _schedule_holiday(callback: Callback) -> Iterator[Finding]:
    for path, time, starts in callback.schedules:
        off: set[date] = {instant(day).astimezone(INDIA).date() for day in time["schedule"].get("holidays", ())}
        if off and any(start.astimezone(INDIA).date() in off for start in starts):
            yield path, "no starts on holidays, as in India"


_OFFERED: Final = SEARCHED | ORDERED

CATALOG_RULES: Final[tuple[Rule, ...]] = (
    Rule("serviceability_codes", SEARCHED, "assertion 13; protocol 3", _serviceability_codes),
    Rule("serviceability_unit", SEARCHED, "assertion 13; protocol 3; protocol 4.36", _serviceability_unit),
    Rule("serviceability_category", SEARCHED, "assertion 13; protocol 1.2", _serviceability_category),
    Rule("serviceability_location", SEARCHED, "assertion 12", _serviceability_location),
    Rule("item_category", SEARCHED, "assertion 7; protocol 1.0", _item_category),
    Rule("item_ids", SEARCHED, "protocol 1.0", _item_ids),
    Rule("catalog_references", SEARCHED, "assertion 12; protocol 1.2", _references),
    Rule("catalog_price", SEARCHED, "assertion 15; protocol 4.40", _price),
    Rule("item_tags", SEARCHED, "assertion 15; protocol 3", _item_tags),
    Rule("schedule_order", _OFFERED, "assertion 14; protocol 1.2", _schedule_order),
    Rule("schedule_future", _OFFERED, "assertion 14; assertion 17; protocol 4.5", _schedule_future),
    Rule("schedule_range", _OFFERED, "assertion 14; protocol 4.5", _schedule_range),
    Rule("schedule_weekday", _OFFERED, "assertion 14; protocol 4.5; protocol 4.6", _schedule_weekday),
    Rule("schedule_holiday", _OFFERED, "assertion 14; protocol 4.5", _schedule_holiday),
)

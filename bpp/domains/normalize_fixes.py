"""What the rules of ``bpp.domains.normalize`` do to a value. Each fix leaves what it cannot read as it came.

A fix changes nothing in place: it returns the value itself where there is nothing to put right, else a new one that
shares with it whatever stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from operator import is_not
from typing import Any, Final

from beckn_schemas.base import parse_gps, parse_timestamp
from beckn_schemas.context import DEFAULT_TTL
from bpp.domains.dialect import CANONICAL, Dialect
from catalog.codes import ondc_codes

Json = Any
Fix = Callable[[Json, Dialect], Json]

ABSENT: Final = object()
"""What a fix gets for a key that is not there, and returns for one that shall go."""

_MIN_LAT, _MAX_LAT = 6.0, 38.0
_MIN_LON, _MAX_LON = 68.0, 98.0
"""India lies between these degrees, which do not overlap."""
# What gps would give back as it came: a latitude below every longitude of India, both with six decimals.
_NORMAL_GPS = re.compile(r"(?:[6-9]|[12][0-9]|3[0-7])\.[0-9]{6},[1-9][0-9]\.[0-9]{6}")
_ODD_SECONDS = re.compile(r"P([0-9]{1,6}S)")
_ODD_DAYS = re.compile(r"PT([0-9]{1,6}D)")
_PREFIX = re.compile(r"^(message\.)?(order\.)?")
_NUMERIC = re.compile(r"[0-9]{1,9}")

FEE_GROUPS: Final = {"BAPTERMS": "BAP_Terms", "BUYERFINDERFEE": "Buyer_Finder_Fee"}
"""Tag groups with finder fee terms: squeezed, and in the form that we emit."""


def squeezed(text: str) -> str:
    """A word without ``-``, ``_``, spaces and case, to be compared."""
    return "".join(text.replace("-", "").replace("_", "").split()).upper()


def spelled(*known: str) -> Fix:
    """A fix that gives known words their one spelling: case, ``-``, ``_`` and spaces do not matter."""
    table = {squeezed(word): word for word in known}

    def fix(value: Json, _: Dialect) -> Json:
        return value if not isinstance(value, str) or value in known else table.get(squeezed(value), value)

    return fix


def ttl(value: Json, _: Dialect) -> Json:
    """A missing or empty lifetime is the default; odd spellings as in ``duration``."""
    return DEFAULT_TTL if value is ABSENT or value == "" else duration(value, _)


def duration(value: Json, _: Dialect) -> Json:
    """``P30S`` is ``PT30S``, ``PT5D`` is ``P5D``."""
    if isinstance(value, str):
        if odd := _ODD_SECONDS.fullmatch(value):
            return f"PT{odd[1]}"
        if odd := _ODD_DAYS.fullmatch(value):
            return f"P{odd[1]}"
    return value


def gps(value: Json, _: Dialect) -> Json:
    """``lat,lon`` with six decimals; exchanged where only the exchanged pair lies in India."""
    if not isinstance(value, str) or _NORMAL_GPS.fullmatch(value):
        return value
    try:
        lat, lon = parse_gps(value)
    except ValueError:  # 98 degrees are no latitude, but a longitude that came first
        first, _comma, second = value.partition(",")
        try:
            lat, lon = parse_gps(f"{second},{first}")
        except ValueError:
            return value
    if _MIN_LON <= lat <= _MAX_LON and _MIN_LAT <= lon <= _MAX_LAT:
        lat, lon = lon, lat
    return f"{round(lat, 6) + 0.0:.6f},{round(lon, 6) + 0.0:.6f}"


def count(value: Json, _: Dialect) -> Json:
    """A numeric text as a number."""
    return int(value) if isinstance(value, str) and _NUMERIC.fullmatch(value) else value


def amount(value: Json, _: Dialect) -> Json:
    """A number as a decimal text without exponent."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return format(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), "f")


def category(value: Json, dialect: Dialect) -> Json:
    """A category code in decimal form; an empty one goes."""
    if not isinstance(value, str) or (value in ondc_codes() and dialect.category_form == "decimal"):
        return value  # the very same, so that nothing is copied
    return ABSENT if not value.strip() else dialect.read_category(value)


def category_id(value: Json, _: Dialect) -> Json:
    """``category.code`` becomes ``category.id``."""
    if isinstance(value, dict) and "id" not in value and isinstance(value.get("code"), str):
        return {**value, "id": value["code"]}
    return value


def empty(value: Json, _: Dialect) -> Json:
    """An empty text goes."""
    return ABSENT if value == "" else value


def weekdays(value: Json, _: Dialect) -> Json:
    """Weekdays as text; what is neither text nor number goes, since nobody reads them."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ABSENT


def time_range(value: Json, _: Dialect) -> Json:
    """An end that is not after the start goes, and so do empty texts."""
    if not isinstance(value, dict):
        return value
    start, end = value.get("start"), value.get("end")
    idle = {key for key, text in (("start", start), ("end", end)) if text == ""}
    if not idle and isinstance(start, str) and isinstance(end, str):
        if start < end and len(start) == len(end) and start[-1] == end[-1] == "Z":
            return value  # the texts of two such times are in the order of the times
        try:
            if parse_timestamp(end) <= parse_timestamp(start):
                idle = {"end"}
        except ValueError:
            return value
    return _without(value, idle) if idle else value


def _without(value: Mapping[str, Json], keys: Collection[str]) -> dict[str, Json]:
    return {key: part for key, part in value.items() if key not in keys}


def one_fulfillment(value: Json, _: Dialect) -> Json:
    """``intent.fulfillments[0]`` becomes ``intent.fulfillment``."""
    if isinstance(value, dict) and "fulfillment" not in value:
        several = value.get("fulfillments")
        if isinstance(several, list) and several:
            rest = _without(value, {"fulfillments"})
            # A null says as little here as anywhere.
            return rest if several[0] is None else {**rest, "fulfillment": several[0]}
    return value


def quantity_of_items(value: Json, _: Dialect) -> Json:
    """``order.provider.quantity`` belongs to the items that have none; without any, one is meant. Texts are numbers."""
    if not isinstance(value, dict):
        return value
    provider, items = value.get("provider"), value.get("items")
    misplaced: Json = {}
    right: dict[str, Json] = {}
    if isinstance(provider, dict) and "quantity" in provider:
        misplaced = provider["quantity"] if isinstance(provider["quantity"], dict) else {}
        right["provider"] = _without(provider, {"quantity"})
    if isinstance(items, list) and not _are_counted(items):
        counted = [_counted(item, misplaced) for item in items]
        if any(map(is_not, counted, items)):
            right["items"] = counted
    return {**value, **right} if right else value


def _are_counted(items: list[Json]) -> bool:
    """Whether every item says by a number how many are selected, as nearly all do."""
    try:
        return {item["quantity"]["selected"]["count"].__class__ for item in items} <= {int}
    except (KeyError, TypeError):
        return False


def _counted(item: Json, otherwise: Json) -> Json:
    """An item with the units selected, as a number: its own, else those of the quantity given, else one."""
    if not isinstance(item, dict):
        return item
    quantity = item.get("quantity", otherwise)
    if not isinstance(quantity, dict):
        return item
    selected = quantity.get("selected", {})
    if isinstance(selected, dict):
        said = selected.get("count", "1")  # as a text, which becomes another value below
        if (number := count(said, CANONICAL)) is not said:
            return {**item, "quantity": {**quantity, "selected": {**selected, "count": number}}}
    return item if "quantity" in item else {**item, "quantity": quantity}


def real_payments(value: Json, _: Dialect) -> Json:
    """Elements after the first that have neither id, type nor amount are junk."""
    if not isinstance(value, list):
        return value
    return [part for place, part in enumerate(value) if place == 0 or not _junk(part)]


def _junk(payment: Json) -> bool:
    if not isinstance(payment, dict):
        return False
    params = payment.get("params")
    return not {"id", "type"} & payment.keys() and not (isinstance(params, dict) and "amount" in params)


def person(value: Json, _: Dialect) -> Json:
    """``stop.customer.person`` is the person of the stop."""
    if isinstance(value, dict) and "person" not in value:
        customer = value.get("customer")
        if isinstance(customer, dict) and isinstance(customer.get("person"), dict):
            return {**value, "person": customer["person"]}
    return value


def fee_terms(value: Json, _: Dialect) -> Json:
    """A tag group of finder fee terms, in any case, with or without the prefix, into the form that we emit."""
    descriptor = value.get("descriptor") if isinstance(value, dict) else None
    code = descriptor.get("code") if isinstance(descriptor, dict) else None
    canonical = FEE_GROUPS.get(squeezed(code)) if isinstance(code, str) else None
    if canonical is None or descriptor is None:
        return value
    entries = value.get("list")
    fixed = value if code == canonical else {**value, "descriptor": {**descriptor, "code": canonical}}
    return {**fixed, "list": [_fee_entry(entry) for entry in entries]} if isinstance(entries, list) else fixed


def _fee_entry(entry: Json) -> Json:
    descriptor = entry.get("descriptor") if isinstance(entry, dict) else None
    code = descriptor.get("code") if isinstance(descriptor, dict) else None
    if not isinstance(code, str) or descriptor is None:
        return entry
    match squeezed(code).removeprefix("BUYER"):
        case "FINDERFEETYPE":
            canonical, read = "Buyer_Finder_Fee_Type", _fee_kind
        case "FINDERFEEAMOUNT":
            canonical, read = "Buyer_Finder_Fee_Amount", amount
        case _:
            return entry
    fixed = entry if code == canonical else {**entry, "descriptor": {**descriptor, "code": canonical}}
    return {**fixed, "value": read(entry["value"], CANONICAL)} if "value" in entry else fixed


def _fee_kind(value: Json, _: Dialect) -> Json:
    if not isinstance(value, str):
        return value
    kind = value.strip().lower()
    return "percent" if kind == "percentage" else kind


def rating(value: Json, _: Dialect) -> Json:
    """``ratingCategory`` is ``rating_category``."""
    if isinstance(value, dict) and "ratingCategory" in value:
        return {"rating_category": value["ratingCategory"], **_without(value, {"ratingCategory"})}
    return value


def targets(value: Json, _: Dialect) -> Json:
    """``"payments"``, ``"payments,fulfillments"`` or ``["message.order.payments"]`` as a list of parts."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str) for part in parts):
        return value
    names = (re.split(r"[.\[]", _PREFIX.sub("", part.strip()))[0].strip() for part in ",".join(parts).split(","))
    return list(dict.fromkeys(name for name in names if name))


def reason(value: Json, _: Dialect) -> Json:
    """``descriptor.code`` stands for a missing ``cancellation_reason_id``."""
    if isinstance(value, dict) and "cancellation_reason_id" not in value:
        descriptor = value.get("descriptor")
        code = descriptor.get("code") if isinstance(descriptor, dict) else None
        if isinstance(code, str) and code:
            return {**value, "cancellation_reason_id": code}
    return value

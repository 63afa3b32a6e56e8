"""A message in the one spelling that rules read: variants that receivers take as normal are no fault of their sender.

Nothing moves: what is at a path stays there, so that what a rule says of the copy is true of the message. What is
spelled beyond these variants stays as it came, and the checks of shape name it. Source: protocol 1.0, ADR 0033.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from beckn_schemas.invariants_catalog import RESCHEDULE, SERVICEABILITY
from beckn_schemas.invariants_order import FEE, PAYMENT_TAGS
from beckn_schemas.spellings import FEE_CODES
from beckn_schemas.strict_catalog import tag_code
from bpp.conformance.checks.memory import remembered

_AMOUNT = re.compile(r"(-?)0*([0-9]+)(?:\.([0-9]{1,2}))?")
_WORDS = {
    re.sub(r"[-_ ]", "", word).casefold(): word
    for word in ("Pending", "In-Transit", "At-Location", "Completed", "Cancelled", "Serviceable", "Non-serviceable")
}
_STATUSES = {
    re.sub(r"[-_ ]", "", word).casefold(): word
    for word in ("CREATED", "ACCEPTED", "IN-PROGRESS", "COMPLETED", "CANCELLED", "PENDING", "PAID", "NOT-PAID")
}
_LABELS = frozenset({"confirmed", "rejected", "validity"})
_PRICES = frozenset({"price", "amount"})
_AMOUNTS = frozenset({"amount", "maximum_value", "minimum_value", "offered_value"})
_OFFER_AMOUNTS = frozenset({"qualifier_min_value", "max_benefit", "discount_value", "min_value", "item_value"})
_UNITS = frozenset({"discount_unit", *(kind for kind, _ in FEE_CODES.values())})
"""Codes whose value is ``percent``, or by another spelling ``percentage``."""
_CODES: Mapping[str, frozenset[str]] = {
    "serviceability": SERVICEABILITY,
    "reschedule_terms": RESCHEDULE,
    **PAYMENT_TAGS,
}
"""The codes of tags that rules ask for; a seller may say more beside them."""


@remembered
def plain(document: Any) -> Any:
    """A copy in plain spelling."""
    return _plain(document, "", {})


def money(value: object) -> object:
    """An amount with two decimals; what is no amount of at most two decimals stays as it is."""
    found = _AMOUNT.fullmatch(str(value)) if isinstance(value, str | int | float) else None
    if found is None or isinstance(value, bool):
        return value
    sign, rupees, paise = found.groups()
    text = f"{rupees}.{(paise or '').ljust(2, '0')}"
    return text if text.strip("0.") == "" else f"{sign}{text}"


def word(value: object) -> str:
    """A word without its case and its marks, as receivers compare it."""
    return re.sub(r"[-_ ]", "", str(value)).casefold()


def _plain(value: Any, key: str, holder: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        parts = {name: one if name == "context" else _plain(one, name, value) for name, one in value.items()}
        return _known_codes(_completed(parts, key) | _amounts(value, key))
    if isinstance(value, list):
        kept = [_plain(one, key, holder) for one in value]
        paying = key == "tags" and "collected_by" in holder
        return [one for one in kept if tag_code(one) in {*PAYMENT_TAGS, FEE}] if paying else kept
    return _scalar(value, key)


def _completed(value: dict[str, Any], key: str) -> dict[str, Any]:
    """A catalog's item with the keys that rules read, empty where they lack: that is the required paths' matter."""
    return {"parent_item_id": "", "tags": []} | value if key == "items" and "descriptor" in value else value


def _amounts(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    code = tag_code(value)
    if code in _OFFER_AMOUNTS:
        return {"value": money(value.get("value"))}
    if code in _UNITS and word(value.get("value")) == "percentage":
        return {"value": "percent"}
    return {"value": money(value["value"])} if "value" in value and (key in _PRICES or "currency" in value) else {}


def _known_codes(value: dict[str, Any]) -> dict[str, Any]:
    known = _CODES.get(tag_code(value) or "")
    if known is None or not isinstance(value.get("list"), list):
        return value
    return value | {"list": [one for one in value["list"] if tag_code(one) in known]}


def _scalar(value: Any, key: str) -> Any:
    if key in _AMOUNTS:
        return money(value)
    spelled = _SPELLED.get(key)
    return value if spelled is None else spelled(value)


def _days(value: Any) -> Any:
    return ",".join(one.strip().lstrip("0") for one in value.split(",")) if isinstance(value, str) else value


def _count(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _label(value: Any) -> Any:
    return str(value).casefold() if str(value).casefold() in _LABELS else value


_SPELLED: Mapping[str, Callable[[Any], Any]] = {
    "days": _days,
    "count": _count,
    "label": _label,
    "code": lambda value: _WORDS.get(word(value), value),
    "status": lambda value: _STATUSES.get(word(value), value),
}

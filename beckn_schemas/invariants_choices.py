"""Rules of customisation and of offers in a catalog. Source: protocol 3 (customization model), 4.17, assertion 12."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from beckn_schemas.invariants_base import (
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
)
from beckn_schemas.strict_base import DURATION, MONEY
from beckn_schemas.strict_catalog import is_customization, tag_code

_FLAG: Final = re.compile(r"true|false")
_NUMBER: Final = re.compile(r"[0-9]{1,3}")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_PERCENT: Final = re.compile(r"(100|[0-9]{1,2})(\.[0-9]{1,2})?")
_SWITCH: Final = re.compile(r"yes|no")
_TEXT: Final = re.compile(r".{1,255}", re.DOTALL)

_Codes = Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class _Form:
    """A tag's codes: those that it must have, and all that it may have, with the form of their values."""

    must: frozenset[str]
    known: _Codes


def _form(must: _Codes, may: _Codes) -> _Form:
    return _Form(frozenset(must), {**must, **may})


_CATEGORY_TAGS: Final[Mapping[str, _Form]] = {
    "selection": _form(
        {"seq": _NUMBER, "mandatory_selection": _FLAG},
        {"min_selection": _NUMBER, "max_selection": _NUMBER},
    ),
    "schedule": _form(
        {"start_time": _CLOCK, "end_time": _CLOCK, "frequency": DURATION},
        {"mandatory_selection": _FLAG},
    ),
}
_OFFER_TAGS: Final[Mapping[str, _Form]] = {
    "offers_details": _form(
        {"qualifier_min_value": MONEY},
        {"max_benefit": MONEY, "discount_unit": re.compile(r"percent|amount"), "discount_value": _TEXT},
    ),
    "qualifier": _form({}, {"min_value": MONEY, "item_count": _NUMBER}),
    "benefit": _form({}, {"item_count": _NUMBER, "item_id": _TEXT, "item_value": MONEY}),
    "meta": _form({}, {"additive": _SWITCH, "auto": _SWITCH}),
}
_TAGS: Final = {**_CATEGORY_TAGS, **_OFFER_TAGS}


def _fitting(group: Mapping[str, Json], tags: Mapping[str, _Form]) -> dict[str, str] | None:
    """The entries of a tag group that is known and has its form, else None.

    It has the codes it must have and none that it may not have, once each, with values of their form.
    """
    form = tags.get(str(tag_code(group)))
    if form is None:
        return None
    found = entries(group)
    complete = form.must <= found.keys() <= form.known.keys() and len(found) == len(group["list"])
    return found if complete and all(form.known[key].fullmatch(value) for key, value in found.items()) else None


def _groups(callback: Callback, part: str) -> Iterator[tuple[str, Mapping[str, Json], Mapping[str, Json]]]:
    for path, provider in callback.providers:
        for place, group in enumerate(provider.get(part, ())):
            yield f"{path}.{part}[{place}]", group, provider


def _tagged(group: Mapping[str, Json], code: str) -> dict[str, str]:
    """The entries of a tag, or none where it is not there or has not its form, which is a finding of its own."""
    for tags in group.get("tags", ()):
        if tag_code(tags) == code and (found := _fitting(tags, _TAGS)) is not None:
            return found
    return {}


def _category_tags(callback: Callback) -> Iterator[Finding]:
    for path, group, _ in _groups(callback, "categories"):
        for index, tags in enumerate(group.get("tags", ())):
            if _fitting(tags, _CATEGORY_TAGS) is None:
                yield f"{path}.tags[{index}]", "the tag selection or schedule, with its codes"
        rule, hours = _tagged(group, "selection"), _tagged(group, "schedule")
        if int(rule.get("min_selection", "0")) > int(rule.get("max_selection", "999")):
            yield f"{path}.tags", "a min_selection that is not above max_selection"
        if hours and hours["start_time"] >= hours["end_time"]:
            yield f"{path}.tags", "a start_time before end_time"


def _category_tree(callback: Callback) -> Iterator[Finding]:
    for path, provider in callback.providers:
        groups = provider.get("categories", ())
        for place in repeated(groups):
            yield f"{path}.categories[{place}].id", "an id of its own in this provider"
        roots = {group["id"] for group in groups if "parent_category_id" not in group}
        for place, group in enumerate(groups):
            parent = group.get("parent_category_id", group["id"])
            itself = parent == group["id"]
            if itself == ("parent_category_id" in group) or not (itself or parent in roots):
                yield f"{path}.categories[{place}].parent_category_id", "a category that is not itself a part of one"


def _parents(callback: Callback) -> Iterator[Finding]:
    for path, provider in callback.providers:
        bases = {item["id"] for item in provider["items"] if not is_customization(item)}
        if len(bases) == len(provider["items"]):
            continue
        for place, item in enumerate(provider["items"]):
            if is_customization(item) and item["parent_item_id"] not in bases:
                yield f"{path}.items[{place}].parent_item_id", "a base item of this provider"


def _choices(callback: Callback) -> Iterator[Finding]:
    for path, provider in callback.providers:
        groups = provider.get("categories", ())
        custom = [item for item in provider["items"] if is_customization(item)] if groups else []
        for place, group in enumerate(groups):
            rule = _tagged(group, "selection")
            parts = {one["id"] for one in groups if one.get("parent_category_id") == group["id"]}
            own = {item["id"] for item in custom if group["id"] in item["category_ids"]}
            choices = own or {part for item in custom for part in item["category_ids"] if part in parts}
            wanted = max(int(rule.get("min_selection", "0")), rule.get("mandatory_selection") == "true")
            if len(choices) < wanted:
                yield f"{path}.categories[{place}]", "as many customization items as must be chosen"


def _offers(callback: Callback) -> Iterator[Finding]:
    now = callback.now
    for path, provider in callback.providers:
        for place in repeated(provider.get("offers", ())):
            yield f"{path}.offers[{place}].id", "an id of its own in this provider"
    for path, offer, provider in _groups(callback, "offers"):
        first, last = instant(offer["time"]["range"]["start"]), instant(offer["time"]["range"]["end"])
        if not first < last or last <= now:
            yield f"{path}.time.range", "a range that ends after it begins, and after context.timestamp"
        groups = ids(provider.get("categories", ()))
        for index, category in enumerate(offer["category_ids"]):
            if category not in groups and not category.startswith(callback.prefix):
                yield f"{path}.category_ids[{index}]", "a category of the context's domain or of this provider"


def _offer_tags(callback: Callback) -> Iterator[Finding]:
    for path, offer, provider in _groups(callback, "offers"):
        codes = [tag_code(group) for group in offer["tags"]]
        if "offers_details" not in codes or len(set(codes)) != len(codes):
            yield f"{path}.tags", "the tag offers_details, and no tag twice"
        for index, group in enumerate(offer["tags"]):
            if _fitting(group, _OFFER_TAGS) is None:
                yield f"{path}.tags[{index}]", f"one of {', '.join(_OFFER_TAGS)}, with its codes"
        if not _KINDS[offer["descriptor"]["code"]](offer, ids(provider["items"])):
            yield f"{path}.tags", f"what an offer of the kind {offer['descriptor']['code']} takes off"


def _percent(offer: Mapping[str, Json], _: set[str]) -> bool:
    details = _tagged(offer, "offers_details")
    value = details.get("discount_value", "")
    return details.get("discount_unit") == "percent" and bool(_PERCENT.fullmatch(value)) and float(value) > 0


def _amount(offer: Mapping[str, Json], _: set[str]) -> bool:
    details = _tagged(offer, "offers_details")
    value = details.get("discount_value", "")
    return details.get("discount_unit") == "amount" and bool(MONEY.fullmatch(value)) and paise(value) > 0


def _units(offer: Mapping[str, Json], _: set[str]) -> bool:
    counts = _tagged(offer, "qualifier").get("item_count", "0"), _tagged(offer, "benefit").get("item_count", "0")
    return all(int(count) > 0 for count in counts)


def _gift(offer: Mapping[str, Json], items: set[str]) -> bool:
    return _tagged(offer, "benefit").get("item_id") in items


_KINDS: Final[Mapping[str, Callable[[Mapping[str, Json], set[str]], bool]]] = {
    "Disc_Pct": _percent,
    "Disc_Amt": _amount,
    "BuyXGetY": _units,
    "Freebie": _gift,
}
"""Whether an offer says what its kind takes off."""

CHOICE_RULES: Final[tuple[Rule, ...]] = (
    Rule("category_tags", SEARCHED, "protocol 3", _category_tags),
    Rule("category_tree", SEARCHED, "assertion 12; protocol 3", _category_tree),
    Rule("customization_parent", SEARCHED, "assertion 12; protocol 3", _parents),
    Rule("category_choices", SEARCHED, "assertion 24; protocol 3", _choices),
    Rule("offer_validity", SEARCHED, "protocol 4.17", _offers),
    Rule(
        "offer_tags",
        SEARCHED,
        "protocol 4.17; specification on_search message.catalog.providers.offers.tags",
        _offer_tags,
    ),
)

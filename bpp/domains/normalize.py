"""One spelling of everything that counterparts spell in several ways: the table RULES, rule by rule with its source.

``normalize`` runs before validation. What it cannot read it leaves as it came, for the schema to refuse with its path.
The raw message stays what is echoed and recorded. Sections in ``source`` are those of the protocol reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from beckn_schemas.nulls import without_null_members
from bpp.domains.dialect import ORDER_STATUSES, Dialect
from bpp.domains.normalize_fixes import (
    ABSENT,
    Fix,
    Json,
    amount,
    category,
    category_id,
    count,
    duration,
    empty,
    fee_terms,
    gps,
    one_fulfillment,
    person,
    quantity_of_items,
    rating,
    real_payments,
    reason,
    spelled,
    targets,
    time_range,
    ttl,
    weekdays,
)

_STATES = ("Pending", "In-Transit", "At-Location", "Completed", "Cancelled")
_RATED = ("Item", "Order", "Fulfillment", "Provider", "Agent", "Support")


@dataclass(frozen=True, slots=True)
class Rule:
    """``fix`` is applied to every value at ``path``, where ``[]`` is each element of a list."""

    name: str
    path: str
    fix: Fix
    source: str


_STOPS = ("message.intent.fulfillment.stops[]", "message.order.fulfillments[].stops[]")
_PAYMENT = "message.order.payments[]"

RULES: Final[tuple[Rule, ...]] = (
    Rule("ttl", "context.ttl", ttl, "1.0 ttl; 4.1: missing is PT30S, P30S is thirty seconds, PT5D five days"),
    *(
        Rule("no recipient", f"context.{key}", empty, "1.0 context: absent on search, where nobody is meant yet")
        for key in ("bpp_id", "bpp_uri")
    ),
    Rule("one fulfillment", "message.intent", one_fulfillment, "1.1: fulfillment or fulfillments[]"),
    Rule("category code", "message.intent.category", category_id, "1.0 category ids: id or code"),
    Rule("category code of item", "message.intent.item.category", category_id, "1.0 category ids: id or code"),
    Rule("category", "message.intent.category.id", category, "1.0 category ids; decision 22; 1.1 may be missing"),
    Rule("category of item", "message.intent.item.category.id", category, "1.0 category ids; decision 22"),
    Rule("categories of item", "message.intent.item.category_ids[]", category, "1.0 category ids; decision 22"),
    Rule("nothing looked for", "message.intent.item.descriptor.name", empty, "1.1: item may be missing"),
    Rule("finder fee", "message.intent.tags[]", fee_terms, "1.0 finder fee: any case, optional Buyer_, percentage"),
    *(Rule("gps", f"{stop}.location.gps", gps, "1.0 gps: order, spaces, precision") for stop in _STOPS),
    *(
        Rule("inverted range", f"{stop}.time.range", time_range, "1.3: end not after start is start + frequency")
        for stop in _STOPS
    ),
    *(Rule("days", f"{stop}.time.days", weekdays, "1.3, 4.6: ignore days on input") for stop in _STOPS),
    *(Rule("person", stop, person, "1.6: person or customer.person") for stop in _STOPS),
    Rule("order status", "message.order.status", spelled(*ORDER_STATUSES), "1.0 order.status: any case, -_ ignored"),
    Rule("count", "message.order.items[].quantity.selected.count", count, "1.0 counts: a numeric string"),
    Rule("quantity", "message.order", quantity_of_items, "1.3: quantity under provider; 1.0 counts: missing is 1"),
    Rule("category of ordered item", "message.order.items[].category_ids[]", category, "1.0 category ids; decision 22"),
    Rule("no parent", "message.order.items[].parent_item_id", empty, "1.2: parent_item_id '' is a base item"),
    Rule(
        "state", "message.order.fulfillments[].state.descriptor.code", spelled(*_STATES), "1.0 fulfillment.state.code"
    ),
    Rule("empty tax_id", "message.order.billing.tax_id", empty, "1.5: empty tax_id"),
    Rule("empty email", "message.order.billing.email", empty, "1.5: empty email"),
    Rule("junk payment", "message.order.payments", real_payments, "7: a second, junk element in payments"),
    Rule("empty transaction", f"{_PAYMENT}.params.transaction_id", empty, "1.6: transaction_id '' is absent"),
    Rule("collector", f"{_PAYMENT}.collected_by", spelled("BAP", "BPP"), "1.5, 1.0: any case, as other words"),
    Rule("amount of payment", f"{_PAYMENT}.params.amount", amount, "1.0 money: a decimal string or a number"),
    Rule("finder fee of payment", f"{_PAYMENT}.tags[]", fee_terms, "1.0 finder fee"),
    Rule("amount of quote", "message.order.quote.price.value", amount, "1.0 money: a decimal string or a number"),
    Rule("ttl of quote", "message.order.quote.ttl", duration, "4.2, 4.3: PT5D is five days"),
    Rule("rating category", "message.ratings[]", rating, "1.10, 4.38: rating_category or ratingCategory"),
    Rule("rated", "message.ratings[].rating_category", spelled(*_RATED), "1.10: Item/Order/Fulfillment/…"),
    Rule("rating value", "message.ratings[].value", amount, "1.10: value is text; a number is read as such"),
    Rule("update target", "message.update_target", targets, "1.9, 4.35: string, commas, array, prefix"),
    Rule("no reference", "message.support.ref_id", empty, "1.10: without one the general contact is meant"),
    Rule("no address to call", "message.callback_url", empty, "1.10: callback_url may be missing"),
    Rule("no reason", "message.cancellation_reason_id", empty, "1.8: missing where none is required"),
    Rule("reason", "message", reason, "1.8: the schema also allows descriptor"),
)
"""All rules, in the order in which they run: what renames or moves a part stands before what reads it."""


def _plan(rules: Iterable[tuple[tuple[str, ...], Fix]]) -> Fix:
    """The rules as one walk through a value, which does what they would do one after the other.

    A rule touches nothing outside its place, so only the order of those above one another counts: what stands between
    two fixes of the same value is done in one walk through its parts.
    """
    steps: list[Fix] = []
    for deeper, group in groupby(rules, lambda rule: bool(rule[0])):
        stretch = list(group)
        steps += [_through(stretch)] if deeper else [fix for _, fix in stretch]
    return steps[0] if len(steps) == 1 else _in_turn(tuple(steps))


def _through(rules: Iterable[tuple[tuple[str, ...], Fix]]) -> Fix:
    """Rules for the parts of a value: the elements of a list, or the members of an object."""
    parts: dict[str, list[tuple[tuple[str, ...], Fix]]] = {}
    for (key, *below), fix in rules:
        parts.setdefault(key, []).append((tuple(below), fix))
    walks = {key: _plan(below) for key, below in parts.items()}
    elements = walks.pop("[]", None)
    return _each(elements) if elements else _members(tuple(walks.items()))


def _in_turn(fixes: tuple[Fix, ...]) -> Fix:
    def walk(value: Json, dialect: Dialect) -> Json:
        for fix in fixes:
            value = fix(value, dialect)
        return value

    return walk


def _each(fix: Fix) -> Fix:
    """Every element of a list; ABSENT ones go. The list is copied where one changes."""

    def walk(value: Json, dialect: Dialect) -> Json:
        if not isinstance(value, list):
            return value
        for part in value:
            if fix(part, dialect) is not part:
                return [right for one in value if (right := fix(one, dialect)) is not ABSENT]
        return value

    return walk


def _members(fixes: tuple[tuple[str, Fix], ...]) -> Fix:
    """Members of an object by name. Only a missing lifetime is made; the object is copied where one changes."""

    def walk(value: Json, dialect: Dialect) -> Json:
        if not isinstance(value, dict):
            return value
        came = value
        for key, fix in fixes:
            if key not in came and fix is not ttl:
                continue
            part = came.get(key, ABSENT)
            right = fix(part, dialect)
            if right is part:
                continue
            if value is came:
                value = dict(came)
            if right is ABSENT:
                del value[key]
            else:
                value[key] = right
        return value

    return walk


def _path(rule: Rule) -> tuple[str, ...]:
    return tuple(rule.path.replace("[]", ".[]").split("."))


def _rules(action: str) -> tuple[Rule, ...]:
    ordering = action in ORDERING
    return tuple(rule for rule in RULES if ordering or rule.fix is not quantity_of_items)


ORDERING: Final = frozenset({"select", "init", "confirm"})
"""Where items are ordered, so that their number counts."""

_PLANS: Final = {
    # Where items are ordered, the rule for their quantities reads their counts, too, and spares a walk.
    ordering: _plan(
        (_path(rule), rule.fix) for rule in _rules("select" if ordering else "") if not (ordering and rule.fix is count)
    )
    for ordering in (True, False)
}


def normalize(action: str, payload: dict[str, Any], dialect: Dialect, *, nulls: bool = True) -> dict[str, Any]:
    """The payload of a request, as ``read_json`` gives it, in the one spelling that the schemas read.

    What needs no change is shared with ``payload``; neither is changed by anybody. A value in normal form stays as it
    is when normalised again in our own dialect. ``null`` counts as absent (assertion 59 knows no nulls); ``nulls`` is
    False where there is none for certain.
    """
    value = without_null_members(payload) if nulls else payload
    right: dict[str, Any] = _PLANS[action in ORDERING](value, dialect)
    return right


def put_right(action: str, payload: dict[str, Any], dialect: Dialect) -> Iterator[tuple[str, Json, Json]]:
    """What ``normalize`` does, told: the name of each rule that changed something, the payload before and after.

    What was null is taken out first, under the name ``null``.
    """
    before: dict[str, Any] = without_null_members(payload)
    yield "null", payload, before
    for rule in _rules(action):
        value = _plan([(_path(rule), rule.fix)])(before, dialect)
        yield rule.name, before, value
        before = value


def parts(value: Json, path: tuple[str, ...]) -> Iterator[Json]:
    """Every value at a path, where ``[]`` is each element of a list; none where something on the way is missing."""
    if not path:
        yield value
    elif path[0] == "[]":
        for part in value if isinstance(value, list) else ():
            yield from parts(part, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from parts(value[path[0]], path[1:])

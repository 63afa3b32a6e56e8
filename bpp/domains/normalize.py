"""One spelling of everything that counterparts spell in several ways: the table RULES, rule by rule with its source.

``normalize`` runs before validation. What it cannot read it leaves as it came, for the schema to refuse with its path.
The raw message stays what is echoed and recorded. Sections in ``source`` are those of the protocol reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from beckn_schemas.base import SchemaViolation
from bpp.domains.dialect import ORDER_STATUSES, Dialect
from bpp.domains.normalize_fixes import (
    ABSENT,
    Fix,
    Json,
    amount,
    category,
    category_id,
    copied,
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
    Rule("quantity", "message.order", quantity_of_items, "1.3: quantity under provider; 1.0 counts: missing is 1"),
    Rule("count", "message.order.items[].quantity.selected.count", count, "1.0 counts: a numeric string"),
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

_PATHS: Final = tuple((rule, tuple(rule.path.replace("[]", ".[]").split("."))) for rule in RULES)


def normalize(action: str, payload: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """The payload of a request in the one spelling that the schemas read. A new value; ``payload`` is not changed.

    A value in normal form stays as it is when normalised again in our own dialect. ``null`` counts as absent
    (assertion 59 knows no nulls). Raises SchemaViolation for what is no object or is nested deeper than MAX_DEPTH.
    """
    if not isinstance(payload, dict):
        raise SchemaViolation("", "an object with context and message")
    value: dict[str, Any] = copied(payload)
    for rule, path in _paths(action):
        _apply(value, path, rule.fix, dialect)
    return value


def put_right(action: str, payload: dict[str, Any], dialect: Dialect) -> Iterator[tuple[str, Json, Json]]:
    """What ``normalize`` does, told: the name of each rule that changed something, the payload before and after.

    What was null is taken out first, under the name ``null``. Raises as ``normalize`` does.
    """
    before: dict[str, Any] = copied(payload)
    yield "null", payload, before
    for rule, path in _paths(action):
        value = copied(before)
        _apply(value, path, rule.fix, dialect)
        yield rule.name, before, value
        before = value


def _paths(action: str) -> Iterator[tuple[Rule, tuple[str, ...]]]:
    ordering = action in {"select", "init", "confirm"}
    return (one for one in _PATHS if ordering or one[0].fix is not quantity_of_items)


def _apply(root: dict[str, Any], path: tuple[str, ...], fix: Fix, dialect: Dialect) -> None:
    last = path[-1]
    for holder in list(parts(root, path[:-1])):
        if last == "[]":
            if isinstance(holder, list):
                fixed = [fix(part, dialect) for part in holder]
                holder[:] = [part for part in fixed if part is not ABSENT]
        elif isinstance(holder, dict) and (last in holder or fix is ttl):
            result = fix(holder.get(last, ABSENT), dialect)
            if result is ABSENT:
                del holder[last]
            else:
                holder[last] = result


def parts(value: Json, path: tuple[str, ...]) -> Iterator[Json]:
    """Every value at a path, where ``[]`` is each element of a list; none where something on the way is missing."""
    if not path:
        yield value
    elif path[0] == "[]":
        for part in value if isinstance(value, list) else ():
            yield from parts(part, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from parts(value[path[0]], path[1:])

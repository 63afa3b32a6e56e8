"""What the rules of one callback are about, and which of their findings another check tells already.

A rule that finds nothing has not been proven where the callback has nothing that it is about: it did not run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from beckn_schemas.invariants_base import Callback, state
from beckn_schemas.invariants_order import FEE, PAYMENT_TAGS
from beckn_schemas.strict_catalog import is_customization, tag_code
from bpp.conformance.check import Subject
from bpp.conformance.checks.ids import MAY_COME_UNASKED
from bpp.conformance.path import ABSENT, at
from bpp.sandbox.exchange import part

Excuse = Callable[[Subject, str], bool]
"""Whether a finding at a path is no fault of another seller, or another check's."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a rule is about, in words, and whether a callback has it."""

    words: str
    has: Callable[[Callback], bool]


def _providers(callback: Callback) -> list[Mapping[str, Any]]:
    return list(callback.catalog.get("providers", ()))


def _items(callback: Callback) -> list[Mapping[str, Any]]:
    return [item for provider in _providers(callback) for item in provider["items"]]


def _times(callback: Callback) -> list[Mapping[str, Any]]:
    holders: Iterable[Any] = (*_providers(callback), *_items(callback), *callback.order.get("items", ()))
    return [one["time"] for one in holders if "time" in one]


def _visits(callback: Callback) -> list[Mapping[str, Any]]:
    return list(callback.order.get("fulfillments", ()))


def _stops(callback: Callback) -> list[Mapping[str, Any]]:
    return [stop for visit in _visits(callback) for stop in visit["stops"]]


def _payments(callback: Callback) -> list[Mapping[str, Any]]:
    return list(callback.order.get("payments", ()))


def _terms(callback: Callback) -> bool:
    return any(one.get("cancellation_terms") for one in (callback.order, *_items(callback)))


_SCHEDULE: Matter = Matter("list of times", lambda one: bool(_times(one)))
_AREA: Matter = Matter(
    "tag serviceability",
    lambda one: any(tag_code(tag) == "serviceability" for held in _providers(one) for tag in held["tags"]),
)
_GROUPS: Matter = Matter("group of choices", lambda one: any(held.get("categories") for held in _providers(one)))
_CATALOG_OFFER: Matter = Matter("offer in the catalog", lambda one: any(held.get("offers") for held in _providers(one)))
_ITEM: Matter = Matter("item in the catalog", lambda one: bool(_items(one)))
_QUOTE: Matter = Matter("quote", lambda one: "quote" in one.order)
_VISIT: Matter = Matter("visit", lambda one: bool(_visits(one)))
_PAYMENT: Matter = Matter("payment", lambda one: bool(_payments(one)))

MATTERS: Mapping[str, Matter] = {
    "message_id": Matter(
        "callback that nobody asked for", lambda one: one.unsolicited and one.action in MAY_COME_UNASKED
    ),
    **dict.fromkeys(
        ("serviceability_codes", "serviceability_unit", "serviceability_category", "serviceability_location"), _AREA
    ),
    **dict.fromkeys(("item_category", "item_ids", "catalog_references", "catalog_price"), _ITEM),
    "item_tags": Matter("tag of an item", lambda one: any(item["tags"] for item in _items(one))),
    **dict.fromkeys(("schedule_order", "schedule_future", "schedule_range", "schedule_weekday"), _SCHEDULE),
    "schedule_holiday": Matter("holiday", lambda one: any(time["schedule"].get("holidays") for time in _times(one))),
    **dict.fromkeys(("category_tags", "category_tree", "category_choices"), _GROUPS),
    "customization_parent": Matter("customisation", lambda one: any(map(is_customization, _items(one)))),
    **dict.fromkeys(("offer_validity", "offer_tags"), _CATALOG_OFFER),
    **dict.fromkeys(
        ("line_tags", "quote_sum", "quote_sign", "line_arithmetic", "line_item", "line_count", "payments_sum"), _QUOTE
    ),
    "offers": Matter("offer in the order", lambda one: bool(one.order.get("offers"))),
    **dict.fromkeys(("payment_tags", "payment_transaction"), _PAYMENT),
    "payment_due": Matter(
        "payment ON-FULFILLMENT",
        lambda one: any(paid["type"] == "ON-FULFILLMENT" for paid in _payments(one)),
    ),
    "payment_link": Matter("link for payment", lambda one: any("url" in paid for paid in _payments(one))),
    "cancellation_fee": Matter("cancellation term", _terms),
    "seller_refunds": Matter(
        "order that the seller cancelled",
        lambda one: part(dict(one.order), "cancellation").get("cancelled_by") in {"PRODUCER", "PROVIDER"},
    ),
    **dict.fromkeys(("customer_stop", "worker_stop", "slot_label", "serviceability_state"), _VISIT),
    "status_fits": Matter(
        "visit, or one without a state", lambda one: bool(_visits(one)) and all(map(state, _visits(one)))
    ),
    **dict.fromkeys(("departed", "finished", "distinct_ids", "order_references"), _VISIT),
    **dict.fromkeys(
        ("slot_range", "one_slot", "slot_future"),
        Matter("slot", lambda one: any("range" in part(dict(stop), "time") for stop in _stops(one))),
    ),
    "slot_day": Matter(
        "weekday of a slot", lambda one: any("days" in part(dict(stop), "time") for stop in _stops(one))
    ),
    "alternatives": Matter("error 90001", lambda one: one.error_code == "90001" and one.action != "on_confirm"),
    "authorization": Matter("one-time password", lambda one: any("authorization" in stop for stop in _stops(one))),
    "wrong_otp": Matter("error 90002", lambda one: one.error_code == "90002"),
    "confirmed": Matter("order that was made", lambda one: not one.error_code),
    "invoice": Matter("order's status", lambda one: bool(one.status)),
}
"""Rules that are about something that a callback may lack; any other looks at whatever a callback has."""


def _any_uuid(subject: Subject, _: str) -> bool:
    """Any version will do: the protocol asks for a UUID, our own ids are random ones."""
    try:
        UUID(str(subject.message.context.get("message_id")))
    except ValueError:
        return False
    return True


def _said_by_the_buyer(subject: Subject, path: str) -> bool:
    """A weekday is the buyer app's where its last request for this slot says the same."""
    said = subject.flow.before(subject.message, "select", "init", "confirm", "update")
    return said is not None and at(said.document, path) == at(subject.message.document, path)


def _other_tag(*codes: str) -> Excuse:
    """A tag of another code than these is the seller's own affair."""
    return lambda subject, path: path.endswith("]") and tag_code(at(subject.message.document, path)) not in codes


def _early_token(subject: Subject, path: str) -> bool:
    """A copy of the token in on_confirm, or before the visit, is optional (protocol 4.25): only its end is fixed."""
    visit = at(subject.message.document, path.partition(".stops")[0])
    return subject.message.action == "on_confirm" or state(visit) in {"Pending", "In-Transit"}


def _tag_lacks(subject: Subject, path: str) -> bool:
    """That a payment lacks one of its tags is the required paths' matter."""
    codes = {tag_code(one) for one in at(subject.message.document, path)}
    return not {*PAYMENT_TAGS, FEE} <= codes


def _lacks(subject: Subject, path: str) -> bool:
    """That a payment which is PAID names no transaction is the required paths' matter."""
    return bool(at(subject.message.document, path) == ABSENT)


def _priced_as_another(subject: Subject, path: str) -> bool:
    """An item without a line, where a line is of an item that nobody ordered, is the same fault as that line."""
    order = subject.message.order
    known = {one.get("id") for one in order["items"]}
    lines = (part(one, "item").get("id") for one in order["quote"]["breakup"])
    return path.endswith("]") and any(one not in known for one in lines)


def _of_the_confirm(subject: Subject, _: str) -> bool:
    """Stops and persons of an on_confirm are required paths."""
    return subject.message.action == "on_confirm"


EXCUSES: Mapping[str, Excuse] = {
    "message_id": _any_uuid,
    "slot_day": _said_by_the_buyer,
    "serviceability_codes": _other_tag("serviceability"),
    "item_tags": _other_tag("reschedule_terms", "attribute"),
    "authorization": _early_token,
    "payment_tags": _tag_lacks,
    "payment_transaction": _lacks,
    "line_count": _priced_as_another,
    "worker_stop": _of_the_confirm,
}
"""Findings of a rule that are not told of another seller, or are told by another check."""
TOLD_BY_PATHS = frozenset({"customer_contact"})
"""Rules that demand of a callback what the table of required paths demands, too."""

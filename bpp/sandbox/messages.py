"""The messages of a booking, built from the messages before them. Nothing here sends or waits.

Shapes as real buyer apps send them (protocol 1.1 to 1.10), with the keys that the network's own log checker requires.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bpp.sandbox.exchange import Json
from bpp.sandbox.moments import weekday, wire_time
from bpp.sandbox.offers import Offer, stop
from bpp.sandbox.places import Place

HOME_SERVICE = "Home-Service"
PREPAID = "PRE-FULFILLMENT"
FEE_TYPE = "percent"
FEE_AMOUNT = "3"
"""The sandbox buyer app's fee: three per cent of the order."""

_ITEM_KEYS = ("id", "parent_item_id", "quantity", "fulfillment_ids", "location_ids", "category_ids", "tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who books. The defaults are visibly artificial."""

    name: str = "Sandbox Customer"
    phone: str = "9800000000"
    email: str = "customer@example.in"
    address: str = "Demo House 7"


def search_message(
    *,
    words: str = "",
    category: str = "",
    place: Place | None = None,
    range_: tuple[datetime, datetime] | None = None,
    fee: tuple[str, str] = (FEE_TYPE, FEE_AMOUNT),
) -> Json:
    """What is looked for: words, a category code or both; where; when; and the buyer app's fee (type, amount)."""
    end: Json = {"type": "end"}
    if place is not None:
        end["location"] = {"gps": place.gps, "area_code": place.area_code}
    if range_ is not None:
        end["time"] = {"range": {"start": wire_time(range_[0]), "end": wire_time(range_[1])}}
    intent: Json = {"fulfillment": {"type": HOME_SERVICE, "stops": [end]}}
    if category:
        intent["category"] = {"id": category}
    if words:
        intent["item"] = {"descriptor": {"name": words}}
    intent["tags"] = [_tag("BAP_Terms", {"Buyer_Finder_Fee_Type": fee[0], "Buyer_Finder_Fee_Amount": fee[1]})]
    return {"intent": intent}


def select_message(
    offer: Offer,
    start: datetime,
    place: Place,
    *,
    count: int = 1,
    payment_type: str = "",
    end: datetime | None = None,
    choices: Mapping[str, int] | None = None,
    savings: Sequence[str] = (),
) -> Json:
    """The wanted service at a wanted time; the first payment type of the offer where none is named.

    ``choices`` are units of customisations by their ids, ``savings`` the network's offers that shall be applied.
    """
    item: Json = {"id": offer.item_id, "quantity": {"selected": {"count": count}}}
    provider: Json = {"id": offer.provider_id}
    if offer.location_id:
        item["location_ids"] = [offer.location_id]
        provider["locations"] = [{"id": offer.location_id}]
    if offer.category_id:
        item["category_ids"] = [offer.category_id]
    when = {
        "label": "selected",
        "range": {"start": wire_time(start), "end": wire_time(end or start + offer.slot)},
        "days": weekday(start),
    }
    where = {"gps": place.gps, "area_code": place.area_code}
    order: Json = {
        "provider": provider,
        "items": [item, *(_choice(offer, *one) for one in (choices or {}).items())],
        "fulfillments": [{"type": HOME_SERVICE, "stops": [{"type": "end", "location": where, "time": when}]}],
        "payments": [{"type": payment_type or (*offer.payment_types, PREPAID)[0]}],
    }
    if savings:
        order["offers"] = [{"id": one} for one in savings]
    return {"order": order}


def _choice(offer: Offer, item_id: str, count: int) -> Json:
    """A customisation, with its categories and its tag as the catalog has them; one that the catalog has not, bare."""
    item: Json = {"id": item_id, "parent_item_id": offer.item_id, "quantity": {"selected": {"count": count}}}
    if offer.location_id:
        item["location_ids"] = [offer.location_id]
    for one in offer.choices:
        if one.item_id == item_id:
            item |= {"category_ids": list(one.category_ids), "tags": copy.deepcopy(list(one.tags))}
    return item


def init_message(selected: Mapping[str, Any], customer: Customer, place: Place) -> Json:
    """Who pays and where exactly, for the order of an on_select."""
    visit = selected["fulfillments"][0]
    end = stop(selected, "end")
    address = ", ".join(part for part in (customer.address, place.name, place.city) if part)
    location = {
        **end.get("location", {}),
        "address": address,
        "city": {"name": place.city},
        "state": {"name": "Uttar Pradesh"},
        "country": {"code": "IND"},
        "area_code": place.area_code,
    }
    contact = {"phone": customer.phone, "email": customer.email}
    our_stop = {
        **end,
        "type": "end",
        "location": location,
        "contact": contact,
        "person": {"name": customer.name},
    }
    order = {
        "provider": copy.deepcopy(selected["provider"]),
        "items": _items(selected["items"]),
        "billing": {
            "name": customer.name,
            "address": address,
            "state": {"name": "Uttar Pradesh"},
            "city": {"name": place.city},
            **contact,
        },
        "fulfillments": [{"id": visit["id"], "type": visit["type"], "stops": [our_stop]}],
        "payments": [{key: one[key] for key in ("type", "collected_by") if key in one} for one in selected["payments"]],
        **_offers(selected),
    }
    return {"order": order}


def confirm_message(initialised: Mapping[str, Any], *, order_id: str, now: datetime, payment_id: str) -> Json:
    """The order of an on_init, made firm. What is paid in advance is PAID under the bank's ``payment_id``."""
    visit = initialised["fulfillments"][0]
    order = {
        "id": order_id,
        "status": "CREATED",
        "provider": copy.deepcopy(initialised["provider"]),
        "items": _items(initialised["items"]),
        "billing": copy.deepcopy(initialised["billing"]),
        "fulfillments": [
            {
                "id": visit["id"],
                "type": visit["type"],
                "tracking": False,
                "stops": copy.deepcopy([one for one in visit["stops"] if one.get("type") == "end"]),
            }
        ],
        "quote": copy.deepcopy(initialised["quote"]),
        "cancellation_terms": copy.deepcopy(initialised.get("cancellation_terms", [])),
        "payments": [_payment(one, payment_id) for one in initialised["payments"]],
        **_offers(initialised),
        "created_at": wire_time(now),
        "updated_at": wire_time(now),
    }
    return {"order": order}


def status_message(order_id: str) -> Json:
    """How the order stands."""
    return {"order_id": order_id}


def track_message(order_id: str) -> Json:
    """Where the worker is."""
    return {"order_id": order_id}


def cancel_message(order_id: str, reason: str) -> Json:
    """Give the order up for a reason code; the specification's own list of codes is empty (protocol 1.8)."""
    return {"order_id": order_id, "cancellation_reason_id": reason}


def reschedule_message(order: Mapping[str, Any], start: datetime, end: datetime) -> Json:
    """Another slot for the first visit of an order (protocol 1.9): a copy of the order with the end stop's time."""
    moved = _copy(order)
    stop(moved, "end")["time"] = {
        "label": "selected",
        "range": {"start": wire_time(start), "end": wire_time(end)},
        "days": weekday(start),
    }
    return {"update_target": "fulfillments", "order": moved}


def quote_answer_message(quoted: Mapping[str, Any], *, takes: bool, payment_id: str) -> Json:
    """Yes or no to the further quotation of an on_update: yes pays what is due in advance (protocol 1.9)."""
    answer = _copy(quoted)
    answer["status"] = "ACCEPTED" if takes else "CANCELLED"
    if takes:
        answer["payments"] = [
            one if one.get("status") == "PAID" else _payment(one, payment_id) for one in answer["payments"]
        ]
    return {"update_target": "payments", "order": answer}


def support_message(ref_id: str) -> Json:
    """Whom to call about an order."""
    return {"support": {"ref_id": ref_id}}


def rating_message(category: str, subject_id: str, value: int | str) -> Json:
    """A rating from 1 to 5 of an ``Item``, ``Order``, ``Fulfillment``, ``Provider`` or ``Agent``."""
    return {"ratings": [{"rating_category": category, "id": subject_id, "value": str(value)}]}


def _copy(order: Mapping[str, Any]) -> Json:
    """An order as a buyer app sends it back."""
    kept = ("id", "status", "provider", "items", "billing", "fulfillments", "quote", "payments")
    return {key: copy.deepcopy(order[key]) for key in kept if key in order}


def _payment(one: Mapping[str, Any], payment_id: str) -> Json:
    payment: Json = copy.deepcopy(dict(one))
    if payment.get("type") == PREPAID:
        payment["status"] = "PAID"
        payment["params"] = {**payment.get("params", {}), "transaction_id": payment_id}
    else:
        payment["status"] = "NOT-PAID"
    return payment


def _offers(before: Mapping[str, Any]) -> Json:
    """The offers that the seller app has applied, repeated."""
    return {"offers": copy.deepcopy(before["offers"])} if before.get("offers") else {}


def _items(items: Sequence[Mapping[str, Any]]) -> list[Json]:
    return [{key: copy.deepcopy(one[key]) for key in _ITEM_KEYS if key in one} for one in items]


def _tag(code: str, entries: Mapping[str, str]) -> Json:
    rows = [{"descriptor": {"code": name}, "value": value} for name, value in entries.items()]
    return {"descriptor": {"code": code}, "list": rows}

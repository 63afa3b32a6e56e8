"""What a catalog offers, as a person would read it: provider, service, price, free times.

Source: protocol 1.2: times at the item, else at the provider; payment types and places by their ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from beckn_schemas.base import parse_duration, parse_timestamp
from bpp.sandbox.exchange import Json, part

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What may or must be chosen with a service. ``tags`` and ``category_ids`` are repeated in a select."""

    item_id: str
    name: str
    price: Decimal
    category_ids: tuple[str, ...]
    tags: tuple[Json, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What the network calls an offer: a discount of the provider, by its id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One bookable service of one provider. ``price`` in rupees, tax included; ``starts`` are free times, in order."""

    provider_id: str
    provider_name: str
    rating: str
    location_id: str
    item_id: str
    item_name: str
    description: str
    category_id: str
    price: Decimal
    payment_types: tuple[str, ...]
    starts: tuple[datetime, ...]
    slot: timedelta
    choices: tuple[Choice, ...] = ()
    savings: tuple[Saving, ...] = ()


def read_offers(message: Mapping[str, Any]) -> tuple[Offer, ...]:
    """The offers of an on_search's ``message``, in its order; items that only vary another one are left out."""
    catalog = part(message, "catalog")
    payments = {one.get("id"): str(one.get("type", "")) for one in _objects(catalog, "payments")}
    return tuple(
        _offer(provider, item, payments)
        for provider in _objects(catalog, "providers")
        for item in _objects(provider, "items")
        if not item.get("parent_item_id")
    )


def total_adds_up(quote: Mapping[str, Any]) -> bool:
    """Whether the lines of a quote sum to its price, to the paisa (protocol 5, assertion 20)."""
    try:
        lines = [Decimal(part(line, "price")["value"]) for line in _objects(quote, "breakup")]
        return bool(lines) and sum(lines) == Decimal(part(quote, "price")["value"])
    except (InvalidOperation, KeyError, TypeError):
        return False


def stop(order: Mapping[str, Any], kind: str) -> Json:
    """The ``start`` or ``end`` stop of the first fulfillment: stops come in any order (protocol 1.6)."""
    fulfillments = _objects(order, "fulfillments")
    stops = _objects(fulfillments[0], "stops") if fulfillments else []
    return next((one for one in stops if one.get("type") == kind), {})


def state(order: Mapping[str, Any]) -> str:
    """The code of the first fulfillment's state, or an empty text."""
    fulfillments = _objects(order, "fulfillments")
    return str(part(part(fulfillments[0], "state"), "descriptor").get("code", "")) if fulfillments else ""


def worker(order: Mapping[str, Any]) -> str:
    """The name of who comes, or an empty text while nobody is named."""
    return str(part(stop(order, "start"), "person").get("name", ""))


def otp(order: Mapping[str, Any]) -> str:
    """The one-time password that starts the job, or an empty text."""
    return str(part(stop(order, "end"), "authorization").get("token", ""))


def window(order: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    """When the visit is, or None where the order does not say."""
    found = part(part(stop(order, "end"), "time"), "range")
    try:
        return parse_timestamp(str(found["start"])), parse_timestamp(str(found["end"]))
    except (KeyError, ValueError):
        return None


def _offer(provider: Json, item: Json, payments: Mapping[Any, str]) -> Offer:
    times = part(item, "time") or part(provider, "time")
    schedule = part(times, "schedule")
    locations = item.get("location_ids") or [one.get("id") for one in _objects(provider, "locations")]
    descriptor = part(item, "descriptor")
    return Offer(
        provider_id=str(provider.get("id", "")),
        provider_name=str(part(provider, "descriptor").get("name", "")),
        rating=str(provider.get("rating", "")),
        location_id=str(locations[0]) if locations else "",
        item_id=str(item.get("id", "")),
        item_name=str(descriptor.get("name", "")),
        description=str(descriptor.get("short_desc", "")),
        category_id=str((item.get("category_ids") or [""])[0]),
        price=Decimal(str(part(item, "price").get("value", "0"))),
        payment_types=tuple(payments[one] for one in item.get("payment_ids") or () if one in payments),
        starts=tuple(sorted(parse_timestamp(one) for one in schedule.get("times") or ())),
        slot=parse_duration(schedule["frequency"]) if "frequency" in schedule else HOUR,
        choices=tuple(
            _choice(one) for one in _objects(provider, "items") if one.get("parent_item_id") == item.get("id")
        ),
        savings=tuple(
            Saving(id=str(one.get("id", "")), name=str(part(one, "descriptor").get("name", "")))
            for one in _objects(provider, "offers")
            if item.get("id") in (one.get("item_ids") or [item.get("id")])
        ),
    )


def _choice(item: Json) -> Choice:
    return Choice(
        item_id=str(item.get("id", "")),
        name=str(part(item, "descriptor").get("name", "")),
        price=Decimal(str(part(item, "price").get("value", "0"))),
        category_ids=tuple(str(one) for one in item.get("category_ids") or ()),
        tags=tuple(_objects(item, "tags")),
    )


def _objects(document: Mapping[str, Any], key: str) -> list[Json]:
    found = document.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

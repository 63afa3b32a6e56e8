"""What checks read in an order's parts: amounts, moments, slots, prices; and what was on offer before.

What an order that was made goes through is read in ``reading``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from beckn_schemas.base import parse_timestamp
from bpp.conformance.record import Flow, Record
from bpp.sandbox.exchange import Json, part
from bpp.sandbox.offers import stop

ALTERNATIVES = ("on_select", "on_init", "on_confirm")
"""Callbacks that may offer other starts than the catalog did."""


def money(value: Any) -> Decimal:
    """An amount of the wire, text or number, however many decimals it has. Raises ``ArithmeticError`` for none."""
    return Decimal(str(value))


def total(order: Json) -> Decimal:
    """``quote.price``. Raises ``LookupError`` or ``ArithmeticError``."""
    return money(order["quote"]["price"]["value"])


def lines(order: Json, *types: str) -> list[Json]:
    """The lines of the quote whose tag ``title`` says one of these types, all where none are named."""
    return [one for one in order["quote"]["breakup"] if not types or line_type(one) in types]


def line_type(line: Json) -> str:
    """What a line of a quote is: ``item``, ``tax``, ... or an empty text."""
    return next((entry for code, entry in _entries(line.get("tags")) if code == "type"), "")


def worth(found: list[Json]) -> Decimal:
    """The sum of lines."""
    return sum((money(one["price"]["value"]) for one in found), Decimal())


def tagged(holder: Json, group: str) -> dict[str, str]:
    """The entries of a tag group, by code; the group's name is compared whatever its case."""
    found = [one for one in holder.get("tags") or () if _code(one).casefold() == group.casefold()]
    return dict(_entries(found))


def _entries(tags: Any) -> Iterator[tuple[str, str]]:
    for group in tags or ():
        for entry in group.get("list") or ():
            yield _code(entry), str(entry.get("value", ""))


def _code(holder: Json) -> str:
    return str(part(holder, "descriptor").get("code", ""))


def count_of(item: Json) -> int:
    """How many of an item are ordered: one where nothing is said (protocol 1.0, row "counts")."""
    return int(part(part(item, "quantity"), "selected").get("count", 1))


def base_item(order: Json) -> Json:
    """The ordered service itself: the first item that varies no other. Raises ``LookupError``."""
    items: list[Json] = order["items"]
    return next((one for one in items if not one.get("parent_item_id")), items[0])


def minute(text: str) -> datetime:
    """A time of the wire to the minute, in which slots are compared (protocol 1.3). Raises ``ValueError``."""
    return parse_timestamp(text).replace(second=0, microsecond=0)


def start_of(order: Json) -> datetime | None:
    """When the visit begins, to the minute; None where the order names no time. Raises ``ValueError``."""
    text = part(part(stop(order, "end"), "time"), "range").get("start")
    return minute(text) if text else None


def stop_path(order: Json, kind: str) -> str:
    """The path of the ``start`` or ``end`` stop of the first visit; of its stops where there is none of this kind."""
    visits: list[Json] = order.get("fulfillments") or [{}]
    stops: list[Json] = visits[0].get("stops") or []
    places = [place for place, one in enumerate(stops) if one.get("type") == kind]
    return "message.order.fulfillments[0].stops" + "".join(f"[{place}]" for place in places[:1])


def label_of(order: Json) -> str:
    """What the customer's stop says of its time: ``confirmed`` or ``rejected``."""
    return str(part(stop(order, "end"), "time").get("label", ""))


def alternatives(order: Json) -> list[datetime]:
    """The starts that an answer offers beside its error."""
    schedules = [part(part(one, "time"), "schedule") for one in order.get("items") or ()]
    return [minute(one) for schedule in schedules for one in schedule.get("times") or ()]


def offered_items(flow: Flow, record: Record) -> dict[str, Json]:
    """What the provider of an order's message offers, by item id: of the catalogs before it in its transaction."""
    provider_id = part(record.order, "provider").get("id")
    return {
        str(item.get("id")): {**item, "time": part(item, "time") or part(provider, "time")}
        for one in flow.callbacks
        if one.action == "on_search" and one.number < record.number and one.transaction_id == record.transaction_id
        for provider in part(one.message, "catalog").get("providers") or ()
        if provider.get("id") == provider_id
        for item in provider.get("items") or ()
    }


def catalog_starts(flow: Flow, select: Record) -> set[datetime] | None:
    """The starts that the catalog lists for what is selected; None where the flow shows no such offer."""
    offered = offered_items(flow, select).get(str(base_item(select.order).get("id")))
    if offered is None:
        return None
    return {minute(one) for one in part(part(offered, "time"), "schedule").get("times") or ()}


def catalog_times(found: Record, provider_id: str, item_id: str) -> list[str]:
    """The starts that an on_search lists for an item, as it spells them."""
    return [
        str(text)
        for provider in part(found.message, "catalog").get("providers") or ()
        for item in provider.get("items") or ()
        if (str(provider.get("id")), str(item.get("id"))) == (provider_id, item_id)
        for text in part(part(item, "time") or part(provider, "time"), "schedule").get("times") or ()
    ]


def ever_listed(flow: Flow, select: Record) -> set[datetime]:
    """The starts that any catalog before this message listed for what is selected, to whichever buyer app."""
    key = str(part(select.order, "provider").get("id")), str(base_item(select.order).get("id"))
    catalogs = (one for one in flow.callbacks if one.action == "on_search" and one.number < select.number)
    return {minute(text) for one in catalogs for text in catalog_times(one, *key)}


def starts_told(flow: Flow, select: Record) -> set[datetime]:
    """The starts that answers before this message offered instead of others, in its transaction."""
    return {
        start
        for one in flow.callbacks
        if one.action in ALTERNATIVES and one.number < select.number and one.transaction_id == select.transaction_id
        for start in alternatives(one.order)
    }


def sent_at(record: Record) -> datetime:
    """``context.timestamp``. Raises ``LookupError`` or ``ValueError``."""
    return parse_timestamp(record.context["timestamp"])

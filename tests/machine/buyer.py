"""What buyer apps say: whole messages, sound or odd, from what they were told before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from catalog.availability import KOLKATA
from catalog.moments import wire_time

HERE, NEAR, ELSEWHERE = "26.846708,80.946159", "26.840000,80.950000", "28.613900,77.209000"
BILLING = {"name": "Meera Demo", "phone": "9876543210", "address": "Demo Lane 5, Lucknow"}
PROVIDER_OF = {"TAP": "P1", "PAINT": "P1", "CLEAN": "P1", "DEEP": "P1", "COOK": "P1", "FIT": "P2", "WIRE": "P2"}
DINNERS: dict[str, tuple[tuple[str, int], ...]] = {
    "COOK FOR ONE": (("DINER", 1),),
    "COOK FOR THREE": (("DINER", 3), ("ROTI", 1)),
    "COOK AT NOON": (("DINER", 4), ("DAL", 1), ("SALAD", 1)),
    "COOK FOR NOBODY": (),
    "COOK TOO MUCH": (("DINER", 9), ("DAL", 1), ("ROTI", 1), ("SALAD", 1)),
}
"""What is chosen with a cook; the last two cannot be had."""
SAVINGS = ("ON-DEMAND", "FREE-SALAD", "A-THIRD", "NONE-SUCH")


@dataclass(frozen=True, slots=True)
class Deal:
    """A transaction of a buyer app, and the id of the order that it makes."""

    bap_id: str
    transaction_id: str
    order_id: str


DEALS = (
    Deal("alpha.example.org", "T1", "O1"),
    Deal("alpha.example.org", "T2", "O2"),
    Deal("beta.example.org", "T3", "O1"),
    Deal("beta.example.org", "T4", "O4"),
    Deal("beta.example.org", "T5", "O5"),
)


def message(action: str, deal: Deal, said_at: datetime, message_id: str, content: dict[str, Any]) -> dict[str, Any]:
    """A request with its context."""
    return {
        "context": {
            "domain": "ONDC:SRV11",
            "location": {"city": {"code": "std:0522"}, "country": {"code": "IND"}},
            "action": action,
            "version": "2.0.0",
            "timestamp": wire_time(said_at),
            "ttl": "PT30S",
            "bap_id": deal.bap_id,
            "bap_uri": f"https://{deal.bap_id}/ondc",
            "transaction_id": deal.transaction_id,
            "message_id": message_id,
        },
        "message": content,
    }


def start_after(now: datetime, place: int, minutes: int = 0) -> datetime:
    """A start on the grid of working hours that are to come, the nearest at 0; ``minutes`` lead off the grid."""
    day = now.astimezone(KOLKATA).date()
    hours = (
        datetime.combine(day + timedelta(days=days), time(hour), KOLKATA) for days in range(10) for hour in range(9, 18)
    )
    return [hour for hour in hours if hour > now][place].astimezone(now.tzinfo) + timedelta(minutes=minutes)


def stop(gps: str = HERE, start: datetime | None = None, minutes: int = 60, *, phone: bool = True) -> dict[str, Any]:
    """The customer's stop."""
    found: dict[str, Any] = {
        "type": "end",
        "location": {"gps": gps, "area_code": "226001", "address": "Demo Lane 5, Lucknow"},
        "person": {"name": "Meera Demo"},
    }
    if phone:
        found["contact"] = {"phone": "9876543210"}
    if start is not None:
        end = start + timedelta(minutes=minutes)
        found["time"] = {"label": "selected", "range": {"start": wire_time(start), "end": wire_time(end)}}
    return found


def item(item_id: str, count: int, parent: str = "") -> dict[str, Any]:
    """A wanted item."""
    found: dict[str, Any] = {"id": item_id, "quantity": {"selected": {"count": count}}}
    return {**found, "parent_item_id": parent} if parent else found


def wanted(name: str, count: int) -> list[dict[str, Any]]:
    """A service, with what is chosen with it where it is one of the dinners."""
    if name not in DINNERS:
        return [item(name, count)]
    return [item("COOK", 1), *(item(one, units, "COOK") for one, units in DINNERS[name])]


def selection(
    items: list[dict[str, Any]], where: dict[str, Any], kind: str, provider_id: str = "", savings: Sequence[str] = ()
) -> dict[str, Any]:
    """What a select holds; ``savings`` are the network's offers that shall be applied."""
    provider = provider_id or PROVIDER_OF.get(items[0]["id"], "P1")
    return {
        **({"offers": [{"id": one} for one in savings]} if savings else {}),
        "provider": {"id": provider, "locations": [{"id": "L1"}]},
        "items": items,
        "fulfillments": [{"type": "Home-Service", "stops": [where]}],
        "payments": [payment(kind)],
    }


def payment(kind: str) -> dict[str, Any]:
    """How it shall be paid: a type, and who collects where that is said."""
    name, _, collector = kind.partition(" by ")
    return {"type": name, **({"collected_by": collector} if collector else {})}


def same_items(told: dict[str, Any] | None) -> dict[str, Any]:
    """Provider and items of an answer, said again."""
    if told is None:
        return {"provider": {"id": "P1"}, "items": [item("TAP", 1)]}
    items = [
        item(one["id"], one["quantity"]["selected"]["count"], one.get("parent_item_id", "")) for one in told["items"]
    ]
    return {"provider": {"id": told["provider"]["id"]}, "items": items}


def initialisation(told: dict[str, Any] | None, kind: str | None, gps: str | None) -> dict[str, Any]:
    """What an init holds: the items that were selected, who pays, perhaps another place."""
    return {
        **same_items(told),
        "billing": BILLING,
        "fulfillments": [{"type": "Home-Service", "stops": [stop(gps)]}] if gps else [],
        "payments": [payment(kind)] if kind else [],
    }


def words_of(payments: list[dict[str, Any]], how: str) -> list[dict[str, Any]]:
    """Payments as they were told, with what a buyer app says of each of them."""
    said = []
    for place, one in enumerate(payments):
        params = {key: value for key, value in one.get("params", {}).items() if key in {"amount", "currency"}}
        word = {
            "id": one.get("id", "PAY"),
            "type": one["type"],
            "status": one.get("status", "NOT-PAID"),
            "params": params,
        }
        if how in {"paid", "same id", "other ids"} or (how == "first paid" and not place):
            word |= {"status": "PAID", "params": {**params, "transaction_id": f"UPI-{place}"}}
        match how:
            case "same id":
                word["id"] = "PAY-1"
            case "other ids":
                word["id"] = f"THEIRS-{place}"
            case "no transaction":
                word["status"] = "PAID"
            case "other amount":
                word["params"] = {**params, "amount": "1.00"}
            case "other type":
                word["type"] = "POST-FULFILLMENT"
        said.append(word)
    return said[:-1] if how == "one less" else said


PAYING = (
    "paid",
    "unpaid",
    "same id",
    "other ids",
    "first paid",
    "no transaction",
    "other amount",
    "other type",
    "one less",
)


def confirmation(told: dict[str, Any] | None, order_id: str, how: str, total: str, created_at: str) -> dict[str, Any]:
    """What a confirm holds, from the last on_init."""
    told = told or {}
    quote = told.get("quote", {}).get("price", {}).get("value")
    content = {
        **same_items(told or None),
        "id": order_id,
        "status": "Created",
        "billing": BILLING,
        "fulfillments": [{"type": "Home-Service", "stops": [stop()]}],
        "payments": words_of(told.get("payments", [{"type": "PRE-FULFILLMENT"}]), how),
        "created_at": created_at,
    }
    if total or quote:
        content["quote"] = {"price": {"currency": "INR", "value": total or quote}}
    return content

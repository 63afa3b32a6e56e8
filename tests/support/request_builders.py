"""Valid requests in normal form, built by hand from the protocol reference."""

from __future__ import annotations

from typing import Any


def request(action: str, message: Any, **context: Any) -> dict[str, Any]:
    return {
        "context": {
            "domain": "ONDC:SRV11",
            "location": {"city": {"code": "std:0522"}, "country": {"code": "IND"}},
            "action": action,
            "version": "2.0.0",
            "timestamp": "2026-02-02T05:00:00.000Z",
            "ttl": "PT30S",
            "bap_id": "buyer.example.org",
            "bap_uri": "https://buyer.example.org/ondc/",
            "transaction_id": "T1",
            "message_id": "M1",
        }
        | context,
        "message": message,
    }


def end_stop() -> dict[str, Any]:
    return {
        "type": "end",
        "location": {"gps": "26.846708,80.946159", "area_code": "226001"},
        "time": {
            "label": "selected",
            "range": {"start": "2026-02-03T04:30:00.000Z", "end": "2026-02-03T05:30:00.000Z"},
            "days": "2",
        },
    }


def order(**over: Any) -> dict[str, Any]:
    return {
        "provider": {"id": "P1", "locations": [{"id": "L1"}]},
        "items": [{"id": "I1", "quantity": {"selected": {"count": 2}}, "location_ids": ["L1"]}],
        "fulfillments": [{"type": "Home-Service", "stops": [end_stop()]}],
        "payments": [{"type": "PRE-FULFILLMENT"}],
    } | over


BILLING = {"name": "Buyer", "phone": "9800000000"}

REQUESTS: dict[str, dict[str, Any]] = {
    "search": request(
        "search",
        {
            "intent": {
                "category": {"id": "SRV11-*"},
                "item": {"descriptor": {"name": "fan repair"}},
                "fulfillment": {"type": "Home-Service", "stops": [end_stop()]},
                "payment": {"type": "ON-FULFILLMENT", "collected_by": "BPP"},
                "tags": [
                    {
                        "descriptor": {"code": "BAP_Terms"},
                        "list": [
                            {"descriptor": {"code": "Buyer_Finder_Fee_Type"}, "value": "percent"},
                            {"descriptor": {"code": "Buyer_Finder_Fee_Amount"}, "value": "3"},
                        ],
                    },
                ],
            },
        },
    ),
    "select": request("select", {"order": order()}),
    "init": request("init", {"order": order(billing=BILLING, fulfillments=[])}),
    "confirm": request(
        "confirm",
        {
            "order": order(
                id="O1",
                status="CREATED",
                billing=BILLING,
                quote={"price": {"currency": "INR", "value": "998.00"}},
                created_at="2026-02-02T05:00:00.000Z",
                payments=[
                    {"id": "PAY1", "type": "PRE-FULFILLMENT", "status": "NOT-PAID", "params": {"amount": "998.00"}}
                ],
            ),
        },
    ),
    "status": request("status", {"order_id": "O1"}),
    "track": request("track", {"order_id": "O1"}),
    "cancel": request("cancel", {"order_id": "O1", "cancellation_reason_id": "002"}),
    "update": request("update", {"update_target": ["fulfillments"], "order": order(id="O1")}),
    "rating": request("rating", {"ratings": [{"rating_category": "Item", "id": "I1", "value": "4"}]}),
    "support": request("support", {"support": {"ref_id": "O1"}}),
}

"""Valid callbacks, built by hand from the protocol reference: what the strict side must accept."""

from __future__ import annotations

from typing import Any

NOW = "2026-02-02T05:00:00.000Z"
SLOT = {"start": "2026-02-03T04:30:00.000Z", "end": "2026-02-03T05:30:00.000Z"}  # Tuesday 10:00 in India
FREE = ["2026-02-03T06:30:00.000Z", "2026-02-04T04:30:00.000Z"]
GPS = "26.846708,80.946159"


def tags(code: str, **values: str) -> dict[str, Any]:
    return {
        "descriptor": {"code": code},
        "list": [{"descriptor": {"code": key}, "value": value} for key, value in values.items()],
    }


def envelope(action: str, message: Any, *, now: str = NOW, error: str = "", **context: Any) -> dict[str, Any]:
    payload = {
        "context": {
            "domain": "ONDC:SRV11",
            "location": {"city": {"code": "std:0522"}, "country": {"code": "IND"}},
            "action": action,
            "version": "2.0.0",
            "bap_id": "buyer.example.org",
            "bap_uri": "https://buyer.example.org/ondc/",
            "bpp_id": "seller.example.org",
            "bpp_uri": "https://seller.example.org",
            "transaction_id": "0f2d8f9e-53a5-4a4e-9a4c-0c9e8d1f2a3b",
            "message_id": "5c1f7d5e-2a64-4c3e-8f0a-6b1d2e3f4a5b",
            "timestamp": now,
            "ttl": "PT30S",
        }
        | context,
        "message": message,
    }
    if error:
        payload["error"] = {"code": error, "message": "Schedule not available"}
    return payload


def availability(*times: str) -> dict[str, Any]:
    return {
        "label": "validity",
        "range": {"start": "2026-02-02T18:30:00.000Z", "end": "2026-02-07T18:30:00.000Z"},
        "days": "1,2,3,4,5,6",
        "schedule": {"frequency": "PT1H", "holidays": ["2026-02-05T18:30:00.000Z"], "times": list(times)},
    }


def terms() -> list[dict[str, Any]]:
    def term(state: str, fee: dict[str, Any], *, reason: bool) -> dict[str, Any]:
        return {
            "fulfillment_state": {"descriptor": {"code": state}},
            "cancel_by": {"duration": "PT2H"},
            "cancellation_fee": fee,
            "reason_required": reason,
        }

    return [
        term("Pending", {"amount": {"currency": "INR", "value": "0.00"}}, reason=False),
        term("In-Transit", {"percentage": "10"}, reason=True),
    ]


def catalog_item(item_id: str = "I1", *times: str, **over: Any) -> dict[str, Any]:
    return {
        "id": item_id,
        "parent_item_id": "",
        "descriptor": {
            "name": "Fan repair",
            "code": "FAN",
            "short_desc": "One fan",
            "long_desc": "Repair of one ceiling fan",
            "images": [{"url": "https://seller.example.org/fan.svg"}],
        },
        "price": {"currency": "INR", "value": "499.00", "maximum_value": "599.00"},
        "quantity": {"unitized": {"measure": {"unit": "unit", "value": "1"}}, "maximum": {"count": 5}},
        "category_ids": ["SRV11-1030"],
        "fulfillment_ids": ["1"],
        "location_ids": ["L1"],
        "payment_ids": ["1"],
        "cancellation_terms": terms(),
        "tags": [
            tags(
                "reschedule_terms",
                fulfillment_state="Pending",
                reschedule_eligible="true",
                reschedule_fee="0.00",
                reschedule_within="P1D",
            ),
        ],
        "time": availability(*(times or FREE)),
        "matched": True,
        "recommended": True,
    } | over


def customization(item_id: str = "C1", parent: str = "I1") -> dict[str, Any]:
    return {
        "id": item_id,
        "parent_item_id": parent,
        "descriptor": catalog_item()["descriptor"],
        "price": {"currency": "INR", "value": "50.00"},
        "category_ids": ["G1"],
        "tags": [tags("attribute", type="customization")],
    }


def offer(kind: str, *groups: dict[str, Any], **details: str) -> dict[str, Any]:
    """An offer of the network on the item I1, valid throughout 2026."""
    return {
        "id": f"OFFER-{kind}",
        "descriptor": {"name": "Festival", "code": kind, "short_desc": "Less to pay", "long_desc": "Less to pay."},
        "location_ids": ["L1"],
        "category_ids": ["SRV11-1030"],
        "item_ids": ["I1"],
        "time": {
            "label": "validity",
            "range": {"start": "2025-12-31T18:30:00.000Z", "end": "2026-12-31T18:29:59.000Z"},
        },
        "tags": [tags("offers_details", qualifier_min_value="499.00", **details), *groups],
    }


def offers() -> list[dict[str, Any]]:
    """One of each kind."""
    automatic = tags("meta", additive="no", auto="yes")
    return [
        offer("Disc_Pct", automatic, max_benefit="150.00", discount_unit="percent", discount_value="15"),
        offer("Disc_Amt", discount_unit="amount", discount_value="50.00"),
        offer("BuyXGetY", tags("qualifier", item_count="2"), tags("benefit", item_count="1")),
        offer("Freebie", tags("benefit", item_count="1", item_id="C1", item_value="50.00")),
    ]


def on_search() -> dict[str, Any]:
    provider = {
        "id": "P1",
        "descriptor": {"name": "Sahyog", "code": "P1", "short_desc": "Repairs", "long_desc": "Repairs at home"},
        "rating": "4.4",
        "ttl": "P1D",
        "time": availability(*FREE),
        "locations": [
            {
                "id": "L1",
                "gps": GPS,
                "address": "Hazratganj",
                "city": {"code": "std:0522", "name": "Lucknow"},
                "state": {"code": "UP"},
                "country": {"code": "IND"},
                "area_code": "226001",
            },
        ],
        "tags": [tags("serviceability", location="L1", category="SRV11-*", type="10", val="12", unit="km")],
        "categories": [
            {
                "id": "G1",
                "descriptor": {"name": "Extras", "code": "EXTRAS"},
                "tags": [tags("selection", seq="1", mandatory_selection="true", min_selection="1", max_selection="2")],
            },
            {
                "id": "G2",
                "parent_category_id": "G1",
                "descriptor": {"name": "Morning", "code": "MORNING", "short_desc": "सुबह"},
                "tags": [tags("schedule", start_time="09:00", end_time="11:00", frequency="PT1H")],
            },
        ],
        "offers": offers(),
        "items": [catalog_item(), customization()],
        "fulfillments": [{"contact": {"phone": "155330", "email": "help@seller.example.org"}}],
    }
    catalog = {
        "descriptor": {
            "name": "Sewamitra",
            "short_desc": "Home services",
            "long_desc": "Home services in Uttar Pradesh",
            "images": [{"url": "https://seller.example.org/logo.svg"}],
        },
        "fulfillments": [{"id": "1", "type": "Home-Service"}],
        "payments": [{"id": "1", "type": "PRE-FULFILLMENT"}],
        "providers": [provider],
    }
    return envelope("on_search", {"catalog": catalog})


def line(kind: str, value: str, *, item: str = "I1", unit: str = "", count: int = 1) -> dict[str, Any]:
    of: dict[str, Any] = {"id": item}
    if unit:
        of |= {"quantity": {"selected": {"count": count}}, "price": {"currency": "INR", "value": unit}}
    return {
        "title": kind,
        "price": {"currency": "INR", "value": value},
        "item": of,
        "tags": [tags("title", type=kind)],
    }


def quote() -> dict[str, Any]:
    return {
        "price": {"currency": "INR", "value": "998.00"},
        "breakup": [line("item", "845.76", unit="422.88", count=2), line("tax", "152.24")],
        "ttl": "PT30M",
    }


def end_stop(label: str = "confirmed") -> dict[str, Any]:
    return {
        "type": "end",
        "location": {"gps": "26.850000,80.949999", "area_code": "226001", "address": "House 1", "landmark": "Temple"},
        "time": {"label": label, "range": dict(SLOT), "days": "2"},
    }


def order_items() -> list[dict[str, Any]]:
    return [{"id": "I1", "quantity": {"selected": {"count": 2}}, "location_ids": ["L1"], "fulfillment_ids": ["F1"]}]


def provider() -> dict[str, Any]:
    return {"id": "P1", "locations": [{"id": "L1"}]}


def on_select() -> dict[str, Any]:
    order = {
        "provider": provider(),
        "items": order_items(),
        "fulfillments": [
            {
                "id": "F1",
                "type": "Home-Service",
                "tracking": False,
                "state": {"descriptor": {"code": "Serviceable"}},
                "stops": [end_stop()],
                "tags": [tags("SELECTION", ITEM_IDS="I1")],
            },
        ],
        "quote": quote(),
        "payments": [{"type": "PRE-FULFILLMENT", "collected_by": "BAP"}],
        "cancellation_terms": terms(),
    }
    return envelope("on_select", {"order": order})


def on_select_rejected() -> dict[str, Any]:
    payload = on_select()
    order = payload["message"]["order"]
    order["fulfillments"][0]["stops"] = [end_stop("rejected")]
    order["items"][0]["time"] = availability(*FREE)
    return payload | {"error": {"code": "90001", "message": "Schedule not available"}}


def payment_tags() -> list[dict[str, Any]]:
    return [
        tags(
            "Settlement_Counterparty",
            Counterparty="BPP",
            Mode="UPI",
            Beneficiary_Name="Example Samiti",
            Bank_Account_No="000000000000",
            Ifsc_Code="XXXX0000000",
            UPI_Address="seller@upi",
        ),
        tags("Settlement_Details", Window="P1D", Basis="Completed", Witholding_Amount="0.00", Phase="sale-amount"),
        tags("Buyer_Finder_Fee", Buyer_Finder_Fee_Type="percent", Buyer_Finder_Fee_Amount="3"),
    ]


def payment(payment_id: str = "PAY1", amount: str = "998.00", **over: Any) -> dict[str, Any]:
    return {
        "id": payment_id,
        "type": "PRE-FULFILLMENT",
        "collected_by": "BAP",
        "params": {
            "amount": amount,
            "currency": "INR",
            "bank_account_number": "000000000000",
            "virtual_payment_address": "seller@upi",
        },
        "tags": payment_tags(),
    } | over


def paid(payment_id: str = "PAY1", amount: str = "998.00", **over: Any) -> dict[str, Any]:
    made = payment(payment_id, amount, status="PAID", **over)
    made["params"]["transaction_id"] = "TXN-1"
    return made


def billing() -> dict[str, Any]:
    return {"name": "Buyer", "phone": "9800000000", "address": "House 1", "city": {"name": "Lucknow"}, "note": "kept"}


def on_init() -> dict[str, Any]:
    order = {
        "provider": provider(),
        "locations": [{"id": "L1"}],
        "items": order_items(),
        "billing": billing(),
        "fulfillments": [{"id": "F1", "type": "Home-Service", "tracking": False, "stops": [end_stop()]}],
        "quote": quote(),
        "payments": [payment()],
        "cancellation_terms": terms(),
    }
    return envelope("on_init", {"order": order})


def start_stop(**time: str) -> dict[str, Any]:
    return {
        "type": "start",
        "location": {"id": "L1", "descriptor": {"name": "Sahyog"}, "gps": GPS},
        "contact": {"phone": "155330", "email": "help@seller.example.org"},
        "person": {"name": "Worker"},
        "time": {"range": dict(SLOT), **time},
    }


def made_order(
    status: str, state: str, *, departed: str = "", finished: str = "", updated: str = NOW
) -> dict[str, Any]:
    end = end_stop() | {"contact": {"phone": "9800000000"}, "person": {"name": "Customer"}}
    if finished:
        end["time"]["timestamp"] = finished
    order = {
        "id": "O1",
        "status": status,
        "provider": provider() | {"rateable": True},
        "items": order_items(),
        "billing": billing(),
        "fulfillments": [
            {
                "id": "F1",
                "type": "Home-Service",
                "tracking": False,
                "rateable": True,
                "state": {"descriptor": {"code": state}},
                "stops": [start_stop(**({"timestamp": departed} if departed else {})), end],
            },
        ],
        "quote": quote(),
        "payments": [paid()],
        "cancellation_terms": terms(),
        "created_at": "2026-02-02T04:00:00.000Z",
        "updated_at": updated,
    }
    if status == "COMPLETED":
        order["documents"] = [{"url": "https://seller.example.org/invoices/1", "label": "INVOICE"}]
    return order


def on_confirm() -> dict[str, Any]:
    return envelope("on_confirm", {"order": made_order("ACCEPTED", "Pending")})


def on_confirm_created() -> dict[str, Any]:
    """The provider's word follows."""
    return envelope("on_confirm", {"order": made_order("CREATED", "Pending")})


DEPARTED, ARRIVED, ENDED = "2026-02-03T04:00:00.000Z", "2026-02-03T04:25:00.000Z", "2026-02-03T05:20:00.000Z"


def on_status(state: str = "Pending") -> dict[str, Any]:
    if state == "Pending":
        return envelope("on_status", {"order": made_order("ACCEPTED", state)})
    if state == "In-Transit":
        order = made_order("IN-PROGRESS", state, departed=DEPARTED, updated=DEPARTED)
        return envelope("on_status", {"order": order}, now=DEPARTED)
    if state == "At-Location":
        order = made_order("IN-PROGRESS", state, departed=DEPARTED, updated=ARRIVED)
        order["fulfillments"][0]["stops"][1]["authorization"] = {
            "type": "OTP",
            "token": "4821",
            "valid_from": ARRIVED,
            "valid_to": "2026-02-03T04:30:00.000Z",
            "status": "valid",
        }
        return envelope("on_status", {"order": order}, now=ARRIVED)
    if state == "Completed":
        order = made_order("COMPLETED", state, departed=DEPARTED, finished=ENDED, updated=ENDED)
        return envelope("on_status", {"order": order}, now=ENDED)
    return envelope("on_status", {"order": made_order("CANCELLED", "Cancelled")})


def on_status_wrong_otp() -> dict[str, Any]:
    return on_status("At-Location") | {"error": {"code": "90002", "message": "OTP incorrect"}}


def on_update() -> dict[str, Any]:
    return envelope("on_update", {"order": made_order("ACCEPTED", "Pending")})


def on_update_requote() -> dict[str, Any]:
    order = made_order("PENDING", "At-Location", departed=DEPARTED, updated=ARRIVED)
    order["items"].append(
        {"id": "R1", "quantity": {"selected": {"count": 1}}, "fulfillment_ids": ["F2"], "payment_ids": ["PAY2"]},
    )
    second = made_order("PENDING", "Pending")["fulfillments"][0] | {"id": "F2"}
    order["fulfillments"].append(second)
    order["quote"]["breakup"].append(line("item", "1500.00", item="R1", unit="1500.00"))
    order["quote"]["price"]["value"] = "2498.00"
    order["payments"].append(payment("PAY2", "1500.00", status="NOT-PAID"))
    return envelope("on_update", {"order": order}, now=ARRIVED)


def on_cancel() -> dict[str, Any]:
    order = made_order("CANCELLED", "Cancelled")
    order["quote"]["breakup"] += [line("refund", "-845.76"), line("refund", "-152.24"), line("misc", "50.00")]
    order["quote"]["price"]["value"] = "50.00"
    order["cancellation"] = {"cancelled_by": "CONSUMER", "reason": {"descriptor": {"code": "002"}}}
    return envelope("on_cancel", {"order": order})


def on_cancel_by_seller() -> dict[str, Any]:
    payload = on_cancel()
    order = payload["message"]["order"]
    order["quote"]["breakup"].pop()
    order["quote"]["price"]["value"] = "0.00"
    order["cancellation"]["cancelled_by"] = "PRODUCER"
    return payload


def on_cancel_second_visit() -> dict[str, Any]:
    """The seller gives up the second visit of an order whose first is done."""
    order = made_order("CANCELLED", "Completed", departed=DEPARTED, finished=ENDED, updated=ENDED)
    order["items"].append({"id": "R1", "quantity": {"selected": {"count": 1}}, "fulfillment_ids": ["F2"]})
    order["fulfillments"].append(made_order("CANCELLED", "Cancelled")["fulfillments"][0] | {"id": "F2"})
    order["quote"]["breakup"] += [
        line("item", "1500.00", item="R1", unit="1500.00"),
        line("refund", "-1500.00", item="R1"),
    ]
    order["cancellation"] = {"cancelled_by": "PRODUCER", "reason": {"descriptor": {"code": "016"}}}
    return envelope("on_cancel", {"order": order}, now=ENDED)


def on_track() -> dict[str, Any]:
    return envelope("on_track", {"tracking": {"status": "inactive"}})


def on_rating() -> dict[str, Any]:
    return envelope("on_rating", {})


def on_support() -> dict[str, Any]:
    support = {"ref_id": "O1", "phone": "155330", "email": "help@seller.example.org"}
    return envelope("on_support", {"support": support})


VALID = {
    "on_search": on_search,
    "on_select": on_select,
    "on_select_rejected": on_select_rejected,
    "on_init": on_init,
    "on_confirm": on_confirm,
    "on_confirm_created": on_confirm_created,
    "on_status_pending": on_status,
    "on_status_in_transit": lambda: on_status("In-Transit"),
    "on_status_at_location": lambda: on_status("At-Location"),
    "on_status_completed": lambda: on_status("Completed"),
    "on_status_cancelled": lambda: on_status("Cancelled"),
    "on_status_wrong_otp": on_status_wrong_otp,
    "on_update": on_update,
    "on_update_requote": on_update_requote,
    "on_cancel": on_cancel,
    "on_cancel_by_seller": on_cancel_by_seller,
    "on_cancel_second_visit": on_cancel_second_visit,
    "on_track": on_track,
    "on_rating": on_rating,
    "on_support": on_support,
}

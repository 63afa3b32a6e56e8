"""Orders on the wire: one spelling of each part, times and tokens only where they belong (protocol.md 1.7)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bpp.orders import wire
from bpp.orders.model import FinderFee, Payment
from bpp.orders.states import WIRE_CODE, Stage
from catalog.model import CancellationTerm, RescheduleTerm, Slot
from catalog.money import ZERO, Money
from catalog.quote import Wanted, quote, refunded
from tests.support.catalog_builders import an_offering
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import a_draft, a_seller, a_visit, after, an_order

ACCOUNT = {
    "beneficiary": "ARTIFICIAL BENEFICIARY",
    "account": "000",
    "ifsc": "XXXX0000000",
    "upi": "artificial@upi",
    "window": "P3D",
}


def tags_of(one):
    return {
        tag["descriptor"]["code"]: {row["descriptor"]["code"]: row["value"] for row in tag["list"]}
        for tag in one["tags"]
    }


def test_an_amount_is_rupees_with_two_decimals():
    assert wire.price(Money(19905)) == {"currency": "INR", "value": "199.05"}
    assert wire.price(-ZERO)["value"] == "0.00"


@pytest.mark.parametrize("rateable", [None, True, False])
def test_a_provider_is_rateable_only_where_that_is_said(rateable):
    shown = wire.provider(a_seller(), rateable=rateable)

    assert (shown["id"], shown["locations"]) == ("P1", [{"id": "L1"}])
    assert shown.get("rateable") is rateable


def test_an_item_echoes_what_was_sent_under_our_id_count_and_fulfillment():
    (line,) = an_order().items
    sent = replace(line, count=3, wire={"id": "tap", "tags": [1], "quantity": {"selected": {"count": 1}}})

    assert wire.item(sent, "F1") == {
        "id": "TAP",
        "tags": [1],
        "quantity": {"selected": {"count": 3}},
        "fulfillment_ids": ["F1"],
    }


def test_the_breakup_of_a_quote_sums_to_its_price():
    made = quote([Wanted(offering=an_offering(), count=3, unit_price=Money(19900))], ttl="PT30M", valid_until=NOW)
    for one, expected in ((made, "597.00"), (refunded(made, Money(5000)), "50.00")):
        shown = wire.quote(one)
        assert shown["price"]["value"] == expected
        assert sum(Decimal(line["price"]["value"]) for line in shown["breakup"]) == Decimal(expected)
        assert shown["ttl"] == "PT30M"


def test_only_an_item_line_has_a_count_and_a_unit_price():
    made = quote([Wanted(offering=an_offering(), count=3, unit_price=Money(19900))], ttl="PT30M", valid_until=NOW)
    item, tax = wire.quote(made)["breakup"]

    assert item["item"] == {
        "id": "TAP",
        "quantity": {"selected": {"count": 3}},
        "price": {"currency": "INR", "value": "168.64"},
    }
    assert tax["item"] == {"id": "TAP"}
    assert [tags_of(line) for line in (item, tax)] == [{"title": {"type": "item"}}, {"title": {"type": "tax"}}]


@pytest.mark.parametrize(
    ("fee", "shown"),
    [
        ({"fee": Money(5000)}, {"amount": {"value": "50.00"}}),
        ({"percentage": Decimal("12.5")}, {"percentage": "12.5"}),
        ({"percentage": Decimal("1E+1")}, {"percentage": "10"}),
    ],
)
def test_a_cancellation_term_is_an_amount_or_a_percentage(fee, shown):
    term = wire.cancellation_term(CancellationTerm(state="Pending", cancel_by="PT4H", **fee))

    assert term["cancellation_fee"] == shown
    assert term["fulfillment_state"] == {"descriptor": {"code": "Pending"}}
    assert (term["cancel_by"], term["reason_required"]) == ({"duration": "PT4H"}, True)


@pytest.mark.parametrize(("eligible", "said"), [(True, "true"), (False, "false")])
def test_a_reschedule_term_is_a_tag_of_texts(eligible, said):
    term = RescheduleTerm(state="Pending", eligible=eligible, fee=Money(0), within="PT4H")

    assert tags_of({"tags": [wire.reschedule_term(term)]}) == {
        "reschedule_terms": {
            "fulfillment_state": "Pending",
            "reschedule_eligible": said,
            "reschedule_fee": "0.00",
            "reschedule_within": "PT4H",
        }
    }


@pytest.mark.parametrize("one", [an_order(), a_draft()])
def test_the_terms_are_those_kept_when_it_was_made(one):
    assert [term["fulfillment_state"]["descriptor"]["code"] for term in wire.terms(one)] == [
        "Pending",
        "In-Transit",
        "At-Location",
    ]


def test_a_schedule_tells_the_starts_their_days_and_the_end_of_the_last():
    starts = [after(hours=1), after(hours=2), after(days=2)]
    shown = wire.schedule(starts)

    assert shown["schedule"] == {
        "frequency": "PT1H",
        "times": ["2026-11-23T04:30:00.000Z", "2026-11-23T05:30:00.000Z", "2026-11-25T03:30:00.000Z"],
    }
    assert shown["days"] == "1,3"
    assert shown["range"] == {"start": "2026-11-23T04:30:00.000Z", "end": "2026-11-25T18:29:59.000Z"}


def test_a_schedule_without_starts_has_no_days_and_no_range():
    assert wire.schedule([]) == {"label": "validity", "schedule": {"frequency": "PT1H", "times": []}}


@pytest.mark.parametrize(("serviceable", "code"), [(True, "Serviceable"), (False, "Non-serviceable")])
@pytest.mark.parametrize("tags", [(), ({"descriptor": {"code": "note"}},)])
def test_before_the_order_a_fulfillment_is_serviceable_or_not(serviceable, code, tags):
    shown = wire.selected_fulfillment(a_visit(tags=tags), label="confirmed", serviceable=serviceable)
    (end,) = shown["stops"]

    assert shown["state"] == {"descriptor": {"code": code}}
    assert end["time"]["label"] == "confirmed"
    assert end["time"]["days"] == "1"
    assert end["location"]["area_code"] == "226010"
    assert shown.get("tags", []) == list(tags)


def shown_visit(token=None, rateable=None, **changes):
    visit = a_visit(**changes)
    order = an_order(fulfillments=(visit,))
    return wire.fulfillment(order, visit, token=token, rateable=rateable)


@pytest.mark.parametrize("stage", Stage)
def test_a_visit_shows_the_code_of_its_stage(stage):
    assert shown_visit(stage=stage)["state"] == {"descriptor": {"code": WIRE_CODE[stage]}}


def test_the_start_stop_is_the_sellers_place_with_the_worker():
    start, end = shown_visit()["stops"]

    assert start["location"]["id"] == "L1"
    assert start["contact"] == {"phone": "9000000101", "email": "demo@example.in"}
    assert start["person"] == {"name": "Asha Demo"}
    assert (start["type"], end["type"]) == ("start", "end")
    assert end["contact"] == {"phone": "9876543210"}


def test_without_a_worker_the_provider_is_the_contact_and_nobody_is_named():
    start, _ = shown_visit(assignee=None)["stops"]

    assert start["contact"] == {"phone": "9000000001", "email": "demo@example.in"}
    assert "person" not in start


def test_the_departure_is_told_once_it_has_happened_and_the_end_when_it_is_over():
    before, _ = shown_visit(departed_at=None)["stops"]
    on_the_way, at_work = shown_visit(stage=Stage.STARTED, departed_at=after(hours=3), completed_at=None)["stops"]
    start, end = shown_visit(stage=Stage.COMPLETED, departed_at=after(hours=3), completed_at=after(hours=5))["stops"]
    _, unknown = shown_visit(stage=Stage.COMPLETED, completed_at=None)["stops"]

    assert "timestamp" not in before["time"]
    assert on_the_way["time"]["timestamp"] == start["time"]["timestamp"] == "2026-11-23T06:30:00.000Z"
    assert end["time"]["timestamp"] == "2026-11-23T08:30:00.000Z"
    assert "timestamp" not in at_work["time"]
    assert "timestamp" not in unknown["time"]


def test_the_token_stands_at_the_customers_stop_where_one_is_in_force():
    visit = a_visit()
    start, end = shown_visit(token="0123")["stops"]

    assert visit.otp is not None
    assert end["authorization"] == {
        "type": "OTP",
        "token": "0123",
        "valid_from": "2026-11-23T07:30:00.000Z",
        "valid_to": "2026-11-23T07:35:00.000Z",
        "status": "valid",
    }
    assert "authorization" not in start
    assert "authorization" not in shown_visit(token=None)["stops"][1]
    assert "authorization" not in shown_visit(token="0123", otp=None)["stops"][1]


def test_the_slot_of_an_order_that_could_not_be_made_is_rejected():
    visit = a_visit()
    refused = wire.fulfillment(an_order(), visit, token=None, label="rejected")

    assert refused["stops"][1]["time"]["label"] == "rejected"
    assert shown_visit()["stops"][1]["time"]["label"] == "confirmed"


@pytest.mark.parametrize("rateable", [None, True])
def test_a_visit_is_rateable_only_where_that_is_said(rateable):
    shown = shown_visit(rateable=rateable, tags=())

    assert shown.get("rateable") is rateable
    assert "tags" not in shown


@pytest.mark.parametrize(("status", "transaction_id"), [("PAID", "UPI-1"), ("NOT-PAID", ""), (None, "")])
def test_a_payment_says_what_is_known_of_it(status, transaction_id):
    payment = Payment(
        id="PAY1",
        type="PRE-FULFILLMENT",
        collected_by="BAP",
        amount=Money(19900),
        status=status,
        transaction_id=transaction_id,
    )
    shown = wire.payment(payment, ACCOUNT, FinderFee(type="amount", amount="10.00"))

    assert shown.get("status") == status
    assert shown["params"].get("transaction_id", "") == transaction_id
    assert (shown["params"]["amount"], shown["params"]["currency"]) == ("199.00", "INR")
    tags = tags_of(shown)
    assert tags["Buyer_Finder_Fee"] == {"Buyer_Finder_Fee_Type": "amount", "Buyer_Finder_Fee_Amount": "10.00"}
    assert tags["Settlement_Counterparty"]["Bank_Account_No"] == ACCOUNT["account"]
    assert tags["Settlement_Details"]["Window"] == "P3D"


@pytest.mark.parametrize(
    ("spelling", "codes"),
    [
        ("Buyer_Finder_Fee", ["Buyer_Finder_Fee_Type", "Buyer_Finder_Fee_Amount"]),
        ("Buyer_finder_fee", ["Buyer_finder_fee_type", "Buyer_finder_fee_amount"]),
        ("finder_fee", ["finder_fee_type", "finder_fee_amount"]),
    ],
)
def test_the_codes_of_the_finder_fee_are_the_peers_and_its_tag_is_ours(spelling, codes):
    payment = Payment(id="PAY1", type="ON-FULFILLMENT", collected_by="BPP", amount=Money(19900))
    shown = wire.payment(payment, ACCOUNT, FinderFee(type="percent", amount="3"), spelling)

    assert tags_of(shown)["Buyer_Finder_Fee"] == dict(zip(codes, ["percent", "3"], strict=True))


def test_a_range_is_both_ends_in_utc():
    assert wire.time_range(Slot(start=NOW, end=after(hours=1))) == {
        "start": "2026-11-23T03:30:00.000Z",
        "end": "2026-11-23T04:30:00.000Z",
    }

"""RSF on the wire: what participants really send is read, and what validators refuse we do not send."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from beckn_schemas.base import SchemaViolation
from beckn_schemas.rsf_check import check_rsf
from beckn_schemas.rsf_context import Envelope, Participant, answering, to_agency, to_participant
from beckn_schemas.rsf_received import parse_rsf

WE = Participant("seller.example.in", "https://seller.example.in/ondc")
BUYER = Participant("buyer.example.in", "https://buyer.example.in/ondc")
AGENCY = Participant("agency.example.in", "https://agency.example.in/nocs")
IDS = Envelope(transaction_id="T", message_id="M", at="2026-11-24T08:30:00.000Z")
LATER = "2026-11-24T08:30:00.001Z"
FIELDS = ("amount", "commission", "withholding_amount", "tcs", "tds")


def inr(value: str, **more: str) -> dict[str, str]:
    return {"currency": "INR", "value": value, **more}


def held(value: str) -> dict[str, Any]:
    return {"amount": inr(value)}


def settle() -> dict[str, Any]:
    provider = {
        "id": "62",
        "name": "Demo Services",
        "bank_details": {"account_no": "1234567890", "ifsc_code": "IFSC0001"},
        **held("2010.00"),
    }
    order = {
        "id": "O1",
        "inter_participant": held("2210.00"),
        "collector": held("150.00"),
        "provider": provider,
        "self": held("200.00"),
    }
    return {
        "context": to_agency("settle", WE, AGENCY, IDS),
        "message": {
            "collector_app_id": BUYER.id,
            "receiver_app_id": WE.id,
            "settlement": {"type": "NP-NP", "id": "S", "orders": [order]},
        },
    }


def misc() -> dict[str, Any]:
    settlement = {"type": "MISC", "id": "S", "orders": [{"self": held("2000.00")}]}
    return {"context": to_agency("settle", WE, AGENCY, IDS), "message": {"settlement": settlement}}


def nil() -> dict[str, Any]:
    return {"context": to_agency("settle", WE, AGENCY, IDS), "message": {"settlement": {"type": "NIL"}}}


def report() -> dict[str, Any]:
    said = {"ref_transaction_id": "T", "ref_message_id": "M0"}
    return {"context": to_agency("report", WE, AGENCY, IDS), "message": said}


def recon() -> dict[str, Any]:
    line = {
        "id": "S",
        "payment_id": "PAY",
        "status": "PENDING",
        **{name: inr("0.00") for name in FIELDS},
        "updated_at": "2026-11-24T08:00:00.000Z",
    }
    order = {"id": "O1", "amount": inr("2360.00"), "settlements": [line]}
    return {"context": to_participant(BUYER, WE, IDS), "message": {"orders": [order]}}


def on_recon(*, accord: bool) -> dict[str, Any]:
    payload = recon()
    (order,) = payload["message"]["orders"]
    (line,) = order["settlements"]
    order["recon_accord"] = accord
    if accord:
        line["due_date"] = "2026-11-26"
    else:
        line.update({name: inr("1.00", diff_value="1.00") for name in FIELDS})
    return {**payload, "context": answering(recon()["context"], LATER)}


def on_recon_error() -> dict[str, Any]:
    error = {"code": "70030", "message": "Invalid order id"}
    return {"context": answering(recon()["context"], LATER), "error": error}


SENT = {
    "settle": settle,
    "misc": misc,
    "nil": nil,
    "report": report,
    "recon": recon,
    "on_recon accord": lambda: on_recon(accord=True),
    "on_recon no accord": lambda: on_recon(accord=False),
    "on_recon error": on_recon_error,
}


@pytest.mark.parametrize("name", SENT)
def test_each_kind_of_message_is_sound(name):
    payload = SENT[name]()

    assert check_rsf(payload, recon() if name.startswith("on_recon") else None) == []


def test_to_the_agency_we_are_the_bap_and_between_participants_each_is_itself():
    assert [settle()["context"][name] for name in ("bap_id", "bpp_id")] == [WE.id, AGENCY.id]
    assert [recon()["context"][name] for name in ("bap_id", "bpp_id")] == [BUYER.id, WE.id]
    context = recon()["context"]
    assert (context["domain"], context["version"], context["ttl"]) == ("ONDC:NTS10", "2.0.0", "P1D")
    assert context["location"] == {"country": {"code": "IND"}, "city": {"code": "*"}}


ORDER = "message.settlement.orders[0]"
LINE = "message.orders[0].settlements[0]"
BROKEN: list[tuple[str, str, Any, str]] = [
    ("settle", f"{ORDER}.inter_participant.amount.value", "2210.0", "one decimal"),
    ("settle", f"{ORDER}.inter_participant.amount.value", "2210", "none"),
    ("settle", f"{ORDER}.inter_participant.amount.value", 2210.00, "a number"),
    ("settle", f"{ORDER}.collector.amount.value", "-150.00", "below zero"),
    ("settle", f"{ORDER}.self.amount.currency", "USD", "another currency"),
    ("settle", f"{ORDER}.provider.bank_details.account_no", "12 34", "not digits alone"),
    ("settle", f"{ORDER}.note", "x", "a further key of an order"),
    ("settle", "message.settlement.note", "x", "a further key"),
    ("settle", "message.note", "x", "a further key of the message"),
    ("settle", "note", "x", "a further key at the top"),
    ("settle", "message.receiver_app_id", BUYER.id, "collector and receiver the same"),
    ("settle", "message.collector_app_id", AGENCY.id, "the agency as collector"),
    ("settle", "context.bap_id", "third.example.in", "filed by a third"),
    ("settle", "message.settlement.type", "NP", "no such type"),
    ("settle", "context.ttl", "PT30S", "another ttl"),
    ("settle", "context.location.city.code", "std:0522", "a city"),
    ("settle", "context.domain", "ONDC:SRV11", "another domain"),
    ("settle", "error", {"code": "70002", "message": "x"}, "an error in a request"),
    ("misc", f"{ORDER}.id", "O1", "an order in MISC"),
    ("misc", "message.collector_app_id", BUYER.id, "a counterparty in MISC"),
    ("nil", "message.settlement.id", "S", "an id in NIL"),
    ("nil", "message.settlement.orders", [], "orders in NIL"),
    ("report", "message.ref_message_id", "", "no message"),
    ("recon", f"{LINE}.status", "DONE", "no such status"),
    ("recon", f"{LINE}.commision", inr("0.00"), "the misspelt commission"),
    ("recon", f"{LINE}.settlement_ref_no", "U", "a reference of what is to come"),
    ("recon", f"{LINE}.due_date", "2026-11-26", "a due date in a recon"),
    ("recon", "message.orders", [], "no order"),
    ("on_recon accord", f"{LINE}.tcs.diff_value", "0.00", "a difference where agreed"),
    ("on_recon accord", f"{LINE}.due_date", "2026-11-26T00:00:00.000Z", "a due date that is a moment"),
    ("on_recon no accord", f"{LINE}.due_date", "2026-11-26", "a due date where not agreed"),
    ("on_recon error", "error.code", "30018", "a code of another family"),
    ("on_recon error", "message", {"orders": []}, "a message beside an error"),
]
MISSING = [
    *(("recon", f"{LINE}.{name}") for name in (*FIELDS, "payment_id", "updated_at")),
    ("on_recon accord", f"{LINE}.due_date"),
    *(("on_recon no accord", f"{LINE}.{name}.diff_value") for name in FIELDS),
    ("on_recon accord", "message.orders[0].recon_accord"),
    ("settle", f"{ORDER}.self"),
    ("settle", "message.receiver_app_id"),
    ("recon", "message"),
    ("settle", "context.bap_uri"),
]


def place(payload: Any, path: str) -> tuple[Any, str]:
    """The object that a path ends in, and the last key."""
    *before, last = path.replace("[0]", ".0").split(".")
    for part in before:
        payload = payload[int(part)] if part.isdigit() else payload[part]
    return payload, last


@pytest.mark.parametrize(("name", "path", "value", "what"), BROKEN, ids=[f"{row[0]}: {row[3]}" for row in BROKEN])
def test_one_thing_wrong_is_found_where_it_is(name, path, value, what):
    payload = SENT[name]()
    parent, key = place(payload, path)
    parent[key] = value

    found = check_rsf(payload)
    assert any(one.path.startswith(path) or path.startswith(one.path) for one in found), what
    assert all("1234567890" not in one.expected for one in found)


@pytest.mark.parametrize(("name", "path"), MISSING, ids=map(str, MISSING))
def test_one_thing_missing_is_found_where_it_should_be(name, path):
    payload = SENT[name]()
    parent, key = place(payload, path)
    del parent[key]

    assert path in [one.path for one in check_rsf(payload)]


@pytest.mark.parametrize("name", ["settle", "recon", "on_recon accord"])
def test_an_order_stands_once(name):
    payload = SENT[name]()
    orders = payload["message"].get("orders") or payload["message"]["settlement"]["orders"]
    orders.append(copy.deepcopy(orders[0]))

    assert [one.rule for one in check_rsf(payload)] == ["repeated"]


def test_what_is_settled_has_its_reference_and_no_day_of_payment():
    payload = on_recon(accord=True)
    (line,) = payload["message"]["orders"][0]["settlements"]
    del line["due_date"]
    line.update(status="SETTLED", settlement_ref_no="U")

    assert check_rsf(payload, recon()) == []


@pytest.mark.parametrize("name", ["bap_id", "bap_uri", "bpp_id", "bpp_uri", "transaction_id", "message_id"])
def test_an_on_recon_agrees_with_its_recon_in_both_ids_addresses_and_ids_of_the_message(name):
    payload = on_recon(accord=True)
    payload["context"][name] = "https://other.example.in"

    assert [one.path for one in check_rsf(payload, recon())] == [f"context.{name}"]


def test_an_on_recon_is_later_than_its_recon_and_lists_each_order():
    early = on_recon(accord=True)
    early["context"]["timestamp"] = IDS.at
    other = on_recon(accord=True)
    other["message"]["orders"][0]["id"] = "O2"

    assert [one.path for one in check_rsf(early, recon())] == ["context.timestamp"]
    assert [one.path for one in check_rsf(other, recon())] == ["message.orders"]


def test_amounts_with_one_decimal_and_an_accord_in_a_recon_are_read():
    payload = recon()
    (order,) = payload["message"]["orders"]
    order.update(amount=inr("5567.0"), recon_accord=False)
    read = parse_rsf("recon", payload).recon

    assert read is not None
    assert (read.orders[0].amount.value, read.orders[0].recon_accord) == ("5567.0", False)


@pytest.mark.parametrize("written", ["2026-11-26", "2026-11-26T09:30:00.000Z", "2026-11-26T00:10:00+05:30"])
def test_a_due_date_is_the_day_that_is_written(written):
    payload = on_recon(accord=True)
    payload["message"]["orders"][0]["settlements"][0]["due_date"] = written
    read = parse_rsf("on_recon", payload).recon

    assert read is not None
    assert read.orders[0].settlements[0].due_date == date(2026, 11, 26)


def test_the_misspelt_commission_is_read():
    payload = recon()
    (line,) = payload["message"]["orders"][0]["settlements"]
    line["commision"] = line.pop("commission")

    assert parse_rsf("recon", payload).recon is not None


def test_a_nil_with_orders_and_errors_of_all_kinds_are_read():
    answer = {
        "context": {},
        "error": {"code": 70021},
        "message": {"settlement": {"type": "NIL", "orders": [{"id": "O1", "error": {"code": "70024"}}]}},
    }
    read = parse_rsf("on_settle", answer)

    assert read.error is not None
    assert read.error.code == "70021"
    assert read.settled is not None
    order = read.settled.settlement.orders[0]
    assert order.error is not None
    assert order.error.code == "70024"


def test_an_answer_may_be_an_error_alone_and_a_recon_may_not():
    error = {"context": {}, "error": {"code": "70030", "message": "Invalid order id"}}

    assert parse_rsf("on_recon", error).recon is None
    with pytest.raises(SchemaViolation) as refused:
        parse_rsf("recon", error)
    assert refused.value.path == "message"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *((f"{LINE}.{name}", {"value": "x"}) for name in FIELDS),
        (f"{LINE}.status", "LATER"),
        (f"{LINE}.due_date", "soon"),
        ("message.orders[0].id", 7),
        ("message.orders[0].settlements", []),
        ("message.orders", []),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_is(path, value):
    payload = recon()
    parent, key = place(payload, path)
    parent[key] = value

    with pytest.raises(SchemaViolation) as refused:
        parse_rsf("recon", payload)
    assert refused.value.path.startswith(path)


def test_an_order_that_stands_twice_in_a_recon_is_refused():
    payload = recon()
    payload["message"]["orders"] *= 2

    with pytest.raises(SchemaViolation) as refused:
        parse_rsf("recon", payload)
    assert refused.value.path == "message.orders[1].id"


def test_a_leg_named_self_is_ours():
    order = {"id": "O1", "self": {"amount": inr("1.00"), "status": "settled"}}
    answer = {"context": {}, "message": {"settlement": {"type": "NP-NP", "id": "S", "orders": [order]}}}
    read = parse_rsf("on_report", answer).settled

    assert read is not None
    own = read.settlement.orders[0].own
    assert own is not None
    assert own.status == "SETTLED"

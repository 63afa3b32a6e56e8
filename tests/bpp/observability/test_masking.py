"""Of whoever is in a message nothing is told, whatever it is called; of what happened where and for how much, all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.observability import words
from bpp.observability.masking import DEEPEST, Masker
from bpp.orders.masking import HIDDEN
from tests.support.observed_documents import DOCUMENTS, changed

MASKER = Masker(b"a secret of the tests")
NAME, PHONE, EMAIL = "Zorawar Kestrel", "9812345670", "zora.kestrel@post.example"
ADDRESS, GSTIN, PAN, ACCOUNT = "Plot 47, Quillon Marg", "09ZQXKV1234F1Z5", "ZQXKV1234F", "50100987654321"
IFSC, UPI, TOKEN = "ZQXK0123456", "zorawar@okbank", "8351"
REACHED = f"call {PHONE} or {EMAIL}"
WHOLE = f"{NAME}, {ADDRESS}, +91 98123 45670, {REACHED}, {GSTIN}, {ACCOUNT}, {IFSC}, {UPI}"
TRACES = (
    "Zorawar",
    "Kestrel",
    "98123",
    "45670",
    PHONE,
    "zora",
    "post.example",
    "Quillon",
    "Plot 47",
    PAN,
    ACCOUNT,
    IFSC,
)
"""What the scanner knows: the parts by which anything planted would be known again."""

IDS = {"bap_uri", "bpp_uri", "id", "ITEM_IDS"}
AREAS = {"city", "state", "country"}
PROTOCOL = {
    "domain", "action", "version", "core_version", "code", "status", "type", "collected_by", "currency", "label", "unit",
    "days", "frequency", "level", "category", "sub_category", "issue_type", "ref_type", "gro_type", "action_triggered",
    "respondent_action", "complainant_action", "path", "update_target", "content_type", "size_type", "mimetype",
    "cancelled_by", "rating", "rating_category", "fulfillment_state",
}  # fmt: skip
GOODS = {"items", "categories", "offers"}


def is_id(name):
    return name in IDS or name.lower().endswith(("_id", "_ids", "_ref_no", "reference_no"))


def masked(document, transaction="T1"):
    return MASKER.message(document, transaction)


def found_in(document):
    """The scanner."""
    text = json.dumps(document, ensure_ascii=False)
    return [trace for trace in TRACES if trace in text]


def planter(everything):
    """Plants the most that may lie under a name: everything but where the text itself is to be kept."""

    def planted(path, value):
        *above, name = path
        if is_id(name):
            return value
        kept = name in PROTOCOL or AREAS & {name, *above[-1:]}
        goods = name == "name" and "catalog" in above and GOODS & set(above)
        return REACHED if kept or goods else everything

    return planted


@pytest.mark.parametrize("everything", [WHOLE, NAME, PHONE, EMAIL, ADDRESS, ACCOUNT, int(PHONE)])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_planted_in_any_field_of_any_message_is_found(name, everything):
    document = changed(DOCUMENTS[name], planter(everything))

    assert found_in(document)
    assert found_in(masked(document)) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_masked_stays_as_it_is(name):
    once = masked(changed(DOCUMENTS[name], planter(WHOLE)))

    assert masked(once) == once


FIELDS = (
    "name phone email address gps city area_code descriptor code value id person contact billing catalog items state type "
    f"long_desc token {PHONE}"
).split()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from((WHOLE, PHONE, NAME, ACCOUNT)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=6) | st.sampled_from(FIELDS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_masking_twice_is_masking_once_whatever_the_document(document):
    once = masked(document)

    assert masked(once) == once


@given(st.sampled_from(sorted(words.PERSONS)), st.text(min_size=1, max_size=12), st.sampled_from((WHOLE, NAME, PHONE)))
def test_under_a_person_what_nobody_foresaw_is_masked(person, name, text):
    kept = {*AREAS, "area_code", *words.PERSON_CODES}
    if words.plain(name) not in kept:
        assert found_in(masked({person: {name: text, "more": [{name: text}]}})) == []


@given(st.sampled_from(sorted(words.PERSONS)), st.integers(0, 10**13), st.text("abcdefg", min_size=1, max_size=8))
def test_under_a_person_a_number_of_unknown_meaning_is_masked(person, number, name):
    found = masked({person: {f"x{name}": number}})

    assert found[person][f"x{name}"] == HIDDEN


@given(st.text(max_size=30), st.text(max_size=30))
def test_whoever_is_reached_by_a_number_inside_a_longer_text_is_not_told(before, after):
    for one in (PHONE, "+91-98123 45670", EMAIL, UPI, GSTIN, PAN, IFSC):
        assert one not in words.scrubbed(f"{before} {one} {after}", HIDDEN)


def test_city_state_pincode_and_the_neighbourhood_of_a_point_survive():
    stop = {
        "location": {
            "gps": "26.846708,80.946159",
            "address": {
                "name": NAME,
                "building": "4B",
                "street": "Quillon Marg",
                "city": "Lucknow",
                "area_code": "226010",
            },
            "area_code": "226001",
            "city": {"name": "Lucknow", "code": "std:0522"},
            "state": {"name": "Uttar Pradesh", "code": "UP"},
            "country": {"code": "IND"},
        },
        "contact": {"phone": PHONE},
    }
    location = masked({"stops": [stop]})["stops"][0]["location"]

    assert location["gps"] == "26.85,80.95"
    assert location["city"] == {"name": "Lucknow", "code": "std:0522"}
    assert location["state"] == {"name": "Uttar Pradesh", "code": "UP"}
    assert location["area_code"] == "226001"
    assert location["address"]["city"] == "Lucknow"
    assert location["address"]["area_code"] == "226010"
    assert (location["address"]["building"], location["address"]["street"]) == (HIDDEN, HIDDEN)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Plot 47, Quillon Marg, Lucknow 226010", "***, 226010"),
        ("Quillon Marg, 226 010, India", "***, 226010"),
        ("Quillon Marg", "***"),
        ("house 9812345670", "***"),
        ("", ""),
    ],
)
def test_of_an_address_in_one_text_the_pincode_is_kept(text, shown):
    assert masked({"address": text}) == {"address": shown}


@pytest.mark.parametrize("name", ["confirm", "on_confirm", "on_issue 2.0", "issue 1.0", "recon", "settle"])
def test_ids_money_times_and_states_are_as_they_were(name):
    kept: dict[tuple[str, ...], list[object]] = {}

    def collect(into):
        def look(path, value):
            word = path[-1]
            if is_id(word) or word in {
                "status",
                "state",
                "level",
                "timestamp",
                "value",
                "currency",
                "updated_at",
                "code",
            }:
                into.setdefault(path, []).append(value)
            return value

        return look

    found: dict[tuple[str, ...], list[object]] = {}
    changed(DOCUMENTS[name], collect(kept))
    changed(masked(DOCUMENTS[name]), collect(found))

    assert kept
    assert {path: values for path, values in found.items() if kept.get(path) != values} == {}


def test_the_same_person_has_one_token_in_an_order_and_another_in_the_next():
    billing = {"billing": {"name": NAME, "phone": f"+91-{PHONE}", "email": EMAIL}}
    visit = {"customer": {"person": {"name": f" {NAME.upper()} "}, "contact": {"phone": PHONE, "email": EMAIL.upper()}}}
    one, other = masked([billing, visit]), masked([billing, visit], "T2")
    tokens = [one[0]["billing"][name] for name in ("name", "phone", "email")]

    assert tokens == [
        one[1]["customer"]["person"]["name"],
        one[1]["customer"]["contact"]["phone"],
        one[1]["customer"]["contact"]["email"],
    ]
    assert not set(tokens) & set(other[0]["billing"].values())
    assert tokens[1] != Masker(b"another secret").message(billing, "T1")["billing"]["phone"]


def test_one_time_passwords_accounts_and_tax_numbers_are_told_nobody():
    said = {
        "authorization": {"type": "OTP", "token": TOKEN, "valid_to": "2026-11-23T05:00:00.000Z"},
        "params": {
            "bank_account_number": ACCOUNT,
            "virtual_payment_address": UPI,
            "bank_code": IFSC,
            "amount": "998.00",
        },
        "billing": {"tax_id": GSTIN, "created_at": "2026-11-23T05:00:00.000Z"},
        "tags": [{"list": [{"descriptor": {"code": "Bank_Account_No"}, "value": "12345678"}]}],
    }
    shown = masked(said)

    assert shown["authorization"] == {"type": "OTP", "token": HIDDEN, "valid_to": "2026-11-23T05:00:00.000Z"}
    assert shown["params"] == {
        "bank_account_number": HIDDEN, "virtual_payment_address": HIDDEN, "bank_code": HIDDEN, "amount": "998.00",
    }  # fmt: skip
    assert shown["billing"] == {"tax_id": HIDDEN, "created_at": "2026-11-23T05:00:00.000Z"}
    assert shown["tags"][0]["list"][0]["value"] == HIDDEN


def test_what_a_catalog_offers_keeps_its_name_and_who_offers_it_does_not():
    catalog = {
        "catalog": {"providers": [{"descriptor": {"name": NAME}, "items": [{"descriptor": {"name": "Fan repair"}}]}]}
    }
    (provider,) = masked(catalog)["catalog"]["providers"]

    assert provider == {"descriptor": {"name": HIDDEN}, "items": [{"descriptor": {"name": "Fan repair"}}]}


def test_who_speaks_for_whom_in_a_grievance_is_told():
    actor = {
        "id": "CUST1",
        "type": "CONSUMER",
        "info": {"org": {"name": "buyer.example::ONDC:SRV11"}, "person": {"name": NAME}},
    }
    shown = masked({"actors": [actor]})["actors"][0]

    assert (shown["id"], shown["type"], shown["info"]["org"]["name"]) == (
        "CUST1",
        "CONSUMER",
        "buyer.example::ONDC:SRV11",
    )
    assert found_in(shown) == []


def test_a_document_that_is_too_deep_is_masked_where_it_is():
    document: dict[str, object] = {}
    deepest: dict[str, Any] = document
    for _ in range(DEEPEST * 4):
        deepest["a"] = {}
        deepest = deepest["a"]
    deepest["phone"] = PHONE

    assert PHONE not in json.dumps(masked(document))


def test_a_name_under_which_somebody_put_a_person_is_masked_too():
    assert found_in(masked({PHONE: "1", f"of {EMAIL}": "2"})) == []

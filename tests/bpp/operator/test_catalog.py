"""Providers, workers and offerings over the operator API."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from bpp.actions.contract import Reply
from bpp.actions.on_search import catalog
from bpp.actions.outgoing import Addressee, Dispatch, callback_for
from bpp.core.find import find
from bpp.domains.dialect import CANONICAL
from bpp.operator.documents import ANSWERED_ONLY, answer_model, input_model, made, shown
from catalog.model import Gps, Offering, Provider, Worker
from catalog.search import Place, Query

KINDS = {"providers": Provider, "workers": Worker, "offerings": Offering}
TAP: dict[str, Any] = {
    "id": "NEW-TAP",
    "provider_id": "P-GOMTI",
    "sub_service_id": "SM-PLB-TAP",
    "short_desc": "Tap put right",
    "long_desc": "Tap put right.",
    "image": "https://static.example.in/tap.png",
    "price": "499.00",
    "tax_rate": "18",
    "duration": 60,
    "valid_from": "2025-04-01",
    "valid_until": "2031-03-31",
}
WORKER: dict[str, Any] = {
    "id": "W-NEW",
    "provider_id": "P-GOMTI",
    "name": "New Demo",
    "phone": "9000000199",
    "gps": "26.853000,80.995000",
    "districts": ["Lucknow"],
    "skills": {"SM-PLB": "2031-03-31"},
    "verified_until": "2031-03-31",
    "hours": {"days": [1, 2, 3], "opens": "09:00", "closes": "18:00"},
}
PROVIDER: dict[str, Any] = {
    "id": "P-NEW",
    "kind": "firm",
    "name": "New Demo Firm",
    "name_hi": "नई फर्म",
    "short_desc": "Plumbing",
    "long_desc": "Plumbing.",
    "image": "https://static.example.in/new.png",
    "phone": "9000000009",
    "email": "new@example.in",
    "agreement_from": "2025-04-01",
    "agreement_until": "2031-03-31",
    "districts": ["162"],
    "hours": {"days": [1, 2, 3, 4, 5, 6], "opens": "09:00", "closes": "18:00", "holidays": ["2027-03-22"]},
    "locations": [
        {
            "id": "L1",
            "gps": "26.864330,81.000650",
            "address": "House 1",
            "city": "Lucknow",
            "std": "0522",
            "area_code": "226010",
        }
    ],
    "areas": [{"location_id": "L1", "category": "SRV11-*", "kind": "10", "val": "15"}],
    "terms": {
        "cancellation": [{"state": "Pending", "cancel_by": "PT4H", "fee": "0.00"}],
        "reschedule": [{"state": "Pending", "eligible": True, "fee": "0.00", "within": "PT4H"}],
    },
}
PENDING = {"state": "Pending", "cancel_by": "PT4H"}
MOVABLE: dict[str, Any] = PROVIDER["terms"]["reschedule"][0]
ENGAGEMENT = {
    "id": "E1",
    "mode": "industry",
    "employer": "Demo Works",
    "first": "2027-02-01",
    "last": "2027-02-28",
}
CRED = {"id": "C1", "type": "Identity card", "desc": "A card", "url": "https://static.example.in/card.pdf"}
NEW: dict[str, dict[str, Any]] = {"providers": PROVIDER, "workers": WORKER, "offerings": TAP}


@pytest.mark.parametrize("name", KINDS)
def test_what_is_shown_can_be_read_again_and_is_the_same(demo, name):
    kind = KINDS[name]
    for value in getattr(demo, name):
        document = shown(value)
        answer_model(kind).model_validate_json(_json(document), strict=True)
        for field in ANSWERED_ONLY[kind]:
            del document[field]
        derived = {"domain": value.domain} if kind is Offering else {}

        assert made(kind, input_model(kind).model_validate_json(_json(document), strict=True), **derived) == value


@pytest.mark.parametrize("name", KINDS)
async def test_all_of_a_kind_are_listed_page_by_page(desk, demo, name):
    seen, cursor = [], ""
    while True:
        _, page = await desk.call("GET", f"/{name}?limit=3&cursor={cursor}")
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert seen == sorted(one.id for one in getattr(demo, name))


async def test_lists_can_be_narrowed_to_one_provider(desk):
    for name in KINDS:
        _, page = await desk.call("GET", f"/{name}?provider_id=P-GOMTI")

        assert page["items"]
        assert {one.get("provider_id", one["id"]) for one in page["items"]} == {"P-GOMTI"}


async def test_money_is_text_in_rupees(desk):
    _, offering = await desk.call("GET", "/offerings/GOMTI-TAP")
    _, provider = await desk.call("GET", "/providers/P-GOMTI")

    assert (offering["price"], offering["max_price"]) == ("199.00", "249.00")
    assert all(isinstance(one["fee"], str | None) for one in provider["terms"]["cancellation"])


@pytest.mark.parametrize("name", KINDS)
async def test_a_new_one_is_stored_and_found(desk, name):
    status, made_ = await desk.call("POST", f"/{name}", NEW[name])
    assert status == 201, made_

    _, found = await desk.call("GET", f"/{name}/{NEW[name]['id']}")

    assert found == made_
    assert found.items() >= {key: value for key, value in NEW[name].items() if isinstance(value, str)}.items()


async def test_districts_services_and_engagements_are_taken_and_shown(desk):
    services = {"162": ["SM-PLB", "SM-ELC"]}
    _, provider = await desk.call("POST", "/providers", {**PROVIDER, "services": {"Lucknow": services["162"]}})
    _, offering = await desk.call("PATCH", "/offerings/GOMTI-TAP", {"districts": ["Barabanki"]})
    _, worker = await desk.call("PATCH", "/workers/W-GOMTI-1", {"engagements": [ENGAGEMENT], "creds": [CRED]})

    assert provider["services"] == services
    assert offering["districts"] == ["129"]
    assert worker["engagements"] == [{**ENGAGEMENT, "ended": None, "ended_by": ""}]
    assert worker["creds"] == [CRED]


async def test_what_follows_from_the_sub_service_is_filled_in(desk):
    _, made_ = await desk.call("POST", "/offerings", TAP)

    assert (made_["domain"], made_["category"]) == ("ONDC:SRV11", "SRV11-1047")
    assert made_["name"]
    assert made_["name_hi"]


async def test_what_follows_from_a_place_is_filled_in(desk):
    _, made_ = await desk.call("POST", "/providers", PROVIDER)

    assert made_["locations"][0]["district"] == "162"
    assert made_["code"] == "P-NEW"
    assert made_["rating"] == {"sum": 0, "count": 0}


async def test_a_new_offering_can_be_booked_at_once(desk):
    await desk.call("POST", "/offerings", {**TAP, "price": "321.00"})

    order = await desk.booked("NEW-TAP")

    assert str(order.quote.total) == "321.00"


@pytest.mark.parametrize("name", KINDS)
async def test_an_id_that_is_taken_is_a_conflict(desk, name):
    await desk.call("POST", f"/{name}", NEW[name])

    status, answer = await desk.call("POST", f"/{name}", NEW[name])

    assert (status, answer["error"]["code"], answer["error"]["path"]) == (409, "exists", "id")


async def test_a_worker_has_a_telephone_of_his_or_her_own_to_sign_in_with(desk):
    await desk.call("POST", "/workers", WORKER)
    same = {"phone": "+91 90000 00199"}

    for method, path, body in (
        ("POST", "/workers", {**WORKER, **same, "id": "W-SECOND"}),
        ("PATCH", "/workers/W-GOMTI-1", same),
    ):
        status, answer = await desk.call(method, path, body)
        assert (status, answer["error"]["code"], answer["error"]["path"]) == (409, "phone_taken", "phone")

    status, _ = await desk.call("PATCH", "/workers/W-NEW", {**same, "name": "Same"})
    assert status == 200, "it may write his or her own in another way"
    await desk.call("PATCH", "/workers/W-NEW", {"active": False})
    status, _ = await desk.call("POST", "/workers", {**WORKER, **same, "id": "W-SECOND"})
    assert status == 201, "who takes no orders does not sign in"
    status, answer = await desk.call("PATCH", "/workers/W-NEW", {"active": True})
    assert (status, answer["error"]["code"]) == (409, "phone_taken")


@pytest.mark.parametrize(
    ("name", "change", "path"),
    [
        ("offerings", {"price": 499}, "price"),
        ("offerings", {"price": "0.00"}, "price"),
        ("offerings", {"price": "4.999"}, "price"),
        ("offerings", {"max_price": "100.00"}, "max_price"),
        ("offerings", {"provider_id": "P-NONE"}, "provider_id"),
        ("offerings", {"sub_service_id": "SM-NONE"}, "sub_service_id"),
        ("offerings", {"category": "SRV11-1030"}, "category"),
        ("offerings", {"location_ids": ["L9"]}, "location_ids"),
        ("offerings", {"parent_item_id": "NONE"}, "parent_item_id"),
        ("offerings", {"parent_item_id": "AMIN-BATH"}, "parent_item_id"),
        ("offerings", {"district_prices": {"Nowhere": "1.00"}}, "district_prices.Nowhere"),
        ("offerings", {"duration": 1}, "duration"),
        ("offerings", {"payment_types": ["CASH"]}, "payment_types[0]"),
        ("offerings", {"valid_until": "2020-01-01"}, "valid_until"),
        ("offerings", {"domain": "ONDC:SRV11"}, "domain"),
        ("offerings", {"id": "a b"}, "id"),
        ("workers", {"provider_id": "P-NONE"}, "provider_id"),
        ("workers", {"skills": {"SM-NONE": "2031-03-31"}}, "skills"),
        ("workers", {"districts": ["Agra"]}, "districts"),
        ("workers", {"districts": []}, "districts"),
        ("workers", {"leaves": [["2027-01-12", "2027-01-10"]]}, "leaves"),
        ("workers", {"gps": "80.9,26.8"}, "gps"),
        ("workers", {"hours": {"days": [], "opens": "09:00", "closes": "18:00"}}, "hours.days"),
        ("workers", {"hours": {"days": [1], "opens": "09:00+05:30", "closes": "18:00"}}, "hours.opens"),
        ("workers", {"hours": {"days": [1], "opens": "18:00", "closes": "09:00"}}, "hours.closes"),
        ("workers", {"engagements": [{**ENGAGEMENT, "last": "2027-01-01"}]}, "engagements"),
        ("workers", {"engagements": [{**ENGAGEMENT, "ended": "2027-02-10"}]}, "engagements"),
        ("workers", {"engagements": [ENGAGEMENT, ENGAGEMENT]}, "engagements"),
        ("workers", {"engagements": [{**ENGAGEMENT, "mode": "private"}]}, "engagements[0].mode"),
        ("workers", {"creds": [CRED, CRED]}, "creds"),
        ("workers", {"creds": [{**CRED, "url": "card"}]}, "creds[0].url"),
        ("offerings", {"districts": ["Agra"]}, "districts"),
        ("providers", {"services": {"Agra": ["SM-PLB"]}}, "services"),
        ("providers", {"services": {"Atlantis": ["SM-PLB"]}}, "services.Atlantis"),
        ("providers", {"services": {"Lucknow": ["SM-NONE"]}}, "services"),
        ("providers", {"services": {"Lucknow": []}}, "services"),
        ("providers", {"worker_share": "101"}, "worker_share"),
        ("workers", {"rating": {"sum": 5, "count": 1}}, "rating"),
        ("providers", {"agreement_until": "2020-01-01"}, "agreement_until"),
        ("providers", {"locations": []}, "locations"),
        ("providers", {"areas": [{**PROVIDER["areas"][0], "location_id": "L9"}]}, "areas[0].location_id"),
        ("providers", {"areas": [{**PROVIDER["areas"][0], "val": "near"}]}, "areas[0].val"),
        ("providers", {"locations": [{**PROVIDER["locations"][0], "std": "0512"}]}, "locations[0].std"),
        ("providers", {"locations": PROVIDER["locations"] * 2}, "locations"),
        ("providers", {"phone": "none"}, "phone"),
        ("providers", {"terms": {"cancellation": [], "reschedule": []}}, "terms.cancellation"),
        (
            "providers",
            {"terms": {**PROVIDER["terms"], "cancellation": [{"state": "Pending", "cancel_by": "PT4H"}]}},
            "terms.cancellation[0].fee",
        ),
        *(
            ("providers", {"terms": {**PROVIDER["terms"], "cancellation": [{**PENDING, **term}]}}, path)
            for term, path in (
                ({"fee": "50.00", "penalty": "49.99"}, "terms.cancellation[0].penalty"),
                ({"percentage": "10", "penalty": "500.00"}, "terms.cancellation[0].penalty"),
                ({"percentage": "10", "penalty_percentage": "9"}, "terms.cancellation[0].penalty_percentage"),
                ({"fee": "0.00", "penalty": "1.00", "penalty_percentage": "1"}, "terms.cancellation[0].penalty"),
            )
        ),
        (
            "providers",
            {"terms": {**PROVIDER["terms"], "cancellation": [{**PENDING, "fee": "0.00"}, {**PENDING, "fee": "9.00"}]}},
            "terms.cancellation",
        ),
        (
            "providers",
            {"terms": {**PROVIDER["terms"], "reschedule": [{**MOVABLE, "state": "In-Transit"}]}},
            "terms.reschedule[0].eligible",
        ),
    ],
)
async def test_what_the_import_would_refuse_is_refused_with_its_path(desk, name, change, path):
    status, answer = await desk.call("POST", f"/{name}", {**NEW[name], **change})

    assert status == 422, answer
    assert answer["error"]["path"] == path
    assert (await desk.call("GET", f"/{name}/{NEW[name]['id']}"))[0] == 404


@pytest.mark.parametrize("name", KINDS)
async def test_a_change_touches_only_what_it_names(desk, name):
    _, before = await desk.call("POST", f"/{name}", NEW[name])

    status, after = await desk.call(
        "PATCH", f"/{name}/{before['id']}", {"phone": "155330"} if name != "offerings" else {"price": "1.50"}
    )

    assert status == 200, after
    assert {key for key in after if after[key] != before[key]} == ({"price"} if name == "offerings" else {"phone"})


async def test_an_optional_field_can_be_emptied(desk):
    _, after = await desk.call("PATCH", "/offerings/GOMTI-TAP", {"max_price": None})

    assert after["max_price"] is None


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        ("/offerings/GOMTI-TAP", {"id": "OTHER"}, "id"),
        ("/offerings/GOMTI-TAP", {"provider_id": "P-AMIN"}, "provider_id"),
        ("/workers/W-GOMTI-1", {"provider_id": "P-AMIN"}, "provider_id"),
        ("/workers/W-GOMTI-1", {"wings": 2}, "wings"),
        ("/workers/W-GOMTI-1", {"districts": ["Agra"]}, "districts"),
        ("/providers/P-GOMTI", {"name": None}, "name"),
        ("/providers/P-GOMTI", {"districts": ["Barabanki"]}, ""),
    ],
)
async def test_a_change_that_breaks_a_rule_changes_nothing(desk, path, change, field):
    _, before = await desk.call("GET", path)

    status, answer = await desk.call("PATCH", path, change)

    assert status == 422, answer
    assert answer["error"]["path"] == field
    assert (await desk.call("GET", path))[1] == before


async def test_a_provider_may_not_leave_its_own_offerings_in_the_air(desk):
    areas = [{"location_id": "L1", "category": "SRV12-*", "kind": "10", "val": "15"}]

    status, answer = await desk.call("PATCH", "/providers/P-GOMTI", {"areas": areas})

    assert status == 422
    assert "GOMTI-TAP" in answer["error"]["message"]


async def test_a_suspended_provider_is_found_no_more(desk):
    status, _ = await desk.call("PATCH", "/providers/P-GOMTI", {"status": "suspended"})
    assert status == 200

    with pytest.raises(ValueError, match="not enough values"):
        await desk.booked()


async def test_what_does_not_exist_cannot_be_changed(desk):
    for name in KINDS:
        assert (await desk.call("PATCH", f"/{name}/NONE", {}))[0] == 404
        assert (await desk.call("GET", f"/{name}/NONE"))[0] == 404


async def test_changes_of_different_fields_at_once_are_all_kept(desk_on_each):
    changes = [{"name": "A"}, {"phone": "155331"}, {"email": "a@example.in"}, {"gender": "other"}]

    done = await asyncio.gather(*(desk_on_each.call("PATCH", "/workers/W-GOMTI-1", change) for change in changes))

    assert {status for status, _ in done} == {200}
    _, after = await desk_on_each.call("GET", "/workers/W-GOMTI-1")
    assert after.items() >= {"name": "A", "phone": "155331", "email": "a@example.in", "gender": "other"}.items()


async def test_creating_with_a_key_twice_creates_once(desk):
    first = await desk.call("POST", "/workers", WORKER, key="K1")
    second = await desk.call("POST", "/workers", WORKER, key="K1")

    assert first == second
    assert first[0] == 201


def _json(document):

    return json.dumps(document)


SQUARE = {"type": "Polygon", "coordinates": [[[80, 26], [82, 26], [82, 28], [80, 28], [80, 26]]]}
COLLECTION = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": SQUARE}]}


def area(kind: str, val: str) -> dict[str, Any]:
    return {"areas": [{**PROVIDER["areas"][0], "kind": kind, "val": val}]}


def term(**fields: str) -> dict[str, Any]:
    return {"terms": {**PROVIDER["terms"], "cancellation": [{"state": "Pending", "cancel_by": "PT4H", **fields}]}}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("providers", area("10", "15.125")),
        ("providers", area("11", "226010, 226001 ,226002")),
        ("providers", area("12", "IND")),
        ("providers", area("12", "IN-UP")),
        ("providers", area("13", json.dumps(COLLECTION))),
        ("providers", term(percentage="12.35")),
        ("providers", term(percentage="0020")),
        ("providers", term(percentage="100")),
        ("providers", term(fee="10000000.00")),
        ("providers", term(fee="1.00", cancel_by="P1DT1.5S")),
        ("providers", {"code": "c" * 255, "name": "n" * 4000, "name_hi": "n" * 4000, "long_desc": "d" * 4000}),
        ("providers", {"email": f"{'e' * 250}@a.in", "image": f"https://a.in/{'x' * 2000}"}),
        ("providers", {"creds": [{"id": "C1", "type": "t" * 255, "desc": "d" * 4000, "url": "https://a.in"}]}),
        ("offerings", {"price": "10000000.00", "max_price": "10000000"}),
        ("offerings", {"name": "n" * 4000, "name_hi": "n" * 4000, "long_desc": "d" * 4000}),
        ("offerings", {"unit": "u" * 255, "max_count": 999, "tax_rate": "0.25"}),
        ("offerings", {"parent_item_id": "OTHER"}),
    ],
    ids=str,
)
async def test_whatever_is_accepted_is_shown_to_buyers_in_a_sound_on_search(desk, name, change):
    def body(kind: str, **more: Any) -> dict[str, Any]:
        return {**NEW[kind], **more, **(change if kind == name else {})}

    made_ = [
        await desk.call("POST", "/providers", body("providers")),
        await desk.call("POST", "/workers", body("workers", provider_id="P-NEW")),
        await desk.call("POST", "/offerings", {**TAP, "id": "OTHER", "provider_id": "P-NEW", "active": False}),
        await desk.call("POST", "/offerings", body("offerings", provider_id="P-NEW")),
    ]
    assert [status for status, _ in made_] == [201] * 4, made_

    async def search(work: Any) -> Any:
        world = await desk.context.worlds.current(work)
        place = Place.of(Gps(26.8642, 81.0006), "226010")
        found = (await find(Query(domain="ONDC:SRV11", place=place, provider_id="P-NEW"), work, world)).found
        return world, found

    world, found = await desk.storage.read(search)
    assert [item.offering.id for one in found for item in one.items] == ["NEW-TAP"]
    to = Addressee(peer="b", uri="https://b.in", transaction_id="T", domain="ONDC:SRV11", location={})
    dispatch = Dispatch(kind="pre_order", now=world.now, grace=timedelta(0), window=timedelta(hours=1))
    message = catalog(found, "ONDC:SRV11", world.identity, CANONICAL)

    sent = callback_for(Reply(message=message), to, "on_search", "M", world.identity, dispatch)

    assert json.loads(sent.body)["message"] == message


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (area("10", "12.3456"), "areas[0].val"),
        (area("11", "226010;226001"), "areas[0].val"),
        (area("13", json.dumps(SQUARE)), "areas[0].val"),
        (term(percentage="12.345"), "terms.cancellation[0].percentage"),
        (term(fee="1.00", cancel_by="P1.5D"), "terms.cancellation[0].cancel_by"),
    ],
)
async def test_what_an_on_search_cannot_say_is_refused(desk, change, path):
    status, answer = await desk.call("POST", "/providers", {**PROVIDER, **change})

    assert (status, answer["error"]["path"]) == (422, path)

"""Empanelment, standing, papers, engagements and bank details over the operator API."""

from __future__ import annotations

import asyncio
import base64
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from structlog.testing import capture_logs

from bpp.core.bank import bank_details, reseal
from bpp.ledger.model import Party
from bpp.parties.vault import SealBroken, Vault
from bpp.setting_types import DataKey
from tests.bpp.operator.conftest import ACCOUNTANT, ENGINEER, OFFICER, OPERATOR, SUPERVISOR

APPLICATION: dict[str, Any] = {
    "kind": "firm",
    "name": "Newcomer Demo Services",
    "name_hi": "न्यूकमर डेमो",
    "short_desc": "Plumbing and cleaning",
    "contact": "Demo Person",
    "phone": "9000000777",
    "email": "newcomer@example.in",
    "address": "Demo House 9, Gomti Nagar",
    "city": "Lucknow",
    "area_code": "226010",
    "gps": "26.864330,81.000650",
    "districts": ["Lucknow", "129"],
    "services": ["SM-PLB", "SM-HCL"],
    "papers": [{"id": "REG-1", "type": "Registration certificate", "desc": "Registered firm"}],
}
SIGNED = {
    "event": "approve",
    "provider_id": "P-NEW",
    "number": "A-2026-1",
    "first": "2026-11-01",
    "until": "2028-10-31",
}
BANK = {"beneficiary": "Demo Holder", "account": "123456789012", "ifsc": "DEMO0123456", "upi": "demo.holder@bank"}
PLUMBER = "/workers/W-GOMTI-1"


async def applied(desk, **changes):
    status, made = await desk.call("POST", "/empanelments", {**APPLICATION, **changes}, as_=OPERATOR)
    assert status == 201, made
    return f"/empanelments/{made['id']}"


async def approved(desk, **changes):
    path = await applied(desk)
    assert (await desk.call("POST", f"{path}/events", {"event": "review"}, as_=OFFICER))[0] == 200
    return await desk.call("POST", f"{path}/events", {**SIGNED, **changes}, as_=OFFICER)


async def history(desk, path):
    _, found = await desk.call("GET", f"{path}/history")
    return [(one["event"], one["actor"].partition(":")[0], one["reason"]) for one in found["events"]]


async def test_an_application_that_is_approved_becomes_a_provider_with_an_agreement_and_no_offerings(desk_on_each):
    desk = desk_on_each
    status, application = await approved(desk)
    assert (status, application["state"], application["provider_id"]) == (200, "approved", "P-NEW"), application

    _, provider = await desk.call("GET", "/providers/P-NEW")
    _, offerings = await desk.call("GET", "/offerings?provider_id=P-NEW")
    _, kept = await desk.call("GET", "/providers/P-NEW/history")

    assert (provider["agreement_from"], provider["agreement_until"]) == ("2026-11-01", "2028-10-31")
    assert provider["services"] == {"162": ["SM-PLB", "SM-HCL"], "129": ["SM-PLB", "SM-HCL"]}
    assert offerings["items"] == []
    assert kept["agreements"] == [{"number": "A-2026-1", "first": "2026-11-01", "until": "2028-10-31"}]
    assert [one["event"] for one in kept["events"]] == ["approve"]


async def test_what_an_approved_provider_offers_can_be_published(desk):
    await approved(desk)
    tap = (await desk.call("GET", "/offerings/GOMTI-TAP"))[1]
    offering = {name: value for name, value in tap.items() if name not in {"domain", "district_prices"}}

    status, answer = await desk.call("POST", "/offerings", {**offering, "id": "NEW-TAP", "provider_id": "P-NEW"})

    assert status == 201, answer


async def test_a_refusal_has_a_reason_and_is_the_end(desk):
    path = await applied(desk)
    await desk.call("POST", f"{path}/events", {"event": "review"})
    assert (await desk.call("POST", f"{path}/events", {"event": "refuse"}))[0] == 422

    status, refused = await desk.call("POST", f"{path}/events", {"event": "refuse", "reason": "papers are missing"})
    assert (status, refused["state"], refused["reason"]) == (200, "refused", "papers are missing")

    status, answer = await desk.call("POST", f"{path}/events", SIGNED)
    assert (status, answer["error"]["allowed"]) == (409, [])
    assert (await desk.call("GET", "/providers/P-NEW"))[0] == 404


async def test_nothing_is_approved_without_a_review(desk):
    path = await applied(desk)

    status, answer = await desk.call("POST", f"{path}/events", SIGNED)

    assert (status, answer["error"]["allowed"]) == (409, ["review", "withdraw"])
    assert (await desk.call("GET", path))[1]["state"] == "requested"
    assert (await desk.call("GET", "/providers/P-NEW"))[0] == 404


IMPOSSIBLE = [
    ({"provider_id": "P-GOMTI"}, "provider_id"),
    ({"provider_id": "a b"}, "provider_id"),
    ({"until": "2026-10-31"}, "until"),
    ({"number": " "}, "number"),
]


async def test_an_approval_that_cannot_be_carried_out_leaves_everything_as_it_was(desk):
    for number, (changes, path) in enumerate(IMPOSSIBLE, 1):
        status, answer = await approved(desk, **changes)
        _, applications = await desk.call("GET", "/empanelments?state=under_review")

        assert (status, answer["error"]["path"]) == (422, path)
        assert len(applications["items"]) == number


async def test_a_number_of_an_agreement_is_given_once(desk):
    await approved(desk)

    status, answer = await approved(desk, provider_id="P-OTHER")

    assert (status, answer["error"]["path"]) == (422, "number")
    assert (await desk.call("GET", "/providers/P-OTHER"))[0] == 404


UNSOUND: Any = [
    ({"districts": []}, "districts"),
    ({"districts": ["Atlantis"]}, "districts[0]"),
    ({"services": ["SM-NONE"]}, "services[0]"),
    ({"phone": "call me"}, "phone"),
    ({"area_code": "110001"}, "area_code"),
    ({"gps": "somewhere"}, "gps"),
    ({"kind": "shop"}, "kind"),
    ({"papers": [{"id": "1", "type": "x", "desc": "y", "url": "paper"}]}, "papers[0].url"),
    ({"contact": ""}, "contact"),
]


async def test_an_unsound_application_is_not_taken(desk):
    for changes, path in UNSOUND:
        status, answer = await desk.call("POST", "/empanelments", {**APPLICATION, **changes})

        assert (status, answer["error"]["path"]) == (422, path)
    assert (await desk.call("GET", "/empanelments"))[1]["items"] == []


async def test_an_applicant_may_withdraw_through_any_of_our_staff(desk):
    path = await applied(desk)
    assert (await desk.call("POST", f"{path}/events", {"event": "review"}, as_=OPERATOR))[0] == 403

    status, answer = await desk.call("POST", f"{path}/events", {"event": "withdraw"}, as_=OPERATOR)

    assert (status, answer["state"]) == (200, "withdrawn")


async def test_two_officers_who_decide_at_once_decide_once(desk_on_each):
    desk = desk_on_each
    path = await applied(desk)
    await desk.call("POST", f"{path}/events", {"event": "review"})

    answers = await asyncio.gather(
        *(desk.call("POST", f"{path}/events", {"event": "refuse", "reason": "papers"}) for _ in range(3))
    )

    assert sorted(status for status, _ in answers) == [200, 409, 409]


async def test_applications_are_listed_page_by_page(desk):
    made = sorted([await applied(desk, name=f"Demo {number}") for number in range(3)])
    _, first = await desk.call("GET", "/empanelments?limit=2")
    _, second = await desk.call("GET", f"/empanelments?limit=2&cursor={first['next']}")

    assert [f"/empanelments/{one['id']}" for one in (*first["items"], *second["items"])] == made
    assert second["next"] is None


async def test_suspending_and_restoring_need_reasons_and_stay_in_the_history(desk):
    where = "/providers/P-GOMTI"
    for event, reason in (("suspend", "complaints"), ("restore", "cleared")):
        assert (await desk.call("POST", f"{where}/events", {"event": event}, as_=OFFICER))[0] == 422
        status, answer = await desk.call("POST", f"{where}/events", {"event": event, "reason": reason}, as_=OFFICER)
        assert (status, answer["on_sale"]) == (200, event == "restore")
        status, answer = await desk.call("POST", f"{where}/events", {"event": event, "reason": reason}, as_=OFFICER)
        assert status == 409

    assert await history(desk, where) == [("suspend", "officer", "complaints"), ("restore", "officer", "cleared")]


async def test_a_renewal_extends_the_agreement_and_a_shorter_one_is_refused(desk):
    where, renewal = "/providers/P-GOMTI", {"event": "renew", "number": "A-7", "first": "2031-04-01"}

    status, answer = await desk.call("POST", f"{where}/events", {**renewal, "until": "2030-01-01"})
    assert (status, answer["error"]["path"]) == (422, "until")
    status, answer = await desk.call("POST", f"{where}/events", {**renewal, "until": "2034-03-31"})

    assert (status, answer["agreement_until"]) == (200, "2034-03-31")
    _, kept = await desk.call("GET", f"{where}/history")
    assert [one["number"] for one in kept["agreements"]] == ["A-7"]


ROLES: Any = [
    ("POST", "/empanelments/X/events", {"event": "review"}, {OFFICER, SUPERVISOR}),
    ("POST", "/empanelments/X/events", {"event": "withdraw"}, {OFFICER, SUPERVISOR, OPERATOR}),
    ("POST", "/providers/P-GOMTI/events", {"event": "suspend", "reason": "r"}, {OFFICER, SUPERVISOR}),
    ("PATCH", "/providers/P-GOMTI", {"agreement_until": "2030-01-01"}, {OFFICER, SUPERVISOR}),
    ("PATCH", PLUMBER, {"active": False}, {OFFICER, SUPERVISOR}),
    ("POST", f"{PLUMBER}/events", {"event": "suspend", "reason": "r"}, {OFFICER, SUPERVISOR}),
    ("POST", "/providers", {}, {OFFICER, SUPERVISOR}),
    ("PATCH", PLUMBER, {"available": False}, {OFFICER, SUPERVISOR, OPERATOR}),
    ("POST", f"{PLUMBER}/availability", {"available": False}, {OFFICER, SUPERVISOR, OPERATOR}),
    ("GET", "/empanelments", None, {OFFICER, SUPERVISOR, OPERATOR}),
    ("PUT", "/providers/P-GOMTI/bank", BANK, {OFFICER, SUPERVISOR, ACCOUNTANT}),
]


async def test_each_call_is_for_its_roles(desk):
    for method, path, body, roles in ROLES:
        for role in sorted({OFFICER, OPERATOR, ENGINEER, ACCOUNTANT} - roles):
            assert (await desk.call(method, path, body, as_=role))[0] == 403
        for role in sorted(roles):
            assert (await desk.call(method, path, body, as_=role))[0] != 403


async def test_what_a_change_of_a_provider_does_to_its_standing_is_in_the_history(desk):
    await desk.call("PATCH", "/providers/P-GOMTI", {"status": "suspended", "phone": "155330"})
    await desk.call("PATCH", "/providers/P-GOMTI", {"phone": "155331"})
    _, found = await desk.call("GET", "/providers/P-GOMTI/history")

    assert [(one["event"], one["detail"]) for one in found["events"]] == [("change", {"status": "suspended"})]


async def test_a_leave_names_the_bookings_it_makes_impossible_and_only_those(desk_on_each):
    desk = desk_on_each
    order = await desk.booked()
    worker = order.visit.assignee.worker_id
    day = str(order.visit.slot.start.date())

    _, other = await desk.call("POST", f"/workers/{worker}/leaves", {"first": "2027-01-01", "last": "2027-01-09"})
    status, answer = await desk.call("POST", f"/workers/{worker}/leaves", {"first": day, "last": day})
    assert (status, other["affected"]) == (200, [])
    assert [(one["ref"], one["reasons"], one["lead"]) for one in answer["affected"]] == [
        (order.ref, ["on_leave"], True)
    ]
    assert (await desk.call("GET", f"/workers/{worker}/affected"))[1]["affected"] == answer["affected"]

    _, back = await desk.call("POST", f"/workers/{worker}/leaves/cancel", {"first": day})
    assert back["affected"] == []
    assert (await desk.call("GET", f"/workers/{worker}/affected"))[1]["affected"] == []


async def test_who_falls_ill_is_relieved_at_once_where_that_is_asked_for_and_the_buyer_app_is_told(desk):
    order = await desk.booked()
    worker = order.visit.assignee.worker_id
    day = str(order.visit.slot.start.date())

    leave = {"first": day, "last": day, "reassign": True}
    status, answer = await desk.call("POST", f"/workers/{worker}/leaves", leave)

    (given,) = answer["reassigned"]
    now = (await desk.order(order)).visit.assignee
    assert (status, answer["affected"]) == (200, [])
    assert (given["ref"], given["worker_id"]) == (order.ref, now.worker_id)
    assert now.worker_id != worker
    assert (await desk.callbacks())[-1] == "on_status"
    assert desk.released


async def test_a_worker_shown_after_a_change_leaves_a_row_of_who_saw_him_or_her(desk):
    _, seen = await desk.call("POST", "/workers/W-GOMTI-1/availability", {"available": False}, as_=OPERATOR)
    _, noted = await desk.call("GET", "/audit/reads?kind=worker")

    assert seen["worker"]["phone"] == "9000000101"
    assert [(one["role"], one["subject"]) for one in noted["items"]] == [("operator", "W-GOMTI-1")]


async def test_every_full_reading_of_bank_details_is_noted_with_the_reader_and_nothing_read(desk):
    await desk.call("PUT", f"{PLUMBER}/bank", BANK)
    with capture_logs() as logged:
        for role in (OPERATOR, ACCOUNTANT, OFFICER):
            await desk.call("GET", f"{PLUMBER}/bank", as_=role)
    _, noted = await desk.call("GET", "/audit/reads?kind=bank")

    assert [(one["role"], one["subject"]) for one in noted["items"]] == [("accountant", "worker:W-GOMTI-1")]
    assert not any(value in str(logged) + str(noted) for value in BANK.values())


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("availability", {"available": False}, "not_available"),
        ("verification", {"number": "PV-9", "until": "2026-11-22"}, "unverified"),
        ("certificates", {"service_id": "SM-PLB", "number": "CT-9", "until": "2026-11-22"}, "uncertified"),
        ("events", {"event": "suspend", "reason": "complaint"}, "suspended"),
    ],
)
async def test_whatever_makes_a_booking_impossible_says_so(desk, path, body, reason):
    order = await desk.booked()
    worker = order.visit.assignee.worker_id

    status, answer = await desk.call("POST", f"/workers/{worker}/{path}", body)

    assert status == 200, answer
    assert [(one["ref"], one["reasons"]) for one in answer["affected"]] == [(order.ref, [reason])]


async def test_an_engagement_over_bookings_lists_them_and_wants_to_be_forced(desk):
    order = await desk.booked()
    where = f"/workers/{order.visit.assignee.worker_id}"
    contract = {"id": "E1", "mode": "government", "employer": "Demo", "first": "2026-11-23", "last": "2026-11-27"}

    status, answer = await desk.call("POST", f"{where}/engagements", contract)
    assert (status, answer["error"]["code"]) == (409, "booked")
    assert order.ref in answer["error"]["message"]
    assert (await desk.call("GET", where))[1]["engagements"] == []

    status, answer = await desk.call("POST", f"{where}/engagements", {**contract, "force": True})
    assert status == 200
    assert [one["reasons"] for one in answer["affected"]] == [["engaged"]]

    status, answer = await desk.call("POST", f"{where}/engagements/E1/end", {"by": "worker"})
    assert (status, answer["worker"]["engagements"][0]["ended"]) == (200, "2026-11-22")
    assert [one[0] for one in await history(desk, where)] == ["engage", "end"]
    assert (await desk.call("GET", f"{where}/affected"))[1]["affected"] == []


async def test_an_order_that_is_over_is_nobodys_affair(desk):
    order = await desk.booked()
    await desk.event(order, "cancel", reason="001")

    _, answer = await desk.call("POST", f"/workers/{order.visit.assignee.worker_id}/availability", {"available": False})

    assert answer["affected"] == []


async def test_papers_that_were_entered_are_shown_with_the_worker(desk):
    url = "https://static.example.in/pv.pdf"
    await desk.call("POST", f"{PLUMBER}/verification", {"number": "PV-9", "until": "2032-01-01", "url": url})
    body = {"service_id": "SM-CRP", "number": "CT-9", "until": "2030-01-01"}
    _, answer = await desk.call("POST", f"{PLUMBER}/certificates", body, as_=OPERATOR)
    worker = answer["worker"]

    assert (worker["verification"], worker["verified_until"]) == ("PV-9", "2032-01-01")
    assert worker["skills"]["SM-CRP"] == "2030-01-01"
    assert [(one["id"], one["type"], one["url"]) for one in worker["creds"]][-2:] == [
        ("PV-9", "Police verification", url),
        ("CT-9", "Certificate: Carpenter", ""),
    ]


BAD_INPUT: Any = [
    ("certificates", {"service_id": "SM-NONE", "number": "1", "until": "2030-01-01"}, 422),
    ("certificates", {"service_id": "SM-PLB", "number": "", "until": "2030-01-01"}, 422),
    ("verification", {"number": "1", "until": "soon"}, 422),
    ("availability", {"available": "yes"}, 422),
    ("leaves", {"first": "2027-01-02", "last": "2027-01-01"}, 422),
    ("leaves/cancel", {"first": "2027-01-02"}, 422),
    ("engagements", {"id": "E1", "mode": "x", "employer": "y", "first": "2027-01-02", "last": "2027-01-03"}, 422),
    ("engagements/E9/end", {"by": "worker"}, 422),
    ("engagements/E9/end", {"by": "nobody"}, 422),
]


async def test_bad_input_about_a_worker_changes_nothing(desk):
    _, before = await desk.call("GET", PLUMBER)

    for path, body, status in BAD_INPUT:
        assert (await desk.call("POST", f"{PLUMBER}/{path}", body))[0] == status, body
    assert (await desk.call("GET", PLUMBER))[1] == before
    assert await history(desk, PLUMBER) == []


async def test_what_does_not_exist_is_404_everywhere(desk):
    for method, path, body in (
        ("GET", "/empanelments/NONE", None),
        ("POST", "/empanelments/NONE/events", {"event": "review"}),
        ("POST", "/providers/NONE/events", {"event": "suspend", "reason": "r"}),
        ("GET", "/providers/NONE/history", None),
        ("GET", "/workers/NONE/history", None),
        ("GET", "/workers/NONE/affected", None),
        ("POST", "/workers/NONE/availability", {"available": False}),
        ("PUT", "/workers/NONE/bank", BANK),
        ("GET", "/providers/P-GOMTI/bank", None),
    ):
        assert (await desk.call(method, path, body))[0] == 404, path


async def test_what_is_about_to_lapse_can_be_asked_for_by_district(desk):
    await desk.call("POST", f"{PLUMBER}/verification", {"number": "PV-9", "until": "2026-12-01"})
    _, here = await desk.call("GET", "/expiring?days=30&district=Lucknow")
    _, soon = await desk.call("GET", "/expiring?days=7")

    assert [(one["district_name"], one["kind"], one["worker_id"]) for one in here["items"]] == [
        ("Lucknow", "verification", "W-GOMTI-1")
    ]
    assert soon["items"] == []
    assert (await desk.call("GET", "/expiring?district=Atlantis"))[0] == 422


async def test_bank_details_are_shown_masked_but_to_accountant_and_supervisor(desk_on_each):
    desk = desk_on_each
    for where in ("/providers/P-GOMTI/bank", f"{PLUMBER}/bank"):
        status, answer = await desk.call("PUT", where, BANK, as_=OFFICER)
        assert (status, answer["masked"], answer["account"]) == (200, True, "********9012")
        for role, full in ((OPERATOR, False), (OFFICER, False), (ACCOUNTANT, True), (SUPERVISOR, True)):
            status, answer = await desk.call("GET", where, as_=role)
            assert (status, answer["masked"]) == (200, not full)
            assert (answer["account"] == BANK["account"]) is full
    events = (await desk.call("GET", f"{PLUMBER}/history"))[1]["events"]
    assert [(one["event"], one["detail"]) for one in events] == [("bank_details", {})]


UNSOUND_BANK: Any = [({"ifsc": "DEMO1234567"}, "ifsc"), ({"account": "12"}, "account"), ({"upi": "x"}, "upi")]


async def test_unsound_bank_details_are_not_kept(desk):
    for changes, path in UNSOUND_BANK:
        status, answer = await desk.call("PUT", f"{PLUMBER}/bank", {**BANK, **changes})

        assert (status, answer["error"]["path"]) == (422, path)
    assert (await desk.call("GET", f"{PLUMBER}/bank"))[0] == 404


async def test_the_database_file_holds_nothing_of_the_bank_details(desk, sqlite_url):
    await desk.call("PUT", f"{PLUMBER}/bank", BANK)
    path = make_url(sqlite_url).database
    assert path is not None
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = connection.execute("SELECT count(*) FROM bank_details").fetchone()
    raw = Path(path).read_bytes()

    assert rows == (1,)
    assert b"W-GOMTI-1" in raw
    for value in (*BANK.values(), base64.b64encode(BANK["account"].encode()).decode()):
        assert value.encode() not in raw


async def test_a_ciphertext_moved_to_another_party_is_refused(desk, sqlite_url):
    await desk.call("PUT", f"{PLUMBER}/bank", BANK)
    with closing(sqlite3.connect(make_url(sqlite_url).database or "")) as connection, connection:
        connection.execute("UPDATE bank_details SET party_id = 'W-GOMTI-2'")

    status, answer = await desk.call("GET", "/workers/W-GOMTI-2/bank", as_=ACCOUNTANT)

    assert (status, answer["error"]["code"]) == (500, "seal_broken")
    assert "W-GOMTI-2" in answer["error"]["message"]


async def test_a_new_key_seals_anew_what_the_old_one_sealed_and_then_opens_it_alone(desk_on_each):
    desk = desk_on_each
    for number in (1, 2):
        await desk.call("PUT", f"/workers/W-GOMTI-{number}/bank", BANK)
    old, new = desk.context.settings.data_key, DataKey(bytes(range(32)))

    def read(vault):
        return desk.storage.read(lambda work: bank_details(Party.WORKER, "W-GOMTI-1", work, vault))

    with pytest.raises(SealBroken):
        await read(Vault((new,)))
    assert await desk.storage.run(lambda work: reseal(work, Vault((new, old)), desk.clock())) == 2
    assert (await read(Vault((new,)))).account == BANK["account"]
    assert await desk.storage.run(lambda work: reseal(work, Vault((new, old)), desk.clock())) == 0
    with pytest.raises(SealBroken):
        await read(Vault((old,)))

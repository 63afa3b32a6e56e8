"""Personal data by role, and the row that every full read leaves."""

from __future__ import annotations

import json

import pytest

from bpp.console.tickets.rows import READERS
from bpp.core.privacy import SEES, PersonalData
from bpp.operator.auth import SUPERVISOR as SUPERVISOR_ROLE
from bpp.operator.tickets import ROUTES as TICKETS
from bpp.people.model import Role
from tests.bpp.operator.conftest import ACCOUNTANT, BUYER, ENGINEER, OFFICER, OPERATOR, SUPERVISOR
from tests.bpp.operator.test_parties import APPLICATION
from tests.bpp.operator.test_projects import HOUSE, agreed
from tests.support.order_builders import a_callback

PHONE, WORKER_PHONE = "9876501234", "9000000101"


async def reads(desk, query=""):
    _, found = await desk.call("GET", f"/audit/reads{query}")
    return [(one["role"], one["kind"], one["subject"]) for one in found["items"]]


@pytest.mark.parametrize("token", [SUPERVISOR, OPERATOR])
async def test_who_deals_with_consumers_sees_them_and_leaves_a_row(desk, token):
    order = await desk.booked(phone=PHONE)

    _, found = await desk.call("GET", f"/orders/{order.ref}", as_=token)

    role = "supervisor" if token == SUPERVISOR else "operator"
    assert found["billing"]["phone"] == PHONE
    assert found["fulfillments"][0]["customer"]["contact"]["phone"] == PHONE
    assert await reads(desk) == [(role, "order", order.ref)]


async def test_an_engineer_sees_the_order_and_nobody_in_it(desk):
    order = await desk.booked(phone=PHONE)
    await desk.event(order, "cancel", reason="the customer, Zyxwmark, has moved")

    _, found = await desk.call("GET", f"/orders/{order.ref}", as_=ENGINEER)

    text = json.dumps(found)
    worker = order.visit.assignee
    assert PHONE not in text
    assert "Zyxwmark" not in text
    assert worker.phone not in text
    assert worker.name not in text
    assert found["billing"]["phone"] == "******1234"
    assert found["papers"] == []
    assert found["fulfillments"][0]["worker"]["worker_id"] == worker.worker_id
    assert [kind for role, kind, _ in await reads(desk) if role == "engineer"] == []


async def test_what_an_event_answers_is_masked_likewise(desk):
    order = await desk.booked(phone=PHONE)

    status, found = await desk.event(order, "depart", as_=ENGINEER)

    assert status == 200
    assert PHONE not in json.dumps(found)


@pytest.mark.parametrize(
    ("token", "row"),
    [(SUPERVISOR, ("supervisor", "order")), (OPERATOR, ("operator", "order")), (OFFICER, ("officer", "complaint"))],
)
async def test_who_answers_complaints_reads_their_words_and_leaves_a_row(desk, token, row):
    order = await desk.booked(phone=PHONE)
    body = {"code": "ITM004", "short_desc": "It drips, says Zyxwmark"}
    _, noted = await desk.call("POST", f"/orders/{order.ref}/tickets", body, as_=OPERATOR)
    before = await reads(desk)

    _, found = await desk.call("GET", f"/tickets/{noted['ref']}", as_=token)

    assert (found["short_desc"], found["actions"][0]["text"]) == (body["short_desc"], body["short_desc"])
    assert (found["complainant_phone"] == PHONE) is (row[1] == "order")
    assert (await reads(desk))[: -len(before)] == [(*row, order.ref)]


def test_whoever_may_open_a_complaint_sees_its_words_and_nobody_else():
    opens = {SUPERVISOR_ROLE if role is Role.ADMIN else role.value for role in READERS}

    assert {role for role, seen in SEES.items() if PersonalData.COMPLAINT in seen} == opens
    assert {route.name for route in TICKETS if not {SUPERVISOR_ROLE, *route.roles} <= opens} == set()


async def test_a_callback_is_shown_to_an_engineer_as_it_was_made_but_for_people(desk):
    order = await desk.started()
    _, found = await desk.call("GET", "/deliveries", as_=ENGINEER)
    last = found["items"][0]["id"]

    _, masked = await desk.call("GET", f"/deliveries/{last}", as_=ENGINEER)
    _, whole = await desk.call("GET", f"/deliveries/{last}")

    token = await desk.otp(order)
    assert token in json.dumps(whole)
    assert token not in json.dumps(masked)
    assert masked["body"]["context"] == whole["body"]["context"]
    assert masked["body"]["message"]["order"]["quote"] == whole["body"]["message"]["order"]["quote"]
    assert masked["body"]["message"]["order"]["billing"] != whole["body"]["message"]["order"]["billing"]
    assert await reads(desk, f"?kind=order&subject={order.ref}") != []


async def test_a_list_of_workers_shows_no_number_and_one_worker_in_full_leaves_a_row(desk):
    _, listed = await desk.call("GET", "/workers?limit=500", as_=OPERATOR)
    before = await reads(desk)
    _, one = await desk.call("GET", "/workers/W-GOMTI-1", as_=OPERATOR)
    _, masked = await desk.call("GET", "/workers/W-GOMTI-1", as_=ENGINEER)

    assert WORKER_PHONE not in json.dumps(listed)
    assert before == []
    assert one["phone"] == WORKER_PHONE
    assert masked["phone"] == "******0101"
    assert masked["skills"] == one["skills"]
    assert await reads(desk) == [("operator", "worker", "W-GOMTI-1")]


async def test_only_a_supervisor_sees_who_read_what_page_by_page(desk):
    orders = [await desk.booked(bap_id=f"{number}.{BUYER}") for number in range(3)]
    for order in orders:
        await desk.call("GET", f"/orders/{order.ref}", as_=OPERATOR)

    refused, _ = await desk.call("GET", "/audit/reads", as_=OPERATOR)
    _, first = await desk.call("GET", "/audit/reads?limit=2")
    _, rest = await desk.call("GET", f"/audit/reads?limit=2&cursor={first['next']}")

    assert refused == 403
    assert [one["subject"] for one in first["items"] + rest["items"]] == [one.ref for one in reversed(orders)]
    assert rest["next"] is None
    assert {one["who"].split(":")[0] for one in first["items"]} == {"operator"}


async def test_an_answer_to_init_names_the_customer_before_there_is_an_order_and_leaves_a_row_too(desk):
    body = {"context": {"action": "on_init"}, "message": {"order": {"billing": {"phone": PHONE}}}}
    told = a_callback(action="on_init", body=json.dumps(body).encode(), order_ref="")
    seq = await desk.storage.run(lambda work: work.outbox.enqueue(told))

    await desk.call("GET", f"/deliveries/{seq}", as_=ENGINEER)
    before = await reads(desk)
    _, whole = await desk.call("GET", f"/deliveries/{seq}", as_=OPERATOR)

    assert before == []
    assert whole["body"] == body
    assert await reads(desk) == [("operator", "message", told.transaction_id)]


async def test_words_of_a_worker_who_is_out_are_not_for_everybody(desk):
    order = await desk.booked()
    await desk.event(order, "reassign", reason="Zyxwmark is ill")

    _, masked = await desk.call("GET", f"/orders/{order.ref}", as_=ENGINEER)
    _, whole = await desk.call("GET", f"/orders/{order.ref}", as_=OPERATOR)

    assert "Zyxwmark" in json.dumps(whole)
    assert "Zyxwmark" not in json.dumps(masked)


async def test_project_work_names_the_citizen_to_who_deals_with_consumers_and_leaves_a_row(desk):
    done = await agreed(desk)
    await desk.call("POST", f"/projects/{done['id']}/events", {"event": "report", "milestone": 1, "name": "Zyxwmark"})
    dispute = {"event": "dispute", "milestone": 1, "name": "Meera Demo", "reason": "Zyxwmark left"}
    await desk.call("POST", f"/projects/{done['id']}/events", dispute)
    path = f"/projects/{done['id']}"
    secrets = ("Meera Demo", "9876543210", HOUSE["details"], HOUSE["place"], "plan.pdf", "/mou/", "Zyxwmark")

    before = len(await reads(desk, "?kind=project"))
    _, whole = await desk.call("GET", path, as_=OPERATOR)
    masked = [(await desk.call("GET", path, as_=role))[1] for role in (ENGINEER, OFFICER, ACCOUNTANT)]
    _, listed = await desk.call("GET", "/projects", as_=OPERATOR)

    assert [one for one in secrets if one not in json.dumps(whole)] == []
    for one in (*masked, listed):
        assert [secret for secret in secrets if secret in json.dumps(one)] == []
    assert masked[0]["milestones"][0]["amount"] == whole["milestones"][0]["amount"]
    assert masked[0]["title"] == whole["title"]
    assert len(await reads(desk, "?kind=project")) == before + 1


async def test_who_applies_is_listed_without_a_number_and_shown_in_full_with_a_row(desk):
    _, made = await desk.call("POST", "/empanelments", APPLICATION, as_=OPERATOR)
    before = len(await reads(desk))
    _, listed = await desk.call("GET", "/empanelments", as_=OFFICER)
    _, whole = await desk.call("GET", f"/empanelments/{made['id']}", as_=OFFICER)

    assert whole["phone"] == APPLICATION["phone"]
    for secret in (APPLICATION["phone"], APPLICATION["contact"], APPLICATION["email"], APPLICATION["address"]):
        assert secret not in json.dumps(listed)
    assert [one["name"] for one in listed["items"]] == [APPLICATION["name"]]
    assert (await reads(desk))[: -before or None] == [("officer", "application", made["id"])]


async def test_why_somebody_was_suspended_is_not_for_everybody(desk):
    reason = {"event": "suspend", "reason": "Zyxwmark complained"}
    for path in ("/workers/W-GOMTI-1", "/providers/P-GOMTI"):
        await desk.call("POST", f"{path}/events", reason)

        shown = {role: (await desk.call("GET", f"{path}/history", as_=role))[1] for role in (OFFICER, ENGINEER)}

        assert "Zyxwmark" in json.dumps(shown[OFFICER])
        assert "Zyxwmark" not in json.dumps(shown[ENGINEER])
        assert [one["target"] for one in shown[ENGINEER]["events"]] == ["suspended"]


async def test_what_customers_wrote_leaves_a_row_for_each_text_that_is_read(desk):
    order = await desk.started()
    await desk.event(order, "start", otp=await desk.otp(order))
    await desk.event(order, "complete")
    said = {"rater": "phone", "provider": 2, "feedback": "Zyxwmark came late"}
    assert (await desk.call("POST", f"/orders/{order.ref}/rating", said, as_=OPERATOR))[0] == 200
    await desk.call("POST", f"/ratings/{order.ref}/set-aside", {"reason": "names Zyxwmark"}, as_=OFFICER)
    before = len(await reads(desk, "?kind=feedback"))

    for path in (f"/ratings/{order.ref}", "/providers/P-GOMTI/ratings"):
        assert "Zyxwmark" not in json.dumps((await desk.call("GET", path, as_=OPERATOR))[1])
        assert "Zyxwmark" in json.dumps((await desk.call("GET", path, as_=OFFICER))[1])

    assert (await reads(desk, "?kind=feedback"))[: -before or None] == [("officer", "feedback", order.ref)] * 2


@pytest.mark.parametrize("token", [ENGINEER, ACCOUNTANT, OFFICER])
async def test_whose_number_it_is_can_be_asked_only_by_who_deals_with_consumers(desk, token):
    await desk.booked(phone=PHONE)
    for path in ("orders", "bookings", "projects"):
        status, _ = await desk.call("GET", f"/{path}?phone={PHONE}", as_=token)
        allowed, _ = await desk.call("GET", f"/{path}?phone={PHONE}", as_=OPERATOR)

        assert (status, allowed) == (403, 200), path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/orders/{id}/rating"),
        ("POST", "/projects"),
        ("POST", "/projects/{id}/events"),
        ("POST", "/projects/{id}/rating"),
        ("POST", "/workers"),
        ("PATCH", "/workers/W-GOMTI-1"),
        ("POST", "/offerings"),
        ("PATCH", "/offerings/GOMTI-TAP"),
        ("PATCH", "/providers/P-GOMTI"),
        ("POST", "/providers/P-GOMTI/rate-list"),
    ],
)
async def test_an_engineer_speaks_for_nobody_and_changes_no_catalog(desk, method, path):
    status, answer = await desk.call(method, path.replace("{id}", "1"), {}, as_=ENGINEER)

    assert (status, answer["error"]["code"]) == (403, "forbidden")

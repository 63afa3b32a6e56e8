"""Project work over the API: from the requirement to the rating, with the books; sealed bids; and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bpp.actions.timers import timer_due
from bpp.projects.states import Stage
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from tests.bpp.operator.conftest import ENGINEER, OPERATOR

CITIZEN = {"kind": "citizen", "name": "Meera Demo", "phone": "9876543210"}
HOUSE: dict[str, Any] = {
    "consumer": CITIZEN,
    "title": "Wiring of a house",
    "details": "Two floors, twelve rooms.",
    "service_id": "SM-ELC",
    "district": "162",
    "place": "Demo House 7",
    "budget": "100000.00",
    "start": "2026-12-07",
    "finish_by": "2026-12-31",
    "bids_until": "2026-11-30T18:00:00+05:30",
    "attachments": ["https://example.in/plan.pdf"],
}
OFFICE = {**HOUSE, "consumer": {**CITIZEN, "kind": "department", "organization": "Demo Department"}}
BID: dict[str, Any] = {
    "event": "bid",
    "provider_id": "P-GOMTI",
    "charge": "100000.00",
    "tax_included": False,
    "tax_rate": "18",
    "finish_by": "2026-12-24",
    "details": "Copper wire",
    "milestones": [
        {"title": "Pipes", "due": "2026-12-15", "share": "33.33"},
        {"title": "Wires", "due": "2026-12-24", "share": "66.67"},
    ],
}
GO = {"name": "Meera Demo"}


async def published(desk, body=None):
    status, project = await desk.call("POST", "/projects", body or HOUSE, as_=OPERATOR)
    assert status == 201, project
    return project["id"]


async def event(desk, key, what, **more):
    return await desk.call("POST", f"/projects/{key}/events", {"event": what, **more}, as_=OPERATOR)


async def does(desk, key, what, **more):
    status, answer = await event(desk, key, what, **more)
    assert status == 200, answer
    return answer


async def agreed(desk, body=None):
    """Published, bidden on, selected and agreed; for a department after the time for bids."""
    key = await published(desk, body)
    status, found = await desk.call("POST", f"/projects/{key}/events", BID)
    assert status == 200
    if found["sealed"]:
        desk.clock.tick(days=8)
    selected = await does(desk, key, "select", bid_id=found["bids"][0]["id"], **GO)
    for side in ("provider", "consumer"):
        done = await does(desk, key, "accept_mou", side=side, digest=selected["mou"]["digest"], **GO)
    return done


async def balances(desk):
    found = await desk.storage.read(lambda work: work.ledger.balances(AccountFilter()))
    return {(str(account.party), str(account.purpose)): str(amount) for account, amount in found.items()}


async def fire(desk):
    """Do what the timers of projects that are due were set for."""

    async def unit(work: Work) -> None:
        world = await desk.context.worlds.current(work)
        for timer in await work.timers.claim(world.now, timedelta(seconds=30), 20):
            await timer_due(timer, work, world)

    await desk.storage.run(unit)


async def test_a_house_is_wired_from_the_requirement_to_the_rating_and_the_books_agree(desk):
    done = await agreed(desk)
    key = done["id"]
    assert (done["stage"], done["provider_id"], done["charge"]) == ("AGREED", "P-GOMTI", "118000.00")
    assert [one["over_budget"] for one in done["bids"]] == [True]
    assert [(one["amount"], one["tax"]) for one in done["milestones"]] == [
        ("39329.40", "5999.40"),
        ("78670.60", "12000.60"),
    ]

    early, problem = await desk.call("POST", f"/projects/{key}/rating", {"rater": "phone", "provider": 5})
    assert (early, problem["error"]["code"]) == (409, "invalid_rating")
    await does(desk, key, "report", milestone=1, **GO)
    await does(desk, key, "dispute", milestone=1, reason="crooked", **GO)
    await does(desk, key, "report", milestone=1, **GO)
    accepted = await does(desk, key, "accept", milestone=1, **GO)
    assert accepted["allowed_events"] == ["report", "cancel", "pay"]
    assert await balances(desk) == {("consumer", "due"): "39329.40", ("provider", "wallet"): "-39329.40"}
    await does(desk, key, "pay", milestone=1, collected_by="samiti", transaction_id="UPI-1")
    await does(desk, key, "report", milestone=2, **GO)
    last = await does(desk, key, "accept", milestone=2, **GO)
    paid = await does(desk, key, "pay", milestone=2, collected_by="provider", transaction_id="CASH-1")

    assert (last["stage"], paid["allowed_events"]) == ("COMPLETED", [])
    assert await balances(desk) == {
        ("provider", "wallet"): "-39129.41",  # less tax at source on what the Samiti releases; no commission now
        ("samiti", "bank"): "39329.40",
        ("tax", "tcs"): "-166.66",
        ("tax", "tds"): "-33.33",
    }
    assert [one["event"] for one in paid["history"]] == [
        *("publish", "bid", "select", "accept_mou", "accept_mou", "agree"),
        *("report", "dispute", "report", "accept", "pay", "report", "accept", "complete", "pay"),
    ]
    status, review = await desk.call(
        "POST", f"/projects/{key}/rating", {"rater": "portal", "provider": 5, "feedback": "साफ काम"}
    )
    assert (status, review["of"], review["feedback"]) == (200, "project", "साफ काम")
    _, rating = await desk.call("GET", "/providers/P-GOMTI/ratings")
    assert (rating["rating"], [one["ref"] for one in rating["items"]]) == ("4.2", [key])


async def test_project_work_is_in_the_reports_and_reconciled_like_a_booking(desk):
    key = (await agreed(desk))["id"]
    days = "from=2026-11-01&until=2026-12-31"

    async def asked(path):
        status, found = await desk.call("GET", path)
        assert status == 200, found
        return found

    await does(desk, key, "report", milestone=1, **GO)
    await does(desk, key, "accept", milestone=1, **GO)
    owed = await asked(f"/reconciliation?{days}")
    assert owed["wallet_credit_without_booking"] == []
    (row,) = owed["completed_no_money_seen"]
    assert (row["ref"], row["channel"], row["missing"]) == (key, "project", "39329.40")
    await does(desk, key, "pay", milestone=1, collected_by="samiti", transaction_id="UPI-1")

    seen = await asked(f"/reconciliation?{days}")
    assert (seen["completed_no_money_seen"], seen["wallet_credit_without_booking"]) == ([], [])
    assert (seen["totals"]["gross"], seen["totals"]["online"]) == ("39329.40", "39329.40")
    tax = await asked(f"/reports/tax?{days}")
    assert (tax["tcs"], tax["tds"], tax["items"][0]["gross"]) == ("166.66", "33.33", "39329.40")
    (commission,) = (await asked(f"/reports/commission?{days}"))["items"]
    assert (commission["booked_on"], commission["rate"], commission["gross"]) == ("2026-11-23", "0", "39329.40")
    (entry, taken) = (await asked(f"/wallets/provider/P-GOMTI/statement?{days}"))["entries"]
    assert (entry["words"], taken["words"]) == ("Milestone accepted", "Payment of the customer")


async def test_bids_of_a_department_are_seen_by_nobody_else_before_the_time_for_them_is_over(desk):
    key = await published(desk, OFFICE)
    _, own = await desk.call("POST", f"/projects/{key}/events", BID)
    _, others = await desk.call("GET", f"/projects/{key}")
    refused, problem = await event(desk, key, "select", bid_id=own["bids"][0]["id"], **GO)
    desk.clock.tick(days=8)
    _, opened = await desk.call("GET", f"/projects/{key}")

    assert [one["charge"] for one in own["bids"]] == ["118000.00"]
    assert (others["bids"], others["bid_count"], others["sealed"]) == ([], 1, True)
    assert "118000" not in str(others)
    assert (refused, problem["error"]["code"]) == (409, "not_allowed")
    assert [one["charge"] for one in opened["bids"]] == ["118000.00"]
    assert [one["detail"].get("charge") for one in opened["history"]] == [None, "118000.00"]


async def test_a_requirement_is_told_to_willing_providers_while_bids_are_taken(desk):
    key = await published(desk)

    async def told(provider):
        status, found = await desk.call("GET", f"/providers/{provider}/projects")
        assert status == 200
        return [one["id"] for one in found["items"]]

    assert await told("P-GOMTI") == [key]
    assert await told("P-HAZRAT") == await told("P-GANGA") == []  # another service, another district
    status, problem = await desk.call("POST", f"/projects/{key}/events", {**BID, "provider_id": "P-HAZRAT"})
    assert (status, problem["error"]["code"]) == (409, "not_allowed")
    await desk.call("PATCH", "/providers/P-GOMTI", {"status": "suspended"})
    assert await told("P-GOMTI") == []
    await desk.call("PATCH", "/providers/P-GOMTI", {"status": "active"})
    desk.clock.tick(days=8)
    assert await told("P-GOMTI") == []


async def test_a_provider_that_was_suspended_since_its_bid_was_selected_agrees_to_no_mou(desk):
    key = await published(desk)
    bid = await does(desk, key, "bid", **{name: value for name, value in BID.items() if name != "event"})
    selected = await does(desk, key, "select", bid_id=bid["bids"][0]["id"], **GO)
    yes = {"digest": selected["mou"]["digest"], **GO}
    await does(desk, key, "accept_mou", side="provider", **yes)
    await desk.call("POST", "/providers/P-GOMTI/events", {"event": "suspend", "reason": "x"})

    refused, problem = await event(desk, key, "accept_mou", side="consumer", **yes)
    declined = await does(desk, key, "decline_mou", side="consumer", reason="suspended", **GO)

    assert (refused, problem["error"]["code"]) == (409, "not_allowed")
    assert declined["stage"] == "OPEN"


async def test_a_requirement_lapses_without_bids_and_later_without_an_mou(desk):
    nobody, somebody, held = await published(desk), await published(desk), (await agreed(desk))["id"]
    await desk.call("POST", f"/projects/{somebody}/events", BID)

    async def stages():
        found = await desk.storage.read(lambda work: _all(work, nobody, somebody, held))
        return [one.stage for one in found]

    await fire(desk)
    assert await stages() == [Stage.OPEN, Stage.OPEN, Stage.AGREED]
    desk.clock.tick(days=8)
    await fire(desk)
    assert await stages() == [Stage.LAPSED, Stage.OPEN, Stage.AGREED]
    desk.clock.tick(days=15)
    await fire(desk)
    assert await stages() == [Stage.LAPSED, Stage.LAPSED, Stage.AGREED]
    assert await desk.storage.read(lambda work: work.timers.next_due()) is None


async def _all(work, *keys):
    return [await work.projects.get(key) for key in keys]


async def test_what_departments_bought_is_reported_by_department_and_service(desk):
    await agreed(desk)  # a citizen's
    project = await agreed(desk, OFFICE)
    await does(desk, project["id"], "report", milestone=1, **GO)
    await does(desk, project["id"], "accept", milestone=1, **GO)

    status, report = await desk.call("GET", "/purchases?first=2026-11-01&last=2026-12-31")
    _, other = await desk.call("GET", "/purchases?first=2026-11-01&last=2026-12-31&department=None")
    _, before = await desk.call("GET", "/purchases?first=2026-11-01&last=2026-11-30")

    assert status == 200
    assert report["items"] == [
        {
            "department": "Demo Department",
            "service_id": "SM-ELC",
            "service": "Electrician",
            "service_hi": "इलेक्ट्रीशियन (बिजली मिस्त्री)",
            "bookings": 0,
            "booked": "0.00",
            "projects": 1,
            "milestones": 1,
            "accepted": "39329.40",
            "total": "39329.40",
        }
    ]
    assert report["total"] == "39329.40"
    assert other["items"] == before["items"] == []
    assert (await desk.call("GET", "/purchases?first=2026-11-01&last=2026-10-31"))[0] == 422
    assert (await desk.call("GET", "/purchases?first=2026-11-01&last=2026-12-31", as_=ENGINEER))[0] == 403


BAD_PROJECTS: list[tuple[dict[str, Any], str]] = [
    ({"budget": "0.00"}, "budget"),
    ({"budget": "1.005"}, "budget"),
    ({"service_id": "SM-NONE"}, "service_id"),
    ({"start": "2026-02-30"}, "start"),
    ({"bids_until": "2026-11-30T18:00:00"}, "bids_until"),
    ({"attachments": ["ftp://example.in/plan.pdf"]}, "attachments[0]"),
    ({"consumer": {**CITIZEN, "kind": "company"}}, "consumer.organization"),
    ({"consumer": {**CITIZEN, "phone": "12"}}, "consumer.phone"),
    ({"colour": "blue"}, "colour"),
]
BAD_EVENTS: list[tuple[dict[str, Any], int, str]] = [
    ({**BID, "charge": "-1.00"}, 422, "charge"),
    ({**BID, "tax_rate": "101"}, 422, "tax_rate"),
    ({**BID, "milestones": BID["milestones"][:1]}, 422, "milestones"),
    ({**BID, "finish_by": "2026-12-20"}, 422, "milestones[1].due"),
    ({"event": "dance"}, 422, "event"),
    ({"event": "select", "bid_id": "none", "name": "x"}, 409, "event"),
    ({"event": "accept", "milestone": 0, "name": "x"}, 422, "milestone"),
    ({"event": "pay", "milestone": 1, "collected_by": "samiti", "transaction_id": "U"}, 409, "event"),
    ({"event": "cancel", "side": "provider", "name": "x", "reason": "y"}, 409, "event"),
    ({"event": "cancel", "side": "consumer", "name": "x", "reason": " "}, 422, "reason"),
]


async def test_what_is_wrong_is_named_by_its_field_and_has_no_effect(desk):
    for change, path in BAD_PROJECTS:
        status, problem = await desk.call("POST", "/projects", {**HOUSE, **change})
        assert (status, problem["error"]["path"]) == (422, path), change
    assert (await desk.call("GET", "/projects"))[1]["items"] == []

    key = await published(desk)
    _, before = await desk.call("GET", f"/projects/{key}")
    for body, status, path in BAD_EVENTS:
        answered, problem = await desk.call("POST", f"/projects/{key}/events", body)
        assert (answered, problem["error"]["path"]) == (status, path), body
    assert (await desk.call("GET", f"/projects/{key}"))[1] == before
    for path in ("/projects/none", "/providers/none/projects"):
        assert (await desk.call("GET", path))[0] == 404


async def test_projects_are_listed_newest_first_in_pages(desk):
    keys = []
    for _ in range(3):
        keys.append(await published(desk))
        desk.clock.tick(minutes=1)

    _, first = await desk.call("GET", "/projects?stage=OPEN&limit=2")
    _, rest = await desk.call("GET", f"/projects?stage=OPEN&limit=2&cursor={first['next']}")

    assert [one["id"] for one in (*first["items"], *rest["items"])] == keys[::-1]
    assert rest["next"] is None
    assert (await desk.call("GET", "/projects?stage=AGREED"))[1]["items"] == []

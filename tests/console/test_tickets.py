"""Complaints at the console over HTTP: who sees which, what each may answer, and what comes of it."""

from __future__ import annotations

import asyncio
from dataclasses import fields
from datetime import timedelta
from urllib.parse import quote

import pytest

from bpp.console.language import speaking
from bpp.console.shown import minutes
from bpp.console.tickets import words
from bpp.console.tickets.answers import ANSWERS
from bpp.console.tickets.ask import previews
from bpp.console.tickets.ticket import pictures
from bpp.core.retention import RetentionPolicy, forget
from bpp.core.tickets import in_short
from bpp.issues.clock import SHARES
from bpp.issues.model import Code, Level, Status
from bpp.people.model import Role
from tests.support.complaining import Complaining
from tests.support.console import signed_in
from tests.support.grievances import BuyerV2, Hands
from tests.support.orders_console import did, of_buyer_app, opened, seat
from tests.support.tickets_console import (
    SAID,
    an_order_done,
    answered,
    complained,
    looked,
    possible,
    step,
    ticket_of,
)

NOT_FOUND, FORBIDDEN, CONFLICT, UNPROCESSABLE = 404, 403, 409, 422
HOSTILE = "=1+1\"'><img src=x onerror=planted>{{7*7}}"


def test_every_status_level_code_and_share_of_a_complaint_is_said_in_words():
    assert set(words.STATUSES) == set(words.LOOKS) == set(Status)
    assert set(words.LEVELS) == set(Level)
    assert set(words.DONE) == set(Code)
    assert set(words.SHARES) == {str(one) for one in SHARES}


def test_what_will_be_said_is_shown_in_both_languages_before():
    shown = {one.name: previews(one) for one in ANSWERS if one.says}

    assert {tuple(one.language for one in found) for found in shown.values()} == {("hi", "en")}
    assert shown["picture"][1].lines == ["Please send a picture that shows what is not in order."]


def test_only_addresses_of_the_web_are_links():
    told = ["https://a.example/1.jpg", "javascript:alert(1)", "data:text/html,x", "//a.example/x", "http://[bad", "x"]

    assert list(pictures(told)) == ["https://a.example/1.jpg"]


@pytest.mark.parametrize(
    ("language", "passed", "told"),
    [
        ("en", timedelta(), "0 minutes"),
        ("en", timedelta(hours=47, minutes=59), "47 hours 59 minutes"),
        ("en", timedelta(days=2, minutes=5), "2 days"),
        ("hi", timedelta(days=30, hours=1), "30 दिन 1 घंटा"),
    ],
)
def test_a_long_time_is_told_in_days(language, passed, told):
    with speaking(language):
        assert minutes(passed // timedelta(minutes=1)) == told


async def test_a_complaint_by_telephone_has_a_number_at_once_and_stands_on_the_orders_page(network):
    ref = await an_order_done(network)
    async with signed_in(network, Role.OPERATOR) as visitor:
        noted = await did(visitor, ref, "complain", code="ITM004", complaint=f"{SAID} {HOSTILE}")
        number = noted.url.path.rpartition("/")[2]
        page = await opened(visitor, ref)

    assert "Please tell the caller its number" in noted.words
    assert f"Complaint {number}" in noted.words
    assert "Being looked into" in noted.words
    assert "<img src=x" not in noted.text
    assert f'href="/console/tickets/{number}"' in page.text
    assert "The customer complained." not in page.words, "one record of one thing"


async def test_a_form_that_is_sent_twice_is_one_complaint(network):
    ref = await an_order_done(network)
    async with signed_in(network, Role.OPERATOR) as visitor:
        where, fields = (await opened(visitor, ref, "complain")).form("/complain")
        filled = {**fields, "complaint": SAID}
        first, second = await visitor.post(where, filled), await visitor.post(where, filled)

    assert first.url.path == second.url.path
    assert len((await network.call("GET", "/tickets"))[1]["items"]) == 1


async def test_a_picture_is_asked_for_a_refund_offered_taken_and_closed_at_the_desk(network):
    ref = await an_order_done(network)
    number = await complained(network, ref)
    async with signed_in(network, Role.OPERATOR) as visitor:
        network.clock.tick(seconds=60)
        await answered(visitor, number, "picture", language="hi")
        network.clock.tick(seconds=60)
        await answered(visitor, number, "informed", text="The picture is with the worker")
        network.clock.tick(seconds=60)
        offered = await answered(visitor, number, "propose", amount="₹ 50", again="yes")
        network.clock.tick(seconds=60)
        refund = next(one["id"] for one in (await ticket_of(network, number))["resolutions"] if one["code"] == "REFUND")
        taken = await answered(visitor, number, "accepted", resolution_id=refund)
        network.clock.tick(seconds=60)
        closed = await answered(visitor, number, "closed")
        order = await opened(visitor, ref)

    ticket = await ticket_of(network, number)
    assert "The solutions are offered" in offered.words
    assert "waits for a yes or no" in offered.words
    assert "carried out" in taken.words
    assert "Closed" in closed.words
    assert [one["text"] for one in ticket["actions"] if one["code"] == "INFO_REQUESTED"] == ["कृपया फ़ोटो भेजें"]
    assert (ticket["status"], [one["done"] for one in ticket["resolutions"]]) == ("CLOSED", [True, False])
    assert "Money was given back to the customer." in order.words
    assert possible(closed, number) == ["note"]


@pytest.mark.parametrize(
    ("what", "fields", "code"),
    [
        ("refund", {"amount": "20.00"}, "REFUND"),
        ("redo", {}, "REPLACEMENT"),
        ("nothing", {"why": "It was the old pipe"}, "NO_ACTION"),
    ],
)
async def test_a_complaint_is_resolved_at_one_click_and_one_confirmation(network, what, fields, code):
    number = await complained(network, await an_order_done(network))
    network.clock.tick(seconds=60)
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await answered(visitor, number, what, **fields)

    ticket = await ticket_of(network, number)
    assert "somebody has to call" in page.words
    assert (ticket["status"], ticket["resolutions"][0]["code"], ticket["resolutions"][0]["done"]) == (
        "RESOLVED", code, True,
    )  # fmt: skip
    assert "Resolved" in page.words


async def test_only_what_the_order_allows_is_offered_and_what_it_does_not_is_refused_in_words(network):
    ref, _ = await of_buyer_app(network)
    number = await complained(network, ref)
    done = await complained(network, await an_order_done(network))
    network.clock.tick(seconds=60)
    async with signed_in(network, Role.OPERATOR) as visitor:
        before = possible(await looked(visitor, number), number)
        after = possible(await looked(visitor, done), done)
        none = await answered(visitor, done, "propose")
        much = await answered(visitor, done, "refund", amount="99999.00")
        late = await looked(visitor, done, "cancel")

    assert [one for one in ("refund", "redo", "cancel") if one in before] == ["cancel"]
    assert [one for one in ("refund", "redo", "cancel") if one in after] == ["refund", "redo"]
    assert (none.status, "Please choose at least one solution." in none.words) == (UNPROCESSABLE, True)
    assert (much.status, "So much cannot go back." in much.words) == (UNPROCESSABLE, True)
    assert "This is not possible as things stand now." in late.words
    assert (await ticket_of(network, done))["status"] == "PROCESSING"


async def test_a_customer_says_no_and_goes_to_the_grievance_officer(network):
    number = await complained(network, await an_order_done(network))
    await step(network, number, "propose", options=[{"code": "REPLACEMENT"}])
    network.clock.tick(seconds=60)
    async with signed_in(network, Role.OPERATOR) as visitor:
        await answered(visitor, number, "rejected", text="I want somebody else")
        network.clock.tick(seconds=60)
        page = await answered(visitor, number, "escalated", text="To the officer, please")
        officers = await visitor.get("/console/tickets?which=officer")

    assert "With the grievance officer" in page.words
    assert number in officers.words


@pytest.mark.parametrize("spelled", [str, lambda one: one.replace("-", ""), lambda one: one.replace("-", " ")])
async def test_a_complaint_is_found_by_its_number_however_it_is_typed_and_wherever_it_stands(network, spelled):
    ref = await an_order_done(network)
    number, other = await complained(network, ref), await complained(network, ref, code="AGT001")
    await step(network, number, "resolve", option={"code": "NO_ACTION", "text": "the old pipe"})
    await step(network, number, "customer", says="CLOSED")
    async with signed_in(network, Role.PROVIDER, **await seat(network, Role.PROVIDER, ref)) as visitor:
        waiting = await visitor.get("/console/tickets")
        found = await visitor.get(f"/console/tickets?number={quote(spelled(number))}")
        nothing = await visitor.get("/console/tickets?number=123-456-789")

    assert [number in one.text for one in (waiting, found)] == [False, True]
    assert other not in found.text
    assert "No complaint here." in nothing.words


async def test_a_buyer_apps_customer_speaks_through_the_app_and_we_complain_to_it_from_the_orders_page(network):
    ref = await an_order_done(network)
    async with signed_in(network, Role.OPERATOR) as visitor:
        raised = await did(visitor, ref, "protest", code="VIS001", complaint="We are not shown")
        told = await network.buyer.next_callback(action="issue")
        number = raised.url.path.rpartition("/")[2]
        network.clock.tick(seconds=60)
        offered = possible(raised, number)
        closed = await answered(visitor, number, "close")
        mine = await visitor.get("/console/tickets?which=ours")

    assert told.message["issue"]["descriptor"]["short_desc"] == "We are not shown"
    assert offered == ["escalate", "close", "note"]
    assert "Our own complaint" in closed.words
    assert number in mine.words
    assert (await network.buyer.next_callback(action="issue")).message["issue"]["status"] == "CLOSED"


async def test_the_inbox_has_those_due_first_before_others_with_the_time_that_is_left(network):
    first = await complained(network, await an_order_done(network))
    network.clock.tick(hours=3)
    second = await complained(network, await an_order_done(network), code="ORD003")
    network.clock.tick(hours=22)
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await visitor.get("/console/tickets")
        overdue = await visitor.get("/console/tickets?which=overdue")

    assert page.text.index(first) < page.text.index(second)
    assert "Overdue by 1 hour" in page.words
    assert "left" in page.words
    assert (first in overdue.text, second in overdue.text) == (True, False)


async def test_a_provider_sees_its_own_adds_its_word_and_offers_to_do_the_work_again(network):
    ref = await an_order_done(network)
    number = await complained(network, ref)
    network.clock.tick(seconds=60)
    async with signed_in(network, Role.PROVIDER, **await seat(network, Role.PROVIDER, ref)) as visitor:
        listed = await visitor.get("/console/tickets")
        page = await looked(visitor, number)
        noted = await answered(visitor, number, "note", text="We come again tomorrow")
        offered = await answered(visitor, number, "again", language="en")
        refused = await looked(visitor, number, "refund")

    assert number in listed.text
    assert SAID in page.words
    assert possible(page, number) == ["again", "note"]
    assert "We come again tomorrow" in noted.words
    assert "Service provider (provider)" in noted.words
    assert "It is offered to do the work again" in offered.words
    assert refused.status == FORBIDDEN
    assert (await ticket_of(network, number))["resolutions"][0]["code"] == "REPLACEMENT"


async def test_a_provider_is_told_on_its_board_of_the_complaint_that_is_due_first(network):
    ref = await an_order_done(network)
    own = await seat(network, Role.PROVIDER, ref)
    board = f"/console/provider/{own['provider_id']}/orders"
    async with signed_in(network, Role.PROVIDER, **own) as visitor:
        before = await visitor.get(board)
        number = await complained(network, ref)
        during = await visitor.get(board)
        await step(network, number, "resolve", option={"code": "NO_ACTION", "text": "the old pipe"})
        after = await visitor.get(board)

    told = "A complaint about your work waits to be resolved 24 hours left"
    assert [told in one.words for one in (before, during, after)] == [False, True, False]


async def test_an_officer_has_those_of_the_district_without_the_names_of_customers(network):
    ref = await an_order_done(network)
    number = await complained(network, ref)
    network.clock.tick(hours=25)
    async with signed_in(network, Role.OFFICER) as visitor:
        listed = await visitor.get("/console/tickets?which=overdue")
        page = await looked(visitor, number)
        resolved = await answered(visitor, number, "refund", amount="10.00")

    assert number in listed.text
    assert SAID in page.words
    assert network.customer.phone not in page.text
    assert network.customer.name not in page.text
    assert "The money is given back" in resolved.words


async def test_complaints_of_others_are_not_there_in_lists_pages_or_forms(network):
    ref = await an_order_done(network)
    number = await complained(network, ref)
    world = await network.context.storage.read(network.context.worlds.current)
    seller = (await network.call("GET", f"/orders/{ref}"))[1]["provider_id"]
    other = next(one for one in world.catalog.providers if one != seller)
    for role, more in ((Role.PROVIDER, {"provider_id": other}), (Role.OFFICER, {"district": "199"})):
        async with signed_in(network, role, **more) as visitor:
            token = (await visitor.get("/console/account")).form("language")[1]["csrf"]
            listed = await visitor.get("/console/tickets?which=all")
            page = await looked(visitor, number)
            sent = await visitor.post(f"/console/tickets/{number}/note", {"csrf": token, "text": "mine"})
            sought = await visitor.get(f"/console/tickets?number={number}")
            assert number not in listed.text
            assert "No complaint here." in sought.words
            assert (page.status, sent.status) == (NOT_FOUND, NOT_FOUND)
    async with signed_in(network, Role.WORKER) as visitor:
        assert (await looked(visitor, number)).status == FORBIDDEN
    assert (await ticket_of(network, number))["notes"] == []


async def test_who_reads_a_complaint_leaves_a_row_of_the_order_or_of_its_words_alone(network):
    ref = await an_order_done(network)
    number = await complained(network, ref)
    for role, kinds in ((Role.OPERATOR, ["order"]), (Role.OFFICER, ["complaint"])):
        async with signed_in(network, role) as visitor:
            await looked(visitor, number)
        _, page = await network.call("GET", f"/audit/reads?subject={ref}&who={role.value}:{role.value}")
        assert [one["kind"] for one in page["items"]] == kinds


async def test_what_a_buyer_app_or_a_caller_plants_is_text(network):
    number = await complained(network, await an_order_done(network), short_desc=HOSTILE, long_desc=HOSTILE * 2)
    await step(network, number, "note", text=HOSTILE)
    await step(network, number, "resolve", option={"code": "NO_ACTION", "text": HOSTILE})
    for role in (Role.OPERATOR, Role.OFFICER):
        async with signed_in(network, role, "hi") as visitor:
            page = await looked(visitor, number)
            assert "onerror=planted" in page.text
            assert "<img" not in page.text.replace('<img src="/console', "")
            assert "planted>49" not in page.text


async def test_what_the_clock_notes_is_said_in_words(network):
    number = await complained(network, await an_order_done(network))
    network.clock.tick(hours=25)
    async with signed_in(network, Role.OPERATOR) as visitor:
        async with asyncio.timeout(60):
            while "Notes Nobody" in (page := await looked(visitor, number)).words:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    assert "The time for it is over: it is the grievance officer&#39;s now." in page.words
    assert "% officer" not in page.text


async def test_of_a_buyer_apps_complaint_both_sides_are_told_with_its_pictures_as_links(network):
    confirmed, _ = await network.completed()
    hands = Hands()
    hands.now = network.clock()
    desk = Complaining(network, confirmed, BuyerV2(hands))
    await desk.say(desk.buyer.payload())
    number = await desk.ref()
    network.clock.tick(seconds=60)
    async with signed_in(network, Role.OPERATOR) as visitor:
        before = await looked(visitor, number)
        asked = await answered(visitor, number, "invoice", text="The bill of today, please")
    told = await desk.news()

    assert 'href="https://buyer.example.in/leak.jpg" rel="noreferrer noopener"' in before.text
    assert "Meera Demo" in before.words
    assert "somebody has to call" not in before.words
    assert not {"informed", "accepted", "rejected", "escalated", "closed"} & {*possible(before, number)}
    assert "The invoice is asked for." in asked.words
    assert told.message["issue"]["actions"][-1]["descriptor"]["short_desc"] == "The bill of today, please"


async def test_of_an_order_that_was_forgotten_nobody_can_complain_any_more(network):
    ref = await an_order_done(network)
    policy = RetentionPolicy(**{one.name: timedelta() for one in fields(RetentionPolicy)})
    await forget(network.context.storage, policy, network.clock() + timedelta(days=1))
    status, answer = await network.call("POST", f"/orders/{ref}/tickets", {"code": "ITM004", "short_desc": SAID})
    ours = {"against": "buyer_app", "code": "VIS001", "short_desc": SAID}
    refused = await network.call("POST", f"/orders/{ref}/tickets", ours)
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await opened(visitor, ref)

    assert (status, answer["error"]["code"], refused[0]) == (CONFLICT, "order_forgotten", CONFLICT)
    assert (await network.call("GET", "/tickets"))[1]["items"] == []
    assert "/complain" not in page.text
    assert "/protest" not in page.text


@pytest.mark.parametrize("against", ["us", "buyer_app"])
async def test_a_complaint_about_nothing_is_refused(network, against):
    ref = await an_order_done(network)
    said = {"against": against, "code": " ", "short_desc": SAID}
    status, answer = await network.call("POST", f"/orders/{ref}/tickets", said)

    assert (status, answer["error"]["path"]) == (UNPROCESSABLE, "code")
    assert (await network.call("GET", "/tickets"))[1]["items"] == []


@pytest.mark.parametrize(
    "said",
    [
        {"step": "resolve", "option": {"code": "NO_ACTION", "text": " "}},
        {"step": "propose", "options": [{"code": "REPLACEMENT"}, {"code": "NO_ACTION"}]},
    ],
)
async def test_nothing_is_done_only_where_it_is_said_why(network, said):
    number = await complained(network, await an_order_done(network))
    status, answer = await network.call("POST", f"/tickets/{number}/steps", said)

    assert (status, answer["error"]["code"], answer["error"]["path"]) == (UNPROCESSABLE, "not_remediable", "text")
    assert (await ticket_of(network, number))["resolutions"] == []


async def test_a_text_is_as_long_as_the_browser_counts_it_and_stands_there_once(network):
    ref = await an_order_done(network)
    said = "\r\n".join(["tap"] * 250)  # 999 characters in the browser
    async with signed_in(network, Role.OPERATOR) as visitor:
        noted = await did(visitor, ref, "complain", code="ITM004", complaint=said)

    assert "The complaint is noted" in noted.words
    assert noted.text.count("<blockquote>tap") == 2, "what it is about, and what was said and done"


def test_a_word_without_an_end_is_cut_somewhere():
    assert in_short("x" * 300) == "x" * 198 + " …"


async def test_a_complaint_that_was_forgotten_can_be_looked_at_and_nothing_is_offered(network):
    number = await complained(network, await an_order_done(network))
    await step(network, number, "resolve", option={"code": "NO_ACTION", "text": "the old pipe"})
    await network.settled()
    policy = RetentionPolicy(**{one.name: timedelta() for one in fields(RetentionPolicy)})
    await forget(network.context.storage, policy, network.clock() + timedelta(days=1))
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await looked(visitor, number)

    assert "Names and words were erased when their time was over." in page.words
    assert SAID not in page.text
    assert possible(page, number) == []

"""The form of grievances: a ticket number at once for whoever knows order and telephone, and nothing for anybody else."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from html import unescape
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bpp.context import APP_CONTEXT
from bpp.core.public_complaint import CUSTOMERS_NOTE, MOST_NOTES
from bpp.errors import Unavailable
from bpp.inbound.admission import ADMISSION, admission_of
from bpp.inbound.grievance_form import FORMS_AT_ONCE, TRIES, add_grievance_routes
from bpp.inbound.grievance_words import ENGLISH, HINDI
from bpp.people.model import Role
from bpp.storage.ports import Storage
from tests.support.callers import CALLER, booked
from tests.support.console import signed_in
from tests.support.network import Network

NUMBER = re.compile(r"\d{3}-\d{3}-\d{3}")
PLANTED = ["\"'><img src=x onerror=alert(1)>", "</textarea><script>alert(1)</script>", "{{7*7}}planted{support_phone}"]
SAID = "The tap still drips\r\nand the wall is wet"
UNPROCESSABLE, TOO_MANY, TOO_LARGE, UNSUPPORTED, BUSY = 422, 429, 413, 415, 503


@pytest.fixture
async def order(network: Network) -> Any:
    """A booking by telephone."""
    return await booked(network.call)


async def sent(network: Network, booking: Any, **more: str) -> tuple[int, str]:
    """The form of a customer in English, with changes; status and page."""
    fields = {"language": "en", "order": booking["order_id"], "phone": CALLER["phone"], "code": "ITM004", "text": SAID}
    async with network.session.post(f"{network.url}/grievance", data={**fields, **more}) as answer:
        return answer.status, await answer.text()


async def tickets(network: Network) -> list[dict[str, Any]]:
    return list((await network.call("GET", "/tickets"))[1]["items"])


async def test_whoever_knows_order_and_telephone_has_a_ticket_number_at_once(network, order):
    status, page = await sent(network, order)

    (ticket,) = await tickets(network)
    (_, shown) = await network.call("GET", f"/tickets/{ticket['ref']}")
    assert (status, ENGLISH.form.number.format(ticket=ticket["ref"]) in page) == (200, True)
    assert (shown["status"], shown["code"], shown["peer"]) == ("PROCESSING", "ITM004", "")
    assert shown["long_desc"] == SAID.replace("\r\n", "\n")
    assert SAID.partition("\r")[0] not in page


@pytest.mark.parametrize(
    ("spell_order", "spell_phone"),
    [(lambda one: one.replace("-", ""), "9811122333"), (lambda one: f" {one} ", "+91-98111-22333")],
)
async def test_numbers_are_read_as_people_type_them(network, order, spell_order, spell_phone):
    status, page = await sent(network, order, order=spell_order(order["order_id"]), phone=spell_phone, language="hi")

    assert status == 200
    assert HINDI.form.keep in page


async def test_whoever_does_not_read_the_first_language_jumps_to_the_other(network, order):
    async with aiohttp.ClientSession() as session, session.get(f"{network.url}/grievance") as answer:
        first = await answer.text()
    _, answered = await sent(network, order, language="en")

    assert first.index('<a href="#en" lang="en">English</a>') < first.index('<section id="hi"')
    assert first.index('<section id="hi"') < first.index('<section id="en"')
    assert answered.index('<a href="#hi" lang="hi">') < answered.index('<section id="en"')


async def test_an_order_of_a_buyer_app_is_found_by_its_own_number(network):
    confirmed = await network.booked()
    status, _ = await sent(network, {"order_id": confirmed.order["id"]}, phone=network.customer.phone)

    (ticket,) = await tickets(network)
    assert (status, ticket["peer"]) == (200, "")


async def test_an_order_that_there_is_and_one_that_there_is_not_are_answered_alike(network, order):
    wrong_phone = await sent(network, order, phone="9000000001", order=order["order_id"])
    unknown = await sent(network, order, order="000-000-000", phone="9000000002")
    theirs = [
        answer[1].replace(order["order_id"], "#").replace("000-000-000", "#") for answer in (wrong_phone, unknown)
    ]

    assert wrong_phone[0] == unknown[0] == UNPROCESSABLE
    assert theirs[0].replace("9000000001", "#") == theirs[1].replace("9000000002", "#")
    assert NUMBER.findall(theirs[0]) == []
    assert await tickets(network) == []


async def test_the_same_form_again_is_the_same_ticket_and_what_is_new_becomes_a_note(network, order):
    first, second = await sent(network, order), await sent(network, order)
    third = await sent(network, order, text="Now the ceiling, too")
    other = await sent(network, order, code="AGT001")

    found = await tickets(network)
    numbers = [set(NUMBER.findall(page)) - {order["order_id"]} for _, page in (first, second, third, other)]
    (_, shown) = await network.call("GET", f"/tickets/{min(numbers[0])}")
    assert numbers[0] == numbers[1] == numbers[2] != numbers[3]
    assert [(one["by"], one["text"]) for one in shown["notes"]] == [("customer", "Now the ceiling, too")]
    assert len(found) == 2


async def test_a_form_that_is_sent_twice_at_once_is_one_ticket(network_on_each):
    booking = await booked(network_on_each.call)
    answers = await asyncio.gather(*(sent(network_on_each, booking) for _ in range(4)))

    (ticket,) = await tickets(network_on_each)
    assert [(status, ticket["ref"] in page) for status, page in answers] == [(200, True)] * 4


@pytest.mark.parametrize(
    "wrong", [{"phone": "12"}, {"text": " "}, {"text": "x" * 1001}, {"code": "NONE"}, {"order": ""}, {"language": "fr"}]
)
async def test_a_form_that_lacks_something_is_shown_again_with_what_was_typed(network, order, wrong):
    status, page = await sent(network, order, **wrong)

    assert status == UNPROCESSABLE
    assert (HINDI if "language" in wrong else ENGLISH).form.faulty in page
    assert await tickets(network) == []


@pytest.mark.parametrize("field", ["order", "phone", "text", "language"])
async def test_what_no_database_takes_is_no_form(network_on_each, field):
    booking = await booked(network_on_each.call)
    whole = {"order": booking["order_id"], "phone": CALLER["phone"], "text": SAID, "language": "en"}
    status, page = await sent(network_on_each, booking, **{field: f"{whole[field]}\0x"})

    assert (status, HINDI.form.faulty in page) == (UNPROCESSABLE, True)
    assert await tickets(network_on_each) == []


async def test_a_text_is_as_long_as_the_browser_counts_it_whose_lines_end_with_one_character(network, order):
    status, _ = await sent(network, order, text="\r\n".join(["x"] * 500))

    (ticket,) = await tickets(network)
    (_, shown) = await network.call("GET", f"/tickets/{ticket['ref']}")
    assert (status, shown["long_desc"]) == (200, "\n".join(["x"] * 500))


@pytest.mark.parametrize("planted", PLANTED)
async def test_what_is_planted_in_the_form_is_text_wherever_it_is_shown(network, order, planted):
    again = (await sent(network, order, order=planted, phone="9000000001", code="AGT001", text=planted))[1]
    status, _ = await sent(network, order, text=planted)
    async with signed_in(network, Role.OPERATOR) as visitor:
        (ticket,) = await tickets(network)
        page = (await visitor.get(f"/console/tickets/{ticket['ref']}")).text

    assert status == 200
    for shown in (again, page):
        assert planted in unescape(shown)
        assert re.findall(r"<img src=x|<script>alert|49planted", shown) == []


class OnlyRead:
    """A storage whose writer has no time."""

    def __init__(self, storage: Storage) -> None:
        self.read = storage.read

    async def run(self, _unit: Any) -> Any:
        raise Unavailable("the database is behind")


async def test_whoever_guesses_does_not_keep_the_writer_busy_and_whoever_knows_is_told_to_come_again(network, order):
    app = web.Application()
    app[APP_CONTEXT] = replace(network.context, storage=OnlyRead(network.context.storage))
    app[ADMISSION] = admission_of(network.settings)
    add_grievance_routes(app, "")
    fields = {"language": "en", "order": order["order_id"], "phone": CALLER["phone"], "code": "ITM004", "text": SAID}
    async with TestClient(TestServer(app)) as client:
        guessed = await client.post("/grievance", data={**fields, "phone": "9000000001"})
        known = await client.post("/grievance", data=fields)
        page = unescape(await known.text())

    assert (guessed.status, known.status) == (UNPROCESSABLE, BUSY)
    assert int(known.headers["Retry-After"]) >= 1
    assert ENGLISH.form.busy in page
    assert f">{SAID}</textarea>" in page


async def test_notes_of_the_desk_leave_room_for_the_customers_which_are_bounded(network, order):
    await sent(network, order)
    (ticket,) = await tickets(network)
    for each in range(MOST_NOTES):
        await network.call("POST", f"/tickets/{ticket['ref']}/steps", {"step": "note", "text": f"called {each}"})
    for each in range(MOST_NOTES + 1):
        network.clock.tick(hours=1)
        status, _ = await sent(network, order, text=f"Still {each}")
        assert status == 200

    (_, shown) = await network.call("GET", f"/tickets/{ticket['ref']}")
    theirs = [one["text"] for one in shown["notes"] if one["by"] == CUSTOMERS_NOTE]
    assert theirs == [f"Still {each}" for each in range(MOST_NOTES)]


async def test_whoever_sends_too_often_about_one_order_is_not_looked_up_whether_there_is_such_an_order(network, order):
    for number in (order["order_id"], "000-000-000"):
        for each in range(TRIES):
            status, _ = await sent(network, order, order=number, phone=f"900000{each:04}")
            assert status == UNPROCESSABLE
        status, page = await sent(network, order, order=number)
        assert (status, "Please send it later" in page) == (TOO_MANY, True)
    assert await tickets(network) == []


async def test_one_address_does_not_try_through_orders_and_telephones(network, order):
    for each in range(FORMS_AT_ONCE):
        await sent(network, order, order=f"unknown-{each}", phone=f"900000{each:04}")
    status, _ = await sent(network, order)
    network.clock.tick(seconds=20)

    assert status == TOO_MANY
    assert (await sent(network, order))[0] == 200


async def test_what_is_no_form_is_refused(network):
    url = f"{network.url}/grievance"
    async with network.session.post(url, json={"order": "1"}) as answer:
        assert answer.status == UNSUPPORTED
    async with network.session.post(url, data={"text": "x" * 20_000}) as answer:
        assert answer.status == TOO_LARGE
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with network.session.post(url, data=b"\xff=1", headers=kind) as answer:
        assert answer.status == UNPROCESSABLE


async def test_the_page_allows_its_own_style_and_form_and_nothing_else(network):
    async with network.session.get(f"{network.url}/grievance") as answer:
        policy = answer.headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("form-action 'self'; base-uri 'none'; frame-ancestors 'none'")

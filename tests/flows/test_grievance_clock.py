"""The clock of complaints, moved by hand: what is noted, said and sent as time goes by; on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.complaining import Complaining, check_told, complaining_of, tick
from tests.support.network import Network, running_network
from tests.support.tickets_console import SAID, complained, ticket_of

Json = dict[str, Any]


@pytest.fixture
async def network(network_on_each: Network) -> AsyncIterator[Network]:
    """On SQLite and on PostgreSQL; each test also demands that everything that was sent was valid."""
    yield network_on_each
    check_told(network_on_each)


@pytest.fixture
async def complaining(network: Network) -> Complaining:
    """A customer whose work was done badly."""
    return complaining_of(network, (await network.completed())[0])


async def noted(network: Network, ref: str, count: int) -> Json:
    """The ticket, as soon as it has so many notes."""
    async with asyncio.timeout(60):
        while len((ticket := await ticket_of(network, ref))["notes"]) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return ticket


def texts(ticket: Json) -> Sequence[str]:
    return [one["text"] for one in ticket["notes"]]


async def test_as_time_goes_by_it_is_noted_whose_the_ticket_is(complaining):
    desk, network = complaining, complaining.network
    desk.hears(await desk.say(desk.buyer.payload()))
    ref = await desk.ref()
    opened = desk.buyer.hands.now
    for number, (hours, overdue) in enumerate(((13, False), (20, False), (25, True)), 1):
        network.clock.set(opened + timedelta(hours=hours))
        ticket = await noted(network, ref, number)
        assert ticket["overdue"] is overdue

    assert texts(ticket) == ["50 % desk", "80 % desk", "100 % officer"]
    _, page = await network.call("GET", "/tickets?open=true&officers=true")
    assert [one["ref"] for one in page["items"]] == [ref]


async def test_a_complaint_that_comes_when_its_time_is_over_is_the_officers_at_once(network):
    desk = complaining_of(network, (await network.completed())[0], days=2)

    assert desk.hears(await desk.say(desk.buyer.payload())) == ["PROCESSING"]

    assert texts(await noted(network, await desk.ref(), 1)) == ["100 % officer"]


async def test_an_escalation_sets_the_clock_anew_for_the_officer(complaining):
    desk, network = complaining, complaining.network
    desk.hears(await desk.say(desk.buyer.payload()))
    await tick(desk)
    desk.buyer.issue["expected_resolution_time"] = {"duration": "PT4H"}
    desk.hears(await desk.say(desk.buyer.act("ESCALATED")))
    network.clock.tick(hours=3)

    ticket = await noted(network, await desk.ref(), 1)

    assert (texts(ticket), ticket["level"], ticket["overdue"]) == (["50 % officer"], "GRIEVANCE", False)


async def test_what_was_resolved_and_nobody_says_a_word_to_is_told_once_more_and_no_more(complaining):
    desk, network = complaining, complaining.network
    desk.hears(await desk.say(desk.buyer.payload()))
    await tick(desk)
    await desk.step("resolve", option={"code": "NO_ACTION", "text": "it was the old pipe"})
    first = await desk.news()
    assert desk.hears(first) == ["RESOLVED"]
    network.clock.tick(hours=25)

    again = await desk.news()

    assert (again.message, again.message_id == first.message_id) == (first.message, False)
    ref = await desk.ref()
    assert texts(await noted(network, ref, 1)) == ["100 % complainant"]
    assert await network.context.storage.read(lambda work: work.timers.due("issue", [ref])) == {}


async def test_a_buyer_app_that_does_not_answer_a_complaint_of_ours_is_asked_how_it_stands(network):
    confirmed, _ = await network.completed()
    body = {"against": "buyer_app", "code": "VIS001", "short_desc": "We are not shown"}
    status, ticket = await network.call("POST", f"/orders/{await network.ref(confirmed)}/tickets", body)
    assert status == 201, ticket
    raised = await network.buyer.next_callback(action="issue")
    network.clock.tick(hours=2)

    asked = await network.buyer.next_callback(action="issue_status")

    issue = raised.message["issue"]
    assert asked.message == {"issue_id": issue["id"]}
    assert texts(await noted(network, ticket["ref"], 1)) == ["0 % desk"]
    stamp = network.clock().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    action = {"id": "B-1", "descriptor": {"code": "PROCESSING", "short_desc": "at it"}, "updated_at": stamp}
    issue["actions"].append({**action, "action_by": "NP-B", "actor_details": {"name": "Buyer Desk"}})
    issue |= {"last_action_id": "B-1", "updated_at": stamp, "status": "PROCESSING"}
    context = {**asked.document["context"], "action": "on_issue_status", "timestamp": stamp}
    answer = await network.buyer.post(
        "on_issue_status", orjson.dumps({"context": context, "message": {"issue": issue}})
    )
    assert answer.acked, answer
    assert (await ticket_of(network, ticket["ref"]))["status"] == "PROCESSING"
    network.clock.tick(hours=23)
    assert texts(await noted(network, ticket["ref"], 2))[-1] == "100 % desk"


async def test_of_two_complaints_about_the_same_told_at_once_one_is_a_duplicate(network):
    confirmed, _ = await network.completed()
    desks = [complaining_of(network, confirmed) for _ in range(4)]
    for number, desk in enumerate(desks):
        desk.buyer.issue["id"] = f"ISSUE-{number}"

    answers = await asyncio.gather(*(desk.say(desk.buyer.payload(f"M-{number}")) for number, desk in enumerate(desks)))

    codes = sorted(one.document.get("error", {}).get("code", "") for one in answers)
    assert codes == ["", "IGM008", "IGM008", "IGM008"]
    _, page = await network.call("GET", "/tickets")
    assert len(page["items"]) == 1


async def test_the_grievance_officer_hears_by_a_text_of_what_has_become_overdue_once_and_nothing_of_what_it_is(
    database_url, tmp_path, clock
):
    came: list[Json] = []

    async def take(request: web.Request) -> web.Response:
        came.append(await request.json())
        return web.Response()

    gateway = web.Application()
    gateway.router.add_post("/send", take)
    async with TestServer(gateway) as server:
        more = {
            "BPP_SMS_URL": str(server.make_url("/send")),
            "BPP_GRO_PHONE": "05221234567",
            "BPP_ISSUE_RESOLUTION": "PT4H",
        }
        async with running_network(database_url, tmp_path, clock, **more) as network:
            number = await complained(network, await network.ref((await network.completed())[0]))
            for hours, told in ((3, 0), (2, 1)):
                network.clock.tick(hours=hours)
                await noted(network, number, 1 + told)
                async with asyncio.timeout(60):
                    while len(came) < told:  # noqa: ASYNC110
                        await asyncio.sleep(0.005)
                assert len(came) == told

    assert [one["phone"] for one in came] == ["05221234567"]
    assert number in came[0]["text"]
    assert SAID not in came[0]["text"]

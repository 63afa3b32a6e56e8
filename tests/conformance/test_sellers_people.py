"""The seller's people: each way of making a seller app act says what it did, what was refused, and that nobody acted."""

from __future__ import annotations

import os
import pty
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web

from bpp.conformance.scenarios.flows import SCENARIOS
from bpp.conformance.seller import Deed, Done, NobodyActs, OverOperatorApi
from bpp.conformance.seller_person import AskAPerson, Lines, sentence
from bpp.conformance.seller_webhook import LONGEST_TOLD, OverWebhook
from bpp.sandbox.field import Field
from bpp.sandbox.listener import Listener
from tests.conformance.ground import Ground
from tests.support.network import OPERATOR_TOKEN

START = Deed(event="start", bap_id="buyer.example", order_id="O-1", transaction_id="T-1", details={"otp": "1234"})
NOBODY = "http://127.0.0.1:9"  # the port of "discard", where nothing listens

# Over a webhook


class Hook:
    """An address of a seller's: answers as it is told and keeps what it was told."""

    def __init__(self):
        self.told = []
        self.answer = web.json_response({})
        self.listener = Listener("127.0.0.1", 0, max_body=1 << 16)
        self.listener.add_routes([web.post("/people", self._receive)])

    async def _receive(self, request):
        self.told.append(await request.json())
        return await self.answers(request)

    async def answers(self, request):
        return self.answer


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    await hook.listener.start()
    yield hook
    await hook.listener.stop()


async def test_a_webhook_is_told_the_deed_and_its_details(hook):
    async with OverWebhook(f"{hook.listener.url}/people") as people:
        done = await people.act(START)

    assert hook.told == [
        {"event": "start", "bap_id": "buyer.example", "order_id": "O-1", "transaction_id": "T-1", "otp": "1234"}
    ]
    assert done == Done(taken=True, detail="HTTP 200 {}")


@pytest.mark.parametrize(("status", "taken"), [(200, True), (202, True), (204, True), (409, False), (422, False)])
async def test_a_webhook_says_by_its_status_whether_the_deed_was_taken(hook, status, taken):
    hook.answer = web.Response(status=status, text="" if status == 204 else "told so")

    async with OverWebhook(f"{hook.listener.url}/people") as people:
        assert (await people.act(START)).taken is taken


@pytest.mark.parametrize("status", [302, 400, 401, 404, 500, 503])
async def test_a_webhook_that_says_anything_else_did_not_act(hook, status):
    hook.answer = web.Response(status=status, text="y" * 5000, headers={"Location": "/elsewhere"})

    async with OverWebhook(f"{hook.listener.url}/people") as people:
        with pytest.raises(NobodyActs, match=f"HTTP {status} ") as raised:
            await people.act(START)

    assert len(str(raised.value)) < LONGEST_TOLD + 60
    assert len(hook.told) == 1


async def test_a_webhook_that_is_not_there_did_not_act():
    async with OverWebhook(NOBODY) as people:
        with pytest.raises(NobodyActs, match="cannot be reached"):
            await people.act(START)


async def test_a_detail_does_not_take_the_place_of_an_id(hook):
    async with OverWebhook(f"{hook.listener.url}/people") as people:
        await people.act(replace(START, details={"order_id": "another"}))

    assert hook.told[0]["order_id"] == "O-1"


@pytest.mark.parametrize("scenario", ["service_completion", "issue_resolved", "settlement_corrected"])
async def test_what_a_webhook_is_told_is_enough_to_serve_a_whole_booking_a_complaint_and_a_settlement(
    ground: Ground, hook, scenario
):
    operator = ground.stage.people
    assert operator is not None

    async def serve(request):
        told = await request.json()
        ids = {name: told.pop(name) for name in ("event", "bap_id", "order_id", "transaction_id")}
        done = await operator.act(Deed(**ids, details=told))
        return web.json_response({"detail": done.detail}, status=200 if done.taken else 422)

    hook.answers = serve
    async with OverWebhook(f"{hook.listener.url}/people") as people:
        ground.stage = replace(ground.stage, people=people)
        (flow,) = await ground.played(scenario, domain="ONDC:SRV11")

    assert (flow.ended, flow.not_played) == ("", "")
    assert len(hook.told) >= 4


# Over the operator API


async def test_an_operator_api_that_is_not_there_did_not_act():
    async with Field(bpp_url=NOBODY, token="t") as field:
        with pytest.raises(NobodyActs, match="cannot be reached"):
            await OverOperatorApi(field).act(START)


async def test_an_operator_api_that_refuses_the_token_did_not_act_and_one_without_the_order_refused(ground: Ground):
    async with Field(bpp_url=ground.seller.server, token="wrong") as field:
        with pytest.raises(NobodyActs, match="answered 401"):
            await OverOperatorApi(field).act(START)

    async with Field(bpp_url=ground.seller.server, token=OPERATOR_TOKEN) as field:
        assert not (await OverOperatorApi(field).act(START)).taken
        of_no_issue = replace(START, event="ask", details={"issue_id": "I-none", "wanted": ["INFO001"]})
        assert not (await OverOperatorApi(field).act(of_no_issue)).taken
        assert not (await OverOperatorApi(field).act(replace(START, event="recon", details={}))).taken


async def test_a_flow_that_needs_somebody_is_left_out_where_nobody_acts(ground: Ground):
    async with OverWebhook(NOBODY) as people:
        ground.stage = replace(ground.stage, people=people)
        (flow,) = await ground.played(SCENARIOS[0], domain="ONDC:SRV11")

    assert flow.not_played.startswith("not played: the webhook cannot be reached")
    assert flow.ended == ""
    assert flow.records[-1].action == "on_status"


# A person at a terminal


class Desk:
    """A person whose keys are pressed by the test, at a pipe or at a terminal."""

    def __init__(self, keys: int, ear: int) -> None:
        self._keys = keys
        self.heard: list[str] = []
        self.person = AskAPerson(self.heard.append, Lines(ear))

    def types(self, text: str) -> None:
        os.write(self._keys, text.encode())


@pytest.fixture(params=["pipe", "terminal"])
def desk(request):
    ear, keys = os.pipe() if request.param == "pipe" else reversed(pty.openpty())
    yield Desk(keys, ear)
    os.close(keys)  # the reading thread hears the end


@pytest.mark.parametrize(("typed", "taken"), [("\n", True), ("n\n", False), (" N \n", False), ("what?\n\n", True)])
async def test_a_person_is_told_what_to_do_and_says_how_it_went(desk, typed, taken):
    desk.types(typed)

    done = await desk.person.act(START)

    assert done.taken is taken
    assert desk.heard[0] == (
        "Start the work of order O-1 with the one-time password 1234. The buyer app is buyer.example."
    )
    assert all(choice in desk.heard[1] for choice in ("Enter", "n:", "q:"))


async def test_a_person_who_gives_up_is_not_asked_again(desk):
    desk.types("\nq\n\n")
    assert (await desk.person.act(START)).taken
    with pytest.raises(NobodyActs, match="nobody acts any more"):
        await desk.person.act(START)
    asked = len(desk.heard)

    with pytest.raises(NobodyActs):
        await desk.person.act(START)

    assert len(desk.heard) == asked


async def test_a_terminal_that_was_closed_is_somebody_who_left():
    ear, keys = os.pipe()
    os.write(keys, b"\nhalf a line")
    os.close(keys)
    person = AskAPerson(lambda _: None, Lines(ear))

    assert (await person.act(START)).taken
    with pytest.raises(NobodyActs):
        await person.act(START)


@pytest.mark.parametrize(
    ("event", "details", "told"),
    [
        ("depart", {}, "Let the worker of order O-1 set off."),
        ("cancel", {"reason": "011"}, "Cancel order O-1 for the seller, with the reason 011."),
        (
            "requote",
            {"lines": [{"title": "Compressor", "price": "4200.00"}, {"title": "Gas", "price": "10.00", "count": 2}], "valid_for": "P1D"},
            "Quote for further work of order O-1: Compressor at 4200.00 rupees with tax, Gas at 10.00 rupees with tax times 2; valid for P1D.",
        ),
        (
            "propose",
            {"issue_id": "I-1", "options": [{"code": "REFUND", "amount": "50.00"}, {"code": "REPLACEMENT"}]},
            "In complaint I-1 about order O-1, propose: REFUND (50.00), REPLACEMENT.",
        ),
        (
            "ask",
            {"issue_id": "I-1", "wanted": ["INFO001", "INFO002"]},
            "In complaint I-1 about order O-1, ask the buyer for INFO001, INFO002.",
        ),
        ("recon", {}, "Compare order O-1 with the buyer app: send it a recon."),
        (
            "pay_out",
            {"amount": "100.00"},
            "File a payout of your own, of 100.00 rupees, with the settlement agency.",
        ),
        ("depart", {"visit": 2}, "Let the worker of order O-1 set off. (visit: 2)"),
        ("start", {}, "Start the work of order O-1 with the one-time password -."),
        ("reassign", {"to": "W-1"}, "Do this to order O-1: reassign. (to: W-1)"),
    ],
)  # fmt: skip
def test_every_deed_can_be_said_in_words(event, details, told):
    assert sentence(replace(START, event=event, details=details)) == f"{told} The buyer app is buyer.example."

"""What is refused of settlement, by its published code, and that it changes nothing; what is told when nobody answers."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bpp.sandbox.exchange import nacked
from tests.support.clock import FakeClock
from tests.support.settling import ACKED, CONTEXT, Settling, settling

Json = dict[str, Any]
CONFLICT, UNPROCESSABLE = 409, 422


@pytest.fixture
async def three(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Settling]:
    """Server, agency and buyer app, on a Monday at 09:00."""
    async with settling(sqlite_url, tmp_path, clock) as running:
        yield running


async def stored(three: Settling) -> tuple[Any, ...]:
    """Everything that a message of settlement could change."""
    _, rows = await three.network.call("GET", "/settlements")
    _, filed = await three.network.call("GET", "/settlement/filings?from=2026-11-20&until=2026-11-30")
    return rows, filed, await three.balances()


def code(answer: tuple[int, Json]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["code"]


def told(answer: Any) -> tuple[int, str]:
    return answer.status, answer.error_code


@pytest.mark.parametrize(
    ("context", "change", "refused"),
    [
        ({"transaction_id": "never"}, {}, (200, "70028")),
        ({"message_id": "never"}, {}, (200, "70029")),
        ({}, {"id": "O-OTHER"}, (200, "70030")),
        ({}, {"inter_participant": {"amount": {"currency": "INR", "value": "1.999"}}}, (200, "70002")),
        ({}, {"inter_participant": {"settled_amount": {"value": "-191.96"}, "status": "SETTLED"}}, (200, "70002")),
        ({}, {"self": "all of it"}, (200, "70002")),
        ({"domain": "ONDC:SRV11"}, {}, (200, "70002")),
        ({"version": "1.0.0"}, {}, (200, "70002")),
        ({"bap_id": "somebody.else"}, {}, (400, "70002")),
        ({"bpp_id": "somebody.else"}, {}, (401, "70000")),
    ],
)
async def test_an_agencys_answer_that_answers_nothing_of_ours_changes_nothing(three, context, change, refused):
    await three.sold()
    await three.later(24)
    settle = await three.hears("settle")
    before = await stored(three)
    answer = three.judge.on_settle(settle, three.buyer_id)
    answer["context"] |= {"timestamp": three.now(), **context}
    answer["message"]["settlement"]["orders"][0] |= change

    assert code(await three.says(answer)) == refused

    assert await stored(three) == before


async def test_an_answer_with_an_order_twice_or_of_another_settlement_is_refused(three):
    order_id = await three.sold()
    three.buyer_files(order_id)
    await three.later(24)
    settle = await three.hears("settle")
    before = await stored(three)
    answer = three.judge.on_settle(settle, three.buyer_id)
    twice, other = copy.deepcopy(answer), copy.deepcopy(answer)
    twice["message"]["settlement"]["orders"] *= 2
    other["message"]["settlement"]["id"] = "another"

    assert code(await three.says(twice)) == (200, "70002")
    assert code(await three.says(other)) == (200, "70002")
    assert await stored(three) == before
    assert await three.says(answer) == ACKED
    settled = await three.until(order_id, state="SETTLED")
    after = await stored(three)
    assert await three.says(answer) == ACKED, "the same again"
    answer["message"]["settlement"]["orders"][0]["self"]["reference_no"] = "another"
    assert code(await three.says(answer)) == (200, "70002"), "the same ids for something else"
    assert await stored(three) == after
    assert settled["settled"] == "191.96"


async def test_only_the_agency_that_was_filed_with_can_answer(three):
    await three.sold()
    await three.later(24)
    settle = await three.hears("settle")
    before = await stored(three)
    answer = three.judge.on_settle(settle, three.buyer_id)
    answer["context"]["bpp_id"] = three.buyer_id

    said = await three.network.buyer.post("on_settle", orjson.dumps(answer))

    assert told(said) == (200, "70028")
    assert await stored(three) == before


async def test_a_message_without_a_signature_that_holds_has_the_familys_codes(three):
    body = orjson.dumps(three.network.buyer.envelope("recon", {"orders": []}, transaction_id="T", context=CONTEXT))

    unsigned = await three.network.buyer.post("recon", body, headers={"Authorization": None})
    forged = await three.network.buyer.post(
        "recon", body, headers={"Authorization": three.network.buyer.authorization(b"other")}
    )

    assert (told(unsigned), told(forged)) == ((401, "70001"), (401, "70000"))


async def test_a_recon_of_an_unknown_order_is_answered_by_the_error_alone_and_stores_nothing(three):
    order_id = await three.sold()
    message = three.books.recon(order_id, three.network.clock())["message"]
    message["orders"].append({**message["orders"][0], "id": "O-UNKNOWN"})
    before = await stored(three)

    assert (await three.recon(message)).acked
    answer = await three.network.buyer.next_callback(action="on_recon")

    assert set(answer.document) == {"context", "error"}
    assert answer.document["error"]["code"] == "70030"
    assert answer.document["error"]["message"].startswith("message.orders[1].id")
    assert await stored(three) == before


@pytest.mark.parametrize(
    "change",
    [
        {"orders": []},
        {"orders": [{"id": "O1", "amount": {"currency": "INR", "value": "1.00"}, "settlements": []}]},
        {"orders": "all"},
    ],
)
async def test_a_recon_without_the_shape_is_refused(three, change):
    assert told(await three.recon(change)) == (200, "70002")


async def test_a_recon_with_an_amount_below_zero_is_refused(three):
    order_id = await three.sold()
    message = three.books.recon(order_id, three.network.clock())["message"]
    message["orders"][0]["settlements"][0]["amount"]["value"] = "-999999999999.99"
    before = await stored(three)

    assert told(await three.recon(message)) == (200, "70002")
    assert await stored(three) == before


async def test_a_recon_that_calls_settled_what_is_not_and_names_neither_reference_nor_our_address_is_answered(three):
    order_id = await three.sold()
    payload = three.books.recon(order_id, three.network.clock())
    payload["message"]["orders"][0]["settlements"][0]["status"] = "SETTLED"

    assert (await three.recon(payload["message"], bpp_uri=None)).acked
    answer = await three.network.buyer.next_callback(action="on_recon")

    (said,) = answer.message["orders"][0]["settlements"]
    assert (said["status"], said["settlement_ref_no"]) == ("SETTLED", said["id"])
    assert answer.document["context"]["bpp_uri"] == three.network.settings.subscriber_uri
    one = await three.until(order_id, recon="RECEIVED_ACCEPTED", state="PREPARED")
    assert [each["cause"] for each in one["differences"]] == ["status"]


async def test_a_recon_that_does_not_add_up_is_not_agreed_to(three):
    order_id = await three.sold()
    message = three.books.recon(order_id, three.network.clock())["message"]
    message["orders"][0]["amount"]["value"] = "1234.00"

    assert (await three.recon(message)).acked
    (said,) = (await three.network.buyer.next_callback(action="on_recon")).message["orders"]

    assert said["recon_accord"] is False
    assert {each["diff_value"] for each in said["settlements"][0].values() if isinstance(each, dict)} == {"0.00"}
    one = await three.until(order_id, recon="RECEIVED_REJECTED")
    named = [("order_amount", "1234.00")]
    assert [(each["cause"], each["theirs"]) for each in one["differences"]] == named

    status, run = await three.network.call("POST", "/settlement/run", {})
    await three.rested()
    kept = await three.until(order_id)
    assert (status, run["stage"]) == (202, "prepare")
    assert (kept["recon"], kept["waits"]) == ("RECEIVED_REJECTED", True), "a run decides nothing for people"
    assert [(each["cause"], each["theirs"]) for each in kept["differences"]] == named


async def test_an_answer_to_a_recon_that_was_never_sent_is_refused(three):
    order_id = await three.sold()
    message = three.books.recon(order_id, three.network.clock())["message"]
    before = await stored(three)

    said = await three.network.buyer.send("on_recon", message, context=CONTEXT)

    assert told(said) == (200, "70029")
    assert await stored(three) == before


async def test_a_settle_that_the_agency_refuses_waits_for_people(three):
    three.agency.answers["settle"] = (200, nacked("70011").body)
    order_id = await three.sold()
    await three.later(24)

    one = await three.until(order_id, state="NOT_SETTLED")

    assert (one["code"], one["waits"], one["says"]) == ("70011", True, "The agency does not know the collector.")


async def test_what_waited_for_people_is_filed_again_when_they_say_so_and_nothing_else_is(three):
    three.agency.answers["settle"] = (200, nacked("70011").body)
    order_id = await three.sold()
    three.buyer_files(order_id)
    await three.later(24)
    one = await three.until(order_id, state="NOT_SETTLED")
    await three.hears("settle")
    del three.agency.answers["settle"]

    status, again = await three.network.call("POST", f"/settlements/{one['id']}/retry", {})
    assert (status, again["state"], again["waits"]) == (200, "PREPARED", False)
    assert (await three.network.call("POST", f"/settlements/{one['id']}/retry", {}))[0] == CONFLICT
    await three.later(1 / 60)  # the run that filed it is over: else it would be that one that goes on
    assert (await three.network.call("POST", "/settlement/run", {}))[0] == 202

    assert await three.answers(await three.hears("settle")) == ACKED
    settled = await three.until(order_id, state="SETTLED")
    assert (settled["attempts"], (await three.balances())["samiti:bank"]) == (2, "191.96")


async def test_a_settle_that_does_not_arrive_for_a_day_is_filed_again(three):
    three.agency.answers["settle"] = (503, b"")
    order_id = await three.sold()
    await three.later(24)
    await three.hears("settle")
    await three.later(25)
    await three.until(order_id, attempts=1, code="503")
    await three.later()
    await three.until(order_id, state="PREPARED")
    del three.agency.answers["settle"]
    three.taken = len(three.agency.received)

    three.buyer_files(order_id)
    await three.later(24)

    again = await three.hears("settle")
    assert await three.answers(again) == ACKED
    assert (await three.until(order_id, state="SETTLED"))["attempts"] == 2


async def test_a_buyer_app_that_answers_no_recon_is_asked_thrice_and_then_complained_of(three):
    three.network.buyer.always("recon", nacked("70002"))
    order_id = await three.sold()
    three.books.orders[order_id].fee += 2000
    await three.filed(order_id)

    for count in range(1, 4):
        await three.later()
        await three.network.buyer.next_callback(action="recon")
        await three.until(order_id, state="IN_RECON", recon="ERROR", code="70002")
        assert count <= 3
    await three.later(25)

    issue = (await three.network.buyer.next_callback(action="issue")).message["issue"]
    assert {"ref_id": order_id, "ref_type": "ORDER"} in issue["refs"]
    one = await three.until(order_id, issue_id=issue["id"])
    assert [each["cause"] for each in one["differences"]] == ["unanswered"]


async def test_an_error_to_our_recon_is_noted(three):
    order_id = await three.sold()
    three.books.orders[order_id].fee += 2000
    await three.filed(order_id)
    await three.later()
    asked = await three.network.buyer.next_callback(action="recon")
    error = {"error": {"code": "70030", "message": "Invalid Order Id"}}

    assert (await three.on_recon(asked, error)).acked

    assert (await three.until(order_id, recon="ERROR"))["code"] == "70030"


async def test_nothing_is_conceded_or_compared_that_the_state_does_not_allow(three):
    order_id = await three.sold()
    await three.filed(order_id)
    one = await three.until(order_id, state="SETTLED")

    status, answer = await three.network.call("POST", f"/settlements/{one['id']}/concede", {})

    assert (status, answer["error"]["code"]) == (CONFLICT, "not_allowed")
    assert (await three.network.call("POST", "/settlements/none/recon", {}))[0] == 404


async def test_an_accountant_compares_and_runs_without_waiting_for_the_day(three):
    order_id = await three.sold()
    await three.later()
    status, run = await three.network.call("POST", "/settlement/run", {})
    assert (status, run["stage"]) == (202, "prepare")
    one = await three.until(order_id, state="PREPARED")

    status, _ = await three.network.call("POST", f"/settlements/{one['id']}/recon", {})
    asked = await three.network.buyer.next_callback(action="recon")
    again = await three.network.call("POST", f"/settlements/{one['id']}/recon", {})

    assert (status, again[0]) == (200, CONFLICT)
    answer = three.books.answers(asked.document, three.network.clock())
    assert (await three.on_recon(asked, answer)).acked
    await three.until(order_id, recon="SENT_ACCEPTED")
    _, standing = await three.network.call("GET", "/settlement")
    assert (standing["mode"], standing["agency"], standing["counts"]) == (
        "messages",
        "agency.sandbox.example",
        [{"state": "PREPARED", "recon": "SENT_ACCEPTED", "count": 1}],
    )


async def test_settlement_that_is_off_answers_buyer_apps_and_files_nothing(sqlite_url, tmp_path, clock):
    async with settling(sqlite_url, tmp_path, clock, BPP_SETTLEMENT="off") as three:
        order_id = await three.sold()
        await three.later(24)
        message = three.books.recon(order_id, three.network.clock())["message"]

        assert (await three.recon(message)).acked
        (said,) = (await three.network.buyer.next_callback(action="on_recon")).message["orders"]

        assert said["recon_accord"] is True
        status, answer = await three.network.call("POST", "/settlement/run", {})
        assert (status, answer["error"]["code"]) == (CONFLICT, "settlement_off")
        assert three.agency.received == []


async def test_an_agency_that_exchanges_files_is_given_one_and_answers_by_one(sqlite_url, tmp_path, clock):
    async with settling(sqlite_url, tmp_path, clock, BPP_SETTLEMENT="files") as three:
        order_id = await three.sold()
        await three.later(24)
        one = await three.until(order_id, state="PENDING")
        head, line = (await file_of(three, "/settlement/filings.csv?from=2026-11-24&until=2026-11-24")).splitlines()
        row = dict(zip(head.split(","), line.split(","), strict=True))
        assert (row["order_id"], row["inter_participant_amount"], row["collector_amount"]) == (
            order_id,
            "191.96",
            "7.04",
        )
        names = ("transaction_id", "message_id", "settlement_id", "order_id")
        said = [
            ",".join((*names, "status", "reference_no")),
            ",".join((*(row[name] for name in names), "SETTLED", "U1")),
        ]

        unknown = await sent(three, "\n".join([said[0], said[1].replace(row["transaction_id"], "T-NONE")]))
        assert (unknown[0], unknown[1]["error"]["code"]) == (UNPROCESSABLE, "answer_refused")
        assert (await sent(three, "what is this"))[1]["error"]["code"] == "unreadable"
        assert await three.until(order_id) == one
        assert await sent(three, "\n".join(said)) == (200, {"settles": 1, "settled": 1, "not_settled": 0})

        assert (await three.until(order_id, state="SETTLED"))["reference_no"] == "U1"
        assert (await three.balances())["samiti:bank"] == "191.96"
        assert three.agency.received == []


async def file_of(three: Settling, path: str) -> str:
    headers = {"Authorization": "Bearer operator-token-of-a-test"}
    async with three.network.session.get(f"{three.network.url}/api/v1{path}", headers=headers) as answer:
        return await answer.text()


async def sent(three: Settling, text: str) -> tuple[int, Json]:
    headers = {"Authorization": "Bearer operator-token-of-a-test", "Content-Type": "text/csv"}
    url = f"{three.network.url}/api/v1/settlement/answers"
    async with three.network.session.post(url, data=text.encode(), headers=headers) as answer:
        return answer.status, await answer.json()

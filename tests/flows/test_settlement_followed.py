"""What moves while a settlement is on its way, and what nobody answers: nothing is lost, and nothing is said twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bpp.sandbox.exchange import nacked
from tests.support.clock import FakeClock
from tests.support.deliveries import judged
from tests.support.settling import ACKED, Settling, settling

OK = 200
HALF = {"event": "refund", "amount": "99.50", "reason": "it still drips"}
TODAY = "/settlement/filings?from=2026-11-23&until=2026-11-24"


@pytest.fixture
async def three(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Settling]:
    """Server, agency and buyer app, on a Monday at 09:00."""
    async with settling(sqlite_url, tmp_path, clock) as running:
        yield running


@pytest.fixture
async def three_on_each(database_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Settling]:
    """The same on SQLite and on PostgreSQL."""
    async with settling(database_url, tmp_path, clock) as running:
        yield running


async def refunded(three: Settling, order_id: str) -> None:
    """Half of the order is given back to the consumer by the buyer app."""
    ref = (await three.until(order_id))["order_ref"]
    assert (await three.network.call("POST", f"/orders/{ref}/events", HALF))[0] == OK
    three.books.orders[order_id].back += 9950


async def say(three: Settling, settle: dict[str, Any], code: str = "", **leg: str) -> None:
    """The agency's answer to a settle with another leg between the participants, and an error beside it."""
    answer = three.judge.on_settle(settle, three.buyer_id)
    answer["context"] |= {"timestamp": three.now()}
    order = answer["message"]["settlement"]["orders"][0]
    order["inter_participant"] |= leg
    if code:
        order["error"] = {"code": code, "message": "no"}
    assert await three.says(answer) == ACKED


async def test_a_refund_that_comes_while_the_sale_is_with_the_agency_is_prepared_as_soon_as_that_is_settled(
    three_on_each,
):
    three = three_on_each
    order_id = await three.sold()
    settle, _ = await three.filed(order_id, answered=False)
    await three.until(order_id, state="PENDING")
    await refunded(three, order_id)

    assert await three.answers(settle) == ACKED

    refund = await three.until(order_id, number=2, state="PREPARED")
    assert refund["figures"]["amount"] == "99.50"


async def test_a_recon_compares_by_the_books_as_they_are_then(three):
    order_id = await three.sold()
    settle, _ = await three.filed(order_id, answered=False)
    await three.until(order_id, state="PENDING")
    await refunded(three, order_id)
    await say(three, settle, "70024", status="NOT_SETTLED")
    await three.until(order_id, state="NOT_SETTLED")
    await three.later()

    asked = await three.network.buyer.next_callback(action="recon")

    assert asked.message["orders"][0]["settlements"][0]["amount"]["value"] == "92.46"


async def test_money_that_moved_after_the_agency_had_said_no_is_in_the_books_and_not_filed_again(three_on_each):
    three = three_on_each
    order_id = await three.sold()
    settle, _ = await three.filed(order_id, answered=False)
    await three.later(7)
    report = await three.hears("report")
    late = three.judge.on_settle(settle, three.buyer_id, action="on_report")
    await say(three, settle, "70022", status="NOT_SETTLED")
    await three.until(order_id, state="NOT_SETTLED")

    late["context"] |= {"timestamp": three.now(), "message_id": report["context"]["message_id"]}
    assert await three.says(late) == ACKED

    one = await three.until(order_id, state="SETTLED")
    assert (one["settled"], one["order"], one["differences"]) == ("191.96", "DONE", [])
    assert (await three.balances())["samiti:bank"] == "191.96"
    await three.later(48)
    assert (await three.until(order_id))["attempts"] == 1


async def test_a_settle_that_was_answered_stays_so_when_its_repetition_is_refused(three):
    three.agency.answers["settle"] = (503, b"")  # it is taken in, and the acknowledgement is lost
    order_id = await three.sold()
    settle, _ = await three.filed(order_id, answered=True)
    await three.until(order_id, state="SETTLED")
    await judged(three.network, "settle")
    three.agency.answers["settle"] = (200, nacked("70007").body)
    await three.later()

    assert (await judged(three.network, "settle", attempts=2)).state == "refused"

    _, page = await three.network.call("GET", TODAY)
    assert [(one["message_id"], one["answer"]) for one in page["items"]] == [
        (settle["context"]["message_id"], "SETTLED")
    ]
    assert (await three.until(order_id))["state"] == "SETTLED"


async def test_a_sale_and_its_refund_under_one_reference_of_the_agency_are_both_in_the_books(three):
    order_id = await three.sold()
    settle, _ = await three.filed(order_id, answered=False)
    await say(three, settle, reference_no="UTR-ONE")
    await three.until(order_id, state="SETTLED")
    three.books.moved(order_id, 19196)
    await refunded(three, order_id)
    await three.later(24)
    asked = await three.network.buyer.next_callback(action="recon")
    assert (await three.on_recon(asked, three.books.answers(asked.document, three.network.clock()))).acked
    await three.until(order_id, number=2, recon="SENT_ACCEPTED")
    await three.later(24)

    await say(three, await three.hears("settle"), reference_no="UTR-ONE")

    await three.until(order_id, number=2, state="SETTLED")
    assert (await three.balances())["samiti:bank"] == "92.46"


async def test_what_an_accountant_recorded_otherwise_under_the_reference_has_a_name(three):
    order_id = await three.sold()
    settle, _ = await three.filed(order_id, answered=False)
    receipt = {"kind": "buyer_app_settlement", "payer": three.buyer_id, "amount": "100.00"}
    status, _ = await three.network.call("POST", "/receipts", {**receipt, "reference": f"UTR-X/{order_id}"})
    assert status == 201

    await say(three, settle, reference_no="UTR-X")

    one = await three.until(order_id, state="SETTLED")
    named = [(each["cause"], each["ours"], each["theirs"]) for each in one["differences"]]
    assert named == [("recorded", "100.00", "191.96")]
    assert (await three.balances())["samiti:bank"] == "100.00"


async def test_an_own_payout_and_a_nil_that_nobody_answers_are_reported_on_until_one_does(
    database_url, tmp_path, clock
):
    async with settling(database_url, tmp_path, clock, BPP_SETTLEMENT_NIL="true") as three:
        nothing = await three.hears("settle")
        await three.network.call("POST", "/settlement/own-payouts", {"amount": "2000"})
        own = await three.hears("settle")
        await three.later(7)

        reports = [await three.hears("report"), await three.hears("report")]

        asked = {one["message"]["ref_message_id"]: one for one in reports}
        assert set(asked) == {one["context"]["message_id"] for one in (nothing, own)}
        for settle in (nothing, own):
            report = asked[settle["context"]["message_id"]]
            told = await three.answers(settle, "on_report", message_id=report["context"]["message_id"])
            assert told == ACKED
        _, page = await three.network.call("GET", TODAY)
        assert [(one["kind"], one["answer"]) for one in page["items"]] == [("NIL", "ACCEPTED"), ("MISC", "SETTLED")]
        await three.later(7)
        await three.network.call("POST", "/settlement/own-payouts", {"amount": "1"})
        await three.hears("settle")
        assert [one.action for one in three.agency.received].count("report") == 2, "no more of what was answered"


async def test_nothing_is_not_filed_on_a_day_on_which_something_was(sqlite_url, tmp_path, clock):
    async with settling(sqlite_url, tmp_path, clock, BPP_SETTLEMENT_NIL="true") as three:
        await three.hears("settle")
        order_id = await three.sold()
        await three.filed(order_id)
        await three.until(order_id, state="SETTLED")
        three.network.clock.tick(minutes=1)

        status, run = await three.network.call("POST", "/settlement/run", {})
        assert status == 202
        while run["ended_at"] is None:
            _, standing = await three.network.call("GET", "/settlement")
            run = standing["run"]

        _, page = await three.network.call("GET", TODAY)
        assert [one["kind"] for one in page["items"]] == ["NIL", "NP-NP"]


async def test_what_was_done_before_the_day_on_which_settlement_begins_is_not_filed(sqlite_url, tmp_path, clock):
    async with settling(sqlite_url, tmp_path, clock, BPP_SETTLEMENT_FROM="2026-11-24") as three:
        before = await three.sold()
        await three.later(24)
        after = await three.sold()
        await three.later(24)

        settle = await three.hears("settle")

    assert before != after
    assert [one["id"] for one in settle["message"]["settlement"]["orders"]] == [after]

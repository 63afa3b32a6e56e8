"""Settlement over real sockets: the five flows with a buyer app and a settlement agency that share no code with us.

Amounts of an order of 199.00: the buyer app's fee is three per cent with 18 per cent tax on it, 7.04; the rest moves.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beckn_schemas.rsf_context import Participant
from bpp.actions.settlement_run import begin, stepped
from bpp.settlement.terms import Run, Terms
from bpp.storage.ports import Work
from tests.support.clock import FakeClock
from tests.support.settling import ACKED, AGENCY, Settling, settling

OK, CREATED, ACCEPTED, CONFLICT = 200, 201, 202, 409
WORKED = {"provider:wallet": "-190.95", "tax:tcs": "-0.84", "tax:tds": "-0.17"}
"""What an order leaves in the books that is none of the buyer app's matter."""


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


def shares(order: dict[str, Any]) -> tuple[str, ...]:
    """What moves, what the collector keeps, what is ours."""
    return tuple(order[name]["amount"]["value"] for name in ("inter_participant", "collector", "self"))


async def test_both_sides_file_the_same_and_the_money_is_in_the_books(three_on_each):
    three = three_on_each
    order_id = await three.sold()
    assert await three.balances() == {
        **WORKED,
        "buyer_app:collected": "199.00",
        "buyer_app:finder_fee": "-5.97",
        "buyer_app:finder_fee_gst": "-1.07",
    }

    settle, order = await three.filed(order_id)

    assert (settle["context"]["bap_id"], settle["context"]["bpp_id"]) == (
        three.network.settings.subscriber_id,
        "agency.sandbox.example",
    )
    assert shares(order) == ("191.96", "7.04", "191.96")
    one = await three.until(order_id, state="SETTLED")
    assert (one["settled"], one["order"], one["differences"]) == ("191.96", "DONE", [])
    assert await three.balances() == {**WORKED, "samiti:bank": "191.96"}


async def test_an_agency_that_is_silent_is_asked_and_its_report_settles(three):
    order_id = await three.sold()
    settle, _ = await three.filed(order_id, answered=False)

    await three.later(7)
    report = await three.hears("report")

    assert report["message"] == {
        "ref_transaction_id": settle["context"]["transaction_id"],
        "ref_message_id": settle["context"]["message_id"],
    }
    assert report["context"]["transaction_id"] == settle["context"]["transaction_id"]
    told = await three.answers(settle, "on_report", message_id=report["context"]["message_id"])
    assert told == ACKED
    await three.until(order_id, state="SETTLED")
    assert await three.answers(settle) == ACKED, "the answer to the settle, after all"
    assert await three.balances() == {**WORKED, "samiti:bank": "191.96"}


async def test_a_mismatch_is_compared_agreed_upon_and_filed_again_under_the_same_settlement(three_on_each):
    three = three_on_each
    order_id = await three.sold()
    account = three.books.orders[order_id]
    account.fee += 2000  # it filed a wrong fee
    first, _ = await three.filed(order_id)
    await three.until(order_id, state="NOT_SETTLED", code="70024")

    await three.later()
    asked = await three.network.buyer.next_callback(action="recon")
    (said,) = asked.message["orders"]
    (line,) = said["settlements"]
    assert (said["amount"]["value"], line["amount"]["value"], line["commission"]["value"], line["status"]) == (
        "199.00",
        "191.96",
        "7.04",
        "PENDING",
    )
    account.fee -= 2000  # and sees it now
    answer = three.books.answers(asked.document, three.network.clock())
    assert (await three.on_recon(asked, answer)).acked
    await three.until(order_id, state="PREPARED", recon="SENT_ACCEPTED")

    second, order = await three.filed(order_id)
    assert shares(order) == ("191.96", "7.04", "191.96")
    assert second["message"]["settlement"]["id"] == first["message"]["settlement"]["id"]
    assert second["context"]["transaction_id"] == first["context"]["transaction_id"]
    assert second["context"]["message_id"] != first["context"]["message_id"]
    await three.until(order_id, state="SETTLED")
    assert await three.balances() == {**WORKED, "samiti:bank": "191.96"}


async def test_a_dispute_is_conceded_by_an_accountant_and_stays_open_under_its_name(three):
    order_id = await three.sold()
    three.books.orders[order_id].fee += 2000
    await three.filed(order_id)
    await three.later()
    asked = await three.network.buyer.next_callback(action="recon")

    answer = three.books.answers(asked.document, three.network.clock())
    assert (await three.on_recon(asked, answer)).acked

    one = await three.until(order_id, state="IN_RECON", recon="SENT_REJECTED")
    assert (one["counter"]["amount"], one["counter"]["commission"], one["waits"]) == ("171.96", "27.04", True)
    status, conceded = await three.network.call("POST", f"/settlements/{one['id']}/concede", {})
    assert conceded["waits"] is False, "nobody has anything left to decide"
    assert (status, conceded["figures"]["amount"], conceded["state"]) == (OK, "171.96", "PREPARED")
    _, order = await three.filed(order_id)
    assert shares(order) == ("171.96", "27.04", "171.96")
    settled = await three.until(order_id, state="SETTLED")
    named = {(each["cause"], each["field"], each["ours"], each["theirs"]) for each in settled["differences"]}
    assert named == {("conceded", "amount", "191.96", "171.96"), ("conceded", "commission", "7.04", "27.04")}
    assert await three.balances() == {**WORKED, "samiti:bank": "171.96", "buyer_app:collected": "20.00"}


async def test_a_buyer_app_that_compares_is_answered_with_our_amounts_and_by_how_much_its_own_differ(three):
    order_id = await three.sold()
    three.books.orders[order_id].fee += 2000
    payload = three.books.recon(order_id, three.network.clock())

    assert (await three.recon(payload["message"])).acked
    (said,) = (await three.network.buyer.next_callback(action="on_recon")).message["orders"]

    (line,) = said["settlements"]
    assert said["recon_accord"] is False
    assert line["amount"] == {"currency": "INR", "value": "191.96", "diff_value": "20.00"}
    assert line["commission"] == {"currency": "INR", "value": "7.04", "diff_value": "20.00"}
    assert line["tcs"] == {"currency": "INR", "value": "0.00", "diff_value": "0.00"}
    await three.until(order_id, recon="RECEIVED_REJECTED", state="PREPARED")

    three.books.orders[order_id].fee -= 2000
    payload = three.books.recon(order_id, three.network.clock())
    three.network.clock.tick(minutes=1)
    assert (await three.recon(payload["message"])).acked
    (said,) = (await three.network.buyer.next_callback(action="on_recon")).message["orders"]
    assert (said["recon_accord"], said["settlements"][0]["due_date"]) == (True, "2026-11-24")
    await three.until(order_id, recon="RECEIVED_ACCEPTED")


async def test_an_own_payout_and_a_day_without_anything_are_filed(sqlite_url, tmp_path, clock):
    async with settling(sqlite_url, tmp_path, clock, BPP_SETTLEMENT_NIL="true") as three:
        nothing = await three.hears("settle")
        assert nothing["message"] == {"settlement": {"type": "NIL"}}
        assert await three.answers(nothing) == ACKED

        status, filed = await three.network.call("POST", "/settlement/own-payouts", {"amount": "2000"})
        own = await three.hears("settle")

        assert (status, filed["kind"], filed["answer"]) == (CREATED, "MISC", "")
        assert own["message"]["settlement"]["type"] == "MISC"
        assert own["message"]["settlement"]["orders"] == [{"self": {"amount": {"currency": "INR", "value": "2000.00"}}}]
        assert await three.answers(own) == ACKED
        _, page = await three.network.call("GET", "/settlement/filings?from=2026-11-23&until=2026-11-23")
        assert [(one["kind"], one["answer"]) for one in page["items"]] == [("NIL", "ACCEPTED"), ("MISC", "SETTLED")]
        assert await three.balances() == {}


async def test_a_refund_after_the_settlement_is_agreed_upon_and_filed_by_us(three):
    order_id = await three.sold()
    await three.filed(order_id)
    await three.until(order_id, state="SETTLED")
    three.books.moved(order_id, 19196)

    ref = (await three.until(order_id))["order_ref"]
    status, _ = await three.network.call(
        "POST", f"/orders/{ref}/events", {"event": "refund", "amount": "99.50", "reason": "it still drips"}
    )
    assert status == OK
    three.books.orders[order_id].back += 9950
    await three.later(24)
    asked = await three.network.buyer.next_callback(action="recon")
    sale, refund = asked.message["orders"][0]["settlements"]
    assert (sale["status"], sale["settlement_ref_no"]) == ("SETTLED", "UTR-1")
    assert (refund["status"], refund["amount"]["value"]) == ("TO_BE_INITIATED", "99.50")
    answer = three.books.answers(asked.document, three.network.clock())
    assert (await three.on_recon(asked, answer)).acked
    await three.until(order_id, number=2, recon="SENT_ACCEPTED")

    await three.later(24)
    settle = await three.hears("settle")
    assert shares(settle["message"]["settlement"]["orders"][0]) == ("99.50", "0.00", "0.00")
    assert await three.answers(settle) == ACKED
    await three.until(order_id, number=2, state="SETTLED")
    after = await three.balances()
    assert after["samiti:bank"] == "92.46"
    assert {name for name in after if name.startswith("buyer_app")} == set()


async def test_a_day_of_more_orders_than_a_step_takes_is_filed_step_by_step_each_order_once(
    sqlite_url, tmp_path, clock
):
    async with settling(sqlite_url, tmp_path, clock, BPP_SETTLEMENT="off") as three:
        orders = [await three.sold() for _ in range(3)]
        for order_id in orders:
            three.buyer_files(order_id)
        await three.later(24)
        terms = Terms(mode="messages", agency=Participant(AGENCY.subscriber_id, three.agency.url), page=2)
        context = three.network.context

        async def unit(work: Work, run: Run | None) -> Run:
            world = await context.worlds.current(work)
            world = replace(world, rules=replace(world.rules, settlement=terms))
            return await begin(work, world) if run is None else await stepped(run, work, world)

        steps = [await context.storage.run(lambda work: unit(work, None))]
        while steps[-1].stage != "done":
            steps.append(await context.storage.run(lambda work: unit(work, steps[-1])))

        assert [one.stage for one in steps[1:]] == ["prepare", "file", "file", "follow", "follow", "done"]
        assert (steps[-1].prepared, steps[-1].filed) == (3, 3)
        settles = [await three.hears("settle"), await three.hears("settle")]
        filed = [order["id"] for one in settles for order in one["message"]["settlement"]["orders"]]
        assert sorted(filed) == sorted(orders)
        assert len({one["message"]["settlement"]["id"] for one in settles}) == 2
        for one in settles:
            assert await three.answers(one) == ACKED
        for order_id in orders:
            await three.until(order_id, state="SETTLED")
        assert (await three.balances())["samiti:bank"] == "575.88"

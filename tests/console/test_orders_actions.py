"""What is done to an order from its page: one click, one confirmation, the charge said first, and once."""

from __future__ import annotations

import asyncio
import re

import pytest

from bpp.console.orders.actions import ACTIONS
from bpp.people.model import Role
from tests.support.console import signed_in
from tests.support.network import otp_of
from tests.support.orders_console import by_telephone, did, of_buyer_app, offered, opened, seat


def in_it(pattern: str, text: str) -> str:
    """What the first group of a pattern is in a text."""
    found = re.search(pattern, text)
    assert found, pattern
    return found[1]


async def events(network, ref):
    """The names of what happened to an order."""
    _, order = await network.call("GET", f"/orders/{ref}")
    return [one["name"] for one in order["timeline"] if one["kind"] == "event"]


async def test_an_order_by_telephone_goes_its_whole_way_from_its_page(network):
    ref = await by_telephone(network)
    async with signed_in(network, Role.OPERATOR) as visitor:
        candidates = await opened(visitor, ref, "assign")
        assert "Bharat Demo" in candidates.words
        other = in_it(r'<option value="([^"]+)">Bharat Demo', candidates.text)
        assert "A worker is assigned." in (await did(visitor, ref, "assign", worker_id=other)).words
        again = await did(visitor, ref, "reassign", reason="ill")
        assert "Somebody else was looked for" in again.words
        assert "Bharat Demo" not in again.words.split("Customer")[0], "he dropped out"
        assert (await did(visitor, ref, "depart")).status == 200
        assert (await did(visitor, ref, "arrive")).status == 200

        told = await did(visitor, ref, "otp")
        token = in_it(r"OTP for the customer: (\d+)", told.words)
        wrong = await did(visitor, ref, "start", otp="0000" if token != "0000" else "0001")
        assert wrong.status == 422
        assert "The OTP was wrong and is void." in wrong.words
        assert "The OTP did not fit; the work did not begin." in (await opened(visitor, ref)).words
        told = await did(visitor, ref, "otp")
        token = in_it(r"OTP for the customer: (\d+)", told.words)
        assert "The work has begun." in (await did(visitor, ref, "start", otp=token)).words
        network.clock.tick(minutes=5)

        quoted = await did(visitor, ref, "requote", title_1="Putty", price_1="150.00", count_1="2")
        assert "₹300.00: Putty × 2" in quoted.words
        assert "The quotation is taken." in (await did(visitor, ref, "accept_quote")).words
        assert "Noted: the work is done." in (await did(visitor, ref, "complete")).words
        rated = await did(visitor, ref, "rate", provider_stars="5", worker_stars="4", feedback="Very clean")
        assert "The rating is kept." in rated.words
        assert "Worker 4 / 5" in rated.words
        assert "Provider 5 / 5" in rated.words

    assert (await events(network, ref))[1:] == [
        "assign", "reassign", "depart", "arrive", "otp_told", "start", "otp_told", "start", "requote", "accept_quote",
        "complete",
    ]  # fmt: skip
    review = await network.call("GET", f"/ratings/{ref}")
    assert [one["value"] for one in review[1]["values"]] == [4, 5]


async def test_the_otp_stands_on_the_page_only_for_whoever_was_told_it(network):
    ref = await by_telephone(network)
    for event in ("depart", "arrive"):
        await network.call("POST", f"/orders/{ref}/events", {"event": event})
    async with signed_in(network, Role.OPERATOR) as visitor:
        assert "OTP for the customer" not in (await visitor.get(f"/console/orders/{ref}?did=order-otp")).words
        assert "OTP for the customer" in (await did(visitor, ref, "otp")).words
        assert "OTP for the customer" in (await opened(visitor, ref)).words
    async with signed_in(network, Role.OPERATOR, login="second") as visitor:
        assert "OTP for the customer" not in (await opened(visitor, ref)).words
    async with signed_in(network, Role.PROVIDER, **await seat(network, Role.PROVIDER, ref)) as visitor:
        assert "OTP for the customer" not in (await opened(visitor, ref)).words
        assert (await opened(visitor, ref, "otp")).status == 403


async def test_a_customer_of_a_buyer_app_gets_a_new_otp_there_and_nobody_reads_it_out(network):
    ref, confirmed = await of_buyer_app(network)
    await network.pushed(confirmed, "depart")
    arrived = await network.pushed(confirmed, "arrive")
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await opened(visitor, ref)
        assert "otp" not in offered(page, ref)
        renewed = await did(visitor, ref, "renew_otp")
    again = await network.buyer.next_callback(confirmed.transaction_id)

    assert "There is a new OTP; the old one is void." in renewed.words
    assert otp_of(again) != otp_of(arrived)


async def test_only_an_administrator_starts_the_work_without_the_otp_and_says_why(network):
    ref = await by_telephone(network)
    for event in ("depart", "arrive"):
        await network.call("POST", f"/orders/{ref}/events", {"event": event})
    async with signed_in(network, Role.OPERATOR) as visitor:
        assert (await opened(visitor, ref, "override")).status == 403
    async with signed_in(network, Role.ADMIN) as visitor:
        empty = await did(visitor, ref, "override")
        started = await did(visitor, ref, "override", reason="known by sight")

    assert (empty.status, started.status) == (422, 200)
    assert "Please fill this in." in empty.words
    assert "Started without the OTP because known by sight" in started.words


@pytest.mark.parametrize(("name", "by"), [("cancel", "Customer"), ("give_up", "Provider")])
async def test_the_charge_is_said_before_an_order_is_cancelled_and_the_reason_is_told(network, name, by):
    ref, confirmed = await of_buyer_app(network)
    async with signed_in(network, Role.OPERATOR) as visitor:
        asked = await opened(visitor, ref, name)
        code = {"cancel": "012", "give_up": "011"}[name]
        gone = await did(visitor, ref, name, reason=code)
        nothing = await opened(visitor, ref, name)

    assert "Cancelling costs Rs 0.00 now; Rs 199.00 come back." in asked.words
    assert "The order is cancelled." in gone.words
    assert {"012": "not needed any more", "011": "the customer cannot be reached"}[code] in gone.words
    assert f"order was cancelled by the {by.lower()}" in gone.words
    assert "This is not possible as things stand now." in nothing.words
    told = await network.buyer.next_callback(confirmed.transaction_id, "on_cancel")
    assert told.order["cancellation"]["reason"]["descriptor"]["code"] == code


async def test_a_charge_that_has_changed_since_it_was_said_is_said_anew_and_nothing_is_done(network):
    ref, confirmed = await of_buyer_app(network)
    async with signed_in(network, Role.OPERATOR) as visitor:
        asked = await opened(visitor, ref, "cancel")
        await network.pushed(confirmed, "depart")
        refused = await visitor.send(asked, "/cancel", reason="006", own_words="the dog is ill")
        later = await visitor.send(refused, "/cancel")

    assert refused.status == 409
    assert "The charge has changed in the meantime." in refused.words
    assert "Cancelling costs Rs 0.00" not in refused.words
    assert 'value="the dog is ill"' in refused.text, "what was typed stands there"
    assert '<option value="006" selected>' in refused.text
    assert "The order is cancelled." in later.words


@pytest.mark.parametrize("name", ["reschedule", "move"])
async def test_a_visit_is_moved_to_a_free_time_after_the_charge_was_said(network, name):
    ref = await by_telephone(network, slot=20)
    async with signed_in(network, Role.OPERATOR) as visitor:
        asked = await opened(visitor, ref, name)
        starts = re.findall(r'<option value="([^"]+)"', asked.text)
        moved = await did(visitor, ref, name, start=starts[-1])
        wrong = await did(visitor, ref, name, start="2020-01-01T04:30:00.000Z")

    assert "Another time costs Rs 0.00 now." in asked.words
    assert "The visit is moved." in moved.words
    assert wrong.status == 422
    assert "Please choose another one." in wrong.words
    _, order = await network.call("GET", f"/orders/{ref}")
    assert order["slot_start"] == starts[-1]


async def test_what_nobody_can_do_is_not_asked_whether_it_is_sure(network):
    ref = await by_telephone(network, item="INDIRA-PAINT", payment="PRE-FULFILLMENT")
    _, order = await network.call("GET", f"/orders/{ref}")
    status, _ = await network.call("POST", f"/workers/{order['worker_id']}/availability", {"available": False})
    async with signed_in(network, Role.OPERATOR) as visitor:
        asked = await opened(visitor, ref, "assign")

    assert status == 200
    assert "Nobody of the provider is free at that time." in asked.words
    assert "Back to the order" in asked.words
    assert "Yes, send" not in asked.words


async def test_what_is_sent_twice_is_done_once(network):
    ref = await by_telephone(network)
    async with signed_in(network, Role.OPERATOR) as visitor:
        where, fields = (await opened(visitor, ref, "complain")).form("/complain")
        filled = {**fields, "complaint": "It drips"}
        pages = await asyncio.gather(*(visitor.post(where, filled) for _ in range(3)))

    assert {page.status for page in pages} == {200}
    assert len((await network.call("GET", "/tickets"))[1]["items"]) == 1


async def test_a_payment_is_noted_with_its_number(network):
    ref = await by_telephone(network, payment="PRE-FULFILLMENT")
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        asked = await opened(visitor, ref, "pay")
        payment = in_it(r'<option value="([^"]+)"', asked.text)
        empty = await did(visitor, ref, "pay")
        paid = await did(visitor, ref, "pay", payment_id=payment, transaction_id="UPI-4711")

    assert "₹199.00, In advance" in asked.words
    assert empty.status == 422
    assert "A payment came in." in paid.words
    assert "Number UPI-4711" in paid.words


async def test_an_order_that_waits_for_the_provider_is_accepted_or_declined_by_it(network):
    await network.call("PATCH", "/providers/P-GOMTI", {"acceptance": "manual"})
    taken = await by_telephone(network)
    refused = await by_telephone(network, slot=3)
    async with signed_in(network, Role.PROVIDER, **await seat(network, Role.PROVIDER, taken)) as visitor:
        assert set(offered(await opened(visitor, taken), taken)) == {"accept", "decline", "give_up"}
        accepted = await did(visitor, taken, "accept")
        asked = await opened(visitor, refused, "decline")
        declined = await did(visitor, refused, "decline", reason="024")

    assert "The provider accepted the order." in accepted.words
    assert "a customer without one has to be told" in accepted.words, "nobody sends those a message"
    assert "buyer app" not in asked.words
    assert "more orders than can be done" in declined.words
    states = [(await network.call("GET", f"/orders/{one}"))[1]["order_status"] for one in (taken, refused)]
    assert states == ["ACCEPTED", "CANCELLED"]


async def test_a_quotation_with_half_a_line_is_not_sent_and_stays_typed(network):
    ref = await by_telephone(network)
    async with signed_in(network, Role.OPERATOR, "hi") as visitor:
        half = await did(visitor, ref, "requote", title_1="Putty", price_1="150.00", title_2="Primer")
        bad = await did(visitor, ref, "requote", title_1="Putty", price_1="1,5.0.0")

        long = await did(visitor, ref, "complain", complaint="x" * 1001)

    assert (half.status, bad.status, long.status) == (422, 422, 422)
    assert "हर पंक्ति में नाम और दाम दोनों लिखना ज़रूरी है।" in half.words
    assert "expected" not in half.words + bad.words, "nothing English of ours"
    assert 'aria-invalid="true" aria-describedby="wrong-complaint hint-complaint"' in long.text
    assert 'value="Primer"' in half.text
    assert (await events(network, ref)).count("requote") == 0


async def test_a_refused_quotation_is_told_with_its_reason(network):
    ref, confirmed = await of_buyer_app(network)
    await network.pushed(confirmed, "requote", lines=[{"title": "Putty", "price": "150.00"}])
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await did(visitor, ref, "reject_quote", reason="too dear")

    assert "The customer refused the quotation." in page.words
    assert "too dear" in page.words
    assert "refused valid until" in page.words


async def test_a_visit_without_a_worker_waits_for_one(network):
    ref = await by_telephone(network)
    async with signed_in(network, Role.OPERATOR) as visitor:
        page = await did(visitor, ref, "unassign", reason="declined")

    assert "nobody yet" in page.words
    assert "No worker chosen" in page.words


@pytest.mark.parametrize("role", list(Role))
async def test_what_a_role_may_not_do_is_neither_asked_nor_done(network, role):
    ref = await by_telephone(network)
    more = await seat(network, role, ref)
    if role is Role.WORKER:
        more = {"worker_id": (await network.call("GET", f"/orders/{ref}"))[1]["worker_id"]}
    forbidden = [one.name for one in ACTIONS if role not in one.roles and role is not Role.ADMIN]

    async with signed_in(network, role, **more) as visitor:
        page = await opened(visitor, ref)
        csrf = page.form("language")[1]["csrf"]
        found = set(offered(page, ref))
        asked = {(await opened(visitor, ref, name)).status for name in forbidden}
        sent = {(await visitor.post(f"/console/orders/{ref}/{name}", {"csrf": csrf})).status for name in forbidden}

    assert page.status == 200
    assert found.isdisjoint(forbidden)
    assert (asked, sent) == (({403}, {403}) if forbidden else (set(), set()))
    assert len(await events(network, ref)) == 1

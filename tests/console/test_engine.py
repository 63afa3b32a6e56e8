"""The engineer's pages over HTTP: what is told, what is sent again, and what nobody is shown."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from bpp.console.engine import pages as engine
from bpp.console.engine.alerts import RULES
from bpp.people.model import Role
from bpp.storage.engine import database_file
from signing.keys import encode_private_key
from tests.support.console import signed_in
from tests.support.fallen import fallen
from tests.support.scripted_peer import ScriptedPeer, nack

DELIVERIES = "/console/engine/deliveries"
AGAIN = f"{DELIVERIES}/again"
PATHS = [page.path.replace("{id}", "1") for page in engine.PAGES]
JSON = {"Content-Type": "application/json"}
BUYER = "buyer.sandbox.example"


async def state_of(network, seq):
    return (await network.context.storage.read(lambda work: work.outbox.get(seq))).state


def erase(network, seq):
    """Forget the body of a callback, as retention does after its time."""
    file = database_file(network.settings.database_url)
    assert file is not None
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "UPDATE message_bodies SET body = NULL WHERE digest = (SELECT digest FROM outbox WHERE seq = ?)", (seq,)
        )


def row_of(page, text):
    """The words of the row of a table that has a text."""
    rows = re.findall(r"<tr>.*?</tr>", page.text, flags=re.DOTALL)
    return next(re.sub(r"<[^>]+>|\s+", " ", one) for one in rows if text in one)


def ringing(page):
    """The alerts that would ring, but for those of a machine that is slow whatever we do."""
    slow = {"BppAcksSlow", "BppCommitsSlow", "BppEventLoopLags"}
    return {rule.name for rule in RULES if "would ring" in row_of(page, rule.name)} - slow


async def test_health_says_what_waits_what_came_to_nothing_and_that_no_alert_would_ring(network):
    await network.booked()
    async with ScriptedPeer() as peer, signed_in(network, Role.ENGINEER) as visitor:
        await fallen(network, "a.example", peer.url)
        await fallen(network, "a.example", peer.url, state="given_up", outcome="timeout", status=None, code="")
        await fallen(network, "b.example", peer.url, state="given_up", outcome="dns", status=None, code="")
        page = await visitor.get("/console/engine")

    assert "Ready for work" in page.words
    assert "1 callbacks refused" in page.words
    assert "2 callbacks given up" in page.words
    assert ringing(page) == set()
    assert "No folder of backups is named" in page.words


async def test_the_first_page_of_an_engineer_is_health_and_its_part_has_no_frame(network):
    async with signed_in(network, Role.ENGINEER) as visitor:
        first = await visitor.get("/console")
        part = await visitor.get("/console/engine/health-part")

    assert first.url.path == "/console/engine"
    assert part.status == 200
    assert "Ready for work" in part.words
    assert "<html" not in part.text


async def test_an_alert_that_would_ring_stands_first_in_words(network):
    async with signed_in(network, Role.ENGINEER) as visitor:
        network.context.metrics.imbalance.set(-1)
        page = await visitor.get("/console/engine")

    assert re.search(r"\d alerts? would ring", page.words)
    assert "would ring The books do not balance. BppLedgerUnbalanced wakes somebody" in page.words
    assert ringing(page) == {"BppLedgerUnbalanced"}


async def test_what_was_counted_long_ago_rings_no_more_than_its_window_is_long(network):
    network.context.metrics.commit_failures.inc()
    async with signed_in(network, Role.ENGINEER) as visitor:
        rings = await visitor.get("/console/engine")
        network.clock.tick(minutes=6)
        later = await visitor.get("/console/engine")

    assert "would ring" in row_of(rings, "BppCommitsFail")
    assert "quiet" in row_of(later, "BppCommitsFail")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "refused with NACK 30008"), ("hi", "NACK 30008 के साथ मना किया")],
)
async def test_a_refused_callback_is_told_with_its_attempts_and_reason_in_words(network, language, words):
    async with ScriptedPeer() as peer, signed_in(network, Role.ENGINEER, language) as visitor:
        (seq,) = await fallen(network, "a.example", peer.url)
        listed = await visitor.get(f"{DELIVERIES}?state=refused")
        alone = await visitor.get(f"{DELIVERIES}/{seq}")

    assert words in listed.words
    assert words in alone.words
    assert "nacked" not in listed.words + alone.words


async def test_every_word_that_an_attempt_may_leave_behind_is_told_in_words(network):
    async with ScriptedPeer() as peer, signed_in(network, Role.ENGINEER, "hi") as visitor:
        for reason in ("dns", "connection", "tls", "timeout", "disconnected", "forbidden_url", "forbidden_address"):
            await fallen(network, "a.example", peer.url, outcome=f"{reason}: in detail", status=None, code="")
        await fallen(network, "a.example", peer.url, outcome="answered", status=503, code="")
        page = await visitor.get(f"{DELIVERIES}?peer=a.example")

    assert "HTTP 503" in page.words
    assert not re.search(r"\b(dns|connection|tls|timeout|disconnected|forbidden_\w+|answered)\b", page.words)


async def test_one_callback_is_sent_again_once_however_often_its_form_is_sent(network):
    async with ScriptedPeer() as peer, signed_in(network, Role.ENGINEER) as visitor:
        (seq,) = await fallen(network, "a.example", peer.url)
        page = await visitor.get(f"{DELIVERIES}/{seq}")
        done = await visitor.send(page, "retry")
        await network.settled()
        again = await visitor.send(page, "retry")
        await network.settled()

        assert "It is on its way again." in done.words
        assert again.status == 200
        assert len(peer.received) == 1
        assert await state_of(network, seq) == "delivered"


async def test_all_that_one_buyer_app_refused_for_one_reason_goes_out_again_once_each_and_nothing_else(network):
    async with ScriptedPeer() as peer, signed_in(network, Role.ENGINEER) as visitor:
        wanted = await fallen(network, "a.example", peer.url, count=3)
        others = [
            *await fallen(network, "a.example", peer.url, code="30001"),
            *await fallen(network, "b.example", peer.url),
        ]
        page = await visitor.get(DELIVERIES)
        fields = next(
            fields for _, fields in page.forms() if fields.get("why") == "nack 30008" and fields["peer"] == "a.example"
        )
        done = await visitor.post(AGAIN, fields)
        twice = await visitor.post(AGAIN, fields)
        await network.settled()

        assert "3 callbacks are on their way again." in done.words
        assert "3 callbacks are on their way again." in twice.words
        assert sorted(one.headers["Authorization"] != "" for one in peer.received) == [True] * 3
        assert {await state_of(network, seq) for seq in wanted} == {"delivered"}
        assert {await state_of(network, seq) for seq in others} == {"refused"}


async def test_a_click_sends_fifty_again_and_says_how_many_are_left(network):
    async with ScriptedPeer() as peer, signed_in(network, Role.ENGINEER) as visitor:
        await fallen(network, "a.example", peer.url, count=52)
        done = await visitor.send(await visitor.get(DELIVERIES), "/again")
        await network.settled()

        assert "50 callbacks are on their way again." in done.words
        assert "2 more are left" in done.words
        assert len(peer.received) == 50


async def test_what_was_erased_is_not_sent_again_and_that_is_said(network):
    async with ScriptedPeer() as peer, signed_in(network, Role.ENGINEER) as visitor:
        (seq,) = await fallen(network, "a.example", peer.url)
        page = await visitor.get(f"{DELIVERIES}/{seq}")
        erase(network, seq)
        refused = await visitor.send(page, "retry")
        many = await visitor.send(await visitor.get(DELIVERIES), "/again")

        assert refused.status == 409
        assert "It was erased when its time was over" in refused.words
        assert "1 could not be sent again." in many.words
        assert peer.received == []


async def test_a_buyer_app_that_refuses_again_leaves_the_callback_where_it_was(network):
    async with ScriptedPeer(nack("30008")) as peer, signed_in(network, Role.ENGINEER) as visitor:
        (seq,) = await fallen(network, "a.example", peer.url)
        network.clock.tick(minutes=1)
        await visitor.send(await visitor.get(f"{DELIVERIES}/{seq}"), "retry")
        await network.settled()

        assert await state_of(network, seq) == "refused"
        assert (await visitor.get(f"{DELIVERIES}/{seq}")).words.count("refused with NACK 30008") == 3


async def test_callbacks_are_paged_and_filtered_without_losing_one(network):
    async with ScriptedPeer() as peer, signed_in(network, Role.ENGINEER) as visitor:
        seqs = await fallen(network, "a.example", peer.url, count=52)
        await fallen(network, "b.example", peer.url)
        first = await visitor.get(f"{DELIVERIES}?state=refused&peer=a.example")
        (older,) = re.findall(r'href="([^"]*before=[^"]*)"', first.text)
        rest = await visitor.get(older.replace("&amp;", "&"))

    found = [
        int(one) for page in (first, rest) for one in re.findall(r'<th scope="row"><a href="[^"]*/(\d+)"', page.text)
    ]
    assert found == sorted(seqs, reverse=True)


async def test_a_buyer_app_is_told_with_its_dialect_its_rest_and_its_requests(network):
    await network.booked()
    now = network.clock()
    await network.context.storage.run(
        lambda work: work.outbox.peer_failed("dead.example", now, now + timedelta(minutes=5))
    )
    async with signed_in(network, Role.ENGINEER) as visitor:
        page = await visitor.get("/console/engine/peers")

    assert "dead.example does not answer Failing since 23 Nov 2026, 9:00 am" in page.words
    assert "Left alone until 23 Nov 2026, 9:05 am" in page.words
    assert f"{BUYER} answers" in page.words
    assert "Requests 4, 4 a minute Refused by us 0" in page.words
    assert "how states are written upper learned from its messages" in page.words
    assert f'href="{DELIVERIES}?peer={BUYER}"' in page.text


async def test_who_only_claims_a_name_is_no_buyer_app(network):
    body = b'{"context": {"bap_id": "<script>alert(1)</script>", "transaction_id": "T9", "message_id": "M9"}}'
    async with network.session.post(f"{network.url}/search", data=body, headers=JSON) as answer:
        assert answer.status in (400, 401)
    async with signed_in(network, Role.ENGINEER) as visitor:
        peers = await visitor.get("/console/engine/peers")
        traced = await visitor.get("/console/engine/trace?q=T9")

    assert "1 message more came in a name that could not be believed." in peers.words
    assert "&lt;script&gt;" in traced.text
    assert "<script>alert" not in traced.text + peers.text


async def test_a_transaction_is_traced_by_any_of_its_numbers_and_nobody_is_named(network):
    confirmed = await network.booked()
    await network.settled()
    ref = await network.ref(confirmed)
    numbers = (confirmed.transaction_id, confirmed.context["message_id"], confirmed.order["id"], ref)
    async with signed_in(network, Role.ENGINEER) as visitor:
        pages = [await visitor.get(f"/console/engine/trace?q=%20{number}%20") for number in numbers]

    customer = network.customer
    for page in pages:
        assert "on_confirm to the buyer app taken with ACK 200" in page.words
        assert "confirm from the buyer app ACK" in page.words
        assert f"/console/orders/{ref}" in page.text
        assert not any(text in page.text for text in (customer.name, customer.phone, customer.email, customer.address))


async def test_what_nobody_knows_is_said_to_be_unknown(network):
    async with signed_in(network, Role.ENGINEER) as visitor:
        page = await visitor.get("/console/engine/trace?q=nothing")
        gone = await visitor.get(f"{DELIVERIES}/77")
        odd = await visitor.get(f"{DELIVERIES}/%E0%A5%AD")
        wrong = await visitor.get(f"{DELIVERIES}?state=odd")

    assert "Nothing is known of this." in page.words
    assert (gone.status, odd.status, wrong.status) == (404, 404, 400)


async def test_an_order_of_our_own_channels_is_found_by_its_number_though_no_message_belongs_to_it(network):
    _, found = await network.call("GET", "/find?q=tap&pincode=226010")
    provider = found["items"][0]
    wanted = {
        "provider_id": provider["provider_id"],
        "items": [{"item_id": provider["services"][0]["item_id"]}],
        "pincode": "226010",
        "start": provider["services"][0]["starts"][0],
    }
    _, quote = await network.call("POST", "/quotes", wanted)
    caller = {"name": "Demo Caller", "phone": "9800000001", "address": "Demo House 8"}
    status, order = await network.call("POST", "/bookings", {"quote": quote["ref"], **caller})
    assert status == 201, order
    async with signed_in(network, Role.ENGINEER) as visitor:
        page = await visitor.get(f"/console/engine/trace?q={order['order_id'].replace('-', '')}")

    assert "This order came without a buyer app" in page.words
    assert f"/console/orders/{order['ref']}" in page.text
    assert "Demo Caller" not in page.text


async def test_keys_are_told_with_their_ids_and_never_with_what_is_secret(network):
    keys = network.context.keys.current()
    async with signed_in(network, Role.ENGINEER) as visitor:
        page = await visitor.get("/console/engine/keys")
        looked = await visitor.get("/console/engine/keys?look=true")

    assert keys.signing.unique_key_id in page.words
    assert "Findings" not in page.words
    assert "SUBSCRIBED" in looked.words
    assert "well settings they load" in looked.words
    for text in (page.text, looked.text):
        for pair in keys.pairs:
            assert encode_private_key(pair.signing_key) not in text
            assert encode_private_key(pair.encryption_key) not in text


async def test_callback_latency_is_plotted_from_stored_attempts_with_a_table_beside_it(network):
    async with ScriptedPeer() as peer, signed_in(network, Role.ENGINEER) as visitor:
        (seq,) = await fallen(network, "a.example", peer.url)
        network.clock.tick(minutes=3)
        await visitor.send(await visitor.get(f"{DELIVERIES}/{seq}"), "retry")
        await network.settled()
        page = await visitor.get("/console/engine/figures?period=hour")

    assert "1 callback was delivered; 1 of them after more than five seconds." in page.words
    assert "<svg" in page.text
    assert "9:00 am 180 180" in page.words
    assert "Any callback: from stored to delivered" in page.words


async def test_percentiles_of_the_last_minutes_are_those_since_somebody_looked(network):
    async with signed_in(network, Role.ENGINEER) as visitor:
        first = await visitor.get("/console/engine/figures-part")
        network.clock.tick(minutes=1)
        await network.booked()
        second = await visitor.get("/console/engine/figures-part")
        network.clock.tick(minutes=49)
        third = await visitor.get("/console/engine/figures-part")

    assert "In the last" not in first.words
    assert re.search(r"In the last 60 seconds, .*Search: from request to ACK 1 \d+", second.words)
    assert "In the last 49 minutes, since somebody looked here" in third.words, "not of five, where nobody looked"
    assert "4 ACK" in second.words


@pytest.mark.parametrize(
    "role", [Role.OPERATOR, Role.ACCOUNTANT, Role.OFFICER, Role.PROVIDER, Role.WORKER], ids=lambda one: one.value
)
async def test_nobody_else_sees_these_pages_or_sends_anything_again(network, role):
    async with ScriptedPeer() as peer, signed_in(network, Role.ENGINEER, login="engineer") as engineer:
        (seq,) = await fallen(network, "a.example", peer.url)
        async with signed_in(network, role, login="other") as visitor:
            seen = {path: (await visitor.get(f"/console{path}")).status for path in PATHS}
            _, own = (await visitor.get("/console/account")).form("sign-out")
            fields = {"csrf": own["csrf"], "peer": "a.example", "why": "nack 30008"}
            sent = [(await visitor.post(f"{DELIVERIES}{end}", fields)).status for end in ("/again", f"/{seq}/retry")]
        assert (await engineer.get(DELIVERIES)).status == 200

        assert set(seen.values()) == {403}, seen
        assert sent in ([403, 403], [403, 422])
        assert peer.received == []


async def test_an_administrator_has_health_in_the_menu_and_may_do_the_same(network):
    async with ScriptedPeer() as peer, signed_in(network, Role.ADMIN) as visitor:
        (seq,) = await fallen(network, "a.example", peer.url)
        page = await visitor.get("/console/engine")
        await visitor.send(await visitor.get(f"{DELIVERIES}/{seq}"), "retry")
        await network.settled()

        assert 'href="/console/engine"' in page.text
        assert len(peer.received) == 1

"""What a customer entrusts to us is nowhere in the log of a real server process, at the most talkative level."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from bpp.sandbox import journey, messages
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback
from bpp.sandbox.messages import Customer
from bpp.sandbox.offers import otp, read_offers
from bpp.sandbox.places import Place
from tests.support.json_edit import DELETE, edited
from tests.support.network import OPERATOR_TOKEN
from tests.support.seeded import seeded_sqlite
from tests.support.server import PATIENCE, Server, running

CUSTOMER = Customer(
    name="Zyxwmark Nameson", phone="9876501234", email="zyxwmark@post.example", address="Zyxwmark House Qwurtz"
)
PLACE = Place(name="Gomti Nagar", area_code="226010", gps="26.851379,80.998642", city="Lucknow", std="std:0522")
CALL_BACK, ON_THE_WAY = "9876505555", "26.857713,80.993317"
BANK = {"beneficiary": "Vexholder", "account": "918273645501", "ifsc": "QWRT0876543", "upi": "vexholder@qbank"}
MARKS = (
    *("zyxwmark", "nameson", CUSTOMER.phone, "post.example", "qwurtz", "26.851379", "80.998642", "UPI-ZYXW"),
    *(CALL_BACK, *ON_THE_WAY.split(",")),
    *(OPERATOR_TOKEN, "Signature keyId", *BANK.values()),
)


@pytest.fixture(params=["json"])
async def talkative(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Server, Buyer]]:
    """A server process that logs everything, as programs or people read it, and a buyer app."""
    told = {"BPP_LOG_LEVEL": "debug", "BPP_LOG_FORMAT": request.param}
    async with running(seeded_sqlite(tmp_path), tmp_path, **told) as (server, buyer):
        yield server, buyer


def lines(server: Server, event: str) -> list[dict[str, Any]]:
    """The lines of an event in a log of JSON."""
    logged = [orjson.loads(line) for line in server.log.read_bytes().splitlines() if line.startswith(b"{")]
    return [line for line in logged if line["event"] == event]


def found_in_log(server: Server) -> list[str]:
    """The marks that the log has, and how much log there is."""
    text = server.log.read_text().lower()
    assert "callback_attempted" in text
    return [mark for mark in MARKS if mark.lower() in text]


async def selected(buyer: Buyer) -> Callback:
    found = (await journey.search(buyer, words="tap repair", place=PLACE, patience=PATIENCE)).callback
    offer = read_offers(found.message)[0]
    return (await journey.select(buyer, found, offer, offer.starts[20], PLACE)).callback


async def operator(server: Server, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, f"{server.url}/api/v1{path}", json=body) as answer,
    ):
        return answer.status, await answer.json()


async def test_a_whole_booking_leaves_nothing_personal_in_the_log(talkative: tuple[Server, Buyer]) -> None:
    server, buyer = talkative
    ready = (await journey.init(buyer, await selected(buyer), CUSTOMER, PLACE)).callback
    confirmed = (await journey.confirm(buyer, ready, payment_id="UPI-ZYXW-1")).callback
    await journey.status(buyer, confirmed)
    await journey.track(buyer, confirmed)
    await journey.support(buyer, confirmed)
    wish = {"support": {"ref_id": confirmed.order["id"], "callback_phone": CALL_BACK}}
    await journey.ask(buyer, "support", wish, transaction_id=confirmed.transaction_id)
    _, found = await operator(server, "GET", f"/orders?phone={CUSTOMER.phone}")
    (row,) = found["items"]
    events = f"/orders/{row['ref']}/events"
    status, _ = await operator(server, "PUT", "/workers/W-GOMTI-1/bank", BANK)
    assert status == 200
    token = ""
    tokens: list[str] = []
    for event in ("depart", "arrive", "start", "complete"):
        status, answer = await operator(server, "POST", events, {"event": event, **({"otp": token} if token else {})})
        assert status == 200, answer
        told = await buyer.next_callback(confirmed.transaction_id, "on_status", timeout=PATIENCE)
        token = otp(told.order)
        tokens.append(token)
        if event == "depart":
            status, _ = await operator(server, "POST", f"/orders/{row['ref']}/location", {"gps": ON_THE_WAY})
            assert status == 200
    await journey.rate(buyer, confirmed, 5)
    await operator(server, "GET", f"/orders/{row['ref']}")

    assert CUSTOMER.phone in told.body.decode()
    assert found_in_log(server) == []
    words = {word for line in server.log.read_text().splitlines() for word in re.findall(r'[^",:{}\[\] ]+', line)}
    assert not words & {one for one in tokens if one}
    # and each line says whose it is
    [taken] = [line for line in lines(server, "message_acknowledged") if line["action"] == "confirm"]
    assert (taken["transaction_id"], taken["subscriber"]) == (confirmed.transaction_id, buyer.participant.subscriber_id)
    assert (taken["order_ref"], bool(taken["request_id"])) == (row["ref"], True)
    [answered] = [line for line in lines(server, "callback_attempted") if line["action"] == "on_confirm"]
    assert (answered["message_id"], answered["order_ref"]) == (taken["message_id"], row["ref"])
    assert answered["verdict"] == "delivered"
    called = [line["call"] for line in lines(server, "operator_called")]
    assert called.count("post-order-event") == 4


async def test_refused_messages_leave_nothing_personal_in_the_log(talkative: tuple[Server, Buyer]) -> None:
    server, buyer = talkative
    chosen = await selected(buyer)
    message = messages.init_message(chosen.order, CUSTOMER, PLACE)
    good = buyer.envelope("init", message, transaction_id=chosen.transaction_id, context=journey.following(chosen))
    stop = "message.order.fulfillments[0].stops[0]"
    faults = {
        "a mark for an id": edited(good, "message.order.provider.id", CUSTOMER.email),
        "a mark for an item": edited(good, "message.order.items[0].id", CUSTOMER.address),
        "a mark for gps": edited(good, f"{stop}.location.gps", f"{CUSTOMER.address} {PLACE.gps}"),
        "a mark for a time": edited(good, f"{stop}.time.range.start", CUSTOMER.phone),
        "a mark for a list": edited(good, "message.order.items", CUSTOMER.name),
        "a mark for the billing": edited(good, "message.order.billing", CUSTOMER.name),
        "a mark for a key": edited(good, "message.order.billing", {CUSTOMER.name: {CUSTOMER.phone: [[]]}}),
        "no items": edited(good, "message.order.items", DELETE),
        "a mark for the transaction": edited(good, "context.transaction_id", CUSTOMER.email),
        "a mark for the address": edited(good, "context.bap_uri", f"ftp://{CUSTOMER.email}/{CUSTOMER.phone}"),
        "a mark for a forbidden host": edited(good, "context.bap_uri", f"http://10.0.0.1/{CUSTOMER.phone}"),
        "a mark for the sender": edited(good, "context.bap_id", CUSTOMER.email),
        "a mark for the domain": edited(good, "context.domain", CUSTOMER.name),
    }
    for name, document in faults.items():
        answer = await buyer.post("init", orjson.dumps(document))
        assert answer.document["message"]["ack"]["status"] in {"ACK", "NACK"}, name
    whole = orjson.dumps(good)
    for body, headers in (
        (whole[:-9], None),
        (whole.replace(b'"billing"', b'"Zyxwmark\\u0000billing"'), None),
        (whole, {"Authorization": f"Signature {CUSTOMER.email}"}),
        (whole, {"Content-Type": f"text/{CUSTOMER.phone}"}),
        (whole, {"X-Gateway-Authorization": CUSTOMER.name}),
    ):
        refused = await buyer.post("init", body, headers=headers)
        assert not refused.acked
    for action, order in (("status", CUSTOMER.email), ("cancel", CUSTOMER.phone), ("track", CUSTOMER.address)):
        refused = await buyer.send(action, {"order_id": order, "cancellation_reason_id": CUSTOMER.name})
        assert refused.error_code == "30018"
    status, _ = await operator(server, "GET", f"/orders/{CUSTOMER.phone}?{CUSTOMER.phone}={CUSTOMER.email}")
    assert status in {404, 422}
    status, _ = await operator(server, "POST", f"/orders/{CUSTOMER.phone}/events", {"event": CUSTOMER.name})
    assert status in {404, 422}

    assert found_in_log(server) == []


@pytest.mark.parametrize("talkative", ["json", "text"], indirect=True)
async def test_a_database_that_fails_leaves_nothing_personal_in_the_log(talkative: tuple[Server, Buyer]) -> None:
    server, buyer = talkative
    ready = (await journey.init(buyer, await selected(buyer), CUSTOMER, PLACE)).callback
    with closing(sqlite3.connect(server.log.parent / "bpp.sqlite3")) as connection:
        refusing = "CREATE TRIGGER refusing BEFORE INSERT ON orders BEGIN SELECT RAISE(ABORT, 'no room'); END"
        connection.execute(refusing)
    message = messages.confirm_message(ready.order, order_id="O-1", now=buyer.clock(), payment_id="UPI-ZYXW-1")

    answer = await buyer.send("confirm", message, transaction_id=ready.transaction_id, context=journey.following(ready))

    assert (answer.status, answer.error_code) == (503, "31001")
    log = server.log.read_text()
    assert "no room" in log or "SQLITE_CONSTRAINT_TRIGGER" in log
    assert found_in_log(server) == []

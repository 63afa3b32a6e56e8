"""More than we can do: who is sent back, before what, and who is served all the same."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from bpp.errors import TooManyRequests, Unavailable
from bpp.inbound.admission import PEERS, QUEUE_ROOM, Gate, Shares, Suspects, claimed
from bpp.inbound.health import NO_ANSWER, PARTS
from bpp.inbound.rooms import PAGES
from bpp.sandbox.exchange import SyncAnswer
from bpp.sandbox.identities import BPP, BUYER, Participant
from bpp.setting_types import Rate
from tests.flows.test_resources import UNSIGNED
from tests.support.clock import FakeClock
from tests.support.effects import audit_log
from tests.support.fake_registry import RegistryServer, a_record
from tests.support.figures import figures
from tests.support.network import Network, running_network

BAD = b'{"context": {}, "message": {}}'
"""Signed well, it is refused for what it says: enough to see whether it was looked at."""
LOOKED_AT = (400, "30000")


@pytest.fixture
def seller(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Callable[..., Any]:
    @asynccontextmanager
    async def start(**more: str) -> AsyncIterator[Network]:
        async with running_network(sqlite_url, tmp_path, clock, None, **more) as network:
            yield network

    return start


@contextmanager
def busy_database(network: Network) -> Iterator[None]:
    """Another program writes, for as long as we like: whatever must be stored waits at the door."""
    path = network.settings.database_url.partition("///")[2]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def figure(network: Network, name: str, value: float) -> None:
    async with asyncio.timeout(60):
        while (await figures(network.url)).get(name) != value:  # noqa: ASYNC110  another program's figures
            await asyncio.sleep(0.005)


def support(network: Network) -> asyncio.Task[SyncAnswer]:
    """A message that must be stored to be acknowledged, on its way."""
    return asyncio.create_task(network.buyer.send("support", {"support": {}}))


def retry_after(answer: SyncAnswer) -> int:
    return int(answer.headers["Retry-After"])


def outcome(answer: SyncAnswer) -> tuple[int, str]:
    return answer.status, answer.error_code


async def refusals(network: Network) -> list[str]:
    log = await audit_log(network.settings.database_url)
    return [one["outcome"] for one in log if one["direction"] == "in" and one["outcome"] != "ACK"]


# Room


async def test_a_full_process_answers_503_before_it_looks_at_a_signature_and_keeps_what_it_let_in(seller) -> None:
    async with seller(BPP_IN_FLIGHT="2") as network:
        with busy_database(network):
            inside = [support(network) for _ in range(2)]
            await figure(network, 'bpp_in_flight{process="0"}', 2)
            turned = [await network.buyer.post("select", BAD, headers=one) for one in (UNSIGNED, None)]
        kept = await asyncio.gather(*inside)
        after = await network.buyer.post("select", BAD)

        assert [outcome(one) for one in turned] == [(503, "31001")] * 2
        assert all(2 <= retry_after(one) <= 4 for one in turned)
        assert [one.acked for one in kept] == [True, True]
        assert outcome(after) == LOOKED_AT
        assert await refusals(network) == ["NACK 30000"]
        assert (await figures(network.url))['bpp_turned_away_total{limit="in_flight"}'] == 2
        for one in kept:
            await network.buyer.next_callback(one.request.transaction_id, "on_support")


async def test_a_database_that_is_behind_sends_new_messages_back_before_their_signatures(seller) -> None:
    async with seller(BPP_IN_FLIGHT="10000") as network:
        storage = network.context.storage
        with busy_database(network):
            waiting = [
                asyncio.create_task(storage.run(lambda work: work.keys.secret("one"))) for _ in range(QUEUE_ROOM + 100)
            ]
            await figure(
                network, 'bpp_door_waiting{process="0"}', len(waiting) - 64
            )  # so many make one group, and are being written
            turned = await network.buyer.post("select", BAD, headers=UNSIGNED)
        await asyncio.gather(*waiting)

        assert outcome(turned) == (503, "31001")
        assert outcome(await network.buyer.post("select", BAD)) == LOOKED_AT
        assert await refusals(network) == ["NACK 30000"]


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
async def test_who_never_ends_a_body_is_let_go_and_holds_nobody_up(seller, framing: str) -> None:
    async with seller(BPP_IN_FLIGHT="1", BPP_BODY_TIMEOUT="PT0.2S") as network:
        head = f"POST /select HTTP/1.1\r\nHost: bpp\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", network.settings.port)
        writer.write(head.encode() + b"5\r\n{")
        await writer.drain()
        answer = await support(network)
        async with asyncio.timeout(60):
            said = await reader.readline()
        writer.close()

        assert answer.acked
        assert said.startswith(b"HTTP/1.1 400")


def test_a_gate_lets_in_so_many_and_those_after_them_when_they_left() -> None:
    gate = Gate(1, "room")
    with gate:
        with pytest.raises(Unavailable), gate:
            pass
        assert gate.inside == 1
    with gate:
        assert gate.inside == 1
    assert gate.inside == 0


# Shares


async def test_who_asks_faster_than_its_share_gets_429_and_the_others_are_served(seller) -> None:
    async with seller(BPP_PEER_RATE="1", BPP_PEER_BURST="3") as network:
        answers = [await network.buyer.post("select", BAD) for _ in range(5)]
        other = await network.second_buyer.post("select", BAD)
        network.clock.tick(seconds=1)
        later = [await network.buyer.post("select", BAD) for _ in range(2)]

        assert [outcome(one) for one in answers] == [LOOKED_AT] * 3 + [(429, "31001")] * 2
        assert [outcome(one) for one in later] == [LOOKED_AT, (429, "31001")]
        assert all(1 <= retry_after(one) <= 2 for one in (*answers[3:], later[1]))
        assert outcome(other) == LOOKED_AT
        assert len(await refusals(network)) == 5  # the three, the other's, and one of the two
        peer = network.buyer.participant.subscriber_id
        assert (await figures(network.url))[f'bpp_rate_limited_total{{peer="{peer}"}}'] == 3


async def test_a_buyer_app_may_have_a_share_of_its_own(seller) -> None:
    own = '{"buyer.sandbox.example": {"rate": 1, "burst": 1}}'
    async with seller(BPP_PEER_RATES=own) as network:
        statuses = [(await network.buyer.post("select", BAD)).status for _ in range(2)]
        assert network.buyer.participant.subscriber_id == "buyer.sandbox.example"
        assert statuses == [400, 429]
        assert outcome(await network.second_buyer.post("select", BAD)) == LOOKED_AT


async def test_nobody_uses_up_the_share_of_another_by_claiming_its_name(seller) -> None:
    async with seller(BPP_PEER_RATE="1", BPP_PEER_BURST="1") as network:
        forged = {"Authorization": network.buyer.authorization(b"another body")}
        refused = [await network.buyer.post("select", BAD, headers=forged) for _ in range(3)]
        honest = await network.buyer.send("support", {"support": {}})

        assert [outcome(one) for one in refused] == [(401, "30016")] * 3
        assert honest.acked


async def test_a_message_over_its_share_leaves_nothing_behind_and_may_come_again(seller) -> None:
    async with seller(BPP_PEER_RATE="1", BPP_PEER_BURST="1") as network:
        await network.buyer.post("select", BAD)
        message = {"support": {"ref_id": "x"}}
        first = await network.buyer.send("support", message, transaction_id="T-1", message_id="M-1")
        network.clock.tick(seconds=1)
        again = await network.buyer.post("support", first.request.body)

        assert outcome(first) == (429, "31001")
        assert again.acked
        await network.buyer.next_callback("T-1", "on_support")


# Strangers


async def test_from_where_signatures_fail_too_often_none_is_looked_at_in_that_name(seller) -> None:
    more = {"BPP_STRANGER_RATE": "1", "BPP_STRANGER_BURST": "3", "BPP_TRUSTED_PROXIES": "127.0.0.0/8"}
    async with seller(**more) as network:

        async def forge(address: str) -> SyncAnswer:
            headers = {
                "Authorization": network.buyer.authorization(b"another body"),
                "X-Forwarded-For": f"198.51.100.9, {address}",
            }
            answer: SyncAnswer = await network.buyer.post("select", BAD, headers=headers)
            return answer

        forged = [outcome(await forge("203.0.113.1")) for _ in range(5)]
        elsewhere = await forge("203.0.113.2")
        victim = await network.buyer.post("select", BAD, headers={"X-Forwarded-For": "203.0.113.3"})
        another_name = await network.second_buyer.post("select", BAD, headers={"X-Forwarded-For": "203.0.113.1"})

        assert forged == [(401, "30016")] * 3 + [(429, "31001")] * 2
        assert elsewhere.status == 401
        assert (outcome(victim), outcome(another_name)) == (LOOKED_AT, LOOKED_AT)
        assert (await figures(network.url))['bpp_turned_away_total{limit="stranger_rate"}'] == 2
        network.clock.tick(seconds=1)
        assert (await forge("203.0.113.1")).status == 401


def test_an_address_that_fails_in_many_names_is_not_looked_at_in_any(clock: FakeClock) -> None:
    suspects = Suspects(Rate(rate=1, burst=2))
    for number in range(20):
        suspects.failed("a", f'Signature keyId="b{number}|k|ed25519"', clock())

    with pytest.raises(TooManyRequests):
        suspects.check("a", 'Signature keyId="new|k|ed25519"', clock())
    suspects.check("b", 'Signature keyId="b1|k|ed25519"', clock())


def test_however_many_peers_there_are_only_so_many_are_remembered(clock: FakeClock) -> None:
    shares = Shares(Rate(rate=1, burst=1), {})
    for number in range(PEERS + 5):
        shares.charge(f"b{number}", clock())

    assert len(shares._buckets) == PEERS


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('Signature keyId="a.example|k1|ed25519",algorithm="ed25519"', "a.example"),
        ("", ""),
        ("Bearer x", ""),
        ("x" * 1000 + 'keyId="a|k|e"', ""),
    ],
)
def test_the_name_that_a_header_claims_is_read_without_believing_it(header: str, name: str) -> None:
    assert claimed(header) == name


# Health


async def health(network: Network, name: str = "ready") -> tuple[int, dict[str, Any]]:
    async with network.session.get(f"{network.url}/health/{name}") as answer:
        return answer.status, await answer.json()


async def becomes(network: Network, status: int) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            found, said = await health(network)
            if found == status:
                return said
            await asyncio.sleep(0.05)


async def test_a_database_that_hangs_is_said_in_time_and_is_no_reason_to_start_anew(network: Network) -> None:
    assert await health(network) == (200, {"status": "ready", "parts": dict.fromkeys(PARTS, "ok")})
    with busy_database(network):
        said = await becomes(network, 503)
        again, _ = await health(network)
        assert await health(network, "live") == (200, {"status": "live", "parts": {"delivery": "ok"}})
    well = await becomes(network, 200)

    assert said == {"status": "not ready", "parts": {**well["parts"], "database": NO_ANSWER}}
    assert again == 503


async def test_a_database_that_is_gone_is_said(postgres_url: str, postgres, tmp_path: Path, clock: FakeClock) -> None:
    async with running_network(postgres_url, tmp_path, clock) as network:
        assert (await health(network))[0] == 200
        with capture_logs():  # a traceback each time would take longer than the look itself
            postgres.drop(postgres_url)
            said = await becomes(network, 503)

        assert (said["parts"]["database"], said["parts"]["catalog"]) == ("takes no writes", "cannot be read")
        assert (await health(network, "live"))[0] == 200


async def test_a_process_whose_delivery_loop_has_ended_is_neither_alive_nor_ready(network: Network) -> None:
    (delivery,) = [one for one in asyncio.all_tasks() if one.get_name() == "delivery"]
    delivery.cancel()
    async with asyncio.timeout(60):
        await network.context.life.failed.wait()

    assert await health(network, "live") == (503, {"status": "failed", "parts": {"delivery": "has ended"}})
    status, said = await health(network)
    assert (status, said["status"], said["parts"]["delivery"]) == (503, "not ready", "has ended")


async def test_a_process_that_drains_says_so_and_asks_its_clients_to_go_elsewhere(network: Network) -> None:
    network.context.life.draining = True
    answer = await network.buyer.send("support", {"support": {}})

    assert answer.acked
    assert answer.headers["Connection"] == "close"
    assert await health(network) == (503, {"status": "draining", "parts": {}})
    assert (await health(network, "live"))[0] == 200


async def test_a_registry_that_does_not_answer_is_named_and_known_peers_are_served(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with (
        RegistryServer(a_record_of(BUYER), caller_public_key=BPP.key.public_key) as registry,
        running_network(sqlite_url, tmp_path, clock, None, BPP_REGISTRY=registry.url) as network,
    ):
        first = await network.buyer.send("support", {"support": {}})
        registry.answer, registry.held = (503, b"", 0.0), asyncio.Event()
        unknown = [asyncio.create_task(network.second_buyer.send("support", {"support": {}})) for _ in range(5)]
        await figure(network, 'bpp_in_flight{process="0"}', 5)
        known = [await network.buyer.send("support", {"support": {}}) for _ in range(5)]
        registry.held.set()
        refused = await asyncio.gather(*unknown)
        status, said = await health(network)

    assert first.acked
    assert all(one.acked for one in known)
    assert max(one.arrived for one in known) < min(one.arrived for one in refused)
    assert {outcome(one) for one in refused} == {(503, "31001")}
    assert len(registry.requests) == 2  # five messages with one key that nobody knows are one question
    assert (status, said["parts"]["registry"]) == (200, "did not answer when asked last")


def a_record_of(buyer: Participant) -> dict[str, Any]:
    return a_record(buyer.subscriber_id, buyer.unique_key_id, key=buyer.key, subscriber_url=buyer.url)


# Pages


async def test_pages_have_so_much_room_and_neither_messages_nor_health_wait_for_it(network: Network) -> None:
    token = {"Authorization": f"Bearer {network.settings.operator_token}"}

    async def orders(session: aiohttp.ClientSession) -> int:
        async with session.get(f"{network.url}/api/v1/orders", headers=token) as answer:
            assert answer.status == 200 or int(answer.headers["Retry-After"]) >= 2
            return answer.status

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        pages = [asyncio.create_task(orders(session)) for _ in range(PAGES * 3)]
        answer = await network.buyer.send("support", {"support": {}})
        status, _ = await health(network)
        seen = Counter(await asyncio.gather(*pages))
        after = await orders(session)

    assert set(seen) == {200, 503}
    assert seen[200] >= PAGES
    assert (answer.acked, status, after) == (True, 200, 200)

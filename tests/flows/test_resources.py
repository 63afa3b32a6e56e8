"""What strangers and accidents may cost us: room in the audit log, time for ratings, and what the figures then say."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta

import orjson
import pytest
from structlog.testing import capture_logs

from bpp.bounded import TokenBucket
from bpp.core.catalogs import Worlds
from bpp.inbound.audit import PER_SECOND
from bpp.sandbox import journey
from bpp.sandbox.exchange import SyncAnswer
from bpp.storage.messages import body_digest
from bpp.storage.ports import Work
from tests.support.clock import FakeClock
from tests.support.effects import audit_log
from tests.support.network import Network

UNSIGNED = {"Authorization": None}


def database(network: Network) -> str:
    """The file of the network's database."""
    return network.settings.database_url.partition("///")[2]


def kept(network: Network, digest: str) -> bytes | None:
    """The body of a digest in the database; None where there is none."""
    with closing(sqlite3.connect(database(network))) as connection:
        row = connection.execute("SELECT body FROM message_bodies WHERE digest = ?", (digest,)).fetchone()
    return None if row is None else bytes(row[0])


async def figures(network: Network) -> dict[str, float]:
    """What /metrics says, each series by its name with labels."""
    async with network.session.get(f"{network.url}/metrics") as answer:
        assert answer.status == 200
        lines = [line for line in (await answer.text()).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


# Refusals


async def test_an_unsigned_message_leaves_its_digest_and_what_it_says_of_itself_but_not_its_body(
    network: Network,
) -> None:
    context = {"bap_id": "anybody.example.org", "transaction_id": "T-1", "message_id": "M-1"}
    body = orjson.dumps({"context": context, "message": "x" * 150_000})

    answer = await network.buyer.post("select", body, headers=UNSIGNED)

    assert (answer.status, answer.error_code) == (401, "30016")
    [row] = await audit_log(network.settings.database_url)
    assert (row["peer"], row["transaction_id"], row["message_id"]) == tuple(context.values())
    assert row["body_digest"] == body_digest(body)
    assert kept(network, row["body_digest"]) is None
    assert kept(network, row["answer_digest"]) == answer.body


@pytest.mark.parametrize(
    ("path", "body"),
    [("select", b"no JSON at all"), ("select", b'{"context":{},"message":{}}')],
    ids=["not JSON", "another sender"],
)
async def test_a_refusal_whose_signature_held_keeps_its_body_as_evidence(
    network: Network, path: str, body: bytes
) -> None:
    answer = await network.buyer.post(path, body)

    assert answer.document["message"]["ack"]["status"] == "NACK"
    [row] = await audit_log(network.settings.database_url)
    assert kept(network, row["body_digest"]) == body


async def test_a_flood_of_strangers_is_answered_recorded_up_to_a_rate_and_counted(network: Network) -> None:
    async def flood(times: int) -> list[SyncAnswer]:
        return [await network.buyer.post("select", b'{"n":%d}' % number, headers=UNSIGNED) for number in range(times)]

    answers = await flood(PER_SECOND + 10)

    assert {(one.status, one.error_code) for one in answers} == {(401, "30016")}
    assert len(await audit_log(network.settings.database_url)) == PER_SECOND
    assert (await figures(network))["bpp_refusals_unrecorded_total"] == 10
    # who can sign is not held up by those who cannot
    await network.buyer.post("select", b"signed")
    assert len(await audit_log(network.settings.database_url)) == PER_SECOND + 1
    network.clock.tick(seconds=1)
    await flood(1)
    assert len(await audit_log(network.settings.database_url)) == PER_SECOND + 2


async def test_the_challenges_of_strangers_leave_no_bodies_either(network: Network) -> None:
    body = orjson.dumps({"subscriber_id": "somebody.example.org", "challenge": "x" * 3000})

    async with network.session.post(
        f"{network.url}/on_subscribe", data=body, headers={"Content-Type": "application/json"}
    ) as answer:
        assert answer.status == 400

    [row] = await audit_log(network.settings.database_url)
    assert (row["action"], row["body_digest"]) == ("on_subscribe", body_digest(body))
    assert kept(network, row["body_digest"]) is None


def test_the_budget_of_strangers_fills_with_time_never_above_its_brim_and_not_by_a_clock_set_back() -> None:
    clock = FakeClock()
    budget = TokenBucket(2, 2)

    def spent() -> list[bool]:
        return [budget.spend(clock()) for _ in range(3)]

    assert spent() == [True, True, False]
    clock.tick(seconds=0.5)
    assert spent() == [True, False, False]
    clock.tick(hours=1)
    assert spent() == [True, True, False]
    assert not budget.spend(clock() - timedelta(hours=1))


@pytest.mark.parametrize("path", ["select", "on_subscribe"])
@pytest.mark.parametrize(
    ("framing", "begun"),
    [("Content-Length: 1000", b'{"context":'), ("Transfer-Encoding: chunked", b'5\r\n{"con')],
    ids=["of a length", "chunked"],
)
async def test_who_hangs_up_in_the_middle_of_a_message_is_neither_an_error_nor_recorded(
    network: Network, path: str, framing: str, begun: bytes
) -> None:
    head = f"POST /{path} HTTP/1.1\r\nHost: bpp\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
    with capture_logs() as logs:
        _, writer = await asyncio.open_connection("127.0.0.1", network.settings.port)
        writer.write(head.encode() + begun)
        await writer.drain()
        await asyncio.sleep(0.05)  # it is being read by now
        writer.close()
        await writer.wait_closed()
        async with asyncio.timeout(10):
            while not any(one["event"] == "sender_hung_up" for one in logs):  # noqa: ASYNC110  no event of ours
                await asyncio.sleep(0.005)

    assert [one["log_level"] for one in logs if one["event"] in {"sender_hung_up", "message_failed"}] == ["debug"]
    assert await audit_log(network.settings.database_url) == []
    assert not [name for name in await figures(network) if name.startswith("bpp_messages_total")]


# Figures


async def test_acknowledgements_are_timed_and_a_state_without_rows_is_at_zero_again(network: Network) -> None:
    assert (await figures(network))['bpp_callbacks{state="pending"}'] == 0
    confirmed = await network.booked()
    await network.settled()
    before = await figures(network)
    await journey.cancel(network.buyer, confirmed, "002")
    await network.settled()
    after = await figures(network)

    assert before['bpp_ack_seconds_count{action="confirm"}'] == 1
    assert 0 < before['bpp_ack_seconds_sum{action="confirm"}'] < 10
    stages = [name for name in after if name.startswith("bpp_orders")]
    [stood] = [name for name in stages if before[name] == 1]
    assert (after[stood], sum(after[name] for name in stages)) == (0, 1)
    assert after['bpp_callbacks{state="delivered"}'] == before['bpp_callbacks{state="delivered"}'] + 1
    assert after['bpp_callbacks{state="given_up"}'] == 0


@pytest.mark.parametrize("path", ["/metrics", "/invoices/R/K", "/health/ready"])
async def test_a_page_that_needs_the_database_is_503_without_it(network: Network, path: str) -> None:
    with closing(sqlite3.connect(database(network))) as connection:
        for table in ("outbox", "orders", "counters"):
            connection.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        connection.commit()

    async with network.session.get(f"{network.url}{path}") as answer:
        assert answer.status == 503


# Ratings


async def test_a_rating_reads_the_ratings_anew_and_nothing_else_of_the_catalog(network: Network) -> None:
    async def catalog():
        return (await network.context.storage.read(network.context.worlds.current)).catalog

    confirmed, _ = await network.completed()
    before = await catalog()
    await journey.rate(network.buyer, confirmed, 5)
    after = await catalog()

    assert after.offerings is before.offerings  # a full reading makes all of them anew
    assert after.version == before.version
    assert (after.providers["P-GOMTI"].rating.sum, after.providers["P-GOMTI"].rating.count) == (5, 1)
    others = [one for one in before.providers if one != "P-GOMTI"]
    assert others
    assert all(after.providers[one] is before.providers[one] for one in others)
    assert await catalog() is after


@pytest.mark.parametrize("change", [lambda work: work.directory.changed(), lambda work: work.directory.rated()])
async def test_many_messages_after_a_change_read_the_catalog_once(
    network: Network, change: Callable[[Work], Awaitable[None]]
) -> None:
    storage, worlds = network.context.storage, network.context.worlds
    await storage.read(worlds.current)
    await storage.run(change)

    found = await asyncio.gather(*(storage.read(worlds.current) for _ in range(8)))

    assert len({id(one.catalog) for one in found}) == 1


async def test_a_process_that_starts_after_ratings_were_given_knows_them(network: Network) -> None:
    confirmed, _ = await network.completed()
    await journey.rate(network.buyer, confirmed, 4)
    known = await network.context.storage.read(network.context.worlds.current)

    other = Worlds(
        clock=network.clock,
        new_id=lambda: "ID",
        rules=known.rules,
        identity=known.identity,
        otp_secret=known.otp_secret,
    )
    fresh = await network.context.storage.read(other.current)

    assert fresh.catalog == known.catalog
    assert fresh.catalog.providers["P-GOMTI"].rating.count == 1

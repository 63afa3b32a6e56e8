"""What strangers and accidents may cost us: room in the audit log, time for ratings, and what the figures then say."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

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
from tests.support.figures import figures
from tests.support.network import WATCHFUL, Network, Observed, running_network
from tests.support.tickets_console import complained

COUNTS = ("outbox", "stock", "books")
UNSIGNED = {"Authorization": None}


def database(network: Network) -> str:
    """The file of the network's database."""
    return network.settings.database_url.partition("///")[2]


def kept(network: Network, digest: str) -> bytes | None:
    """The body of a digest in the database; None where there is none."""
    with closing(sqlite3.connect(database(network))) as connection:
        row = connection.execute("SELECT body FROM message_bodies WHERE digest = ?", (digest,)).fetchone()
    return None if row is None else bytes(row[0])


@pytest.fixture
async def watched(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """A network whose figures are counted all the time."""
    async with running_network(sqlite_url, tmp_path, clock, None, Observed(pace=WATCHFUL)) as running:
        yield running


async def counted(network: Network) -> dict[str, float]:
    """The same, when what is in the database has been counted at the clock's moment."""
    network.clock.tick(seconds=1)
    now = network.clock().timestamp()
    async with asyncio.timeout(60):
        while True:
            found = await figures(network.url)
            if all(found.get(f'bpp_counted_timestamp_seconds{{what="{one}"}}') == now for one in COUNTS):
                return found
            await asyncio.sleep(0.02)


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
    assert (await figures(network.url))["bpp_refusals_unrecorded_total"] == 10
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
        async with asyncio.timeout(60):
            while not any(one["event"] == "sender_hung_up" for one in logs):  # noqa: ASYNC110  no event of ours
                await asyncio.sleep(0.005)

    assert [one["log_level"] for one in logs if one["event"] in {"sender_hung_up", "message_failed"}] == ["debug"]
    assert await audit_log(network.settings.database_url) == []
    assert not [name for name in await figures(network.url) if name.startswith("bpp_messages_total")]


# Figures


async def test_acknowledgements_are_timed_and_a_state_without_rows_is_at_zero_again(watched: Network) -> None:
    confirmed = await watched.booked()
    await watched.settled()
    before = await counted(watched)
    await journey.cancel(watched.buyer, confirmed, "002")
    await watched.settled()
    after = await counted(watched)

    assert before['bpp_ack_seconds_count{action="confirm"}'] == 1
    assert 0 < before['bpp_ack_seconds_sum{action="confirm"}'] < 10
    stages = [name for name in after if name.startswith("bpp_orders")]
    [stood] = [name for name in stages if before[name] == 1]
    assert (after[stood], sum(after[name] for name in stages)) == (0, 1)
    assert after['bpp_deliveries_total{action="on_cancel",verdict="delivered"}'] == 1
    assert after['bpp_callback_seconds_count{action="on_cancel"}'] == 1
    assert (after['bpp_outbox_waiting{peers="well"}'], after['bpp_outbox_waiting{peers="resting"}']) == (0, 0)
    assert before['bpp_slot_cells{kind="booked"}'] > after['bpp_slot_cells{kind="booked"}'] == 0
    assert (after["bpp_ledger_imbalance_paise"], after["bpp_database_up"]) == (0, 1)
    assert after["bpp_commit_units_sum"] >= after["bpp_commit_seconds_count"] > 0
    assert after['bpp_registry_lookups_total{outcome="found"}'] == 1


async def test_complaints_to_be_resolved_are_counted_and_those_past_their_time(watched: Network) -> None:
    await complained(watched, await watched.ref(await watched.booked()))
    await watched.settled()
    before = await counted(watched)
    watched.clock.tick(hours=25)
    after = await counted(watched)

    names = ('bpp_tickets{state="running"}', 'bpp_tickets{state="overdue"}')
    assert [[one[name] for name in names] for one in (before, after)] == [[1, 0], [1, 1]]


@pytest.mark.parametrize("path", ["/invoices/R/K", "/health/ready"])
async def test_a_page_that_needs_the_database_is_503_without_it(network: Network, path: str) -> None:
    with closing(sqlite3.connect(database(network))) as connection:
        for table in ("outbox", "orders", "counters"):
            connection.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        connection.commit()

    async with network.session.get(f"{network.url}{path}") as answer:
        assert answer.status == 503


async def test_figures_are_told_without_a_database_and_say_that_it_does_not_answer(watched: Network) -> None:
    assert (await counted(watched))["bpp_database_up"] == 1
    with capture_logs():  # what is done with the database meanwhile fails, and says so at length
        rename(watched, "outbox", "outbox_away")
        async with asyncio.timeout(60):
            while (await figures(watched.url))["bpp_database_up"] == 1:  # noqa: ASYNC110  no event of ours
                await asyncio.sleep(0.02)
        rename(watched, "outbox_away", "outbox")
        assert (await counted(watched))["bpp_database_up"] == 1


def rename(network: Network, table: str, name: str) -> None:
    """Take a table of the database away, or bring it back."""
    with closing(sqlite3.connect(database(network))) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {name}")
        connection.commit()


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

"""Real processes killed at bad moments: nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Answer
from bpp.sandbox.messages import Customer, confirm_message, search_message, status_message
from bpp.sandbox.offers import read_offers
from bpp.sandbox.places import place_at
from tests.support.figures import figures
from tests.support.server import PATIENCE, running

PLACE = place_at("226010")
STARTED = "bpp_process_start_time_seconds"


async def test_a_callback_survives_a_kill_between_its_ack_and_its_delivery(database_url: str, tmp_path: Path) -> None:
    async with running(database_url, tmp_path) as (server, buyer):
        found = (await journey.search(buyer, words="tap repair", place=PLACE)).callback
        offer = read_offers(found.message)[0]
        selected = (await journey.select(buyer, found, offer, offer.starts[20], PLACE)).callback
        ready = (await journey.init(buyer, selected, Customer(), PLACE)).callback
        buyer.script("on_confirm", Answer(hangs=True))
        message = confirm_message(ready.order, order_id="O-1", now=datetime.now(UTC), payment_id="UPI-1")
        acked = await buyer.send("confirm", message, transaction_id=ready.transaction_id)
        first = await buyer.next_callback(ready.transaction_id, "on_confirm", timeout=PATIENCE)
        # Behind the on_confirm that is under way, this one is acknowledged and waits for its turn in the lane.
        waiting = await buyer.send("status", status_message("O-1"), transaction_id=ready.transaction_id)

        server.kill()
        await server.start()
        again = await buyer.next_callback(ready.transaction_id, "on_confirm", timeout=PATIENCE)
        after = await buyer.next_callback(ready.transaction_id, "on_status", timeout=PATIENCE)

        assert acked.acked
        assert waiting.acked
        assert again.body == first.body
        assert again.headers["Authorization"] != first.headers["Authorization"]
        assert after.order["status"] == "ACCEPTED"
        assert after.number > again.number


@pytest.mark.parametrize("round_", range(3))
async def test_what_was_acknowledged_before_a_kill_is_answered_after_it(tmp_path: Path, round_: int) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'bpp.sqlite3'}"
    async with running(url, tmp_path) as (server, buyer):
        tasks = [
            asyncio.create_task(buyer.send("search", _search(), transaction_id=f"T-{number}", context=_context()))
            for number in range(24)
        ]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        while sum(task.done() for task in tasks) < 4 * (round_ + 1):
            done, _ = await asyncio.wait([task for task in tasks if not task.done()], return_when="FIRST_COMPLETED")
        server.kill()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        acked = [one for one in answers if not isinstance(one, BaseException) and one.acked]
        await server.start()

        for one in acked:
            transaction_id = one.request.transaction_id
            await buyer.next_callback(transaction_id, "on_search", timeout=PATIENCE)

        assert acked
        assert done


async def test_a_server_stops_cleanly_and_keeps_its_data(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'bpp.sqlite3'}"
    async with running(url, tmp_path) as (server, buyer):
        found = (await journey.search(buyer, words="tap repair", place=PLACE)).callback
        first = server.stop()
        await server.start()
        again = (await journey.search(buyer, words="tap repair", place=PLACE)).callback

        assert first == 0
        assert [one["id"] for one in again.message["catalog"]["providers"]] == [
            one["id"] for one in found.message["catalog"]["providers"]
        ]


async def test_several_processes_share_one_port_one_database_and_their_figures(
    postgres_url: str, tmp_path: Path
) -> None:
    # A long grace: on a busy machine the other process would else send what this one has not acknowledged yet.
    async with running(postgres_url, tmp_path, BPP_WORKERS="2", BPP_ACK_GRACE="PT10S") as (server, buyer):
        exchanges = await asyncio.gather(
            *(journey.search(buyer, words="tap repair", place=PLACE) for _ in range(12)),
        )

        assert all(one.answer.acked and one.acked_first for one in exchanges)
        started = await starts(server.url, {}, count=2)
        for _ in range(6):  # whichever process is asked, it answers for both
            assert (await figures(server.url))['bpp_messages_total{action="search",answer="ACK"}'] == 12

        os.kill(min(server.children()), signal.SIGKILL)

        await starts(server.url, started, count=2)
        exchange = await journey.search(buyer, words="tap repair", place=PLACE, patience=PATIENCE)
        assert exchange.answer.acked
        assert (await figures(server.url))['bpp_messages_total{action="search",answer="ACK"}'] == 13


async def starts(url: str, before: dict[str, float], *, count: int) -> dict[str, float]:
    """When the processes of a port started, once so many have and it is not as before."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = {name: value for name, value in (await figures(url)).items() if name.startswith(STARTED)}
            if len(found) == count and found != before:
                return found
            await asyncio.sleep(0.05)


def _search() -> dict[str, object]:
    return search_message(words="tap repair", place=PLACE)


def _context() -> dict[str, object]:
    return journey.search_context(PLACE, "ONDC:SRV11")

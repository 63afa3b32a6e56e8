"""Processes that share a port, stop, are replaced, crash and are orphaned: what each of them promises to whoever asks."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self

import aiohttp
import orjson
import pytest

from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Answer
from bpp.sandbox.identities import write_registry
from bpp.sandbox.posting import Unreachable
from bpp.serve import _serve_one, _Told
from bpp.supervisor import LONGEST_PAUSE, pause_after
from tests.support.figures import figures
from tests.support.network import free_port, settings_for
from tests.support.seeded import seeded_sqlite
from tests.support.server import PATIENCE, Server, running

HEALTH = "/health/ready"
KEPT = 8
"""Connections of a hammer that can be met by a process that is replaced: four, for each of two."""
LONG = 4 * PATIENCE
"""For several processes that start one after the other on a busy machine."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return seeded_sqlite(tmp_path)


def children(server: Server) -> list[int]:
    """The server processes of a parent; multiprocessing's own helper is none."""
    assert server.process is not None
    found = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return [int(one) for one in found if b"resource_tracker" not in command(int(one))]


def command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    return False


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LONG):
        while not condition():  # noqa: ASYNC110  other processes have no event for us
            await asyncio.sleep(0.02)


async def health(server: Server, path: str = HEALTH) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}{path}") as answer:
        return answer.status, await answer.json()


async def becomes(server: Server, status: int, path: str = HEALTH) -> dict[str, Any]:
    async with asyncio.timeout(LONG):
        while True:
            found, document = await health(server, path)
            if found == status:
                return document
            await asyncio.sleep(0.05)


class Hammer:
    """A client that sends one message after the other over kept connections, each again until it is acknowledged.

    Of each try it is noted how it ended: ``ACK``, an HTTP status, ``reset`` by the other side, or ``late``: we gave up.
    """

    def __init__(self, buyer: Buyer, name: str = "T", count: int = 4) -> None:
        self._buyer = buyer
        self._name = name
        self._count = count
        self._stops = False
        self._tasks: list[asyncio.Task[None]] = []
        self.ends: Counter[str] = Counter()
        self.acked: list[str] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._hammer(number)) for number in range(self._count)]
        return self

    async def __aexit__(self, *problem: object) -> None:
        self._stops = True
        await asyncio.gather(*self._tasks)

    async def more(self, count: int) -> None:
        """Wait until so many more were acknowledged."""
        wanted = len(self.acked) + count
        await until(lambda: len(self.acked) >= wanted)

    async def _hammer(self, number: int) -> None:
        sent = 0
        while not self._stops:
            sent += 1
            name = f"{self._name}-{number}-{sent}"
            made = self._buyer.envelope("support", {"support": {}}, transaction_id=name)
            while await self._try(orjson.dumps(made)) != "ACK":  # noqa: ASYNC110  a client that tries again
                await asyncio.sleep(0.02)
            self.acked.append(name)
            await asyncio.sleep(0.02)  # never more in a second than one buyer app may send

    async def _try(self, body: bytes) -> str:
        try:
            answer = await self._buyer.post("support", body)
            end = "ACK" if answer.acked else str(answer.status)
        except Unreachable as problem:
            end = "late" if isinstance(problem.__cause__, TimeoutError) else "reset"
        self.ends[end] += 1
        return end


async def each_answered_once(server: Server, buyer: Buyer, hammer: Hammer) -> None:
    """Whatever was acknowledged got its callback, and however often it was sent it was done once."""
    for name in hammer.acked:
        await buyer.next_callback(name, "on_support", timeout=PATIENCE)
    with closing(sqlite3.connect(server.environ["BPP_DATABASE_URL"].partition("///")[2])) as connection:
        rows = Counter(one for (one,) in connection.execute("SELECT transaction_id FROM outbox"))
    assert {name: rows[name] for name in hammer.acked} == dict.fromkeys(hammer.acked, 1)


async def test_processes_are_replaced_without_a_lost_request_killed_without_a_lost_message_and_stopped_at_once(
    url: str, tmp_path: Path
) -> None:
    async with running(url, tmp_path, BPP_WORKERS="2", BPP_DRAIN_DELAY="PT1M") as (server, buyer):
        assert server.process is not None
        before = children(server)
        async with Hammer(buyer) as hammer:
            await hammer.more(20)
            server.process.send_signal(signal.SIGHUP)
            await until(lambda: "reload_ended" in server.log.read_text())
            await hammer.more(20)
        after = children(server)

        assert (len(before), len(after), set(before) & set(after)) == (2, 2, set())
        assert set(hammer.ends) <= {"ACK", "reset", "late"}
        assert hammer.ends["reset"] <= KEPT  # a kept connection, closed at the moment at which a request came on it
        # What was reset had not been processed.
        assert server.log.read_text().count("message_repeated") <= hammer.ends["late"]
        await each_answered_once(server, buyer, hammer)
        counted = (await figures(server.url))['bpp_messages_total{action="support",answer="ACK"}']
        assert hammer.ends["ACK"] <= counted <= hammer.ends.total()  # by old ones and new ones at the same time

        async with Hammer(buyer, "U") as hammer:
            await hammer.more(20)
            os.kill(after[0], signal.SIGKILL)
            await until(lambda: after[0] not in children(server) and len(children(server)) == 2)
            await hammer.more(20)

        assert set(hammer.ends) <= {"ACK", "reset", "late"}
        await each_answered_once(server, buyer, hammer)
        await stopped_at_once(server)


def all_serve(server: Server) -> bool:
    """Whether each process of a parent has said so."""
    said = server.log.read_text()
    return all(re.search(rf"server_started.*\bpid={one}\b", said) for one in children(server))


async def stopped_at_once(server: Server) -> None:
    """A second signal ends what the first one would let serve on for a minute."""
    assert server.process is not None
    # One that is told to stop while it starts dies of it, and whoever waits at its socket is reset.
    await until(lambda: all_serve(server))
    mine = children(server)
    server.process.send_signal(signal.SIGTERM)
    await becomes(server, 503)
    server.process.send_signal(signal.SIGINT)
    await asyncio.to_thread(server.process.wait, PATIENCE)
    await until(lambda: not any(map(alive, mine)))


async def test_a_process_told_to_stop_says_so_first_and_whatever_it_acknowledged_is_done(
    url: str, tmp_path: Path
) -> None:
    async with running(url, tmp_path, BPP_DRAIN_DELAY="PT5S") as (server, buyer):
        assert server.process is not None
        async with Hammer(buyer) as hammer:
            await hammer.more(10)
            server.process.send_signal(signal.SIGTERM)
            said = await becomes(server, 503)
            await hammer.more(10)
            while_draining = dict(hammer.ends)
            status = await asyncio.to_thread(server.process.wait, PATIENCE)
            await server.start()
            await hammer.more(10)

        assert said["status"] == "draining"
        assert set(while_draining) == {"ACK"}
        assert status == 0
        assert set(hammer.ends) <= {"ACK", "reset", "late"}
        await each_answered_once(server, buyer, hammer)


async def test_what_is_being_delivered_when_a_process_must_stop_is_due_again_at_once_whatever_its_lease(
    url: str, tmp_path: Path
) -> None:
    more = {"BPP_DRAIN_TIMEOUT": "PT0.2S", "BPP_DELIVERY_LEASE": "PT1H"}
    async with running(url, tmp_path, **more) as (server, buyer):
        buyer.script("on_support", Answer(hangs=True))
        await buyer.send("support", {"support": {}}, transaction_id="T-1")
        first = await buyer.next_callback("T-1", "on_support", timeout=PATIENCE)
        status = await asyncio.to_thread(server.stop)
        await server.start()
        again = await buyer.next_callback("T-1", "on_support", timeout=PATIENCE)

        assert status == 0
        assert again.body == first.body


async def test_the_second_signal_stops_at_once(url: str, tmp_path: Path) -> None:
    async with running(url, tmp_path, BPP_DRAIN_DELAY="PT1M") as (server, _):
        await stopped_at_once(server)


async def test_children_end_with_their_parent_and_fail_with_ever_longer_pauses(url: str, tmp_path: Path) -> None:
    database = Path(url.partition("///")[2])
    async with running(url, tmp_path, BPP_WORKERS="2") as (server, buyer):
        whole = database.read_bytes()
        for stale in database.parent.glob(f"{database.name}*"):
            stale.unlink()
        database.write_bytes(b"no database" * 1000)
        for child in children(server):
            os.kill(child, signal.SIGKILL)
        await until(lambda: "failures=2" in server.log.read_text())
        failed = [one for one in server.log.read_text().splitlines() if re.search(r"failures=[12]\b", one)]
        database.write_bytes(whole)
        await becomes_again(server)
        await buyer.send("support", {"support": {}}, transaction_id="T-1")
        await buyer.next_callback("T-1", "on_support", timeout=PATIENCE)

        mine = children(server)
        server.kill()
        await until(lambda: not any(map(alive, mine)))

        pauses = [float(one) for one in re.findall(r"again_in=([\d.]+)", "\n".join(failed))]
        assert sorted(set(pauses)) == [0.0, 0.5]
        assert "parent_died" in server.log.read_text()


async def becomes_again(server: Server) -> None:
    async with asyncio.timeout(LONG):
        while True:
            with suppress(aiohttp.ClientError):
                await becomes(server, 200)
                return
            await asyncio.sleep(0.05)


def test_the_pause_before_another_start_grows_and_has_an_end() -> None:
    pauses = [pause_after(failures) for failures in range(1, 12)]

    assert pauses[:4] == [0.0, 0.5, 1.0, 2.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


async def test_a_full_disk_is_said_and_forgotten_when_there_is_room_again(url: str, tmp_path: Path) -> None:
    server = Server(url, tmp_path)
    write_registry(server.registry)
    server.log = Path(os.devnull)  # nothing of ours may grow but the database
    await server.start()
    try:
        assert server.process is not None
        _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1024, most))
        full = await becomes(server, 503)
        alive_, _ = await health(server, "/health/live")
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (most, most))
        again = await becomes(server, 200)
    finally:
        server.stop()

    assert (full["status"], full["parts"]["database"]) == ("not ready", "takes no writes")
    assert alive_ == 200
    assert set(again["parts"].values()) == {"ok"}


async def test_a_process_whose_delivery_loop_ends_says_so_and_ends_itself(url: str, tmp_path: Path) -> None:
    registry = tmp_path / "registry.json"
    write_registry(registry)
    settings = settings_for(url, registry, free_port())
    running_ = asyncio.create_task(_serve_one(settings, _Told(), with_sandbox=False))
    try:
        await until(lambda: any(one.get_name() == "delivery" for one in asyncio.all_tasks()))
        (delivery,) = [one for one in asyncio.all_tasks() if one.get_name() == "delivery"]
        delivery.cancel()
        assert await asyncio.wait_for(running_, PATIENCE) == 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)

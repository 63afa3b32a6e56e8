"""The parent of several processes: who is started in whose place, whatever goes wrong meanwhile.

Its children here do nothing but what a test is about, and do not cost the start of a server each.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bpp.settings import load_settings
from bpp.supervisor import Supervisor
from tests.support.idle_child import FAILS, SLOW_TO_RETIRE, serve_nothing
from tests.support.network import free_port

PATIENCE = 60.0


class Place:
    """The folder in which children write what they do, and the parent above them."""

    def __init__(self, folder: Path, workers: int, legal_name: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        fields = {
            "BPP_BACKUPS": str(folder),
            "BPP_WORKERS": str(workers),
            "BPP_PORT": str(self.port),
            "BPP_LEGAL_NAME": legal_name,
            "BPP_SANDBOX_BUYER_PORT": "0",
            "BPP_SANDBOX_GATEWAY_PORT": "0",
        }
        self.settings = load_settings(fields)
        self.next = self.settings
        self.supervisor = Supervisor(self.settings, serve_nothing, lambda: self.next)

    def served(self) -> list[tuple[int, int, int]]:
        """Number, figures and pid of each child that served, the earliest first."""
        found = sorted(self.folder.glob("serves-*"), key=lambda one: one.stat().st_mtime_ns)
        return [(int(one), int(two), int(pid)) for _, one, two, pid in (each.name.split("-") for each in found)]

    async def served_so_many(self, count: int) -> None:
        await until(lambda: len(self.served()) >= count)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  other processes have no event for us
            await asyncio.sleep(0.01)


@asynccontextmanager
async def parent(place: Place) -> AsyncIterator[asyncio.Task[int]]:
    running = asyncio.create_task(place.supervisor.run())
    try:
        yield running
    finally:
        while not running.done():
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait({running}, timeout=1)


async def test_a_place_is_filled_again_although_its_port_was_not_to_be_had_for_a_while(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path, workers=1)
    (tmp_path / FAILS).touch()
    async with parent(place):
        taken = socket.socket()
        await until(lambda: place.supervisor._children)
        await until(lambda: took(taken, place.port))  # between two starts nobody has it
        (tmp_path / FAILS).unlink()
        said = ""

        def refused() -> bool:
            nonlocal said
            said += "".join(capfd.readouterr())
            return "server_process_not_started" in said

        await until(refused)
        taken.close()
        await place.served_so_many(1)


def took(taken: socket.socket, port: int) -> bool:
    try:
        taken.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


async def test_a_successor_keeps_its_figures_beside_the_living_and_goes_on_with_those_of_the_dead(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path, workers=2)
    async with parent(place):
        await place.served_so_many(2)
        os.kill(os.getpid(), signal.SIGHUP)
        await place.served_so_many(4)
        number, figures, pid = place.served()[-1]
        os.kill(pid, signal.SIGKILL)
        await place.served_so_many(5)
        of_the_dead = place.served()[-1]
        os.kill(os.getpid(), signal.SIGHUP)
        await place.served_so_many(7)

        assert of_the_dead[:2] == (number, figures)
        places = [(number, figures) for number, figures, _ in place.served()]
        assert sorted(places[:2]) == [(0, 0), (1, 1)]
        assert places[2:4] == [(0, 2), (1, 3)]
        assert places[5:] == [(0, 0), (1, 1)]


async def test_settings_with_which_nobody_comes_up_are_forgotten(tmp_path: Path) -> None:
    place = Place(tmp_path, workers=2)
    async with parent(place):
        await place.served_so_many(2)
        place.next = place.settings.model_copy(update={"legal_name": FAILS})
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: place.supervisor._settings is not place.settings)
        await until(lambda: place.supervisor._settings is place.settings)
        os.kill(place.served()[0][2], signal.SIGKILL)
        await place.served_so_many(3)


async def test_who_is_told_to_stop_while_processes_are_replaced_starts_no_more_and_ends(tmp_path: Path) -> None:
    place = Place(tmp_path, workers=2, legal_name=SLOW_TO_RETIRE)
    async with parent(place) as running:
        await place.served_so_many(2)
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: any(tmp_path.glob("retires-*")))
        os.kill(os.getpid(), signal.SIGTERM)
        await until(lambda: len(list(tmp_path.glob("retires-*"))) == 3)
        with pytest.raises(ConnectionRefusedError):  # whoever comes now is not left to wait for nobody
            socket.create_connection(("127.0.0.1", place.port))
        assert await asyncio.wait_for(running, PATIENCE) == 0

        assert len(place.served()) == 3

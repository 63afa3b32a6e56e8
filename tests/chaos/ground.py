"""What a run stands on: a database that can be cut off, a server that can be killed, a catalog, a disk, a registry."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bpp.storage.engine import open_storage, upgrade
from catalog.load import CatalogData
from catalog.synthetic.catalog import synthetic_catalog
from catalog.synthetic.scale import Scale
from tests.chaos.moved import CLOCK, move
from tests.support import postgres
from tests.support.catalog_builders import LUCKNOW_DISTRICT, a_provider, a_worker, an_offering
from tests.support.server import Server

SCALE = Scale(name="chaos", districts=(LUCKNOW_DISTRICT,), providers=2, workers=320, offerings=90)
WORDS = ("tap repair", "switch repair", "door repair", "room cleaning")
DURABLE = {
    **postgres.DURABLE,
    "fsync": "off",
    "synchronous_commit": "on",
    "full_page_writes": "off",
    "max_wal_size": "64MB",
}
"""What a killed server leaves to the machine is safe, since no test pulls the plug; what it still has in hand is not.
Its log is to fit on a small disk."""
DISK = 512 << 20
PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>


class MountMissingError(Exception):
    """A small disk cannot be mounted here; the text says why."""


def a_catalog() -> CatalogData:
    """A synthetic district with workers of every common trade, and one provider with a single worker for all to want.

    Names tell workers apart, since names are what buyer apps are shown.
    """
    made = synthetic_catalog(SCALE, datetime.now(UTC).date())
    workers = tuple(replace(one, name=f"{one.name} {one.id}") for one in made.workers)
    scarce = a_provider(id="SCARCE", name="Scarce Demo Services", phone="9000000002")
    return CatalogData(
        providers=(*made.providers, scarce),
        offerings=(*made.offerings, an_offering(id="SCARCE-TAP", provider_id="SCARCE")),
        workers=(
            *workers,
            a_worker(id="SCARCE-1", provider_id="SCARCE", name="Only Demo SCARCE-1", phone="9000000102"),
        ),
    )


def teams() -> list[tuple[str, ...]]:
    """The ids of the workers of each provider."""
    found: dict[str, list[str]] = {}
    for one in a_catalog().workers:
        found.setdefault(one.provider_id, []).append(one.id)
    return [tuple(some) for some in found.values()]


async def make_database(url: str) -> None:
    """Schema and catalog."""
    await upgrade(url)
    storage = open_storage(url)
    await storage.run(lambda work: work.directory.seed(a_catalog()))
    await storage.close()


class ChaosServer(Server):
    """``bpp serve``, or ``entry`` where its clock is to be moved; started and ended as often as wanted."""

    patience = 180.0  # a machine that is busy with the load starts nothing quickly

    def __init__(self, database_url: str, folder: Path, *, moved: bool, **more: str) -> None:
        adopt_orphans()
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(database_url, folder, BPP_LOG_LEVEL="warning", BPP_DELIVERY_LEASE="PT12S", **more)
        self.moved = moved
        self.clock = folder / "clock"
        move(self.clock, 0)
        self.environ[CLOCK] = str(self.clock)
        if moved:
            self.command = [sys.executable, "-m", "tests.chaos.entry"]

    def end(self) -> None:
        """Whatever is left of it, at the end of a run."""
        if self.alive():
            self.kill_all()

    def children(self) -> list[int]:
        """The processes that serve, where one watches over several."""
        return [pid for pid in self._below() if b"spawn_main" in _command_of(pid)]

    def _below(self) -> list[int]:
        assert self.process is not None
        try:
            listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        except OSError:
            return []
        return [int(pid) for pid in listed]

    def kill_all(self) -> int:
        """As a power cut does; how many processes died of it."""
        assert self.process is not None
        below = self._below()
        self.kill()
        for pid in below:  # ours by now
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return 1

    def kill_child(self, number: int) -> int:
        """One of several workers; the others go on, and the parent starts another."""
        children = self.children()
        if not children:
            return 0
        os.kill(children[number % len(children)], signal.SIGKILL)
        return 1

    def alive(self) -> bool:
        """Whether the process that was started last still runs."""
        return self.process is not None and self.process.poll() is None


def adopt_orphans() -> None:
    """Become the parent of whatever outlives its own, so that hundreds of killed servers leave nothing behind."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


class Postgres:
    """A PostgreSQL server of our own that is cut off and brought back; commits are on record before they return.

    ``root`` is where its folder shall be.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._programs = postgres.find_programs()
        self._account = postgres.server_account()
        self._folder = Path(tempfile.mkdtemp(prefix="bpp-chaos-", dir=root))
        if self._account is not None:
            os.chown(self._folder, self._account.pw_uid, self._account.pw_gid)
        postgres.initialise(self._programs, self._folder, self._account)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """The database that every cluster has."""
        return postgres.url_in(self._folder).render_as_string(hide_password=False)

    def start(self) -> None:
        """Until it takes connections; tried again while what was killed still lets go of its memory."""
        for _ in range(20):
            self._process = postgres.start(self._programs, self._folder, self._account, DURABLE)
            try:
                postgres.wait_until_ready(self._programs, self._folder, self._process)
            except RuntimeError:
                if self._process.poll() is None:
                    raise
                time.sleep(0.2)
            else:
                return
        raise RuntimeError(f"PostgreSQL does not come back:\n{(self._folder / 'log').read_text(errors='replace')}")

    def recover(self) -> None:
        """Until it takes connections after a trouble of its own, of which it may have ended."""
        assert self._process is not None
        try:
            postgres.wait_until_ready(self._programs, self._folder, self._process)
        except RuntimeError:
            if self._process.poll() is None:
                raise
            self.start()

    def cut(self, number: signal.Signals) -> None:
        """SIGQUIT is its immediate stop; SIGKILL leaves the processes of its connections to find out."""
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait()

    def remove(self) -> None:
        """Stop it and forget its data."""
        if self._process is not None and self._process.poll() is None:
            self.cut(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk in memory of ``DISK`` bytes under ``folder``. Raises MountMissingError."""
    place = folder / "disk"
    place.mkdir()
    size = f"size={DISK}"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise MountMissingError(f"no tmpfs can be mounted: {made.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def own_postgres(*, small: bool = False) -> Iterator[tuple[Postgres, Path | None]]:
    """A PostgreSQL for one episode, and its disk where that shall be a small one.

    Raises PostgresMissingError, and MountMissingError.
    """
    with ExitStack() as stack:
        disk = None
        if small:
            folder = Path(tempfile.mkdtemp(prefix="bpp-disk-"))  # short, as the path of a socket has to be
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            folder.chmod(0o711)  # who runs the database passes through
            disk = stack.enter_context(small_disk(folder))
        server = Postgres(disk)
        stack.callback(server.remove)
        yield server, disk


def fill(disk: Path) -> Path:
    """Leave not a byte; the file that takes them all."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            piece = bytes(size)
            try:
                while file.write(piece) == size:
                    pass
            except OSError:
                continue
    return ballast

"""What every test may ask for: a clock that stands still, stable ids, and a fresh database of each kind."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from aiohttp import web_app
from hypothesis import settings

from bpp.bench.postgres import Databases, PostgresMissing
from tests.support import browser_again
from tests.support.clock import FakeClock
from tests.support.ids import IdSource
from tests.support.overdue import known, patience_of, watched
from tests.support.postgres import databases
from tests.support.required import Needed, skip_or_fail

# An example may take as long as a busy machine takes: no test of ours asserts how long something took.
settings.register_profile("bpp", deadline=None)
settings.load_profile("bpp")

MEMORY, LEAST_FREE = Path("/dev/shm"), 2 << 30  # noqa: S108  pytest makes folders of its own in it
# Each commit of a database waits for the disk: a tenth of the time of all flows. In memory, where there is room for it,
# the same calls return at once; no test pulls the plug.
if not os.environ.get("TMPDIR") and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > LEAST_FREE:
    tempfile.tempdir = str(MEMORY)

gc.set_threshold(20_000, 20, 20)
"""What the tests import is a million objects: going through all of them over and over was a tenth of the time."""


SAID = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Standard error as it is while nothing is captured; and Ctrl-C heeded, also by what tests start.

    A shell that starts something in the background has it ignore Ctrl-C, and so would all that it starts.
    """
    config.stash[SAID] = os.dup(2)
    config.pluginmanager.register(browser_again)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test that does not end, with its fixtures, says where it stands and is ended; its applications are forgotten.

    aiohttp remembers the last 1024 pairs of handler and application of the process: hundreds of our servers, each with
    its catalog, two gigabytes that the collector walked through over and over.
    """
    try:
        with watched(item.nodeid, item.config.stash[SAID], patience_of(os.environ)):
            return (yield)
    finally:
        web_app._cached_build_middleware.cache_clear()


def pytest_collection_finish() -> None:
    """What is there before the first test stays: no need to ask whether it is garbage."""
    gc.collect()
    gc.freeze()


LAST_TURNS, THREADS_END_S = 10, 5.0


class PatientLoop(asyncio.SelectorEventLoop):
    """A loop that sees connections end which were accepted, opened or closed in a test's last moment."""

    def __init__(self) -> None:
        """With the threads that are there before."""
        super().__init__()
        self._before = frozenset(threading.enumerate())

    def close(self) -> None:
        if not self.is_closed():
            self.run_until_complete(self._last_turns())
        super().close()

    async def _last_turns(self) -> None:
        for _ in range(LAST_TURNS):
            await asyncio.sleep(0)
        until = self.time() + THREADS_END_S
        # A server that stops leaves them, and they tell the loop what became of them.
        while self._opening() and self.time() < until:  # noqa: ASYNC110  a thread has no event
            await asyncio.sleep(0.005)

    def _opening(self) -> bool:
        """Whether a connection to SQLite, each of which has a thread, was given up while it was opened."""
        return any("_connection_worker_thread" in one.name for one in {*threading.enumerate()} - self._before)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Every asynchronous test runs in such a loop."""
    return {"patient": lambda: known(PatientLoop())}


SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture
def clock() -> FakeClock:
    """Monday morning, until `clock.tick(minutes=5)`."""
    return FakeClock()


@pytest.fixture
def new_id() -> IdSource:
    """The same ids in every run."""
    return IdSource()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of third-party reference data beside the repository; tests that read it are skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("no folder ../shared with the reference data")
    return SHARED


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """The PostgreSQL server of this test process (each process of pytest-xdist has its own)."""
    try:
        with databases(os.environ, os.environ.get("PYTEST_XDIST_WORKER", "main")) as server:
            yield server
    except PostgresMissing as problem:
        skip_or_fail(Needed.POSTGRES, str(problem), os.environ)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'bpp.sqlite3'}"


@pytest.fixture
def postgres_url(postgres: Databases) -> Iterator[str]:
    """A fresh, empty PostgreSQL database."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, empty database; a test that asks for it runs once on SQLite and once on PostgreSQL."""
    kind = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(kind)
    return url

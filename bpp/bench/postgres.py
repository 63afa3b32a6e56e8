"""A PostgreSQL of our own for as long as it is needed: on a unix socket, in a temporary folder, ended with us.

The benchmark measures on it what a machine without a running server could not; the tests run on it, too.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0

DURABLE: Mapping[str, str] = {"listen_addresses": "", "max_connections": "100", "timezone": "UTC"}
"""Settings of a server that keeps what it commits, as PostgreSQL comes."""


class PostgresMissing(Exception):
    """No server can be had; the text says why."""


class Databases:
    """Creates and drops databases on one PostgreSQL server; their names begin with ``owner``."""

    def __init__(self, server: URL, owner: str) -> None:
        self._server = server
        self._owner = owner
        self._numbers = itertools.count(1)

    @classmethod
    def at(cls, url: str, owner: str) -> Databases:
        """On the server of a URL, whose user must be allowed to create databases."""
        return cls(make_url(url), f"{owner}_{os.getpid()}")

    def create(self, template: str = "template1") -> str:
        """A new database; its SQLAlchemy URL. ``template`` is a URL or a name of the database to copy."""
        source = make_url(template).database if "://" in template else template
        name = f"{self._owner}_{next(self._numbers)}"
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return self._server.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Remove a database that ``create`` made, with whatever connections are left to it."""
        self._execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def _execute(self, *statements: str) -> None:
        async def run() -> None:
            engine = create_async_engine(self._server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
            async with engine.connect() as connection:
                for statement in statements:
                    await connection.execute(text(statement))
            await engine.dispose()

        # In a thread of its own: the caller may be inside a running event loop, and asyncio.run would leave the
        # main thread without the loop that pytest-asyncio has set for it.
        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(asyncio.run, run()).result()


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A running server: the URL of its first database, and its process id."""

    url: URL
    pid: int


@contextmanager
def own_postgres(settings: Mapping[str, str], *, root: Path | None = None) -> Iterator[OwnServer]:
    """Initialise, start and in the end stop a PostgreSQL of our own, in a folder under ``root``.

    Raises ``PostgresMissing`` where its programs are not to be had.
    """
    programs = find_programs()
    account = server_account()
    # Short: a socket's path has at most 107 bytes; and another user must be able to enter it.
    folder = Path(tempfile.mkdtemp(prefix="bpp-pg-", dir=root))
    try:
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        initialise(programs, folder, account)
        process = start(programs, folder, account, settings)
        try:
            wait_until_ready(programs, folder, process)
            yield OwnServer(url_in(folder), process.pid)
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path:
    """The folder with ``initdb`` and ``postgres``: from PATH, else the newest of Debian's versions."""
    found = shutil.which("initdb")
    on_path = [Path(found).resolve().parent] if found else []
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    debian.sort(key=lambda programs: float(programs.parent.name), reverse=True)
    for programs in (*on_path, *debian):
        if (programs / "postgres").exists():  # a folder with the client's programs alone is no server
            return programs
    raise PostgresMissing("no PostgreSQL: initdb is neither on PATH nor under /usr/lib/postgresql")


def server_account() -> pwd.struct_passwd | None:
    """Who the server runs as: root may not run it, so for root it is ``postgres``; anybody else runs it himself."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError as problem:
        raise PostgresMissing("PostgreSQL does not run as root, and there is no user postgres") from problem


def url_in(folder: Path, database: str = "postgres") -> URL:
    """How a database of the server in a folder is reached."""
    return URL.create("postgresql+asyncpg", "bpp", database=database, query={"host": str(folder)})


def initialise(programs: Path, folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make an empty cluster under ``folder``, which belongs to the account."""
    as_account = [] if account is None else ["runuser", "-u", account.pw_name, "--"]
    initdb = [str(programs / "initdb"), "--pgdata", str(folder / "data"), "--username=bpp", "--auth=trust", "--no-sync"]
    initdb += ["--encoding=UTF8", "--locale=C.UTF-8"]
    made = subprocess.run(  # noqa: S603  programs of this machine, found above
        [*as_account, *initdb], cwd=folder, capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr or made.stdout}")


def start(
    programs: Path, folder: Path, account: pwd.struct_passwd | None, settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a server on a cluster; its socket is in ``folder``, and so is its ``log``."""
    settings = {**settings, "unix_socket_directories": str(folder)}
    server = [str(programs / "postgres"), "-D", str(folder / "data")]
    server += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603  a program of this machine, found above
            [*_leash(account), *server], cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )


def _leash(account: pwd.struct_passwd | None) -> list[str]:
    """A command that becomes the server: under the account, and ended with us even when we are killed.

    ``setpriv`` executes the server in its own place, so the pid we hold is the server's; ``runuser`` would stay
    between. The server gets SIGINT, its "fast shutdown", when its parent dies: a run that is killed leaves no server.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return [] if account is None else ["runuser", "-u", account.pw_name, "--"]
    who = [] if account is None else [f"--reuid={account.pw_name}", f"--regid={account.pw_gid}", "--init-groups"]
    return [setpriv, *who, "--pdeathsig=INT", "--"]


def wait_until_ready(programs: Path, folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Until it takes connections. Raises RuntimeError with its log where it does not."""
    ready = [str(programs / "pg_isready"), "--quiet", "--host", str(folder), "--username=bpp", "--dbname=postgres"]
    deadline = time.monotonic() + START_TIMEOUT_S
    while subprocess.run(ready, check=False).returncode != 0:  # noqa: S603  the same
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text(errors='replace')}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)  # at once, without a checkpoint: the data is thrown away anyway
        process.wait(STOP_TIMEOUT_S)

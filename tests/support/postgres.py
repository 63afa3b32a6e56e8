"""A real PostgreSQL for the tests: started on a unix socket in a temporary folder, one fresh database per test.

`BPP_TEST_DATABASE_URL` names a server instead, for example `postgresql+asyncpg://bpp:secret@127.0.0.1/postgres`; its
user must be allowed to create databases. Where there is neither, the tests that need PostgreSQL are skipped with the
reason, or fail where `BPP_TEST_REQUIRE_POSTGRES` or `CI` is set: a run that is meant to try both databases must not
pass on one.
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
from pathlib import Path

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0


class PostgresMissingError(Exception):
    """No server can be had; the text says why."""


class Databases:
    """Creates and drops databases on one PostgreSQL server.

    Names carry `owner`, so that parallel test processes may share a server.
    """

    def __init__(self, server: URL, owner: str) -> None:
        self._server = server
        self._owner = owner
        self._numbers = itertools.count(1)

    def create(self, template: str = "template1") -> str:
        """A new database; its SQLAlchemy URL. `template` is a URL or a name of the database to copy."""
        source = make_url(template).database if "://" in template else template
        name = f"bpp_test_{self._owner}_{next(self._numbers)}"
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return self._server.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Remove a database that `create` made, with whatever connections are left to it."""
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


@contextmanager
def databases(environ: Mapping[str, str], owner: str) -> Iterator[Databases]:
    """The server that the environment names, or one of our own for as long as the context lasts.

    Raises `PostgresMissingError` where neither is to be had.
    """
    named = environ.get("BPP_TEST_DATABASE_URL")
    if named:
        yield Databases(make_url(named), f"{owner}_{os.getpid()}")
        return
    with own_server() as url:
        yield Databases(url, owner)


@contextmanager
def own_server() -> Iterator[URL]:
    """Initialise, start and in the end stop a PostgreSQL of our own; its URL."""
    programs = find_programs()
    account = server_account()
    # Not pytest's temporary folder: another user must be able to enter it, and a socket's path has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="bpp-pg-"))
    try:
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        initialise(programs, folder, account)
        process = start(programs, folder, account, QUICK_SETTINGS)
        try:
            wait_until_ready(programs, folder, process)
            yield url_in(folder)
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def url_in(folder: Path, database: str = "postgres") -> URL:
    """How a database of the server in a folder is reached."""
    return URL.create("postgresql+asyncpg", "bpp", database=database, query={"host": str(folder)})


def find_programs() -> Path:
    """The folder with `initdb` and `postgres`: from PATH, else the newest of Debian's versions."""
    found = shutil.which("initdb")
    on_path = [Path(found).resolve().parent] if found else []
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    debian.sort(key=lambda programs: float(programs.parent.name), reverse=True)
    for programs in (*on_path, *debian):
        if (programs / "postgres").exists():  # a folder with the client's programs alone is no server
            return programs
    raise PostgresMissingError("no PostgreSQL: initdb is neither on PATH nor under /usr/lib/postgresql")


def server_account() -> pwd.struct_passwd | None:
    """Who the server runs as: root may not run it, so for root it is `postgres`; anybody else runs it himself."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError as problem:
        raise PostgresMissingError("PostgreSQL does not run as root, and there is no user `postgres`") from problem


QUICK_SETTINGS: Mapping[str, str] = {
    "fsync": "off",  # a test database need not survive a power cut
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def initialise(programs: Path, folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make an empty cluster under ``folder``, which belongs to the account."""
    as_account = [] if account is None else ["runuser", "-u", account.pw_name, "--"]
    initdb = [str(programs / "initdb"), "--pgdata", str(folder / "data"), "--username=bpp", "--auth=trust", "--no-sync"]
    initdb += ["--encoding=UTF8", "--locale=C.UTF-8"]
    made = subprocess.run([*as_account, *initdb], cwd=folder, capture_output=True, text=True, check=False)
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr or made.stdout}")


def start(
    programs: Path, folder: Path, account: pwd.struct_passwd | None, durability: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a server on a cluster; its socket is in ``folder``, and so is its ``log``."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "max_connections": "100",
        "timezone": "UTC",
        **durability,
    }
    server = [str(programs / "postgres"), "-D", str(folder / "data")]
    server += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [*_leash(account), *server], cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )


def _leash(account: pwd.struct_passwd | None) -> list[str]:
    """A command that becomes the server: under the account, and ended with us even when we are killed.

    `setpriv` executes the server in its own place, so the pid we hold is the server's; `runuser` would stay between.
    The server gets SIGINT, its "fast shutdown", when its parent dies: a test run that is killed leaves no server.
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
    while subprocess.run(ready, check=False).returncode != 0:
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

"""A real PostgreSQL for the tests: started on a unix socket in a temporary folder, one fresh database per test.

`BPP_TEST_DATABASE_URL` names a server instead, for example `postgresql+asyncpg://bpp:secret@127.0.0.1/postgres`; its
user must be allowed to create databases. Where there is neither, the tests that need PostgreSQL are skipped with the
reason, or fail where `BPP_TEST_REQUIRE_POSTGRES` or `CI` is set: a run that is meant to try both databases must not
pass on one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import URL

from bpp.bench.postgres import (
    DURABLE,
    Databases,
    find_programs,
    initialise,
    own_postgres,
    server_account,
    start,
    url_in,
    wait_until_ready,
)
from bpp.bench.postgres import PostgresMissing as PostgresMissingError

__all__ = [
    "DURABLE",
    "FORGETFUL",
    "Databases",
    "PostgresMissingError",
    "databases",
    "find_programs",
    "initialise",
    "own_server",
    "server_account",
    "start",
    "url_in",
    "wait_until_ready",
]

FORGETFUL: Mapping[str, str] = {
    **DURABLE,
    "fsync": "off",  # a test database need not survive a power cut
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@contextmanager
def databases(environ: Mapping[str, str], owner: str) -> Iterator[Databases]:
    """The server that the environment names, or one of our own for as long as the context lasts.

    Raises `PostgresMissing` where neither is to be had.
    """
    named = environ.get("BPP_TEST_DATABASE_URL")
    if named:
        yield Databases.at(named, f"bpp_test_{owner}")
        return
    with own_server() as url:
        yield Databases(url, f"bpp_test_{owner}")


@contextmanager
def own_server() -> Iterator[URL]:
    """A server of our own for as long as the context lasts; its URL."""
    with own_postgres(FORGETFUL) as server:
        yield server.url

"""Backups of a working seller: whole or not there, and what is restored is what was, and goes on from there."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bpp.people.door import new_session
from bpp.people.model import Code, Person, Role, Step, token_digest
from bpp.sandbox import journey
from bpp.sandbox.messages import confirm_message
from bpp.storage.backup import MANIFEST, back_up, newest_backup, prune, read_manifest, restore, verify
from bpp.storage.backup_copy import BackupRefused
from bpp.storage.engine import open_storage, upgrade
from bpp.storage.ports import Unit, Work
from bpp.storage.revisions import alembic_config
from tests.support.clock import FakeClock
from tests.support.effects import contents
from tests.support.ids import IdSource
from tests.support.network import running_network
from tests.support.postgres import Databases
from tests.support.seeded import seeded_sqlite

NOW = datetime(2026, 1, 5, 3, 30, tzinfo=UTC)
NAME = "sewamitra-20260105T033000Z"
LEASED = {"outbox", "timers"}


@pytest.fixture
def target_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """Another place of the same kind, with nothing in it."""
    if "sqlite" in database_url:
        yield f"sqlite+aiosqlite:///{tmp_path / 'elsewhere' / 'bpp.sqlite3'}"
        return
    server: Databases = request.getfixturevalue("postgres")
    url = server.create()
    yield url
    server.drop(url)


def unleased(found: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Rows by table as a restore leaves them: leases belong to processes that are no more."""
    return {
        table: [{**row, "leased_until": None} if table in LEASED else row for row in held]
        for table, held in found.items()
        if table != "peers"
    }


async def execute(url: str, *statements: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


def modes(folder: Path) -> set[int]:
    return {one.stat().st_mode & 0o777 for one in folder.iterdir()}


# What comes back


async def test_a_booking_goes_on_after_its_seller_was_backed_up_under_load_and_restored(
    database_url: str, target_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with running_network(database_url, tmp_path, clock) as network:
        ready = await network.initialised(slot=9)
        load = [asyncio.create_task(network.booked(slot=number)) for number in range(6)]
        await asyncio.wait(load, return_when=asyncio.FIRST_COMPLETED)
        made, manifest = await back_up(database_url, tmp_path / "backups", NOW)
        await asyncio.gather(*load)
        await network.settled()
        later = await contents(database_url)

    assert made.name == NAME
    assert await verify(made) == manifest
    assert (made.stat().st_mode & 0o777, modes(made)) == (0o700, {0o600})
    await restore(made, target_url, NOW)
    restored = await contents(target_url)
    assert {table: len(restored[table]) for table in manifest.counts if table != "peers"} == {
        table: count for table, count in manifest.counts.items() if table != "peers"
    }
    for table in ("message_log", "attempts", "order_events", "ledger_lines"):  # what is only ever added to
        assert [row for row in restored[table] if row not in later[table]] == []
    answered = {row["seq"] for row in restored["outbox"]}
    assert {row["callback_seq"] for row in restored["inbox"]} - {None} <= answered
    assert {row["digest"] for row in restored["outbox"]} <= {row["digest"] for row in restored["message_bodies"]}
    assert sum(row["paise"] for row in restored["ledger_lines"]) == 0

    async with running_network(target_url, tmp_path, clock, IdSource(series=9)) as again:
        message = confirm_message(ready.order, order_id="O-1", now=clock(), payment_id="UPI-1")
        place = {key: ready.context[key] for key in ("domain", "location")}  # the seller is elsewhere now
        taken = await journey.ask(again.buyer, "confirm", message, transaction_id=ready.transaction_id, context=place)
        confirmed = taken.callback
        assert confirmed.order["status"] == "ACCEPTED"
        status, told = await again.event(confirmed, "depart")
        assert (status, told["state"]) == (200, "EN_ROUTE")


async def test_whoever_signs_in_comes_back_and_nobody_is_signed_in(
    database_url: str, target_url: str, tmp_path: Path
) -> None:
    await upgrade(database_url)
    person = Person(id="person:a", login="a", name="A", role=Role.ADMIN, created_at=NOW, password="$argon2id$x")
    code = Code(phone="1", digest="x", sent_at=NOW, valid_until=NOW)

    async def unit(work: Work) -> None:
        await work.people.add(person)
        await work.people.open_session(new_session("kept in a browser", person, Step.OPEN, NOW))
        await work.people.put_code(code)

    await in_storage(database_url, unit)
    made, _ = await back_up(database_url, tmp_path / "backups", NOW)
    await restore(made, target_url, NOW)

    async def look(work: Work) -> tuple[Any, ...]:
        digest = token_digest("kept in a browser")
        return await work.people.by_login("a"), await work.people.session(digest), await work.people.code("1")

    assert await in_storage(target_url, look) == (person, None, None)


async def test_a_backup_of_before_the_console_is_restored_too(
    database_url: str, target_url: str, tmp_path: Path
) -> None:
    await upgrade(database_url)
    await asyncio.to_thread(command.downgrade, alembic_config(database_url), "0015")
    made, manifest = await back_up(database_url, tmp_path / "backups", NOW)
    await restore(made, target_url, NOW)
    await upgrade(target_url)

    assert "sessions" not in manifest.counts
    assert (await contents(target_url))["people"] == []


async def in_storage(url: str, unit: Unit[Any]) -> Any:
    storage = open_storage(url)
    try:
        return await storage.run(unit)
    finally:
        await storage.close()


async def test_what_is_restored_is_row_by_row_what_was(
    database_url: str, target_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with running_network(database_url, tmp_path, clock) as network:
        confirmed, _ = await network.completed()
        await journey.rate(network.buyer, confirmed, 4)
        await network.settled()
    await execute(
        database_url,
        "UPDATE outbox SET state = 'pending', leased_until = 1999999999000000 WHERE seq = (SELECT max(seq) FROM outbox)",
        "INSERT INTO peers VALUES ('resting.example', 1999999999000000, 1999999999000000)",
    )
    before = await contents(database_url)

    made, _ = await back_up(database_url, tmp_path / "backups", NOW)
    await upgrade(target_url)  # a schema without rows is no data
    await restore(made, target_url, NOW)

    found = await contents(target_url)
    assert unleased(found) == unleased(before)
    assert [row["leased_until"] for row in found["outbox"]] == [None] * len(found["outbox"])
    assert found["peers"] == []
    assert await contents(database_url) == before
    # and once more in the other direction, over what is there
    await execute(database_url, "DELETE FROM inbox")
    with pytest.raises(BackupRefused, match="--over"):
        await restore(made, database_url, NOW)
    _, kept = await restore(made, database_url, NOW, over=True)
    assert unleased(await contents(database_url)) == unleased(before)
    if kept is not None:
        assert unleased(await contents(f"sqlite+aiosqlite:///{kept}"))["inbox"] == []


# What is refused


def of(backup: Path, **changes: Any) -> None:
    """Say something else of a backup than what it is."""
    said = backup / MANIFEST
    said.write_bytes(orjson.dumps({**asdict(read_manifest(backup)), **changes}))


def damaged(backup: Path) -> None:
    place = backup / read_manifest(backup).file
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)


def cut(backup: Path) -> None:
    place = backup / read_manifest(backup).file
    place.write_bytes(place.read_bytes()[:-100])


def other_rows(backup: Path) -> None:
    place = backup / read_manifest(backup).file
    with closing(sqlite3.connect(place)) as copied:
        copied.execute("DELETE FROM providers")
        copied.commit()
    of(backup, sha256=hashlib.sha256(place.read_bytes()).hexdigest(), bytes=place.stat().st_size)


def newer(backup: Path) -> None:
    place = backup / read_manifest(backup).file
    with closing(sqlite3.connect(place)) as copied:
        copied.execute("UPDATE alembic_version SET version_num = '9999'")
        copied.commit()
    of(backup, sha256=hashlib.sha256(place.read_bytes()).hexdigest(), bytes=place.stat().st_size, revision="9999")


SPOILED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a bit": (damaged, "digest"),
    "its end": (cut, "bytes, and the manifest says"),
    "rows": (other_rows, "other rows"),
    "a newer schema": (newer, "made by a newer program"),
    "another engine": (lambda one: of(one, engine="postgresql"), "pg_restore failed|cannot be restored|pg_restore is"),
    "a newer format": (lambda one: of(one, format=2), "not of format 1"),
    "a path": (lambda one: of(one, file="../manifest.json"), "elsewhere"),
    "its manifest": (lambda one: (one / MANIFEST).unlink(), "cannot be read"),
    "its copy": (lambda one: (one / "database.sqlite3").unlink(), "is missing"),
    "a time": (lambda one: of(one, made_at="yesterday"), "not as it should be"),
}


@pytest.mark.parametrize("name", SPOILED)
async def test_a_backup_that_is_not_as_it_was_made_is_not_restored(tmp_path: Path, name: str) -> None:
    spoil, why = SPOILED[name]
    made, _ = await back_up(seeded_sqlite(tmp_path), tmp_path / "backups", NOW)
    target = tmp_path / "elsewhere.sqlite3"
    spoil(made)

    with pytest.raises(BackupRefused, match=why):
        await restore(made, f"sqlite+aiosqlite:///{target}", NOW)

    assert not target.exists()


async def test_a_database_that_somebody_has_open_is_not_replaced(database_url: str, tmp_path: Path) -> None:
    await upgrade(database_url)
    made, _ = await back_up(database_url, tmp_path / "backups", NOW)
    engine = create_async_engine(database_url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1 FROM outbox"))
        with pytest.raises(BackupRefused, match="open"):
            await restore(made, database_url, NOW, over=True)
    await engine.dispose()
    await restore(made, database_url, NOW, over=True)


async def test_a_restore_that_fails_at_its_end_leaves_what_was(
    postgres: Databases, postgres_url: str, tmp_path: Path
) -> None:
    await upgrade(postgres_url)
    await execute(postgres_url, "INSERT INTO providers VALUES ('P-1', '{}')")
    before = await contents(postgres_url)
    foreign = postgres.create()
    await execute(
        foreign,
        "CREATE TABLE alembic_version (version_num text)",
        "INSERT INTO alembic_version SELECT '0012'",
    )
    made, _ = await back_up(foreign, tmp_path / "backups", NOW)
    postgres.drop(foreign)

    with pytest.raises(BackupRefused, match="outbox"):
        await restore(made, postgres_url, NOW, over=True)

    assert await contents(postgres_url) == before


async def test_without_the_programs_of_postgresql_it_is_said_which_is_missing(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await upgrade(postgres_url)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BackupRefused, match="pg_dump is missing on this machine"):
        await back_up(postgres_url, tmp_path / "backups", NOW)

    assert newest_backup(str(tmp_path / "backups")) is None


async def test_the_same_moment_is_not_backed_up_twice_and_the_newest_is_known(tmp_path: Path) -> None:
    url, folder = seeded_sqlite(tmp_path), tmp_path / "backups"
    await back_up(url, folder, NOW)
    with pytest.raises(BackupRefused, match="is there already"):
        await back_up(url, folder, NOW)
    await back_up(url, folder, NOW + timedelta(hours=1))

    assert newest_backup(str(folder)) == NOW + timedelta(hours=1)
    assert [one.name for one in prune(folder, 1)] == [NAME]
    assert prune(folder, 1) == []
    assert newest_backup(str(folder)) == NOW + timedelta(hours=1)
    assert newest_backup(str(tmp_path / "nowhere")) is None
    assert newest_backup("") is None


# Killed half-way


def bulky(url: str) -> None:
    """So much that copying it takes a moment."""
    with closing(sqlite3.connect(url.partition("///")[2])) as connection:
        connection.executemany(
            "INSERT INTO message_bodies (digest, body) VALUES (?, ?)",
            ((f"D-{n}", os.urandom(1 << 20)) for n in range(48)),
        )
        connection.commit()


HALF = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (24 << 20, 24 << 20))
from bpp.cli.main import main; main()
"""
"""The system kills who writes more than half of what is ``bulky``: no handler runs, nothing is flushed."""


def started(url: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", HALF, *arguments]
    environ = {**os.environ, "BPP_DATABASE_URL": url}
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


async def killed_when(there: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(30):
        while not there() and process.poll() is None:  # noqa: ASYNC110  a folder has no event
            await asyncio.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()


async def test_a_backup_that_is_killed_half_way_is_not_there_and_the_next_one_clears_it_away(tmp_path: Path) -> None:
    url, folder = seeded_sqlite(tmp_path), tmp_path / "backups"
    bulky(url)

    await killed_when(
        lambda: bool(list(folder.glob(f".{NAME[:9]}*"))), started(url, "backup", "run", "--to", str(folder))
    )

    assert newest_backup(str(folder)) is None
    assert len(list(folder.glob(".sewamitra-*"))) == 1
    made, _ = await back_up(url, folder, NOW)
    assert {one.name for one in folder.iterdir()} == {NAME, ".lock"}
    assert await verify(made)


async def test_a_restore_that_is_killed_half_way_leaves_what_was_and_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    url, old = seeded_sqlite(tmp_path), seeded_sqlite(tmp_path / "old")
    bulky(url)
    made, manifest = await back_up(url, tmp_path / "backups", NOW)
    target = Path(old.partition("///")[2])
    coming = target.with_name(f"{target.name}.restoring")
    before = await contents(old)

    await killed_when(coming.exists, started(old, "restore", str(made), "--over"))

    assert coming.exists()
    assert await contents(old) == before
    await restore(made, old, NOW, over=True)
    assert not coming.exists()
    assert len((await contents(old))["message_bodies"]) == manifest.counts["message_bodies"] == 48


async def test_a_backup_made_by_an_older_program_of_a_newer_schema_is_whole_and_can_be_restored(tmp_path: Path) -> None:
    url = seeded_sqlite(tmp_path)
    made, manifest = await back_up(url, tmp_path / "backups", NOW)
    newest = list(manifest.counts)[-1]  # as if only the newer program knew the table
    fewer = {table: count for table, count in manifest.counts.items() if table != newest}
    (made / MANIFEST).write_bytes(orjson.dumps(asdict(manifest) | {"counts": fewer}))

    assert (await verify(made)).counts == fewer
    await restore(made, f"sqlite+aiosqlite:///{tmp_path / 'elsewhere.sqlite3'}", NOW)

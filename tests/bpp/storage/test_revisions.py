"""Schemas change while old and new programs run on them."""

from __future__ import annotations

import ast
import asyncio
import os
import sqlite3
import sys
from contextlib import asynccontextmanager, closing, suppress
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from bpp.errors import Unavailable
from bpp.storage import online
from bpp.storage.engine import database_file, open_storage, probe_engine, upgrade
from bpp.storage.revisions import alembic_config
from tests.support.order_builders import a_callback

REVISIONS = sorted((Path(online.__file__).parent / "migrations" / "versions").glob("*.py"))
TAKES_AWAY = frozenset({"drop_table", "drop_column", "drop_constraint", "alter_column", "rename_table", "drop_index"})
DEMANDS = frozenset({"create_unique_constraint", "create_check_constraint", "create_foreign_key", "execute"})
REASONS = {
    "0003": {"execute": "sets terms to what the program of before read them as"},
    "0004": {"execute": "triggers on tables that the revision itself makes"},
    "0008": {"execute": "one form of telephone numbers, which the program of before finds by the same digits"},
    "0010": {"execute": "fills tables that the revision itself makes"},
    "0013": {"drop_index": "made anew in the same revision; a claim without it looks at what the next one holds"},
    "0015": {"drop_index": "what was found by its moment is found by peer and moment"},
    "0016": {"unique index": "of a table that the revision itself makes"},
    "0021": {"drop_index": "what was found by peer and transaction is found by transaction and peer"},
    "0023": {"execute": "numbers what is posted, in a table that the revision itself makes"},
    "0019": {"execute": "fills a column that the program of before does not know"},
}
"""By revision what it does beyond adding, and why programs of the release before it go on."""


def beyond_adding(source):
    """What a revision does, when it goes up, that a program of the release before it could stumble over."""
    tree = ast.parse(source)
    tree.body = [one for one in tree.body if not (isinstance(one, ast.FunctionDef) and one.name == "downgrade")]
    for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in TAKES_AWAY | DEMANDS:
            yield name
        elif name == "create_index" and any(ast.unparse(one) == "unique=True" for one in call.keywords):
            yield "unique index"
        elif name == "add_column" and not _has_room(call.args[-1]):
            yield "column without a default"


def _has_room(column):
    """Whether a row can be written that knows nothing of a new column."""
    given = {one.arg: one.value for one in column.keywords}
    nullable = not isinstance(given.get("nullable"), ast.Constant) or given["nullable"].value
    return nullable or "server_default" in given


@pytest.mark.parametrize("path", REVISIONS, ids=lambda path: path.stem)
def test_a_revision_only_adds_or_says_why_not(path):
    assert set(beyond_adding(path.read_text())) == set(REASONS.get(path.stem[:4], {}))


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("op.drop_column('orders', 'doc')", {"drop_column"}),
        ("orders.alter_column('doc', new_column_name='text')", {"alter_column"}),
        ("op.add_column('orders', sa.Column('more', sa.Text(), nullable=False))", {"column without a default"}),
        ("op.add_column('orders', sa.Column('more', sa.Text(), nullable=False, server_default=''))", set()),
        ("op.add_column('orders', sa.Column('more', sa.Text()))", set()),
        ("op.create_index('ux', 'orders', ['doc'], unique=True)", {"unique index"}),
        ("op.execute('UPDATE orders SET doc = 1')", {"execute"}),
        ("op.create_table('more', sa.Column('id', sa.Text(), nullable=False))", set()),
    ],
)
def test_what_takes_away_or_demands_is_seen(step, found):
    source = f"def upgrade():\n    {step}\n\n\ndef downgrade():\n    op.drop_table('more')\n"

    assert set(beyond_adding(source)) == found


async def execute(url, *statements):
    engine = probe_engine(url)
    async with engine.begin() as connection:
        for one in statements:
            await connection.execute(text(one))
    await engine.dispose()


async def fetch(url, query):
    engine = probe_engine(url)
    async with engine.connect() as connection:
        found = (await connection.execute(text(query))).all()
    await engine.dispose()
    return found


STARTED = 3
PREPARE = f"""
import asyncio, os, traceback
from bpp.app import prepare
from bpp.settings import load_settings

settings, started = load_settings(os.environ), []
for _ in range({STARTED}):
    started.append(os.fork())
    if started[-1] == 0:
        try:
            asyncio.run(prepare(settings))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
raise SystemExit(sum(os.waitpid(one, 0)[1] != 0 for one in started))
"""


async def test_several_that_start_at_once_on_an_empty_database_all_come_up_and_fill_it_once(database_url, environ):
    starting = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PREPARE, env=environ(database_url), stderr=asyncio.subprocess.PIPE
    )
    _, said = await starting.communicate()

    assert starting.returncode == 0, said.decode()
    assert await fetch(database_url, "SELECT count(DISTINCT version) FROM catalog_changes") == [(1,)]


COUNTED = """
import sys
from alembic import command
from sqlalchemy import event
from sqlalchemy.engine import Engine
from bpp.storage.revisions import alembic_config

commits = []
event.listen(Engine, "commit", commits.append)
command.upgrade(alembic_config(sys.argv[1]), "head")
print(len(commits))
"""


async def test_all_revisions_of_a_file_are_one_transaction(tmp_path, environ):
    """Whoever starts beside, or is killed in between, sees the old schema or the new one, never one half made."""
    url = f"sqlite+aiosqlite:///{tmp_path}/one.sqlite3"
    migrating = await asyncio.create_subprocess_exec(
        sys.executable, "-c", COUNTED, url, env=environ(url), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await migrating.communicate()

    assert (migrating.returncode, said.split()) == (0, [b"1"])


@pytest.fixture
def environ(tmp_path):
    def of(url):
        return {
            **os.environ,
            "BPP_DATABASE_URL": url,
            "BPP_REGISTRY": str(tmp_path / "registry.json"),
            "PYTHONPATH": str(Path(online.__file__).parent.parent.parent),
        }

    return of


async def newer(url, revision, oldest):
    await execute(url, f"UPDATE alembic_version SET version_num = '{revision}'", "DELETE FROM schema_support")  # noqa: S608
    if oldest:
        await execute(url, f"INSERT INTO schema_support VALUES ('{oldest}')")  # noqa: S608


@pytest.mark.parametrize("oldest", ["0015", ""])
async def test_a_program_runs_on_a_newer_schema_that_has_room_for_it(database_url, oldest):
    await upgrade(database_url)
    await newer(database_url, "9001", oldest)
    await upgrade(database_url)
    storage = open_storage(database_url)

    assert await storage.run(lambda work: work.outbox.enqueue(a_callback())) > 0
    assert await fetch(database_url, "SELECT version_num FROM alembic_version") == [("9001",)]
    await storage.close()


async def test_a_program_refuses_a_newer_schema_that_has_no_room_for_it_and_says_what_to_do(sqlite_url):
    await upgrade(sqlite_url)
    await newer(sqlite_url, "9001", "9000")

    with pytest.raises(Unavailable, match=r"revision 9001\).*install a newer release") as refusal:
        await upgrade(sqlite_url)
    assert "it must know 9000" in str(refusal.value)


async def test_a_schema_that_is_up_to_date_is_not_touched(postgres_url):
    await upgrade(postgres_url)
    async with held(postgres_url, "LOCK TABLE outbox, alembic_version IN SHARE UPDATE EXCLUSIVE MODE"):
        await upgrade(postgres_url)


@asynccontextmanager
async def held(url, *statements):
    engine = probe_engine(url)
    async with engine.connect() as connection:
        for one in statements:
            await connection.execute(text(one))
        yield connection
    await engine.dispose()


async def test_a_kill_in_the_middle_of_the_revisions_leaves_an_sqlite_file_that_can_be_migrated(sqlite_url, environ):
    killed = (
        "import os, sqlalchemy.event as event, sqlalchemy.engine as engine\n"
        "@event.listens_for(engine.Engine, 'after_cursor_execute')\n"
        "def end(connection, cursor, statement, *rest):\n"
        "    if 'CREATE TABLE ledger' in statement: os._exit(9)\n"
        "import asyncio; from bpp.storage.engine import upgrade\n"
        "asyncio.run(upgrade(os.environ['BPP_DATABASE_URL']))"
    )
    one = await asyncio.create_subprocess_exec(sys.executable, "-c", killed, env=environ(sqlite_url))
    assert await one.wait() == 9
    with closing(sqlite3.connect(str(database_file(sqlite_url)))) as raw:
        left = raw.execute("SELECT name FROM sqlite_master").fetchall()

    await upgrade(sqlite_url)
    assert left == []
    assert await fetch(sqlite_url, "SELECT count(*) FROM outbox") == [(0,)]


async def test_a_revision_does_not_stand_in_the_way_while_it_waits_for_a_table(postgres_url):
    await asyncio.to_thread(command.upgrade, alembic_config(postgres_url), "0011")
    async with held(postgres_url, "SELECT count(*) FROM orders") as report:  # which a revision's ALTER must wait for
        migrating = asyncio.create_task(upgrade(postgres_url))
        await until_waits(postgres_url)
        traffic = await fetch(postgres_url, "SELECT count(*) FROM orders")  # behind the ALTER, until that gives up
        assert not migrating.done()
        await report.rollback()
    await migrating

    assert traffic == [(0,)]
    assert await fetch(postgres_url, "SELECT forgotten FROM orders") == []


async def get(seq, work):
    return await work.outbox.get(seq)


async def until_waits(url):
    while not await fetch(url, "SELECT 1 FROM pg_locks WHERE NOT granted"):
        continue


async def test_a_column_added_or_widened_under_load_costs_no_caller_an_error(postgres_database):
    storage = open_storage(postgres_database)
    done, ended = 0, asyncio.Event()

    async def customer(number):
        nonlocal done
        while not ended.is_set():
            seq = await storage.run(lambda work: work.outbox.enqueue(a_callback(transaction_id=f"T{number}")))
            for way in (storage.run, storage.read, storage.look):
                assert (await way(partial(get, seq))).seq == seq
            done += 1

    async def progress(by):
        target = done + by
        while done < target:
            for one in customers:
                if one.done():
                    one.result()
            await asyncio.sleep(0)

    customers = [asyncio.create_task(customer(number)) for number in range(6)]
    try:
        await progress(30)
        for change in (
            "ADD COLUMN more text NOT NULL DEFAULT ''",
            "ALTER COLUMN attempts TYPE bigint",  # what is returned has another type: every plan is overtaken
            "ALTER COLUMN attempts TYPE integer",
        ):
            await execute(postgres_database, f"ALTER TABLE outbox {change}")
            await progress(30)
    finally:
        ended.set()
        await asyncio.gather(*customers)
        await storage.close()
        with suppress(Exception):
            await execute(postgres_database, "ALTER TABLE outbox DROP COLUMN more")

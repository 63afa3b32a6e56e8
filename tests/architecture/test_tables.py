"""The revisions make the tables that the code speaks of, on both databases, and running them twice does no harm."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.storage.engine import open_storage, upgrade
from bpp.storage.revisions import alembic_config
from bpp.storage.schema import metadata
from bpp.storage.tables import outbox
from tests.support.order_builders import a_callback


async def in_database(url, look):
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(look)
    await engine.dispose()
    return found


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


def revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def test_the_migrated_schema_is_that_of_the_tables(database_url):
    await upgrade(database_url)

    assert await in_database(database_url, differences) == []


async def test_the_comparison_sees_what_is_missing(database_url):
    await upgrade(database_url)
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP INDEX ix_outbox_lane")
        await connection.exec_driver_sql("DROP TABLE timers")
    await engine.dispose()

    assert len(await in_database(database_url, differences)) >= 2


async def test_every_key_and_every_rule_of_uniqueness_is_in_the_database(database_url):
    await upgrade(database_url)

    def look(connection: Connection) -> dict[str, tuple[set[str], set[frozenset[str]]]]:
        inspector = inspect(connection)
        return {
            name: (
                set(inspector.get_pk_constraint(name)["constrained_columns"]),
                {frozenset(one["column_names"]) for one in inspector.get_unique_constraints(name)},
            )
            for name in metadata.tables
        }

    found = await in_database(database_url, look)

    assert {name: key for name, (key, _) in found.items()} == {
        name: {column.name for column in table.primary_key} for name, table in metadata.tables.items()
    }
    assert all(key for key, _ in found.values())
    assert found["orders"][1] == {frozenset({"bap_id", "order_id"})}
    assert found["drafts"][1] == {frozenset({"bap_id", "transaction_id"})}
    assert found["slot_cells"][0] == {"worker_id", "cell"}


async def test_upgrading_twice_keeps_what_is_stored(database_url):
    await upgrade(database_url)
    before = await in_database(database_url, revision)
    storage = open_storage(database_url)
    await storage.run(lambda work: work.outbox.enqueue(a_callback()))
    await storage.close()
    await upgrade(database_url)

    assert await in_database(database_url, revision) == before is not None
    assert await in_database(database_url, lambda connection: len(connection.execute(select(outbox.c.seq)).all())) == 1


def test_there_is_one_line_of_revisions():
    scripts = ScriptDirectory.from_config(alembic_config("sqlite+aiosqlite://"))

    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1


def test_no_column_keeps_money_or_moments_in_a_type_that_loses_some():
    kinds = {type(column.type).__name__ for table in metadata.tables.values() for column in table.columns}

    assert kinds <= {"Boolean", "Text", "Integer", "BigInteger", "LargeBinary", "UtcMicros"}


def test_bodies_are_kept_in_one_table_from_which_they_can_be_erased():
    holders = {table.name for table in metadata.tables.values() if "body" in table.columns}

    assert holders == {"message_bodies"}
    assert metadata.tables["message_bodies"].c.body.nullable

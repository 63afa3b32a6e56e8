"""`bpp audit` says whether what was recorded is as it was written, and ends with 1 where it is not."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import delete

from bpp.core.sealing import Sealer
from bpp.storage.backup import back_up
from bpp.storage.engine import database_file, open_storage, upgrade
from bpp.storage.tables import message_log
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.sealed import ROWS, TABLES, fill, hands


@pytest.fixture
def sealed(sqlite_url):
    """The database of the settings with a chain."""

    async def made():
        await upgrade(sqlite_url)
        await fill(sqlite_url)
        storage = open_storage(sqlite_url)
        await Sealer(storage, "sealer").seal(NOW)
        await storage.close()

    asyncio.run(made())
    return sqlite_url


def test_a_chain_that_holds_is_told_with_its_head_and_up_to_when_it_goes(bpp, sealed):
    said = bpp("audit", "verify", "--json")
    head = bpp("audit", "head")

    assert said.status == 0
    assert said.json["holds"] is True
    assert said.json["rows"] == ROWS * len(TABLES)
    assert said.json["sealed_at"] == NOW.isoformat()
    assert head.out.strip() == said.json["head"]
    assert bpp("audit", "verify", "--head", head.out.strip()).status == 0


def test_the_first_row_that_does_not_hold_is_named_and_the_status_is_1(bpp, sealed):
    async def gone():
        async with hands(sealed) as connection:
            await connection.execute(delete(message_log).where(message_log.c.seq == 2))

    asyncio.run(gone())
    said = bpp("audit", "verify")

    assert said.status == 1
    assert "message_log 2: is missing" in said.out.splitlines()[1]


def test_the_manifest_of_a_backup_keeps_the_head(bpp, sealed, tmp_path):
    _, manifest = asyncio.run(back_up(sealed, tmp_path / "backups", NOW))

    assert manifest.audit_head == bpp("audit", "head").out.strip()


def test_a_head_that_is_none_is_a_misuse_and_one_of_another_chain_does_not_hold(bpp, sealed):
    misused = bpp("audit", "verify", "--head", "17")
    foreign = bpp("audit", "verify", "--head", f"1:{'0' * 64}")

    assert misused.status == 2
    assert "a colon" in misused.err
    assert foreign.status == 1
    assert "written anew" in foreign.out


def test_a_database_that_is_not_there_is_not_made_by_looking(bpp, sqlite_url):
    said = bpp("audit", "verify")

    file = database_file(sqlite_url)
    assert file is not None
    assert (said.status, file.exists()) == (1, False)
    assert "there is no such database" in said.err


def test_where_nothing_is_sealed_there_is_no_head(bpp, sqlite_url):
    asyncio.run(upgrade(sqlite_url))

    assert bpp("audit", "head").status == 1

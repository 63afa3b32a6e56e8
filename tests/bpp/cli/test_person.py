"""`bpp person`: what is held of a telephone number is given out as JSON and as a page, or forgotten."""

from __future__ import annotations

import asyncio
import json

import pytest

from bpp.orders.states import Stage
from bpp.storage.engine import open_storage, upgrade
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import a_visit, an_order

PHONE = "9876501234"


@pytest.fixture
def held(sqlite_url):
    """Puts an order of somebody into the database of the settings."""

    def put(stage=Stage.COMPLETED):
        async def unit():
            await upgrade(sqlite_url)
            storage = open_storage(sqlite_url)
            billing = {"name": "Zyxwmark", "phone": PHONE}
            order = an_order(billing=billing, fulfillments=(a_visit(stage=stage),))
            await storage.run(lambda work: work.orders.add(order, NOW))
            await storage.close()

        asyncio.run(unit())

    return put


def test_an_export_is_written_where_nobody_else_reads_it(bpp, held, tmp_path):
    held()
    out, page = tmp_path / "person.json", tmp_path / "person.html"
    page.touch(mode=0o644)

    said = bpp("person", "export", "--phone", f"+91 {PHONE}", "--out", str(out), "--html", str(page))

    assert said.status == 0
    assert json.loads(out.read_bytes())["orders"][0]["order"]["billing"]["name"] == "Zyxwmark"
    assert "Zyxwmark" in page.read_text()
    assert {one.stat().st_mode & 0o777 for one in (out, page)} == {0o600}


def test_for_programs_it_is_told_what_was_written_and_without_a_file_all_of_it(bpp, held, tmp_path):
    held()
    out = tmp_path / "person.json"

    said = bpp("person", "export", "--phone", PHONE, "--out", str(out), "--json")

    assert said.json == {"file": str(out), "orders": 1, "projects": 0, "tickets": 0, "messages": 0}
    assert bpp("person", "export", "--phone", PHONE, "--json").json["orders"][0]["order"]["ref"] == "R1"


def test_who_was_forgotten_is_not_found_any_more(bpp, held):
    held()

    erased = bpp("person", "erase", "--phone", PHONE, "--yes", "--json")
    after = bpp("person", "export", "--phone", PHONE)

    assert erased.json["erased"]["orders"] == 1
    assert json.loads(after.out)["orders"] == []


def test_who_has_a_booking_under_way_is_not_forgotten_and_told_why(bpp, held):
    held(Stage.PENDING)

    refused = bpp("person", "erase", "--phone", PHONE, "--yes", "--json")

    assert refused.status == 1
    assert refused.json["open"] == ["R1"]
    assert "Finish or cancel it first" in refused.err


def test_what_is_no_number_is_a_misuse(bpp, held):
    held()

    assert bpp("person", "export", "--phone", "155330").status == 2

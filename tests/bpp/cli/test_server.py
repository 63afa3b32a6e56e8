"""The commands against a running sandbox: a customer books with `bpp buyer`, our staff serve with `bpp orders`."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from socket import socket

import pytest

from bpp.app import prepare, with_operator_token
from bpp.sandbox.demo import write_demo_registry
from bpp.sandbox.serve import start_sandbox
from bpp.serve import listening
from bpp.settings import load_settings
from bpp.tokens import operator_token_file
from tests.support.sources import ROOT


@pytest.fixture
async def sandbox(environment: pytest.MonkeyPatch, sqlite_url: str, tmp_path: Path) -> AsyncIterator[None]:
    """A server with buyer app and gateway; the settings of the commands lead to it."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    registry = tmp_path / "registry.json"
    write_demo_registry(registry, url)
    fields = {
        "BPP_PORT": str(port),
        "BPP_SUBSCRIBER_URI": url,
        "BPP_REGISTRY": str(registry),
        "BPP_DATABASE_URL": sqlite_url,
    }
    settings, _ = with_operator_token(load_settings(fields))
    await prepare(settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(listening(settings))
        running = await stack.enter_async_context(start_sandbox(registry, bpp_url=url, **_ports(registry)))
        buyer_port = running.buyer.url.rpartition(":")[2].strip("/")
        for name, value in {**fields, "BPP_SANDBOX_BUYER_PORT": buyer_port}.items():
            environment.setenv(name, value)
        yield


def _ports(registry):
    found = {
        one["type"]: int(one["subscriber_url"].rpartition(":")[2].strip("/"))
        for one in json.loads(registry.read_text())
    }
    return {"buyer_port": found["BAP"], "gateway_port": found["BG"]}


async def test_a_booking_is_made_served_and_rated_from_the_command_line(sandbox, bpp):
    async def does(*line):
        said = await asyncio.to_thread(bpp, *line)
        assert said.status == 0, said
        return said

    await does("buyer", "search", "tap repair", "--pincode", "226010")
    booked = (await does("buyer", "book", "--offer", "1", "--slot", "2", "--json")).json
    (order,) = (await does("orders", "list", "--json")).json["items"]
    ref = order["ref"]
    assert order["order_id"] == booked["order_id"]
    assert ref in (await does("orders", "list", "--state", "ASSIGNED")).out

    await does("orders", "event", ref, "depart")
    await does("orders", "event", ref, "arrive")
    otp = (await does("buyer", "status", "--json")).json["otp"]
    wrong = await asyncio.to_thread(bpp, "orders", "event", ref, "complete", "--json")
    assert wrong.status == 1
    assert wrong.json["error"]["allowed"] == ["start", "cancel", "renew_otp", "reassign", "unassign", "requote"]
    assert "possible: start, cancel, renew_otp, reassign, unassign, requote" in wrong.err
    await does("orders", "event", ref, "start", "--otp", otp)
    done = await does("orders", "event", ref, "complete")
    assert "COMPLETED" in done.out
    assert "5" in (await does("buyer", "rate", "5")).out
    shown = await does("orders", "show", ref)
    assert "on_confirm" in shown.out
    assert "complete" in shown.out
    assert "on_status" in (await does("buyer", "messages")).out

    sent = (await does("deliveries", "list", "--json")).json["items"]
    assert {"on_search", "on_select", "on_init", "on_confirm", "on_status"} <= {one["action"] for one in sent}
    number = str(sent[0]["id"])
    await does("deliveries", "retry", number)
    assert sent[0]["message_id"] in (await does("deliveries", "show", number)).out


async def test_a_visit_is_moved_and_more_work_quoted_and_taken_from_the_command_line(sandbox, bpp):
    async def does(*line):
        said = await asyncio.to_thread(bpp, *line)
        assert said.status == 0, said
        return said

    await does("buyer", "search", "tap repair")
    booked = (await does("buyer", "book", "--slot", "2", "--json")).json
    moved = (await does("buyer", "reschedule", "--slot", "4", "--json")).json
    assert moved["start"] > booked["start"]
    early = await asyncio.to_thread(bpp, "buyer", "quote", "accept")
    assert "no further quotation waits" in early.err

    await does("orders", "event", "last", "requote", "--line", "Putty=150.00x2", "--line", "Tape=20.00")
    assert "quoted for more work" in (await does("buyer", "status")).out
    taken = (await does("buyer", "quote", "accept", "--json")).json
    assert (taken["status"], taken["total"]) == ("ACCEPTED", "519.00")
    await does("orders", "event", "last", "requote", "--line", "Paint=99.00")
    assert (await does("buyer", "status", "--json")).json["total"] == "618.00"
    assert (await does("buyer", "quote", "reject", "--json")).json["total"] == "519.00"
    (order,) = (await does("orders", "list", "--json")).json["items"]
    start = (await does("buyer", "status", "--json")).json["start"]
    assert order["slot_start"] == start


async def test_workers_are_exchanged_explained_and_given_out_from_the_command_line(sandbox, bpp):
    async def does(*line):
        said = await asyncio.to_thread(bpp, *line)
        assert said.status == 0, said
        return said

    await does("buyer", "search", "tap repair")
    await does("buyer", "book", "--slot", "2")
    (order,) = (await does("orders", "list", "--json")).json["items"]
    first = order["worker_id"]

    done = (await does("assign", "relieve", first, "ill", "--json")).json
    (visit,) = done["items"]
    assert (visit["ref"], done["reassigned"]) == (order["ref"], 1)
    assert "no visits to come" in (await does("assign", "relieve", first, "ill")).out
    why = (await does("orders", "why", "last")).out
    assert f"select: {first} of" in why
    assert f"reassign: {visit['worker_id']} of" in why
    assert f"{first} rejected: dropped out of this visit before" in why

    await does("orders", "event", "last", "unassign", "--reason", "declined")
    day = visit["slot_start"][:10]
    assert "0 visits got workers" in (await does("assign", "run", "129", day)).out
    assert "1 visits got workers, 0 did not" in (await does("assign", "run", "162", day)).out
    wrong = await asyncio.to_thread(bpp, "assign", "relieve", "W-NOBODY", "ill")
    assert wrong.status == 1
    assert "W-NOBODY" in wrong.err


async def test_a_line_of_a_quotation_that_cannot_be_read_is_said_so(sandbox, bpp):
    said = await asyncio.to_thread(bpp, "orders", "event", "last", "requote", "--line", "Putty")

    assert said.status == 1
    assert "TITLE=PRICE" in said.err


async def test_a_customer_may_give_an_order_up_from_the_command_line(sandbox, bpp):
    for line in (["search", "tap repair"], ["book"], ["cancel", "--reason", "002"]):
        said = await asyncio.to_thread(bpp, "buyer", *line)
        assert said.status == 0, said

    found = (await asyncio.to_thread(bpp, "orders", "list", "--state", "CANCELLED", "--json")).json
    assert len(found["items"]) == 1


async def test_a_cook_is_booked_with_dishes_from_the_command_line(sandbox, bpp):
    listed = await asyncio.to_thread(bpp, "buyer", "search", "Cook - on demand")
    assert "--with AMIN-COOK-PERSON  People, 49.00" in listed.out
    assert "--saving AMIN-COOK10  " in listed.out

    missing = await asyncio.to_thread(bpp, "buyer", "book", "--with", "AMIN-COOK-PERSON:2")
    assert missing.status == 1
    assert "Meal" in missing.err
    odd = await asyncio.to_thread(bpp, "buyer", "book", "--with", "AMIN-COOK-PERSON:two")
    assert odd.status == 2

    found = (await asyncio.to_thread(bpp, "buyer", "search", "Cook - on demand", "--json")).json
    times = [one["when"] for one in found["offers"][0]["slots"]]
    noon = str(1 + next(place for place, when in enumerate(times) if "12:00" in when or "13:00" in when))
    chosen = [word for item in ("PERSON:2", "DAL", "ROTI") for word in ("--with", f"AMIN-COOK-{item}")]
    line = ["buyer", "book", "--slot", noon, *chosen, "--json"]
    booked = await asyncio.to_thread(bpp, *line)

    assert booked.status == 0, booked
    assert booked.json["total"] == "475.00"  # 199 + 2 x 49 + 129 + 49


async def test_what_the_buyer_app_refuses_ends_with_1(sandbox, bpp):
    said = await asyncio.to_thread(bpp, "buyer", "status")

    assert said.status == 1
    assert "nothing was booked yet" in said.err


async def test_the_token_that_the_sandbox_keeps_is_found_beside_its_database(sandbox, bpp, sqlite_url):
    assert operator_token_file(sqlite_url).is_file()

    assert (await asyncio.to_thread(bpp, "orders", "list")).out.strip() == "no orders"


def test_the_demonstration_holds_and_ends_with_0(environment):
    program = [sys.executable, "-c", "from bpp.cli.main import main; main()", "demo"]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=240, check=False, cwd=ROOT)

    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    assert "0 did not" in ended.stdout

"""The commands against a running sandbox: a customer books with `bpp buyer`, our staff serve with `bpp orders`."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bpp.app import prepare, with_operator_token
from bpp.cli.client import operator_client
from bpp.sandbox.identities import BPP, BUYER, GATEWAY, write_registry
from bpp.sandbox.serve import start_sandbox
from bpp.serve import listening
from bpp.settings import load_settings
from bpp.tokens import operator_token_file
from tests.bpp.operator.test_parties import APPLICATION
from tests.support.network import free_port
from tests.support.sources import ROOT


@pytest.fixture
async def sandbox(environment: pytest.MonkeyPatch, sqlite_url: str, tmp_path: Path) -> AsyncIterator[None]:
    """A server with buyer app and gateway; the settings of the commands lead to it."""
    port = free_port()  # none that the kernel gives to others while the database is made
    url = f"http://127.0.0.1:{port}"
    registry = tmp_path / "registry.json"
    buyer, gateway = (one.at(f"http://127.0.0.1:{free_port()}") for one in (BUYER, GATEWAY))
    write_registry(registry, (BPP.at(url), buyer, gateway))
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
    # A day has nine hours on offer: the tenth of the list is tomorrow or later, whatever the hour of the day is now.
    booked = (await does("buyer", "book", "--slot", "10", "--json")).json
    moved = (await does("buyer", "reschedule", "--slot", "12", "--json")).json
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
    assert "visits that got workers: 0;" in (await does("assign", "run", "129", day)).out
    assert "visits that got workers: 1; that did not: 0" in (await does("assign", "run", "162", day)).out
    wrong = await asyncio.to_thread(bpp, "assign", "relieve", "W-NOBODY", "ill")
    assert wrong.status == 1
    assert "W-NOBODY" in wrong.err


async def test_a_line_of_a_quotation_that_cannot_be_read_is_said_so(sandbox, bpp):
    said = await asyncio.to_thread(bpp, "orders", "event", "last", "requote", "--line", "Putty")

    assert said.status == 1
    assert "TITLE=PRICE" in said.err


async def test_a_customer_may_give_an_order_up_from_the_command_line(sandbox, bpp):
    for line in (["search", "tap repair"], ["book", "--slot", "2"], ["cancel", "--reason", "002"]):
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


async def test_project_work_is_published_bidden_on_and_given_up_from_the_command_line(sandbox, bpp, tmp_path):
    async def does(*line):
        said = await asyncio.to_thread(bpp, *line)
        assert said.status == 0, said
        return said

    now = datetime.now(UTC)
    start, end = ((now + timedelta(days=days)).date().isoformat() for days in (10, 20))
    wanted = {
        "consumer": {"kind": "department", "name": "Meera Demo", "phone": "9876543210", "organization": "Demo Office"},
        "title": "Wiring",
        "details": "Twelve rooms",
        "service_id": "SM-ELC",
        "district": "162",
        "place": "Demo House",
        "budget": "100000.00",
        "start": start,
        "finish_by": end,
        "bids_until": (now + timedelta(days=5)).isoformat(),
    }
    (tmp_path / "wanted.json").write_text(json.dumps(wanted))
    key = (await does("projects", "publish", str(tmp_path / "wanted.json"), "--json")).json["id"]
    assert key in (await does("projects", "list", "--for-provider", "P-GOMTI")).out
    bid = ["--provider", "P-GOMTI", "--charge", "90000", "--finish-by", end, "--details", "Copper"]
    bidden = (await does("projects", "bid", key, *bid, "--milestone", f"All=100@{end}", "--json")).json
    early = await asyncio.to_thread(bpp, "projects", "event", key, "select", "--person", "M", "--bid", "B")
    assert early.status == 1
    assert "sealed" in early.err
    assert "bids are sealed" in (await does("projects", "show", key)).out

    assert [one["charge"] for one in bidden["bids"]] == ["90000.00"]
    assert key in (await does("projects", "list", "--kind", "department", "--json")).out
    given = await does(
        "projects", "event", key, "cancel", "--side", "consumer", "--person", "M", "--reason", "no money"
    )
    assert "is CANCELLED; possible now: nothing" in given.out
    bought = await does("projects", "purchases", "--first", start, "--last", end)
    assert "nothing was bought" in bought.out


async def test_ratings_by_telephone_are_given_and_moderated_from_the_command_line(sandbox, bpp):
    async def does(*line):
        said = await asyncio.to_thread(bpp, *line)
        assert said.status == 0, said
        return said

    for line in (["search", "tap repair"], ["book", "--slot", "2"]):  # the first may be past before it is confirmed
        await does("buyer", *line)
    (order,) = (await does("orders", "list", "--json")).json["items"]
    ref, worker = order["ref"], order["worker_id"]
    early = await asyncio.to_thread(bpp, "ratings", "give", ref, "--provider", "5")
    assert (early.status, "completed" in early.err) == (1, True)
    for name in ("depart", "arrive"):
        await does("orders", "event", ref, name)
    await does("orders", "event", ref, "start", "--override", "telephone lost")
    await does("orders", "event", ref, "complete")

    await does("ratings", "give", ref, "--provider", "5", "--worker", f"{worker}=4", "--feedback", "साफ काम")
    await does("ratings", "set-aside", ref, "--reason", "not of this order")
    aside = (await does("ratings", "list", "provider", order["provider_id"])).out
    await does("ratings", "restore", ref, "--reason", "it is")
    listed = (await does("ratings", "list", "worker", worker, "--json")).json

    assert "not rated, 0 customers" in aside
    assert (listed["rating"], listed["count"], listed["items"][0]["feedback"]) == ("4.0", 1, "साफ काम")


async def test_a_complaint_is_listed_answered_and_shown_from_the_command_line(sandbox, bpp):
    async def does(*line):
        said = await asyncio.to_thread(bpp, *line)
        assert said.status == 0, said
        return said

    for line in (["search", "tap repair"], ["book", "--slot", "2"]):  # the first may be past before it is confirmed
        await does("buyer", *line)
    (order,) = (await does("orders", "list", "--json")).json["items"]
    empty = await does("tickets", "list", "--all")
    raised = await asyncio.to_thread(complain, order["ref"])

    listed = await does("tickets", "list")
    overdue = await does("tickets", "list", "--overdue")
    await does("tickets", "step", raised, "ask", "--wanted", "INFO001", "--language", "en")
    wrong = await asyncio.to_thread(bpp, "tickets", "step", raised, "resolve")
    early = await asyncio.to_thread(bpp, "tickets", "step", raised, "resolve", "--remedy", "REFUND=1.00")
    done = await does("tickets", "step", raised, "resolve", "--remedy", "NO_ACTION", "--text", "the old pipe")
    shown = await does("tickets", "show", raised)

    assert ("no complaints" in empty.out, raised in listed.out, "no complaints" in overdue.out) == (True, True, True)
    assert (wrong.status, early.status) == (2, 1)
    assert "RESOLVED at level ISSUE" in done.out
    assert all(text in shown.out for text in ("Please send a picture", "the old pipe", "NO_ACTION"))


def complain(ref):
    """A complaint by telephone; its number."""
    body = {"code": "ITM004", "short_desc": "It drips", "language": "en"}
    return operator_client("").post(f"/orders/{ref}/tickets", body)["ref"]


def test_the_demonstration_holds_and_ends_with_0(environment):
    program = [sys.executable, "-c", "from bpp.cli.main import main; main()", "demo"]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=240, check=False, cwd=ROOT)

    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    assert "0 did not" in ended.stdout


async def test_a_provider_is_empanelled_suspended_and_its_worker_engaged_from_the_command_line(sandbox, bpp, tmp_path):
    async def does(*line):
        said = await asyncio.to_thread(bpp, *line)
        assert said.status == 0, said
        return said

    file = tmp_path / "newcomer.json"
    file.write_text(json.dumps(APPLICATION))
    made = (await does("providers", "apply", str(file), "--json")).json["id"]
    assert made in (await does("providers", "requests", "--state", "requested")).out
    await does("providers", "review", made)
    dates = ("--from", "2025-12-01", "--until", "2032-11-30")
    approved = await does("providers", "approve", made, "--provider", "P-NEW", "--number", "A-1", *dates)
    assert "provider P-NEW" in approved.out

    assert "does not sell" in (await does("providers", "suspend", "P-NEW", "--reason", "complaints")).out
    again = await asyncio.to_thread(bpp, "providers", "suspend", "P-NEW", "--reason", "complaints")
    assert (again.status, "possible: restore" in again.err) == (1, True)
    await does("providers", "restore", "P-NEW", "--reason", "cleared")
    shown = (await does("providers", "show", "P-NEW")).out
    assert "A-1" in shown
    assert "complaints" in shown

    contract = ("--contract", "E1", "--mode", "industry", "--employer", "Demo Works")
    days = ("--from", "2031-01-01", "--until", "2031-01-31")
    assert "no booking" in (await does("workers", "engage", "W-GOMTI-1", *contract, *days)).out
    await does("workers", "end-engagement", "W-GOMTI-1", "E1", "--by", "worker", "--last", "2031-01-10")
    await does("workers", "verify", "W-GOMTI-1", "--number", "PV-1", "--until", "2031-01-31")
    await does("workers", "availability", "W-GOMTI-1", "--off")
    assert "2031-01-10" in (await does("workers", "show", "W-GOMTI-1")).out
    assert "Lucknow" in (await does("verify", "expiring", "--days", "3660")).out
    assert (await does("keys", "reseal", "--json")).json["resealed"] == 0


async def test_a_caller_is_found_booked_looked_up_and_told_the_charge_from_the_command_line(sandbox, bpp):
    async def does(*line, status=0):
        said = await asyncio.to_thread(bpp, *line)
        assert said.status == status, said
        return said

    shown = await does("find", "nal theek karna", "--pin", "226010")
    assert "GOMTI-TAP" in shown.out
    assert "इस नाम की कोई सेवा नहीं" in (await does("find", "xyzzy qwrtp", "--pin", "226010")).out
    what = ("book", "GOMTI-TAPx2", "--provider", "P-GOMTI", "--pin", "226010")
    free = (await does(*what, "--json")).json["alternatives"]
    assert "398.00" in (await does(*what)).out
    priced = (await does(*what, "--start", free[-1], "--session", "seat 1", "--json")).json
    assert priced["held"]
    caller = ("--name", "Meera Caller", "--phone", "+91 98000 11122", "--address", "12, Vipul Khand")
    order = (await does("book", "--quote", priced["ref"], *caller, "--channel", "csc", "--json")).json
    assert (order["channel"], order["total"]) == ("csc", "398.00")
    lost = await does(*what, "--start", "2020-01-01T10:00", status=1)
    assert "the slot is past" in lost.err
    await does(*what, *caller[:2], status=2)
    await does("book", status=2)

    for said in (order["order_id"], order["order_id"].replace("-", " "), "09800011122", order["ref"]):
        assert (await does("orders", "show", said, "--json")).json["ref"] == order["ref"]
    assert "प्लंबर" in (await does("orders", "show", "9800011122")).out
    assert "no order '482-719-361'" in (await does("orders", "show", "482-719-361", status=1)).err
    cost = (await does("orders", "cancel", order["order_id"], "--quote", "--json")).json
    assert (cost["by"], cost["fee"]) == ("consumer", "0.00")
    refused = await does("orders", "cancel", order["order_id"], "--expect-fee", "10.00", status=1)
    assert "nothing was done" in refused.err
    early = await does("orders", "otp", order["order_id"], status=1)
    assert "from the arrival" in early.err
    assert "CANCELLED" in (await does("orders", "cancel", order["order_id"], "--expect-fee", cost["fee"])).out


async def test_an_accountant_closes_a_day_from_the_command_line(sandbox, bpp):
    async def does(*line):
        said = await asyncio.to_thread(bpp, *line)
        assert said.status == 0, said
        return said

    days = ("--from", "2020-01-01", "--until", "2100-12-31")
    await does("buyer", "search", "tap repair", "--pincode", "226010")
    await does("buyer", "book", "--slot", "2")
    for event in ("depart", "arrive"):
        await does("orders", "event", "last", event)
    otp = (await does("buyer", "status", "--json")).json["otp"]
    await does("orders", "event", "last", "start", "--otp", otp)
    await does("orders", "event", "last", "complete")
    (order,) = (await does("orders", "list", "--json")).json["items"]

    assert "Work done (visit:" in (await does("ledger", "order", order["ref"])).out
    (wallet,) = (await does("ledger", "wallets", "--json")).json["items"]
    assert (wallet["party"], wallet["id"]) == ("provider", order["provider_id"])
    run = (await does("payouts", "run", "first", "--minimum", "10", "--json")).json
    assert run["paid"] == wallet["balance"]
    assert "first" in (await does("payouts", "list")).out
    assert f"first/provider/{order['provider_id']}" in (await does("payouts", "show", "first", "--csv")).out
    failed = await does("payouts", "fail", "first", "provider", order["provider_id"], "--reason", "closed")
    assert "closed" in failed.out
    statement = await does("ledger", "provider", order["provider_id"], *days)
    assert "Taken back: Paid to the bank account" in statement.out
    assert f"closing balance {wallet['balance']}" in statement.out
    assert "Closing balance,अंतिम शेष" in (await does("ledger", "provider", order["provider_id"], *days, "--csv")).out
    assert "nothing in this period" in (await does("ledger", "worker", "W-NOBODY", *days)).out
    receipt = ("receipts", "record", "buyer_app_settlement", order["bap_id"], "UTR1", "1.00")
    assert (await does(*receipt, "--json")).json == (await does(*receipt, "--json")).json
    assert "UTR1" in (await does("receipts", "list", *days)).out
    other: tuple[str, ...] = (*receipt[:-1], "2.00")
    refused = await asyncio.to_thread(lambda: bpp(*other))
    assert (refused.status, "reference" in refused.err) == (1, True)
    assert "total" in (await does("ledger", "balances")).out
    assert "commission due not received" in (await does("recon", "run", *days, "--figure", "1.00")).out
    assert order["ref"] in (await does("recon", "run", *days, "--csv")).out
    assert order["provider_id"] in (await does("tax", "export", *days)).out
    assert (await does("commission", "report", *days, "--csv")).out.startswith("booked_on,rate,")
    added = ("ledger", "rates", "add", "commission", "5", "--from", "2099-04-01", "--note", "a test")
    assert "2099-04-01" in (await does(*added)).out
    assert "2099-04-01" not in (await does("ledger", "rates", "list", "--on", "2099-03-31")).out
    unknown = await asyncio.to_thread(bpp, "payouts", "show", "none", "--csv")
    assert (unknown.status, "no payout run" in unknown.err) == (1, True)


async def test_settlement_is_looked_at_filed_and_answered_from_the_command_line(sandbox, bpp, tmp_path):
    async def does(*line, status=0):
        said = await asyncio.to_thread(bpp, "settlement", *line)
        assert said.status == status, said
        return said

    assert (await does("status", "--json")).json == {"mode": "off", "agency": "", "run": None, "counts": []}
    assert "no run yet" in (await does("status")).out
    assert (await does("list", "--open")).out.strip() == "no settlements"
    day = ("--from", "2026-11-24", "--until", "2026-11-24")
    assert (await does("file", *day)).out.startswith("transaction_id,")
    assert "nothing was filed" in (await does("file", *day, "--list")).out
    for line in (("run",), ("own", "2000")):
        assert "settlement is off" in (await does(*line, status=1)).err
    for line in (("show", "S1"), ("recon", "S1"), ("concede", "S1"), ("retry", "S1")):
        assert "no settlement 'S1'" in (await does(*line, status=1)).err

    answers = tmp_path / "answers.csv"
    assert "answers.csv" in (await does("read", str(answers), status=2)).err
    answers.write_text("what is this\n")
    assert "the columns" in (await does("read", str(answers), status=1)).err
    answers.write_text("transaction_id,message_id,settlement_id,order_id,status\nT,M,S,O,SETTLED\n")
    assert "70028" in (await does("read", str(answers), status=1)).err

"""The bundle of an incident has what is asked for, and neither a secret nor anything of a consumer."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import zipfile
from datetime import timedelta

import pytest

from bpp.audit.incident import both_times, scrubbed
from bpp.core.sealing import Sealer
from bpp.people.model import SignInEvent
from bpp.storage.engine import open_storage, upgrade
from bpp.storage.ports import LogEntry
from bpp.storage.ports_audit import FullRead
from signing.keys import encode_private_key, generate_encryption_key, generate_signing_key
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.network import free_port
from tests.support.order_builders import BAP, an_order

NAME, PHONE, EMAIL, STREET = "Zyxwmark Verma", "9876501234", "zyxwmark@example.in", "Qwerty Gali 7"
SIGNING, ENCRYPTION = generate_signing_key(), generate_encryption_key()
SECRETS = {
    "BPP_SIGNING_KEY": encode_private_key(SIGNING),
    "BPP_ENCRYPTION_KEY": encode_private_key(ENCRYPTION),
    "BPP_DATA_KEY": base64.b64encode(bytes(range(32))).decode(),
    "BPP_OPERATOR_TOKEN": "a-token-that-nobody-guesses",
    "BPP_SMS_TOKEN": "another-token-that-nobody-guesses",
}
BODY = json.dumps({"billing": {"name": NAME, "phone": PHONE, "email": EMAIL, "address": STREET}}).encode()


def message(number, at):
    return LogEntry(
        at=at, direction="out", peer=BAP, action="on_init", transaction_id=f"T{number}", message_id="M", body=BODY,
        answer=b"{}", http_status=200, outcome="NACK 20009", reason=f"{NAME} ({PHONE}) is not known", signature="s",
        order_ref="",
    )  # fmt: skip


async def planted(url):
    await upgrade(url)
    storage = open_storage(url)

    async def unit(work):
        for number in range(4):
            await work.messages.log(message(number, NOW + timedelta(hours=number)))
        await work.orders.add(an_order(billing={"name": NAME, "phone": PHONE}), NOW)
        await work.people.record(SignInEvent(at=NOW, person_id="worker:W1", event="code_sent", detail=f"to {PHONE}"))
        await work.audit.note(FullRead(at=NOW, who="operator:1", role="operator", kind="order", subject="R1"))

    await storage.run(unit)
    await Sealer(storage, "sealer").seal(NOW)
    await storage.close()


@pytest.fixture
def bundle(bpp, environment, sqlite_url, tmp_path):
    """The files of a bundle of two hours, and how the command ended."""
    for name, value in {**SECRETS, "BPP_PORT": str(free_port())}.items():
        environment.setenv(name, value)
    asyncio.run(planted(sqlite_url))
    out = tmp_path / "incident.zip"
    said = bpp("incident", "--from", "2026-11-23T09:30", "--until", "2026-11-23T11:30", "--out", str(out), "--json")
    assert said.status == 0, said.err
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as read:
        files = {name: read.read(name).decode() for name in read.namelist()}
    assert out.stat().st_mode & 0o777 == 0o600
    assert said.json["files"] == list(files)
    return files


def test_no_secret_and_nothing_of_a_consumer_is_in_it(bundle):
    planted_words = (*SECRETS.values(), NAME, "Zyxwmark", PHONE, EMAIL, STREET)

    assert [(name, one) for name, text in bundle.items() for one in planted_words if one in text] == []


def test_the_logs_are_those_of_the_time_and_bodies_are_there_by_their_digests(bundle):
    rows = [json.loads(line) for line in bundle["message_log.jsonl"].splitlines()]

    assert [one["transaction_id"] for one in rows] == ["T1", "T2"]
    assert all(one["body_digest"] for one in rows)
    assert bundle["sign_in_events.jsonl"] == bundle["full_reads.jsonl"] == ""


def test_the_report_says_what_the_program_knows_in_both_times(bundle):
    report = bundle["report.txt"]

    assert "2026-11-23 09:30:00 IST (2026-11-23 04:00:00 UTC)" in report
    assert "Sewamitra Samiti" in report
    assert "message_log: 2 rows" in report
    assert "holds; sealed up to 2026-11-23 03:30:00 UTC" in report


def test_versions_settings_keys_the_doctor_the_chain_and_figures_are_in_it(bundle):
    assert json.loads(bundle["versions.json"])["aiohttp"]
    assert json.loads(bundle["settings.json"])["BPP_OPERATOR_TOKEN"] == "***"
    assert len(json.loads(bundle["keys.json"])[0]["signing"]["sha256"]) == 64
    assert json.loads(bundle["audit.json"])["holds"] is True
    assert json.loads(bundle["doctor.json"])["findings"]
    assert bundle["metrics.txt"].startswith("# no figures")


def test_what_is_misused_is_said_and_nothing_is_overwritten(bpp, sqlite_url, tmp_path):
    there = tmp_path / "there.zip"
    there.write_bytes(b"mine")

    def asked(since, until, out):
        return bpp("incident", "--from", since, "--until", until, "--out", str(out))

    refused = [
        asked("yesterday", "2026-11-23T11:30", tmp_path / "a.zip"),
        asked("2026-11-23T12:30", "2026-11-23T11:30", tmp_path / "a.zip"),
        asked("2026-11-23T09:30", "2026-11-23T11:30", there),
    ]

    assert [one.status for one in refused] == [2, 2, 2]
    assert there.read_bytes() == b"mine"


def test_where_there_is_no_database_no_half_bundle_is_left(bpp, sqlite_url, tmp_path):
    out = tmp_path / "incident.zip"

    said = bpp("incident", "--from", "2026-11-23T09:30", "--until", "2026-11-23T11:30", "--out", str(out))

    assert (said.status, out.exists()) == (1, False)
    assert "no such database" in said.err


@pytest.mark.parametrize("text", ["+91 98765-01234", "a.b@c.in", "call 098765 01234 now"])
def test_nobody_can_be_called_or_written_to_by_what_is_told(text):
    assert scrubbed(text) != text
    assert "98765" not in scrubbed(text)
    assert "@" not in scrubbed(text)


def test_a_moment_is_told_in_indian_time_first():
    assert both_times(NOW) == "2026-11-23 09:00:00 IST (2026-11-23 03:30:00 UTC)"

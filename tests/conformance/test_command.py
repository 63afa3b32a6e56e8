"""``bpp conformance`` as a process of its own: against a server process, and stopped by Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from aiohttp import web

from bpp.cli.own_server import settling_with
from bpp.sandbox.identities import AGENCY, BPP, BUYER, GATEWAY, SECOND_BUYER, write_registry
from bpp.sandbox.listener import Listener
from tests.support.network import OPERATOR_TOKEN, free_port
from tests.support.seeded import seeded_sqlite
from tests.support.server import ROOT, Server

BPP_PROGRAM = str(Path(sys.executable).with_name("bpp"))
PLAN = str(ROOT / "bpp/conformance/sewamitra.toml")


def started(*line: str) -> subprocess.Popen[str]:
    """The command, with an open standard input at which nobody types."""
    environ = {**os.environ, "BPP_OPERATOR_TOKEN": ""}
    command = [BPP_PROGRAM, "conformance", *line]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


async def said(*line: str) -> tuple[int, str, str]:
    process = started(*line)
    out, err = await ended(process)
    return process.returncode, out, err


async def told(process: subprocess.Popen[str], words: str) -> str:
    """Read the progress until these words are in it."""
    assert process.stderr is not None
    heard = ""
    while words not in heard:
        one = await asyncio.to_thread(process.stderr.read, 1)
        assert one, heard
        heard += one
    return heard


async def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait for its end; what else it wrote."""
    return await asyncio.to_thread(process.communicate, timeout=300)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server process with its sandbox's gateway; the registry names our buyer apps and agency at free ports."""
    gateway = free_port()
    *buyers, agency = (one.at(f"http://127.0.0.1:{free_port()}") for one in (BUYER, SECOND_BUYER, AGENCY))
    more = {"BPP_SANDBOX_GATEWAY_PORT": str(gateway), **settling_with(agency)}
    server = Server(seeded_sqlite(tmp_path), tmp_path, **more)
    write_registry(server.registry, (BPP.at(server.url), *buyers, agency, GATEWAY.at(f"http://127.0.0.1:{gateway}")))
    await server.start()
    yield server
    server.stop()


async def test_a_running_server_is_proven_and_reported_in_four_forms(server: Server, tmp_path: Path) -> None:
    against = ("--target", server.url, "--registry", str(server.registry), "--plan", PLAN)
    gateway = next(one for one in json.loads(server.registry.read_text()) if one["type"] == "BG")["subscriber_url"]

    status, out, err = await said(
        *against, "--flows", "service_completion", "--domains", "SRV11", "--gateway", gateway,
        "--operator-token", OPERATOR_TOKEN, "--budget", "30", "--out", str(tmp_path / "out"),
    )  # fmt: skip

    assert status == 0, out + err
    assert "  search, waits for ACK, then on_search (up to 30 s) " in err
    assert out.splitlines()[0].startswith(f"Conformance of bpp.sandbox.example at {server.url}, ")
    assert out.splitlines()[-2].startswith("CONFORMS: ")
    assert (tmp_path / "out/report.txt").read_text() in out
    document = json.loads((tmp_path / "out/report.json").read_text())
    assert document["conforms"] is True
    assert [(one["title"], one["ended"]) for one in document["flows"]] == [("service_completion ONDC:SRV11", "")]
    assert len(document["flows"][0]["messages"]) == 14
    suite = ET.parse(tmp_path / "out/junit.xml").getroot()  # noqa: S314  our own
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("0", "0")
    assert '<p class="verdict">CONFORMS</p>' in (tmp_path / "out/report.html").read_text()

    status, out, err = await said(*against, "--seller", "operator", "--operator-token", "wrong")
    assert (status, out) == (2, "")
    assert f"the operator API at {server.url} refuses the token" in err

    process = started(
        *against, "--flows", "service_completion", "--domains", "SRV11", "--seller", "ask", "--budget", "30",
        "--listen", f"127.0.0.1:{free_port()}",
    )  # fmt: skip
    asked = await told(process, "Let the worker of order O-")  # and nothing is typed
    process.send_signal(signal.SIGINT)
    out, err = await ended(process)
    assert process.returncode == 1, asked + out + err
    assert "broke off: depart: the run was stopped" in out


async def test_settlement_with_an_agency_is_played_recorded_and_judged_once_more_from_the_folder(
    server: Server, tmp_path: Path
) -> None:
    registry, folder = str(server.registry), str(tmp_path / "evidence")
    status, out, err = await said(
        "--target", server.url, "--registry", registry, "--plan", PLAN, "--flows", "rsf-2.0.0", "--domains", "SRV11",
        "--operator-token", OPERATOR_TOKEN, "--budget", "30", "--evidence", folder, "--strict", "--json",
    )  # fmt: skip
    assert status == 0, out + err
    played = json.loads(out)["flows"]
    assert {one["name"] for one in played} == {
        "reconciliation", "reconciliation_by_seller", "settlement", "settlement_corrected",
    }  # fmt: skip
    assert [(one["ended"], one["not_played"]) for one in played] == [("", "")] * 4

    status, out, err = await said("--logs", folder, "--registry", registry, "--strict", "--json")

    assert status == 0, out + err
    assert [len(one["messages"]) for one in json.loads(out)["flows"] if one["messages"]] == [
        len(one["messages"]) for one in played
    ]


@pytest.fixture
async def silent(tmp_path: Path) -> AsyncIterator[tuple[str, str]]:
    """A seller app that acknowledges everything and never calls back; a registry file that has it."""

    async def acknowledge(request: web.Request) -> web.Response:
        return web.json_response({"message": {"ack": {"status": "ACK"}}})

    listener = Listener("127.0.0.1", 0, max_body=1 << 20)
    listener.add_routes([web.post("/{tail:.*}", acknowledge)])
    await listener.start()
    registry = tmp_path / "registry.json"
    write_registry(registry, (BPP.at(listener.url), BUYER.at(f"http://127.0.0.1:{free_port()}")))
    yield listener.url, str(registry)
    await listener.stop()


async def test_ctrl_c_ends_with_a_report_of_what_was_played(silent: tuple[str, str], tmp_path: Path) -> None:
    url, registry = silent
    process = started(
        "--target", url, "--registry", registry, "--flows", "service_completion", "--out", str(tmp_path / "out")
    )
    await told(process, "search, waits for ACK, then on_search (up to 30 s)")
    process.send_signal(signal.SIGINT)
    out, err = await ended(process)

    assert process.returncode == 1, out + err
    # A busy machine stops it before its search is acknowledged: then it has not been said.
    assert re.search(r"completion ONDC:SRV10: (1 message|0 messages); broke off: search: the run was stopped\n", out)
    assert "service_completion ONDC:SRV12: 0 messages; the run was stopped\n" in out
    assert "DOES NOT CONFORM: " in out
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "junit.xml", "report.html", "report.json", "report.txt",
    ]  # fmt: skip

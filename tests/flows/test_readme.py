"""The README's five-minute walk works word for word, and so do the commands for engineers of buyer apps."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from bpp.sandbox.identities import BPP, BUYER, GATEWAY, write_registry
from catalog.availability import CELL
from tests.support.network import free_port
from tests.support.server import ROOT, Server

README = (ROOT / "README.md").read_text()
WALK = README.split("## Five minutes")[1].split("\n## ")[0]
BLOCKS = re.findall(r"```bash\n(.*?)```", WALK, re.DOTALL)
FOR_BUYER_APPS = re.findall(
    r"```bash\n(.*?)```", README.split("## For buyer-app engineers")[1].split("\n## ")[0], re.DOTALL
)
STARTED = re.findall(r"```console\n(.*?)```", WALK, re.DOTALL)


async def run(block: str, environ: dict[str, str]) -> str:
    """A code block in the repository's folder; its output. Fails when any line of it fails."""
    command = ["bash", "-euo", "pipefail", "-c", block]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout


async def well_before_a_start() -> None:
    """The walk books the first time on offer, which must not begin between its search and its confirm."""
    left = CELL.total_seconds() - datetime.now(UTC).timestamp() % CELL.total_seconds()
    if left < 60:
        await asyncio.sleep(left + 1)


def test_the_walk_starts_with_make_run_which_serves() -> None:
    assert STARTED == ["make run\n"]
    recipe = (ROOT / "Makefile").read_text().split("\nrun: setup\n")[1].split("\n\n")[0]
    assert recipe.strip() == "$(BIN)/bpp serve"


async def test_the_five_minute_walk_books_fulfils_and_rates(tmp_path: Path) -> None:
    ports = {"BPP_SANDBOX_BUYER_PORT": str(free_port()), "BPP_SANDBOX_GATEWAY_PORT": str(free_port())}
    server = Server(f"sqlite+aiosqlite:///{tmp_path / 'bpp.sqlite3'}", tmp_path, **ports)
    write_registry(server.registry, (BPP.at(server.url), BUYER, GATEWAY))
    await server.start()
    try:
        await well_before_a_start()
        said = [await run(block, server.environ) for block in BLOCKS]
    finally:
        status = server.stop()

    assert len(BLOCKS) >= 5
    assert "Tap" in said[0]
    assert "EN_ROUTE" in said[2]
    assert "ARRIVED" in said[2]
    assert "COMPLETED" in said[3]
    assert "4.2" in said[4]  # one rating of 5 among five ordinary ones
    assert "on_confirm" in said[5]
    assert "GOMTI-TAP" in said[6]  # found and booked by telephone, why who goes, and the books of what is done
    assert "P-GOMTI" in said[6]
    assert "W-GOMTI" in said[6]
    assert status == 0


async def test_a_buyer_app_of_ones_own_joins_books_and_is_served_as_the_readme_says(tmp_path: Path) -> None:
    ports = {"BPP_SANDBOX_BUYER_PORT": str(free_port()), "BPP_SANDBOX_GATEWAY_PORT": str(free_port())}
    server = Server(f"sqlite+aiosqlite:///{tmp_path / 'bpp.sqlite3'}", tmp_path, **ports)
    write_registry(server.registry, (BPP.at(server.url), BUYER, GATEWAY))
    mine = tmp_path / "my-app"
    await server.start()
    try:
        await well_before_a_start()
        said = await run(
            "\n".join(FOR_BUYER_APPS), {**server.environ, "MY_PORT": str(free_port()), "MY_APP": str(mine)}
        )
    finally:
        status = server.stop()

    callbacks = {one.stem: json.loads(one.read_text()) for one in (mine / "callbacks").glob("*.json")}
    assert {"on_search", "on_select", "on_init", "on_confirm", "on_status", "on_update"} <= callbacks.keys()
    assert {one["context"]["bap_id"] for one in callbacks.values()} == {"my-app.example"}
    assert callbacks["on_update"]["message"]["order"]["status"] == "PENDING"
    assert "STARTED" in said  # what the operator API answers
    assert "holds: signed by my-app.example|my-app.example-1|ed25519" in said
    assert said.count("\nvalid\n") == 2
    assert "my-app.example is no longer registered" in said
    assert [one["subscriber_id"] for one in json.loads(server.registry.read_text())].count("my-app.example") == 0
    assert status == 0

"""``bpp demo``: a seller app, a gateway and a buyer app on free ports play a whole booking."""

from __future__ import annotations

import asyncio
import secrets
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bpp.cli.output import FAILED
from bpp.settings import load_settings

if TYPE_CHECKING:
    from bpp.sandbox.demo import DemoResult


def demo() -> None:
    """Play a booking in Lucknow from search to rating over signed HTTP, and tell it. Nothing is left behind.

    Example: bpp demo
    """
    with tempfile.TemporaryDirectory(prefix="bpp-demo-") as folder:
        result = asyncio.run(run_demo(Path(folder)))
    if not result.ok:
        raise typer.Exit(FAILED)


async def run_demo(folder: Path) -> DemoResult:
    """A server with a database in ``folder``, and the play against it."""
    from bpp.app import prepare  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.sandbox.demo import play, write_demo_registry  # noqa: PLC0415
    from bpp.serve import listening  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    registry = folder / "registry.json"
    token = secrets.token_urlsafe(24)
    write_demo_registry(registry, url)
    settings = load_settings(
        {
            "BPP_ENV": "sandbox",
            "BPP_PORT": str(port),
            "BPP_SUBSCRIBER_URI": url,
            "BPP_REGISTRY": str(registry),
            "BPP_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'demo.db'}",
            "BPP_OPERATOR_TOKEN": token,
        }
    )
    await prepare(settings)
    async with listening(settings):
        return await play(url, token, sys.stdout, registry=registry)

"""``bpp demo``: a seller app, a gateway and a buyer app on free ports play a whole booking."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bpp.cli.output import FAILED
from bpp.cli.own_server import own_server

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
    from bpp.sandbox.demo import play, write_demo_registry  # noqa: PLC0415  heavy: only this command waits for it

    async with own_server(folder, write_demo_registry) as server:
        return await play(server.url, server.token, sys.stdout, registry=server.registry)

"""The service worker of the worker's pages, served where its reach is these pages and no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from bpp.console.static_files import Asset

SCRIPT = "worker-offline.js"
SHARED = "worker-waiting.js"
"""What it shares with the script of the page."""


def add_offline_route(app: web.Application, assets: Mapping[str, Asset]) -> None:
    """Serve the script; browsers ask anew each time, so that a mended one takes over at once."""
    script = replace(assets[SCRIPT], body=assets[SHARED].body + assets[SCRIPT].body)

    async def serve(_request: web.Request) -> web.Response:
        return script.answer({"Cache-Control": "no-cache"})

    app.router.add_get(f"/worker/{SCRIPT}", serve, name="worker-offline")

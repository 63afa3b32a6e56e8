"""What protects readers stands in every answer of every route."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
from aiohttp import web

from bpp.app import build_app
from bpp.inbound.door import HSTS, SAFE, DoorRunner
from bpp.sandbox.identities import write_registry
from tests.support.network import Network, free_port, settings_for


async def test_every_route_has_every_header_and_none_names_our_program(network: Network) -> None:
    routes = {
        (route.method, re.sub(r"\{action:(\w+)[^}]*\}|\{[^}]*\}", r"\1x", route.resource.canonical))
        for route in build_app(network.settings).router.routes()
        if route.resource is not None
    }
    assert len(routes) > 100
    for method, path in sorted(routes):
        verb = "POST" if method == "*" else method
        async with network.session.request(verb, f"{network.url}{path or '/'}") as answer:
            missing = SAFE.keys() - answer.headers.keys()
            assert (missing, answer.headers.get("Server")) == (set(), None), (method, path)
            assert not HSTS.keys() & answer.headers.keys()


async def test_what_anybody_may_keep_says_so_and_all_else_is_kept_by_nobody(network: Network) -> None:
    async with network.session.get(f"{network.url}/assets/x") as picture, network.session.get(network.url) as nothing:
        assert picture.headers["Cache-Control"] == "public, max-age=86400"
        assert (nothing.status, nothing.headers["Cache-Control"]) == (404, "no-store")


async def test_outside_the_sandbox_browsers_are_told_to_come_by_tls_only(sqlite_url: str, tmp_path: Path) -> None:
    port = free_port()
    write_registry(tmp_path / "registry.json")
    settings = settings_for(sqlite_url, tmp_path / "registry.json", port).model_copy(update={"env": "preprod"})
    runner = DoorRunner(build_app(settings), idle=settings.idle_timeout)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/health/live") as answer:
            assert HSTS.items() <= dict(answer.headers).items()
    finally:
        await runner.cleanup()

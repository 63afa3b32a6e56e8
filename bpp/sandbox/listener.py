"""A small HTTP server on one port: what buyer and gateway have in common."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

SHUTDOWN_SECONDS = 2.0


class Listener:
    """An aiohttp server that knows its own address. ``port`` 0 takes a free one; ``max_body`` is in bytes."""

    def __init__(self, host: str, port: int, *, max_body: int) -> None:
        self._host = host
        self._port = port
        self._app = web.Application(client_max_size=max_body)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """``http://host:port``. Raises RuntimeError before the start."""
        if self._runner is None or not self._runner.addresses:
            raise RuntimeError("not listening")
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    def add_routes(self, routes: Iterable[web.AbstractRouteDef]) -> None:
        """Serve these; before the start."""
        self._app.add_routes(routes)

    async def start(self) -> None:
        """Listen. Raises ``OSError`` where the port is taken."""
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise

    async def stop(self) -> None:
        """Stop listening; requests under way get two seconds."""
        if self._runner is not None:
            await self._runner.cleanup()

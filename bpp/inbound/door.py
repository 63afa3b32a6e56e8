"""What holds at every connection and for every answer, whatever was asked: patience, and headers that protect readers.

A connection that sends no whole request head within ``idle`` is closed. What is no HTTP request at all, and a fault of
ours that nobody caught, are answered as everything else is: in the published shape, without a word about our program.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import orjson
import structlog
from aiohttp import web

from beckn_schemas.ack import nack
from bpp.errors import MalformedRequest, ProtocolError, Unavailable

log = structlog.get_logger(__name__)
SAFE = {
    # A link that is followed is not fetched by the page, so this policy allows links to other programs.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
"""What every answer says unless it says otherwise: it is what it claims, and is neither kept, framed nor told of."""
LONGEST_LINGERING = timedelta(seconds=10)
"""How long the rest of a refused body may still come, so that its sender reads the answer."""
HSTS = {"Strict-Transport-Security": "max-age=31536000"}


class DoorRunner(web.AppRunner):
    """The runner of our application.

    ``idle`` is how long a connection may be without a whole request head, ``patience`` how many seconds requests under
    way have when it is shut down.
    """

    def __init__(self, app: web.Application, *, idle: timedelta, patience: float = 60.0) -> None:
        super().__init__(app, handle_signals=False, shutdown_timeout=patience)
        self._idle = idle

    async def _make_server(self) -> web.Server:
        plain = await super()._make_server()
        return _Door(
            plain.request_handler,
            request_factory=plain.request_factory,
            access_log=None,
            keepalive_timeout=self._idle.total_seconds(),
            lingering_time=min(self._idle, LONGEST_LINGERING).total_seconds(),
        )


class _Door(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  it may repeat what came
    ) -> web.StreamResponse:
        """Answer what could not be read as a request, or what a handler did not foresee."""
        refusal: ProtocolError
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("request_failed", exc_info=exc)
            refusal = Unavailable("internal error, please retry")
        else:
            log.info("no_http", reason=type(exc).__name__)
            refusal = MalformedRequest("an HTTP request is expected")
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun, which cannot be taken back")
        answer = _Nameless(
            status=refusal.http_status,
            body=orjson.dumps(nack(refusal.code, refusal.message, refusal.path)),
            content_type="application/json",
            headers=SAFE,
        )
        answer.force_close()
        return answer


class _Nameless(web.Response):
    """An answer outside every route, where no signal completes its headers."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall("Server", None)


def add_door(app: web.Application, *, sandbox: bool) -> None:
    """Have the headers of every answer of the application, and of those inside it, completed.

    A handler's own word on one of them stands.
    """
    safe = SAFE if sandbox else SAFE | HSTS

    async def make_safe(_request: web.Request, response: web.StreamResponse) -> None:
        headers = response.headers
        for name, value in safe.items():
            headers.setdefault(name, value)
        headers.popall("Server", None)  # which program answers, and of which version, is nobody's business

    app.on_response_prepare.append(make_safe)

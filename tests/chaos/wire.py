"""HTTP/1.1 as raw protocols, since whoever loads a server on the same two cores must cost little itself.

Knows only what is needed here: bodies with a Content-Length, persistent connections. What a buyer app may do to a
connection, a library would not let it do.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from tests.support.network import free_port

END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_AUTHORIZATION = re.compile(rb"\r\nauthorization: *([^\r]*)", re.IGNORECASE)


class NoAnswer(Exception):
    """The connection could not be made, ended before a whole answer came, or none came in time."""


@dataclass(frozen=True, slots=True)
class Request:
    """What came in."""

    path: str
    authorization: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Conduct:
    """What is done with a request: ``sends`` goes back ``after`` so many seconds; then the connection is reset, or kept."""

    name: str
    sends: bytes = b""
    resets: bool = False
    after: float = 0.0


def response(status: int, body: bytes = b"", *headers: str) -> bytes:
    """A whole answer."""
    lines = (f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join(lines).encode() + END + body


def _message(buffer: bytearray) -> tuple[bytes, bytes] | None:
    """Head and body, taken off the buffer; None while they are not whole."""
    head_end = buffer.find(END)
    if head_end < 0:
        return None
    head = bytes(buffer[:head_end])
    found = _LENGTH.search(head)
    body_start = head_end + len(END)
    whole = body_start + (int(found[1]) if found else 0)
    if len(buffer) < whole:
        return None
    body = bytes(buffer[body_start:whole])
    del buffer[:whole]
    return head, body


class _Serving(asyncio.Protocol):
    """One connection of whoever calls us."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._sink.open.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._sink.open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (found := _message(self._buffer)) is not None:
            head, body = found
            signature = _AUTHORIZATION.search(head)
            path = head.split(b" ", 2)[1].decode()
            conduct = self._sink.receive(Request(path, signature[1].decode() if signature else "", body))
            if conduct.after:
                asyncio.get_running_loop().call_later(conduct.after, self._carry_out, conduct)
            else:
                self._carry_out(conduct)

    def _carry_out(self, conduct: Conduct) -> None:
        assert self._transport is not None
        if conduct.sends:
            self._transport.write(conduct.sends)
        if conduct.resets:
            self._transport.abort()


class Sink:
    """A server on a loopback port. ``receive`` judges each request; it may be deaf for a while (``close``, ``listen``)."""

    def __init__(self, receive: Callable[[Request], Conduct]) -> None:
        self.receive = receive
        self.open: set[asyncio.Transport] = set()
        self.port = free_port()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *problem: object) -> None:
        self.close()

    async def listen(self) -> None:
        """Take connections, at the same port each time."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Serving(self), "127.0.0.1", self.port, backlog=512)

    def close(self) -> None:
        """Refuse connections, and reset those that are there."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for transport in list(self.open):
            transport.abort()


class _Line(asyncio.Protocol):
    """One connection to the server, for one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self.usable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.usable = transport, True

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        found = _message(self._buffer)
        if found is not None and self._answer is not None and not self._answer.done():
            head, body = found
            self.usable = b"\r\nconnection: close" not in head.lower()
            self._answer.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        self.usable = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NoAnswer("the connection was lost"))

    async def ask(self, request: bytes, patience: float) -> tuple[int, bytes]:
        assert self.transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        try:
            return await asyncio.wait_for(self._answer, patience)
        except TimeoutError:
            self.usable = False
            self.transport.abort()
            raise NoAnswer("no answer in time") from None


class Client:
    """Connections to one server, kept while they hold; or to several that are one, in turn, as behind a balancer."""

    def __init__(self, *ports: int) -> None:
        self._ports = itertools.cycle(ports)
        self._idle: list[_Line] = []

    async def send(
        self, method: str, path: str, body: bytes = b"", *headers: str, patience: float = 10.0
    ) -> tuple[int, bytes]:
        """Status and body of the answer. Raises NoAnswer."""
        lines = (f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *headers)
        request = "\r\n".join(lines).encode() + END + body
        line = await self._line()
        answer = await line.ask(request, patience)
        if line.usable:
            self._idle.append(line)
        elif line.transport is not None:
            line.transport.abort()
        return answer

    async def _line(self) -> _Line:
        while self._idle:
            line = self._idle.pop()
            if line.usable:
                return line
        try:
            _, line = await asyncio.get_running_loop().create_connection(_Line, "127.0.0.1", next(self._ports))
        except OSError as problem:
            raise NoAnswer(str(problem)) from problem
        return line

    def close(self) -> None:
        """End every connection that is idle."""
        for line in self._idle:
            if line.transport is not None:
                line.transport.abort()
        self._idle.clear()

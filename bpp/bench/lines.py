"""The two ends of a load's connections as raw protocols: where callbacks come to, and where requests go out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import cast

from bpp.bench.bodies import Signed

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_END = b"\r\n\r\n"
_ACCEPTED = b'{"message":{"ack":{"status":"ACK"}}}'
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(_ACCEPTED),
    _ACCEPTED,
)


class Messages(asyncio.Protocol):
    """Cuts a connection's bytes into HTTP messages that have a length, which is all that either side sends."""

    def __init__(self) -> None:
        """Not connected yet."""
        self.transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are not of that class

    def data_received(self, data: bytes) -> None:
        """Hand on every message that is whole."""
        buffer = self._buffer + data if self._buffer else data
        while (end := buffer.find(_END)) >= 0:
            head = buffer[:end]
            length = _LENGTH.search(head)
            last = end + len(_END) + (int(length[1]) if length else 0)
            if len(buffer) < last:
                break
            self.message(head, buffer[end + len(_END) : last])
            buffer = buffer[last:]
        self._buffer = buffer

    def message(self, head: bytes, body: bytes) -> None:
        """What to do with a message."""
        raise NotImplementedError


class Sink(Messages):
    """Where callbacks come to: acknowledged at once, then handed on."""

    def __init__(self, taken: Callable[[bytes, bytes], None]) -> None:
        """``taken`` gets head and body."""
        super().__init__()
        self._taken = taken

    def message(self, head: bytes, body: bytes) -> None:
        """Acknowledge, then tell."""
        if self.transport is not None:
            self.transport.write(_ANSWER)
        self._taken(head, body)


class Line(Messages):
    """A kept connection to the server, on which one request at a time waits for its answer."""

    def __init__(self, lost: Callable[[Line], None]) -> None:
        """``lost`` is told when the connection ends."""
        super().__init__()
        self._lost = lost
        self._answered: Callable[[bytes, bytes], None] | None = None

    def send(self, request: Signed, answered: Callable[[bytes, bytes], None]) -> None:
        """Send; ``answered`` gets head and body of the answer."""
        self._answered = answered
        if self.transport is not None:
            self.transport.write(request.head + request.body)

    def message(self, head: bytes, body: bytes) -> None:
        """The answer."""
        answered, self._answered = self._answered, None
        if answered is not None:
            answered(head, body)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  the protocol's own name
        """Nothing more comes on this one."""
        self._lost(self)

"""One slice of load: requests over kept connections, callbacks at a sink, each round trip accounted for.

Raw protocols, so that the load generator costs as little as it can of what is measured beside it. A round trip is
complete when both its ACK and its callback have come; whatever is not is counted by what became of it.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from bpp.bench.bodies import Signed
from bpp.bench.lines import Line, Sink

SAMPLED = 100
"""Of so many callbacks one is kept to be looked at closely."""

_MESSAGE_ID = re.compile(rb'"message_id": ?"([^"]+)"')


@dataclass(slots=True)
class Trip:
    """One round trip: seconds of the loop's clock. ``due`` is when it was meant to be sent."""

    due: float
    acked: float = 0.0
    called: float = 0.0


@dataclass(slots=True)
class Tally:
    """What became of a slice. ``sample`` holds heads and bodies of callbacks to be looked at."""

    sent: int = 0
    acked: int = 0
    completed: int = 0
    refused: int = 0
    errors: int = 0
    repeated: int = 0
    strange: int = 0
    broken: int = 0
    round_trips: list[float] = field(default_factory=list)
    acks: list[float] = field(default_factory=list)
    sample: list[tuple[bytes, bytes]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


class Traffic:
    """The load generator's two sides: lines to a server, and the sink that its callbacks come to."""

    def __init__(self) -> None:
        """The sink listens after ``listen``."""
        self._loop = asyncio.get_running_loop()
        self._trips: dict[bytes, Trip] = {}
        self._tally = Tally()
        self._free: deque[Line] = deque()
        self._all: set[Line] = set()
        self._ended: Callable[[Line], None] = lambda _: None
        self._holding: dict[bytes, Line] = {}
        self._seen = 0
        self._quiet = asyncio.Event()  # nothing is under way
        self._spent = asyncio.Event()  # nothing more is to be sent
        self._server: asyncio.Server | None = None
        self._sinks: list[Sink] = []

    async def listen(self) -> int:
        """Start the sink on a free port of loopback; the port."""
        self._server = await self._loop.create_server(self._sink, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def close(self) -> None:
        """Stop listening, and end the connections of callbacks that are there."""
        if self._server is not None:
            self._server.close()
        for sink in self._sinks:
            if sink.transport is not None:
                sink.transport.abort()

    def _sink(self) -> Sink:
        sink = Sink(self._called)
        self._sinks.append(sink)
        return sink

    async def closed_loop(
        self, port: int, requests: Sequence[Signed], seconds: float, in_flight: int, patience: float
    ) -> Tally:
        """Keep ``in_flight`` round trips under way for so long, then wait for those still under way.

        It is over sooner where there are no requests, or no lines, any more.
        """
        waiting = deque(requests)
        until = 0.0

        def more(line: Line) -> None:
            now = self._loop.time()
            if waiting and now < until and line in self._all:
                self._send(line, waiting.popleft(), now)
            if not waiting:
                self._spent.set()

        await self._open(port, in_flight)
        self._begin(more)
        until = self._loop.time() + seconds
        for line in tuple(self._free):
            more(line)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._spent.wait()
        return await self._end(patience)

    async def open_loop(
        self, port: int, requests: Sequence[Signed], seconds: float, rate: float, patience: float
    ) -> Tally:
        """Send at random moments, ``rate`` a second, whatever has come back; latencies count from these moments."""
        await self._open(port, 64)
        self._begin(self._free.append)
        random = Random(len(requests))  # noqa: S311  the same moments in every run
        due, began = self._loop.time(), self._loop.time()
        for request in requests:
            due += random.expovariate(rate)
            if due - began > seconds:
                break
            if (pause := due - self._loop.time()) > 0:
                await asyncio.sleep(pause)
            if not self._free:
                await self._open(port, 16)
            self._send(self._free.popleft(), request, due)
        return await self._end(patience)

    async def _open(self, port: int, count: int) -> None:
        """So many more lines to the server."""
        for _ in range(count):
            _, line = await self._loop.create_connection(lambda: Line(self._lost), "127.0.0.1", port)
            self._free.append(line)
            self._all.add(line)

    def _begin(self, ended: Callable[[Line], None]) -> None:
        self._trips.clear()
        self._holding.clear()
        self._tally = Tally()
        self._quiet.clear()
        self._spent.clear()
        self._seen = 0
        self._ended = ended

    async def _end(self, patience: float) -> Tally:
        """Wait for what is under way; close the lines. What never came back is then counted by nobody."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._quiet.wait()
        tally, self._tally = self._tally, Tally()
        self._trips.clear()
        self._ended = lambda _: None
        for line in tuple(self._all):
            if line.transport is not None:
                line.transport.close()
        self._all.clear()
        self._free.clear()
        return tally

    def _send(self, line: Line, request: Signed, due: float) -> None:
        key = request.message_id.encode()
        self._trips[key] = Trip(due=due)
        self._quiet.clear()
        self._holding[key] = line
        self._tally.sent += 1
        line.send(request, lambda head, body: self._acked(key, head, body))

    def _acked(self, key: bytes, head: bytes, body: bytes) -> None:
        trip = self._trips.get(key)
        if trip is None:
            return
        if not (head.startswith(b"HTTP/1.1 200") and b'"ACK"' in body):
            self._tally.refused += 1
            self._tally.refusals.append((head[:40] + b" " + body[:300]).decode(errors="replace"))
            self._over(key)
            return
        self._tally.acked += 1
        trip.acked = self._loop.time()
        self._tally.acks.append(trip.acked - trip.due)
        if trip.called:
            self._complete(key, trip)

    def _called(self, head: bytes, body: bytes) -> None:
        """A callback, of which there is one for each request and no more."""
        found = _MESSAGE_ID.search(body)
        trip = self._trips.get(found[1]) if found else None
        if found is None or (trip is None and found[1] not in self._holding):
            self._tally.strange += 1
            return
        if trip is None or trip.called:
            self._tally.repeated += 1
            return
        if b'"error":' in body:
            self._tally.errors += 1
            self._tally.refusals.append(body[-300:].decode(errors="replace"))
        self._seen += 1
        if self._seen % SAMPLED == 1:
            self._tally.sample.append((head, body))
        trip.called = self._loop.time()
        if trip.acked:
            self._complete(found[1], trip)

    def _complete(self, key: bytes, trip: Trip) -> None:
        self._tally.completed += 1
        self._tally.round_trips.append(max(trip.acked, trip.called) - trip.due)
        self._over(key)

    def _over(self, key: bytes) -> None:
        del self._trips[key]
        self._ended(self._holding[key])
        if not self._trips:
            self._quiet.set()

    def _lost(self, line: Line) -> None:
        """A connection that the server ended while it was needed."""
        if line in self._all:
            self._all.discard(line)
            self._tally.broken += 1
            if not self._all:
                self._quiet.set()  # nothing can come any more
                self._spent.set()

"""Buyers that hang, reset, refuse or are dead cost nobody else anything."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Self

import pytest

from bpp.delivery.policy import SLOW, holds_up, room_for
from bpp.network.outcome import Acked, Unreachable
from tests.bpp.delivery.test_loop import arrived, enqueue, get, in_state
from tests.support.bare_server import bare_server
from tests.support.couriers import delivering, until
from tests.support.scripted_peer import Answer, ScriptedPeer

HOW_MANY = 24
LARGE = b'"' + b"x" * (3 << 20) + b'"'
"""More than the kernel takes for a peer that does not read."""


class RawPeer:
    """Takes connections and never reads from them, or resets each after its first bytes."""

    def __init__(self, *, resets: bool) -> None:
        self._resets = resets
        self._ends = AsyncExitStack()
        self.url = ""
        self.connections = 0

    async def __aenter__(self) -> Self:
        port = await self._ends.enter_async_context(bare_server(self._take, limit=1024))
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._ends.aclose()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self._resets:
            await reader.read(10)
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()


@asynccontextmanager
async def bad_peers(count: int) -> AsyncIterator[list[RawPeer]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(RawPeer(resets=number % 2 == 1)) for number in range(count)]


async def enqueue_for(storage, peer, name, **changes):
    return [
        await enqueue(storage, peer, peer=name, transaction_id=f"{name}-{number}", message_id=f"M-{number}", **changes)
        for number in range(HOW_MANY)
    ]


async def test_a_good_buyer_is_served_beside_those_that_hang_with_large_bodies_reset_and_answer_503(storage, clock):
    async with bad_peers(2) as (hangs, resets), ScriptedPeer() as full, ScriptedPeer() as good:
        full.script = [Answer(status=503)] * 1000
        stuck = await enqueue_for(storage, hangs, "hangs", body=LARGE)
        for peer, name in ((resets, "resets"), (full, "full")):
            await enqueue_for(storage, peer, name)
        served = await enqueue_for(storage, good, "good")
        async with delivering(storage, clock, patience=timedelta(seconds=30), at_once=64, per_peer=8):
            for seq in served:
                await in_state(storage, seq)
            waiting = [await get(storage, seq) for seq in stuck]
            assert {one.state for one in waiting} == {"pending"}
            assert 1 <= hangs.connections <= 15  # twice as many as one peer may have, less one
            await hangs.__aexit__()

        assert len(good.received) == HOW_MANY


async def test_many_dead_buyers_at_once_leave_room_for_a_good_one(storage, clock):
    async with bad_peers(12) as dead, ScriptedPeer() as good:
        for number, peer in enumerate(dead[::2]):
            await enqueue_for(storage, peer, f"dead-{number}")
        async with delivering(storage, clock, patience=timedelta(seconds=2), at_once=8, per_peer=2) as loop:
            async with asyncio.timeout(20):
                while len(loop._failing) < 6:
                    clock.tick(seconds=30)
                    await asyncio.sleep(0.02)
            (seq, *_) = await enqueue_for(storage, good, "good")
            await arrived(good, HOW_MANY)
            assert (await in_state(storage, seq)).attempts == 1


async def test_many_buyers_that_hang_for_the_first_time_leave_room_for_a_good_one_before_they_are_given_up(
    storage, clock
):
    async with bad_peers(12) as bad, ScriptedPeer() as good:
        for number, peer in enumerate(bad[::2]):
            await enqueue_for(storage, peer, f"hangs-{number}", body=LARGE)
        async with delivering(storage, clock, patience=timedelta(seconds=60), at_once=8, per_peer=2) as loop:
            await until(full(loop))
            await enqueue_for(storage, good, "good")
            await arrived(good, HOW_MANY)
            for peer in bad[::2]:
                await peer.__aexit__()


def full(loop):
    """Whether as much is under way as there is room for."""

    async def condition():
        return loop._in_flight.total() >= 8

    return condition


@pytest.mark.parametrize(
    ("in_flight", "failing", "expected"),
    [
        ({}, [], (4, set())),
        ({"a": 4}, [], (4, {"a"})),
        ({"a": 4, "b": 4}, [], (0, {"a", "b"})),
        ({"a": 4, "b": 3}, ["a"], (4, {"a"})),
        ({"a": 4, "b": 4}, ["a", "b", "c"], (4, {"a", "b", "c"})),
        ({"a": 4, "b": 4, "d": 6}, ["a", "b", "c"], (2, {"a", "b", "c", "d"})),
    ],
)
def test_who_held_us_up_last_takes_no_room_from_the_others(in_flight, failing, expected):
    room, busy = room_for(in_flight, failing, at_once=8, per_peer=4)

    assert (room, set(busy)) == expected


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Acked(status=200), False),
        (Acked(status=200, duration=SLOW + timedelta(milliseconds=1)), True),
        (Unreachable(reason="timeout"), True),
    ],
)
def test_a_peer_holds_us_up_that_does_not_answer_or_answers_late(outcome, expected):
    assert holds_up(outcome) is expected

"""Thousands of hostile messages leave a server as small as it was."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import orjson
import pytest

from tests.hostile.targets import GOOD_HEADER, seeds
from tests.hostile.test_network_door import message_of
from tests.support.hostile import Seller, request_bytes, running_seller, signed
from tests.support.hostile_messages import ACTIONS, PLACES
from tests.support.json_edit import edited

ROUND = 600


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Seller]:
    """A server that nobody else has asked anything."""
    with running_seller(tmp_path) as running:
        yield running


def hostile_requests() -> Iterator[bytes]:
    """Requests of every class that is refused: bytes, headers, shapes, sizes; for ever, and each time the same."""
    json = {"Content-Type": "application/json"}
    kinds = [
        *(request_bytes("POST", "/select", body, signed(body)) for body in seeds("reading")),
        *(
            request_bytes("POST", f"/{action}", body, signed(body))
            for action, path in PLACES
            for body in [orjson.dumps(edited(message_of(action), path, [["x" * 2000]]))]
        ),
        *(request_bytes("POST", f"/{action}", b"{}", json | {"Authorization": GOOD_HEADER}) for action in ACTIONS),
        *(request_bytes("POST", "/select", b"x" * size, json) for size in (1, 10_000, 150_000)),
        request_bytes("POST", "/select", b"", json | {"Content-Length": "999999999"}),
        request_bytes("GET", f"/invoices/{'x' * 500}/y", b"", {}),
        b"\x16\x03\x01\r\n\r\n",
    ]
    return cycle(kinds)


def resident(seller: Seller) -> int:
    """Bytes of memory that the server's process holds."""
    assert seller.server.process is not None
    pages = int(Path(f"/proc/{seller.server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_a_server_under_hostile_fire_does_not_grow(alone: Seller) -> None:
    requests = hostile_requests()

    def fire() -> None:
        for data in islice(requests, ROUND):
            assert alone.ask(data).status not in {500, 502, 504}

    fire()
    fire()
    warm = resident(alone)

    fire()
    fire()

    assert resident(alone) <= warm * 1.05

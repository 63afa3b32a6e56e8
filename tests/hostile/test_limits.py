"""Size, shape and patience: what is too much is refused early, and work grows no faster than the input."""

from __future__ import annotations

import gzip
import socket
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import orjson
import pytest

from beckn_schemas.base import SchemaViolation
from beckn_schemas.requests import parse_request
from bpp.domains.dialect import CANONICAL
from bpp.domains.normalize import normalize
from bpp.domains.sightings import sightings
from bpp.errors import MalformedRequest
from bpp.inbound.envelope import read_json
from signing.errors import SignatureError
from signing.header import SignatureHeader
from tests.hostile.test_network_door import message_of
from tests.support.hostile import (
    Answer,
    Seller,
    check_network_answer,
    read_answer,
    request_bytes,
    signed,
)
from tests.support.json_edit import edited
from tests.support.request_builders import REQUESTS

# What is sent


def select_body() -> bytes:
    return orjson.dumps(message_of("select", 1))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity, gzip", "x-gzip", "GZIP", "chunked"])
def test_a_body_that_would_have_to_be_unpacked_is_refused(seller: Seller, coding: str) -> None:
    body = b"{" * 1_000_000 + select_body()
    packed = {"gzip": gzip.compress(body), "deflate": zlib.compress(body)}.get(coding, body[:1000])

    answer = seller.post("select", packed, {"Content-Encoding": coding})

    check_network_answer(answer)
    assert answer.status in {400, 415}


def chunked(*chunks: tuple[str, bytes], end: bytes = b"0\r\n\r\n") -> bytes:
    """A POST in chunks; the size of each is what is said of it."""
    whole = b"".join(data for _, data in chunks)
    head = request_bytes("POST", "/select", b"", signed(whole)).replace(
        b"Content-Length: 0", b"Transfer-Encoding: chunked"
    )
    return head + b"".join(size.encode() + b"\r\n" + data + b"\r\n" for size, data in chunks) + end


def test_a_body_in_chunks_is_read_as_one(seller: Seller) -> None:
    body = select_body()
    halves = (body[:100], body[100:])

    answer = seller.ask(chunked(*((f"{len(half):x}", half) for half in halves)))

    check_network_answer(answer)
    assert answer.code == "30001"  # nobody of that name: all else was in order


@pytest.mark.parametrize("size", ["-1", "fffffffffffffffff", "zz", "0x10", "10 ", "+5", "٣", "5;" + "x" * 20_000])
def test_a_chunk_of_no_size_is_refused(seller: Seller, size: str) -> None:
    answer = seller.ask(chunked((size, select_body())))

    assert answer.status in {0, 400, 401}
    if answer.status:
        check_network_answer(answer)


def test_a_chunked_body_over_the_limit_is_refused_with_413(seller: Seller) -> None:
    answer = seller.ask(chunked(*[("8000", b"x" * 0x8000)] * 8))

    check_network_answer(answer)
    assert answer.status == 413


def test_a_chunked_challenge_keeps_to_the_limit_of_its_own_endpoint(seller: Seller) -> None:
    data = chunked(*[("1000", b" " * 0x1000)] * 3).replace(b"/select", b"/on_subscribe")

    answer = seller.ask(data)

    check_network_answer(answer)
    assert answer.status == 400
    assert "at most 4096 bytes are expected" in seller.server.log.read_text()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Content-Length: 2", b"Content-Length: 1"),
        (b"Content-Length: 2", b"Content-Length: -2"),
        (b"Content-Length: 2", b"Content-Length: +2"),
        (b"Content-Length: 2", b"Content-Length: 2\r\nContent-Length: 3"),
        (b"Content-Length: 2", b"Content-Length: 2\r\nTransfer-Encoding: chunked"),
        (b"Content-Length: 2", b"Transfer-Encoding: chunked, identity"),
        (b"Host: 127.0.0.1", b"Host: 127.0.0.1\r\nHost: other"),
        (b"Host: 127.0.0.1", b"Host : 127.0.0.1"),
        (b"Host: 127.0.0.1", b"Host: a\x00b"),
        (b"HTTP/1.1", b"HTTP/9.9"),
        (b"HTTP/1.1", b"HTTP/1.1 x"),
        (b"POST ", b"PO ST "),
        (b"POST ", b"\x16\x03\x01\x02\x00"),
        (b"/select", b"/" + b"x" * 9000),
        (b"/select", b"http://127.0.0.1:22/select"),
        (b"Host: 127.0.0.1", b"Host: 127.0.0.1\r\nX: " + b"x" * 9000),
        (b"Host: 127.0.0.1", b"Host: 127.0.0.1" + b"\r\nX: y" * 500),
    ],
    ids=lambda part: repr(part[:24]),
)
def test_what_is_hardly_http_gets_a_nack_or_nothing(seller: Seller, old: bytes, new: bytes) -> None:
    answer = seller.ask(request_bytes("POST", "/select", b"{}", {"Content-Type": "application/json"}).replace(old, new))

    assert answer.status in {0, 400, 401, 404}
    if answer.body.startswith(b"{"):
        check_network_answer(answer)


def test_requests_that_come_in_one_go_are_answered_in_their_order(seller: Seller) -> None:
    one = request_bytes("GET", "/health/live", b"", {"Connection": "keep-alive"})
    other = request_bytes("POST", "/select", b"{}", {"Content-Type": "application/json"})  # and close
    with socket.create_connection(("127.0.0.1", seller.server.port), timeout=30) as connection:
        connection.sendall(one * 20 + other)
        data = b"".join(iter(lambda: connection.recv(65536), b""))

    assert data.count(b"HTTP/1.1 200 OK") == 20
    assert data.rindex(b"HTTP/1.1 401") > data.rindex(b"HTTP/1.1 200")


# Slow senders


@contextmanager
def sending(seller: Seller, data: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", seller.server.port), timeout=30) as connection:
        connection.sendall(data)
        yield connection


def test_connections_without_a_whole_request_head_are_closed(seller: Seller) -> None:
    parts = (b"", b"POST /select HT", b"POST /select HTTP/1.1\r\nHost: x\r\nX-Slow: y")
    with ExitStack() as stack:
        slow = [stack.enter_context(sending(seller, parts[number % 3])) for number in range(200)]
        assert seller.request("GET", "/health/live").status == 200  # many who say nothing keep nobody from an answer
        assert [one.recv(1) for one in slow] == [b""] * len(slow)  # or the time-out of the socket


def test_a_body_that_does_not_come_is_given_up_with_a_nack_and_the_connection_closed(seller: Seller) -> None:
    body = select_body()
    with sending(seller, request_bytes("POST", "/select", body, signed(body))[:-10]) as connection:
        answer = read_answer(connection)
        rest = connection.recv(100)

    check_network_answer(answer)
    assert (answer.status, answer.code, rest) == (400, "30000", b"")


def test_a_body_that_drips_is_given_up_too(seller: Seller) -> None:
    body = select_body()
    data = request_bytes("POST", "/select", body, signed(body))
    with sending(seller, data[: -len(body)]) as connection:
        connection.settimeout(0.05)
        answer = Answer(0, {}, b"")
        for letter in body:
            connection.sendall(bytes([letter]))
            try:
                answer = read_answer(connection)
            except TimeoutError:
                continue
            break

    assert answer.status == 400


# What a message asks for


def big(action: str, path: str, value: Any) -> bytes:
    return orjson.dumps(edited(message_of(action, 2), path, value))


ITEM = {"id": "I1", "quantity": {"selected": {"count": 1}}}
TOO_MUCH = [
    ("select", "message.order.items", [ITEM] * 3000),
    ("select", "message.order.fulfillments", [{}] * 3000),
    ("select", "message.order.items[0].tags", [{"list": [{}] * 51}]),
    ("select", "message.order.items[0].location_ids", ["L"] * 20_000),
    ("search", "message.intent.tags", [{}] * 30_000),
    ("search", "message.intent.item.descriptor.name", "fan repair " * 10_000),
    ("search", "message.intent.item.category_ids", ["SRV11-1030"] * 9000),
    ("update", "message.update_target", ",".join(f"p{n}" for n in range(20_000))),
    ("rating", "message.ratings", [{"id": "I", "rating_category": "Item", "value": "1"}] * 3000),
    ("status", "message.order_id", "O" * 100_000),
    ("select", "context.transaction_id", "T" * 100_000),
    ("select", "context.bap_uri", "http://" + "a." * 50_000),
    ("select", "context.ttl", "P" + "1" * 100_000 + "D"),
    ("select", "context.timestamp", "2026-01-01T00:00:00." + "0" * 100_000 + "Z"),
]


@pytest.mark.parametrize(("action", "path", "value"), TOO_MUCH, ids=lambda part: str(part)[:40])
def test_a_message_that_asks_for_too_much_is_refused_before_anything_is_looked_up(
    seller: Seller, action: str, path: str, value: Any
) -> None:
    before = seller.stored()

    answer = seller.post(action, big(action, path, value))

    check_network_answer(answer)
    assert answer.code == "30000"
    assert seller.stored() == before


# How work grows


def operations(work: Callable[[], object]) -> int:
    """Calls of functions, Python's and C's, and lines: what does not depend on the machine."""
    count = 0

    def step(frame: Any, _event: str, _argument: Any) -> Any:
        nonlocal count
        count += 1
        return step

    def call(_frame: Any, _event: str, _argument: Any) -> None:
        nonlocal count
        count += 1

    before = sys.gettrace(), sys.getprofile()
    sys.settrace(step)
    sys.setprofile(call)
    try:
        work()
    finally:
        sys.settrace(before[0])
        sys.setprofile(before[1])
    return count


def taken_in(action: str, body: bytes) -> Callable[[], object]:
    """Reading, normalising, looking and checking, as for any message."""

    def work() -> None:
        with suppress(MalformedRequest, SchemaViolation):
            payload = read_json(body)
            raw = normalize(action, payload, CANONICAL)
            sightings(action, payload)
            parse_request(action, raw)

    return work


def many(action: str, path: str, make: Callable[[int], Any]) -> Callable[[int], Callable[[], object]]:
    return lambda size: taken_in(action, orjson.dumps(edited(REQUESTS[action], path, make(size))))


def text(make: Callable[[int], bytes]) -> Callable[[int], Callable[[], object]]:
    return lambda size: taken_in("select", make(size))


def headers(make: Callable[[int], str]) -> Callable[[int], Callable[[], object]]:
    def sized(size: int) -> Callable[[], object]:
        def work() -> None:
            with suppress(SignatureError):
                SignatureHeader.parse(make(size))

        return work

    return sized


GROWING = {
    "keys": text(lambda n: orjson.dumps({str(one): one for one in range(n)})),
    "a key twice": text(lambda n: b'{"a":1,' + b",".join(b'"k%d":1' % one for one in range(n)) + b',"a":1}'),
    "the same key": text(lambda n: b"{" + b",".join([b'"k":1'] * n) + b"}"),
    "nesting": text(lambda n: b'{"a":' + b",".join([b"[" * 60 + b"]" * 60] * n).join([b"[", b"]"]) + b"}"),
    "brackets in texts": text(lambda n: orjson.dumps({"a": ["[{"] * n})),
    "escapes": text(lambda n: b'{"a":"' + b"\\\\" * n + b'"}'),
    "escaped NUL": text(lambda n: orjson.dumps({"a": ["\x00x"] * n})),
    "nulls": text(lambda n: orjson.dumps({"a": [None] * n, "b": {str(one): None for one in range(n)}})),
    "items": many("select", "message.order.items", lambda n: [{"id": str(one)} for one in range(n)]),
    "payments": many("confirm", "message.order.payments", lambda n: [{"tags": [{"descriptor": {"code": "x"}}]}] * n),
    "fees": many("search", "message.intent.tags", lambda n: [{"descriptor": {"code": "bap_terms"}, "list": [{}]}] * n),
    "targets": many("update", "message.update_target", lambda n: [f"order.p{one}" for one in range(n)]),
    "white space of a header": headers(lambda n: "Signature" + " " * min(n, 4000)),
    "parameters of a header": headers(lambda n: "Signature " + ",".join(f'p{one}="x"' for one in range(min(n // 4, 400)))),
}  # fmt: skip


@pytest.mark.parametrize("name", GROWING)
def test_four_times_the_input_is_at_most_some_five_times_the_work(name: str) -> None:
    small, large = (operations(GROWING[name](size)) for size in (400, 1600))

    assert large <= 5 * small + 500


REGEX_BOMBS = {
    "gps": ("select", "message.order.fulfillments[0].stops[0].location.gps", " " * 50_000 + "x"),
    "gps of digits": ("select", "message.order.fulfillments[0].stops[0].location.gps", "1" * 50_000 + "." * 50_000),
    "duration": ("search", "context.ttl", "P" + "0" * 50_000),
    "uri": ("search", "context.bap_uri", "http://" + " " * 50_000),
    "category": ("search", "message.intent.category.id", "SRV" + "1" * 50_000 + "-"),
    "words": ("search", "message.intent.item.descriptor.name", "\u0915\u094d" * 25_000),
    "bomb of one letter": ("search", "message.intent.item.descriptor.name", "\ufdfa" * 16_000),
    "targets": ("update", "message.update_target", "message." * 6_000),
    "white space": ("confirm", "message.order.status", "- _" * 16_000),
    "amount": ("confirm", "message.order.quote.price.value", "1" * 50_000),
}


@pytest.mark.parametrize("name", REGEX_BOMBS)
def test_a_long_text_in_a_field_costs_hardly_more_steps_than_a_short_one(name: str) -> None:
    action, path, value = REGEX_BOMBS[name]
    short, long = (
        operations(taken_in(action, orjson.dumps(edited(REQUESTS[action], path, one)))) for one in (value[:100], value)
    )

    assert long <= 2 * short + 200

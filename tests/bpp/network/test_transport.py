from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bpp.network.guard import AddressGuard
from bpp.network.outcome import Acked, Answered, Nacked, Unreachable, read_answer
from bpp.network.transport import Transport
from tests.support.resolver import ScriptedResolver

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ACK = b'{"message":{"ack":{"status":"ACK"}}}'
NACK = b'{"message":{"ack":{"status":"NACK"}},"error":{"type":"CONTEXT-ERROR","code":"20002","message":"stale"}}'
LOOPBACK = AddressGuard(allowed=(ip_network("127.0.0.0/8"),), require_https=False)
NOWHERE = AddressGuard(require_https=False)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakePeer:
    """A buyer app on a loopback port with a scripted answer."""

    def __init__(self) -> None:
        self.handler: Handler = self._ack
        self.received: list[tuple[web.Request, bytes]] = []
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._receive)
        self.server = TestServer(app)

    def url(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server.port}/on_search"

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        self.received.append((request, await request.read()))
        return await self.handler(request)

    async def _ack(self, _: web.Request) -> web.StreamResponse:
        return web.Response(body=ACK)

    def answers(self, status: int, body: bytes = b"", **headers: str) -> None:
        async def answer(_: web.Request) -> web.StreamResponse:
            return web.Response(status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})

        self.handler = answer


@pytest.fixture
async def peer():
    peer = FakePeer()
    await peer.server.start_server()
    yield peer
    await peer.server.close()


def a_transport(guard: AddressGuard = LOOPBACK, **options: Any) -> Transport:
    return Transport(guard=guard, clock=lambda: NOW, **options)


async def posted(url: str, guard: AddressGuard = LOOPBACK, **options: Any):
    async with a_transport(guard, **options) as transport:
        return await transport.post(url, b"{}", {"Authorization": "Signature x"})


async def test_the_bytes_and_the_signature_arrive_as_they_were_given(peer):
    body = '{"a": "नमस्ते",  "b":1.0}\n'.encode()
    async with a_transport() as transport:
        await transport.post(peer.url(), body, {"Authorization": "Signature x", "content-type": "text/plain"})

    ((request, received),) = peer.received
    assert received == body
    assert request.method == "POST"
    assert request.headers.getall("Content-Type") == ["application/json"]
    assert request.headers["Authorization"] == "Signature x"
    assert "Content-Encoding" not in request.headers


async def test_an_ack_is_success(peer):
    outcome = await posted(peer.url())

    assert isinstance(outcome, Acked)
    assert (outcome.status, outcome.answer) == (200, ACK)
    assert outcome.duration > timedelta()


async def test_a_200_whose_body_is_a_nack_is_a_refusal(peer):
    peer.answers(200, NACK)

    outcome = await posted(peer.url())

    assert isinstance(outcome, Nacked)
    assert (outcome.code, outcome.message, outcome.status) == ("20002", "stale", 200)


@pytest.mark.parametrize(
    "body", [b"", b"OK", b"{}", b"[]", b'{"message":{}}', b'{"message":{"ack":"ACK"}}', gzip.compress(ACK, mtime=0)]
)
async def test_a_200_without_a_readable_ack_is_only_an_answer(peer, body):
    peer.answers(200, body)

    assert isinstance(await posted(peer.url()), Answered)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(peer, status):
    peer.answers(status, Location="/elsewhere")

    outcome = await posted(peer.url())

    assert isinstance(outcome, Answered)
    assert outcome.status == status
    assert len(peer.received) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta()),
        ("Thu, 01 Jan 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Thu, 01 Jan 2026 11:00:00 GMT", timedelta()),
        ("999999999999999", timedelta(days=1)),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
async def test_what_the_peer_asks_for_as_a_pause_is_kept(peer, text, expected):
    peer.answers(503, Retry_After=text)

    outcome = await posted(peer.url())

    assert isinstance(outcome, Answered)
    assert outcome.retry_after == expected


async def test_a_long_answer_is_read_up_to_the_limit(peer):
    peer.answers(200, b"x" * 1_000_000)

    outcome = await posted(peer.url(), answer_limit=1000)

    assert outcome.answer == b"x" * 1000


async def test_an_answer_that_never_ends_ends_for_us(peer):
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 10_000)

    peer.handler = endless

    assert isinstance(await posted(peer.url(), answer_limit=50_000), Answered)


async def test_a_peer_that_does_not_answer_in_time_is_unreachable(peer):
    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    peer.handler = silent

    outcome = await posted(peer.url(), total_timeout=timedelta(seconds=0.2))

    assert isinstance(outcome, Unreachable)
    assert (outcome.reason, outcome.status) == ("timeout", None)


async def test_an_answer_cut_off_in_the_middle_is_no_answer(peer):
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(ACK)
        assert request.transport is not None
        request.transport.close()
        return response

    peer.handler = cut

    outcome = await posted(peer.url())

    assert isinstance(outcome, Unreachable)
    assert (outcome.reason, outcome.status) == ("disconnected", 200)


async def test_nobody_at_the_port_is_unreachable(unused_tcp_port):
    outcome = await posted(f"http://127.0.0.1:{unused_tcp_port}/")

    assert isinstance(outcome, Unreachable)
    assert outcome.reason == "connection"


async def test_something_that_is_not_tls_is_unreachable(peer):
    outcome = await posted(peer.url().replace("http:", "https:"))

    assert isinstance(outcome, Unreachable)
    assert outcome.reason == "tls"


async def test_a_name_that_nobody_knows_is_unreachable():
    outcome = await posted("http://buyer.example.in/", resolver=ScriptedResolver([]))

    assert isinstance(outcome, Unreachable)
    assert outcome.reason == "dns"


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "169.254.169.254", "user:pw@127.0.0.1"])
async def test_a_forbidden_url_is_not_called(peer, host):
    outcome = await posted(peer.url(host), NOWHERE)

    assert isinstance(outcome, Unreachable)
    assert outcome.reason == "forbidden_url"
    assert peer.received == []


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "017700000001"])
async def test_a_name_or_an_odd_number_that_leads_inside_is_not_called(peer, host):
    outcome = await posted(peer.url(host), NOWHERE)

    assert isinstance(outcome, Unreachable)
    assert outcome.reason in {"forbidden_address", "forbidden_url"}
    assert peer.received == []


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["127.0.0.1", "127.0.0.2"], ["169.254.169.254"]])
async def test_a_public_name_with_an_inner_address_is_not_called(peer, addresses):
    outcome = await posted(peer.url("buyer.example.in"), NOWHERE, resolver=ScriptedResolver(addresses))

    assert isinstance(outcome, Unreachable)
    assert outcome.reason == "forbidden_address"
    assert peer.received == []


async def test_a_name_that_changes_its_address_between_two_attempts_gains_nothing(peer):
    guard = AddressGuard(allowed=(ip_network("127.0.0.1/32"),), require_https=False)
    resolver = ScriptedResolver(["127.0.0.1"], ["127.0.0.2"])
    url = peer.url("buyer.example.in")

    first = await posted(url, guard, resolver=resolver)
    second = await posted(url, guard, resolver=resolver)

    assert isinstance(first, Acked)
    assert isinstance(second, Unreachable)
    assert second.reason == "forbidden_address"


async def test_among_several_addresses_only_the_permitted_one_is_called(peer):
    guard = AddressGuard(allowed=(ip_network("127.0.0.1/32"),), require_https=False)

    outcome = await posted(peer.url("buyer.example.in"), guard, resolver=ScriptedResolver(["127.0.0.2", "127.0.0.1"]))

    assert isinstance(outcome, Acked)


async def test_connections_are_reused(peer):
    async with a_transport() as transport:
        for _ in range(5):
            await transport.post(peer.url(), b"{}", {})

    assert len({request.transport for request, _ in peer.received} | {None}) <= 2


async def test_cookies_are_not_kept(peer):
    peer.answers(200, ACK, Set_Cookie="a=b")
    async with a_transport() as transport:
        for _ in range(2):
            await transport.post(peer.url(), b"{}", {})

    assert all("Cookie" not in request.headers for request, _ in peer.received)


async def test_a_closed_transport_is_not_used():
    with pytest.raises(RuntimeError):
        await a_transport().post("http://127.0.0.1/", b"", {})


# --- reading answers


@pytest.mark.parametrize(
    "body",
    [
        ACK,
        b' {"message": {"ack": {"status": "ack", "tags": []}, "x": 1}, "context": {}} ',
        b'{"sync":{"message":{"ack":{"status":"ACK"}}}}',
        b'{"message":{"ack":{"status":"ACK"}},"error":{"type":null,"code":null}}',
    ],
)
@pytest.mark.parametrize("status", [200, 202])
def test_an_ack_is_read_however_it_is_wrapped(status, body):
    assert isinstance(read_answer(status, body), Acked)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (NACK, "20002"),
        (b'{"message":{"ack":{"status":"NACK"}},"error":{"code":20002}}', "20002"),
        (b'{"sync":{"message":{"ack":{"status":"NACK"}},"error":{"code":"20002"}}}', "20002"),
        (b'{"sync":{"message":{"ack":{"status":"NACK"}}},"error":{"code":"20002"}}', "20002"),
        (b'{"message":{"ack":{"status":"NACK"},"error":{"code":"20002"}}}', "20002"),
        (b'{"message":{"ack":{"status":"NACK"}}}', ""),
        (b'{"message":{"ack":{"status":"NACK"}},"error":"no"}', ""),
        (b'{"message":{"ack":{"status":"NACK"}},"error":{"code":{},"message":[]}}', ""),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_nack_is_read_however_it_is_wrapped(status, body, code):
    outcome = read_answer(status, body)

    assert isinstance(outcome, Nacked)
    assert (outcome.code, outcome.status) == (code, status)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [NACK, ACK, b""])
def test_a_peer_in_trouble_has_neither_taken_nor_refused_anything(status, body):
    assert isinstance(read_answer(status, body), Answered)


@pytest.mark.parametrize("status", [301, 400, 404])
def test_an_ack_under_an_error_is_no_ack(status):
    assert isinstance(read_answer(status, ACK), Answered)


async def test_a_body_of_several_megabytes_arrives_whole() -> None:
    received: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        received.append(await request.read())
        return web.json_response({"message": {"ack": {"status": "ACK"}}})

    app = web.Application(client_max_size=8 << 20)
    app.router.add_post("/on_search", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    body = b"x" * (3 << 20)
    async with Transport(guard=LOOPBACK, clock=lambda: NOW) as transport:
        outcome = await transport.post(f"http://127.0.0.1:{port}/on_search", body, {})
    await runner.cleanup()

    assert isinstance(outcome, Acked)
    assert received == [body]

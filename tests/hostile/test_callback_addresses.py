"""Callback addresses that strangers choose, with real sockets: what must not be reached is listening and hears nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import ThreadedResolver

from bpp.network.guard import AddressGuard, ForbiddenUrl
from bpp.network.outcome import Outcome, Unreachable
from bpp.network.transport import Transport
from tests.support.bare_server import bare_server
from tests.support.clock import FakeClock
from tests.support.resolver import ScriptedResolver

INSIDE, OUTSIDE = "127.0.0.1", "127.0.0.2"
GUARD = AddressGuard(allowed=(ip_network(f"{OUTSIDE}/32"),), require_https=False)
"""For these tests 127.0.0.2 is the wide world and 127.0.0.1 what must not be reached."""
ACK = b'{"message":{"ack":{"status":"ACK"}}}'
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"


@dataclass
class Listening:
    """A listener on one address; what it was asked."""

    port: int
    answer: bytes = OK % (len(ACK), ACK)
    heard: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def listening(host: str, port: int = 0) -> AsyncIterator[Listening]:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        one.heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(one.answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with bare_server(meet, host, port) as given:
        one = Listening(given)
        yield one


async def post(url: str, resolver: AbstractResolver, guard: AddressGuard = GUARD) -> Outcome:
    async with Transport(guard=guard, clock=FakeClock(), resolver=resolver) as transport:
        return await transport.post(url, b"{}", {"Authorization": "Signature"})


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Unreachable), outcome
    return outcome.reason


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104  what must not be reached, not what is listened to
        "169.254.169.254",
        "10.0.0.1",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::1",
        "2001:0:7f00:1:0:0:80ff:fffe",
        "fe80::1",
        "fd00:ec2::254",
    ],
)
async def test_a_name_that_resolves_into_somebodys_network_is_not_connected_to(address: str) -> None:
    async with listening(INSIDE) as inside:
        outcome = await post(f"http://buyer.example.org:{inside.port}/on_search", ScriptedResolver([address]))

    assert reason(outcome) == "forbidden_address"
    assert inside.heard == []


async def test_a_name_that_changes_its_address_between_two_posts_gains_nothing() -> None:
    resolver = ScriptedResolver([OUTSIDE], [INSIDE])
    async with listening(OUTSIDE) as outside, listening(INSIDE, outside.port) as inside:
        url = f"http://buyer.example.org:{outside.port}/on_search"
        first, second = await post(url, resolver), await post(url, resolver)

    assert not isinstance(first, Unreachable)
    assert reason(second) == "forbidden_address"
    assert (len(outside.heard), inside.heard) == (1, [])


async def test_a_name_is_resolved_once_for_each_connection_so_that_nothing_else_was_judged() -> None:
    resolver = ScriptedResolver([OUTSIDE], [INSIDE])
    async with listening(OUTSIDE) as outside:
        await post(f"http://buyer.example.org:{outside.port}/on_search", resolver)

    assert resolver.asked == ["buyer.example.org"]


async def test_of_several_addresses_only_those_outside_are_tried() -> None:
    resolver = ScriptedResolver([INSIDE, "::ffff:127.0.0.1", OUTSIDE])
    async with listening(OUTSIDE) as outside, listening(INSIDE, outside.port) as inside:
        outcome = await post(f"http://buyer.example.org:{outside.port}/on_search", resolver)

    assert not isinstance(outcome, Unreachable)
    assert (len(outside.heard), inside.heard) == (1, [])


@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost",
            "localhost.",
            "LOCALHOST",
            "127.1",
            "0177.0.0.1",
            "0x7f.1",
            "0x7f000001",
            "2130706433",
            "017700000001",
        ),
        *("127.0.0.1.", "0", "127.000.000.001", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:127.0.0.1]"),
        *("①②⑦.⓪.⓪.①", "１２７。０。０。１", "१२७.०.०.१", "loc\u00adalhost", "ｌｏｃａｌｈｏｓｔ"),
        *("127.0.0.1%00.example.org", "127.0.0.1%2eexample.org", "[::1%25lo]", "[fe80::1%lo]"),
    ],
)
async def test_no_spelling_of_our_own_machine_is_connected_to(host: str) -> None:
    async with listening(INSIDE) as inside:
        outcome = await post(f"http://{host}:{inside.port}/on_search", ThreadedResolver())

    assert reason(outcome) in {"forbidden_address", "forbidden_url", "dns"}
    assert inside.heard == []


@pytest.mark.parametrize(
    "form",
    [
        "http://{outside}@{inside}/",
        "http://{outside}:80@{inside}/",
        "http://{outside}%40{inside}/",
        "http://{outside}\\@{inside}/",
        "http://{outside}#@{inside}/",
        "http://{outside}?@{inside}/",
        "http://{outside}/@{inside}/",
        "http://{outside}\t@{inside}/",
        "http://{inside}\r\nHost: {outside}/",
        "http:{inside}/",
        "http:///{inside}/",
        "//{inside}/",
        "HTTP://{inside}/",
    ],
)
async def test_no_form_of_a_url_leads_somewhere_else_than_was_judged(form: str) -> None:
    async with listening(OUTSIDE) as outside, listening(INSIDE, outside.port) as inside:
        where = {"outside": f"{OUTSIDE}:{outside.port}", "inside": f"{INSIDE}:{outside.port}"}
        await post(form.format(**where), ThreadedResolver())

    assert inside.heard == []


async def test_a_redirect_is_not_followed() -> None:
    async with listening(OUTSIDE) as outside, listening(INSIDE) as inside:
        moved = b"HTTP/1.1 307 Moved\r\nLocation: http://%s:%d/\r\nContent-Length: 0\r\n\r\n"
        outside.answer = moved % (INSIDE.encode(), inside.port)
        await post(f"http://{OUTSIDE}:{outside.port}/on_search", ThreadedResolver())

    assert (len(outside.heard), inside.heard) == (1, [])


@pytest.mark.parametrize(
    "text", ["\r\nX-Injected: yes", "%0d%0aX-Injected: yes", "\u010d\u010aX-Injected: yes", "\u2028X-Injected: yes"]
)
async def test_no_url_adds_a_line_to_the_request(text: str) -> None:
    async with listening(OUTSIDE) as outside:
        await post(f"http://{OUTSIDE}:{outside.port}/{text}/on_search", ThreadedResolver())

    assert not any(b"\r\nX-Injected" in one for one in outside.heard)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "99999999999999999999", "８０", "80x", "0x50", " 80", "+80"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(ForbiddenUrl):
        GUARD.check_url(f"http://buyer.example.org:{port}/")


async def test_a_name_of_another_script_is_resolved_in_its_one_spelling() -> None:
    resolver = ScriptedResolver([INSIDE])
    for host in ("खरीदार.example.org", "BUYER.Example.ORG", "ｂｕｙｅｒ.example.org"):
        assert reason(await post(f"http://{host}:1/", resolver)) == "forbidden_address"

    assert resolver.asked == ["xn--21b6a3ab3ek.example.org", "buyer.example.org", "buyer.example.org"]

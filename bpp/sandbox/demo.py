"""The demonstration: a booking in Lucknow from the first search to the rating, told so that a newcomer understands it.

``play`` needs a running seller app and starts the other participants itself. Everything shown really happened: the
lines are taken from the messages, and each tick is a check that could have failed.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

import aiohttp

from bpp.sandbox.buyer import Buyer
from bpp.sandbox.demo_booking import book
from bpp.sandbox.demo_changes import another_hour
from bpp.sandbox.demo_search import after_sale, find_again, look_around
from bpp.sandbox.demo_stage import Stage
from bpp.sandbox.demo_visit import visit
from bpp.sandbox.directory import Directory
from bpp.sandbox.field import Field, FieldRefused
from bpp.sandbox.gateway import Gateway
from bpp.sandbox.identities import BPP, BUYER, GATEWAY, Participant, write_registry
from bpp.sandbox.inbox import NoCallback
from bpp.sandbox.journey import Refused
from bpp.sandbox.moments import Clock, utc_now
from bpp.sandbox.narrate import Check, Narrator
from bpp.sandbox.posting import Unreachable

LONGEST = 180.0
"""Seconds that a whole play may take."""

INTRODUCTION = """
Beckn is a language in which buyer apps and seller apps do business without a platform between them; ONDC is India's
network of it. Three programs take part here: a buyer app with a customer in it, a gateway that spreads searches, and
Sewamitra's seller app (a "BPP"). All of them read the same registry, a list of everybody's public keys. Every message
is signed JSON over HTTP. It is acknowledged at once (ACK); the real answer comes a moment later as a call in the other
direction, under the same name with "on_" before it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """What held and what did not."""

    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not hold."""
        return tuple(one for one in self.checks if not one.held)

    @property
    def ok(self) -> bool:
        """Whether everything held, and something was checked at all."""
        return bool(self.checks) and not self.failed


async def play(
    bpp_url: str,
    operator_token: str,
    out: TextIO,
    *,
    registry: Path,
    colour: bool | None = None,
    patience: float = 15.0,
    clock: Clock = utc_now,
) -> DemoResult:
    """Play a whole booking against the seller app at ``bpp_url`` and tell it to ``out``.

    ``registry`` is the registry file that the seller app uses, too; buyer app and gateway listen where it says they do
    (``write_demo_registry`` writes one with free ports). ``patience`` is in seconds for each answer. A step that fails
    ends the play and is a failed check; only an occupied port raises (``OSError``).
    """
    narrator = Narrator(out, colour=colour)
    narrator.title("A plumber in Lucknow: one booking, message by message")
    narrator.tell(INTRODUCTION)
    directory = Directory(registry)
    buyer = Buyer(registry=registry, bpp_url=bpp_url, port=_port(directory, BUYER), clock=clock)
    gateway = Gateway(registry=registry, port=_port(directory, GATEWAY), clock=clock)
    async with gateway, buyer, Field(bpp_url=bpp_url, token=operator_token) as field:
        stage = Stage(narrator=narrator, buyer=buyer, gateway=gateway, field=field, bpp_url=bpp_url, patience=patience)
        try:
            async with asyncio.timeout(LONGEST):
                await _acts(stage)
        except (Refused, NoCallback, Unreachable, FieldRefused, aiohttp.ClientError, TimeoutError, LookupError) as stop:
            narrator.check(Check(text="every step went through", held=False, detail=f"{type(stop).__name__}: {stop}"))
    result = DemoResult(checks=tuple(narrator.checks))
    narrator.chapter("What this showed")
    narrator.tell(
        f"The buyer app sent {len(buyer.answers)} messages and received {len(buyer.callbacks)}. "
        f"{len(result.checks) - len(result.failed)} checks held, {len(result.failed)} did not."
    )
    for one in result.failed:
        narrator.tell(f"NOT HELD: {one.text}. {one.detail}")
    return result


def write_demo_registry(path: Path, bpp_url: str) -> None:
    """A registry file with the seller app at ``bpp_url``, and buyer app and gateway on free loopback ports."""
    ports = _free_ports(2)
    buyer, gateway = (f"http://127.0.0.1:{port}" for port in ports)
    write_registry(path, (BPP.at(bpp_url), BUYER.at(buyer), GATEWAY.at(gateway)))


async def _acts(stage: Stage) -> None:
    found = await look_around(stage)
    confirmed = await book(stage, found)
    await another_hour(stage, confirmed, found.offer)
    await visit(stage, confirmed)
    await after_sale(stage, confirmed)
    await find_again(stage, found)
    refused = [one for one in stage.buyer.callbacks if one.problem]
    stage.narrator.check(
        Check(
            text="no message came whose signature did not hold",
            held=not refused,
            detail=", ".join(f"{one.action}: {one.problem}" for one in refused),
        )
    )


def _port(directory: Directory, participant: Participant) -> int:
    url = directory.url_of(participant.subscriber_id)
    return (urlsplit(url).port or 0) if url else 0


def _free_ports(count: int) -> list[int]:
    """Ports that nobody has now, all different since they are held at the same time."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()

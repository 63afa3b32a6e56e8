"""Who is let in: the limits that a request meets before any work is done for it, and its sender's share after that.

The theory. Work is refused where it is cheapest, and never after it was promised. Before a signature is looked at a
message meets the room of this process: messages under way, and units that wait for the database, of which half are
kept free for what was let in already. What cannot be verified costs us a verification, so whoever fails too often from
one address in the name of one sender is not looked at for a while; an attacker elsewhere spends nothing of that. Only
when a signature has held is its sender charged, so nobody can use up another's share. Each process counts for itself.

All is bounded: buckets are kept for the ``PEERS`` and ``ADDRESSES`` used most recently, and a forgotten one is full.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType

from aiohttp import web

from bpp.bounded import Recent, TokenBucket
from bpp.errors import TooManyRequests, Unavailable
from bpp.inbound.audit import strangers_budget
from bpp.setting_types import Networks, Rate
from bpp.settings import Settings

PEERS = 10_000
ADDRESSES = 10_000
NAMES_OF_ADDRESS = 10
"""How many times the share of one name an address may fail in all names together."""
BODIES = 256
"""Bodies that are still coming in, at ``BPP_MAX_BODY`` each: what arrives with its headers needs no such place."""
QUEUE_ROOM = 1_000
"""Units that may wait for the database before new messages are sent back; the door holds twice as many."""
OVERLOAD_WAIT = 2.0
"""Seconds after which a full process may have room again: more than most messages take, less than a buyer waits."""
NOTICE_EVERY = 10.0
"""Seconds between two lines in the log about requests sent back; figures count every one."""

CLAIMED = re.compile(r'keyId="([^|"]{1,255})')
LONGEST_LOOK = 400
IPV6_SITE = 64


class Gate:
    """At most ``limit`` inside at once; a context manager that raises ``Unavailable`` where it is full."""

    __slots__ = ("_what", "inside", "limit")

    def __init__(self, limit: int, what: str) -> None:
        self.limit = limit
        self.inside = 0
        self._what = what

    def check(self) -> None:
        """Raise where there is no room."""
        if self.inside >= self.limit:
            raise Unavailable("there is no room for more work now, please retry", reason=self._what, wait=OVERLOAD_WAIT)

    def __enter__(self) -> None:
        self.check()
        self.inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.inside -= 1


class Shares:
    """How fast each peer may ask: a bucket each, of the default size or of its own."""

    def __init__(self, default: Rate, own: Mapping[str, Rate]) -> None:
        self._default = default
        self._own = own
        self._buckets: Recent[str, TokenBucket] = Recent(PEERS)

    def charge(self, subscriber_id: str, now: datetime) -> None:
        """Take one from the share of a peer whose signature held. Raises ``TooManyRequests``."""
        bucket = self._buckets.get(subscriber_id)
        if bucket is None:
            rate = self._own.get(subscriber_id, self._default)
            bucket = self._buckets.put(subscriber_id, TokenBucket(rate.rate, rate.burst))
        if not bucket.spend(now):
            raise TooManyRequests(
                "fewer messages a second are expected of this sender, please retry",
                reason="peer_rate",
                wait=bucket.wait(now),
            )


class Suspects:
    """Addresses from which signatures failed: in one name (``share``), and in all names together."""

    def __init__(self, share: Rate) -> None:
        self._share = share
        self._addresses: Recent[str, TokenBucket] = Recent(ADDRESSES)
        self._names: Recent[tuple[str, str], TokenBucket] = Recent(ADDRESSES)

    def check(self, address: str, header: str, now: datetime) -> None:
        """Raise ``TooManyRequests`` where too many failed; for an address from which none did this is one look-up."""
        of_address = self._addresses.get(address)
        if of_address is None:
            return
        of_name = self._names.get((address, claimed(header)))
        wait = max(of_address.wait(now), of_name.wait(now) if of_name is not None else 0.0)
        if wait > 0:
            raise TooManyRequests("too many signatures did not hold, please retry", reason="stranger_rate", wait=wait)

    def failed(self, address: str, header: str, now: datetime) -> None:
        """One more signature did not hold."""
        share, name = self._share, (address, claimed(header))
        of_address = self._addresses.get(address) or self._addresses.put(
            address, TokenBucket(share.rate * NAMES_OF_ADDRESS, share.burst * NAMES_OF_ADDRESS)
        )
        of_name = self._names.get(name) or self._names.put(name, TokenBucket(share.rate, share.burst))
        of_address.spend(now)
        of_name.spend(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Every limit of the network's door. ``strangers`` is the budget of rows for refusals without a signature."""

    messages: Gate
    shares: Shares
    suspects: Suspects
    proxies: Networks
    bodies: Gate = field(default_factory=lambda: Gate(BODIES, "bodies"))
    strangers: TokenBucket = field(default_factory=strangers_budget)
    notices: TokenBucket = field(default_factory=lambda: TokenBucket(1 / NOTICE_EVERY, 1))
    notices_of_hosts: TokenBucket = field(default_factory=lambda: TokenBucket(1, 20))

    def check(self, queued: int) -> None:
        """Raise ``Unavailable`` before anything is read; ``queued`` units wait for the database."""
        self.messages.check()
        if queued >= QUEUE_ROOM:
            raise Unavailable("the database is behind, please retry", reason="door_queue", wait=OVERLOAD_WAIT)

    def address(self, request: web.Request) -> str:
        """Where a request comes from: an address of version 4, or a network of version 6, of which one has many.

        Behind proxies of ours it is the last of ``X-Forwarded-For`` that is none of them.
        """
        peer = request.remote or ""
        if self.proxies and _within(peer, self.proxies):
            forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
            hops = (one.strip() for one in reversed(forwarded))
            peer = next((one for one in hops if one and not _within(one, self.proxies)), peer)
        return peer if ":" not in peer else _site(peer)


ADMISSION = web.AppKey("ADMISSION", Admission)


def admission_of(settings: Settings) -> Admission:
    """The limits as the settings say."""
    return Admission(
        messages=Gate(settings.in_flight, "in_flight"),
        shares=Shares(Rate(rate=settings.peer_rate, burst=settings.peer_burst), settings.peer_rates),
        suspects=Suspects(Rate(rate=settings.stranger_rate, burst=settings.stranger_burst)),
        proxies=settings.trusted_proxies,
    )


def claimed(header: str) -> str:
    """The subscriber whom a header names; believed by nobody."""
    found = CLAIMED.search(header, 0, LONGEST_LOOK)
    return found[1] if found else ""


def _within(text: str, networks: Networks) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in networks)


def _site(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return text[:LONGEST_LOOK]
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), IPV6_SITE), strict=False))

"""TLS as the registry and peers meet it: chain, host name, expiry, version, and whether OCSP can be asked.

Source: security.md 4.1 (a valid certificate, OCSP is checked, refused with 132; record status INVALID_SSL).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bpp.doctor.finding import Finding, failure, not_run, ok, warning
from bpp.doctor.ground import PATIENCE, Ground
from bpp.doctor.keys import SOON

HTTPS = 443
MODERN = frozenset({"TLSv1.2", "TLSv1.3"})

_REASONS = {
    10: "renew it",
    18: "it is self-made: take one of a public authority",
    19: "its authority is nobody's: take one of a public authority",
    20: "serve the intermediate certificates with it (the full chain)",
    21: "serve the intermediate certificates with it (the full chain)",
    62: "take one for this host name",
}
"""What to do about a certificate, by OpenSSL's number of what is wrong with it (x509_vfy.h)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What was seen of a server; ``problem`` and OpenSSL's ``code`` instead where it was refused."""

    host: str
    version: str = ""
    ends: datetime | None = None
    ocsp: tuple[str, ...] = ()
    problem: str = ""
    code: int = 0


async def look(ground: Ground) -> list[Finding]:
    """Shake hands with each host of ours that is named by https."""
    parts = [urlsplit(url) for url in (ground.registered_at, ground.uri)]
    hosts = dict.fromkeys((one.hostname or "", one.port or HTTPS) for one in parts if one.scheme == "https")
    if not hosts:
        return [not_run("tls", "our URL is http, which the sandbox alone may be")]
    return [
        finding
        for host, port in hosts
        for finding in judge(await shake_hands(host, port, ground.trust), ground.clock())
    ]


def judge(seen: Handshake, now: datetime) -> Iterator[Finding]:
    """Of one handshake."""
    name = f"tls of {seen.host}"
    if seen.problem:
        advice = _REASONS.get(seen.code, "let this host answer TLS 1.2 or newer on that port")
        yield failure(name, seen.problem, ("132",), do=advice)
        return
    if seen.version not in MODERN:
        yield failure(name, f"{seen.version}; TLS 1.2 or newer is expected", ("132",), do="turn older versions off")
    if seen.ends is not None and seen.ends < now + SOON:
        yield warning(name, f"the certificate ends at {seen.ends:%Y-%m-%d %H:%M} UTC", ("132",), do="renew it")
    if not seen.ocsp:
        yield warning(
            name,
            "the certificate names no OCSP responder, and the registry asks for one (OCSP failed)",
            ("132",),
            do="ask ONDC whether this authority is accepted, or take one that runs OCSP",
        )
    if seen.version in MODERN:
        until = f", until {seen.ends:%Y-%m-%d}" if seen.ends else ""
        yield ok(name, f"{seen.version}, chain and host name hold{until}")


async def shake_hands(host: str, port: int, trust: ssl.SSLContext) -> Handshake:
    """One connection, closed at once."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            _, writer = await asyncio.open_connection(host, port, ssl=trust, server_hostname=host)
    except ssl.SSLCertVerificationError as problem:
        return Handshake(host=host, problem=f"the certificate: {problem.verify_message}", code=problem.verify_code)
    except (OSError, TimeoutError) as problem:  # SSLError is one, too
        return Handshake(host=host, problem=f"{type(problem).__name__}: {problem}".rstrip(": "))
    try:
        return _seen(host, writer.get_extra_info("ssl_object"))
    finally:
        writer.transport.abort()


def _seen(host: str, connection: ssl.SSLObject) -> Handshake:
    certificate: dict[str, Any] = connection.getpeercert() or {}
    ends = certificate.get("notAfter")
    return Handshake(
        host=host,
        version=connection.version() or "none",
        ends=datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if ends else None,
        ocsp=tuple(certificate.get("OCSP", ())),
    )

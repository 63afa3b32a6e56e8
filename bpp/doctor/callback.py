"""Whether this machine reaches a buyer app as callbacks do: by the same door, behind the same guard, signed."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.doctor.finding import Finding, failure, ok
from bpp.doctor.ground import Ground
from bpp.network.guard import AddressGuard
from bpp.network.outcome import Outcome, Unreachable
from bpp.network.transport import Transport

NAME = "callback"
BODY = b"{}"

_ADVICE = {
    "forbidden_url": "an https URL with a host is expected of buyer apps (http in the sandbox alone)",
    "forbidden_address": "BPP_CALLBACK_ALLOW names networks beyond public addresses",
    "dns": "let this machine resolve names of the network",
    "connection": "let the firewall pass connections outwards",
    "tls": "the buyer app's certificate is not trusted here; see that this machine has its authorities",
    "timeout": "let the firewall pass connections outwards; if it does, the buyer app is slow",
    "disconnected": "see what stands between this machine and the buyer app",
}


async def look(ground: Ground) -> list[Finding]:
    """A signed message without content; whatever HTTP answer comes shows that callbacks arrive."""
    url = ground.callback or f"{ground.uri}/on_search"
    guard = AddressGuard(allowed=ground.settings.callback_allow, require_https=not ground.settings.sandbox)
    header = ground.keys.header(BODY, ground.clock())
    async with Transport(guard=guard, clock=ground.clock, trust=ground.trust) as transport:
        outcome = await transport.post(url, BODY, {"Authorization": header})
    return list(judge(url, outcome, own=not ground.callback))


def judge(url: str, outcome: Outcome, *, own: bool) -> Iterator[Finding]:
    """Of one attempt. ``own``: it was our own URL, since none of a buyer app was named."""
    if isinstance(outcome, Unreachable):
        said = f"{outcome.reason} {outcome.detail}".rstrip()
        yield failure(NAME, f"{url}: {said}", ("20009",), do=_ADVICE[outcome.reason])
    else:
        said = f"{url}: reached, HTTP {outcome.status} in {outcome.duration.total_seconds():.2f} s"
        yield ok(NAME, f"{said}; it is our own, a buyer app's is tried with --callback" if own else said)

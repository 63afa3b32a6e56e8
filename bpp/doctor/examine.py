"""All probes, each on its own: what one cannot do, or how long it takes, is no other's concern."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bpp.doctor import (
    audit,
    budget,
    callback,
    challenge,
    clock,
    database,
    keys,
    machine,
    observability,
    record,
    site,
    tls,
)
from bpp.doctor.finding import Finding, failure
from bpp.doctor.ground import Ground


@dataclass(frozen=True, slots=True)
class Probe:
    """``seconds`` is how long it may take in all."""

    name: str
    look: Callable[[Ground], Awaitable[list[Finding]]]
    seconds: float = 20.0


PROBES = (
    Probe("keys", keys.look),
    Probe("registry", record.look),
    Probe("clock", clock.look),
    Probe("site", site.look),
    Probe("on_subscribe", challenge.look),
    Probe("callback", callback.look),
    Probe("tls", tls.look),
    Probe("database", database.look),
    Probe("machine", machine.look),
    Probe("observability", observability.look),
    Probe("audit", audit.look),
)
MEASURED = (Probe("budget", budget.look),)
"""After the others, which would be measured with it."""


async def examine(ground: Ground) -> list[Finding]:
    """Every finding, in the order of the probes."""
    found = await asyncio.gather(*(carried_out(probe, ground) for probe in PROBES))
    measured = [await carried_out(probe, ground) for probe in MEASURED]
    return [finding for findings in (*found, *measured) for finding in findings]


async def carried_out(probe: Probe, ground: Ground) -> Sequence[Finding]:
    """What a probe found; that it could not be carried out is a finding, too, and never passes for health."""
    try:
        async with asyncio.timeout(probe.seconds):
            return await probe.look(ground)
    except TimeoutError:
        return [failure(probe.name, f"not done after {probe.seconds:.0f} s", do="see what hangs, then ask again")]
    except Exception as problem:  # noqa: BLE001  whatever it is, the other probes go on and it is said
        said = f"could not be carried out: {type(problem).__name__}: {problem}"
        return [failure(probe.name, said, do="mend that, then ask again")]

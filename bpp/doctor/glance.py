"""What the console's pages of the engineer tell of the deployment: a glance, and the whole examination on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from beckn_schemas.registry import Subscriber
from bpp.console.engine.surroundings import EXAMINATION_KEPT, GLANCE_KEPT, Examination, Glance, Kept, Surroundings
from bpp.doctor.examine import PROBES, carried_out
from bpp.doctor.ground import Ground, standing
from bpp.doctor.machine import machine
from bpp.doctor.record import records_of
from bpp.inbound.health import PARTS, Probe
from bpp.network.registry import RegistryUnavailable
from bpp.settings import Settings
from bpp.storage.condition import condition
from bpp.storage.engine import is_sqlite


async def _records(ground: Ground) -> Sequence[Subscriber]:
    """What the registry has of us; why it has nothing is a finding."""
    try:
        return await records_of(ground, ground.keys.current().signing)
    except RegistryUnavailable:
        return ()


def surroundings_of(settings: Settings, clock: Callable[[], datetime]) -> Surroundings:
    """Those of a server of these settings; nothing is looked at before somebody asks."""

    async def glance() -> Glance:
        seen, around = await asyncio.gather(
            condition(settings.database_url), asyncio.to_thread(machine, settings.backups)
        )
        return Glance(
            engine="SQLite" if is_sqlite(settings.database_url) else "PostgreSQL",
            problem=seen.problem,
            revision=seen.revision or "",
            head=seen.head or "",
            wrote=seen.wrote,
            free=seen.free,
            log=seen.log,
            backups=around.backups,
            backup=around.backup,
            backup_room=around.backup_room,
            backup_broken=around.broken,
            synchronised=around.synchronised,
            cores=around.cores,
        )

    async def examination() -> Examination:
        """All probes but the measured one, which would slow down whoever is served."""
        async with standing(settings, clock=clock) as ground:
            found, records = await asyncio.gather(
                asyncio.gather(*(carried_out(probe, ground) for probe in PROBES)), _records(ground)
            )
        return Examination(findings=[finding for findings in found for finding in findings], records=records)

    return Surroundings(
        ready={name: Probe(ask) for name, ask in PARTS.items()},
        glance=Kept(glance, GLANCE_KEPT, clock),
        examination=Kept(examination, EXAMINATION_KEPT, clock),
    )

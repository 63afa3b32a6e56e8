"""Health: whether this server is ready, what waits, what would ring, and on what it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bpp.console.engine.alerts import State, alerts
from bpp.console.engine.figures import Figures, quantile, read_figures
from bpp.console.engine.surroundings import SURROUNDINGS, Glance
from bpp.console.engine.units import TOLD
from bpp.console.language import msg
from bpp.console.page import Visit
from bpp.context import APP_CONTEXT
from bpp.core.world import World
from bpp.inbound.health import BEARABLE, OK
from bpp.storage.ports import Waiting, Work

MOST = 10_000
"""Callbacks that are counted; more are shown as so many and more."""
LITTLE = 2 << 30
"""Free bytes beside the database below which somebody should look."""
OLD = timedelta(hours=26)
PARTS: Mapping[str, str] = {
    "database": msg("Database"),
    "catalog": msg("Catalog"),
    "keys": msg("Keys"),
    "registry": msg("Registry"),
    "delivery": msg("Delivery"),
}
SAID: Mapping[str, str] = {
    OK: msg("well"),
    "takes no writes": msg("takes no writes"),
    "cannot be read": msg("cannot be read"),
    "is empty": msg("is empty"),
    "the signing key has ended": msg("the signing key has ended"),
    "did not answer when asked last": msg("did not answer when asked last"),
    "has ended": msg("has ended"),
    "no answer within 2 s": msg("no answer within 2 seconds"),
}
"""What the parts of /health/ready say of themselves."""
ALERT_STATES: Mapping[State, tuple[str, str]] = {
    State.RINGS: (msg("would ring"), "bad"),
    State.QUIET: (msg("quiet"), "good"),
    State.UNKNOWN: (msg("nothing to judge by yet"), ""),
}
SEVERITIES = {"page": msg("wakes somebody"), "ticket": msg("waits for the morning")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A server process of this port, as it told of itself last."""

    name: str
    started: datetime | None
    cpu: float
    memory: float
    files: int
    most_files: int
    lag: float | None


@dataclass(frozen=True, slots=True)
class Part:
    """A part that a message needs; ``well`` or what it says."""

    name: str
    said: str
    well: bool
    bearable: bool


async def read_health(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """What waits and what came to nothing, as the database has it."""
    del visit
    waiting = await work.figures.waiting(world.now, MOST)
    failed = await work.traffic.failed(MOST)
    return {
        "now": world.now,
        "well": waiting.get(False, Waiting()),
        "resting": waiting.get(True, Waiting()),
        "failed": failed,
        "most": MOST,
        "failing": await work.traffic.failing(),
        "catalog": world.catalog,
        **TOLD,
    }


async def beside_health(visit: Visit, app: web.Application) -> Mapping[str, Any]:
    """The process, its figures, the machine."""
    del visit
    context, around = app[APP_CONTEXT], app[SURROUNDINGS]
    now = context.clock()
    said = await asyncio.gather(*(probe.look(context) for probe in around.ready.values()))
    parts = dict(zip(around.ready, said, strict=True))
    if context.life.failed.is_set():
        parts["delivery"] = "has ended"
    figures = read_figures(context.metrics.text().decode())
    around.recently.note(now, figures)
    glance = await around.glance.now()
    shown = [Part(PARTS[name], SAID.get(word, word), word == OK, name in BEARABLE) for name, word in parts.items()]
    return {
        "parts": shown,
        "ready": all(one.well or one.bearable for one in shown),
        "draining": context.life.draining,
        "alerts": alerts(figures, lambda window: around.recently.before(now, window), now),
        "alert_states": ALERT_STATES,
        "severities": SEVERITIES,
        "processes": list(processes(figures)),
        "door": context.storage.waiting(),
        "glance": glance,
        "concerns": concerns(glance, now),
        "settings": context.settings,
    }


def processes(figures: Figures) -> Iterator[Process]:
    """Every process that tells figures, by its number."""
    names = figures.by("bpp_process_start_time_seconds", "process")
    for name, started in sorted(names.items(), key=lambda one: (len(one[0]), one[0])):
        yield Process(
            name=name,
            started=datetime.fromtimestamp(started, UTC) if started else None,
            cpu=figures.sum("bpp_process_cpu_seconds_total", process=name),
            memory=figures.sum("bpp_process_resident_memory_bytes", process=name),
            files=int(figures.sum("bpp_process_open_files", process=name)),
            most_files=int(figures.sum("bpp_process_max_files", process=name)),
            lag=quantile(figures.buckets("bpp_event_loop_lag_seconds", process=name), 0.99),
        )


def concerns(glance: Glance, now: datetime) -> Sequence[str]:
    """What of the machine somebody should look after, as texts of the catalogs."""
    found = (
        (bool(glance.problem), msg("The database cannot be opened and written.")),
        (
            bool(glance.revision) and glance.revision != glance.head,
            msg("The schema is not the one that this program expects: bpp db upgrade."),
        ),
        (glance.free is not None and glance.free < LITTLE, msg("The disk of the database is nearly full.")),
        (not glance.backups, msg("No folder of backups is named (BPP_BACKUPS): nobody makes any that we know of.")),
        (bool(glance.backup_broken), msg("The newest backup cannot be read: bpp backup run makes another one.")),
        (
            bool(glance.backups) and not glance.backup_broken and glance.backup is None,
            msg("There is no backup yet: bpp backup run makes one."),
        ),
        (
            glance.backup is not None and now - glance.backup > OLD,
            msg("The newest backup is older than 26 hours: bpp backup run makes another one."),
        ),
        (
            glance.backup_room is not None and glance.backup_room < LITTLE // 2,
            msg("The folder of backups is nearly full: bpp backup run --keep 14 takes away old ones."),
        ),
        (
            glance.synchronised is False,
            msg("Nobody keeps the clock of this machine, as far as its kernel knows: run chrony or systemd-timesyncd."),
        ),
    )
    return [text for wrong, text in found if wrong]

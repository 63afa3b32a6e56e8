"""Keys: which of ours sign and open challenges, until when, and what the registry and peers would find wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bpp.console.engine.surroundings import SURROUNDINGS
from bpp.console.engine.units import TOLD
from bpp.console.language import msg
from bpp.console.page import Visit
from bpp.context import APP_CONTEXT
from bpp.core.world import World
from bpp.keys.model import KeySet, Stage
from bpp.keys.moves import next_step
from bpp.operator.routes import Query
from bpp.storage.ports import Work

SOON = timedelta(days=30)
GRACE = timedelta(days=7)
"""How long `bpp keys rotate` keeps a retired pair where it is told nothing else."""
STAGES: Mapping[Stage, tuple[str, str]] = {
    Stage.SIGNING: (msg("signs"), "good"),
    Stage.MADE: (msg("made, not announced yet"), "warn"),
    Stage.REGISTERED: (msg("announced, signs when the registry shows it"), "warn"),
    Stage.RETIRED: (msg("retired, still opens challenges"), ""),
}
FOUND: Mapping[str, tuple[str, str]] = {
    "ok": (msg("well"), "good"),
    "warning": (msg("look at it soon"), "warn"),
    "failure": (msg("wrong"), "bad"),
    "not run": (msg("cannot be asked here"), ""),
}
"""How `bpp doctor` states what it found."""


class KeysQuery(Query):
    """``look``: whether everything is to be examined now."""

    look: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A pair of ours without anything secret."""

    name: str
    stage: Stage
    since: datetime | None
    valid_from: datetime | None
    valid_until: datetime | None
    soon: bool
    over: bool


async def read_keys(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """Keys lie in no database."""
    del visit, work
    return {"now": world.now, "stages": STAGES, "found": FOUND, **TOLD}


async def beside_keys(visit: Visit, app: web.Application) -> Mapping[str, Any]:
    """The keys of this process; and what is found of them and around them, where it is asked for."""
    context, around = app[APP_CONTEXT], app[SURROUNDINGS]
    keys = context.keys.current()
    query: KeysQuery = visit.query
    examination = around.examination
    if query.look:
        await examination.now()
    return {
        "pairs": shown(keys, context.clock()),
        "next_step": next_step(keys, GRACE),
        "rotating": keys.coming is not None,
        "registry_keys": len(keys.registry_encryption_keys),
        "earlier": len(keys.previous_encryption_keys),
        "answers": context.keyring.answers,
        "settings": context.settings,
        "examined": examination.seen,
        "examined_at": examination.at,
    }


def shown(keys: KeySet, now: datetime) -> Sequence[Shown]:
    """The pair that signs first, then what is to come, then the retired."""
    order = list(STAGES)
    return [
        Shown(
            name=one.unique_key_id,
            stage=one.stage,
            since=one.since if one.since.timestamp() > 0 else None,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            soon=one.valid_until is not None and one.valid_until < now + SOON,
            over=one.valid_until is not None and one.valid_until < now,
        )
        for one in sorted(keys.pairs, key=lambda one: order.index(one.stage))
    ]

"""What a run stands on: a seeded database to copy, the plan of what to select, a registry, the settings of servers."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from bpp.app import seed, utc_now
from bpp.bench.bodies import buyers
from bpp.bench.visits import Visits, plan_visits
from bpp.orders.assignment import local_day
from bpp.sandbox.identities import BPP, write_registry
from bpp.storage.engine import open_storage, upgrade
from catalog.load import CatalogData
from catalog.places import districts
from catalog.synthetic.catalog import synthetic_catalog
from catalog.synthetic.scale import Scale

DAYS = 6
"""For which slots are offered, today included: the settings' own default."""

PART = Scale(name="bench", districts=tuple(districts())[:30], providers=400, workers=20_800, offerings=40_000)
"""Two fifths of the state, as thickly settled as the whole: 52 workers and 100 offerings to a provider."""

SMALL = Scale(name="bench small", districts=tuple(districts())[:4], providers=24, workers=1_248, offerings=2_400)
"""Enough for a few seconds of load."""

HOLD = "PT10S"
"""How long a selection of the load holds its slot; the whole plan takes longer than that to come round again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The folder of a run with what every server of it starts from."""

    folder: Path
    data: CatalogData
    visits: Visits

    @property
    def seeded(self) -> Path:
        """The database to be copied."""
        return self.folder / "seeded.db"

    @property
    def visits_file(self) -> Path:
        """For the load generator."""
        return self.folder / "visits.json"

    def copy(self, name: str) -> str:
        """A database of its own for one server; its URL."""
        path = self.folder / f"{name}.db"
        shutil.copyfile(self.seeded, path)
        return sqlite_url(path)

    def settings(self, port: int, database_url: str, sink: int, **more: str) -> Mapping[str, str]:
        """The environment of a server whose callbacks go to the sink: sandbox, since it is loopback without TLS."""
        registry = self.folder / f"registry-{sink}.json"
        if not registry.exists():
            write_registry(registry, (BPP, *buyers(f"http://127.0.0.1:{sink}")))
        return {
            "BPP_ENV": "sandbox",
            "BPP_PORT": str(port),
            "BPP_SUBSCRIBER_URI": BPP.url,
            "BPP_DATABASE_URL": database_url,
            "BPP_REGISTRY": str(registry),
            "BPP_OPERATOR_TOKEN": "bench",
            "BPP_HORIZON_DAYS": str(DAYS),
            "BPP_HOLDS_PER_PEER": "1000000",
            "BPP_PEER_RATE": "1000000",
            "BPP_PEER_BURST": "1000000",
            "BPP_SLOT_HOLD": HOLD,
            **more,
        }


def sqlite_url(path: Path) -> str:
    """The URL of a database file."""
    return f"sqlite+aiosqlite:///{path}"


def set_up(folder: Path, scale: Scale) -> Stage:
    """Make up the catalog, seed a database with it, and plan the load."""
    now = utc_now()
    data = synthetic_catalog(scale, local_day(now))
    stage = Stage(folder=folder, data=data, visits=plan_visits(data, now, days=DAYS))
    asyncio.run(fill(sqlite_url(stage.seeded), data))
    stage.visits_file.write_bytes(orjson.dumps(stage.visits.document()))
    return stage


async def fill(url: str, data: CatalogData) -> None:
    """A database with the newest schema and a catalog; on SQLite all of it in the one file afterwards."""
    await upgrade(url)
    storage = open_storage(url)
    try:
        await seed(storage, data)
    finally:
        await storage.close()

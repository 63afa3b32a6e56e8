"""Rate lists in and out of the catalog: the same for the operator API and the command line.

To check thousands of rows takes seconds, and whoever writes keeps all others from writing. So a list is looked at
beside the unit of work, against a catalog that was read, and the unit only stores what came of it; what was changed
meanwhile is looked at again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date

from bpp.storage.ports import Work
from catalog.load import CatalogData
from catalog.model import Offering
from catalog.ratelist.check import check
from catalog.ratelist.outcome import Checked, to_store
from catalog.ratelist.read import RateList
from catalog.snapshot import Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a list is taken: only looked at; without its faulty rows; with what it leaves out made inactive."""

    dry_run: bool = False
    skip_faulty: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RateListOf:
    """A list that came, whose it is, how it is to be taken, and on which day (Asia/Kolkata)."""

    rates: RateList
    provider_id: str
    options: Options
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a list does to a catalog: its check, and the offerings stored (in a dry run: that would be)."""

    seen: Catalog
    checked: Checked
    stored: tuple[Offering, ...]


def look_at(came: RateListOf, catalog: Catalog) -> Taken | None:
    """What a list would do to a catalog; None where there is no such provider. Long work for a thread; stores nothing.

    Nothing is to be stored where a row is refused, unless the rest is asked for. What the list leaves out stays as it
    is, unless it is to be replaced.
    """
    provider = catalog.providers.get(came.provider_id)
    if provider is None:
        return None
    data = CatalogData(
        providers=tuple(catalog.providers.values()),
        offerings=tuple(catalog.offerings.values()),
        workers=tuple(catalog.workers.values()),
    )
    checked = check(came.rates, provider, data, came.today)
    options = came.options
    stored = to_store(checked, skip_faulty=options.skip_faulty, replace_all=options.replace)
    return Taken(seen=catalog, checked=checked, stored=stored)


async def store(came: RateListOf, looked: Taken, catalog: Catalog, work: Work) -> Taken | None:
    """Store what a list does, all in this unit of work: as it was looked at, if that still holds, else looked at anew.

    ``catalog`` is the one that stands, which nobody else changes until the unit ends (``Directory.lock``). None where
    the provider is no more there.
    """
    taken = (
        looked if _still_holds(looked, came.provider_id, catalog) else await asyncio.to_thread(look_at, came, catalog)
    )
    if taken is not None and taken.stored:
        await work.directory.seed(CatalogData(providers=(), offerings=taken.stored, workers=()))
    return taken


def _still_holds(looked: Taken, provider_id: str, catalog: Catalog) -> bool:
    """Whether nothing has changed that a list was checked against: its provider, what that offers, and the ids."""
    seen = looked.seen
    if catalog.version == seen.version:
        return True
    return (
        catalog.providers.get(provider_id) == seen.providers[provider_id]
        and catalog.offerings_of.get(provider_id) == seen.offerings_of.get(provider_id)
        and not any(one.id not in seen.offerings and catalog.item(one.id) for one in looked.stored)
    )

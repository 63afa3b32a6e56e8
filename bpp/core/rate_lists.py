"""Rate lists in and out of the catalog: the same for the operator API and the command line."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a list is taken: only looked at; without its faulty rows; with what it leaves out made inactive."""

    dry_run: bool = False
    skip_faulty: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a list did, or would do: its check, and the offerings stored (in a dry run: that would be)."""

    checked: Checked
    stored: tuple[Offering, ...]


async def take_rate_list(
    rates: RateList, provider_id: str, options: Options, data: CatalogData, work: Work, *, today: date
) -> Taken | None:
    """Check a provider's list and store what it says, all in this unit of work; None where there is no such provider.

    ``data`` is the catalog as it stands, which nobody else changes until the unit ends (``Directory.lock``).

    Nothing is stored in a dry run, nor where a row is refused, unless the rest is asked for. What the list leaves out
    stays as it is, unless it is to be replaced. ``today`` is the day in Asia/Kolkata.
    """
    provider = next((one for one in data.providers if one.id == provider_id), None)
    if provider is None:
        return None
    # Thousands of rows take a while: messages of buyer apps are answered meanwhile.
    checked = await asyncio.to_thread(check, rates, provider, data, today)
    stored = to_store(checked, skip_faulty=options.skip_faulty, replace_all=options.replace)
    if stored and not options.dry_run:
        await work.directory.seed(CatalogData(providers=(), offerings=stored, workers=()))
    return Taken(checked=checked, stored=stored)

"""The newest catalog in memory: brought up to date when its version in the database has moved, in whatever process.

Only what was changed is read; all of it when a process starts or is too far behind (ADR 30). A few versions are kept:
units under way may see the one before, and one that was rolled back leaves the one before in force. Ratings have a
version of their own. They move far more often than anything else of the catalog, and are a few sums. So have the rates
of fees and taxes, which stand beside the catalog.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from datetime import datetime

from bpp.core.world import Identity, IdSource, Rules, World
from bpp.domains.peers import UNCONFIGURED, Dialects
from bpp.ledger.rates import RateTable, published
from bpp.parties.vault import NO_KEYS, Vault
from bpp.storage.ports import Versions, Work
from catalog.load import CatalogData
from catalog.snapshot import Catalog, Ratings

Clock = Callable[[], datetime]
RECENT = 4
"""Versions kept; they share all that is the same in them."""
LARGE = 10_000
"""Offerings and workers of a catalog that is felt whenever all of the memory is walked through."""


class Worlds:
    """Makes the ``World`` of each unit of work: the moment, the catalog of now, and what never changes."""

    def __init__(
        self,
        *,
        clock: Clock,
        new_id: IdSource,
        rules: Rules,
        identity: Identity,
        otp_secret: bytes,
        dialects: Dialects = UNCONFIGURED,
        vault: Vault = NO_KEYS,
    ) -> None:
        """Nothing is read yet."""
        self.dialects = dialects
        self._clock = clock
        self._new_id = new_id
        self._rules = rules
        self._identity = identity
        self._otp_secret = otp_secret
        self._recent: tuple[tuple[tuple[int, int], Catalog], ...] = ()
        self._rates = (0, published())
        self._vault = vault
        self._loading = asyncio.Lock()

    async def current(self, work: Work) -> World:
        """The world at this moment, as this unit of work sees it."""
        return await self.at(await work.directory.versions(), work)

    async def at(self, versions: Versions, work: Work, said_at: datetime | None = None) -> World:
        """The same where the unit has read the versions already; ``said_at``: the time of the message it is for."""
        version, rated, rates = versions
        return World(
            now=self._clock(),
            new_id=self._new_id,
            catalog=await self._newest(work, (version, rated)),
            rates=await self._rates_of(work, rates),
            rules=self._rules,
            identity=self._identity,
            otp_secret=self._otp_secret,
            said_at=said_at,
            dialects=self.dialects,
            vault=self._vault,
        )

    async def _rates_of(self, work: Work, version: int) -> RateTable:
        """The rates of a version; ours as published until somebody added one."""
        if self._rates[0] != version:
            self._rates = (version, published().with_added(await work.ledger.rates()))
        return self._rates[1]

    async def _newest(self, work: Work, versions: tuple[int, int]) -> Catalog:
        """The catalog of the versions that this unit sees. One unit reads it; others that want it wait for that one.

        So nobody is told of an older catalog than the database says, whichever process changed it. Nobody waits for a
        unit that waits itself: under the lock there are plain reads on the reader's own connection, and what they would
        have made first was made before. Else one might wait here for another's row, who waits for the lock, and no
        database sees that.
        """
        if (known := self._known(versions)) is not None:
            return known
        await work.directory.write_out()
        async with self._loading:
            if (known := self._known(versions)) is None:
                known = await self._read(work, versions)
                self._recent = ((versions, known), *self._recent)[:RECENT]
            return known

    def _known(self, versions: tuple[int, int]) -> Catalog | None:
        return next((catalog for kept, catalog in self._recent if kept == versions), None)

    async def _read(self, work: Work, versions: tuple[int, int]) -> Catalog:
        """The catalog of some versions: made of a recent one and what changed since, else read as a whole."""
        version, rated = versions
        recent = {kept[0]: (kept[1], catalog) for kept, catalog in reversed(self._recent)}
        if version in recent:
            return await _rated(recent[version][1], await work.directory.ratings())
        found = await work.directory.changes_since(tuple(recent))
        if found is None:
            self._recent = ()  # they share nothing with what is read now, and are large
            data = await work.directory.load()
            return await asyncio.to_thread(_built, version, data, await work.directory.ratings())
        base, data = found
        before, catalog = recent[base]
        changed = await asyncio.to_thread(
            catalog.with_changes,
            version=version,
            providers=data.providers,
            offerings=data.offerings,
            workers=data.workers,
        )
        return changed if before == rated else await _rated(changed, await work.directory.ratings())


async def _rated(catalog: Catalog, ratings: Ratings) -> Catalog:
    return await asyncio.to_thread(catalog.with_ratings, ratings)


def _built(version: int, data: CatalogData, ratings: Ratings) -> Catalog:
    """The whole catalog of a version, indexed: for a thread of its own, so that the event loop has its turns.

    The garbage collector need not look through a large one again and again: it is freed by its references alone.
    """
    catalog = Catalog.build(
        version=version, providers=data.providers, offerings=data.offerings, workers=data.workers
    ).with_ratings(ratings)
    if len(catalog.offerings) + len(catalog.workers) > LARGE:
        gc.freeze()
    return catalog

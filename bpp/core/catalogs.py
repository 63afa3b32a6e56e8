"""The newest catalog in memory: read again when its version in the database has moved, in whatever process.

Ratings have a version of their own. They move far more often than anything else of the catalog, and are a few sums.
So have the rates of fees and taxes, which stand beside the catalog.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from bpp.core.world import Identity, IdSource, Rules, World
from bpp.domains.peers import UNCONFIGURED, Dialects
from bpp.ledger.rates import published
from bpp.storage.ports import Work
from catalog.snapshot import Catalog

Clock = Callable[[], datetime]


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
    ) -> None:
        """Nothing is read yet."""
        self.dialects = dialects
        self._clock = clock
        self._new_id = new_id
        self._rules = rules
        self._identity = identity
        self._otp_secret = otp_secret
        self._catalog = Catalog.build(version=-1, providers=(), offerings=(), workers=())
        self._rated = -1
        self._rates = published()
        self._rates_version = 0
        self._loading = asyncio.Lock()

    async def current(self, work: Work) -> World:
        """The world at this moment, as this unit of work sees it."""
        return World(
            now=self._clock(),
            new_id=self._new_id,
            catalog=await self._newest(work),
            rates=self._rates,
            rules=self._rules,
            identity=self._identity,
            otp_secret=self._otp_secret,
            dialects=self.dialects,
        )

    async def _newest(self, work: Work) -> Catalog:
        """The catalog of the versions that this unit sees. One unit reads it; others that want it wait for that one.

        Nobody waits for a unit that waits itself: under the lock there are plain reads on the reader's own connection.
        """
        versions = await work.directory.versions()
        if versions == (self._catalog.version, self._rated, self._rates_version):
            return self._catalog
        async with self._loading:
            version, rated, rates_version = versions
            if rates_version != self._rates_version:
                self._rates = published().with_added(await work.ledger.rates())
                self._rates_version = rates_version
            if version != self._catalog.version:
                data = await work.directory.load()
                self._catalog = Catalog.build(
                    version=version, providers=data.providers, offerings=data.offerings, workers=data.workers
                )
                self._rated = rated
            elif rated != self._rated:
                self._catalog = self._catalog.with_ratings(await work.directory.ratings())
                self._rated = rated
            return self._catalog

"""The newest catalog in memory: read again when its version in the database has moved, in whatever process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bpp.core.world import Identity, IdSource, Rules, World
from bpp.storage.ports import Work
from catalog.snapshot import Catalog

Clock = Callable[[], datetime]


class Worlds:
    """Makes the ``World`` of each unit of work: the moment, the catalog of now, and what never changes."""

    def __init__(self, *, clock: Clock, new_id: IdSource, rules: Rules, identity: Identity, otp_secret: bytes) -> None:
        """Nothing is read yet."""
        self._clock = clock
        self._new_id = new_id
        self._rules = rules
        self._identity = identity
        self._otp_secret = otp_secret
        self._catalog = Catalog.build(version=-1, providers=(), offerings=(), workers=())

    async def current(self, work: Work) -> World:
        """The world at this moment, as this unit of work sees it."""
        version = await work.directory.version()
        if version != self._catalog.version:
            data = await work.directory.load()
            self._catalog = Catalog.build(
                version=version, providers=data.providers, offerings=data.offerings, workers=data.workers
            )
        return World(
            now=self._clock(),
            new_id=self._new_id,
            catalog=self._catalog,
            rules=self._rules,
            identity=self._identity,
            otp_secret=self._otp_secret,
        )

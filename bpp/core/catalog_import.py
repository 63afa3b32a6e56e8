"""A whole catalog from files into the database, where some of it may be known already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bpp.parties.keeping import Differing, differing, kept
from bpp.parties.model import PartyEvent
from bpp.storage.ports import Work
from catalog.load import CatalogData

IMPORT = "import"
"""The step in a history, and who did it."""


async def store_catalog(
    data: CatalogData, stored: Callable[[int], None], work: Work, now: datetime, *, standing: bool = False
) -> tuple[Differing, ...]:
    """Store a catalog over what is there, but for what was decided since about who is known; of whom it said otherwise.

    With ``standing`` the files have their way in that, too, which is written into the histories.
    """
    await work.directory.lock()
    if await work.directory.version() == 0:
        await work.directory.seed(data, stored)
        return ()
    known = await work.directory.load()
    found = differing(data, known)
    await work.directory.seed(data if standing else kept(data, known), stored)
    for one in found if standing else ():
        await work.parties.record(
            PartyEvent(
                at=now,
                subject=one.subject,
                subject_id=one.id,
                event=IMPORT,
                actor=IMPORT,
                detail=dict.fromkeys(one.fields, "set"),
            )
        )
    return found

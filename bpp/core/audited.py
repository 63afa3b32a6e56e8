"""Reading a full record of personal data: the one place through which every such read goes."""

from __future__ import annotations

import structlog

from bpp.core.world import World
from bpp.storage.ports import Work

log = structlog.get_logger(__name__)


async def audited_read(what: str, subject: str, subject_id: str, reader: str, work: Work, world: World) -> None:
    """Note that ``reader`` (the name of a token) was shown ``what`` of a subject, unmasked; called before it is shown.

    The unit must be one that may write (``Route.audited``). Names and ids alone are noted, never what was read.
    """
    del work  # where the row goes: work.audit
    log.info("full_record_read", what=what, subject=subject, subject_id=subject_id, reader=reader, at=str(world.now))

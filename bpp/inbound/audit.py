"""The audit rows of refused messages: whole for senders whose signature held, small and few for everybody else.

Anybody can send bytes to the network's door. Until a signature has held, a refusal therefore leaves its digests and
what it says of itself, but not its body, and only so many of them a second: neither the disk nor the queue to the
database is a stranger's to fill. What is not recorded is counted.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import structlog
from aiohttp import web

from bpp.context import AppContext
from bpp.errors import ProtocolError, Unavailable
from bpp.storage.ports import LogEntry

log = structlog.get_logger(__name__)
MAX_ID = 255  # characters of what a refused message may leave in the audit log
PER_SECOND = 50


class StrangersBudget:
    """A token bucket: ``per_second`` rows a second on the average, and as many at once."""

    def __init__(self, *, per_second: int = PER_SECOND) -> None:
        """Full."""
        self._per_second = per_second
        self._left = float(per_second)
        self._filled_at: datetime | None = None

    def spend(self, now: datetime) -> bool:
        """Whether one more row may be written now. A clock that goes back fills nothing."""
        if self._filled_at is not None:
            passed = max(0.0, (now - self._filled_at).total_seconds())
            self._left = min(float(self._per_second), self._left + passed * self._per_second)
        self._filled_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


STRANGERS = web.AppKey("STRANGERS", StrangersBudget)


async def audit(
    refusal: ProtocolError,
    *,
    action: str,
    body: bytes,
    answer: bytes,
    context: AppContext,
    strangers: StrangersBudget | None,
) -> None:
    """One row for a refused message; ``strangers`` is None for one whose signature held.

    Where the database itself is the trouble, the log has to do.
    """
    now = context.clock()
    if strangers is not None and not strangers.spend(now):
        context.metrics.unrecorded.inc()
        return
    ids = _claimed_ids(body)
    entry = LogEntry(
        at=now,
        direction="in",
        peer=ids.get("bap_id", ""),
        action=action[:MAX_ID],
        transaction_id=ids.get("transaction_id", ""),
        message_id=ids.get("message_id", ""),
        body=body,
        body_kept=strangers is None,
        answer=answer,
        http_status=refusal.http_status,
        outcome=f"NACK {refusal.code}",
        reason=refusal.reason or refusal.path,
    )
    try:
        await context.storage.run(lambda work: work.messages.log(entry))
    except Unavailable:
        context.metrics.unrecorded.inc()
        log.warning("refusal_not_recorded", code=refusal.code)


def _claimed_ids(body: bytes) -> dict[str, str]:
    """What a refused message says of itself, as far as it can be read; believed by nobody."""
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    claimed = found.get("context") if isinstance(found, dict) else None
    if not isinstance(claimed, dict):
        return {}
    names = ("bap_id", "transaction_id", "message_id")
    return {name: text[:MAX_ID].replace("\x00", "") for name in names if isinstance(text := claimed.get(name), str)}

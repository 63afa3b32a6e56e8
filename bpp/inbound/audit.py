"""The audit rows of refused messages: whole for senders whose signature held, small and few for everybody else.

Anybody can send bytes to the network's door. Until a signature has held, a refusal therefore leaves its digests and
what it says of itself, but not its body, and only so many of them a second: neither the disk nor the queue to the
database is a stranger's to fill. What is not recorded is counted.
"""

from __future__ import annotations

from typing import Any

import orjson
import structlog

from beckn_schemas.rsf_codes import FROM_AGENCY
from bpp.bounded import TokenBucket
from bpp.context import AppContext
from bpp.errors import ProtocolError, Unavailable
from bpp.storage.ports import LogEntry

log = structlog.get_logger(__name__)
MAX_ID = 255  # characters of what a refused message may leave in the audit log
PER_SECOND = 50


def strangers_budget() -> TokenBucket:
    """``PER_SECOND`` rows a second on the average, and as many at once."""
    return TokenBucket(PER_SECOND, PER_SECOND)


async def audit(
    refusal: ProtocolError,
    *,
    action: str,
    body: bytes,
    answer: bytes,
    context: AppContext,
    strangers: TokenBucket | None,
) -> bool:
    """One row for a refused message; ``strangers`` is None for one whose signature held.

    Where the database itself is the trouble, the log has to do. False where the budget is spent, for the log as well.
    """
    now = context.clock()
    if strangers is not None and not strangers.spend(now):
        context.metrics.unrecorded.inc()
        return False
    ids = _claimed_ids(body)
    entry = LogEntry(
        at=now,
        direction="in",
        peer=ids.get("bpp_id" if action in FROM_AGENCY else "bap_id", ""),
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
    return True


def _claimed_ids(body: bytes) -> dict[str, str]:
    """What a refused message says of itself, as far as it can be read; believed by nobody."""
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    claimed = found.get("context") if isinstance(found, dict) else None
    if not isinstance(claimed, dict):
        return {}
    names = ("bap_id", "bpp_id", "transaction_id", "message_id")
    return {name: text[:MAX_ID].replace("\x00", "") for name in names if isinstance(text := claimed.get(name), str)}

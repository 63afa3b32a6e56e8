"""What is written down of an attempt to deliver: in the log, in the figures, in traces."""

from __future__ import annotations

from datetime import datetime

from bpp.delivery.policy import (
    Delivered,
    GivenUp,
    Refused,
    RetryAt,
    Verdict,
)
from bpp.network.outcome import Acked, Answered, Nacked, Outcome, Unreachable
from bpp.storage.ports import Attempt, Callback, CallbackState, LogEntry
from bpp.tracing import Exchange

STATES: dict[type[Verdict], CallbackState] = {
    Delivered: "delivered",
    RetryAt: "pending",
    Refused: "refused",
    GivenUp: "given_up",
}
VERDICTS: dict[type[Verdict], str] = {**STATES, RetryAt: "retried"}
KINDS: dict[type[Outcome], str] = {
    Acked: "acked",
    Nacked: "nacked",
    Answered: "answered",
    Unreachable: "unreachable",
}


def exchange_of(callback: Callback) -> Exchange:
    """What a callback answers, for the traces."""
    return Exchange(
        subscriber=callback.peer,
        transaction_id=callback.transaction_id,
        message_id=callback.message_id,
        action=callback.action.removeprefix("on_"),
    )


def word_of(outcome: Outcome) -> str:
    """What came back, in a word."""
    if isinstance(outcome, Unreachable):
        return f"{outcome.reason}: {outcome.detail}" if outcome.detail else outcome.reason
    return type(outcome).__name__.lower()


def attempt_of(callback: Callback, outcome: Outcome, signature: str, now: datetime) -> Attempt:
    """An attempt beside its callback."""
    return Attempt(
        at=now,
        number=callback.attempts,
        outcome=word_of(outcome),
        http_status=outcome.status,
        code=outcome.code if isinstance(outcome, Nacked) else "",
        signature=signature,
    )


def entry_of(callback: Callback, outcome: Outcome, signature: str, now: datetime) -> LogEntry:
    """An attempt in the log of messages."""
    return LogEntry(
        at=now,
        direction="out",
        peer=callback.peer,
        action=callback.action,
        transaction_id=callback.transaction_id,
        message_id=callback.message_id,
        body=callback.body,
        digest=callback.digest,
        body_kept=False,  # but by the outbox
        answer=outcome.answer,
        http_status=outcome.status,
        outcome=word_of(outcome),
        signature=signature,
        order_ref=callback.order_ref,
    )

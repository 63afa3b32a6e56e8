"""What follows from one attempt to deliver a callback. Pure; decision 6, schedules of ``bpp.actions.schedule``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bpp.actions.follow_ups import Ended
from bpp.actions.schedule import SCHEDULES
from bpp.network.outcome import Acked, Answered, Nacked, Outcome, Unreachable
from bpp.storage.ports import Callback

RETRYABLE_NACKS = frozenset({"23001", "31001"})  # "internal error, please retry", of a buyer and of a seller
UNBELIEVED = frozenset({"10001", "20001", "30016", "70000"})
"""Invalid Signature: of a gateway, a buyer, a seller, and of whoever settles."""
UNAUTHORIZED = 401
RETRYABLE_STATUSES = frozenset({408, 429})
CLIENT_ERROR, SERVER_ERROR = 400, 500
CUT_SHORT = "stopped"
"""Why an attempt ended that we broke off, because this process stops."""
SLOW = timedelta(seconds=2)
LEAST_JITTER = 0.1
LEAST_REST, LONGEST_REST = timedelta(seconds=1), timedelta(minutes=5)


def room_for(
    in_flight: Mapping[str, int], failing: Collection[str], *, at_once: int, per_peer: int
) -> tuple[int, Sequence[str]]:
    """How many callbacks may be claimed now, and the peers that may have none of them.

    Peers that held us up last, ``failing``, have a room of their own, as large, and take none from those that did not.
    """
    dead = {peer: count for peer, count in in_flight.items() if peer in failing}
    well = sum(in_flight.values()) - sum(dead.values())
    busy = {peer for peer, count in in_flight.items() if count >= per_peer}
    if sum(dead.values()) >= at_once:
        busy.update(failing)
    return min(at_once - well, per_peer), tuple(busy)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The peer took it."""


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Again at a moment."""

    when: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """The peer will not take it: another NACK, or a 4xx."""

    code: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Its window has passed, or its address may not be called."""

    reason: str


Verdict = Delivered | RetryAt | Refused | GivenUp


def ended(verdict: Delivered | Refused | GivenUp) -> Ended:
    """What a verdict that ends the tries means for what follows from them."""
    match verdict:
        case Delivered():
            return Ended(taken=True)
        case Refused(code=why):
            return Ended(taken=False, why=why)
        case GivenUp(reason=why):
            return Ended(taken=False, why=why, answered=False)


def judge(outcome: Outcome, callback: Callback, now: datetime, chance: float, *, rotating: bool = False) -> Verdict:
    """Deliver, try again, or give up. ``chance`` in [0, 1) spreads the tries (full jitter).

    While our key is ``rotating``, a peer that does not believe our signature is asked again: it may look the key up
    where the change has not arrived (ADR 36).
    """
    match outcome:
        case Acked():
            return Delivered()
        case Nacked() | Answered() if rotating and _unbelieved(outcome):
            return _again(callback, now, chance, None)
        case Nacked(code=code) if code not in RETRYABLE_NACKS:
            return Refused(code or "NACK")
        case Answered(status=status) if CLIENT_ERROR <= status < SERVER_ERROR and status not in RETRYABLE_STATUSES:
            return Refused(f"HTTP {status}")
        case Unreachable(reason="forbidden_url" | "forbidden_address" | "stopped" as reason):
            return RetryAt(now) if reason == CUT_SHORT else GivenUp(reason)
        case _:  # no answer, a 5xx, 408 or 429, a redirect, a 2xx without a readable ACK, "please retry"
            wait = outcome.retry_after if isinstance(outcome, Answered) else None
            return _again(callback, now, chance, wait)


def holds_up(outcome: Outcome) -> bool:
    """Whether a peer did not answer, or only after so long that others would wait for it."""
    return isinstance(outcome, Unreachable) or outcome.duration > SLOW


def cut_short(outcome: Outcome) -> Outcome:
    """What became of an attempt that we broke off: nothing is said against the peer, and it is due again at once."""
    return replace(outcome, reason=CUT_SHORT) if isinstance(outcome, Unreachable) else outcome


def _unbelieved(outcome: Nacked | Answered) -> bool:
    return outcome.status == UNAUTHORIZED or (isinstance(outcome, Nacked) and outcome.code in UNBELIEVED)


def rest_until(outcome: Outcome, failing_since: datetime | None, now: datetime) -> datetime | None:
    """Until when a peer is left alone: longer the longer it fails. None where it is only this message that failed."""
    if isinstance(outcome, Answered) and outcome.retry_after is not None:
        return now + min(outcome.retry_after, LONGEST_REST)
    if not isinstance(outcome, Unreachable) or outcome.reason.startswith(("forbidden", CUT_SHORT)):
        return None
    failing = now - failing_since if failing_since is not None else timedelta()
    return now + min(max(failing, LEAST_REST), LONGEST_REST)


def _again(callback: Callback, now: datetime, chance: float, wait: timedelta | None) -> Verdict:
    waits = SCHEDULES[callback.kind].waits
    planned = waits[min(callback.attempts, len(waits)) - 1] * max(chance, LEAST_JITTER)
    when = now + max(planned, wait or timedelta())
    return RetryAt(when) if when <= callback.give_up_at else GivenUp("its window has passed")

"""The state tables of an application for empanelment and of a provider's standing.

What is not listed is refused. Sources: rules R2 (agreement), R3 (request for empanelment); the district officer's
jobs (suspend, restore).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an application stands, and where a provider's standing, which begins when it is approved."""

    REQUESTED = "requested"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Step(StrEnum):
    """What may be done to an application, or to a provider or worker."""

    REVIEW = "review"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    SUSPEND = "suspend"
    RESTORE = "restore"
    RENEW = "renew"


@dataclass(frozen=True, slots=True)
class Rule:
    """From a state, by a step, to a state. ``reasoned``: a reason must be given."""

    source: State
    step: Step
    target: State
    reasoned: bool = False


EMPANELMENT: tuple[Rule, ...] = (
    Rule(State.REQUESTED, Step.REVIEW, State.UNDER_REVIEW),
    Rule(State.REQUESTED, Step.WITHDRAW, State.WITHDRAWN),
    Rule(State.UNDER_REVIEW, Step.APPROVE, State.APPROVED),
    Rule(State.UNDER_REVIEW, Step.REFUSE, State.REFUSED, reasoned=True),
    Rule(State.UNDER_REVIEW, Step.WITHDRAW, State.WITHDRAWN),
)
STANDING: tuple[Rule, ...] = (
    Rule(State.ACTIVE, Step.SUSPEND, State.SUSPENDED, reasoned=True),
    Rule(State.SUSPENDED, Step.RESTORE, State.ACTIVE, reasoned=True),
    Rule(State.ACTIVE, Step.RENEW, State.ACTIVE),
    Rule(State.SUSPENDED, Step.RENEW, State.SUSPENDED),
)
"""A provider's; of a worker, who has no agreement, suspending and restoring alone. Renewing does not restore."""


class NotPossible(Exception):
    """Something that cannot be done as things stand; nothing was changed.

    ``path`` is the field at fault, ``allowed`` what would be possible instead. The text is safe to show.
    """

    def __init__(self, message: str, *, path: str = "", allowed: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.path = path
        self.allowed = tuple(allowed)


def next_state(source: State, step: Step, rules: Iterable[Rule], reason: str = "") -> State:
    """The state after a step; raises NotPossible where the table has no such row or asks for a reason."""
    rules = tuple(rules)
    found = next((one for one in rules if one.source is source and one.step is step), None)
    if found is None:
        possible = allowed(source, rules)
        text = f"{step} is not possible in {source}; possible now: {', '.join(possible) or 'nothing'}"
        raise NotPossible(text, allowed=possible)
    if found.reasoned and not reason:
        raise NotPossible(f"to {step} takes a reason", path="reason")
    return found.target


def allowed(source: State, rules: Iterable[Rule]) -> tuple[Step, ...]:
    """The steps possible in a state, in the order of the table."""
    return tuple(one.step for one in rules if one.source is source)

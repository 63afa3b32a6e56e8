"""The state tables of project work: of a project, and of each milestone. What they do not list is refused.

Source: rules R12 to R15 (government order of 13 December 2021, section 3): requirement, bids, selection, MOU, work,
rating.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar


class Stage(StrEnum):
    """Where a project stands, as the operator API spells it."""

    OPEN = "OPEN"
    SELECTED = "SELECTED"
    AGREED = "AGREED"
    COMPLETED = "COMPLETED"
    LAPSED = "LAPSED"
    CANCELLED = "CANCELLED"


class MilestoneStage(StrEnum):
    """Where a milestone stands."""

    PLANNED = "PLANNED"
    REPORTED = "REPORTED"
    DISPUTED = "DISPUTED"
    ACCEPTED = "ACCEPTED"
    PAID = "PAID"


class Event(StrEnum):
    """What may happen to a project, as the operator API spells it."""

    PUBLISH = "publish"
    BID = "bid"
    WITHDRAW_BID = "withdraw_bid"
    SELECT = "select"
    ACCEPT_MOU = "accept_mou"
    DECLINE_MOU = "decline_mou"
    AGREE = "agree"
    REPORT = "report"
    ACCEPT = "accept"
    DISPUTE = "dispute"
    PAY = "pay"
    COMPLETE = "complete"
    CANCEL = "cancel"
    LAPSE = "lapse"


class Side(StrEnum):
    """Who makes it happen: the two parties, the Samiti's staff for money that it collects, or time and the rules."""

    CONSUMER = "consumer"
    PROVIDER = "provider"
    SAMITI = "samiti"
    SYSTEM = "system"


StageT = TypeVar("StageT", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Rule(Generic[StageT]):
    """From a stage, on an event, to a stage, for certain sides."""

    source: StageT
    event: Event
    target: StageT
    sides: frozenset[Side]


_CONSUMER = frozenset({Side.CONSUMER})
_PROVIDER = frozenset({Side.PROVIDER})
_PARTIES = _CONSUMER | _PROVIDER
_SYSTEM = frozenset({Side.SYSTEM})
_COLLECTORS = frozenset({Side.SAMITI, Side.PROVIDER})

PROJECT: tuple[Rule[Stage], ...] = (
    Rule(Stage.OPEN, Event.BID, Stage.OPEN, _PROVIDER),
    Rule(Stage.OPEN, Event.WITHDRAW_BID, Stage.OPEN, _PROVIDER),
    Rule(Stage.OPEN, Event.SELECT, Stage.SELECTED, _CONSUMER),
    Rule(Stage.OPEN, Event.CANCEL, Stage.CANCELLED, _CONSUMER),
    Rule(Stage.OPEN, Event.LAPSE, Stage.LAPSED, _SYSTEM),
    Rule(Stage.SELECTED, Event.ACCEPT_MOU, Stage.SELECTED, _PARTIES),
    Rule(Stage.SELECTED, Event.DECLINE_MOU, Stage.OPEN, _PARTIES),
    Rule(Stage.SELECTED, Event.AGREE, Stage.AGREED, _SYSTEM),
    Rule(Stage.SELECTED, Event.CANCEL, Stage.CANCELLED, _CONSUMER),
    Rule(Stage.SELECTED, Event.LAPSE, Stage.LAPSED, _SYSTEM),
    Rule(Stage.AGREED, Event.REPORT, Stage.AGREED, _PROVIDER),
    Rule(Stage.AGREED, Event.ACCEPT, Stage.AGREED, _CONSUMER),
    Rule(Stage.AGREED, Event.DISPUTE, Stage.AGREED, _CONSUMER),
    Rule(Stage.AGREED, Event.COMPLETE, Stage.COMPLETED, _SYSTEM),
    Rule(Stage.AGREED, Event.CANCEL, Stage.CANCELLED, _PARTIES),
    *(Rule(stage, Event.PAY, stage, _COLLECTORS) for stage in (Stage.AGREED, Stage.COMPLETED, Stage.CANCELLED)),
)
"""What is accepted stays due, so it can be paid after the project is over, too."""

MILESTONE: tuple[Rule[MilestoneStage], ...] = (
    Rule(MilestoneStage.PLANNED, Event.REPORT, MilestoneStage.REPORTED, _PROVIDER),
    Rule(MilestoneStage.REPORTED, Event.ACCEPT, MilestoneStage.ACCEPTED, _CONSUMER),
    Rule(MilestoneStage.REPORTED, Event.DISPUTE, MilestoneStage.DISPUTED, _CONSUMER),
    Rule(MilestoneStage.DISPUTED, Event.REPORT, MilestoneStage.REPORTED, _PROVIDER),
    Rule(MilestoneStage.DISPUTED, Event.ACCEPT, MilestoneStage.ACCEPTED, _CONSUMER),
    Rule(MilestoneStage.ACCEPTED, Event.PAY, MilestoneStage.PAID, _COLLECTORS),
)

OVER = frozenset({Stage.COMPLETED, Stage.LAPSED, Stage.CANCELLED})
DONE = frozenset({MilestoneStage.ACCEPTED, MilestoneStage.PAID})


class NotPossible(Exception):
    """The table has no such row, or what it acts on is not there. ``allowed`` names what is possible instead."""

    def __init__(self, message: str, allowed: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.allowed = tuple(allowed)


def follow(rules: Iterable[Rule[StageT]], stage: StageT, event: Event, side: Side) -> StageT:
    """The stage after an event; raises NotPossible when the table does not list it for this side."""
    rules = tuple(rules)
    for rule in rules:
        if rule.source is stage and rule.event is event and side in rule.sides:
            return rule.target
    allowed = events_of(rules, stage)
    names = ", ".join(allowed) or "nothing"
    raise NotPossible(f"{event} by the {side} is not possible in {stage}; possible now: {names}", allowed)


def events_of(rules: Iterable[Rule[StageT]], stage: StageT) -> tuple[Event, ...]:
    """The events that somebody may cause in a stage, but for those of time and the rules."""
    return tuple(rule.event for rule in rules if rule.source is stage and rule.sides != _SYSTEM)

"""The three state tables of settlement: of an order, of a settlement, of its reconciliation.

What is not listed is refused. Source: network.md 2.5. Beyond it stand the ways on from where its diagram ends: a
settlement that no reconciliation can cure (funds, accounts, a counterparty that has not filed yet) is prepared anew
without one; money that moved by the settle filed last moved, though the agency said otherwise before or was thought
unreachable; an order that is done begins again when a refund or a correction comes; a reconciliation begins again when
what was agreed upon was filed, or when nothing was agreed; and an answer to it counts also when it comes late.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar


class OrderState(StrEnum):
    """Where an order stands with its counterparty."""

    READY = "READY"
    SETTLE = "SETTLE"
    RECON = "RECON"
    DONE = "DONE"


class SettlementState(StrEnum):
    """Where one settlement of an order stands with the agency."""

    PREPARED = "PREPARED"
    PENDING = "PENDING"
    SETTLED = "SETTLED"
    NOT_SETTLED = "NOT_SETTLED"
    IN_RECON = "IN_RECON"


UNFILED = frozenset({SettlementState.PREPARED, SettlementState.NOT_SETTLED, SettlementState.IN_RECON})
"""Those in which no settle is with the agency, as far as we know, and none was carried out."""


class ReconState(StrEnum):
    """Where the reconciliation of a settlement stands; SENT is ours, RECEIVED the counterparty's."""

    INACTIVE = "INACTIVE"
    SENT_PENDING = "SENT_PENDING"
    SENT_ACCEPTED = "SENT_ACCEPTED"
    SENT_REJECTED = "SENT_REJECTED"
    RECEIVED_PENDING = "RECEIVED_PENDING"
    RECEIVED_ACCEPTED = "RECEIVED_ACCEPTED"
    RECEIVED_REJECTED = "RECEIVED_REJECTED"
    ERROR = "ERROR"


class Step(StrEnum):
    """What may happen to them."""

    FILE = "file"
    """It goes to the agency in a settle of ours."""
    SETTLE = "settle"
    """The agency says that the money moved."""
    FAIL = "fail"
    """It did not move; of a reconciliation: it was answered by an error, or not at all."""
    RECONCILE = "reconcile"
    """The amounts are compared with the counterparty's."""
    AGREE = "agree"
    """What is to be filed next is agreed upon, or corrected, or conceded."""
    RETRY = "retry"
    """To be filed once more as it was; of what is compared with somebody who is silent, a person says so."""
    CORRECT = "correct"
    """A refund or a correction is to be settled after the order was."""
    SEND = "send"
    RECEIVE = "receive"
    ACCEPT = "accept"
    REJECT = "reject"
    CLOSE = "close"
    """What was agreed upon was filed."""


S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Rule(Generic[S]):
    """From a state, by a step, to a state."""

    source: S
    step: Step
    target: S


ORDER: tuple[Rule[OrderState], ...] = (
    Rule(OrderState.READY, Step.FILE, OrderState.SETTLE),
    *(Rule(source, Step.SETTLE, OrderState.DONE) for source in (OrderState.SETTLE, OrderState.RECON, OrderState.READY)),
    Rule(OrderState.SETTLE, Step.RETRY, OrderState.READY),
    Rule(OrderState.SETTLE, Step.RECONCILE, OrderState.RECON),
    Rule(OrderState.RECON, Step.AGREE, OrderState.READY),
    Rule(OrderState.RECON, Step.RETRY, OrderState.READY),
    Rule(OrderState.DONE, Step.CORRECT, OrderState.READY),
)
SETTLEMENT: tuple[Rule[SettlementState], ...] = (
    Rule(SettlementState.PREPARED, Step.FILE, SettlementState.PENDING),
    *(
        Rule(source, Step.SETTLE, SettlementState.SETTLED)
        for source in (
            SettlementState.PENDING,
            SettlementState.NOT_SETTLED,
            SettlementState.IN_RECON,
            SettlementState.PREPARED,
        )
    ),
    Rule(SettlementState.PENDING, Step.FAIL, SettlementState.NOT_SETTLED),
    Rule(SettlementState.NOT_SETTLED, Step.RECONCILE, SettlementState.IN_RECON),
    Rule(SettlementState.NOT_SETTLED, Step.RETRY, SettlementState.PREPARED),
    Rule(SettlementState.IN_RECON, Step.AGREE, SettlementState.PREPARED),
    Rule(SettlementState.IN_RECON, Step.RETRY, SettlementState.PREPARED),
)
RECON: tuple[Rule[ReconState], ...] = (
    Rule(ReconState.INACTIVE, Step.SEND, ReconState.SENT_PENDING),
    Rule(ReconState.INACTIVE, Step.RECEIVE, ReconState.RECEIVED_PENDING),
    Rule(ReconState.SENT_PENDING, Step.ACCEPT, ReconState.SENT_ACCEPTED),
    Rule(ReconState.SENT_PENDING, Step.REJECT, ReconState.SENT_REJECTED),
    Rule(ReconState.SENT_PENDING, Step.FAIL, ReconState.ERROR),
    Rule(ReconState.ERROR, Step.ACCEPT, ReconState.SENT_ACCEPTED),
    Rule(ReconState.ERROR, Step.REJECT, ReconState.SENT_REJECTED),
    Rule(ReconState.RECEIVED_PENDING, Step.ACCEPT, ReconState.RECEIVED_ACCEPTED),
    Rule(ReconState.RECEIVED_PENDING, Step.REJECT, ReconState.RECEIVED_REJECTED),
    Rule(ReconState.SENT_ACCEPTED, Step.CLOSE, ReconState.INACTIVE),
    Rule(ReconState.RECEIVED_ACCEPTED, Step.CLOSE, ReconState.INACTIVE),
    *(
        Rule(source, step, target)
        for source in (ReconState.SENT_REJECTED, ReconState.RECEIVED_REJECTED, ReconState.ERROR)
        for step, target in (
            (Step.SEND, ReconState.SENT_PENDING),
            (Step.RECEIVE, ReconState.RECEIVED_PENDING),
            (Step.CLOSE, ReconState.INACTIVE),
        )
    ),
)
"""No reconciliation is started while one is under way or was agreed upon (network.md 2.5)."""


class OutOfOrder(Exception):
    """The table has no such row; nothing was changed. ``allowed`` names what it has. The text is safe to show."""

    def __init__(self, state: StrEnum, step: Step, possible: tuple[Step, ...]) -> None:
        super().__init__(f"{step} is not possible in {state}; possible now: {', '.join(possible) or 'nothing'}")
        self.state = state
        self.step = step
        self.allowed = possible


def advance(state: S, step: Step, rules: Iterable[Rule[S]]) -> S:
    """The state after a step; raises OutOfOrder where the table has no such row."""
    rules = tuple(rules)
    found = next((one.target for one in rules if one.source == state and one.step is step), None)
    if found is None:
        raise OutOfOrder(state, step, allowed(state, rules))
    return found


def allowed(state: S, rules: Iterable[Rule[S]]) -> tuple[Step, ...]:
    """The steps possible in a state, in the order of the table."""
    return tuple(one.step for one in rules if one.source == state)

"""The state table of a fulfillment, and the order status that follows from it.

Everything that may happen to a fulfillment is a row of ``HOME_SERVICE``; what is not listed is refused. The wire
has fewer codes than we have stages (At-Location is sent before and after the OTP), so the code is a column.
Source: flows and fulfillment states of the ONDC services specification 2.0.0; decisions 15 and 17.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Where a fulfillment stands, as the operator API spells it."""

    PENDING = "PENDING"
    ASSIGNED = "ASSIGNED"
    EN_ROUTE = "EN_ROUTE"
    ARRIVED = "ARRIVED"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class Event(StrEnum):
    """What may happen to a fulfillment, as the operator API spells it."""

    ACCEPT = "accept"
    DECLINE = "decline"
    ASSIGN = "assign"
    DEPART = "depart"
    ARRIVE = "arrive"
    START = "start"
    COMPLETE = "complete"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"
    REQUOTE = "requote"
    ACCEPT_QUOTE = "accept_quote"
    REJECT_QUOTE = "reject_quote"
    EXPIRE_QUOTE = "expire_quote"
    ASK_QUOTE = "ask_quote"
    PAY = "pay"
    RENEW_OTP = "renew_otp"
    REASSIGN = "reassign"
    UNASSIGN = "unassign"
    REFUND = "refund"
    REDO = "redo"


class Actor(StrEnum):
    """Who makes it happen."""

    BUYER = "buyer"
    SELLER = "seller"
    SYSTEM = "system"


class OrderStatus(StrEnum):
    """The order's status on the wire, in its upper-case spelling."""

    CREATED = "CREATED"
    ACCEPTED = "ACCEPTED"
    IN_PROGRESS = "IN-PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    PENDING = "PENDING"


@dataclass(frozen=True, slots=True)
class Rule:
    """From a stage, on an event, to a stage, for certain actors."""

    source: Stage
    event: Event
    target: Stage
    actors: frozenset[Actor]

    @property
    def who(self) -> str:
        """The actors in words."""
        return "anyone" if self.actors == frozenset(Actor) else ", ".join(sorted(self.actors))


SELLER = frozenset({Actor.SELLER, Actor.SYSTEM})
SYSTEM = frozenset({Actor.SYSTEM})
BUYER = frozenset({Actor.BUYER})
ANYONE = frozenset(Actor)
BEFORE_START = (Stage.ASSIGNED, Stage.EN_ROUTE, Stage.ARRIVED)
BOOKED = (Stage.ASSIGNED, Stage.EN_ROUTE, Stage.ARRIVED, Stage.STARTED, Stage.COMPLETED)
QUOTED = (Stage.PENDING, *BOOKED)
"""Where a quotation may wait: a visit that lost its worker keeps those that were given for it."""

WIRE_CODE = {
    Stage.PENDING: "Pending",
    Stage.ASSIGNED: "Pending",
    Stage.EN_ROUTE: "In-Transit",
    Stage.ARRIVED: "At-Location",
    Stage.STARTED: "At-Location",
    Stage.COMPLETED: "Completed",
    Stage.CANCELLED: "Cancelled",
}

HOME_SERVICE: tuple[Rule, ...] = (
    Rule(Stage.PENDING, Event.ACCEPT, Stage.PENDING, SELLER),
    Rule(Stage.ASSIGNED, Event.ACCEPT, Stage.ASSIGNED, SELLER),
    Rule(Stage.PENDING, Event.DECLINE, Stage.CANCELLED, SELLER),
    Rule(Stage.ASSIGNED, Event.DECLINE, Stage.CANCELLED, SELLER),
    Rule(Stage.PENDING, Event.ASSIGN, Stage.ASSIGNED, SELLER),
    Rule(Stage.ASSIGNED, Event.ASSIGN, Stage.ASSIGNED, SELLER),
    Rule(Stage.ASSIGNED, Event.DEPART, Stage.EN_ROUTE, SELLER),
    Rule(Stage.EN_ROUTE, Event.ARRIVE, Stage.ARRIVED, SELLER),
    Rule(Stage.ARRIVED, Event.START, Stage.STARTED, SELLER),
    Rule(Stage.STARTED, Event.COMPLETE, Stage.COMPLETED, SELLER),
    Rule(Stage.PENDING, Event.CANCEL, Stage.CANCELLED, ANYONE),
    Rule(Stage.ASSIGNED, Event.CANCEL, Stage.CANCELLED, ANYONE),
    Rule(Stage.EN_ROUTE, Event.CANCEL, Stage.CANCELLED, ANYONE),
    Rule(Stage.ARRIVED, Event.CANCEL, Stage.CANCELLED, ANYONE),
    Rule(Stage.STARTED, Event.CANCEL, Stage.CANCELLED, ANYONE),
    Rule(Stage.PENDING, Event.RESCHEDULE, Stage.ASSIGNED, ANYONE),
    Rule(Stage.ASSIGNED, Event.RESCHEDULE, Stage.ASSIGNED, ANYONE),
    Rule(Stage.ARRIVED, Event.RENEW_OTP, Stage.ARRIVED, SELLER),
    *(Rule(stage, Event.REASSIGN, Stage.ASSIGNED, SELLER) for stage in BEFORE_START),
    *(Rule(stage, Event.UNASSIGN, Stage.PENDING, SELLER) for stage in BEFORE_START),
    *(Rule(stage, Event.REQUOTE, stage, SELLER) for stage in BOOKED),
    *(Rule(stage, Event.ACCEPT_QUOTE, stage, ANYONE) for stage in QUOTED),
    *(Rule(stage, Event.REJECT_QUOTE, stage, ANYONE) for stage in QUOTED),
    *(Rule(stage, Event.EXPIRE_QUOTE, stage, SYSTEM) for stage in QUOTED),
    *(Rule(stage, Event.ASK_QUOTE, stage, BUYER) for stage in BOOKED),
    *(Rule(stage, Event.PAY, stage, ANYONE) for stage in (*QUOTED, Stage.CANCELLED)),
    Rule(Stage.COMPLETED, Event.REFUND, Stage.COMPLETED, SELLER),
    Rule(Stage.COMPLETED, Event.REDO, Stage.COMPLETED, SELLER),
)
"""Quotations, payments and redress leave a visit where it is: what they change is the order. Only the choice of another
worker takes a visit back."""

TERMINAL = frozenset({Stage.COMPLETED, Stage.CANCELLED})
WAITING = frozenset({Stage.PENDING, Stage.ASSIGNED})


class IllegalTransition(Exception):
    """The table has no such row. ``allowed`` names what it has, for the 409 and the buttons."""

    def __init__(self, stage: Stage, event: Event, allowed: tuple[Event, ...]) -> None:
        names = ", ".join(allowed) or "nothing"
        super().__init__(f"{event} is not possible in {stage}; possible now: {names}")
        self.stage = stage
        self.event = event
        self.allowed = allowed


def next_stage(stage: Stage, event: Event, actor: Actor, rules: Iterable[Rule] = HOME_SERVICE) -> Stage:
    """The stage after an event; raises IllegalTransition when the table does not list it for this actor."""
    rules = tuple(rules)
    for rule in rules:
        if rule.source is stage and rule.event is event and actor in rule.actors:
            return rule.target
    raise IllegalTransition(stage, event, allowed(stage, actor, rules))


def allowed(stage: Stage, actor: Actor, rules: Iterable[Rule] = HOME_SERVICE) -> tuple[Event, ...]:
    """The events an actor may cause in a stage, in the order of the table."""
    return tuple(dict.fromkeys(rule.event for rule in rules if rule.source is stage and actor in rule.actors))


def order_status(
    stages: Iterable[Stage], *, accepted: bool, cancelled: bool = False, quoted: bool = False
) -> OrderStatus:
    """The order's status: computed from its fulfillments, its acceptance and its quotations, never set (decision 17).

    Cancelled when it was ``cancelled`` or every fulfillment is; pending while a further quotation waits for the
    buyer's word (``quoted``); completed when each fulfillment is completed or cancelled; in progress while a worker is
    under way or on site; else accepted, or created while a provider's word is awaited. An order whose first visit is
    done and whose next has not begun is accepted.
    """
    seen = set(stages)
    if cancelled or seen <= {Stage.CANCELLED}:
        return OrderStatus.CANCELLED
    if quoted:
        return OrderStatus.PENDING
    if seen <= TERMINAL:
        return OrderStatus.COMPLETED
    if seen & {Stage.EN_ROUTE, Stage.ARRIVED, Stage.STARTED}:
        return OrderStatus.IN_PROGRESS
    return OrderStatus.ACCEPTED if accepted else OrderStatus.CREATED

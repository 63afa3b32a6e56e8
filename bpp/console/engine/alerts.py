"""The alerts of deploy/prometheus/alerts.yml as they stand now, in words. Pure; a test compares the two.

Prometheus decides who is woken, and waits a while before it does. This says for the page of health what it would see:
a figure of now, or what came within a window, as far back as this process remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from bpp.console.engine.figures import Figures
from bpp.console.engine.measures import (
    Measure,
    age,
    callbacks_late,
    down,
    files,
    imbalance,
    lag,
    largest,
    late,
    lookups,
    refused_inside,
    total,
    unbelieved,
    versions_apart,
)
from bpp.console.language import msg

NOW = timedelta()
FIVE, TEN, HOUR = timedelta(minutes=5), timedelta(minutes=10), timedelta(hours=1)
Severity = Literal["page", "ticket"]


class State(StrEnum):
    """How an alert stands."""

    RINGS = "rings"
    QUIET = "quiet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``name`` is that of the alert, and of its page in docs/runbook. It rings above ``limit`` within ``window``."""

    name: str
    severity: Severity
    words: str
    limit: float
    measure: Measure
    window: timedelta = NOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A rule with its figure."""

    rule: Rule
    state: State
    value: float | None


RULES: Sequence[Rule] = (
    Rule(
        name="BppDatabaseDown",
        severity="page",
        words=msg("The database does not answer."),
        limit=0,
        measure=down,
    ),
    Rule(
        name="BppRefusesWithInternalError",
        severity="page",
        words=msg("More than one message in a hundred is refused with 31001."),
        limit=0.01,
        measure=refused_inside,
        window=FIVE,
    ),
    Rule(
        name="BppSignaturesRefused",
        severity="ticket",
        words=msg("One message in five has a signature that does not hold."),
        limit=0.2,
        measure=unbelieved,
        window=TEN,
    ),
    Rule(
        name="BppAcksSlow",
        severity="ticket",
        words=msg("One ACK in a hundred takes longer than a second."),
        limit=1,
        measure=late("bpp_ack_seconds"),
        window=FIVE,
    ),
    Rule(
        name="BppCallbacksLate",
        severity="ticket",
        words=msg("One callback in twenty arrives after five seconds."),
        limit=0.05,
        measure=callbacks_late,
        window=TEN,
    ),
    Rule(
        name="BppOutboxOld",
        severity="page",
        words=msg("A callback has been due for more than a minute although its buyer app answers."),
        limit=60,
        measure=largest("bpp_outbox_overdue_seconds", peers="well"),
    ),
    Rule(
        name="BppPeersResting",
        severity="ticket",
        words=msg("More than a thousand callbacks wait for buyer apps that do not answer."),
        limit=1000,
        measure=largest("bpp_outbox_waiting", peers="resting"),
    ),
    Rule(
        name="BppCallbacksGivenUp",
        severity="ticket",
        words=msg("More than five callbacks were given up within an hour."),
        limit=5,
        measure=total("bpp_deliveries_total", verdict="given_up"),
        window=HOUR,
    ),
    Rule(
        name="BppCommitsFail",
        severity="ticket",
        words=msg("The database did not take some transactions."),
        limit=0,
        measure=total("bpp_commit_failures_total"),
        window=FIVE,
    ),
    Rule(
        name="BppCommitsSlow",
        severity="ticket",
        words=msg("One transaction in a hundred takes longer than a quarter of a second."),
        limit=0.25,
        measure=late("bpp_commit_seconds"),
        window=FIVE,
    ),
    Rule(
        name="BppDoorFull",
        severity="page",
        words=msg("More than a thousand messages wait to be stored."),
        limit=1000,
        measure=largest("bpp_door_waiting"),
    ),
    Rule(
        name="BppEventLoopLags",
        severity="ticket",
        words=msg("A process comes late to what is due."),
        limit=0.25,
        measure=lag,
        window=FIVE,
    ),
    Rule(
        name="BppRegistryFails",
        severity="page",
        words=msg("The registry does not answer one question in five."),
        limit=0.2,
        measure=lookups,
        window=TEN,
    ),
    Rule(
        name="BppLedgerUnbalanced",
        severity="page",
        words=msg("The books do not balance."),
        limit=0,
        measure=imbalance,
    ),
    Rule(
        name="BppCountsOld",
        severity="ticket",
        words=msg("What the database holds was not counted for two minutes."),
        limit=120,
        measure=age("bpp_counted_timestamp_seconds", what="outbox"),
    ),
    Rule(
        name="BppBackupOld",
        severity="ticket",
        words=msg("The newest backup is older than 26 hours."),
        limit=93600,
        measure=age("bpp_backup_timestamp_seconds"),
    ),
    Rule(
        name="BppObservabilityLate",
        severity="ticket",
        words=msg("Network observability has not been told of a message for two hours."),
        limit=7200,
        measure=largest("bpp_observability_oldest_seconds"),
    ),
    Rule(
        name="BppObservabilityRefused",
        severity="ticket",
        words=msg("Network observability refused what it was told: until it is taken, its day is incomplete."),
        limit=0,
        measure=total("bpp_observability_entries_total", outcome="refused"),
        window=HOUR,
    ),
    Rule(
        name="BppAuditNotSealed",
        severity="ticket",
        words=msg("Nothing was sealed in the audit chain for an hour."),
        limit=3600,
        measure=age("bpp_audit_sealed_timestamp_seconds"),
    ),
    Rule(
        name="BppAuditBroken",
        severity="page",
        words=msg("A record that was sealed is not as it was."),
        limit=0,
        measure=largest("bpp_audit_faults"),
    ),
    Rule(
        name="BppTicketOverdue",
        severity="ticket",
        words=msg("The time for a complaint is over, and it is not resolved."),
        limit=0,
        measure=largest("bpp_tickets", state="overdue"),
    ),
    Rule(
        name="BppFilesRunOut",
        severity="ticket",
        words=msg("A process has nearly as many files open as it may."),
        limit=0.8,
        measure=files,
    ),
    Rule(
        name="BppCatalogsDiffer",
        severity="ticket",
        words=msg("Processes serve different versions of the catalog."),
        limit=0,
        measure=versions_apart,
    ),
)
"""All but what nobody can see from within: that the server is gone, and that it is started again and again."""


def alerts(now: Figures, before: Callable[[timedelta], Figures | None], moment: datetime) -> Sequence[Alert]:
    """Every rule with how it stands; those that ring first. ``before`` gives the figures of as long ago."""
    found = [_judged(rule, now, before, moment) for rule in RULES]
    return sorted(found, key=lambda one: (one.state is not State.RINGS, one.state is not State.UNKNOWN))


def _judged(rule: Rule, now: Figures, before: Callable[[timedelta], Figures | None], moment: datetime) -> Alert:
    earlier = before(rule.window) if rule.window else None
    value = rule.measure(now.since(earlier) if earlier is not None else now, moment)
    if value is None:
        return Alert(rule=rule, state=State.UNKNOWN, value=None)
    return Alert(rule=rule, state=State.RINGS if value > rule.limit else State.QUIET, value=value)

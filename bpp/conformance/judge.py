"""Judges flows by all checks and sums up: the report that writers print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpp.conformance.check import Check, Finding, Outcome, Severity, Verdict, apply
from bpp.conformance.checklist import CHECKS
from bpp.conformance.record import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A check over all flows: failed where any flow fails it, passed where one passes it and none fails."""

    check: Check
    outcome: Outcome
    examined: int
    findings: tuple[Finding, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found. ``subject`` says who was judged: an address or a folder."""

    subject: str
    flows: tuple[Flow, ...]
    verdicts: tuple[Verdict, ...]
    summaries: tuple[Summary, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make a seller fail."""
        return self._findings(Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not."""
        return self._findings(Severity.WARNING)

    @property
    def broken(self) -> tuple[Flow, ...]:
        """The flows that did not come to their end."""
        return tuple(one for one in self.flows if one.ended)

    @property
    def passed(self) -> bool:
        """Whether something was judged, every flow came to its end, and no check failed."""
        judged = any(one.outcome is Outcome.PASSED for one in self.summaries)
        return judged and not self.errors and not self.broken

    def of_flow(self, flow: Flow) -> tuple[Verdict, ...]:
        """The verdicts on one flow."""
        return tuple(one for one in self.verdicts if one.flow == flow.title)

    def _findings(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(finding for one in self.summaries if one.check.severity is severity for finding in one.findings)


def judge(subject: str, flows: Sequence[Flow], checks: Sequence[Check] = CHECKS) -> Report:
    """Judge flows by checks, all of them by default."""
    verdicts = tuple(apply(check, flow) for flow in flows for check in checks)
    count = len(checks)
    return Report(
        subject=subject,
        flows=tuple(flows),
        verdicts=verdicts,
        summaries=tuple(_summary(check, verdicts[place::count]) for place, check in enumerate(checks)),
    )


def _summary(check: Check, verdicts: Sequence[Verdict]) -> Summary:
    outcomes = {one.outcome for one in verdicts}
    outcome = next((one for one in (Outcome.FAILED, Outcome.PASSED) if one in outcomes), Outcome.NOT_RUN)
    return Summary(
        check=check,
        outcome=outcome,
        examined=sum(one.examined for one in verdicts),
        findings=tuple(finding for one in verdicts for finding in one.findings),
        reasons=_reasons(check, verdicts),
    )


def _reasons(check: Check, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Why nothing was looked at, each reason once: as its own scenarios say, where they were tried."""
    telling = [one for one in verdicts if one.flow.partition(" ")[0] in check.scenarios] or verdicts
    said = dict.fromkeys(reason for one in telling for reason in one.reasons)
    return tuple(one for one in said if not any(other != one and one.startswith(other) for other in said))

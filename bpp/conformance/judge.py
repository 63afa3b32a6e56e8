"""Judges flows by all checks and sums up: the report that writers print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bpp.conformance.check import Check, Finding, Outcome, Severity, Verdict, apply, missing
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
    verdicts = tuple(one for flow in flows for one in _told_once([apply(check, flow) for check in checks]))
    silent = frozenset(one.title for one in flows if not (one.records or one.notes))
    count = len(checks)
    return Report(
        subject=subject,
        flows=tuple(flows),
        verdicts=verdicts,
        summaries=tuple(_summary(check, verdicts[place::count], silent) for place, check in enumerate(checks)),
    )


def _told_once(verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
    """The verdicts on a flow without what is found wrong with values that lack or cannot be read: that is one fault."""
    misshapen: dict[tuple[int, str], str] = {}
    for verdict in verdicts:
        for one in verdict.findings if verdict.check.form else ():
            if one.number is not None:
                misshapen.setdefault((one.number, one.path), verdict.check.name)
    return [one if one.check.form or not misshapen else _without(one, misshapen) for one in verdicts]


def _without(verdict: Verdict, misshapen: dict[tuple[int, str], str]) -> Verdict:
    told = {one: name for one in verdict.findings if (name := _told_by(one, misshapen))}
    if not told:
        return verdict
    left = tuple(one for one in verdict.findings if one not in told)
    return replace(
        verdict,
        outcome=Outcome.FAILED if left else Outcome.NOT_RUN,
        findings=left,
        reasons=(*verdict.reasons, *dict.fromkeys(f"what it looks at is told of by {name}" for name in told.values())),
    )


def _told_by(finding: Finding, misshapen: dict[tuple[int, str], str]) -> str | None:
    """The check that found fault with the form of this value, or of what holds it."""
    steps = re.split(r"(?=[.\[])", finding.path)
    holders = ("".join(steps[:end]) for end in range(len(steps), 0, -1))
    number = finding.number or 0
    return next((misshapen[number, one] for one in holders if (number, one) in misshapen), None)


def _summary(check: Check, verdicts: Sequence[Verdict], silent: frozenset[str]) -> Summary:
    outcomes = {one.outcome for one in verdicts}
    outcome = next((one for one in (Outcome.FAILED, Outcome.PASSED) if one in outcomes), Outcome.NOT_RUN)
    return Summary(
        check=check,
        outcome=outcome,
        examined=sum(one.examined for one in verdicts),
        findings=tuple(finding for one in verdicts for finding in one.findings),
        reasons=_reasons(check, verdicts, silent),
    )


def _reasons(check: Check, verdicts: Sequence[Verdict], silent: frozenset[str]) -> tuple[str, ...]:
    """Why nothing was looked at, each reason once: as its own scenarios say, where they were tried.

    A flow in which nothing was said tells nothing of a check that it was not made for. Of reasons that begin alike, as
    those of flows that broke off do, the one with the cause is told where there is one cause, else what they share.
    That there was nothing to look at is told where nothing else is.
    """
    own = [one for one in verdicts if one.flow.partition(" ")[0] in check.scenarios]
    telling = own or [one for one in verdicts if one.flow not in silent] or verdicts
    said = [*dict.fromkeys(reason for one in telling for reason in one.reasons)]
    told = []
    for one in said:
        if not any(one != other and one.startswith(other) for other in said):
            causes = [other for other in said if other != one and other.startswith(one)]
            told.append(causes[0] if len(causes) == 1 else one)
    return tuple(one for one in told if one != missing(check)) or tuple(told)

"""What a check is: a named requirement with its source, what it looks at, and a function that says what is wrong.

A check yields findings; where it finds nothing to look at, or cannot read what it looks at, it did not run, and its
verdict says why. So nothing passes in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bpp.conformance.record import Flow, Record

UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError)
"""What reading a misshapen message raises, one that is nested too deep included; the checks of shape report it."""


class Severity(StrEnum):
    """``error``: the network's rules say must; a seller with one fails. ``warning``: they say should."""

    ERROR = "error"
    WARNING = "warning"


class Outcome(StrEnum):
    """How a check ended on a flow."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Subject:
    """What one application of a check looks at: a message in its flow, or the flow where ``record`` is None."""

    flow: Flow
    record: Record | None = None

    @property
    def message(self) -> Record:
        """The message; raises ``LookupError`` for a flow."""
        if self.record is None:
            raise LookupError("this check looks at a whole flow")
        return self.record

    @property
    def request(self) -> Record | None:
        """The request that this callback answers; None where it is unsolicited."""
        return self.flow.request_of(self.message)

    @property
    def asked(self) -> Record:
        """The same; raises ``LookupError`` for an unsolicited one."""
        if (request := self.request) is None:
            raise LookupError("nobody asked")
        return request


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a message: where, what was expected, what came.

    ``path`` is a JSON path, ``headers``, ``reply`` or ``time``; ``record`` the message where it is not the subject's.
    """

    path: str
    expected: str
    found: Any = ""
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class NotRun:
    """Yielded by a check that can say nothing about its subject, with the reason."""

    reason: str


LONGEST_SHOWN = 160
"""Characters of a value that a finding shows."""
MOST_FOUND = 200
"""Findings of one check in one flow after which it looks no further: more tell a reader nothing new."""

Said = Iterator[Fault | NotRun]
Select = Callable[[Flow], Iterable[Subject]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A requirement and how it is judged.

    ``name`` is unique; ``title`` states the requirement as a sentence; ``sources`` say where it stands: ``assertion
    16``, ``protocol 1.4``, a row ``protocol 4.20``, or a path of the specification. ``of`` finds what to look at and
    ``needs`` says in words what that is, for the reason of a check that did not run. ``scenarios`` are those that are
    made for this check; where there are any, it looks at no other played flow (recorded flows have no such names).
    ``form``: it says of a value that it lacks or cannot be read; then no other check says anything of this value.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    of: Select
    needs: str
    judge: Callable[[Subject], Iterator[Fault | NotRun]] = field(repr=False)
    severity: Severity = Severity.ERROR
    scenarios: frozenset[str] = frozenset()
    form: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault as the report tells it. ``message`` names the message, ``number`` is its number in the flow."""

    check: str
    flow: str
    message: str
    number: int | None
    path: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a check ended on a flow: ``examined`` subjects were judged; ``reasons`` say why others were not."""

    check: Check
    flow: str
    outcome: Outcome
    examined: int
    findings: tuple[Finding, ...] = ()
    reasons: tuple[str, ...] = ()


def apply(check: Check, flow: Flow) -> Verdict:
    """Judge a flow by one check."""
    if flow.not_played and not flow.records:
        return _verdict(check, flow, 0, [], [flow.not_played])
    if flow.live and check.scenarios and flow.name not in check.scenarios:
        return _verdict(check, flow, 0, [], [f"it needs {check.needs}: a matter of {_names(check.scenarios)}"])
    examined = 0
    findings: list[Finding] = []
    reasons: list[str] = []
    try:
        for subject in check.of(flow):
            faults, unread = _judged(check, subject)
            findings += [_finding(check, subject, one) for one in faults]
            reasons += unread
            examined += bool(faults) or not unread
            if len(findings) >= MOST_FOUND:
                break
    except UNREADABLE as problem:
        reasons.append(_unread(flow.title, problem))
    if not examined and not reasons:
        cut = f"; the flow broke off: {flow.ended}" if flow.ended else f"; {flow.not_played}" if flow.not_played else ""
        reasons.append(f"{missing(check)}{cut}")
    return _verdict(check, flow, examined, findings, reasons)


def missing(check: Check) -> str:
    """Why a check did not run on a flow that has nothing for it."""
    return f"there was no {check.needs}"


def _judged(check: Check, subject: Subject) -> tuple[list[Fault], list[str]]:
    faults: list[Fault] = []
    reasons: list[str] = []
    try:
        for one in check.judge(subject):
            if isinstance(one, NotRun):
                reasons.append(one.reason)
            else:
                faults.append(one)
            if len(faults) >= MOST_FOUND:
                break
    except UNREADABLE as problem:
        reasons.append(_unread(subject.record.name if subject.record else subject.flow.title, problem))
    return faults, reasons


def _unread(name: str, problem: Exception) -> str:
    return f"{name} could not be read this far ({type(problem).__name__}: {problem})"


def _verdict(check: Check, flow: Flow, examined: int, findings: Sequence[Finding], reasons: Sequence[str]) -> Verdict:
    outcome = Outcome.FAILED if findings else Outcome.PASSED if examined else Outcome.NOT_RUN
    return Verdict(
        check=check,
        flow=flow.title,
        outcome=outcome,
        examined=examined,
        findings=tuple(findings),
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _finding(check: Check, subject: Subject, fault: Fault) -> Finding:
    record = fault.record or subject.record
    return Finding(
        check=check.name,
        flow=subject.flow.title,
        message=record.name if record else "",
        number=record.number if record else None,
        path=fault.path,
        expected=fault.expected,
        found=shown(fault.found),
    )


def shown(value: Any) -> str:
    """A value for a report: short, in one line."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except RecursionError:
        text = f"a {type(value).__name__} that is nested too deep to be shown"
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}…"


def _names(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))

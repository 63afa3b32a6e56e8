"""What a probe found: one line of the doctor's report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

NUMBERS = {
    "129": "DOMAIN-ERROR: domain or site verification failed",
    "130": "the signature in the site verification file does not hold",
    "131": "CORE-ERROR: encryption verification failed",
    "132": "POLICY-ERROR: whitelist, timestamp, domain, OCSP, participant details or encryption verification",
    "144": "the subscriber is not whitelisted (variant of 132)",
    "151": "the payload does not follow the schema",
    "1000": "subscriber not found",
    "1010": "invalid key id",
    "1015": "Authorization header not valid",
    "1020": "Authorization header not found",
    "1035": "request expired",
    "1045": "signature verification failed",
    "1065": "invalid domain",
    "20009": "the buyer app's timeout",
    "30016": "our own refusal of a peer's signature",
    "31001": "our own NACK, internal error",
}
"""The numbers that a finding may name.

Source: security.md 4.1 (onboarding; documents and OpenAPI disagree on 131 and 132, and on 129 and 132, so both are
named), 1.7 (the registry's and gateway's); beckn_schemas/ack.py (ours and the buyer app's).
"""


class State(StrEnum):
    """``NOT_RUN`` is for what cannot be asked here, as TLS of an http URL; its text says why."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Finding:
    """``name`` is the line's own, unique in its probe; ``numbers`` are of ``NUMBERS``; ``advice`` is what to do."""

    name: str
    state: State
    text: str
    numbers: tuple[str, ...] = ()
    advice: str = ""


def ok(name: str, text: str) -> Finding:
    """All is well."""
    return Finding(name, State.OK, text)


def warning(name: str, text: str, numbers: Iterable[str] = (), *, do: str) -> Finding:
    """It works today."""
    return Finding(name, State.WARNING, text, tuple(numbers), do)


def failure(name: str, text: str, numbers: Iterable[str] = (), *, do: str) -> Finding:
    """It causes the errors of these numbers."""
    return Finding(name, State.FAILURE, text, tuple(numbers), do)


def not_run(name: str, why: str) -> Finding:
    """It cannot be asked here."""
    return Finding(name, State.NOT_RUN, why)


def healthy(findings: Iterable[Finding]) -> bool:
    """Whether nothing failed; warnings do not count."""
    return all(one.state is not State.FAILURE for one in findings)


def document(findings: Iterable[Finding]) -> dict[str, Any]:
    """The report for programs."""
    lines = [asdict(one) for one in findings]
    counts = {state.value: sum(one["state"] is state for one in lines) for state in State}
    return {"healthy": counts["failure"] == 0, "counts": counts, "findings": lines}


def text(findings: Iterable[Finding]) -> str:
    """The report for people: a line for each finding, and what it causes and what to do below it."""
    lines = []
    for one in findings:
        lines.append(f"{one.state.value:8} {one.name}: {one.text}")
        lines += [f"{'':9}causes {number}: {NUMBERS[number]}" for number in one.numbers]
        lines += [f"{'':9}to do: {one.advice}"] if one.advice else []
    return "\n".join(lines)

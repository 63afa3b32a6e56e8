"""How complaints that cannot be taken are refused: each by its published code. Source: network 1.7 and 1.9."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.conformance.check import Check, Fault, Severity, Subject
from bpp.conformance.checks.issue_parts import actions_of, check, code_of, issue_of, last_code
from bpp.conformance.checks.probing import accepted, refused
from bpp.conformance.select import probes

PLAYED = frozenset({"issue_refused"})

REFUSED: tuple[tuple[str, str, str], ...] = (
    ("issue_without_refs", "IGM001", "A complaint that lacks what it refers to is refused with IGM001"),
    ("issue_of_unknown_order", "IGM002", "A complaint about an order of nobody is refused with IGM002"),
    (
        "issue_of_unknown_visit",
        "IGM003",
        "A complaint about a fulfillment that the order has not is refused with IGM003",
    ),
    ("issue_of_unknown_item", "IGM004", "A complaint about an item that the order has not is refused with IGM004"),
    ("issue_status_of_none", "IGM005", "A question about an issue of nobody is refused with IGM005"),
    ("issue_status_of_another", "IGM006", "A question about another buyer app's issue is refused with IGM006"),
    ("issue_as_dispute", "IGM007", "A dispute before a grievance is refused with IGM007"),
    ("issue_twice", "IGM008", "A complaint about what is complained of already is refused with IGM008"),
    (
        "issue_of_other_transaction",
        "IGM009",
        "A complaint in another transaction than the order's is refused with IGM009",
    ),
)
"""What is tried, the code, and the requirement."""


def _again(subject: Subject) -> Iterator[Fault]:
    """The answer to what was told before tells the same as then: no further action."""
    known = _first_answer(subject)
    extra = actions_of(subject.message)[len(known) :]
    if extra:
        yield Fault("message.issue.actions", "the actions that were told before", last_code(subject.message))


def _first_answer(subject: Subject) -> list[object]:
    asked = subject.asked
    for one in subject.flow.requests:
        if (
            one is not asked
            and one.action == "issue"
            and issue_of(one)
            and issue_of(one)["id"] == issue_of(asked)["id"]
        ):
            found = subject.flow.answers_to(one)
            return list(actions_of(found[0])) if found else []
    raise LookupError("the complaint was not told before")


def _stands(subject: Subject) -> Iterator[Fault]:
    """After everything that was refused the issue has the two actions that it had."""
    codes = [code_of(one) for one in actions_of(subject.message)]
    if codes != ["OPEN", "PROCESSING"]:
        yield Fault("message.issue.actions", "OPEN and PROCESSING alone", codes)


def _tells(probe: str) -> str:
    return f"request {probe}"


CHECKS: tuple[Check, ...] = (
    *(
        check(
            probe,
            title,
            probes(probe),
            refused(code),
            "network 1.7",
            "network 1.9",
            needs=_tells(probe),
            scenarios=PLAYED,
        )
        for probe, code, title in REFUSED
    ),
    check(
        "issue_out_of_order",
        "An answer to a question that nobody asked is refused with IGM001",
        probes("issue_out_of_order"),
        refused("IGM001"),
        "network 1.9",
        needs=_tells("issue_out_of_order"),
        scenarios=PLAYED,
        severity=Severity.WARNING,
    ),
    check(
        "issue_told_again",
        "A complaint that is told a second time is answered, and adds no action",
        probes("issue_told_again"),
        accepted(also=_again),
        "network 1.9",
        needs=_tells("issue_told_again"),
        scenarios=PLAYED,
        severity=Severity.WARNING,
    ),
    check(
        "issue_refused_effect",
        "What was refused has no effect on an issue",
        probes("issue_status_after_all"),
        accepted(also=_stands),
        "network 1.9",
        needs=_tells("issue_status_after_all"),
        scenarios=PLAYED,
    ),
)

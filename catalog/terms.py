"""What must hold of a provider's terms, whichever door they come in by."""

from __future__ import annotations

from catalog.model import CancellationTerm, RescheduleTerm

MOVABLE = "Pending"


def cancellation_problem(term: CancellationTerm) -> tuple[str, str] | None:
    """The field at fault and why, or None.

    A provider owes at least what it charges: Consumer Protection (E-Commerce) Rules 2020, rule 4(8). To be compared,
    fee and penalty are both amounts or both percentages.
    """
    if (term.fee is None) == (term.percentage is None):
        return "fee", "exactly one of fee and percentage is expected"
    if term.penalty is not None and term.penalty_percentage is not None:
        return "penalty", "at most one of penalty and penalty_percentage is expected"
    if term.penalty is not None and (term.fee is None or term.penalty < term.fee):
        return "penalty", "an amount not less than the fee is expected, which must be an amount too"
    if term.penalty_percentage is not None and (term.percentage is None or term.penalty_percentage < term.percentage):
        return "penalty_percentage", "not less than the percentage is expected, and the fee must be one too"
    return None


def reschedule_problem(term: RescheduleTerm) -> tuple[str, str] | None:
    """The field at fault and why, or None: a visit can be moved until its worker sets off (protocol.md 5, 45)."""
    if term.eligible and term.state != MOVABLE:
        return "eligible", f"a visit can be rescheduled in {MOVABLE} only"
    return None

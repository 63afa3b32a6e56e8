"""The report as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.conformance.check import Finding, Outcome
from bpp.conformance.judge import Report


def text_report(report: Report) -> str:
    """Flow by flow, then what failed, then what did not run."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"Conformance of {report.subject}"
    yield ""
    for flow in report.flows:
        ended = flow.not_played or (f"broke off: {flow.ended}" if flow.ended else "")
        yield f"  {flow.title}: {len(flow.records)} messages{'; ' + ended if ended else ''}"
    for title, findings in (("Errors", report.errors), ("Warnings", report.warnings)):
        if findings:
            yield ""
            yield f"{title} ({len(findings)})"
            for one in findings:
                yield from _finding(one)
    idle = [one for one in report.summaries if one.outcome is Outcome.NOT_RUN]
    if idle:
        yield ""
        yield f"Not run ({len(idle)})"
        for summary in idle:
            yield f"  {summary.check.name}: {'; '.join(summary.reasons[:2])}"
    counts = {outcome: sum(one.outcome is outcome for one in report.summaries) for outcome in Outcome}
    yield ""
    yield ", ".join(f"{count} checks {outcome.value}" for outcome, count in counts.items())
    yield "CONFORMS" if report.passed else "DOES NOT CONFORM"


def _finding(one: Finding) -> Iterator[str]:
    yield f"  {one.check} in {one.flow}, {one.message}"
    yield f"    {one.path}: expected {one.expected}; found {one.found}"

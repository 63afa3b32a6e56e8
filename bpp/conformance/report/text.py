"""The report as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpp.conformance.check import Finding, Outcome, Severity
from bpp.conformance.judge import Summary
from bpp.conformance.report.edition import Edition, counted, ending

MOST_FINDINGS = 10
"""Findings of one check that are told; a fault of every message would hide the other checks."""
MOST_REASONS = 2


def text_report(edition: Edition) -> str:
    """Flow by flow, then check by check what failed, then what did not run, and the verdict at the end."""
    return "\n".join(printable(line) for line in _lines(edition)) + "\n"


def printable(line: str) -> str:
    """A line without what would move a terminal's cursor or change its colours: some of it was said by strangers."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in line)


def _lines(edition: Edition) -> Iterator[str]:
    report = edition.report
    yield f"Conformance of {report.subject}, {edition.made_at}"
    yield ""
    yield f"Flows ({len(report.flows)})"
    for flow in report.flows:
        ended = ending(flow)
        yield f"  {flow.title}: {counted(len(flow.records), 'message')}{'; ' + ended if ended else ''}"
    failed = edition.ended_as(Outcome.FAILED)
    for heading, severity in (("Errors", Severity.ERROR), ("Warnings", Severity.WARNING)):
        yield from _failed(heading, [one for one in failed if one.check.severity is severity])
    if idle := edition.ended_as(Outcome.NOT_RUN):
        yield ""
        yield f"Not run ({len(idle)})"
        for summary in idle:
            yield f"  {summary.check.name}: {_reasons(summary.reasons)}"
    yield ""
    yield f"{edition.verdict}: {edition.ground}"


def _failed(heading: str, summaries: Sequence[Summary]) -> Iterator[str]:
    if not summaries:
        return
    findings = sum(len(one.findings) for one in summaries)
    yield ""
    yield f"{heading} ({findings} of {counted(len(summaries), 'check')})"
    for summary in summaries:
        yield f"  {summary.check.name}: {summary.check.title} [{'; '.join(summary.check.sources)}]"
        for finding in summary.findings[:MOST_FINDINGS]:
            yield from _finding(finding)
        if (more := len(summary.findings) - MOST_FINDINGS) > 0:
            yield f"    … and {more} more"


def _finding(one: Finding) -> Iterator[str]:
    yield f"    {one.flow}, {one.message}" if one.message else f"    {one.flow}"
    yield f"      {one.path}: expected {one.expected}; found {one.found}"


def _reasons(reasons: Sequence[str]) -> str:
    more = len(reasons) - MOST_REASONS
    return "; ".join(reasons[:MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")

"""The report as one HTML page that needs nothing beside itself: no script, no font, no picture, no network.

It is read on a screen, a telephone and paper. Whatever a seller or a file said is escaped by the template; the page's
own policy forbids scripts and every request besides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bpp.conformance.check import Check, Finding, Outcome, Severity, Verdict
from bpp.conformance.judge import Summary
from bpp.conformance.programme import SCENARIOS
from bpp.conformance.record import Flow, Note, Record
from bpp.conformance.report.edition import Edition, answered_in, counted, ending, state_of
from bpp.conformance.report.pretty import allowance, readable

TEMPLATES = Path(__file__).parent
ALL_BODIES = 2_500_000
"""Characters of messages in one page: that of a whole run stays below a few MB."""
ONE_BODY = 24_000
"""Characters of one message: a catalog is longer, and nobody reads it to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is shown of a message: its beginning where it is ``length`` characters long and that is too much."""

    text: str
    length: int

    @property
    def shortened(self) -> bool:
        """Whether something is left out."""
        return len(self.text) < self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message as the page tells it. ``notes`` are what was seen right after it."""

    anchor: str
    record: Record
    state: str
    seconds: float | None
    body: Body
    findings: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A failed check of a flow with all its findings, each with the anchor of its message or an empty text."""

    check: Check
    findings: tuple[tuple[Finding, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A flow as the page tells it."""

    anchor: str
    flow: Flow
    title: str
    ending: str
    failed: tuple[Failed, ...]
    said: tuple[Said, ...]
    before: tuple[str, ...]
    """What was seen before the first message."""
    counts: Mapping[Outcome, int]
    errors: int
    warnings: int


def html_report(edition: Edition) -> str:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"counted": counted, "content": _content}
    chapters = _chapters(edition)
    return environment.get_template("page.html.j2").render(
        edition=edition,
        report=edition.report,
        chapters=chapters,
        anchors={one.flow.title: one.anchor for one in chapters},
        failed=sorted(edition.ended_as(Outcome.FAILED), key=_errors_first),
        idle=edition.ended_as(Outcome.NOT_RUN),
        passed=edition.ended_as(Outcome.PASSED),
        style=Markup((TEMPLATES / "page.css").read_text(encoding="utf-8")),  # noqa: S704  our own file
    )


def _errors_first(one: Summary | Verdict) -> bool:
    return one.check.severity is not Severity.ERROR


def _content(text: str) -> Markup:
    """Text between tags, where quotation marks may stay as they are: JSON is full of them."""
    return Markup(escape(text, quote=False))  # noqa: S704  escaped here


def _chapters(edition: Edition) -> list[Chapter]:
    bodies = [[readable(one) for one in flow.records] for flow in edition.report.flows]
    limit = allowance((len(text) for texts in bodies for text in texts), ALL_BODIES, ONE_BODY)
    return [
        _chapter(edition, flow, f"flow-{number}", [Body(text=text[:limit], length=len(text)) for text in texts])
        for number, (flow, texts) in enumerate(zip(edition.report.flows, bodies, strict=True), 1)
    ]


def _chapter(edition: Edition, flow: Flow, anchor: str, bodies: list[Body]) -> Chapter:
    titles = {one.name: one.title for one in SCENARIOS}
    verdicts = edition.report.of_flow(flow)
    failed = tuple(
        Failed(check=one.check, findings=tuple((each, _anchor(anchor, each.number)) for each in one.findings))
        for one in sorted(verdicts, key=_errors_first)
        if one.findings
    )
    by_message = Counter(each.number for one in failed for each, _ in one.findings)
    by_severity: Counter[Severity] = Counter()
    for one in failed:
        by_severity[one.check.severity] += len(one.findings)
    return Chapter(
        anchor=anchor,
        flow=flow,
        title=titles.get(flow.name, ""),
        ending=ending(flow),
        failed=failed,
        said=tuple(
            Said(
                anchor=_anchor(anchor, record.number),
                record=record,
                state=state_of(record),
                seconds=answered_in(flow, record),
                body=body,
                findings=by_message[record.number],
                notes=_notes(flow, record.number),
            )
            for record, body in zip(flow.records, bodies, strict=True)
        ),
        before=_notes(flow, 0),
        counts=Counter(one.outcome for one in verdicts),
        errors=by_severity[Severity.ERROR],
        warnings=by_severity[Severity.WARNING],
    )


def _anchor(flow: str, number: int | None) -> str:
    return "" if number is None else f"{flow}-{number}"


def _notes(flow: Flow, after: int) -> tuple[str, ...]:
    return tuple(_note(one) for one in flow.notes if one.after == after)


def _note(note: Note) -> str:
    value: Any = note.value
    match note.kind:
        case "silence":
            return f"Listened for {value:g} s."
        case "fetched":
            return f"Fetched {value['url']}: {value['status']}."
        case kind:
            told = ", ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, dict) else value
            return f"{kind.replace('_', ' ').capitalize()}: {told}"

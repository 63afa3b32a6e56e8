"""Recorded messages as files: that they are JSON, and that what was sealed is unchanged. Source: protocol 0; ADR 34."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.conformance.check import Check, Fault, NotRun, Select, Severity, Subject
from bpp.conformance.evidence.notes import FILE, LEFT_OUT, SEALED, ReadFile, Sealed
from bpp.conformance.record import Flow


def _noted(*kinds: str) -> Select:
    def select(flow: Flow) -> Iterator[Subject]:
        if any(one.kind in kinds for one in flow.notes):
            yield Subject(flow)

    return select


def _files(subject: Subject) -> Iterator[ReadFile]:
    return (one.value for one in subject.flow.notes if one.kind == FILE)


def _seals(subject: Subject) -> Iterator[Sealed]:
    return (one.value for one in subject.flow.notes if one.kind == SEALED)


def _readable(subject: Subject, *, requests: bool) -> Iterator[Fault | NotRun]:
    for one in _files(subject):
        if one.problem and one.request == requests:
            found = f"{one.problem}{'; read without its superfluous commas' if one.mended else ''}"
            yield Fault(f"{one.file} line {one.line} column {one.column}", "JSON", found)
    if not requests:
        yield from (NotRun(f"not read: {one.value}") for one in subject.flow.notes if one.kind == LEFT_OUT)


def _signature(subject: Subject) -> Iterator[Fault | NotRun]:
    for one in _seals(subject):
        if one.signature:
            yield Fault(one.manifest, "a signature that holds over exactly these bytes", one.signature)
        elif one.unproven:
            yield NotRun(one.unproven)


def _unchanged(subject: Subject) -> Iterator[Fault]:
    for seal in _seals(subject):
        yield from (Fault(one.file, one.expected, one.found) for one in seal.changed)


def _complete(subject: Subject) -> Iterator[Fault]:
    for seal in _seals(subject):
        yield from (Fault(one.file, one.expected, one.found) for one in seal.missing_or_added)


CHECKS: tuple[Check, ...] = (
    Check(
        name="readable_json",
        title="Every recorded callback is JSON",
        sources=("protocol 0",),
        of=_noted(FILE, LEFT_OUT),
        needs="recorded file",
        judge=lambda subject: _readable(subject, requests=False),
    ),
    Check(
        name="readable_requests",
        title="Every recorded request is JSON",
        sources=("protocol 0",),
        of=_noted(FILE),
        needs="recorded file",
        judge=lambda subject: _readable(subject, requests=True),
        severity=Severity.WARNING,
    ),
    Check(
        name="evidence_signed",
        title="The manifest of a folder of evidence is signed by the registered key of who recorded it",
        sources=("ADR 34",),
        of=_noted(SEALED),
        needs="manifest beside recorded files",
        judge=_signature,
    ),
    Check(
        name="evidence_unchanged",
        title="Every file of a folder of evidence has the digests that its manifest says",
        sources=("ADR 34",),
        of=_noted(SEALED),
        needs="manifest beside recorded files",
        judge=_unchanged,
    ),
    Check(
        name="evidence_complete",
        title="A folder of evidence has the files that its manifest names, and no others",
        sources=("ADR 34",),
        of=_noted(SEALED),
        needs="manifest beside recorded files",
        judge=_complete,
    ),
)

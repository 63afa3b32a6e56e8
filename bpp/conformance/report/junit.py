"""The report as JUnit XML, which build servers show: a suite for each flow, a case for each check that looked at it.

Most checks have nothing to look at in most flows, and a case for each would bury the others; so a check that ran in no
flow at all is a case of a last suite, ``skipped`` with its reasons, and each check is told at least once. What counts
against the seller is a ``failure``; a warning that does not count stands in ``system-out`` of a case that passed. That
the flow came to its end is a case of its own.
Source: the format that Ant's JUnit task wrote first, as build servers read it: https://github.com/testmoapp/junitxml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from bpp.conformance.check import Finding, Outcome, Severity, Verdict
from bpp.conformance.judge import Summary
from bpp.conformance.record import Flow
from bpp.conformance.report.edition import Edition, ending

ENDS = "the flow comes to its end"
IDLE = "checks that did not run"
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_report(edition: Edition) -> bytes:
    """The document as UTF-8 XML; characters that XML 1.0 has no place for are replaced."""
    suites = ET.Element("testsuites", name=_text(f"Conformance of {edition.report.subject}"))
    for flow in edition.report.flows:
        ran = (one for one in edition.report.of_flow(flow) if one.outcome is not Outcome.NOT_RUN)
        cases = [_end(flow), *(_case(edition, flow, one) for one in ran)]
        suites.append(_suite(edition, flow.title, cases, _lasted(flow)))
    if idle := edition.ended_as(Outcome.NOT_RUN):
        suites.append(_suite(edition, IDLE, [_idle(one) for one in idle], 0.0))
    for key in ("tests", "failures", "errors", "skipped"):
        suites.set(key, str(sum(int(one.get(key, "0")) for one in suites)))
    ET.indent(suites)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode").encode() + b"\n"


def _suite(edition: Edition, name: str, cases: Sequence[ET.Element], seconds: float) -> ET.Element:
    suite = ET.Element(
        "testsuite",
        name=_text(name),
        timestamp=f"{edition.made:%Y-%m-%dT%H:%M:%S}",
        tests=str(len(cases)),
        failures=str(sum(one.find("failure") is not None for one in cases)),
        errors=str(sum(one.find("error") is not None for one in cases)),
        skipped=str(sum(one.find("skipped") is not None for one in cases)),
        time=f"{seconds:.3f}",
    )
    suite.extend(cases)
    return suite


def _end(flow: Flow) -> ET.Element:
    case = ET.Element("testcase", classname=_text(flow.title), name=ENDS, time="0")
    if flow.not_played:
        ET.SubElement(case, "skipped", message=_text(flow.not_played))
    elif flow.ended:
        ET.SubElement(case, "error", type="broken", message=_text(ending(flow)))
    return case


def _case(edition: Edition, flow: Flow, verdict: Verdict) -> ET.Element:
    case = ET.Element("testcase", classname=_text(flow.title), name=verdict.check.name, time="0")
    told = "\n\n".join(_told(one) for one in verdict.findings)
    counts = edition.strict or verdict.check.severity is Severity.ERROR
    if verdict.outcome is Outcome.FAILED and counts:
        about = f"{verdict.check.title} [{'; '.join(verdict.check.sources)}]"
        failure = ET.SubElement(case, "failure", type=verdict.check.severity.value, message=_text(about))
        failure.text = _text(told)
    elif verdict.outcome is Outcome.FAILED:
        ET.SubElement(case, "system-out").text = _text(f"warning: {verdict.check.title}\n{told}")
    return case


def _idle(summary: Summary) -> ET.Element:
    case = ET.Element("testcase", classname=IDLE, name=summary.check.name, time="0")
    ET.SubElement(case, "skipped", message=_text("; ".join(summary.reasons)))
    return case


def _told(one: Finding) -> str:
    return f"message: {one.message}\npath: {one.path}\nexpected: {one.expected}\nfound: {one.found}"


def _lasted(flow: Flow) -> float:
    moments = [one.elapsed for one in flow.records if one.elapsed is not None]
    return max(moments) - min(moments) if moments else 0.0


def _text(value: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value)

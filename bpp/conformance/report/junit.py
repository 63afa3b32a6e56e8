"""The report as JUnit XML, which build servers show: a suite of the flows and a suite of the checks.

A flow is a case that passes where it came to its end. A check is one case over all flows, whatever its outcome, so that
each run has the same cases and a build server can tell since when one fails: one that did not run is ``skipped`` with
its reasons, what counts against the seller is a ``failure`` that says in which flows, and a warning that does not count
stands in ``system-out`` of a case that passed.
Source: the format that Ant's JUnit task wrote first, as build servers read it: https://github.com/testmoapp/junitxml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from bpp.conformance.check import Finding, Outcome, Severity
from bpp.conformance.judge import Summary
from bpp.conformance.record import Flow
from bpp.conformance.report.edition import Edition, ending

FLOWS = "flows"
CHECKS = "checks"
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_report(edition: Edition) -> bytes:
    """The document as UTF-8 XML; characters that XML 1.0 has no place for are replaced."""
    suites = ET.Element("testsuites", name=_text(f"Conformance of {edition.report.subject}"))
    suites.append(_suite(edition, FLOWS, [_flow(one) for one in edition.report.flows]))
    suites.append(_suite(edition, CHECKS, [_check(edition, one) for one in edition.report.summaries]))
    for key in ("tests", "failures", "errors", "skipped"):
        suites.set(key, str(sum(int(one.get(key, "0")) for one in suites)))
    ET.indent(suites)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode").encode() + b"\n"


def _suite(edition: Edition, name: str, cases: Sequence[ET.Element]) -> ET.Element:
    suite = ET.Element(
        "testsuite",
        name=name,
        timestamp=f"{edition.made:%Y-%m-%dT%H:%M:%S}",
        tests=str(len(cases)),
        failures=str(sum(one.find("failure") is not None for one in cases)),
        errors=str(sum(one.find("error") is not None for one in cases)),
        skipped=str(sum(one.find("skipped") is not None for one in cases)),
        time=f"{sum(float(one.get('time', '0')) for one in cases):.3f}",
    )
    suite.extend(cases)
    return suite


def _flow(flow: Flow) -> ET.Element:
    case = ET.Element("testcase", classname=FLOWS, name=_text(flow.title), time=f"{_lasted(flow):.3f}")
    if flow.not_played:
        ET.SubElement(case, "skipped", message=_text(flow.not_played))
    elif flow.ended:
        ET.SubElement(case, "error", type="broken", message=_text(ending(flow)))
    return case


def _check(edition: Edition, summary: Summary) -> ET.Element:
    check = summary.check
    case = ET.Element("testcase", classname=CHECKS, name=check.name, time="0")
    told = "\n\n".join(_told(one) for one in summary.findings)
    if summary.outcome is Outcome.NOT_RUN:
        ET.SubElement(case, "skipped", message=_text("; ".join(summary.reasons)))
    elif summary.outcome is Outcome.FAILED and (edition.strict or check.severity is Severity.ERROR):
        about = f"{check.title} [{'; '.join(check.sources)}]"
        failure = ET.SubElement(case, "failure", type=check.severity.value, message=_text(about))
        failure.text = _text(told)
    elif summary.outcome is Outcome.FAILED:
        ET.SubElement(case, "system-out").text = _text(f"warning: {check.title}\n{told}")
    return case


def _told(one: Finding) -> str:
    return f"flow: {one.flow}\nmessage: {one.message}\npath: {one.path}\nexpected: {one.expected}\nfound: {one.found}"


def _lasted(flow: Flow) -> float:
    moments = [one.elapsed for one in flow.records if one.elapsed is not None]
    return max(moments) - min(moments) if moments else 0.0


def _text(value: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value)

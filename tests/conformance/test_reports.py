"""The same findings as text, JSON, JUnit XML and HTML: each says all of it, and nobody's words break out of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import orjson
import pytest

from bpp.conformance.check import Outcome
from bpp.conformance.record import Note
from bpp.conformance.report.document import json_report
from bpp.conformance.report.junit import junit_report
from bpp.conformance.report.page import ALL_BODIES, ONE_BODY, html_report
from bpp.conformance.report.pretty import allowance, laid_out, readable
from bpp.conformance.report.text import MOST_FINDINGS, text_report
from bpp.conformance.report.write import write_reports
from tests.conformance.reporting import (
    FAILS,
    HOSTILE,
    IDLE,
    PASSES,
    UNMET,
    WARNS,
    edition,
    hostile_edition,
    played,
    recorded,
)
from tests.support.sources import ROOT

FAULTY = (PASSES, FAILS, WARNS, IDLE, UNMET)
ODD = played("odd", recorded(1, "select"), recorded(2, "on_select", {"id": "O-1", "status": "Odd"}))

# The verdict


@pytest.mark.parametrize(
    ("told", "conforms"),
    [
        (edition(), True),
        (edition(checks=(PASSES, FAILS)), False),
        (edition(ODD, checks=(PASSES, WARNS)), True),
        (edition(ODD, checks=(PASSES, WARNS), strict=True), False),
        (edition(checks=(UNMET,)), False),
        (edition(played(ended="init: nothing came")), False),
        (edition(played(), played("other", not_played="nobody acts")), True),
    ],
    ids=["right", "wrong", "a warning", "a warning that counts", "nothing judged", "broke off", "not played"],
)
def test_a_seller_conforms_where_something_was_judged_and_nothing_that_counts_failed(told, conforms):
    assert told.conforms is conforms
    assert json.loads(json_report(told))["conforms"] is conforms
    assert text_report(told).splitlines()[-1].startswith("CONFORMS:" if conforms else "DOES NOT CONFORM:")
    assert f'<p class="verdict">{told.verdict}</p>' in html_report(told)


def test_the_ground_of_a_verdict_says_what_was_left_out():
    told = edition(
        played(), replace(played("other", not_played="nobody acts"), records=()), checks=(PASSES, FAILS, IDLE, UNMET)
    )

    assert told.ground == "1 check passed, 1 failed; 1 error; 1 flow not played; 2 checks not run."
    assert edition(checks=(UNMET,)).ground == "nothing was judged; 1 check not run."


def test_a_check_that_did_not_run_says_why_and_not_what_other_flows_lack():
    left = replace(played("left", not_played="not played: the plan names no such service"), records=())
    one = played("cut", ended="issue: HTTP 404")
    other = played("broken", ended="init: nothing came")

    def reasons(*flows):
        return edition(*flows, checks=(UNMET,)).report.summaries[0].reasons

    assert reasons(played(), left) == ("there was no callback",)
    assert reasons(played(), one, left) == ("there was no callback; the flow broke off: issue: HTTP 404",)
    assert reasons(played(), one, other) == ("there was no callback",)
    unread = edition(replace(played(), records=()), played("other"), checks=(IDLE,)).report.summaries[0]
    assert unread.reasons == ("nothing was recorded of it",)
    assert reasons(left) == ("not played: the plan names no such service",)
    assert reasons(played(not_played="not played: not served")) == ("there was no callback; not played: not served",)


# Text


def test_the_text_says_flow_by_flow_and_check_by_check_what_was_wrong_and_what_did_not_run():
    text = text_report(edition(ODD, played("cut", ended="init: nothing came"), checks=FAULTY))

    assert "  cut ONDC:SRV11: 2 messages; broke off: init: nothing came\n" in text
    assert (
        "  always_wrong: Title of always_wrong [assertion 1; protocol 1.0]\n    odd ONDC:SRV11, 02 on_select\n" in text
    )
    assert "      message.order.id: expected another number; found O-1\n" in text
    assert "Warnings (1 of 1 check)\n  mindful: " in text
    assert "  never_met: there was no callback" in text


def test_a_fault_of_every_message_does_not_hide_the_others():
    flows = [played(f"flow_{number}") for number in range(MOST_FINDINGS + 3)]

    text = text_report(edition(*flows, checks=FAULTY))

    assert text.count("expected another number") == MOST_FINDINGS
    assert "    … and 3 more\n" in text


def test_a_stranger_cannot_write_to_the_terminal():
    text = text_report(hostile_edition())

    assert HOSTILE in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


# JSON


def test_the_keys_of_the_json_report_are_those_that_are_documented():
    documented = set(re.findall(r"^\| `([\w.\[\]]+)`", (ROOT / "docs/conformance-report.md").read_text(), re.MULTILINE))
    told = hostile_edition()

    assert set(_paths(json.loads(json_report(told)))) == documented


def _paths(value, path=""):
    if isinstance(value, dict) and not path.endswith("notes[].value"):
        for key, one in value.items():
            below = f"{path}.{key}".lstrip(".")
            yield below
            yield from _paths(one, below)
    elif isinstance(value, list):
        for one in value:
            yield from _paths(one, f"{path}[]")


def test_the_json_report_says_what_was_said_and_found():
    document = json.loads(json_report(edition(ODD, checks=FAULTY)))

    checks = {one["name"]: one for one in document["checks"]}
    assert document["counts"]["errors"] == document["counts"]["warnings"] == 1
    assert [one["action"] for one in document["flows"][0]["messages"]] == ["select", "on_select"]
    assert document["flows"][0]["messages"][1]["state"] == "Odd"
    assert checks["always_wrong"]["findings"] == [
        {
            "flow": "odd ONDC:SRV11",
            "message": "02 on_select",
            "number": 2,
            "path": "message.order.id",
            "expected": "another number",
            "found": "O-1",
        }
    ]
    assert checks["without_ground"]["outcome"] == "not run"
    assert checks["without_ground"]["reasons"] == ["nothing was recorded of it"]


# JUnit XML: the elements and attributes that build servers know, and where each may stand

ALLOWED = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time", "timestamp"}, {"testcase"}),
    "testcase": ({"name", "classname", "time"}, {"failure", "error", "skipped", "system-out"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}


def read_xml(document):
    return ET.fromstring(document)  # noqa: S314  our own


@pytest.mark.parametrize(
    "told", [edition(), edition(ODD, checks=FAULTY), hostile_edition()], ids=["right", "wrong", "hostile"]
)
def test_the_xml_has_the_form_that_build_servers_read(told):
    root = read_xml(junit_report(told))

    assert root.tag == "testsuites"
    for one in root.iter():
        attributes, children = ALLOWED[one.tag]
        assert set(one.attrib) <= attributes
        assert {child.tag for child in one} <= children
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.attrib["tests"]) == len(cases) == len({one.attrib["name"] for one in cases})
        for kind, key in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.attrib[key]) == sum(one.find(kind) is not None for one in cases)
        assert float(suite.attrib["time"]) >= 0
    for key in ("tests", "failures", "errors", "skipped"):
        assert int(root.attrib[key]) == sum(int(suite.attrib[key]) for suite in root)


def test_each_flow_and_each_check_is_one_case_whatever_its_outcome():
    told = edition(
        ODD, played("cut", ended="init: nothing came"), played("left", not_played="nobody acts"), checks=FAULTY
    )

    suites = read_xml(junit_report(told)).findall("testsuite")

    assert [one.attrib["name"] for one in suites] == ["flows", "checks"]
    flows, checks = ({one.attrib["name"]: one for one in suite} for suite in suites)
    assert list(flows) == ["odd ONDC:SRV11", "cut ONDC:SRV11", "left ONDC:SRV11"]
    assert flows["odd ONDC:SRV11"].find("*") is None
    assert flows["cut ONDC:SRV11"].find("error").attrib["message"] == "broke off: init: nothing came"
    assert flows["left ONDC:SRV11"].find("skipped").attrib["message"] == "nobody acts"
    assert float(flows["odd ONDC:SRV11"].attrib["time"]) == 0.5
    assert list(checks) == [one.name for one in FAULTY]
    assert (
        "flow: odd ONDC:SRV11\nmessage: 02 on_select\npath: message.order.id\nexpected: another number\nfound: O-1\n\nflow: "
        in checks["always_wrong"].findtext("failure")
    )
    assert checks["always_right"].find("*") is None
    assert checks[IDLE.name].find("skipped").attrib["message"] == "nothing was recorded of it"
    assert checks[UNMET.name].find("skipped") is not None


@pytest.mark.parametrize(("strict", "kind"), [(False, "system-out"), (True, "failure")])
def test_a_warning_fails_a_build_only_where_it_counts(strict, kind):
    root = read_xml(junit_report(edition(ODD, checks=(WARNS,), strict=strict)))

    assert "Odd" in root.findtext(f"testsuite/testcase[@name='mindful']/{kind}")


# HTML


class Tags(HTMLParser):
    """The tags of a page, and the addresses that it names."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.addresses, self.ids = set(), set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses |= {value for name, value in attrs if name in {"src", "href"}}
        self.ids += [value for name, value in attrs if name == "id"]


@pytest.mark.parametrize("told", [edition(ODD, checks=FAULTY), hostile_edition()], ids=["wrong", "hostile"])
def test_the_page_holds_no_tag_and_no_address_of_a_stranger(told):
    page = Tags(html_report(told))

    assert not page.tags & {"script", "img", "iframe", "object", "form"}
    assert {one for one in page.addresses if not one.startswith("#")} == {"data:,"}
    assert {one.removeprefix("#") for one in page.addresses if one.startswith("#")} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_errors_stand_before_warnings_and_lead_to_their_flows():
    flows = [played(f"flow_{n}", recorded(1, "select"), recorded(2, "on_select", {"status": "Odd"})) for n in range(7)]

    page = html_report(edition(*flows, checks=(WARNS, FAILS)))

    assert page.index("Title of always_wrong") < page.index("Title of mindful")
    assert '<a href="#flow-5-always_wrong">flow_4 ONDC:SRV11</a> and 2 more</span>' in " ".join(page.split())


def test_a_long_message_is_shortened_and_the_page_says_how_long_it_is():
    catalog = recorded(2, "on_search", {"items": [{"id": f"I-{number}", "name": "x" * 80} for number in range(3000)]})
    whole = len(readable(catalog))

    page = html_report(edition(played("search", recorded(1, "search"), catalog)))

    assert f"the first {ONE_BODY:,} of {whole:,} characters are shown" in page
    assert len(page) < whole < 600_000


def test_the_page_of_a_long_run_stays_below_a_few_megabytes():
    order = {"items": [{"id": f"I-{number}", "name": 'a "name"', "price": {"value": "1"}} for number in range(100)]}
    flows = [played(f"flow_{n}", *(recorded(m, "on_status", order) for m in range(1, 31))) for n in range(40)]

    page = html_report(edition(*flows))

    assert len(page.encode()) < ALL_BODIES + 40 * 30 * 1500


def test_what_was_seen_beside_the_messages_stands_after_the_message_before_it():
    notes = (
        Note(kind="silence", after=2, value=1.5),
        Note(kind="fetched", after=1, value={"url": "http://seller.example/i", "status": 200}),
        Note(kind="deed", after=0, value={"event": "depart", "taken": True}),
    )

    page = html_report(edition(played(notes=notes)))

    places = [
        page.index(one)
        for one in (
            "Deed: event depart, taken True",
            'id="flow-1-1"',
            "Fetched http://seller.example/i: 200.",
            'id="flow-1-2"',
            "Listened for 1.5 s.",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("lengths", "total", "most", "allowed"),
    [
        ([], 100, 50, 50),
        ([10, 20], 100, 50, 50),
        ([10, 90], 100, 90, 90),
        ([10, 200], 100, 500, 90),
        ([100, 100, 10], 100, 500, 45),
        ([200, 200], 100, 30, 30),
    ],
)
def test_short_messages_leave_their_room_to_long_ones(lengths, total, most, allowed):
    assert allowance(lengths, total, most) == allowed
    assert sum(min(one, allowed) for one in lengths) <= total


def test_laying_out_changes_nothing_of_a_message():
    document = {"a": {"b": [{"c": 1, "d": "x" * 90}, [], {}, None, True, 1.5], "नल": "ठीक"}, "e": [list(range(60))]}

    assert orjson.loads(laid_out(document)) == document
    assert '"c": 1,\n' in laid_out(document)
    assert laid_out({"a": {"b": 1}}) == '{"a": {"b": 1}}'


@pytest.mark.parametrize("depth", [30, 900, 1020])
def test_a_message_nested_beyond_reading_is_shown_all_the_same(depth):
    deep = '{"a":' * depth + "1" + "}" * depth

    shown = readable(recorded(2, "on_select", document=orjson.loads(deep), body=deep.encode()))

    assert "".join(shown.split()) == deep
    assert len(shown) < len(deep) + 10_000


# All of them


def test_all_four_are_written_whatever_was_said(tmp_path):
    written = write_reports(hostile_edition(), tmp_path / "new" / "folder")

    assert {one.name for one in written} == {"report.txt", "report.json", "junit.xml", "report.html"}
    assert all(one.read_text(encoding="utf-8").strip() for one in written)
    assert [one.outcome for one in hostile_edition().report.summaries].count(Outcome.FAILED) == 2

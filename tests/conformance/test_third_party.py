"""The recorded messages of a certified third party: what is wrong in them is found, and nothing that is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpp.conformance.check import Outcome
from bpp.conformance.checks import cancelling, ids, standing, visits
from bpp.conformance.evidence.arrange import BY_TIME
from bpp.conformance.evidence.read import read_folder
from bpp.conformance.judge import judge
from bpp.conformance.path import schematic
from tests.conformance.third_party_faults import FLOWS, KNOWN

SHARED = Path(__file__).parents[3] / "shared"
FOLDER = SHARED / "traffic" / "mystore-seller"

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the third party's messages are not in this repository")


def test_exactly_the_known_faults_of_a_third_party_are_found() -> None:
    report = judge("a third party", read_folder(FOLDER).flows)

    found = {
        (one.check, schematic(one.path), f"{one.flow.split()[0]}/{one.message.removesuffix('.json')}")
        for one in (*report.errors, *report.warnings)
    }
    known = {(row.check, row.path, message) for row in KNOWN for message in row.messages}
    assert sorted(found - known) == []
    assert sorted(known - found) == []


def test_its_folders_are_its_flows_in_the_order_of_time() -> None:
    recorded = read_folder(FOLDER)

    assert tuple(one.name for one in recorded.flows if one.records) == FLOWS
    assert sum(len(one.records) for one in recorded.flows) == len([*FOLDER.rglob("*.json")])
    assert set(recorded.orders.values()) == {BY_TIME}
    assert (recorded.aside, recorded.ignored, recorded.broken) == ({}, 0, ())


def test_what_is_not_recorded_is_not_judged_and_the_verdict_says_so() -> None:
    report = judge("a third party", read_folder(FOLDER).flows)

    idle = {one.check.name: one.reasons for one in report.summaries if one.outcome is Outcome.NOT_RUN}
    assert all(idle.values())
    assert {"callback_in_time", "evidence_signed", "evidence_unchanged", "evidence_complete"} <= set(idle)


def test_examples_in_one_folder_under_one_message_id_are_no_conversation() -> None:
    recorded = read_folder(SHARED / "ondc-srv" / "examples")
    report = judge("the specification's examples", recorded.flows)

    failed = {one.check.name for one in report.summaries if one.outcome is Outcome.FAILED}
    assert {len(one.records) for one in recorded.flows} == {0, 1}
    assert {"shape_timestamp", "quote_sum", "payments_sum", "line_item", "duration_iso"} <= failed
    assert failed.isdisjoint({one.name for one in (*ids.CHECKS, *visits.CHECKS, *standing.CHECKS, *cancelling.CHECKS)})
    assert "required_on_select_message_order_items_category_ids" not in failed  # nobody knows what was selected

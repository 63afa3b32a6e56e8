"""Grievances and reconciliation: an honest seller raises nothing, and each fault of what it says is found."""

from __future__ import annotations

from pathlib import Path

from bpp.conformance.check import Outcome, apply
from bpp.conformance.checklist import CHECKS
from bpp.conformance.evidence.read import read_folder
from bpp.conformance.evidence.write import write_evidence
from bpp.conformance.judge import judge
from bpp.conformance.record import Flow
from bpp.conformance.scenarios import complaints, complaints_refused, filing, reconciling
from bpp.sandbox.identities import BUYER
from tests.conformance import faults_filing, faults_grievances, faults_reconciling
from tests.conformance.altered import Altered
from tests.conformance.ground import Ground, proving_ground
from tests.support.seeded import seeded_sqlite

SETTLEMENT = (*reconciling.SCENARIOS, *filing.SCENARIOS)
GRIEVANCES = (*complaints.SCENARIOS, *complaints_refused.SCENARIOS)
BY_NAME = {one.name: one for one in CHECKS}
TWELVE_STEPS = {
    "issue_open",
    "on_issue_processing",
    "issue_status",
    "on_issue_status_processing",
    "on_issue_info_requested",
    "issue_info_provided",
    "on_issue_processing_2",
    "on_issue_info_requested_2",
    "issue_info_provided_2",
    "on_issue_processing_3",
    "on_issue_resolution_proposed",
    "issue_resolution_accepted",
    "on_issue_resolved",
    "issue_status_2",
    "on_issue_status_resolved",
    "issue_closed",
}
"""The files of the official flow, with a question at two places (network 1.4)."""

CORRECTED = {"settle", "report", "on_report", "recon", "on_recon", "settle_2", "on_settle"}


def problems(flows: tuple[Flow, ...]) -> list[str]:
    """What is wrong where nothing may be."""
    report = judge("an honest seller", flows)
    ended = [f"{one.title}: {one.ended or one.not_played}" for one in flows if one.ended or one.not_played]
    found = [
        f"{one.check} {one.flow} {one.message} {one.path}: {one.expected}; {one.found}"
        for one in report.errors + report.warnings
    ]
    return ended + found


def unfound(rows: tuple[Altered, ...], flows: tuple[Flow, ...]) -> list[str]:
    """The faults that their checks do not find."""
    by_name = {one.name: one for one in flows}
    return [
        one.id
        for one in rows
        if apply(BY_NAME[one.check], one.alter(by_name[one.scenario])).outcome is not Outcome.FAILED
    ]


def recorded(flows: tuple[Flow, ...], folder: Path) -> Path:
    """Evidence in which nothing is wrong when it is read back: as a whole, and as a pull request has it."""
    entity = write_evidence(folder / "evidence", "bpp.sandbox.example", flows, BUYER)
    assert problems(read_folder(folder / "evidence", folder / "registry.json").flows) == []
    for place in sorted((entity / "seller").iterdir()):
        if place.name != "probes":
            assert problems(read_folder(place).flows) == []
    return entity / "seller"


async def test_each_fault_in_what_a_seller_says_of_complaints_is_found_and_an_honest_one_has_none(
    ground: Ground, tmp_path: Path
) -> None:
    flows = await ground.played(*GRIEVANCES, domain="ONDC:SRV11")

    assert problems(flows) == []
    assert unfound(faults_grievances.ALTERED, flows) == []
    seller = recorded(flows, tmp_path)
    assert {one.name for one in seller.iterdir()} == {"igm-1.0.0", "igm-2.0.0", "probes"}
    assert {one.stem for one in (seller / "igm-2.0.0" / "issue_resolved_flow").iterdir()} >= TWELVE_STEPS


async def test_each_fault_in_a_reconciliation_and_in_a_settlement_is_found_and_an_honest_seller_has_none(
    ground: Ground, tmp_path: Path
) -> None:
    flows = await ground.played(*SETTLEMENT, domain="ONDC:SRV11")

    assert problems(flows) == []
    assert unfound(faults_reconciling.ALTERED + faults_filing.ALTERED, flows) == []
    seller = recorded(flows, tmp_path) / "rsf-2.0.0"
    said = {one.stem for one in (seller / "reconciliation_flow").iterdir()}
    assert said >= {"recon", "on_recon", "recon_differing", "on_recon_differing", "recon_agreed", "on_recon_agreed"}
    assert {one.stem for one in (seller / "settlement_corrected_flow").iterdir()} >= CORRECTED


async def test_who_files_with_no_agency_is_not_played_and_what_he_serves_is(tmp_path: Path) -> None:
    async with proving_ground(seeded_sqlite(tmp_path), tmp_path, BPP_SETTLEMENT="off") as ground:
        flows = await ground.played(*filing.SCENARIOS, domain="ONDC:SRV11")

    not_played = {one.name: one.not_played for one in flows if one.not_played}
    assert set(not_played) == {"settlement", "settlement_corrected"}
    assert all("not served: the seller's side does not settle: HTTP 409" in one for one in not_played.values())
    assert problems(tuple(one for one in flows if not one.not_played)) == []

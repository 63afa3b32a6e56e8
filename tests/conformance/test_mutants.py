"""A fault is planted in a seller for every check, and the check finds it; a clean seller raises nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bpp.conformance.check import Outcome
from bpp.conformance.checklist import CHECKS
from bpp.conformance.judge import judge
from bpp.conformance.programme import SCENARIOS
from bpp.conformance.record import Flow
from bpp.sandbox.identities import DOMAINS
from tests.conformance.faults_evidence import TAMPERED
from tests.conformance.ground import BY_NAME, LAPSING, Ground, proving_ground
from tests.conformance.hunt import until_found
from tests.conformance.lost_paths import KILLED_TOGETHER
from tests.conformance.planted import Planted, Sends
from tests.conformance.table import ALTERED, PLANTED
from tests.support.seeded import seeded_sqlite

BY_CHECK = {one.name: one for one in CHECKS}


async def test_a_clean_seller_raises_nothing(ground: Ground) -> None:
    report = judge("the real server", await ground.played(*SCENARIOS))

    assert [(flow.title, flow.ended) for flow in report.broken] == []
    assert report.errors + report.warnings == ()


async def test_a_clean_seller_whose_quotes_and_holds_lapse_raises_nothing(tmp_path: Path) -> None:
    async with proving_ground(seeded_sqlite(tmp_path), tmp_path, longest_wait=5.0, **LAPSING) as ground:
        report = judge("the real server", await ground.played("quote_expired", "slot_lost", domain="ONDC:SRV11"))

    assert [(flow.title, flow.ended, flow.not_played) for flow in report.flows if flow.ended or flow.not_played] == []
    assert report.errors + report.warnings == ()


async def test_a_clean_seller_that_takes_longer_than_silence_is_listened_for_still_sells_to_one_of_two(
    ground: Ground,
) -> None:
    late = {"on_select", "on_init", "on_confirm"}
    ground.seller.plant(Sends(lambda one: one["context"]["action"] in late, delay=2 * ground.stage.quiet))

    report = judge("the real server, tardy", await ground.played("last_unit", domain="ONDC:SRV11"))

    assert {one.check.name: one.outcome for one in report.summaries}["one_of_two"] is Outcome.PASSED
    assert report.errors == ()


async def test_a_clean_seller_that_offers_free_slots_to_who_names_none_raises_nothing(tmp_path: Path) -> None:
    async with proving_ground(seeded_sqlite(tmp_path), tmp_path, BPP_NO_SLOT="offer") as ground:
        report = judge("the real server", await ground.played("schedule_not_provided", domain="ONDC:SRV12"))

    assert {one.check.name: one.outcome for one in report.summaries}["select_without_time"] is Outcome.PASSED
    assert report.errors + report.warnings == ()


async def test_what_must_be_chosen_is_found_out_where_the_plan_names_nothing(ground: Ground) -> None:
    domains = {
        domain: replace(wishes, customised=replace(wishes.customised, choices={}))
        for domain, wishes in ground.stage.plan.domains.items()
        if wishes.customised is not None
    }
    ground.stage = replace(ground.stage, plan=replace(ground.stage.plan, domains=domains))

    report = judge("the real server", await ground.played("cook_on_demand"))

    assert len(report.flows) == len(DOMAINS)
    assert [(flow.title, flow.ended, flow.not_played) for flow in report.flows if flow.ended or flow.not_played] == []
    assert report.errors + report.warnings == ()


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.id)
async def test_a_planted_fault_is_found_by_its_check(tmp_path: Path, planted: Planted) -> None:
    flows = await played_with(planted, planted.patience, tmp_path / "at once")
    if not found_in(flows, planted):  # a busy machine may take longer than a silence
        flows = await played_with(planted, None, tmp_path / "patiently", quiet=5.0)

    assert found_in(flows, planted), [(one.title, one.ended, one.not_played) for one in flows]


async def played_with(
    planted: Planted, patience: float | None, folder: Path, quiet: float | None = None
) -> Sequence[Flow]:
    """The flow in which a fault shows, with a seller that has it."""
    folder.mkdir()
    scenario = until_found(BY_NAME[planted.scenario], BY_CHECK[planted.check])
    database, waits = seeded_sqlite(folder), planted.longest_wait
    async with proving_ground(database, folder, longest_wait=waits, **planted.settings) as ground:
        ground.seller.plant(planted.seller)
        return await ground.played(
            scenario, domain=planted.domain, budget=planted.budget, patience=patience, quiet=quiet
        )


def found_in(flows: Sequence[Flow], planted: Planted) -> bool:
    """Whether the check that a fault is planted for finds it."""
    report = judge("a faulty seller", flows, [BY_CHECK[planted.check]])
    return bool(report.errors + report.warnings)


def test_every_check_has_a_fault_that_kills_it() -> None:
    in_folders = {one.check for one in TAMPERED}  # test_evidence plants them
    altered = {one.check for one in ALTERED}  # test_families finds them
    killed = {one.check for one in PLANTED} | altered | in_folders | KILLED_TOGETHER  # by that of test_required_paths

    assert {one.name for one in CHECKS} - killed == set()


def test_every_fault_is_planted_for_a_check_that_there_is() -> None:
    planted = {one.check for table in (PLANTED, ALTERED, TAMPERED) for one in table}
    assert planted - {one.name for one in CHECKS} == set()


def test_no_two_checks_have_one_name() -> None:
    names = [one.name for one in CHECKS]
    assert len(names) == len(set(names))

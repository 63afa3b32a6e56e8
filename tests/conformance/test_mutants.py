"""A fault is planted in a seller for every check, and the check finds it; a clean seller raises nothing."""

from __future__ import annotations

import pytest

from bpp.conformance.check import Outcome
from bpp.conformance.checklist import CHECKS
from bpp.conformance.judge import judge
from bpp.conformance.programme import SCENARIOS
from tests.conformance.ground import Ground
from tests.conformance.lost_paths import KILLED_TOGETHER
from tests.conformance.planted import Planted
from tests.conformance.table import PLANTED


async def test_a_clean_seller_raises_nothing(ground: Ground) -> None:
    report = judge("the real server", await ground.played(*SCENARIOS))

    assert [(flow.title, flow.ended) for flow in report.broken] == []
    assert report.errors + report.warnings == ()


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.id)
async def test_a_planted_fault_is_found_by_its_check(ground: Ground, planted: Planted) -> None:
    ground.seller.plant(planted.seller)

    flows = await ground.played(planted.scenario, domain=planted.domain, budget=planted.budget)
    report = judge("a faulty seller", flows)

    found = {one.check.name: one for one in report.summaries}[planted.check]
    assert found.outcome is Outcome.FAILED, [(one.check, one.path) for one in report.errors + report.warnings]


def test_every_check_has_a_fault_that_kills_it() -> None:
    killed = {one.check for one in PLANTED} | KILLED_TOGETHER  # those by the seller of test_required_paths

    assert {one.name for one in CHECKS} - killed == set()


def test_every_fault_is_planted_for_a_check_that_there_is() -> None:
    assert {one.check for one in PLANTED} - {one.name for one in CHECKS} == set()


def test_no_two_checks_have_one_name() -> None:
    names = [one.name for one in CHECKS]
    assert len(names) == len(set(names))

"""A run ends with a report, whatever the seller does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bpp.conformance.check import UNREADABLE
from bpp.conformance.checks.area import serves
from bpp.conformance.judge import Report, judge
from bpp.conformance.programme import SCENARIOS
from bpp.conformance.record import Flow
from bpp.conformance.report.edition import Edition
from bpp.conformance.report.write import write_reports
from bpp.conformance.runner import FLOODED, SILENT, SILENT_FLOWS, Over, run
from bpp.conformance.scenarios.play import Stage
from bpp.conformance.tape import Tape
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.identities import BPP, BUYER, write_registry
from tests.conformance.faulty_seller import Honest
from tests.conformance.ground import PLAN, Ground
from tests.conformance.hostile_seller import ANSWERS, Floods, Misshapes, Nobody, RefusesSearches, writes
from tests.support.clock import MONDAY_MORNING

DOMAIN = "ONDC:SRV11"


def reported(flows: tuple[Flow, ...], folder: Path) -> Report:
    """The report on some flows, written in every form."""
    report = judge("a hostile seller", flows)
    for path in write_reports(Edition(report=report, made=MONDAY_MORNING, strict=False), folder):
        assert path.stat().st_size
    return report


@pytest.mark.parametrize("answer", [*ANSWERS, "never answers"])
async def test_a_seller_that_says_nothing_is_left_alone_after_some_flows(tmp_path: Path, answer: str) -> None:
    registry = tmp_path / "registry.json"
    write_registry(registry, (BPP, BUYER))
    patience = timedelta(milliseconds=50)
    async with (
        writes(ANSWERS.get(answer)) as url,
        Buyer(registry=registry, participant=BUYER, bpp_url=url, timeout=patience, forgets=False) as buyer,
    ):
        tape = Tape([buyer])
        plan = replace(PLAN, domains={one: PLAN.domains[one] for one in (DOMAIN, "ONDC:SRV12")})
        stage = Stage(buyer=buyer, second_buyer=None, tape=tape, plan=plan, patience=patience.total_seconds())
        flows = [event.flows async for event in run(stage, SCENARIOS[: SILENT_FLOWS + 1]) if isinstance(event, Over)]

    report = reported(flows[0], tmp_path)
    assert not report.passed
    assert len(report.broken) == SILENT_FLOWS * len(plan.domains)
    assert {one.not_played for one in report.flows if not one.ended} == {SILENT}


async def test_a_seller_that_floods_ends_the_run(ground: Ground, tmp_path: Path) -> None:
    most = 20
    ground.stage = replace(ground.stage, tape=Tape((ground.stage.buyer,), most=most))
    ground.seller.plant(Floods(most))

    flows = await ground.played("buyer_cancel", "service_completion", domain=DOMAIN)

    report = reported(flows, tmp_path)
    (broken,) = report.broken
    assert FLOODED in broken.ended
    assert len(broken.callbacks) == most
    assert report.flows[-1].not_played == FLOODED


@pytest.mark.parametrize("action", ["on_search", "on_select", "on_init", "on_confirm", "on_status"])
async def test_what_nobody_can_read_is_reported(ground: Ground, tmp_path: Path, action: str) -> None:
    ground.seller.plant(Misshapes(action, seed=len(action)))

    report = reported(await ground.played("service_completion", domain=DOMAIN, patience=0.3), tmp_path)

    assert not report.passed


async def test_a_seller_whose_people_do_not_act_is_not_played_on(ground: Ground) -> None:
    ground.stage = replace(ground.stage, people=Nobody())

    (flow,) = await ground.played("order_of_news", domain=DOMAIN)

    assert flow.not_played == "not played: nobody is there"


async def test_callbacks_that_were_to_be_refused_and_never_came_leave_the_next_flow_alone(ground: Ground) -> None:
    ground.seller.plant(RefusesSearches())
    await ground.played("callbacks_not_taken", domain=DOMAIN)
    ground.seller.plant(Honest())

    (flow,) = await ground.played("buyer_cancel", domain=DOMAIN)

    assert [one.reply.acked for one in flow.callbacks if one.reply] == [True] * 5


@pytest.mark.parametrize("val", ['{"type": "Nowhere"}', '{"type": "Polygon", "coordinates": [[[0, 0]]]}', "[]", "7"])
def test_an_area_that_is_none_cannot_be_reckoned_with(val: str) -> None:
    rows = [{"descriptor": {"code": code}, "value": value} for code, value in (("unit", "polygon"), ("val", val))]
    provider = {"tags": [{"descriptor": {"code": "serviceability"}, "list": rows}]}

    with pytest.raises(UNREADABLE):
        serves(provider, "26.85,80.99", "226010")

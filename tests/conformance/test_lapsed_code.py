"""A one-time password that has run out: a run that may wait for it plays it, another says why it does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bpp.conformance.check import Outcome
from bpp.conformance.judge import judge
from tests.conformance.faults_visits import refuses
from tests.conformance.ground import Ground, proving_ground
from tests.conformance.planted import Changes, says
from tests.support.json_edit import DELETE
from tests.support.seeded import seeded_sqlite

SCENARIO, DOMAIN = "otp_expired", "ONDC:SRV11"


async def test_a_code_that_has_run_out_is_refused_with_90002(tmp_path: Path) -> None:
    async with proving_ground(seeded_sqlite(tmp_path), tmp_path, BPP_OTP_TTL="PT1S") as ground:
        ground.stage = replace(ground.stage, longest_wait=2.0, quiet=2.0)
        honest = judge("honest", await ground.played(SCENARIO, domain=DOMAIN))
        ground.seller.plant(Changes("on_status", says("error", DELETE), where=refuses))
        faulty = judge("faulty", await ground.played(SCENARIO, domain=DOMAIN))

    assert honest.errors == ()
    assert [(one.check.name, one.outcome) for one in honest.summaries if one.check.name == "wrong_otp_told"] == [
        ("wrong_otp_told", Outcome.PASSED)
    ]
    assert {one.check for one in faulty.errors} == {"wrong_otp_told"}


async def test_a_run_that_may_not_wait_says_so(ground: Ground) -> None:
    (flow,) = await ground.played(SCENARIO, domain=DOMAIN)

    assert "runs out in" in flow.not_played
    assert not flow.ended

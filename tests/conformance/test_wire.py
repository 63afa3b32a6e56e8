"""Families that a seller does not serve are left out with their reason; and searches go by way of a gateway."""

from __future__ import annotations

from bpp.conformance.check import Outcome
from bpp.conformance.checks import (
    grievances,
    issue_bodies,
    issue_course,
    issues_refused,
    refusing,
    repetition,
    taking,
)
from bpp.conformance.checks import reconciling as reconciled
from bpp.conformance.judge import judge
from bpp.conformance.scenarios import complaints, complaints_refused, forging, reconciling, repeating, spelling
from bpp.conformance.scenarios.play import FAMILIES
from bpp.conformance.scenarios.steps import Ask, Step
from bpp.conformance.scenarios.trying import Tries
from tests.conformance.ground import BY_NAME, Ground
from tests.conformance.planted import Refuses

OF_FAMILIES = (
    *grievances.CHECKS,
    *issue_course.CHECKS,
    *issue_bodies.CHECKS,
    *issues_refused.CHECKS,
    *reconciled.CHECKS,
)


async def test_a_seller_that_does_not_serve_them_is_told_why_their_checks_did_not_run(ground: Ground) -> None:
    ground.seller.plant(Refuses(lambda incoming: incoming.action in FAMILIES))
    scenarios = (*complaints.SCENARIOS, *complaints_refused.SCENARIOS, *reconciling.SCENARIOS)
    played = [one for one in scenarios if one.name != "issue_by_seller"]  # where the seller's people would begin

    report = judge("a seller of orders alone", await ground.played(*played, domain="ONDC:SRV11"))

    assert report.errors + report.warnings == ()
    for one in report.summaries:
        if one.check in OF_FAMILIES:
            assert one.outcome is Outcome.NOT_RUN
            assert all("not served" in reason for reason in one.reasons)


async def test_a_clean_seller_raises_nothing_to_a_buyer_who_searches_by_way_of_a_gateway(ground: Ground) -> None:
    report = judge(
        "by way of a gateway", await ground.played("service_completion", domain="ONDC:SRV11", by_gateway=True)
    )

    assert [one.ended for one in report.broken] == []
    assert report.errors + report.warnings == ()
    assert [one.status for one in ground.gateway.passed_on] == [200]


def _asked(step: Step) -> tuple[Ask, ...]:
    if isinstance(step, Tries):
        return step.tries
    return (step,) if isinstance(step, Ask) else ()


def test_everything_that_is_tried_is_judged_and_everything_that_is_judged_is_tried() -> None:
    scenarios = (*forging.SCENARIOS, *spelling.SCENARIOS, *repeating.SCENARIOS, BY_NAME["confirm_variants"])
    steps = [step for one in scenarios for step in one.steps]
    tried = {one.probe for step in steps for one in _asked(step)}
    tables = (
        (*refusing.FORGED, refusing.FORGED_GATEWAY, *refusing.MISDIRECTED, *refusing.BROKEN),
        (*taking.ADDRESSES, *taking.SPELLINGS, *taking.SIGNATURES, *taking.REUSED),
        (*repetition.CONFLICTING, *repetition.UNTIMELY, *repetition.EARLY),
    )
    judged = {one.name for table in tables for one in table}

    agreed = {"payment_id_altered", "not_paid", "inverted_range", "past_range"}  # judged in ``deciding``
    assert tried - {""} == judged | agreed | set(repetition.REPEATED) | {"foreign_domain_search"}

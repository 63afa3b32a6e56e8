"""The state table: what it lists happens, what it does not list is refused, and every issue can end."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import pytest

from beckn_schemas.igm_codes import V1, V2
from bpp.issues.model import (
    PARENT,
    RESOLUTIONS,
    Action,
    Code,
    Complaint,
    Issue,
    Level,
    Ref,
    Resolution,
    Side,
    Stamp,
    Status,
)
from bpp.issues.states import FOLLOW_UP, RULES, Need, NotPossible, advance, allowed, rule_for, same
from tests.support.clock import MONDAY_MORNING
from tests.support.order_builders import after

AT = Stamp.of(MONDAY_MORNING)


def an_action(code: Code, number: int = 1, **changes) -> Action:
    return replace(
        Action(id=f"{code}-{number}", code=code, at=Stamp.of(after(minutes=number)), by=code.side.value), **changes
    )


REMEDIES = (
    Resolution(id="R0", code=PARENT, at=AT, by="NP2"),
    Resolution(id="R1", code="REFUND", at=AT, by="NP2", parent_id="R0"),
    Resolution(id="R2", code="REPLACEMENT", at=AT, by="NP2", parent_id="R0"),
)
ASKED = an_action(Code.INFO_REQUESTED, 1)
PROPOSED = an_action(Code.RESOLUTION_PROPOSED, 2, ref_id="R0", ref_type=RESOLUTIONS)


def an_issue(
    status: Status = Status.PROCESSING, level: Level = Level.ISSUE, version=V2, *, ready: bool = True
) -> Issue:
    """An issue that stands somewhere; ``ready``: a request and a proposal wait."""
    first = an_action(Code.OPEN, 0)
    return Issue(
        id="I1",
        version=version,
        echo={"bap_id": "b", "domain": "d"},
        status=status,
        level=level,
        created=AT,
        level_from=AT.at,
        refs=(Ref(ref_type="ORDER", ref_id="O1"),),
        complaint=Complaint(code="ORD001"),
        actions=(first, ASKED, PROPOSED) if ready else (first,),
        resolutions=REMEDIES if ready else (),
    )


REFERENCES = {
    Code.RESOLUTION_PROPOSED: "R0",
    Code.RESOLVED: "R1",
    Code.RESOLUTION_ACCEPTED: "R2",
    Code.RESOLUTION_REJECTED: "R0",
    Code.INFO_PROVIDED: ASKED.id,
    Code.INFO_NOT_AVAILABLE: ASKED.id,
}


def listed(status, level, code, version):
    return next(
        (
            rule
            for rule in RULES
            if rule.source is status and rule.code is code and level in rule.levels and rule.since <= version
        ),
        None,
    )


@pytest.mark.parametrize("version", [V1, V2])
@pytest.mark.parametrize(("status", "level", "code"), list(itertools.product(Status, Level, Code)))
def test_what_is_listed_happens_and_all_else_is_refused_with_what_is_possible(status, level, code, version):
    issue = an_issue(status, level, version)
    action = an_action(code, 9, ref_id=REFERENCES.get(code, ""))
    rule = listed(status, level, code, version)
    if rule is not None:
        moved = advance(issue, action)
        assert (moved.status, moved.level) == (rule.target, rule.level or level)
        assert moved.actions[:-1] == issue.actions
        assert (moved.last.id, moved.last.code) == (action.id, code)
        assert code in allowed(issue, code.side)
        return
    with pytest.raises(NotPossible) as refused:
        advance(issue, action)

    possible = [one for one in Code if one.side is code.side and listed(status, level, one, version)]
    assert sorted(refused.value.allowed) == sorted(possible) == sorted(allowed(issue, code.side))
    assert all(one in str(refused.value) for one in possible or ("nothing",))


def test_an_issue_begins_with_its_complainant_and_in_no_other_way():
    assert allowed(None, Side.COMPLAINANT) == (Code.OPEN,)
    assert allowed(None, Side.RESPONDENT) == ()
    for code in set(Code) - {Code.OPEN}:
        with pytest.raises(NotPossible, match="no issue yet"):
            rule_for(None, code)


def test_a_status_and_a_code_have_at_most_one_rule():
    assert set(Counter((rule.source, rule.code) for rule in RULES).values()) == {1}


def test_every_status_code_and_side_is_used_and_each_code_belongs_to_one_side():
    assert {rule.target for rule in RULES} == set(Status)
    assert {rule.code for rule in RULES} == set(Code)
    assert {rule.side for rule in RULES} == set(Side)


def test_only_closed_has_no_exit_and_every_issue_can_be_closed_by_its_complainant_alone():
    assert set(Status) - {rule.source for rule in RULES} == {Status.CLOSED}
    closing = [rule for rule in RULES if rule.target is Status.CLOSED]
    assert {rule.source for rule in closing} == set(Status) - {Status.CLOSED}
    assert {rule.side for rule in closing} == {Side.COMPLAINANT}


def test_the_complainant_is_answered_at_once_by_an_action_that_the_table_allows():
    assert {code.side for code in FOLLOW_UP} == {Side.COMPLAINANT}
    assert {code.side for code in FOLLOW_UP.values()} == {Side.RESPONDENT}
    assert set(Code) - set(FOLLOW_UP) - set(FOLLOW_UP.values()) >= {Code.CLOSED}
    for code, answer in FOLLOW_UP.items():
        reached = {rule.target for rule in RULES if rule.code is code}
        assert reached <= {rule.source for rule in RULES if rule.code is answer}


@pytest.mark.parametrize("rule", [one for one in RULES if one.need in {Need.ASKED, Need.PROPOSED}])
def test_nothing_is_answered_that_was_not_asked_or_proposed(rule):
    with pytest.raises(NotPossible, match=rule.need):
        advance(an_issue(rule.source, ready=False), an_action(rule.code, 9))


@pytest.mark.parametrize("code", [one for one in REFERENCES if one is not Code.INFO_NOT_AVAILABLE])
def test_a_reference_to_nothing_is_refused(code):
    with pytest.raises(NotPossible) as refused:
        advance(an_issue(), an_action(code, 9, ref_id="R9"))

    assert refused.value.path == "actions.ref_id"


def test_what_can_mean_only_one_thing_need_not_be_named():
    assert advance(an_issue(), an_action(Code.INFO_PROVIDED, 9)).last.ref_id == ASKED.id
    assert advance(an_issue(), an_action(Code.RESOLUTION_REJECTED, 9)).last.ref_id == "R0"
    with pytest.raises(NotPossible):
        advance(an_issue(), an_action(Code.RESOLUTION_ACCEPTED, 9, ref_id="R0"))
    alone = replace(an_issue(), resolutions=REMEDIES[:2])
    for named in ("", "R0", "R1"):
        assert advance(alone, an_action(Code.RESOLUTION_ACCEPTED, 9, ref_id=named)).last.ref_id == "R1"


def test_once_a_remedy_is_accepted_no_other_is_resolved():
    accepted = advance(an_issue(), an_action(Code.RESOLUTION_ACCEPTED, 8, ref_id="R2"))
    with pytest.raises(NotPossible):
        advance(accepted, an_action(Code.RESOLVED, 9, ref_id="R1"))

    assert advance(accepted, an_action(Code.RESOLVED, 9, ref_id="R2")).accepted() == REMEDIES[2]


def test_an_answered_request_and_an_answered_proposal_wait_no_more():
    told = advance(an_issue(), an_action(Code.INFO_NOT_AVAILABLE, 8))
    rejected = advance(told, an_action(Code.RESOLUTION_REJECTED, 9))

    assert told.asked() == ()
    assert [one.id for one in told.proposed()] == ["R1", "R2"]
    assert rejected.proposed() == ()
    assert rejected.accepted() is None


def test_an_action_that_is_stored_changes_nothing_and_cannot_be_written_anew():
    issue = an_issue()
    for stored in issue.actions:
        assert advance(issue, stored) is issue
        for changed in (
            replace(stored, code=Code.CLOSED),
            replace(stored, by="somebody else"),
            replace(stored, at=Stamp.of(after(days=1))),
        ):
            with pytest.raises(NotPossible, match="anew"):
                advance(issue, changed)


def test_a_time_written_anew_without_its_fractions_is_the_same_time():
    one = replace(ASKED, at=Stamp.read("2026-11-23T09:31:00.217+05:30"))
    assert same(one, replace(ASKED, at=Stamp.read("2026-11-23T04:01:00Z")))
    assert not same(one, replace(ASKED, at=Stamp.read("2026-11-23T04:01:01Z")))


def test_an_escalation_begins_a_level_with_a_time_of_its_own():
    escalated = advance(an_issue(Status.RESOLVED), an_action(Code.ESCALATED, 9))

    assert (escalated.level, escalated.level_from) == (Level.GRIEVANCE, after(minutes=9))
    assert escalated.accepted() is None

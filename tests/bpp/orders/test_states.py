"""The state table: what it lists happens, what it does not list is refused, and it leads somewhere from everywhere."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bpp.orders.states import (
    ANYONE,
    HOME_SERVICE,
    TERMINAL,
    WIRE_CODE,
    Actor,
    Event,
    IllegalTransition,
    OrderStatus,
    Stage,
    allowed,
    next_stage,
    order_status,
)
from tests.support.diagram import diagram, states_page
from tests.support.sources import ROOT

LISTED = {(rule.source, rule.event, actor): rule.target for rule in HOME_SERVICE for actor in rule.actors}
UNDER_WAY = {Stage.EN_ROUTE, Stage.ARRIVED, Stage.STARTED}
RELIEVING = {Event.REASSIGN, Event.UNASSIGN}
ON_QUOTES = {Event.ACCEPT_QUOTE, Event.REJECT_QUOTE, Event.ASK_QUOTE}


@pytest.mark.parametrize(("stage", "event", "actor"), list(itertools.product(Stage, Event, Actor)))
def test_what_is_listed_happens_and_all_else_is_refused_with_what_is_possible(stage, event, actor):
    if (stage, event, actor) in LISTED:
        assert next_stage(stage, event, actor) is LISTED[stage, event, actor]
        assert event in allowed(stage, actor)
        return
    with pytest.raises(IllegalTransition) as refused:
        next_stage(stage, event, actor)

    possible = tuple(one for one in Event if (stage, one, actor) in LISTED)
    assert (refused.value.stage, refused.value.event) == (stage, event)
    assert sorted(refused.value.allowed) == sorted(possible) == sorted(allowed(stage, actor))
    for one in possible or ("nothing",):
        assert one in str(refused.value)


def test_a_stage_and_an_event_have_at_most_one_rule():
    assert set(Counter((rule.source, rule.event) for rule in HOME_SERVICE).values()) == {1}


def test_every_stage_is_reached_and_every_event_and_actor_is_used():
    reached = {Stage.PENDING, *(rule.target for rule in HOME_SERVICE)}

    assert reached == set(Stage)
    assert {rule.event for rule in HOME_SERVICE} == set(Event)
    assert frozenset().union(*(rule.actors for rule in HOME_SERVICE)) == ANYONE == set(Actor)
    assert all(rule.actors for rule in HOME_SERVICE)


def test_every_stage_has_a_code_on_the_wire():
    assert set(WIRE_CODE) == set(Stage)
    assert set(WIRE_CODE.values()) == {"Pending", "In-Transit", "At-Location", "Completed", "Cancelled"}


def test_only_completed_and_cancelled_have_no_exit():
    left = {rule.source for rule in HOME_SERVICE if rule.target is not rule.source}

    assert set(Stage) - left == TERMINAL == {Stage.COMPLETED, Stage.CANCELLED}


def test_quotations_payments_and_tokens_leave_a_visit_where_it_is():
    staying = {*ON_QUOTES, Event.REQUOTE, Event.EXPIRE_QUOTE, Event.PAY, Event.RENEW_OTP}

    assert all(rule.target is rule.source for rule in HOME_SERVICE if rule.event in staying)
    assert {rule.event for rule in HOME_SERVICE if rule.source is Stage.CANCELLED} == {Event.PAY}


def test_from_every_stage_the_visit_can_end():
    ends = set(TERMINAL)
    for _ in Stage:
        ends |= {rule.source for rule in HOME_SERVICE if rule.target in ends}

    assert ends == set(Stage)


def test_seller_and_buyer_may_cancel_from_every_stage_before_completion():
    for stage in set(Stage) - TERMINAL:
        assert Event.CANCEL in allowed(stage, Actor.SELLER)
        assert Event.CANCEL in allowed(stage, Actor.BUYER)


def test_the_buyer_may_cancel_move_what_has_not_begun_answer_quotations_and_pay_and_nothing_else():
    for stage in Stage:
        own = {Event.CANCEL, Event.PAY, *ON_QUOTES}
        if stage in {Stage.PENDING, Stage.ASSIGNED}:
            own |= {Event.RESCHEDULE}
        assert set(allowed(stage, Actor.BUYER)) <= own
    assert Event.RESCHEDULE in allowed(Stage.ASSIGNED, Actor.BUYER)
    assert Event.RESCHEDULE not in allowed(Stage.EN_ROUTE, Actor.SELLER)


def test_a_visit_goes_back_to_an_earlier_stage_only_when_another_worker_is_wanted():
    order = list(Stage)
    back = {rule.event for rule in HOME_SERVICE if order.index(rule.target) < order.index(rule.source)}

    assert back == RELIEVING
    assert {rule.target for rule in HOME_SERVICE if rule.event in RELIEVING} == {Stage.PENDING, Stage.ASSIGNED}


def test_a_visit_that_has_begun_is_not_given_to_another_worker_and_no_buyer_does_so():
    rows = [one for one in HOME_SERVICE if one.event in RELIEVING]

    assert {one.source for one in rows} == {Stage.ASSIGNED, Stage.EN_ROUTE, Stage.ARRIVED}
    assert not any(Actor.BUYER in one.actors for one in rows)


def test_another_domain_is_another_table():
    rules = tuple(rule for rule in HOME_SERVICE if rule.event is Event.CANCEL)

    assert allowed(Stage.PENDING, Actor.SELLER, rules) == (Event.CANCEL,)
    with pytest.raises(IllegalTransition, match="possible now: cancel"):
        next_stage(Stage.PENDING, Event.ASSIGN, Actor.SELLER, rules)


several = st.lists(st.sampled_from(Stage), min_size=1, max_size=4)


@given(several, st.booleans())
def test_every_combination_of_visits_gives_one_status(stages, accepted):
    status = order_status(stages, accepted=accepted)
    seen = set(stages)

    assert (status is OrderStatus.CANCELLED) == (seen == {Stage.CANCELLED})
    assert (status is OrderStatus.COMPLETED) == (seen <= TERMINAL and Stage.COMPLETED in seen)
    assert (status is OrderStatus.IN_PROGRESS) == bool(seen & UNDER_WAY)
    waiting = {Stage.PENDING, Stage.ASSIGNED}
    not_begun = bool(seen & waiting) and not seen & UNDER_WAY
    assert (status in {OrderStatus.ACCEPTED, OrderStatus.CREATED}) == not_begun
    if not_begun:
        assert (status is OrderStatus.ACCEPTED) is accepted


@given(several, st.booleans())
def test_a_cancelled_order_is_cancelled_and_one_with_an_open_quotation_pending_whatever_its_visits(stages, accepted):
    assert order_status(stages, accepted=accepted, cancelled=True, quoted=True) is OrderStatus.CANCELLED
    if set(stages) != {Stage.CANCELLED}:
        assert order_status(stages, accepted=accepted, quoted=True) is OrderStatus.PENDING


@given(several, st.booleans(), st.randoms())
def test_the_status_does_not_depend_on_the_order_of_the_visits(stages, accepted, random):
    mixed = list(stages)
    random.shuffle(mixed)

    assert order_status(mixed, accepted=accepted) is order_status(stages, accepted=accepted)


class Visit(RuleBasedStateMachine):
    """Anybody tries anything, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage.PENDING
        self.status = order_status([self.stage], accepted=True)
        self.ended = False
        self.relieved = False

    @rule(event=st.sampled_from(Event), actor=st.sampled_from(Actor))
    def try_event(self, event: Event, actor: Actor) -> None:
        listed = LISTED.get((self.stage, event, actor))
        if listed is None:
            with pytest.raises(IllegalTransition):
                next_stage(self.stage, event, actor)
        else:
            assert self.stage not in TERMINAL or listed is self.stage
            self.stage = next_stage(self.stage, event, actor)
            self.relieved = event in RELIEVING
            assert self.stage is listed

    @invariant()
    def an_end_stays_an_end(self) -> None:
        assert self.stage in Stage
        assert not self.ended or self.stage in TERMINAL
        self.ended = self.stage in TERMINAL
        assert self.stage is not Stage.CANCELLED or allowed(self.stage, Actor.SELLER) == (Event.PAY,)

    @invariant()
    def the_status_goes_back_only_with_another_worker(self) -> None:
        order = list(OrderStatus)
        status = order_status([self.stage], accepted=True)
        assert order.index(status) >= order.index(self.status) or self.relieved
        self.status = status


def test_no_sequence_of_events_leaves_the_table():
    run_state_machine_as_test(Visit, settings=settings(deadline=None, max_examples=60, stateful_step_count=30))


def test_the_drawing_in_the_documents_is_that_of_the_table():
    page = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")

    assert page == states_page(), "write it anew: python -m tests.support.diagram > docs/states.md"


def test_the_drawing_has_an_arrow_for_every_rule():
    lines = diagram(HOME_SERVICE)

    for one in HOME_SERVICE:
        (arrow,) = [line for line in lines if line.startswith(f"    {one.source} --> {one.target}: ")]
        assert one.event in arrow.partition(": ")[2].split(", ")

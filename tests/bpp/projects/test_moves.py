"""What is done to a project, step by step: its terms, its MOU, its milestones; and what is refused."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bpp.projects.checks import asked, check_requirement, may_bid
from bpp.projects.model import Planned, Unacceptable
from bpp.projects.mou import unchanged
from bpp.projects.moves import Act, move, possible
from bpp.projects.states import DONE, OVER, PROJECT, Event, NotPossible, Side, Stage
from catalog.money import ZERO, Money, total
from catalog.snapshot import Catalog
from tests.support.catalog_builders import BARABANKI_DISTRICT, LUCKNOW_DISTRICT, a_provider, an_offering
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.project_builders import (
    BIDS_UNTIL,
    CONTRACTOR,
    a_bid,
    a_department,
    a_project,
    a_requirement,
    acted,
    agreed,
    selected,
)

BY_PROVIDER, BY_CONSUMER = Side.PROVIDER, Side.CONSUMER


def test_a_bid_stands_is_changed_under_its_id_and_taken_back():
    one = acted(a_project(), Event.BID, BY_PROVIDER, bid=a_bid())
    two = acted(one, Event.BID, BY_PROVIDER, bid=a_bid(id="B2", base=Money(5), made_at=NOW + timedelta(days=1)))
    other = acted(two, Event.BID, BY_PROVIDER, bid=a_bid(id="B3", provider_id="P2"))
    left = acted(other, Event.WITHDRAW_BID, BY_PROVIDER, provider_id="P1")
    again = acted(left, Event.BID, BY_PROVIDER, bid=a_bid(id="B4"))

    assert [(bid.id, bid.base, bid.made_at) for bid in two.bids] == [("B1", Money(5), NOW)]
    assert [bid.id for bid in left.open_bids] == ["B3"]
    assert [bid.id for bid in again.bids] == ["B1", "B3", "B4"]


def test_after_the_time_for_bids_nobody_bids_or_takes_one_back():
    project = acted(a_project(), Event.BID, BY_PROVIDER, bid=a_bid())
    for event, more in ((Event.BID, {"bid": a_bid(provider_id="P2")}), (Event.WITHDRAW_BID, {"provider_id": "P1"})):
        with pytest.raises(NotPossible, match="time for bids"):
            move(project, Act(event=event, side=BY_PROVIDER, by="", **more), BIDS_UNTIL)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"base": ZERO, "tax": ZERO}, "charge"),
        ({"finish_by": date(2026, 12, 1)}, "finish_by"),
        ({"milestones": (Planned(title="x", due=date(2026, 12, 25), share=Decimal(100)),)}, "milestones[0].due"),
        ({"milestones": (Planned(title="x", due=date(2026, 12, 1), share=Decimal(100)),)}, "milestones[0].due"),
        ({"milestones": tuple(reversed(a_bid().milestones))}, "milestones[1].due"),
        ({"milestones": a_bid().milestones[:2]}, "milestones"),
        ({"milestones": (Planned(title="x", due=date(2026, 12, 24), share=Decimal(0)),)}, "milestones[0].share"),
        ({"milestones": ()}, "milestones"),
    ],
)
def test_a_bid_that_could_not_be_agreed_on_is_refused_with_its_field(changes, path):
    with pytest.raises(Unacceptable) as refused:
        acted(a_project(), Event.BID, BY_PROVIDER, bid=a_bid(**changes))
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"service_id": "SM-NONE"}, "service_id"),
        ({"district": "999"}, "district"),
        ({"budget": ZERO}, "budget"),
        ({"start": date(2026, 11, 22)}, "start"),
        ({"finish_by": date(2026, 12, 6)}, "finish_by"),
        ({"bids_until": NOW}, "bids_until"),
        ({"decide_by": BIDS_UNTIL - timedelta(seconds=1)}, "decide_by"),
        ({"attachments": ("https://example.in/a", "javascript:alert(1)")}, "attachments[1]"),
        ({"consumer": replace(a_department(), organization="")}, "consumer.organization"),
    ],
)
def test_a_requirement_that_cannot_be_published_is_refused_with_its_field(changes, path):
    check_requirement(a_requirement(), NOW)
    with pytest.raises(Unacceptable) as refused:
        check_requirement(a_requirement(**changes), NOW)
    assert refused.value.path == path


def test_bids_of_a_department_are_sealed_until_the_time_for_them_is_over():
    project = acted(a_project(requirement=a_requirement(consumer=a_department())), Event.BID, BY_PROVIDER, bid=a_bid())
    choice = Act(event=Event.SELECT, side=BY_CONSUMER, by="", bid_id="B1", contractor=CONTRACTOR)

    assert project.bids_hidden(NOW)
    assert Event.SELECT not in possible(project, NOW)
    with pytest.raises(NotPossible, match="sealed"):
        move(project, choice, NOW)
    assert not project.bids_hidden(BIDS_UNTIL)
    assert Event.SELECT in possible(project, BIDS_UNTIL)
    assert move(project, choice, BIDS_UNTIL).project.stage is Stage.SELECTED


def test_the_mou_is_in_hindi_and_english_with_everything_escaped_and_its_digest_shows_any_change():
    mou = selected().mou

    assert mou is not None
    for text in (
        'lang="hi"',
        'lang="en"',
        "समझौता ज्ञापन",
        "118000.00",
        "39329.40",
        "39341.20",
        "24-12-2026",
        "डेमो सर्विसेज",
        "लखनऊ",
    ):
        assert text in mou.text
    assert "Sockets &lt;all&gt;" in mou.text
    assert unchanged(mou)
    assert not unchanged(replace(mou, text=mou.text.replace("118000.00", "218000.00")))


def test_both_sides_accept_the_text_they_have_read_once_and_only_then_it_is_agreed():
    project = selected()
    assert project.mou is not None
    yes = {"name": "Asha Demo", "digest": project.mou.digest}
    one = acted(project, Event.ACCEPT_MOU, BY_PROVIDER, **yes)

    assert one.stage is Stage.SELECTED
    for wrong, more in ((BY_PROVIDER, yes), (BY_CONSUMER, {**yes, "digest": "0" * 64})):
        with pytest.raises(NotPossible):
            acted(one, Event.ACCEPT_MOU, wrong, **more)
    changed = replace(one, mou=replace(project.mou, text="something else"))
    with pytest.raises(NotPossible):
        acted(changed, Event.ACCEPT_MOU, BY_CONSUMER, **yes)
    both = acted(one, Event.ACCEPT_MOU, BY_CONSUMER, **yes)
    assert both.stage is Stage.AGREED
    assert both.mou is not None
    assert [(yes.side, yes.name, yes.at) for yes in both.mou.acceptances] == [
        (BY_PROVIDER, "Asha Demo", NOW),
        (BY_CONSUMER, "Asha Demo", NOW),
    ]
    assert [str(one.amount) for one in both.milestones] == ["39329.40", "39329.40", "39341.20"]


def test_an_mou_that_is_declined_leaves_the_other_bids_to_be_selected():
    two = acted(a_project(), Event.BID, BY_PROVIDER, bid=a_bid(id="B2", provider_id="P2"))
    project = acted(two, Event.BID, BY_PROVIDER, bid=a_bid())
    chosen = {"contractor": CONTRACTOR, "samiti": "Sewamitra Samiti"}
    project = acted(project, Event.SELECT, BY_CONSUMER, bid_id="B1", **chosen)
    declined = acted(project, Event.DECLINE_MOU, BY_PROVIDER, reason="no workers")

    assert (declined.stage, declined.mou, declined.contractor, declined.bid) == (Stage.OPEN, None, None, None)
    assert [bid.state for bid in declined.bids] == ["open", "declined"]
    with pytest.raises(NotPossible):
        acted(declined, Event.SELECT, BY_CONSUMER, bid_id="B1", **chosen)
    assert acted(declined, Event.SELECT, BY_CONSUMER, bid_id="B2", **chosen).stage is Stage.SELECTED


def test_a_disputed_milestone_is_put_right_and_the_last_one_accepted_completes_the_project():
    project = agreed()
    for number in (2, 1, 3):
        project = acted(project, Event.REPORT, BY_PROVIDER, milestone=number)
        project = acted(project, Event.DISPUTE, BY_CONSUMER, milestone=number, reason="crooked")
        assert project.milestones[number - 1].dispute == "crooked"
        project = acted(project, Event.REPORT, BY_PROVIDER, milestone=number)
        moved = move(project, Act(event=Event.ACCEPT, side=BY_CONSUMER, by="", milestone=number), NOW)
        project = moved.project

    assert (project.stage, project.completed_at) == (Stage.COMPLETED, NOW)
    assert [one.event for one in moved.history] == [Event.ACCEPT, Event.COMPLETE]
    with pytest.raises(NotPossible):
        acted(project, Event.CANCEL, BY_CONSUMER, reason="late")


def test_what_was_accepted_can_still_be_paid_after_the_project_was_given_up_and_nothing_else():
    project = acted(agreed(), Event.REPORT, BY_PROVIDER, milestone=1)
    project = acted(project, Event.ACCEPT, BY_CONSUMER, milestone=1)
    project = acted(project, Event.CANCEL, BY_PROVIDER, reason="ill")
    money = {"collected_by": "samiti", "transaction_id": "UPI-1"}

    assert possible(project, NOW) == (Event.PAY,)
    for number in (2, 4):
        with pytest.raises(NotPossible):
            acted(project, Event.PAY, Side.SAMITI, milestone=number, **money)
    paid = acted(project, Event.PAY, Side.SAMITI, milestone=1, **money)
    assert (paid.stage, paid.milestones[0].transaction_id) == (Stage.CANCELLED, "UPI-1")
    with pytest.raises(NotPossible):
        acted(paid, Event.PAY, Side.SAMITI, milestone=1, **money)


WIRING = {"id": "WIRE", "sub_service_id": "SM-ELC-FAN"}


@pytest.mark.parametrize(
    ("provider", "offering", "willing"),
    [
        ({}, {}, True),
        ({"status": "suspended"}, {}, False),
        ({"agreement_until": date(2026, 11, 22)}, {}, False),
        ({"districts": (BARABANKI_DISTRICT,)}, {}, False),
        ({"services": {LUCKNOW_DISTRICT: ("SM-PLB",)}}, {}, False),
        ({"services": {LUCKNOW_DISTRICT: ("SM-ELC",)}}, {}, True),
        ({"services": {BARABANKI_DISTRICT: ("SM-PLB",)}}, {}, True),
        ({}, {"sub_service_id": "SM-PLB-TAP"}, False),
        ({}, {"active": False}, False),
        ({}, {"districts": (BARABANKI_DISTRICT,)}, False),
    ],
)
def test_a_requirement_is_published_to_who_is_on_sale_in_the_district_with_the_service(provider, offering, willing):
    one = a_provider(**provider)
    catalog = Catalog.build(version=1, providers=[one], offerings=[an_offering(**WIRING | offering)], workers=[])

    assert may_bid(one, a_requirement(), catalog, NOW.date()) is willing
    assert [found.id for found in asked(a_requirement(), catalog, NOW.date())] == ["P1"] * willing


ENDS = {Event.CANCEL, Event.LAPSE, Event.DECLINE_MOU}
SAID = st.tuples(
    st.sampled_from(("P1", "P2")), st.sampled_from(("B1", "B2")), st.integers(1, 3), st.integers(100, 10**9)
)


class AnyProject(RuleBasedStateMachine):
    """Anybody tries anything on a project, in any order."""

    def __init__(self):
        super().__init__()
        self.project = a_project()
        self.history = []

    @rule(event=st.sampled_from(Event), side=st.sampled_from(Side), late=st.booleans(), said=SAID)
    def tries(self, event, side, late, said):
        self.act(event, side, BIDS_UNTIL if late else NOW, said)

    @rule(place=st.integers(0, 9), late=st.booleans(), said=SAID)
    def does_something_possible(self, place, late, said):
        now = BIDS_UNTIL if late else NOW
        listed = [(one, side) for one in PROJECT for side in one.sides if one.source is self.project.stage]
        likely = [
            (one.event, side)
            for one, side in listed
            if one.event in possible(self.project, now) and one.event not in ENDS
        ]
        if likely:
            event, side = likely[place % len(likely)]
            self.act(event, side, now, said)

    def act(self, event, side, now, said):
        who, bid, number, base = said
        mou, before = self.project.mou, self.project
        act = Act(
            event=event,
            side=side,
            by="x",
            provider_id=who,
            bid_id=bid,
            bid=a_bid(id=f"B{who[1]}", provider_id=who, base=Money(base), tax=ZERO),
            contractor=replace(CONTRACTOR, provider_id=who),
            digest=mou.digest if mou else "",
            milestone=number,
            reason="r",
            collected_by="samiti",
        )
        try:
            moved = move(before, act, now)
        except (NotPossible, Unacceptable):
            assert self.project is before
            return
        self.project = moved.project
        self.history += moved.history

    @invariant()
    def holds(self):
        project = self.project
        steps = [(one.source, one.target) for one in self.history]
        assert all(a[1] is b[0] for a, b in itertools.pairwise(steps))
        assert [project.stage] == [target for _, target in steps][-1:] or project.stage is Stage.OPEN
        mine = [one.provider_id for one in project.open_bids]
        assert len(mine) == len(set(mine))
        if project.milestones:
            assert project.bid is not None
            assert total(one.amount for one in project.milestones) == project.bid.charge
            assert project.mou is not None
            assert {yes.side for yes in project.mou.acceptances} == {BY_PROVIDER, BY_CONSUMER}
        if project.stage is Stage.COMPLETED:
            assert all(one.stage in DONE for one in project.milestones)
        if project.stage in OVER:
            assert set(possible(project, NOW)) <= {Event.PAY}


def test_whatever_is_tried_the_charge_is_the_sum_of_the_milestones_and_the_history_has_no_gap():
    run_state_machine_as_test(AnyProject, settings=settings(max_examples=40, stateful_step_count=50, deadline=None))

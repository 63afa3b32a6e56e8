"""Anybody does anything, in any order and in both versions at once: what was said stays said, and both tell one story."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bpp.issues.checks import Refusal
from bpp.issues.facts import facts_of
from bpp.issues.model import Code, Issue, Level, Side, Status
from bpp.issues.states import NotPossible, allowed
from bpp.issues.steps import Option, Saying, ask, impose, process, propose, resolve
from bpp.orders.states import Stage
from bpp.storage.types import decode, encode
from catalog.money import Money
from tests.support.desk_story import SellerDesk
from tests.support.grievances import BuyerV1, BuyerV2, Hands
from tests.support.order_builders import a_visit, an_order

DONE = facts_of(an_order(fulfillments=(a_visit(stage=Stage.COMPLETED),)))
SAYING = Saying("in short", "at length")
OPTIONS = {
    "REFUND": Option(code="REFUND", saying=SAYING, amount=Money.parse("10.00")),
    "REPLACEMENT": Option(code="REPLACEMENT", saying=SAYING),
    "CANCEL": Option(code="CANCEL", saying=SAYING),
    "NO_ACTION": Option(code="NO_ACTION", saying=SAYING),
}
COMPLAINANTS = [one for one in Code if one.side is Side.COMPLAINANT]


class Whole(RuleBasedStateMachine):
    """One issue of 2.0.0 between a buyer app and us; messages of ours may be late."""

    def __init__(self) -> None:
        super().__init__()
        self.hands = Hands()
        self.buyer = BuyerV2(self.hands)
        self.desk = SellerDesk(self.hands, DONE)
        self.unheard: list[Any] = []
        self.buyer.hear(self.desk.take(self.buyer.payload()).message)
        self.before = self.issue

    @property
    def issue(self) -> Issue:
        return self.desk.issue

    @rule(code=st.sampled_from(COMPLAINANTS), pick=st.integers(0, 3))
    def the_buyer_acts(self, code: Code, pick: int) -> None:
        """What the table allows is taken; all else is refused and leaves no trace."""
        for message in self.unheard:
            self.buyer.hear(message)
        self.unheard = []
        possible = code in allowed(self.issue, Side.COMPLAINANT)
        draft = copy.copy(self.buyer)
        draft.issue = copy.deepcopy(self.buyer.issue)
        more = {}
        if code is Code.RESOLUTION_ACCEPTED and self.issue.proposed():
            options = self.issue.proposed()
            more = {"ref_id": options[pick % len(options)].id, "ref_type": "RESOLUTIONS"}
        stored = self.issue
        answer = self.desk.receive(draft.act(code.value, **more))
        if isinstance(answer, Refusal):
            assert not possible, answer
            assert self.issue == stored
            return
        assert possible
        self.buyer = draft
        if answer is None:
            assert self.issue.status is Status.CLOSED
        else:
            self.buyer.hear(answer.message)

    @rule(
        choice=st.sampled_from(["process", "ask", "propose", "impose", "resolve"]),
        hears=st.booleans(),
        picks=st.sets(st.sampled_from(sorted(OPTIONS)), min_size=1),
    )
    def we_act(self, choice: str, hears: bool, picks: set[str]) -> None:
        """Whatever we try, we do it by the table; the buyer may hear of it later."""
        self.hands.later()
        acting, issue = self.desk.acting, self.issue
        options = [OPTIONS[name] for name in sorted(picks)]
        tries = {
            "process": lambda: process(issue, SAYING, acting),
            "ask": lambda: ask(issue, [("INFO001", SAYING), ("INFO002", SAYING)], acting),
            "propose": lambda: propose(issue, options, SAYING, acting),
            "impose": lambda: impose(issue, options[0], acting),
            "resolve": lambda: resolve(issue, SAYING, acting),
        }
        try:
            after = tries[choice]()
        except NotPossible:
            return
        message = self.desk.news(after).message
        if hears and not self.unheard:
            self.buyer.hear(message)
        else:
            self.unheard.append(message)

    @rule()
    def somebody_asks_how_it_stands(self) -> None:
        stored = self.issue
        self.desk.send("on_issue_status", "M-poll")
        assert self.issue == stored

    @rule()
    def the_last_message_comes_once_more(self) -> None:
        stored = self.issue
        answer = self.desk.receive(self.buyer.payload())
        assert not isinstance(answer, Refusal)
        assert self.issue == stored

    @rule(seconds=st.integers(1, 90_000))
    def time_passes(self, seconds: int) -> None:
        self.hands.later(seconds=seconds)

    @invariant()
    def nothing_that_was_said_is_lost_or_changed(self) -> None:
        before, now = self.before, self.issue
        assert now.actions[: len(before.actions)] == before.actions
        assert now.resolutions[: len(before.resolutions)] == before.resolutions
        assert {one.id for one in before.actors} <= {one.id for one in now.actors}
        assert now.created == before.created
        assert now.updated.at >= before.updated.at
        assert before.level is Level.ISSUE or now.level is before.level
        assert before.status is not Status.CLOSED or now == before
        self.before = now

    @invariant()
    def what_is_stored_comes_back_as_it_was(self) -> None:
        assert decode(Issue, encode(self.issue)) == self.issue


class OneStory(RuleBasedStateMachine):
    """The same complaint in both versions, and the same done about it: the model cannot tell them apart."""

    def __init__(self) -> None:
        super().__init__()
        self.hands = Hands()
        self.new, self.old = BuyerV2(self.hands), BuyerV1(self.hands)
        self.desks = (SellerDesk(self.hands, DONE), SellerDesk(self.hands, DONE))
        self.heard(self.desks[0].take(self.new.payload()), self.desks[1].take(self.old.payload()))

    def both(self, step) -> None:
        results = []
        self.hands.later()
        hears = (self.new.hear, self.old.hear)
        for desk, hear in zip(self.desks, hears, strict=True):
            try:
                hear(desk.news(step(desk)).message)
                results.append("done")
            except NotPossible:
                results.append("refused")
        assert len(set(results)) == 1

    @rule(name=st.sampled_from(sorted(OPTIONS)))
    def we_impose(self, name: str) -> None:
        self.both(lambda desk: impose(desk.issue, OPTIONS[name], desk.acting))

    @rule()
    def we_ask(self) -> None:
        self.both(lambda desk: ask(desk.issue, [("INFO001", SAYING)], desk.acting))

    @precondition(lambda self: Code.INFO_PROVIDED in allowed(self.desks[0].issue, Side.COMPLAINANT))
    @rule()
    def the_buyer_tells_more(self) -> None:
        self.heard(self.desks[0].take(self.new.act("INFO_PROVIDED")), self.desks[1].take(self.old.more_info()))

    @precondition(lambda self: Code.ESCALATED in allowed(self.desks[0].issue, Side.COMPLAINANT))
    @rule()
    def the_buyer_escalates(self) -> None:
        old = self.old.act("ESCALATE", issue_type="GRIEVANCE")
        self.heard(self.desks[0].take(self.new.act("ESCALATED")), self.desks[1].take(old))

    @precondition(lambda self: self.desks[0].issue.status is not Status.CLOSED)
    @rule()
    def the_buyer_closes(self) -> None:
        old = self.old.act("CLOSE", status="CLOSED", rating="THUMBS-DOWN")
        assert self.desks[0].receive(self.new.act("CLOSED")) is None
        assert self.desks[1].receive(old) is None

    def heard(self, new, old) -> None:
        self.new.hear(new.message)
        self.old.hear(old.message)

    @invariant()
    def both_tell_the_same_story(self) -> None:
        new, old = (desk.issue for desk in self.desks)
        assert (new.status, new.level) == (old.status, old.level)
        assert [one.code for one in new.actions] == [one.code for one in old.actions]
        remedies = [one.accepted() for one in (new, old)]
        assert len({(one.code, one.amount) if one else None for one in remedies}) == 1
        assert set(allowed(old, Side.RESPONDENT)) <= set(allowed(new, Side.RESPONDENT))


MACHINE = settings(deadline=None, max_examples=60, stateful_step_count=30)


def test_an_issue_of_2_0_0_never_loses_an_action_and_all_that_we_send_of_it_is_right():
    run_state_machine_as_test(Whole, settings=MACHINE)


def test_both_versions_tell_the_same_story():
    run_state_machine_as_test(OneStory, settings=MACHINE)

"""What is filed today and what is followed up: by counterparty, by window, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bpp.settlement import moves
from bpp.settlement.codes import CODES, Remedy
from bpp.settlement.model import Difference, Figures, Kind, Settlement, Side
from bpp.settlement.plan import Follow, Pace, file_today, fileable, follow_up, prepare, report_due
from bpp.settlement.states import OrderState, ReconState, SettlementState
from catalog.money import Money
from tests.support.order_builders import BAP
from tests.support.settlements import OVER, Ids, order_due, sold

PACE = Pace()
HOUR = timedelta(hours=1)


def prepared(number: int = 1, **changes) -> Settlement:
    due = replace(order_due(sold(number, "1000.00", "50")), **changes)
    (one,) = prepare(due, (), OVER, lambda: f"S{number}")
    return one


def filed(one: Settlement) -> Settlement:
    (filing,) = file_today([one], OVER, Ids())
    return moves.filed(one, filing)


def failed(code: str, **changes) -> Settlement:
    return replace(moves.not_settled(filed(prepared()), code, OVER), **changes)


def test_each_counterparty_gets_one_settle_of_all_its_orders():
    rows = [prepared(1), prepared(2, bap_id="other.example.in"), prepared(3)]
    filings = file_today(rows, OVER, Ids())

    assert [(one.bap_id, [entry.order_id for entry in one.entries]) for one in filings] == [
        (BAP, ["O1", "O3"]),
        ("other.example.in", ["O2"]),
    ]
    assert len({one.wire_id for one in filings} | {one.transaction_id for one in filings}) == 4


def test_orders_that_we_collected_for_are_filed_apart_since_the_collector_is_another():
    ours = prepare(order_due(sold(2, "1000.00", "50", collected_by="BPP")), (), OVER, Ids())
    filings = file_today([prepared(1), *ours], OVER, Ids())

    assert [one.apps("us") for one in filings] == [(BAP, "us"), ("us", BAP)]


def test_a_settlement_that_was_filed_before_keeps_its_ids_and_is_filed_by_itself():
    again = moves.retried(failed("70021"), OVER.date(), OVER)
    filings = file_today([prepared(3), again], OVER, Ids())

    assert [len(one.entries) for one in filings] == [1, 1]
    assert (again.wire_id, again.transaction_id) in {(one.wire_id, one.transaction_id) for one in filings}


@pytest.mark.parametrize(
    "changes",
    [
        {"ready_at": OVER + HOUR},
        {"due_date": (OVER + timedelta(days=1)).date()},
        {"recon": ReconState.SENT_PENDING},
        {"state": SettlementState.PENDING},
        {"state": SettlementState.SETTLED},
        {"state": SettlementState.NOT_SETTLED},
        {"state": SettlementState.IN_RECON},
        {"number": 2},
    ],
    ids=str,
)
def test_what_is_not_filed(changes):
    assert fileable(prepared(), OVER)
    assert not fileable(replace(prepared(), **changes), OVER)


def test_nil_is_filed_only_where_it_is_wanted_and_there_is_nothing_else():
    assert file_today([], OVER, Ids()) == ()
    (nil,) = file_today([], OVER, Ids(), nil=True)
    assert nil.kind is Kind.NIL
    assert [one.kind for one in file_today([prepared()], OVER, Ids(), nil=True)] == [Kind.NP_NP]


def test_the_books_are_followed_until_something_binds_us():
    one = prepared()
    cheaper = order_due(sold(1, "900.00", "50"))

    for free in (one, failed("70024")):
        assert prepare(cheaper, [free], OVER, Ids())[-1].due == cheaper.due
    for bound in (filed(one), moves.asked(one, "M", OVER), replace(one, agreed=Figures(amount=Money(1)))):
        assert prepare(cheaper, [bound], OVER, Ids()) == (bound,)


def refused(counter: Figures, *differences: Difference) -> Settlement:
    return moves.refused(moves.was_asked(prepared(), OVER), counter, OVER, differences)


BOOKED = Figures(amount=Money(95000), commission=Money(5000))
THEIRS = Figures(amount=Money(85000), commission=Money(5000))
AMOUNT = Difference(cause="recon", order_id="O1", of="S1", field="amount", ours=Money(95000), theirs=Money(85000))


def test_a_dispute_is_over_when_the_books_have_come_to_say_what_the_other_side_said():
    (over,) = prepare(order_due(sold(1, "900.00", "50")), [refused(THEIRS, AMOUNT)], OVER, Ids())
    assert (over.recon, over.counter, over.differences) == (ReconState.INACTIVE, None, ())

    (still,) = prepare(order_due(sold(1, "910.00", "50")), [refused(THEIRS, AMOUNT)], OVER, Ids())
    assert (still.recon, still.counter, still.differences) == (ReconState.RECEIVED_REJECTED, THEIRS, (AMOUNT,))


@pytest.mark.parametrize(
    "other",
    [
        Difference(cause="order_amount", order_id="O1", ours=Money(100000), theirs=Money(123400)),
        Difference(cause="unknown", order_id="O1", field="THEIR-SECOND", theirs=Money(100)),
        Difference(cause="recon", order_id="O1", ours=Money(95000), theirs=Money(95000)),
        Difference(cause="recon", order_id="O1", of="S0", field="tcs", ours=Money(100)),
    ],
    ids=["order's amount", "settlement that we have none of", "something that was not said", "earlier settlement"],
)
def test_a_dispute_about_something_else_than_its_own_amounts_is_not_over_by_books_that_say_those(other):
    named = refused(BOOKED, other)
    both = refused(THEIRS, AMOUNT, other)

    assert prepare(order_due(sold(1, "1000.00", "50")), [named], OVER, Ids()) == (named,)
    (still,) = prepare(order_due(sold(1, "900.00", "50")), [both], OVER, Ids())
    assert (still.recon, still.differences) == (ReconState.RECEIVED_REJECTED, (AMOUNT, other))


def test_a_settlement_that_the_other_side_knows_nothing_of_is_over_when_nothing_is_left_of_it():
    unknown = Difference(cause="unknown", order_id="O1", field=prepared().shown_id, ours=Money(95000))
    (one,) = prepare(order_due(sold(1, "0.00", "0")), [refused(Figures(amount=Money(0)), unknown)], OVER, Ids())

    assert (one.state, one.differences) == (SettlementState.SETTLED, ())


def test_a_correction_after_the_settlement_is_the_next_one_of_the_order():
    one = moves.settled(filed(prepared()), Money(95000), "U", OVER)
    assert prepare(order_due(sold(1, "1000.00", "50")), [one], OVER, Ids()) == (one,)

    _, more = prepare(order_due(sold(1, "1100.00", "50")), [one], OVER, Ids())
    assert (more.number, more.order, more.due.balance) == (2, OrderState.READY, Money(10000))


def test_the_agency_is_asked_after_a_while_some_times_and_then_people():
    one = filed(prepared())

    assert follow_up(one, OVER + PACE.agency - timedelta(seconds=1), PACE) is None
    now = OVER
    for _ in range(PACE.reports):
        now += PACE.agency
        assert follow_up(one, now, PACE) is Follow.REPORT
        one = moves.reported(one, now)
        assert follow_up(one, now, PACE) is None
    assert follow_up(one, now + PACE.agency, PACE) is Follow.PEOPLE


def test_the_agency_is_asked_as_often_about_a_settle_of_no_order():
    (nil,) = file_today([], OVER, Ids(), nil=True)
    asked = [replace(nil, reports=("R",) * count) for count in range(PACE.reports + 1)]

    for count, one in enumerate(asked[:-1], start=1):
        assert not report_due(one, OVER + count * PACE.agency - timedelta(seconds=1), PACE)
        assert report_due(one, OVER + count * PACE.agency, PACE)
    assert not report_due(asked[-1], OVER + timedelta(days=9), PACE)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_remedy(code):
    expected = {Remedy.PEOPLE: Follow.PEOPLE, Remedy.REFILE: Follow.RETRY, Remedy.RECONCILE: Follow.RECON}

    assert follow_up(failed(code), OVER, PACE) is expected[CODES[code].remedy]


def test_a_code_of_a_bank_is_for_people():
    assert follow_up(failed("01"), OVER, PACE) is Follow.PEOPLE


def test_what_was_agreed_upon_before_the_answer_came_is_filed_again_without_another_recon():
    assert follow_up(failed("70024", recon=ReconState.RECEIVED_ACCEPTED), OVER, PACE) is Follow.RETRY


def test_what_is_still_unequal_after_some_settles_is_a_grievance_once():
    one = failed("70024", attempts=PACE.settles)

    assert follow_up(one, OVER, PACE) is Follow.GRIEVANCE
    assert follow_up(moves.raised(one, "ISSUE", OVER), OVER, PACE) is None


@pytest.mark.parametrize(
    ("code", "ours"),
    [("503", "both"), ("70018", "BAP"), ("70020", "BAP"), ("70017", "BPP"), ("70025", "BPP"), ("70021", "none")],
)
def test_of_an_agency_that_is_away_and_of_our_own_account_nobody_complains_to_the_buyer_app(code, ours):
    for side in Side:
        due = replace(prepared().due, collected_by=side)
        found = follow_up(failed(code, attempts=PACE.settles, due=due), OVER, PACE)
        assert found is (Follow.PEOPLE if ours in {"both", side} else Follow.GRIEVANCE)


def test_a_settlement_of_which_nothing_is_left_before_anybody_heard_of_it_is_over():
    one = prepared()
    nothing = replace(order_due(sold(1, "1000.00", "50")), due=one.due - one.due)

    (over,) = prepare(nothing, [one], OVER, Ids())
    assert (over.state, over.order, over.settled) == (SettlementState.SETTLED, OrderState.DONE, Money(0))
    assert prepare(nothing, [over], OVER, Ids()) == (over,)
    assert prepare(nothing, [failed("70021")], OVER, Ids())[0].state is SettlementState.NOT_SETTLED
    assert prepare(nothing, [filed(one)], OVER, Ids())[0].state is SettlementState.PENDING
    _, more = prepare(order_due(sold(1, "1100.00", "50")), [over], OVER, Ids())
    assert (more.number, more.due.balance) == (2, Money(105000))


def test_a_recon_that_nobody_answers_is_given_up_sent_again_and_in_the_end_a_grievance():
    one, now = failed("70024"), OVER
    for _ in range(PACE.recons):
        assert follow_up(one, now, PACE) is Follow.RECON
        one = moves.asked(one, "M", now)
        assert follow_up(one, now, PACE) is None
        now += PACE.counterparty
        assert follow_up(one, now, PACE) is Follow.GIVE_UP_RECON
        one = moves.unanswered(one, "", now)
    assert follow_up(one, now, PACE) is Follow.GRIEVANCE
    assert one.differences == (Difference(cause="unanswered", order_id="O1", ours=Money(95000)),)


def test_a_recon_that_was_refused_waits_a_day_for_people():
    one = moves.refused(moves.asked(failed("70024"), "M", OVER), Figures(amount=Money(1)), OVER)

    assert follow_up(one, OVER + HOUR, PACE) is None
    assert follow_up(one, OVER + PACE.counterparty, PACE) is Follow.GRIEVANCE


@pytest.mark.parametrize("changes", [{}, {"state": SettlementState.SETTLED}, {"ready_at": OVER + HOUR, "number": 2}])
def test_nothing_is_followed_up_that_is_on_its_way(changes):
    assert follow_up(replace(prepared(), **changes), OVER, PACE) is None

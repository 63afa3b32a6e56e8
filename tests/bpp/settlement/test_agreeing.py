"""Two sides that agree file the same, also where they were a paisa apart; a dispute lasts as long as there is one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bpp.settlement import moves
from bpp.settlement.judge import answer, judge_on_recon, judge_recon
from bpp.settlement.judge_settle import Said, SaidLeg, SaidOrder, judge_answer
from bpp.settlement.model import Difference, Figures, ReconLine, ReconOrder, ReconStatus, Settlement
from bpp.settlement.plan import Follow, Pace, file_today, follow_up, prepare
from bpp.settlement.states import ReconState, SettlementState
from catalog.money import Money
from tests.support.settlements import OVER, Ids, by_id, order_due, sold

SALE = sold(1, "1000.00", "50")
OURS = Figures(amount=Money(95000), commission=Money(5000))
THEIRS = Figures(amount=Money(95001), commission=Money(5000))
LATER = OVER + timedelta(days=2)


def prepared() -> Settlement:
    (one,) = prepare(order_due(SALE), (), OVER, Ids())
    return one


def filed(one: Settlement) -> Settlement:
    (filing,) = file_today([one], LATER, Ids())
    return moves.filed(one, filing)


def line(amount: str, commission: str = "50.00", status: ReconStatus = "PENDING", number: int = 1) -> ReconLine:
    figures = Figures(amount=Money.parse(amount), commission=Money.parse(commission))
    reference = "U" if status == "SETTLED" else ""
    return ReconLine(id=f"T{number}", payment_id="pay", status=status, figures=figures, reference_no=reference)


def recon(*lines: ReconLine, amount: str = "1000.00", **more) -> ReconOrder:
    return ReconOrder(order_id="O1", amount=Money.parse(amount), lines=lines, **more)


def heard(one: Settlement, *lines: ReconLine, amount: str = "1000.00") -> tuple[Settlement, ReconOrder]:
    """What their recon makes of a settlement, and what we answer."""
    (verdict,) = judge_recon([recon(*lines, amount=amount)], {"O1": [one]})
    (answered,) = answer([verdict], {"O1": Money(100000)}, OVER)
    return moves.compared(verdict.compared[0], verdict, OVER), answered


def told(one: Settlement, *lines: ReconLine, accord: bool) -> Settlement:
    """What their answer to our recon makes of it."""
    (answered,) = judge_on_recon([recon(*lines, accord=accord)], "RM", {"O1": [one]})
    return moves.told(answered, OVER)


def moved_after_all(one: Settlement) -> Settlement:
    """The agency says that the money moved by what was filed last."""
    order = SaidOrder(order_id="O1", inter_participant=SaidLeg(status="SETTLED", reference_no="U"))
    (filing,) = file_today([replace(prepared(), agreed=one.filed_agreed)], LATER, Ids())
    filing = replace(filing, message_id=one.message_id, wire_id=one.wire_id)
    said = Said(transaction_id=filing.transaction_id, message_id=filing.message_id, orders=(order,))
    (outcome,) = judge_answer(said, filing, by_id([one]))
    return moves.answered(one, outcome, LATER)


def given(theirs: Money, ours: Money = OURS.amount, field: str = "amount") -> Difference:
    return Difference(cause="conceded", order_id="O1", field=field, ours=ours, theirs=theirs)


@pytest.mark.parametrize("amount", ["950.01", "949.99"])
def test_what_is_agreed_to_a_paisa_away_is_answered_and_filed_as_they_have_it_and_the_paisa_has_a_name(amount):
    bound, answered = heard(prepared(), line(amount))
    kept = told(moves.asked(prepared(), "RM", OVER), line(amount), accord=True)

    for one in (bound, kept):
        (filing,) = file_today([one], LATER, Ids())
        assert filing.entries[0].inter_participant == Money.parse(amount)
        assert one.differences == (given(Money.parse(amount)),)
    assert (answered.accord, answered.lines[0].figures.amount) == (True, Money.parse(amount))


BOUND = {
    "asked first": moves.asked(prepared(), "RM", OVER),
    "agreed before": moves.agreed(moves.asked(prepared(), "RM", OVER), OVER),
    "with the agency": filed(prepared()),
    "settled": moves.settled(filed(prepared()), Money(95000), "U", OVER),
}


@pytest.mark.parametrize("name", BOUND)
def test_where_something_binds_us_already_ours_is_told_and_filed_and_nothing_is_given_in(name):
    """So a paisa is too much, but where it is over: who answers yes files what was asked."""
    after, answered = heard(BOUND[name], line("950.01"))
    same, yes = heard(BOUND[name], line("950.00"))

    assert (answered.accord, answered.lines[0].figures, answered.amount) == (name == "settled", OURS, Money(100000))
    assert (after.agreed or OURS, {each.cause for each in after.differences} - {"recon"}) == (OURS, set())
    assert (yes.accord, same.agreed or OURS, same.differences) == (True, OURS, ())


def test_the_amount_of_an_order_is_the_sum_of_its_lines_where_those_are_theirs():
    one = moves.settled(filed(prepared()), Money(95000), "U", OVER)
    rows = prepare(order_due(sold(1, "1100.00", "50")), [one], OVER, Ids())
    said = recon(line("950.01", status="SETTLED"), line("100.01", "0.00", number=2), amount="1050.02")
    (verdict,) = judge_recon([said], {"O1": rows})
    (answered,) = answer([verdict], {"O1": Money(105000)}, OVER)

    assert (verdict.accord, answered.amount) == (True, Money(105002))
    assert [each.figures.amount for each in answered.lines] == [Money(95000), Money(10001)]


def test_an_accord_that_comes_when_the_money_has_moved_changes_nothing_of_what_moved():
    one = moves.not_settled(filed(prepared()), "70024", OVER)
    one = moved_after_all(moves.asked(one, "RM", OVER))
    after = told(one, line("949.99"), accord=True)

    assert (one.state, after.state, after.differences) == (SettlementState.SETTLED, SettlementState.SETTLED, ())
    _, further = prepare(order_due(sold(1, "900.00", "50")), [after], OVER, Ids())
    assert further.due.balance == Money(-10000)


def test_a_concession_after_which_the_money_moved_as_it_was_filed_did_not_happen():
    one = moves.agreed(moves.asked(prepared(), "RM", OVER), OVER)
    one = moves.asked(moves.not_settled(filed(one), "70024", OVER), "RM", OVER)
    one = moves.conceded(told(one, line("900.00", "100.00"), accord=False), OVER)
    assert one.differences == (given(Money(90000)), given(Money(10000), Money(5000), "commission"))

    after = moved_after_all(one)

    assert (after.agreed, after.settled, after.differences) == (OURS, Money(95000), ())


def test_what_was_conceded_before_it_was_filed_keeps_its_name_once():
    one = moves.conceded(told(moves.asked(prepared(), "RM", OVER), line("930.00", "70.00"), accord=False), OVER)
    named = one.differences
    again = moves.asked(moves.not_settled(filed(one), "70024", OVER), "RM", OVER)
    again = told(again, line("930.00", "70.00"), accord=False)

    assert again.differences == named == (given(Money(93000)), given(Money(7000), Money(5000), "commission"))
    assert moved_after_all(again).differences == named


def test_a_refusal_leaves_nothing_given_in():
    one = moves.conceded(told(moves.asked(prepared(), "RM", OVER), line("930.00", "70.00"), accord=False), OVER)
    again = moves.asked(moves.not_settled(filed(one), "70024", OVER), "RM", OVER)
    again = told(again, line("920.00", "80.00"), accord=False)

    assert (again.agreed, {each.cause for each in again.differences}) == (None, {"recon"})


def test_a_dispute_about_an_earlier_settlement_is_not_over_by_books_that_did_not_change():
    sale = moves.settled(filed(prepared()), Money(95000), "U", OVER)
    books = order_due(sold(1, "900.00", "50"))
    rows = prepare(books, [sale], OVER, lambda: "S2")
    lines = (line("950.00", "0.00", "SETTLED"), line("100.00", "0.00", number=2))
    (verdict,) = judge_recon([recon(*lines, amount="850.00")], {"O1": rows})
    refund = moves.compared(verdict.compared[1], verdict, OVER)
    assert [(each.of, each.field) for each in refund.differences] == [(sale.id, "commission")]

    _, still = prepare(books, [sale, refund], OVER, Ids())

    assert (still.recon, still.differences) == (ReconState.RECEIVED_REJECTED, refund.differences)


def test_a_false_accord_is_over_when_the_books_say_what_it_said_also_where_they_call_it_settled():
    one = moves.asked(moves.not_settled(filed(prepared()), "70024", OVER), "RM", OVER)
    one = told(one, line("850.00", "50.00", "SETTLED"), accord=True)
    assert {each.cause for each in one.differences} == {"false_accord", "status"}

    (over,) = prepare(order_due(sold(1, "900.00", "50")), [one], OVER, Ids())

    assert (over.state, over.counter) == (SettlementState.PREPARED, None)
    assert over.differences == ()


@pytest.mark.parametrize(("accord", "state"), [(True, ReconState.SENT_ACCEPTED), (False, ReconState.SENT_REJECTED)])
def test_an_answer_that_comes_when_nobody_waits_for_it_any_more_is_an_answer(accord, state):
    one = moves.unanswered(moves.asked(prepared(), "RM", OVER), "", LATER)
    after = told(one, line("950.00" if accord else "930.00"), accord=accord)

    assert (one.recon, after.recon) == (ReconState.ERROR, state)
    assert "unanswered" not in {each.cause for each in after.differences}


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_two_recons_that_cross_a_paisa_apart_end_with_one_figure(first):
    """Both say no to the other's; then whoever asks again is agreed to, and both file that."""
    one = moves.asked(prepared(), "RM", OVER)
    crossed, answered = heard(one, line("950.01"))
    one = told(crossed, line("950.01"), accord=False)
    assert (crossed, answered.accord, one.counter) == (moves.asked(prepared(), "RM", OVER), False, THEIRS)

    if first == "theirs":
        one, _ = heard(one, line("950.01"))
    else:
        one = told(moves.asked(one, "RM", OVER), line("950.01"), accord=True)

    assert (one.agreed, one.differences) == (THEIRS, (given(THEIRS.amount),))


@pytest.mark.parametrize("recon", ["out", "given up"])
def test_who_refuses_what_we_have_given_in_to_since_is_agreed_with(recon):
    one = told(moves.asked(prepared(), "RM", OVER), line("900.00", "100.00"), accord=False)
    one = moves.asked(one, "RM", OVER)
    one = moves.conceded(one if recon == "out" else moves.unanswered(one, "", LATER), LATER)
    after = told(one, line("900.00", "100.00"), accord=False)

    assert (after.agreed, after.recon) == (one.counter, ReconState.SENT_ACCEPTED)
    (filing,) = file_today([after], LATER, Ids())
    assert filing.entries[0].inter_participant == Money(90000)


@pytest.mark.parametrize(("theirs", "over"), [("949.99", "999.99"), ("850.00", "900.00")])
def test_a_refusal_names_what_differs_and_is_over_when_the_books_say_so(theirs, over):
    one = told(moves.asked(prepared(), "RM", OVER), line(theirs), accord=False)
    assert [(each.cause, each.of, each.field) for each in one.differences] == [("recon", one.id, "amount")]

    (after,) = prepare(order_due(sold(1, over, "50")), [one], OVER, Ids())

    assert (after.counter, after.differences, after.disputed_at) == (None, (), None)


def test_a_late_refusal_of_what_the_books_no_longer_say_is_no_dispute():
    one = moves.unanswered(moves.asked(prepared(), "RM", OVER), "", LATER)
    (one,) = prepare(order_due(sold(1, "900.00", "50")), [one], LATER, Ids())
    after = told(one, line("850.00"), accord=False)

    assert (after.recon, after.counter, after.differences) == (ReconState.INACTIVE, None, ())


def test_the_amount_of_an_order_may_be_all_of_it_less_what_goes_back():
    """By their own lines, which are not ours: what differs is the refund, and nothing else."""
    sale = moves.settled(filed(prepared()), Money(95000), "U", OVER)
    rows = prepare(order_due(sold(1, "940.00", "50")), [sale], OVER, lambda: "S2")
    lines = (line("950.00", "50.00", "SETTLED"), line("100.00", "0.00", number=2))
    (verdict,) = judge_recon([recon(*lines, amount="900.00")], {"O1": rows})

    assert [(each.cause, each.of) for each in verdict.differences] == [("recon", "S2")]


def test_people_have_their_day_after_a_refusal_that_came_while_the_agency_had_it():
    one, _ = heard(filed(prepared()), line("930.00", "70.00"))
    assert (one.state, one.disputed_at) == (SettlementState.PENDING, None)
    one = moves.asked(moves.not_settled(one, "70024", LATER), "RM", LATER)
    (answered,) = judge_on_recon([recon(line("930.00", "70.00"), accord=False)], "RM", {"O1": [one]})
    one = moves.told(answered, LATER)

    assert follow_up(one, LATER + timedelta(hours=23), Pace()) is None
    assert follow_up(one, LATER + timedelta(hours=24), Pace()) is Follow.GRIEVANCE


def test_what_a_silent_buyer_app_leaves_in_reconciliation_is_filed_again_when_a_person_says_so():
    one = moves.unanswered(moves.asked(moves.not_settled(filed(prepared()), "70024", LATER), "RM", LATER), "", LATER)
    assert one.state is SettlementState.IN_RECON

    again = moves.retried(one, LATER.date(), LATER)

    (filing,) = file_today([again], LATER, Ids())
    assert filing.entries[0].inter_participant == Money(95000)


def test_to_a_paisa_of_a_settlement_that_we_have_none_of_nobody_agrees():
    (verdict,) = judge_recon([recon(line("0.01", "0.00"), amount="0.01")], {"O1": []})

    assert (verdict.accord, [each.cause for each in verdict.differences]) == (False, ["unknown"])


def test_a_counterparty_that_asks_every_day_anew_puts_off_no_grievance():
    """Of a refund, which is agreed upon first: the two sides have differed since the first recon."""
    sale = moves.settled(filed(prepared()), Money(95000), "U", OVER)
    _, refund = prepare(order_due(sold(1, "900.00", "50")), [sale], OVER, lambda: "S2")
    refund = replace(refund, ready_at=OVER)
    for hours in (0, 20, 40):
        (verdict,) = judge_recon([recon(line("95.00", "0.00"), amount="95.00")], {"O1": [refund]})
        refund = moves.compared(verdict.compared[0], verdict, OVER + timedelta(hours=hours))

    assert refund.recon is ReconState.RECEIVED_REJECTED
    assert follow_up(refund, OVER + timedelta(hours=23), Pace()) is None
    assert follow_up(refund, OVER + timedelta(hours=24), Pace()) is Follow.GRIEVANCE

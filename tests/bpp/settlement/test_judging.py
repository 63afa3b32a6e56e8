"""What is said to us is judged by our books: every kind of bad input gets its published code, every difference a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from msgspec.json import decode, encode

from bpp.orders.assignment import local_day
from bpp.settlement import moves
from bpp.settlement.judge import Compared, judge_on_recon, judge_recon
from bpp.settlement.judge_settle import Said, SaidLeg, SaidOrder, find_filing, judge_answer
from bpp.settlement.model import (
    Difference,
    Figures,
    Filing,
    Kind,
    ReconLine,
    ReconOrder,
    Refused,
    Settlement,
)
from bpp.settlement.plan import file_today, prepare
from bpp.settlement.receipts import receipt_of
from bpp.settlement.states import OrderState, OutOfOrder, ReconState, SettlementState
from catalog.money import ZERO, Money
from tests.support.settlements import OVER, Ids, by_id, order_due, sold


def prepared() -> Settlement:
    (one,) = prepare(order_due(sold(1, "1000.00", "50")), (), OVER, Ids())
    return one


def filed() -> tuple[Settlement, Filing]:
    one = prepared()
    (filing,) = file_today([one], OVER, Ids())
    return moves.filed(one, filing), filing


def said(filing: Filing, order: SaidOrder, **changes) -> Said:
    answer = Said(
        transaction_id=filing.transaction_id,
        message_id=filing.message_id,
        wire_id=filing.wire_id,
        orders=(order,),
    )
    return replace(answer, **changes)


def settled(order_id: str = "O1", **leg) -> SaidOrder:
    return SaidOrder(order_id=order_id, inter_participant=SaidLeg(**{"status": "SETTLED", "reference_no": "U", **leg}))


def asked(order_id: str = "O1", amount: str = "950.00", commission: str = "50.00", **changes) -> ReconOrder:
    line = ReconLine(
        id="THEIRS",
        payment_id="pay",
        status="PENDING",
        figures=Figures(amount=Money.parse(amount), commission=Money.parse(commission)),
    )
    return ReconOrder(order_id=order_id, amount=Money.parse("1000.00"), lines=(replace(line, **changes),))


def test_an_answer_for_a_transaction_or_a_message_that_we_never_sent_is_refused_by_its_code():
    _, filing = filed()
    order = settled()

    assert find_filing(said(filing, order), [filing]) == filing
    with pytest.raises(Refused) as refused:
        find_filing(said(filing, order, transaction_id="X"), [filing])
    assert (refused.value.code, refused.value.path) == ("70028", "context.transaction_id")
    with pytest.raises(Refused) as refused:
        find_filing(said(filing, order, message_id="X"), [filing])
    assert (refused.value.code, refused.value.path) == ("70029", "context.message_id")


def test_an_answer_about_an_order_or_a_settlement_that_was_not_filed_is_refused():
    one, filing = filed()

    with pytest.raises(Refused) as refused:
        judge_answer(said(filing, settled("O2")), filing, by_id([one]))
    assert (refused.value.code, refused.value.path) == ("70030", "message.settlement.orders[0].id")
    with pytest.raises(Refused) as refused:
        judge_answer(said(filing, settled(), wire_id="X"), filing, by_id([one]))
    assert (refused.value.code, refused.value.path) == ("70002", "message.settlement.id")


@pytest.mark.parametrize("code", ["70021", "70022", "70023", "70024"])
@pytest.mark.parametrize("place", ["leg", "order", "top", "top alone"])
def test_an_error_is_read_wherever_it_stands(code, place):
    one, filing = filed()
    leg = SaidLeg(status="NOT_SETTLED", code=code if place == "leg" else "")
    order = SaidOrder(order_id="O1", inter_participant=leg, code=code if place == "order" else "")
    answer = said(filing, order, code=code if place.startswith("top") else "")
    if place == "top alone":
        answer = replace(answer, orders=(), wire_id="")
    (outcome,) = judge_answer(answer, filing, by_id([one]))

    assert (outcome.settled, outcome.code) == (False, code)
    assert moves.answered(one, outcome, OVER).state is SettlementState.NOT_SETTLED
    assert receipt_of(moves.answered(one, outcome, OVER), posting_id="P", at=OVER, recorded_by="a") is None


def test_a_settled_amount_that_differs_is_what_is_posted_and_has_a_name():
    one, filing = filed()
    (outcome,) = judge_answer(said(filing, settled(settled=Money(94988))), filing, by_id([one]))
    one = moves.answered(one, outcome, OVER)

    assert one.differences == (
        Difference(
            cause="settled_amount", order_id="O1", field="settled_amount", ours=Money(95000), theirs=Money(94988)
        ),
    )
    receipt = receipt_of(one, posting_id="P", at=OVER, recorded_by="agency")
    assert receipt is not None
    assert receipt.amount == Money(94988)


def test_a_settlement_that_repeats_other_amounts_than_were_filed_has_a_name():
    one, filing = filed()
    order = replace(settled(amount=Money(90000)), collector=SaidLeg(amount=Money(10000)))
    (outcome,) = judge_answer(said(filing, order), filing, by_id([one]))

    assert [(each.cause, each.field) for each in outcome.differences] == [
        ("altered", "inter_participant"),
        ("altered", "collector"),
    ]


def test_our_own_leg_that_failed_though_the_money_moved_has_a_name():
    one, filing = filed()
    order = replace(settled(), own=SaidLeg(status="NOT_SETTLED", code="01"))
    (outcome,) = judge_answer(said(filing, order), filing, by_id([one]))

    assert outcome.settled
    assert outcome.differences == (
        Difference(cause="leg", order_id="O1", field="self", ours=Money(95000), theirs=ZERO, code="01"),
    )


def test_a_provider_that_the_agency_says_it_paid_out_of_our_share_has_a_name_since_we_filed_none():
    one, filing = filed()
    order = replace(settled(), provider=SaidLeg(status="SETTLED", amount=Money(80000)))
    (outcome,) = judge_answer(said(filing, order), filing, by_id([one]))

    assert [(each.cause, each.field, each.theirs) for each in outcome.differences] == [
        ("altered", "provider", Money(80000))
    ]


def test_an_answer_that_comes_again_changes_nothing():
    one, filing = filed()
    answer = said(filing, settled())
    (outcome,) = judge_answer(answer, filing, by_id([one]))
    one = moves.answered(one, outcome, OVER)
    (again,) = judge_answer(answer, filing, by_id([one]))

    assert again.stale
    assert moves.answered(one, again, OVER) == one


def test_money_that_moves_by_a_settle_that_was_replaced_has_a_name():
    one, filing = filed()
    (failed,) = judge_answer(
        said(filing, SaidOrder(order_id="O1", inter_participant=SaidLeg(status="NOT_SETTLED", code="70021"))),
        filing,
        by_id([one]),
    )
    one = moves.retried(moves.answered(one, failed, OVER), OVER.date(), OVER)
    (again,) = file_today([one], OVER, Ids())
    again = replace(again, message_id="SECOND")
    one = moves.filed(one, again)
    (outcome,) = judge_answer(said(filing, settled()), filing, by_id([one]))

    assert outcome.stale
    one = moves.answered(one, outcome, OVER)
    assert (one.state, [each.cause for each in one.differences]) == (SettlementState.PENDING, ["late"])


def failed_before() -> dict[str, tuple[Settlement, Filing]]:
    """A settlement that the agency did not settle, whatever was done about it since."""
    one, filing = filed()
    one = moves.not_settled(one, "70024", OVER)
    asked = moves.asked(one, "RM", OVER)
    theirs = Figures(amount=Money(93000), commission=Money(7000))
    return {
        "not settled": (one, filing),
        "prepared again": (moves.retried(one, OVER.date(), OVER), filing),
        "compared": (asked, filing),
        "disputed": (moves.refused(asked, theirs, OVER), filing),
        "agreed": (moves.agreed(asked, OVER), filing),
    }


@pytest.mark.parametrize("name", failed_before())
def test_money_that_moved_after_all_is_settled_and_posted_whatever_the_agency_said_before(name):
    one, filing = failed_before()[name]
    (outcome,) = judge_answer(said(filing, settled()), filing, by_id([one]))
    one = moves.answered(one, outcome, OVER)

    assert (one.state, one.order, one.settled) == (SettlementState.SETTLED, OrderState.DONE, Money(95000))
    assert (one.counter, one.differences) == (None, ())
    receipt = receipt_of(one, posting_id="P", at=OVER, recorded_by="agency")
    assert receipt is not None
    assert receipt.amount == Money(95000)
    assert file_today([one], OVER + timedelta(days=2), Ids()) == ()


def test_money_that_moved_after_all_moved_as_it_was_filed_whatever_was_given_up_since():
    one, filing = failed_before()["disputed"]
    one = moves.conceded(one, OVER)
    assert {each.cause for each in one.differences} == {"conceded"}
    (outcome,) = judge_answer(said(filing, settled()), filing, by_id([one]))
    one = moves.answered(one, outcome, OVER)

    assert (one.agreed, one.settled, one.differences) == (None, Money(95000), ())
    assert prepare(order_due(sold(1, "1000.00", "50")), [one], OVER, Ids()) == (one,)


@pytest.mark.parametrize(("price", "to_come"), [("900.00", -10000), ("0.00", -95000), ("1200.00", 20000)])
def test_money_that_moved_after_all_leaves_what_came_to_the_books_since_for_the_next_settlement(price, to_come):
    """Also where that goes the other way: what came to us is not booked as if we had paid it."""
    one, filing = filed()
    books = order_due(sold(1, price, "50" if price != "0.00" else "0"))
    (one,) = prepare(books, [moves.not_settled(one, "70024", OVER)], OVER, Ids())
    (outcome,) = judge_answer(said(filing, settled()), filing, by_id([one]))
    one = moves.answered(one, outcome, OVER)
    receipt = receipt_of(one, posting_id="P", at=OVER, recorded_by="agency")
    over, further = prepare(books, [one], OVER, Ids())

    assert (over, one.differences) == (one, ())
    assert receipt is not None
    assert receipt.amount == Money(95000)
    assert (further.number, further.due.balance) == (2, Money(to_come))


def test_a_settlement_that_failed_is_not_failed_again_and_of_one_that_is_settled_a_no_is_a_difference_with_a_name():
    one, filing = failed_before()["prepared again"]
    no = SaidOrder(order_id="O1", inter_participant=SaidLeg(status="NOT_SETTLED", code="70021"))
    (outcome,) = judge_answer(said(filing, no), filing, by_id([one]))
    assert moves.answered(one, outcome, OVER) == one

    over = moves.settled(filed()[0], Money(95000), "U", OVER)
    (outcome,) = judge_answer(said(filing, no), filing, by_id([over]))
    after = moves.answered(over, outcome, OVER)
    assert (after.state, after.settled) == (SettlementState.SETTLED, Money(95000))
    assert [(each.cause, each.ours, each.theirs) for each in after.differences] == [
        ("settled_amount", Money(95000), ZERO)
    ]


def test_a_word_on_some_orders_leaves_the_others_as_they_are():
    one, filing = filed()

    assert judge_answer(said(filing, SaidOrder(order_id="O1")), filing, by_id([one])) == ()


def test_an_own_payout_that_failed_has_a_name_and_one_of_which_nothing_is_said_is_asked_about_again():
    (filing,) = file_today([], OVER, Ids(), payouts=[Money(5)])
    (outcome,) = judge_answer(said(filing, SaidOrder(own=SaidLeg(status="NOT_SETTLED", code="01"))), filing, {})

    assert (filing.kind, outcome.settled, outcome.code) == (Kind.MISC, False, "01")
    assert [each.cause for each in outcome.differences] == ["leg"]
    assert judge_answer(said(filing, SaidOrder()), filing, {}) == ()


def test_a_recon_about_an_order_that_is_none_of_ours_is_refused_as_a_whole():
    with pytest.raises(Refused) as refused:
        judge_recon([asked(), asked("O9")], {"O1": [prepared()]})

    assert (refused.value.code, refused.value.path) == ("70030", "message.orders[1].id")


@pytest.mark.parametrize(
    ("amount", "accord"), [("950.00", True), ("950.01", True), ("949.99", True), ("949.98", False)]
)
def test_a_recon_is_agreed_to_within_a_paisa(amount, accord):
    (verdict,) = judge_recon([asked(amount=amount)], {"O1": [prepared()]})

    assert verdict.accord is accord


@pytest.mark.parametrize("field", ["amount", "commission", "withholding_amount", "tcs", "tds"])
def test_each_of_the_five_amounts_can_keep_us_from_agreeing(field):
    order = asked()
    figures = replace(order.lines[0].figures, **{field: getattr(order.lines[0].figures, field) + Money(2)})
    (verdict,) = judge_recon([replace(order, lines=(replace(order.lines[0], figures=figures),))], {"O1": [prepared()]})

    assert not verdict.accord
    assert {each.field for each in verdict.differences if each.cause == "recon"} == {field}
    assert verdict.compared[0].apart[field] == Money(2)


@pytest.mark.parametrize(("amount", "accord"), [("950.00", True), ("1000.00", True), ("1234.00", False)])
def test_the_amount_of_an_order_may_mean_its_settlements_or_the_whole_and_nothing_else(amount, accord):
    (verdict,) = judge_recon([replace(asked(), amount=Money.parse(amount))], {"O1": [prepared()]})

    assert verdict.accord is accord
    assert [each.cause for each in verdict.differences] == ([] if accord else ["order_amount"])


def test_a_settlement_that_we_have_not_and_one_that_only_they_call_settled_have_names():
    (unknown,) = judge_recon([asked()], {"O1": []})
    (early,) = judge_recon([asked(status="SETTLED", reference_no="U")], {"O1": [prepared()]})

    assert (unknown.accord, [each.cause for each in unknown.differences]) == (False, ["unknown"])
    assert (early.accord, [each.cause for each in early.differences]) == (True, ["status"])


def recon_sent() -> Settlement:
    return moves.asked(prepared(), "RM", OVER)


def test_an_answer_to_a_recon_that_we_never_sent_is_refused():
    with pytest.raises(Refused) as refused:
        judge_on_recon([asked()], "OTHER", {"O1": [recon_sent()]})

    assert refused.value.code == "70029"


def test_an_answer_that_leaves_an_order_out_is_refused():
    with pytest.raises(Refused) as refused:
        judge_on_recon([asked("O2")], "RM", {"O1": [recon_sent()]})

    assert (refused.value.code, refused.value.path) == ("70002", "message.orders")


def test_an_accord_to_other_amounts_than_ours_is_none():
    (answer,) = judge_on_recon([replace(asked(amount="940.00"), accord=True)], "RM", {"O1": [recon_sent()]})
    one = moves.told(answer, OVER)

    assert (one.recon, one.agreed) == (ReconState.SENT_REJECTED, None)
    assert [each.cause for each in one.differences] == ["false_accord"]


def test_an_answer_that_says_nothing_of_our_settlement_is_no_accord():
    (answer,) = judge_on_recon([replace(asked(), accord=True, lines=())], "RM", {"O1": [recon_sent()]})

    assert not answer.agreed
    assert [each.cause for each in answer.differences] == ["unknown"]


def test_a_refusal_of_the_very_amounts_that_we_have_has_a_name():
    (answer,) = judge_on_recon([replace(asked(), accord=False)], "RM", {"O1": [recon_sent()]})
    one = moves.told(answer, OVER)

    assert one.recon is ReconState.SENT_REJECTED
    assert [(each.cause, each.ours, each.theirs) for each in one.differences] == [("recon", Money(95000), Money(95000))]


def test_who_agrees_for_a_day_that_never_comes_is_filed_after_a_month():
    (answer,) = judge_on_recon([replace(asked(due_date=date(2099, 1, 1)), accord=True)], "RM", {"O1": [recon_sent()]})

    assert moves.told(answer, OVER).due_date == local_day(OVER) + timedelta(days=30)


def test_a_settlement_that_is_over_keeps_what_was_filed_for_it_when_a_later_recon_is_refused():
    theirs = Figures(amount=Money(93000), commission=Money(7000))
    one = moves.conceded(moves.refused(recon_sent(), theirs, OVER), OVER)
    (filing,) = file_today([one], OVER, Ids())
    one = moves.settled(moves.filed(one, filing), Money(93000), "U", OVER)

    again = moves.refused(moves.asked(one, "RM2", OVER), Figures(amount=Money(1)), OVER)

    assert again.agreed == theirs


def test_an_answer_after_the_matter_is_over_changes_nothing():
    (answer,) = judge_on_recon([replace(asked(due_date=date(2026, 11, 26)), accord=True)], "RM", {"O1": [recon_sent()]})
    one = moves.told(answer, OVER)
    assert (one.recon, one.due_date) == (ReconState.SENT_ACCEPTED, date(2026, 11, 26))

    assert moves.told(replace(answer, settlement=one), OVER + timedelta(hours=1)) == one


def test_a_recon_is_not_sent_twice_and_nothing_is_conceded_that_was_not_refused():
    with pytest.raises(OutOfOrder):
        moves.asked(recon_sent(), "RM2", OVER)
    with pytest.raises(OutOfOrder):
        moves.conceded(prepared(), OVER)


def test_nothing_is_conceded_while_the_agency_has_our_settle():
    one, _ = filed()
    one = moves.refused(moves.asked(one, "RM", OVER), Figures(amount=Money(1)), OVER)

    with pytest.raises(OutOfOrder):
        moves.conceded(one, OVER)


def test_what_is_conceded_is_filed_and_named():
    theirs = Figures(amount=Money(93000), commission=Money(7000))
    one = moves.refused(recon_sent(), theirs, OVER)
    one = moves.conceded(one, OVER)
    (filing,) = file_today([one], OVER, Ids())

    assert (filing.entries[0].inter_participant, filing.entries[0].collector) == (Money(93000), Money(7000))
    assert [(each.cause, each.field, str(each.ours), str(each.theirs)) for each in one.differences] == [
        ("conceded", "amount", "950.00", "930.00"),
        ("conceded", "commission", "50.00", "70.00"),
    ]


def test_two_recons_that_cross_and_say_the_same_bind_both():
    one = recon_sent()
    (verdict,) = judge_recon([asked()], {"O1": [one]})
    (compared,) = verdict.compared

    assert moves.compared(compared, verdict, OVER).recon is ReconState.SENT_ACCEPTED
    with pytest.raises(ValueError, match="no settlement"):
        moves.compared(Compared(said=compared.said, settlement=None, ours=compared.ours, accord=True), verdict, OVER)


def test_what_is_kept_of_a_settlement_and_a_filing_comes_back_from_its_document():
    one, filing = filed()
    one = moves.conceded(
        replace(
            one,
            state=SettlementState.IN_RECON,
            order=OrderState.RECON,
            recon=ReconState.SENT_REJECTED,
            counter=Figures(amount=Money(1)),
        ),
        OVER,
    )

    assert decode(encode(one), type=Settlement) == one
    assert decode(encode(filing), type=Filing) == filing

"""What an order is settled for is what its books say: nothing is reckoned twice, whoever collected, whatever followed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.ledger import chart
from bpp.ledger.booked import PartLine
from bpp.ledger.model import Line, Posting
from bpp.ledger.receipts import check_covered, posting_of
from bpp.orders.rates import OrderRates, Rate
from bpp.orders.states import Stage
from bpp.settlement.amounts import done_at, due_of, figures, lines_of, shares, still_due
from bpp.settlement.model import Due, Figures, Settlement, Side
from bpp.settlement.plan import prepare
from bpp.settlement.receipts import receipt_of
from bpp.settlement.states import SettlementState
from catalog.money import ZERO, Money
from tests.support.order_builders import BAP, a_visit
from tests.support.settlements import DONE_AT, OVER, Ids, booked, entered, left_open, order_due, sold, taxed

RATES = OrderRates(
    day=date(2026, 11, 23),
    tcs=Rate(value=Decimal("0.5"), scope="released"),
    tds=Rate(value=Decimal("0.1"), scope="released"),
    gst_on_finder_fee=Decimal(18),
)


def settlement(due: Due, **changes) -> Settlement:
    one = Settlement(
        id="S",
        ref="R1",
        order_id="O1",
        bap_id=BAP,
        payment_id="PAY1",
        number=1,
        due=due,
        ready_at=OVER,
        updated_at=OVER,
    )
    return replace(one, **changes)


def of(filed) -> tuple[str, str, str]:
    return str(filed.inter_participant), str(filed.collector), str(filed.own)


def test_the_finder_fee_is_kept_with_the_tax_on_it():
    due = order_due(sold(1, "2360.00", "150", rates=taxed())).due

    assert (due.collected_by, str(due.collected), str(due.finder_fee), str(due.finder_fee_gst)) == (
        Side.BAP,
        "2360.00",
        "150.00",
        "27.00",
    )
    assert of(shares(settlement(due))) == ("2183.00", "177.00", "2183.00")


def test_taxes_are_taken_by_us_who_release_the_money_and_are_nothing_between_participants():
    due = order_due(sold(1, "2360.00", "150", rates=RATES)).due

    assert (due.tcs, due.tds) == (ZERO, ZERO)
    assert figures(due).tcs == ZERO


def test_a_buyer_app_that_takes_the_taxes_keeps_those_that_the_books_have():
    order = sold(1, "2360.00", "150", rates=RATES)
    due = order_due(order, taxes_by_collector=True).due
    sums = entered(booked(order))

    assert (due.tcs, due.tds) == (-sums[chart.TCS], -sums[chart.TDS]) == (Money(1000), Money(200))
    assert of(shares(settlement(due))) == ("2171.00", "189.00", "2171.00")
    settled = settlement(due, state=SettlementState.SETTLED, settled=Money.parse("2171.00"), reference_no="UTR")
    receipt = receipt_of(settled, posting_id="P", at=OVER, recorded_by="agency")
    assert receipt is not None
    check_covered(posting_of(receipt), sums)
    after = entered(booked(order), receipt)
    assert not {chart.TCS, chart.TDS, chart.collected(BAP), chart.finder_fee(BAP)} & after.keys()
    assert after[chart.BANK] == Money.parse("2171.00")


def test_of_an_order_that_we_collected_for_the_finder_fee_moves_and_the_rest_is_ours():
    due = order_due(sold(1, "1000.00", "50", collected_by="BPP", rates=taxed())).due

    assert due.collected_by is Side.BPP
    assert of(shares(settlement(due))) == ("59.00", "941.00", "941.00")
    assert figures(due) == Figures(amount=Money(5900), commission=Money(5900))


def test_what_is_withheld_is_a_settlement_of_its_own_once_the_time_is_over():
    order = sold(1, "1000.00", "50")
    first = order_due(order, withheld=Money(10000)).due
    one = settlement(first, state=SettlementState.SETTLED, settled=Money(85000))
    rest = still_due(order_due(order).due, [one])

    assert of(shares(settlement(first))) == ("850.00", "50.00", "850.00")
    assert figures(first).withholding_amount == Money(10000)
    assert left_open(one) == Money(10000)
    assert of(shares(settlement(rest, number=2))) == ("100.00", "0.00", "100.00")


def test_an_order_that_was_given_up_with_a_refund_of_all_leaves_nothing_to_settle():
    lines = (
        PartLine("payment:1", chart.collected(BAP), Money(49900)),
        PartLine("refund", chart.collected(BAP), Money(-49900)),
    )

    assert due_of(lines, BAP).nothing
    assert prepare(order_due(sold(1, "499.00", "0"), lines), (), OVER, Ids()) == ()


def test_a_fee_that_is_given_back_with_a_refund_lessens_what_we_pay():
    sale = order_due(sold(1, "1000.00", "100")).due
    after = replace(sale, charged=Money(70000), collected=Money(70000), finder_fee=Money(7000))
    one = settlement(sale, state=SettlementState.SETTLED, settled=Money(90000))
    rest = still_due(after, [one])
    back = settlement(rest, number=2, state=SettlementState.SETTLED, settled=Money(27000), reference_no="UTR-2")

    assert of(shares(back)) == ("270.00", "0.00", "0.00")
    receipt = receipt_of(back, posting_id="P", at=OVER, recorded_by="agency")
    assert receipt is not None
    assert (receipt.amount, receipt.finder_fee) == (Money(-27000), Money(-3000))
    lines = {line.account: line.amount for line in posting_of(receipt).lines}
    assert lines[chart.collected(BAP)] == Money(30000)


def test_what_was_conceded_stays_open_in_the_books_and_is_not_asked_for_again():
    due = order_due(sold(1, "1000.00", "50")).due
    theirs = Figures(amount=Money(93000), commission=Money(7000))
    one = settlement(due, agreed=theirs, state=SettlementState.SETTLED, settled=Money(93000), reference_no="U")

    assert of(shares(one)) == ("930.00", "70.00", "930.00")
    assert still_due(due, [one]).nothing
    assert still_due(replace(due, finder_fee=Money(7000)), [one]).nothing  # the books have come to say the same
    refund = still_due(replace(due, collected=due.collected - Money(30000)), [one])
    assert of(shares(settlement(refund, number=2))) == ("300.00", "0.00", "0.00")
    receipt = receipt_of(one, posting_id="P", at=OVER, recorded_by="agency")
    assert receipt is not None
    assert (receipt.amount, receipt.finder_fee) == (Money(93000), Money(5000))
    open_ = entered(booked(sold(1, "1000.00", "50")), receipt)
    assert open_[chart.collected(BAP)] == Money(2000)


@pytest.mark.parametrize(("commission", "fee", "tax"), [("59.00", "50.00", "9.00"), ("29.50", "25.00", "4.50")])
def test_a_smaller_commission_is_kept_with_its_part_of_the_tax(commission, fee, tax):
    due = order_due(sold(1, "1000.00", "50", rates=taxed())).due
    kept = Money.parse(commission)
    theirs = Figures(amount=Money.parse("1000.00") - kept, commission=kept)
    one = settlement(due, agreed=theirs, state=SettlementState.SETTLED, settled=theirs.amount)
    receipt = receipt_of(one, posting_id="P", at=OVER, recorded_by="agency")

    assert receipt is not None
    assert (str(receipt.finder_fee), str(receipt.finder_fee_gst)) == (fee, tax)


money = st.integers(0, 10_000_000)


@given(money, money, st.sampled_from(("0", "18", "12.5")), st.sampled_from(("BAP", "BPP")))
def test_total_is_always_what_moves_and_what_the_collector_keeps(total, fee, gst, collected_by):
    order = sold(1, str(Money(total)), str(Money(fee)), collected_by=collected_by, rates=taxed(gst))
    due = order_due(order).due
    filed = shares(settlement(due))
    kept = due.commission

    if kept <= Money(total):
        assert filed.inter_participant + filed.collector == Money(total)
        assert filed.own == (filed.inter_participant if collected_by == "BAP" and total else filed.collector)
    else:  # a fee above the price: what is above it is ours to pay
        assert filed.inter_participant in {kept - Money(total), kept}
    assert min(filed.inter_participant, filed.collector, filed.own) >= ZERO


@given(money, st.integers(0, 100), st.sampled_from(("0", "18")), st.sampled_from(("BAP", "BPP")))
def test_a_settled_order_leaves_nothing_with_the_buyer_app_and_the_bank_with_its_share(total, fee, gst, collected_by):
    order = sold(1, str(Money(total)), str(Money(total * fee // 200)), collected_by=collected_by, rates=taxed(gst))
    due, lines = order_due(order).due, booked(order)
    one = settlement(due, state=SettlementState.SETTLED, settled=shares(settlement(due)).inter_participant)
    receipt = receipt_of(one, posting_id="P", at=OVER, recorded_by="agency")
    after = entered(lines, receipt)

    assert not {chart.collected(BAP), chart.finder_fee(BAP), chart.finder_fee_gst(BAP)} & after.keys()
    assert after.get(chart.BANK, ZERO) == Money(total) - due.commission


def test_the_window_begins_when_the_last_visit_was_completed():
    order = sold(1, "100.00", "0")
    later = a_visit(id="F2", stage=Stage.COMPLETED, completed_at=OVER)

    assert done_at(order) == DONE_AT
    assert done_at(replace(order, fulfillments=(*order.fulfillments, later))) == OVER
    assert done_at(replace(order, fulfillments=(*order.fulfillments, a_visit(id="F2")))) is None


def test_an_order_that_was_given_up_counts_from_when_that_was_written():
    order = replace(sold(1, "100.00", "0"), fulfillments=(a_visit(stage=Stage.CANCELLED),), updated_at=DONE_AT)

    assert done_at(order) == DONE_AT


def test_lines_are_those_of_the_postings_with_their_part():
    lines = (Line(chart.BANK, Money(5)), Line(chart.collected(BAP), Money(-5)))
    posting = Posting(id="P", at=OVER, ref="R1", part="payment:1", memo="", lines=lines)

    assert lines_of([posting]) == tuple(PartLine("payment:1", line.account, line.amount) for line in lines)

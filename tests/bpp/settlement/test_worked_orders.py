"""The three worked orders of HomeTriangle, its MISC and NIL, and the refund flow, message by message to the paisa.

Source: network.md 2.4. Their finder fee has no tax.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from beckn_schemas.rsf_received import parse_rsf
from bpp.ledger import chart
from bpp.ledger.booked import PartLine
from bpp.settlement import moves
from bpp.settlement.amounts import shares
from bpp.settlement.judge import judge_on_recon, judge_recon
from bpp.settlement.judge_settle import find_filing, judge_answer
from bpp.settlement.model import Figures, Filing, Kind, Settlement
from bpp.settlement.plan import Follow, Pace, file_today, follow_up, prepare
from bpp.settlement.receipts import receipt_of
from bpp.settlement.states import OrderState, ReconState, SettlementState
from bpp.settlement.wire import read_recon
from catalog.money import ZERO, Money
from tests.support.order_builders import BAP
from tests.support.settlements import (
    AGENCY,
    BUYER,
    OVER,
    WE,
    Agency,
    Ids,
    booked,
    buyers_on_recon,
    buyers_recon,
    buyers_settle,
    by_id,
    entered,
    envelope,
    inr,
    left_open,
    on_recon_payload,
    order_due,
    recon_payload,
    report_payload,
    said_by,
    settle_payload,
    sold,
    sound,
)

MINUTE = timedelta(minutes=1)


def file(one: Settlement, ids: Ids, at: Any = OVER) -> tuple[Settlement, Filing, Any]:
    """One settlement filed: as it is then, its filing, and the settle as sent."""
    (filing,) = file_today([one], at, ids)
    return moves.filed(one, filing), filing, sound(settle_payload(filing, WE, AGENCY))


def answered(one: Settlement, filing: Filing, answer: Any) -> Settlement:
    """A settlement after an answer of the agency."""
    said = said_by(answer)
    assert find_filing(said, [filing]) == filing
    (outcome,) = judge_answer(said, filing, by_id([one]))
    return moves.answered(one, outcome, OVER + MINUTE)


def amounts_of(payload: Any) -> tuple[str, str, str]:
    """What moves, what the collector keeps, what is ours of the first order of a settle."""
    (order,) = payload["message"]["settlement"]["orders"]
    return tuple(order[name]["amount"]["value"] for name in ("inter_participant", "collector", "self"))


def after_receipt(one: Settlement, lines: tuple[PartLine, ...]) -> Any:
    """The buyer app's accounts and the bank after the posting of a settled order."""
    sums = entered(lines, receipt_of(one, posting_id="P", at=OVER, recorded_by="agency"))
    names = {"bank": chart.BANK, "collected": chart.collected(BAP), "fee": chart.finder_fee(BAP)}
    return {name: str(sums[account]) for name, account in names.items() if account in sums}


def test_hometriangle_183_matches_and_is_settled_for_5567():
    ids, agency, order = Ids(), Agency(), sold(183, "5717.00", "150")
    (one,) = prepare(order_due(order), (), OVER, ids)

    one, filing, settle = file(one, ids)
    assert amounts_of(settle) == ("5567.00", "150.00", "5567.00")
    assert (settle["message"]["collector_app_id"], settle["message"]["receiver_app_id"]) == (BUYER.id, WE.id)
    assert (settle["context"]["bap_id"], settle["context"]["bpp_id"]) == (WE.id, AGENCY.id)
    agency.take(settle)
    agency.take(buyers_settle("O183", "5567.00", "150.00", OVER))
    one = answered(one, filing, agency.on_settle(settle, BUYER.id))

    assert (one.state, one.order) == (SettlementState.SETTLED, OrderState.DONE)
    assert (one.settled, one.reference_no) == (Money.parse("5567.00"), "UTR-1")
    assert after_receipt(one, booked(order)) == {"bank": "5567.00"}


def test_a_report_is_answered_like_the_settle_that_it_asks_about():
    ids, agency, order = Ids(), Agency(), sold(183, "5717.00", "150")
    (one,) = prepare(order_due(order), (), OVER, ids)
    one, filing, settle = file(one, ids)
    agency.take(buyers_settle("O183", "5567.00", "150.00", OVER))

    assert follow_up(one, OVER + timedelta(hours=6), Pace()) is Follow.REPORT
    report = sound(report_payload(filing, "REPORT", OVER + timedelta(hours=6), WE, AGENCY))
    assert report["message"] == {
        "ref_transaction_id": settle["context"]["transaction_id"],
        "ref_message_id": settle["context"]["message_id"],
    }
    assert report["context"]["transaction_id"] == settle["context"]["transaction_id"]
    one = moves.reported(one, OVER + timedelta(hours=6))
    told = agency.on_settle(settle, BUYER.id, action="on_report")
    told["context"]["message_id"] = "REPORT"
    one = answered(one, replace(filing, reports=("REPORT",)), told)

    assert one.state is SettlementState.SETTLED


def test_hometriangle_188_differs_is_reconciled_with_accord_and_settled_for_4492():
    ids, agency = Ids(), Agency()
    wrong, right = sold(188, "4642.00", "170"), sold(188, "4642.00", "150")
    (one,) = prepare(order_due(wrong), (), OVER, ids)
    one, filing, settle = file(one, ids)
    assert amounts_of(settle) == ("4472.00", "170.00", "4472.00")
    agency.take(buyers_settle("O188", "4492.00", "150.00", OVER))
    one = answered(one, filing, agency.on_settle(settle, BUYER.id))
    assert (one.state, one.code) == (SettlementState.NOT_SETTLED, "70024")

    (one,) = prepare(order_due(right), (one,), OVER, ids)  # the books were wrong, and were put right
    assert follow_up(one, OVER, Pace()) is Follow.RECON
    recon = sound(recon_payload([[one]], envelope("T", "M", OVER), BUYER, WE))
    (told,) = recon["message"]["orders"]
    assert told["amount"] == inr("4642.00")
    (line,) = told["settlements"]
    assert line["status"] == "PENDING"
    assert [line[name] for name in ("amount", "commission", "withholding_amount", "tcs", "tds")] == [
        inr("4492.00"),
        inr("150.00"),
        *[inr("0.00")] * 3,
    ]
    one = moves.asked(one, "M", OVER)
    assert (one.order, one.state, one.recon) == (
        OrderState.RECON,
        SettlementState.IN_RECON,
        ReconState.SENT_PENDING,
    )

    said = parse_rsf("on_recon", buyers_on_recon(recon, OVER + MINUTE, due="2026-11-25T10:00:00.000Z")).recon
    assert said is not None
    (answer,) = judge_on_recon(read_recon(said), "M", {"O188": [one]})
    assert answer.agreed
    assert str(answer.due_date) == "2026-11-25"
    one = moves.agreed(one, OVER + MINUTE, answer.due_date)
    assert file_today([one], OVER, ids) == ()  # not before the day that was agreed upon

    again = OVER + timedelta(days=1)
    settlement_id, transaction_id, message_id = filing.wire_id, filing.transaction_id, filing.message_id
    one, filing, settle = file(one, ids, again)
    assert (filing.wire_id, filing.transaction_id) == (settlement_id, transaction_id)
    assert filing.message_id != message_id
    assert amounts_of(settle) == ("4492.00", "150.00", "4492.00")
    one = answered(one, filing, agency.on_settle(settle, BUYER.id))
    assert (one.state, one.order, one.settled) == (SettlementState.SETTLED, OrderState.DONE, Money.parse("4492.00"))
    assert after_receipt(one, booked(right)) == {"bank": "4492.00"}


def test_hometriangle_190_is_disputed_by_both_and_settled_for_2210():
    ids, agency = Ids(), Agency()
    wrong, right = sold(190, "2360.00", "130"), sold(190, "2360.00", "150")
    (one,) = prepare(order_due(wrong), (), OVER, ids)
    one, filing, settle = file(one, ids)
    assert amounts_of(settle) == ("2230.00", "130.00", "2230.00")
    agency.take(buyers_settle("O190", "2190.00", "170.00", OVER))
    one = answered(one, filing, agency.on_settle(settle, BUYER.id))
    assert one.code == "70024"

    recon = sound(recon_payload([[one]], envelope("T", "M", OVER), BUYER, WE))
    one = moves.asked(one, "M", OVER)
    told = buyers_on_recon(recon, OVER + MINUTE, {"amount": "2210.00", "commission": "150.00"})
    said = parse_rsf("on_recon", told).recon
    assert said is not None
    (answer,) = judge_on_recon(read_recon(said), "M", {"O190": [one]})
    assert not answer.agreed
    assert answer.counter == Figures(amount=Money.parse("2210.00"), commission=Money.parse("150.00"))
    assert [(each.field, str(each.ours), str(each.theirs)) for each in answer.differences] == [
        ("amount", "2230.00", "2210.00"),
        ("commission", "130.00", "150.00"),
    ]
    one = moves.refused(one, answer.counter, OVER + MINUTE, answer.differences)
    assert (one.state, one.recon) == (SettlementState.IN_RECON, ReconState.SENT_REJECTED)

    (one,) = prepare(order_due(right), (one,), OVER, ids)  # the books say the same by now: no dispute is left
    assert (one.state, one.differences) == (SettlementState.PREPARED, ())

    theirs = buyers_recon("O190", "2360.0", [{"amount": "2190.0", "commission": "170.0"}], OVER + MINUTE)
    read = parse_rsf("recon", theirs).recon
    assert read is not None
    verdicts = judge_recon(read_recon(read), {"O190": [one]})
    reply = sound(on_recon_payload(theirs["context"], verdicts, OVER + MINUTE), theirs)
    (order,) = reply["message"]["orders"]
    (line,) = order["settlements"]
    assert (order["recon_accord"], order["amount"]) == (False, inr("2360.00"))
    assert line["amount"] == {**inr("2210.00"), "diff_value": "20.00"}
    assert line["commission"] == {**inr("150.00"), "diff_value": "20.00"}
    assert line["tcs"] == {**inr("0.00"), "diff_value": "0.00"}
    assert reply["context"]["timestamp"] > theirs["context"]["timestamp"]

    agency.take(buyers_settle("O190", "2210.00", "150.00", OVER))
    one, filing, settle = file(one, ids)
    assert amounts_of(settle) == ("2210.00", "150.00", "2210.00")
    one = answered(one, filing, agency.on_settle(settle, BUYER.id))
    assert after_receipt(one, booked(right)) == {"bank": "2210.00"}


def test_misc_pays_ourselves_without_a_counterparty():
    (filing,) = file_today([], OVER, Ids(), payouts=[Money.parse("2000.00")])
    settle = sound(settle_payload(filing, WE, AGENCY))

    assert settle["message"] == {
        "settlement": {"type": "MISC", "id": filing.wire_id, "orders": [{"self": {"amount": inr("2000.00")}}]}
    }
    (outcome,) = judge_answer(said_by(Agency().on_settle(settle, BUYER.id)), filing, {})
    assert (outcome.settled, outcome.amount, outcome.reference_no) == (True, Money.parse("2000.00"), "UTR-M")


def test_nil_says_nothing_and_takes_any_orders_for_an_answer():
    (filing,) = file_today([], OVER, Ids(), nil=True)
    settle = sound(settle_payload(filing, WE, AGENCY))

    assert settle["message"] == {"settlement": {"type": "NIL"}}
    answer = Agency().on_settle(settle, BUYER.id)
    answer["message"]["settlement"]["orders"] = [{"id": "odd"}]
    assert judge_answer(said_by(answer), filing, {}) == ()
    assert filing.kind is Kind.NIL


def test_a_refund_after_the_settlement_is_agreed_upon_and_filed_by_the_seller_who_pays_it():
    ids, agency, order = Ids(), Agency(), sold(1, "1000.00", "50")
    (sale,) = prepare(order_due(order), (), OVER, ids)
    sale, filing, settle = file(sale, ids)
    agency.take(buyers_settle("O1", "950.00", "50.00", OVER))
    sale = answered(sale, filing, agency.on_settle(settle, BUYER.id))
    given_back = (
        *booked(order),
        PartLine("refund", chart.consumer_due("R1"), Money(30000)),
        PartLine("refund", chart.collected(BAP), Money(-30000)),
    )

    sale, refund = prepare(order_due(order, given_back), (sale,), OVER, ids)
    assert (refund.number, refund.order) == (2, OrderState.READY)
    assert file_today([refund], OVER, ids) == ()
    assert follow_up(refund, OVER, Pace()) is Follow.RECON
    recon = sound(recon_payload([[sale, refund]], envelope("T", "M", OVER), BUYER, WE, "c"))
    (told,) = recon["message"]["orders"]
    assert told["amount"] == inr("650.00")
    assert [one["status"] for one in told["settlements"]] == ["SETTLED", "TO_BE_INITIATED"]
    assert [told["settlements"][1][name]["value"] for name in ("amount", "commission", "tcs")] == [
        "300.00",
        "0.00",
        "0.00",
    ]
    refund = moves.asked(refund, "M", OVER)
    said = parse_rsf("on_recon", buyers_on_recon(recon, OVER + MINUTE)).recon
    assert said is not None
    (answer,) = judge_on_recon(read_recon(said), "M", {"O1": [sale, refund]})
    assert answer.agreed
    refund = moves.agreed(refund, OVER + MINUTE, answer.due_date)

    later = OVER + timedelta(days=2)
    refund, second, settle = file(refund, ids, later)
    assert second.wire_id != filing.wire_id
    assert amounts_of(settle) == ("300.00", "0.00", "0.00")
    assert (settle["message"]["collector_app_id"], settle["context"]["bap_id"]) == (BUYER.id, WE.id)
    refund = answered(refund, second, agency.on_settle(settle, BUYER.id))
    assert refund.state is SettlementState.SETTLED
    first = receipt_of(sale, posting_id="P1", at=OVER, recorded_by="agency")
    back = receipt_of(refund, posting_id="P2", at=OVER, recorded_by="agency")
    assert back is not None
    assert back.amount == Money(-30000)
    sums = entered(given_back, first, back)
    assert sums[chart.BANK] == Money(65000)
    assert chart.collected(BAP) not in sums
    assert (left_open(sale), left_open(refund)) == (ZERO, ZERO)


def test_an_order_that_we_collected_for_is_settled_by_its_finder_fee():
    ids, order = Ids(), sold(7, "1000.00", "50", collected_by="BPP")
    (one,) = prepare(order_due(order), (), OVER, ids)

    assert shares(one).inter_participant == Money(5000)
    one, filing, settle = file(one, ids)
    assert amounts_of(settle) == ("50.00", "950.00", "950.00")
    assert (settle["message"]["collector_app_id"], settle["message"]["receiver_app_id"]) == (WE.id, BUYER.id)
    agency = Agency()
    agency.take(buyers_settle("O7", "50.00", "950.00", OVER))
    one = answered(one, filing, agency.on_settle(settle, BUYER.id))
    assert after_receipt(one, booked(order)) == {"bank": "950.00"}

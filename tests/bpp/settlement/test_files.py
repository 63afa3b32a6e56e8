"""Files for agencies without messages: safe to open in a spreadsheet, and their answers read back and judged alike."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.settlement.files import ANSWERED, FILED, MOST_BYTES, MOST_ROWS, UnreadableAnswer, filed_csv, read_answers
from bpp.settlement.judge_settle import judge_answer
from bpp.settlement.model import Entry, Filing, Kind
from bpp.settlement.plan import file_today, prepare
from catalog.money import Money
from tests.support.order_builders import BAP
from tests.support.settlements import OVER, WE, Ids, by_id, order_due, sold

HEAD = ",".join(ANSWERED)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_line_says_all_that_the_message_would():
    ids = Ids()
    one = prepare(order_due(sold(1, "1000.00", "50")), (), OVER, ids)
    filings = file_today(one, OVER, ids, payouts=[Money(200000)])
    np_np, misc = rows_of(filed_csv(filings, WE.id))

    assert tuple(np_np) == FILED
    assert {name: np_np[name] for name in FILED[4:9]} == {
        "collector_app_id": BAP,
        "receiver_app_id": WE.id,
        "order_id": "O1",
        "inter_participant_amount": "950.00",
        "collector_amount": "50.00",
    }
    assert np_np["self_amount"] == "950.00"
    assert (misc["settlement_type"], misc["order_id"], misc["self_amount"]) == ("MISC", "", "2000.00")


def test_a_day_without_money_is_one_line_of_nil():
    (row,) = rows_of(filed_csv(file_today([], OVER, Ids(), nil=True), WE.id))

    assert (row["settlement_type"], row["settlement_id"]) == ("NIL", "")


def test_an_answer_is_judged_like_a_message():
    ids = Ids()
    one = prepare(order_due(sold(1, "1000.00", "50")), (), OVER, ids)
    (filing,) = file_today(one, OVER, ids)
    named = f"{filing.transaction_id},{filing.message_id},{filing.wire_id},O1"
    text = f"{HEAD},settled_amount,reference_no\r\n{named},settled,950.00,UTR-9\r\n\r\n"
    (said,) = read_answers(text.encode())
    (outcome,) = judge_answer(said, filing, by_id(one))

    assert (outcome.settled, outcome.amount, outcome.reference_no) == (True, Money(95000), "UTR-9")
    failed = f"{HEAD},error_code\n{named},NOT_SETTLED,70024\n"
    (said,) = read_answers(failed.encode("utf-8-sig"))
    (outcome,) = judge_answer(said, filing, by_id(one))
    assert (outcome.settled, outcome.code) == (False, "70024")


def test_an_own_payout_is_answered_without_an_order():
    (filing,) = file_today([], OVER, Ids(), payouts=[Money(5)])
    named = f"{filing.transaction_id},{filing.message_id},{filing.wire_id},"
    (said,) = read_answers(f"{HEAD}\n{named},SETTLED\n".encode())
    (outcome,) = judge_answer(said, filing, {})

    assert (outcome.settled, outcome.amount) == (True, Money(5))


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"", 1, "columns"),
        (b"\xff\xfe", 1, "CSV"),
        (b"transaction_id,message_id\n", 1, "settlement_id"),
        (f"{HEAD}\nT,M,S,O1,PAID\n".encode(), 2, "status"),
        (f"{HEAD}\nT,M,S,O1,\n".encode(), 2, "status"),
        (f"{HEAD},settled_amount\nT,M,S,O1,SETTLED,1e3\n".encode(), 2, "settled_amount"),
        (f"{HEAD},settled_amount\nT,M,S,O1,SETTLED,-1.00\n".encode(), 2, "settled_amount"),
        (f"{HEAD},settled_amount\nT,M,S,O1,SETTLED,1.005\n".encode(), 2, "settled_amount"),
        (f"{HEAD}\nT,M,S,O1,SETTLED\nT,M,S,O1,SETTLED\n".encode(), 3, "twice"),
        (b" " * (MOST_BYTES + 1), 1, "bytes"),
        ((f"{HEAD}\n" + "T,M,S,,SETTLED\n" * (MOST_ROWS + 1)).encode(), 1, "lines"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_be_read_says_where_and_why_and_takes_nothing(content, line, says):
    with pytest.raises(UnreadableAnswer, match=says) as refused:
        read_answers(content)

    assert refused.value.line == line


def test_what_no_file_could_be_is_refused_and_never_breaks():
    for content in (b"\x00", b'"', b'a\n"b'):
        with pytest.raises(UnreadableAnswer):
            read_answers(content)


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


@given(texts)
def test_no_cell_of_a_file_begins_a_formula(order_id):
    entry = Entry(own=Money(1), order_id=order_id)
    filing = Filing(kind=Kind.NP_NP, transaction_id="T", message_id="M", at=OVER, bap_id=BAP, entries=(entry,))
    (row,) = csv.DictReader(io.StringIO(filed_csv([filing], WE.id), newline=""))

    assert not row["order_id"].startswith(("=", "+", "@", "\t", "\r", "\n"))

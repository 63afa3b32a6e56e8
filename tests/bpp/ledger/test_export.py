"""Tables as CSV, and what a posting is called."""

from __future__ import annotations

import csv
import io

from bpp.ledger.export import csv_of
from bpp.ledger.model import Line, Posting
from bpp.ledger.receipts import ReceiptKind
from bpp.ledger.standing import __doc__ as parts_of_orders
from bpp.ledger.statement import OTHER, words_of
from catalog.money import Money
from tests.bpp.ledger.test_payouts import WALLET
from tests.support.clock import MONDAY_MORNING


def test_a_spreadsheet_takes_no_cell_for_a_formula_and_every_number_for_one():
    rows: list[dict[str, str | None]] = [
        {"a": "=1+1", "b": "-5.00"},
        {"a": '@x,"y"', "b": None},
        {"a": "काम", "c": "not asked for"},
    ]

    assert list(csv.reader(io.StringIO(csv_of(rows, ("a", "b"))))) == [
        ["a", "b"],
        ["'=1+1", "-5.00"],
        ['\'@x,"y"', ""],
        ["काम", ""],
    ]


def named(part, reverses=""):
    lines = (Line(WALLET, Money(1)), Line(WALLET, Money(-1)))
    return words_of(Posting(id="X", at=MONDAY_MORNING, ref="", part=part, memo="", lines=lines, reverses=reverses))


def test_every_part_of_an_order_and_every_kind_of_receipt_has_words_in_both_languages():
    kinds = [one for one in ReceiptKind if one is not ReceiptKind.CONSUMER_REFUND]  # posted as a part of its order
    parts = [line.split("``")[1].partition(":")[0] for line in (parts_of_orders or "").splitlines() if line[:2] == "``"]
    names = [*parts, "payout:1", "paid_back:1", *(f"receipt:{one}:X:1" for one in kinds)]

    assert len(parts) >= 7
    assert [name for name in names if named(name) == OTHER] == []
    assert named("unheard:of") == OTHER
    assert named("payout:1", reverses="Y") == ("Taken back: Paid to the bank account", "वापसी: बैंक खाते में भुगतान")

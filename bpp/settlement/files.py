"""Files for a settlement agency that exchanges files instead of messages: ours as CSV, and its answer read back.

One line is one order of one settle, named by the ids of the message that would have been sent. The answer is the same
lines with what became of them; it is judged like an on_settle (``judge_settle``).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bpp.ledger.export import csv_of
from bpp.settlement.judge_settle import Said, SaidLeg, SaidOrder
from bpp.settlement.model import Entry, Filing, Kind
from catalog.money import Money

FILED = (
    "transaction_id",
    "message_id",
    "settlement_type",
    "settlement_id",
    "collector_app_id",
    "receiver_app_id",
    "order_id",
    "inter_participant_amount",
    "collector_amount",
    "self_amount",
)
ANSWERED = ("transaction_id", "message_id", "settlement_id", "order_id", "status")
"""The columns that an answer must have; the others of ``_READ`` may be there."""
_READ = (*ANSWERED, "settled_amount", "reference_no", "error_code", "self_status")
MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000


class UnreadableAnswer(Exception):
    """A file that is no answer; ``line`` is the one at fault, 1 being the headings. The text is safe to show."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


def filed_csv(filings: Sequence[Filing], our_id: str) -> str:
    """The settles of a day as one file; safe to open in a spreadsheet (``bpp.ledger.export``)."""
    rows = [_row(filing, entry, our_id) for filing in filings for entry in filing.entries]
    rows += [_head(filing) for filing in filings if filing.kind is Kind.NIL]
    return csv_of(rows, FILED)


def _head(filing: Filing) -> dict[str, str]:
    return {
        "transaction_id": filing.transaction_id,
        "message_id": filing.message_id,
        "settlement_type": filing.kind.value,
        "settlement_id": filing.wire_id,
    }


def _row(filing: Filing, entry: Entry, our_id: str) -> Mapping[str, str]:
    row = {**_head(filing), "self_amount": str(entry.own)}
    if filing.kind is Kind.NP_NP:
        collector, receiver = filing.apps(our_id)
        row |= {
            "collector_app_id": collector,
            "receiver_app_id": receiver,
            "order_id": entry.order_id,
            "inter_participant_amount": str(entry.inter_participant),
            "collector_amount": str(entry.collector),
        }
    return row


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: Mapping[str, str]


def read_answers(content: bytes) -> tuple[Said, ...]:
    """The answers in a file, one for each settle that it names. Raises UnreadableAnswer for the first line at fault.

    The lines of a settle stand in the order in which they were filed, which is what tells those of MISC apart.
    """
    settles: dict[tuple[str, str, str], list[SaidOrder]] = {}
    seen: set[tuple[str, ...]] = set()
    for line in _lines(content):
        cells = line.cells
        key = (cells["transaction_id"], cells["message_id"], cells["settlement_id"])
        if cells["order_id"] and (*key, cells["order_id"]) in seen:
            raise UnreadableAnswer("the same order of the same settle stands twice", line.number)
        seen.add((*key, cells["order_id"]))
        settles.setdefault(key, []).append(_order(line))
    return tuple(
        Said(transaction_id=transaction_id, message_id=message_id, wire_id=wire_id, orders=tuple(orders))
        for (transaction_id, message_id, wire_id), orders in settles.items()
    )


def _lines(content: bytes) -> Sequence[_Line]:
    if len(content) > MOST_BYTES:
        raise UnreadableAnswer(f"at most {MOST_BYTES} bytes are read")
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        raise UnreadableAnswer("a table as CSV in UTF-8 is expected") from None
    headings = [cell.strip().lower() for cell in rows[0]] if rows else []
    missing = [name for name in ANSWERED if name not in headings]
    if missing:
        raise UnreadableAnswer(f"the columns {', '.join(missing)} are missing")
    if len(rows) - 1 > MOST_ROWS:
        raise UnreadableAnswer(f"at most {MOST_ROWS} lines are read")
    places = {name: headings.index(name) for name in _READ if name in headings}
    return [
        _Line(number, {name: _cell(row, places.get(name)) for name in _READ})
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]


def _cell(row: Sequence[str], place: int | None) -> str:
    """A cell without the apostrophe that kept a spreadsheet from reading it as a formula."""
    return row[place].strip().removeprefix("'") if place is not None and place < len(row) else ""


def _order(line: _Line) -> SaidOrder:
    cells = line.cells
    status = _status(line, "status")
    if not status:
        raise UnreadableAnswer("status: SETTLED or NOT_SETTLED is expected", line.number)
    moved = SaidLeg(
        status=status,
        settled=_money(line, "settled_amount"),
        reference_no=cells["reference_no"],
        code=cells["error_code"],
    )
    if not cells["order_id"]:
        return SaidOrder(own=moved)
    return SaidOrder(
        order_id=cells["order_id"],
        inter_participant=moved,
        own=SaidLeg(status=_status(line, "self_status")),
    )


def _status(line: _Line, name: str) -> str:
    said = line.cells[name].upper()
    if said not in {"", "SETTLED", "NOT_SETTLED"}:
        raise UnreadableAnswer(f"{name}: SETTLED or NOT_SETTLED is expected", line.number)
    return said


def _money(line: _Line, name: str) -> Money | None:
    try:
        amount = Money.parse(line.cells[name]) if line.cells[name] else None
    except ValueError:
        amount = Money(-1)
    if amount is not None and amount < Money(0):
        raise UnreadableAnswer(f"{name}: an amount in rupees such as 499.00 is expected", line.number)
    return amount

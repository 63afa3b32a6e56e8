"""A buyer app's settlement file: a table of orders with amounts, read as buyer apps write them. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bpp.console.language import msg
from bpp.console.money.fields import read_rupees
from catalog.money import ZERO, Money

MOST_ROWS = 2_000
MOST_BYTES = 1024 * 1024
LONGEST = 60
"""Characters of an order's number or a reference: both together are the reference of a receipt."""
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "order_id": ("order_id", "order id", "order", "order number", "ऑर्डर", "बुकिंग"),
    "reference": ("reference", "utr", "settlement reference", "settlement_reference_no", "संदर्भ"),
    "amount": ("amount", "settlement amount", "settlement_amount", "राशि"),
    "finder_fee": ("finder_fee", "finder fee", "buyer finder fee", "buyer_finder_fee"),
    "finder_fee_gst": ("finder_fee_gst", "finder fee gst", "gst on finder fee"),
}
"""What each column may be headed, in small letters."""
NEEDED = ("order_id", "reference", "amount")
NO_ORDER = msg("The number of the order is missing.")
NO_REFERENCE = msg("The reference is missing, or too long.")
NO_AMOUNT = msg("The amount is none.")
TWICE = msg("The same order with the same reference stands in the file twice.")


class UnreadableFile(Exception):
    """A file that is no settlement; ``code`` says why, see ``bpp.console.refusals.CODES``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A row: what the buyer app says to have paid for an order. ``fault`` (of the catalogs): why it cannot be taken."""

    number: int
    order_id: str
    reference: str
    amount: Money
    finder_fee: Money
    finder_fee_gst: Money
    fault: str = ""

    @property
    def receipt_reference(self) -> str:
        """What the receipt of this row is known by: one transfer of the bank pays many orders."""
        return f"{self.reference}/{self.order_id}"


def read_settlement(content: bytes) -> Sequence[Settled]:
    """The rows of a file, with their faults. Raises UnreadableFile where it is no table of them."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UnreadableFile("settlement_no_table") from problem
    if "\0" in text:
        raise UnreadableFile("settlement_no_table")
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if any(cell.strip() for cell in row)]
    except csv.Error as problem:
        raise UnreadableFile("settlement_no_table") from problem
    columns = _columns(rows[0]) if rows else {}
    if not all(name in columns for name in NEEDED):
        raise UnreadableFile("settlement_no_columns")
    if len(rows) == 1:
        raise UnreadableFile("settlement_no_rows")
    if len(rows) - 1 > MOST_ROWS:
        raise UnreadableFile("settlement_too_long")
    seen: set[str] = set()
    found = []
    for number, row in enumerate(rows[1:], start=1):
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
        one = _settled(number, cells, seen)
        if not one.fault:
            seen.add(one.receipt_reference)
        found.append(one)
    return found


def _columns(header: Sequence[str]) -> Mapping[str, int]:
    said = [cell.strip().lower() for cell in header]
    return {
        name: next(at for at, cell in enumerate(said) if cell in names)
        for name, names in HEADINGS.items()
        if any(cell in names for cell in said)
    }


def _settled(number: int, cells: Mapping[str, str], seen: set[str]) -> Settled:
    amounts = {name: read_rupees(cells.get(name) or "0") for name in ("amount", "finder_fee", "finder_fee_gst")}
    order_id, reference = cells["order_id"].lstrip("'"), cells["reference"].lstrip("'")
    fault = ""
    if not order_id or len(order_id) > LONGEST:
        fault = NO_ORDER
    elif not reference or len(reference) + len(order_id) >= 100:  # noqa: PLR2004  what a receipt's reference holds
        fault = NO_REFERENCE
    elif None in amounts.values() or amounts["amount"] == ZERO:
        fault = NO_AMOUNT
    elif f"{reference}/{order_id}" in seen:
        fault = TWICE
    given = {name: value or ZERO for name, value in amounts.items()}
    return Settled(number=number, order_id=order_id, reference=reference, fault=fault, **given)

"""How what the agency settled becomes postings: which receipt of the books it is.

A settlement between participants is a ``buyer_app_settlement`` (``bpp.ledger.receipts``): what came to the bank, below
zero where we paid, and the fees that the buyer app kept. It never keeps more in the books than it was due, so what was
conceded or moved otherwise stays open on the buyer app's account, under the name of its difference.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from bpp.ledger.receipts import Receipt, ReceiptKind
from bpp.settlement.amounts import turned
from bpp.settlement.model import Due, Settlement, Side
from bpp.settlement.states import SettlementState
from catalog.money import ZERO, Money


def receipt_of(one: Settlement, *, posting_id: str, at: datetime, recorded_by: str) -> Receipt | None:
    """The receipt of a settlement that is SETTLED; None for any other, and where nothing moved and nothing was kept.

    Its reference is the agency's with the order's id, as in buyer apps' files: one transfer pays many orders. Where the
    agency gave none it is the settlement's own id.
    """
    if one.state is not SettlementState.SETTLED:
        return None
    kept = _kept(one)
    receipt = Receipt(
        kind=ReceiptKind.BUYER_APP_SETTLEMENT,
        payer=one.bap_id,
        reference=f"{one.reference_no or one.id}/{one.order_id}",
        amount=came(one),
        at=at,
        recorded_by=recorded_by,
        posting_id=posting_id,
        finder_fee=kept.finder_fee,
        finder_fee_gst=kept.finder_fee_gst,
        tcs=kept.tcs,
        tds=kept.tds,
        note=f"settlement {one.shown_id}",
    )
    nothing = all(each == ZERO for each in (receipt.amount, kept.finder_fee, kept.finder_fee_gst, kept.tcs, kept.tds))
    return None if nothing else receipt


def came(one: Settlement) -> Money:
    """What came to our bank by a settlement; below zero, what went to the buyer app."""
    to_us = (one.due.collected_by is Side.BAP) != turned(one.due)
    return one.settled if to_us else -one.settled


def _kept(one: Settlement) -> Due:
    """What the buyer app kept of a settlement, in the books: what it was due, or less where less was filed."""
    due, filed = one.due, one.agreed
    if filed is None or turned(due) or due.commission <= ZERO:
        return due
    commission = min(due.commission, filed.commission)
    tax = commission.times(Decimal(due.finder_fee_gst.paise) / due.commission.paise)
    return Due(
        collected_by=due.collected_by,
        finder_fee=commission - tax,
        finder_fee_gst=tax,
        tcs=min(due.tcs, filed.tcs),
        tds=min(due.tds, filed.tds),
    )

"""Recording a receipt: checked against the books, posted, and kept under its reference."""

from __future__ import annotations

from bpp.core.world import World
from bpp.ledger.model import Account, Posting
from bpp.ledger.receipts import Receipt, ReceiptKind, ReceiptRefused, check_covered, posting_of, same_payment
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.money import ZERO, Money


async def record_receipt(receipt: Receipt, work: Work, world: World) -> Receipt:
    """Post a receipt and keep it; the same reference of the same payer again: what was kept, and no second posting.

    Raises ReceiptRefused where the reference was used for another payment, the payer is not known, or an account has
    less than that.
    """
    await lock_payer(receipt.kind, receipt.payer, work)
    known = await work.payouts.receipt(receipt.kind, receipt.payer, receipt.reference)
    if known is not None:
        if not same_payment(known, receipt):
            text = f"reference {receipt.reference!r} of this payer was recorded for another payment"
            raise ReceiptRefused(text, path="reference")
        return known
    await _check_known(receipt, work, world)
    posting = posting_of(receipt)
    check_covered(posting, await _balances(posting, work))
    await work.ledger.post(posting)
    await work.payouts.add_receipt(receipt)
    return receipt


async def lock_payer(kind: ReceiptKind, payer: str, work: Work) -> None:
    """Wait until nobody else records a receipt of this kind and payer; nobody does until this unit ends."""
    await work.payouts.lock(f"{kind}\n{payer}")


async def _check_known(receipt: Receipt, work: Work, world: World) -> None:
    """Where no balance says so already: that the provider is one of ours, and the order is one."""
    if receipt.kind is ReceiptKind.PROVIDER_PAYMENT and receipt.payer not in world.catalog.providers:
        raise ReceiptRefused(f"no provider {receipt.payer!r}", path="payer")
    refund = receipt.kind is ReceiptKind.CONSUMER_REFUND
    if refund and await work.orders.get(receipt.payer) is None:  # locked, so that its credit stays as it is read
        raise ReceiptRefused(f"no order {receipt.payer!r}", path="payer")


async def _balances(posting: Posting, work: Work) -> dict[Account, Money]:
    found: dict[Account, Money] = {}
    for line in posting.lines:
        one = line.account
        which = AccountFilter(party=one.party, party_id=one.party_id, purpose=one.purpose)
        found[one] = (await work.ledger.balances(which)).get(one, ZERO)
    return found

"""The chart of accounts: each account that bookings and payments move, by the name people have for it."""

from __future__ import annotations

from bpp.ledger.model import Account, Party, Purpose

BANK = Account(Party.SAMITI, "", Purpose.BANK)
COMMISSION = Account(Party.SAMITI, "", Purpose.COMMISSION)
PENALTIES = Account(Party.SAMITI, "", Purpose.PENALTY)
NETWORK_COST = Account(Party.SAMITI, "", Purpose.NETWORK_FEE)
NETWORK_DUE = Account(Party.NETWORK, "", Purpose.NETWORK_FEE)
GST_ON_COMMISSION = Account(Party.TAX, "", Purpose.GST_ON_COMMISSION)
GST_9_5 = Account(Party.TAX, "", Purpose.GST_9_5)
TCS = Account(Party.TAX, "", Purpose.TCS)
TDS = Account(Party.TAX, "", Purpose.TDS)


def consumer_due(ref: str) -> Account:
    """What the consumer of an order still owes (debit) or has paid ahead (credit)."""
    return Account(Party.CONSUMER, ref, Purpose.DUE)


def collected(bap_id: str) -> Account:
    """Consumers' money that a buyer app holds."""
    return Account(Party.BUYER_APP, bap_id, Purpose.COLLECTED)


def finder_fee(bap_id: str) -> Account:
    """A buyer app's finder fee."""
    return Account(Party.BUYER_APP, bap_id, Purpose.FINDER_FEE)


def finder_fee_gst(bap_id: str) -> Account:
    """The GST on a buyer app's finder fee."""
    return Account(Party.BUYER_APP, bap_id, Purpose.FINDER_FEE_GST)


def provider_wallet(provider_id: str) -> Account:
    """What the Samiti owes a provider (credit), or a provider owes (debit)."""
    return Account(Party.PROVIDER, provider_id, Purpose.WALLET)


def worker_wallet(worker_id: str) -> Account:
    """What the Samiti owes a worker (credit)."""
    return Account(Party.WORKER, worker_id, Purpose.WALLET)


def cash_in_hand(worker_id: str) -> Account:
    """Cash that a worker has taken at doors and not handed over (debit)."""
    return Account(Party.WORKER, worker_id, Purpose.CASH_IN_HAND)


def cash_with_workers(provider_id: str) -> Account:
    """The other side of its workers' cash in hand (credit)."""
    return Account(Party.PROVIDER, provider_id, Purpose.CASH_WITH_WORKERS)

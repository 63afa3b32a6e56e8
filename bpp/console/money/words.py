"""What the books' own words mean, in words of everyday beside the terms; texts of the catalogs of both languages."""

from __future__ import annotations

from collections.abc import Mapping

from bpp.console.language import gettext, msg
from bpp.console.shown import named
from bpp.core.world import World
from bpp.ledger.model import Account, Line, Party, Purpose
from bpp.ledger.receipts import ReceiptKind
from catalog.money import ZERO

CHANNELS: Mapping[str, str] = {
    "ondc": msg("Buyer app (ONDC)"),
    "portal": msg("Portal"),
    "app": msg("App"),
    "call_centre": msg("Call centre"),
    "csc": msg("Common Service Centre"),
    "department": msg("Government department"),
    "project": msg("Project work"),
}
COLLECTED: Mapping[str, str] = {
    "BAP": msg("The buyer app"),
    "BPP": msg("Our side"),
    "both": msg("Both"),
    "none": msg("Nobody yet"),
}
MODES: Mapping[str, str] = {
    "online": msg("Online"),
    "cash": msg("Cash"),
    "mixed": msg("Online and cash"),
    "none": msg("Not seen"),
}
WAITS_FOR: Mapping[str, str] = {
    "consumer": msg("the customer"),
    "provider": msg("the provider"),
    "buyer_app": msg("the buyer app"),
}
STRAYS: Mapping[str, str] = {
    "no booking": msg("There is no such booking"),
    "work not done": msg("No work was done for it"),
}
PARTIES: Mapping[str, str] = {
    Party.CONSUMER: msg("Customer"),
    Party.BUYER_APP: msg("Buyer app"),
    Party.PROVIDER: msg("Service provider"),
    Party.WORKER: msg("Sewamitra"),
    Party.SAMITI: msg("Samiti"),
    Party.TAX: msg("Tax office"),
    Party.NETWORK: msg("Network (ONDC)"),
}
RECEIPTS: Mapping[str, str] = {
    ReceiptKind.BUYER_APP_SETTLEMENT: msg("Settlement of a buyer app"),
    ReceiptKind.PROVIDER_PAYMENT: msg("Payment of a provider"),
    ReceiptKind.CASH_HANDOVER: msg("Cash handed over by a Sewamitra"),
    ReceiptKind.TAX_PAYMENT: msg("Tax paid by the Samiti"),
    ReceiptKind.NETWORK_FEE_PAYMENT: msg("Network fee paid by the Samiti"),
    ReceiptKind.CONSUMER_REFUND: msg("Money paid back to a customer"),
}
RUNS: Mapping[str, str] = {
    "paid": msg("Paid"),
    "part_failed": msg("Partly failed"),
    "failed": msg("Failed"),
}
RATES: Mapping[str, str] = {
    "commission": msg("Commission (the Samiti's share)"),
    "gst_on_commission": msg("GST on the commission"),
    "gst_on_finder_fee": msg("GST on the buyer app's finder fee"),
    "tcs": msg("TCS (tax collected at source, section 52 CGST Act)"),
    "tds_194o": msg("TDS (income tax deducted at source, section 194-O)"),
    "tds_194o_no_pan": msg("TDS where the PAN is not known"),
    "tds_194o_exempt": msg("TDS: an individual is free up to, in a year"),
    "gst_9_5": msg("GST that the Samiti pays in the provider's place (section 9(5))"),
    "network_fee": msg("Network fee (ONDC), for each order"),
    "network_fee_above": msg("Network fee: only on orders above"),
    "gst_on_network_fee": msg("GST on the network fee"),
}
BASES: Mapping[str, str] = {"net": msg("the price without tax"), "gross": msg("the price with tax")}
SCOPES: Mapping[str, str] = {
    "all": msg("all prices"),
    "released": msg("only money that the Samiti pays out"),
}
ACCOUNTS: Mapping[Purpose, str] = {
    Purpose.DUE: msg("Customer of order %(who)s"),
    Purpose.COLLECTED: msg("Collected by the buyer app %(who)s"),
    Purpose.FINDER_FEE: msg("Finder fee (the buyer app's share): %(who)s"),
    Purpose.FINDER_FEE_GST: msg("GST on the finder fee: %(who)s"),
    Purpose.WALLET: msg("Wallet of %(who)s"),
    Purpose.CASH_IN_HAND: msg("Cash in the hands of Sewamitra %(who)s"),
    Purpose.CASH_WITH_WORKERS: msg("Cash that Sewamitras hold for %(who)s"),
    Purpose.BANK: msg("The Samiti's bank account"),
    Purpose.COMMISSION: RATES["commission"],
    Purpose.PENALTY: msg("Penalties of providers"),
    Purpose.NETWORK_FEE: msg("Network fee"),
    Purpose.GST_ON_COMMISSION: msg("Tax office: GST on the commission"),
    Purpose.GST_9_5: msg("Tax office: GST in the provider's place (section 9(5))"),
    Purpose.TCS: msg("Tax office: TCS (tax collected at source)"),
    Purpose.TDS: msg("Tax office: TDS (income tax deducted at source)"),
}
"""What each account is called."""
LINES: Mapping[Purpose, tuple[str, str]] = {
    Purpose.DUE: (msg("The customer owes this."), msg("Taken off what the customer owes.")),
    Purpose.COLLECTED: (msg("The buyer app holds this for us."), msg("The buyer app holds this no longer.")),
    Purpose.FINDER_FEE: (msg("The buyer app has had its fee."), msg("The buyer app's fee for bringing the customer.")),
    Purpose.FINDER_FEE_GST: (msg("The GST on its fee is with the buyer app."), msg("GST on the buyer app's fee.")),
    Purpose.WALLET: (msg("Taken off the wallet."), msg("Put into the wallet.")),
    Purpose.CASH_IN_HAND: (msg("The Sewamitra holds this in cash."), msg("The Sewamitra has handed this over.")),
    Purpose.CASH_WITH_WORKERS: (msg("The provider has received the cash."), msg("The cash belongs to the provider.")),
    Purpose.BANK: (msg("Came into the bank."), msg("Left the bank.")),
    Purpose.COMMISSION: (msg("Given back of the Samiti's share."), msg("The Samiti's share.")),
    Purpose.PENALTY: (msg("Penalty given back."), msg("Penalty for the Samiti.")),
    Purpose.NETWORK_FEE: (msg("The Samiti bears this, or has paid it."), msg("To be paid to the network.")),
    Purpose.GST_ON_COMMISSION: (msg("Paid, or not owed to the tax office."), msg("Owed to the tax office.")),
    Purpose.GST_9_5: (msg("Paid, or not owed to the tax office."), msg("Owed to the tax office.")),
    Purpose.TCS: (msg("Paid, or not owed to the tax office."), msg("Owed to the tax office.")),
    Purpose.TDS: (msg("Paid, or not owed to the tax office."), msg("Owed to the tax office.")),
}
"""What a debit and what a credit of an account means."""


def told(words: Mapping[str, str], code: str) -> str:
    """A code in words."""
    return gettext(words[code])


def holder(party: str, party_id: str, world: World) -> str:
    """Whose an account is: a provider by its name, everybody else by the id that the books have."""
    provider = world.catalog.providers.get(party_id) if party == Party.PROVIDER else None
    return named(provider) if provider else party_id


def account_name(account: Account, world: World) -> str:
    """What an account is called."""
    who = holder(account.party, account.party_id, world)
    text = gettext(ACCOUNTS[account.purpose])
    return text % {"who": who} if "%(who)s" in text else text


def line_words(line: Line) -> str:
    """What a line of a posting means."""
    debit, credit = LINES[line.account.purpose]
    return gettext(debit if line.amount > ZERO else credit)

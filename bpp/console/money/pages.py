"""What this part of the console has: its pages, what its forms do, and its entries of the menu."""

from __future__ import annotations

from typing import Any

from bpp.console.language import msg
from bpp.console.menu import Entry
from bpp.console.money.bank import BankForm, act_keep_bank, read_bank
from bpp.console.money.books import BooksQuery, StatementQuery, read_books, read_statement
from bpp.console.money.filings import (
    OwnPayoutForm,
    act_answers,
    act_own_payout,
    read_filed_file,
    read_filings,
    read_upload,
)
from bpp.console.money.network import NetworkQuery, act_run, read_network
from bpp.console.money.network_one import act_compare, act_concede, act_retry, read_settlement
from bpp.console.money.overview import read_overview
from bpp.console.money.payouts import (
    FailureForm,
    NextQuery,
    PayoutForm,
    act_failed,
    act_pay,
    read_next,
    read_payout,
    read_payouts,
    read_transfers,
)
from bpp.console.money.rates import RateForm, act_add_rate, read_rates
from bpp.console.money.receipts import ReceiptForm, ReceiptsQuery, act_record, kinds, read_new, read_receipts
from bpp.console.money.reconciliation import ReconciliationQuery, read_reconciliation
from bpp.console.money.reports import read_commission, read_tax
from bpp.console.money.rupee import RupeeQuery, read_rupee
from bpp.console.money.settlement_file import MOST_BYTES
from bpp.console.money.settlements import (
    AcceptForm,
    FileForm,
    act_accept,
    act_take,
    read_settlement_file,
    read_settlements,
)
from bpp.console.money.tables import ListQuery, PeriodQuery, listing, of_period
from bpp.console.page import Deed, Page, Reading
from bpp.operator.money_fields import Period
from bpp.operator.routes import Query
from bpp.people.model import Role
from bpp.settlement.files import MOST_BYTES as MOST_OF_ANSWERS

ROLES = frozenset({Role.ACCOUNTANT})
"""Whose pages these are; an administrator may see every page."""


def _page(path: str, name: str, title: str, read: Reading, query: type[Query] = Query, **more: Any) -> Page:
    template = f"{name.replace('-', '_')}.html"
    return Page(
        path=f"/money{path}",
        name=name,
        title=title,
        roles=ROLES,
        read=read,
        template=template,
        query=query,
        **more,
    )


PAGES: tuple[Page, ...] = (
    _page("", "money-overview", msg("Overview"), of_period(read_overview), PeriodQuery),
    _page(
        "/reconciliation",
        "money-reconciliation",
        msg("Reconciliation"),
        of_period(read_reconciliation),
        ReconciliationQuery,
    ),
    _page("/commission", "money-commission", msg("Commission"), of_period(read_commission), PeriodQuery),
    _page("/tax", "money-tax", msg("Taxes"), of_period(read_tax), PeriodQuery),
    _page("/rates", "money-rates", msg("Rates"), listing(read_rates), ListQuery),
    _page("/payouts", "money-payouts", msg("Payouts"), listing(read_payouts), ListQuery),
    _page("/next-payout", "money-payout-next", msg("Make a payout"), listing(read_next), NextQuery),
    _page("/payouts/{id}", "money-payout", msg("Payout"), listing(read_payout), ListQuery),
    _page("/payouts/{id}/transfers", "money-transfers", msg("Transfers for the bank"), read_transfers, audited=True),
    _page("/bank/{party}/{id}", "money-bank", msg("Bank details"), read_bank, audited=True),
    _page("/receipts", "money-receipts", msg("Receipts"), of_period(read_receipts, kinds), ReceiptsQuery),
    _page("/receipts/{kind}", "money-receipt", msg("Record a receipt"), read_new),
    _page("/settlements", "money-settlements", msg("Settlement file of a buyer app"), read_settlements),
    _page(
        "/settlements/{file}",
        "money-settlement",
        msg("Settlement file: accept or dispute"),
        listing(read_settlement_file),
        ListQuery,
    ),
    _page("/network", "money-network", msg("Settlement with buyer apps"), listing(read_network), NetworkQuery),
    _page("/network/{settlement}", "money-network-one", msg("Settlement"), listing(read_settlement), ListQuery),
    _page("/filings", "money-filings", msg("Filed with the agency"), of_period(read_filings), PeriodQuery),
    _page("/filings/file", "money-filings-file", msg("File for the agency"), read_filed_file, Period),
    _page("/order", "money-rupee", msg("One rupee explained"), listing(read_rupee), RupeeQuery),
    _page("/books", "money-books", msg("Wallets and books"), listing(read_books), BooksQuery),
    _page("/statement", "money-statement", msg("Statement"), of_period(read_statement), StatementQuery),
)
DEEDS: tuple[Deed, ...] = (
    Deed(
        path="/money/rates",
        name="money-add-rate",
        roles=ROLES,
        act=act_add_rate,
        form=RateForm,
        page="money-rates",
        said=msg("The rate was added. Orders booked before keep theirs."),
    ),
    Deed(
        path="/money/payouts",
        name="money-pay",
        roles=ROLES,
        act=act_pay,
        form=PayoutForm,
        page="money-payout-next",
        said=msg("The payout is in the books. Now the bank needs its file."),
    ),
    Deed(
        path="/money/payouts/{id}/failures",
        name="money-failed",
        roles=ROLES,
        act=act_failed,
        form=FailureForm,
        page="money-payout",
        said=msg("Taken back: the amount is in the wallet again, and the next payout pays it."),
    ),
    Deed(
        path="/money/bank/{party}/{id}",
        name="money-keep-bank",
        roles=ROLES,
        act=act_keep_bank,
        form=BankForm,
        page="money-bank",
        said=msg("The bank details were kept."),
    ),
    Deed(
        path="/money/receipts/{kind}",
        name="money-record",
        roles=ROLES,
        act=act_record,
        form=ReceiptForm,
        page="money-receipt",
        said=msg("The receipt is in the books."),
    ),
    Deed(
        path="/money/settlements",
        name="money-take-file",
        roles=ROLES,
        act=act_take,
        form=FileForm,
        page="money-settlements",
        said=msg("The file was read. Nothing is recorded yet: please look at each order."),
        most=2 * MOST_BYTES,
    ),
    Deed(
        path="/money/settlements/{file}",
        name="money-accept",
        roles=ROLES,
        act=act_accept,
        form=AcceptForm,
        page="money-settlement",
        said=msg("The orders that were accepted are in the books."),
        most=256 * 1024,
    ),
    Deed(
        path="/money/network",
        name="money-network-run",
        roles=ROLES,
        act=act_run,
        page="money-network",
        said=msg("A run has begun: it reads the books, files what is due and follows up what is overdue."),
    ),
    Deed(
        path="/money/network/{settlement}/compare",
        name="money-network-compare",
        roles=ROLES,
        act=act_compare,
        page="money-network-one",
        said=msg("The buyer app is asked whether it has the same."),
    ),
    Deed(
        path="/money/network/{settlement}/concede",
        name="money-network-concede",
        roles=ROLES,
        act=act_concede,
        page="money-network-one",
        said=msg("The buyer app's amounts are accepted and will be filed; the difference keeps its name."),
    ),
    Deed(
        path="/money/network/{settlement}/retry",
        name="money-network-retry",
        roles=ROLES,
        act=act_retry,
        page="money-network-one",
        said=msg("It will be filed again in the next run, by the books as they are then."),
    ),
    Deed(
        path="/money/filings/own-payouts",
        name="money-own-payout",
        roles=ROLES,
        act=act_own_payout,
        form=OwnPayoutForm,
        page="money-filings",
        said=msg("The payout of our own was filed."),
    ),
    Deed(
        path="/money/filings/answers",
        name="money-answers",
        roles=ROLES,
        act=act_answers,
        page="money-filings",
        said=msg("The agency's answers were taken in. What was settled is in the books."),
        most=MOST_OF_ANSWERS + 64 * 1024,
        prepare=read_upload,
    ),
)
ENTRIES: tuple[Entry, ...] = tuple(
    Entry(page=page, title=title, roles=ROLES)
    for page, title in (
        ("money-overview", msg("Overview")),
        ("money-reconciliation", msg("Reconciliation")),
        ("money-commission", msg("Commission")),
        ("money-tax", msg("Taxes")),
        ("money-rates", msg("Rates")),
        ("money-payouts", msg("Payouts")),
        ("money-receipts", msg("Receipts")),
        ("money-network", msg("Settlement with buyer apps")),
        ("money-filings", msg("Filed with the agency")),
        ("money-rupee", msg("One rupee explained")),
        ("money-books", msg("Wallets and books")),
    )
)

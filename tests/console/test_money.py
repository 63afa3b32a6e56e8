"""The accountant's pages: what they say of real orders, what they refuse, and the files that they give."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from bpp.console.money import periods
from bpp.console.money.books import over_time
from bpp.console.money.fields import read_rupees
from bpp.console.money.pages import DEEDS, PAGES
from bpp.console.money.settlement_file import UnreadableFile, read_settlement
from bpp.console.money.settlements import settles
from bpp.console.sheets import csv_file, xlsx_file
from bpp.ledger.chart import BANK, provider_wallet
from bpp.ledger.model import Line, Posting
from bpp.ledger.statement import Statement
from bpp.operator.money_wallets import MOST_ENTRIES
from bpp.parties.vault import Sealed
from bpp.people.model import Role
from bpp.storage.ports_parties import SealedDetails
from catalog.money import Money
from tests.support.callers import booked, done
from tests.support.console import signed_in

APP = "buyer.sandbox.example"
OTHERS = (Role.OPERATOR, Role.OFFICER, Role.PROVIDER, Role.WORKER, Role.ENGINEER)
SETTLED = "order_id,reference,amount,finder_fee,finder_fee_gst\n"
MONEY = "/console/money"


def address(path):
    """A path of a page with something in each of its gaps."""
    path = path.replace("{file}", "none").replace("{settlement}", "none")
    for gap, value in (("{id}", "P-GOMTI"), ("{party}", "provider"), ("{kind}", "tax_payment")):
        path = path.replace(gap, value)
    more = "?party=provider&purpose=wallet" if path.endswith("statement") else ""
    return f"/console{path}{more}"


@pytest.mark.parametrize("role", OTHERS)
async def test_nobody_but_accountant_and_administrator_has_these_pages(network, role):
    more = {"worker_id": await a_worker(network), "provider_id": "P-GOMTI"} if role is Role.WORKER else {}
    async with signed_in(network, role, **more) as visitor:
        shown = {page.name: (await visitor.get(address(page.path))).status for page in PAGES}
        _, fields = (await visitor.get("/console/account")).form("language")
        csrf = {"csrf": fields["csrf"]}
        answers = {
            deed.name: (await visitor.post(address(deed.path), csrf)).status for deed in DEEDS if not fieldful(deed)
        }

    assert set(shown.values()) == {403}
    assert set(answers.values()) <= {403, 422}
    assert await runs(network) == []


async def test_an_administrator_has_them(network):
    async with signed_in(network, Role.ADMIN) as visitor:
        assert (await visitor.get(MONEY)).status == 200


async def test_an_empty_period_says_so_on_every_page_and_gives_empty_files(network):
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        for path in ("", "/reconciliation", "/commission", "/tax", "/receipts"):
            page = await visitor.get(f"{MONEY}{path}?period=2024")
            assert (page.status, "Financial year 2024-25" in page.words) == (200, True), path
        empty = table(await visitor.get(f"{MONEY}/reconciliation?period=2024&table=bookings&file=csv"))

    assert len(empty) == 1


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=2026-11-30&until=2026-11-01", "before the first one"),
        ("since=yesterday&until=2026-11-01", "as a date"),
        ("since=2026-11-30", "as a date"),
        ("since=2001-01-01&until=2026-11-01", "five years at most"),
        ("period=2026-13", "no such period"),
        ("period=0001-01", "no such period"),
        ("since=9999-12-01&until=9999-12-31", "no such period"),
        ("since=0001-01-01&until=0001-01-31", "no such period"),
        ("period=0000-00", "no such period"),
        ("period=<script>", "no such period"),
    ],
)
async def test_what_is_no_period_is_told_and_shows_no_figures(network, query, words):
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(f"{MONEY}?{query}")

    assert page.status == 200
    assert words in page.words
    assert "bookings completed" not in page.words
    assert "<script>" not in page.text.partition("<body>")[2]


def test_periods_are_months_quarters_and_financial_years_of_april():
    today = date(2027, 2, 3)

    assert periods.read_span("", "", "", today) == periods.month(2027, 2)
    assert days(periods.quarter_of(today)) == (date(2027, 1, 1), date(2027, 3, 31))
    assert periods.quarter_of(today).key == "2026-q4"
    assert days(periods.span_of("2026")) == (date(2026, 4, 1), date(2027, 3, 31))
    assert periods.beside(periods.span_of("2026-q1"), -1).key == "2025-q4"
    assert periods.beside(periods.span_of("2026-12"), 1).key == "2027-01"
    week = periods.read_span("", "2026-11-02", "2026-11-08", today)
    assert days(periods.beside(week, 1)) == (date(2026, 11, 9), date(2026, 11, 15))
    assert periods.beside(periods.span_of("9998"), 1).key == "9998", "no calendar goes on after 9999"


async def test_the_three_lists_name_what_does_not_match_and_lead_to_the_order(network):
    await with_commission(network)
    paid, _ = await network.completed()
    ref = await unpaid(network)
    await stray_credit(network)

    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(f"{MONEY}/reconciliation")
        lists = {
            name: table(await visitor.get(f"{MONEY}/reconciliation?table={name}&file=csv"))[1:]
            for name in ("unpaid", "stray", "owing", "bookings")
        }
        order = await visitor.get(f"/console/orders/{ref}")

    assert [row[0] for row in lists["unpaid"]] == [ref]
    assert [row[3:] for row in lists["stray"]] == [["55.00", "There is no such booking"]]
    assert {row[0] for row in lists["owing"]} == {ref, await network.ref(paid)}
    assert len(lists["bookings"]) == 2
    assert f'href="/console/orders/{ref}"' in page.text
    assert order.status == 200
    assert "This period is not complete yet." in page.words
    assert "No A booking stands behind all money in wallets · 1 in the list" in page.words


async def test_a_period_is_complete_when_it_is_over_and_everything_was_received(network):
    await network.completed()
    network.clock.tick(days=30)

    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(f"{MONEY}/reconciliation?period=2026-11")

    assert "This period is complete." in page.words


async def test_a_period_is_complete_when_what_was_open_at_its_end_came_later(network):
    await with_commission(network)
    await network.completed()
    network.clock.tick(days=30)
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        before = await visitor.get(f"{MONEY}/reconciliation?period=2026-11")
    receipt = {"kind": "buyer_app_settlement", "payer": APP, "reference": "UTR1", "amount": "191.96"}
    fees = {"finder_fee": "5.97", "finder_fee_gst": "1.07"}
    assert (await network.call("POST", "/receipts", {**receipt, **fees}))[0] == 201
    await network.completed(slot=6)  # what is owed now is owed for this one
    async with signed_in(network, Role.ACCOUNTANT, login="second") as visitor:
        november = await visitor.get(f"{MONEY}/reconciliation?period=2026-11")
        december = await visitor.get(f"{MONEY}/reconciliation?period=2026-12")
        overview = await visitor.get(f"{MONEY}?period=2026-11")

    assert "This period is not complete yet." in before.words
    assert "This period is complete." in november.words
    assert "Yes All commission due was received" in overview.words
    assert "All commission due was received · 1 in the list" in december.words


async def test_a_rate_is_in_force_from_its_day_and_the_commission_says_which_was_when(network):
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(f"{MONEY}/rates")
        added = await visitor.send(page, "/money/rates", name="commission", valid_from="2026-11-24", value="10")
    await network.completed()
    network.clock.tick(days=1)
    await network.completed()
    async with signed_in(network, Role.ACCOUNTANT, login="second") as visitor:
        report = table(await visitor.get(f"{MONEY}/commission?table=commission&file=csv"))[1:]

    assert "The rate was added." in added.words
    assert [(row[0], row[1], row[4]) for row in report] == [
        ("2026-11-23", "0", "0.00"),
        ("2026-11-24", "10", "16.86"),
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"valid_from": "2026-11-01"}, "2026-11-23 or later"),
        ({"value": "a lot"}, "a number from 0 to 100"),
        ({"value": "101"}, "a number from 0 to 100"),
        ({"valid_from": "tomorrow"}, "Please give a date."),
        ({"name": "bribe"}, "is expected"),
    ],
)
async def test_a_rate_that_cannot_be_is_refused_and_what_was_typed_stays(network, fields, words):
    typed = {"name": "commission", "valid_from": "2026-12-01", "value": "10", "note": "decision 7", **fields}
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        refused = await visitor.send(await visitor.get(f"{MONEY}/rates"), "/money/rates", **typed)

    assert refused.status == 422
    assert words in refused.words
    assert refused.form("/money/rates")[1]["note"] == "decision 7"


async def test_a_payout_clicked_twice_or_named_twice_pays_once(network):
    await network.completed()
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(f"{MONEY}/next-payout")
        first = await visitor.send(page, "/money/payouts", id="nov-1")
        again = await visitor.send(page, "/money/payouts", id="nov-1")
        other_tab = await visitor.get(f"{MONEY}/payouts/nov-1")
        nothing_left = await visitor.get(f"{MONEY}/next-payout")

    assert first.url.path == again.url.path == f"{MONEY}/payouts/nov-1"
    assert "₹190.95" in other_tab.words
    assert "No wallet is owed that much." in nothing_left.words
    assert [(one["id"], one["paid"]) for one in await runs(network)] == [("nov-1", "190.95")]


async def test_a_payout_of_another_sum_than_was_shown_pays_nothing_and_shows_the_new_one(network):
    await network.completed()
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        stale = await visitor.get(f"{MONEY}/next-payout")
        await network.completed(slot=6)
        refused = await visitor.send(stale, "/money/payouts", id="nov-1")
        before = await runs(network)
        await visitor.send(refused, "/money/payouts", id="nov-1")

    assert (refused.status, before) == (409, [])
    assert "Nothing was paid; please look again." in refused.words
    assert "Pay ₹381.90" in refused.words
    assert [(one["id"], one["paid"]) for one in await runs(network)] == [("nov-1", "381.90")]


async def test_a_payout_that_cannot_be_is_told_before_and_after_the_click(network):
    await network.completed()
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        tomorrow = await visitor.get(f"{MONEY}/next-payout?until=2026-12-01")
        no_amount = await visitor.get(f"{MONEY}/next-payout?minimum=lots")
        page = await visitor.get(f"{MONEY}/next-payout")
        bad_name = await visitor.send(page, "/money/payouts", id="november payout!")
        await visitor.send(page, "/money/payouts", id="nov-1")
        await network.completed(slot=6)
        other = await visitor.get(f"{MONEY}/next-payout?minimum=5")
        taken = await visitor.send(other, "/money/payouts", id="nov-1")

    assert "this day is not over" in tomorrow.words
    assert "Please give rupees" in no_amount.words
    assert (bad_name.status, taken.status) == (422, 409)
    assert "There is a payout of this name already" in taken.words
    assert len(await runs(network)) == 1


async def test_a_transfer_that_failed_goes_back_to_the_wallet_and_the_bank_gets_what_is_left(network):
    await network.completed()
    bank = {"beneficiary": "=HYPERLINK(1)", "account": "123456789012", "ifsc": "DEMO0123456"}
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        await visitor.send(await visitor.get(f"{MONEY}/next-payout"), "/money/payouts", id="nov-1")
        details = await visitor.get(f"{MONEY}/bank/provider/P-GOMTI")
        kept = await visitor.send(details, "/bank/provider/P-GOMTI", **bank)
        transfers = table(await visitor.get(f"{MONEY}/payouts/nov-1/transfers"))
        run = await visitor.get(f"{MONEY}/payouts/nov-1")
        failed = await visitor.send(run, "/failures", whose="provider:P-GOMTI", reason="account closed")
        wrong = await visitor.send(run, "/failures", whose="provider:P-NOBODY", reason="account closed")
        after = table(await visitor.get(f"{MONEY}/payouts/nov-1/transfers"))
        next_one = await visitor.get(f"{MONEY}/next-payout")
        unknown = await visitor.get(f"{MONEY}/payouts/none")
    _, noted = await network.call("GET", "/audit/reads?kind=bank")

    assert "123456789012" in kept.words
    assert transfers[1][3:5] == ["'=HYPERLINK(1)", "123456789012"]
    assert "account closed" in failed.words
    assert wrong.status == 404
    assert len(after) == 1
    assert "₹190.95" in next_one.words
    assert unknown.status == 404
    assert {one["subject"] for one in noted["items"]} == {"provider:P-GOMTI"}, "whoever looked at an account is noted"


async def test_bank_details_that_are_none_are_refused_and_of_nobody_there_are_none(network):
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(f"{MONEY}/bank/provider/P-GOMTI")
        refused = await visitor.send(page, "/bank/provider/P-GOMTI", beneficiary="A", account="12", ifsc="x")
        statuses = [
            (await visitor.get(f"{MONEY}/bank/{path}")).status for path in ("provider/P-NOBODY", "samiti/S", "tax/T")
        ]

    assert refused.status == 422
    assert statuses == [404, 404, 404]


async def test_bank_details_that_do_not_open_are_told_as_a_fault_of_ours(network):
    broken = Sealed(network.context.settings.data_key.id, bytes(40))
    details = SealedDetails(party="provider", party_id="P-GOMTI", sealed=broken)
    await network.context.storage.run(lambda work: work.parties.put_bank(details, network.clock()))
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(f"{MONEY}/bank/provider/P-GOMTI")

    assert page.status == 500
    assert "Something went wrong" in page.words


async def test_a_receipt_is_recorded_once_in_the_amounts_that_people_type(network):
    await network.completed()
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(f"{MONEY}/receipts/buyer_app_settlement")
        fields = {"payer": APP, "reference": "UTR1", "amount": "Rs. 1,00.00"}
        recorded = await visitor.send(page, "buyer_app_settlement", **fields)
        fresh = await visitor.get(f"{MONEY}/receipts/buyer_app_settlement")
        await visitor.send(fresh, "buyer_app_settlement", **fields)
        listed = table(await visitor.get(f"{MONEY}/receipts?table=receipts&file=csv"))
        refusals = {
            words: await visitor.send(fresh, "buyer_app_settlement", **{**fields, **more})
            for words, more in (
                ("recorded for another payment", {"amount": "50"}),
                ("The books have less than this", {"reference": "UTR2", "amount": "5000"}),
                ("Please give rupees", {"reference": "UTR2", "amount": "many"}),
                ("This number is too small.", {"reference": "UTR2", "amount": "0"}),
                ("The books have a smaller finder fee", {"reference": "UTR2", "amount": "1", "finder_fee": "90"}),
            )
        }
        tax = await visitor.send(
            await visitor.get(f"{MONEY}/receipts/tax_payment"),
            "tax_payment",
            payer="tcs",
            reference="C1",
            amount="0.84",
        )
        unknown = await visitor.get(f"{MONEY}/receipts/bribe")

    assert "The receipt is in the books." in recorded.words
    assert [row[3:5] for row in listed[1:]] == [["UTR1", "100.00"]]
    assert {words: (one.status in {409, 422}, words in one.words) for words, one in refusals.items()} == dict.fromkeys(
        refusals, (True, True)
    )
    assert tax.status == 200
    assert unknown.status == 404


async def test_a_receipt_may_be_larger_than_any_price(network):
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(f"{MONEY}/receipts/provider_payment")
        fields = {"payer": "P-GOMTI", "reference": "UTR1", "amount": "1,45,00,000.01"}
        recorded = await visitor.send(page, "provider_payment", **fields)

    assert "₹1,45,00,000.01" in recorded.words


async def test_a_settlement_file_is_compared_order_by_order_and_each_is_recorded_once(network):
    confirmed, _ = await network.completed()
    other, _ = await network.completed(slot=6)
    ids = [one.order["id"] for one in (confirmed, other)]
    text = f"{SETTLED}{ids[0]},UTR9,191.96,5.97,1.07\n{ids[1]},UTR9,150.00,,\nO-UNKNOWN,UTR9,10.00,,\n{ids[1]},,5,,\n"
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(f"{MONEY}/settlements")
        read = await visitor.send(page, "/money/settlements", payer=APP, file=("settled.csv", text.encode()))
        action = read.url.path
        where, fields = read.form(action)
        nothing = await visitor.post(where, {name: fields[name] for name in ("csrf", "once")})
        forged = await visitor.post(where, {"csrf": fields["csrf"], "once": "x", "accept_3": "yes"})
        accepted = await visitor.post(where, fields)
        twice = await visitor.post(where, fields)
        listed = table(await visitor.get(f"{MONEY}/receipts?table=receipts&file=csv"))
        disputes = table(await visitor.get(f"{action}?table=disputes&file=csv"))
    async with signed_in(network, Role.ACCOUNTANT, login="second") as somebody_else:
        foreign = await somebody_else.get(action)

    assert "Nothing is recorded yet" in read.words
    assert [name for name in fields if name.startswith("accept_")] == ["accept_1"], "what fits is ticked"
    assert (nothing.status, forged.status) == (422, 422)
    assert "Please tick at least one order." in nothing.words
    assert accepted.status == twice.status == 200
    assert [row[3:7] for row in listed[1:]] == [[f"UTR9/{ids[0]}", "191.96", "5.97", "1.07"]]
    assert [(row[0], row[8].partition(":")[0]) for row in disputes[1:]] == [
        (ids[1], "Differs from the books"),
        ("O-UNKNOWN", "There is no such order of this buyer app"),
        (ids[1], "Cannot be read"),
    ]
    assert foreign.status == 404


async def test_an_order_that_was_settled_is_not_settled_again_under_another_reference(network):
    confirmed, _ = await network.completed()
    await network.completed(slot=6)  # so that the buyer app holds enough for a second time
    row = f"{confirmed.order['id']},{{}},191.96,5.97,1.07\n"
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        first = await settlement(visitor, SETTLED + row.format("UTR1"))
        fields = first.form(first.url.path)[1]
        await visitor.post(first.url.path, fields)
        again = await settlement(visitor, SETTLED + row.format("UTR2"))
        forged = await visitor.post(again.url.path, {**fields, "once": "another"})
        rows = table(await visitor.get(f"{again.url.path}?table=settlement&file=csv"))
        recorded = table(await visitor.get(f"{MONEY}/receipts?table=receipts&file=csv"))

    assert "No order of this file is open." in again.words
    assert forged.status == 422
    assert rows[1][5:] == ["0.00", "0.00", "191.96", "Was settled before"]
    assert [one[3] for one in recorded[1:]] == [f"UTR1/{confirmed.order['id']}"]


async def test_an_order_that_stands_in_a_file_twice_is_ticked_once_and_in_two_parts_twice(network):
    confirmed, _ = await network.completed()
    other, _ = await network.completed(slot=6)
    whole, parts = confirmed.order["id"], other.order["id"]
    text = f"{SETTLED}{whole},UTR1,191.96,5.97,1.07\n{whole},UTR2,191.96,5.97,1.07\n{parts},UTR3,100.00,,\n"
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        read = await settlement(visitor, text)
        fields = read.form(read.url.path)[1]
        await visitor.post(read.url.path, {**fields, "accept_3": "yes"})
        rest = await settlement(visitor, f"{SETTLED}{parts},UTR4,91.96,5.97,1.07\n")
        rows = table(await visitor.get(f"{rest.url.path}?table=settlement&file=csv"))

    assert [name for name in fields if name.startswith("accept_")] == ["accept_1"]
    assert rows[1][5:] == ["99.00", "91.96", "0.00", "Fits the books"]


async def test_every_column_of_a_settlement_adds_up_also_with_what_is_disputed(network):
    confirmed, _ = await network.completed()
    text = f"{SETTLED}{confirmed.order['id']},UTR1,150.00,,\nO-UNKNOWN,UTR1,10.00,,\n"
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        read = await settlement(visitor, text)
        rows = table(await visitor.get(f"{read.url.path}?table=settlement&file=csv"))[1:]

    said, due, difference = (sum(Decimal(row[at]) for row in rows) for at in (2, 6, 7))
    assert (said, due, difference) == (Decimal("160.00"), Decimal("191.96"), said - due)


@pytest.mark.parametrize(
    ("reference", "order"),
    [("UTR/A", "A"), ("UTR/1/A", "A"), ("UTR/B/A", "B/A"), ("UTR", ""), ("A", ""), ("UTR/C", "")],
)
def test_a_receipt_belongs_to_the_order_that_its_reference_ends_with(reference, order):
    assert settles(reference, {"A", "B/A"}) == order


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe\x00bad", "settlement_no_table"),
        (b"a,b\n1,2\n", "settlement_no_columns"),
        (b"", "settlement_no_columns"),
        (SETTLED.encode(), "settlement_no_rows"),
        (SETTLED.encode() + b"O,U,1,,\n" * 2001, "settlement_too_long"),
    ],
)
def test_a_file_that_is_no_settlement_is_refused_with_the_reason(content, code):
    with pytest.raises(UnreadableFile) as refused:
        read_settlement(content)

    assert refused.value.code == code


def test_rows_that_cannot_be_taken_say_why_each():
    rows = read_settlement(f"{SETTLED},U,1,,\nO,,1,,\nO,U,none,,\nO,U,0,,\nO,U,1,,\nO,U,1,,\n".encode())

    assert [bool(row.fault) for row in rows] == [True, True, True, True, False, True]


async def test_without_a_file_nothing_is_read(network):
    await network.completed()
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        refused = await visitor.send(await visitor.get(f"{MONEY}/settlements"), "/money/settlements", payer=APP)

    assert refused.status == 422
    assert "Please choose a file." in refused.words


async def test_one_rupee_is_explained_from_any_number_of_the_order(network):
    confirmed, _ = await network.completed()
    ref = await network.ref(confirmed)
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        pages = [
            await visitor.get(f"{MONEY}/order?number={number}")
            for number in (ref, confirmed.order["id"], confirmed.transaction_id)
        ]
        unknown = await visitor.get(f"{MONEY}/order?number=nobody")
        phone = await visitor.get(f"{MONEY}/order?number={network.customer.phone}")
        parts = table(await visitor.get(f"{MONEY}/order?number={ref}&table=split&file=csv"))[1:]
        lines = table(await visitor.get(f"{MONEY}/order?number={ref}&table=lines&file=csv"))[1:]

    assert all("The customer is charged ₹199.00." in one.words for one in pages)
    assert sum(Decimal(row[1]) for row in parts) == Decimal("199.00")
    assert sum(Decimal(row[4] or 0) - Decimal(row[5] or 0) for row in lines) == 0
    assert "Put into the wallet." in {row[3] for row in lines}
    assert "There is no order of this number." in unknown.words
    assert "There is no order of this number." in phone.words, "an accountant looks up nobody by telephone"
    assert network.customer.name not in pages[0].text


async def test_books_are_even_and_every_account_has_its_statement(network):
    await network.completed()
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        books = await visitor.get(f"{MONEY}/books")
        before = await visitor.get(f"{MONEY}/books?until=2026-11-22")
        accounts = table(await visitor.get(f"{MONEY}/books?table=trial-balance&file=csv"))[1:]
        app = table(
            await visitor.get(f"{MONEY}/statement?party=buyer_app&id={APP}&purpose=collected&table=statement&file=csv")
        )
        unknown = await visitor.get(f"{MONEY}/statement?party=thief&purpose=wallet")

    assert "Even" in books.words
    assert "Every wallet is empty." in before.words
    assert sum(Decimal(row[1] or 0) for row in accounts) == sum(Decimal(row[2] or 0) for row in accounts) > 0
    assert [row[5] for row in app[1:]] == ["0.00", "-199.00", "-199.00"]
    assert unknown.status == 400


def test_a_balance_is_drawn_up_to_today_since_of_days_to_come_nobody_knows_it():
    today, unmoved = date(2026, 11, 23), Statement(account=provider_wallet("P-1"), opening=Money(100), entries=())
    month = over_time(unmoved, periods.month(2026, 11), today)
    year = over_time(unmoved, periods.year(2026), today)

    assert (len(month.labels), month.labels[-1]) == (23, "23 Nov")
    assert (len(year.labels), year.labels[-1]) == (8, "Nov 26")
    assert over_time(unmoved, periods.month(2026, 12), today).empty


async def test_a_statement_of_too_much_says_so_and_leaves_the_choice_of_another_period(network):
    async def much(work):
        for number in range(MOST_ENTRIES + 1):
            lines = (Line(provider_wallet("P-GOMTI"), Money(1)), Line(BANK, Money(-1)))
            await work.ledger.post(
                Posting(id=f"X{number}", at=network.clock(), ref="", part=f"receipt:X{number}", memo="", lines=lines)
            )

    await network.context.storage.run(much)
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        page = await visitor.get(f"{MONEY}/statement?party=provider&id=P-GOMTI&purpose=wallet&period=2026")

    assert page.status == 200
    assert "There is too much in this period for one statement." in page.words
    assert "P-GOMTI" in {fields.get("id") for _, fields in page.forms()}
    assert '<option value="2026" selected>' in page.text


async def test_a_long_list_is_shown_in_pieces_and_its_file_has_all(network):
    for number in range(105):
        body = {"kind": "provider_payment", "payer": "P-GOMTI", "reference": f"R{number}", "amount": "1.00"}
        status, answer = await network.call("POST", "/receipts", body)
        assert status == 201, answer
    async with signed_in(network, Role.ACCOUNTANT) as visitor:
        first = await visitor.get(f"{MONEY}/receipts")
        further = await visitor.get(f"{MONEY}/receipts?table=receipts&start=100")
        whole = table(await visitor.get(f"{MONEY}/receipts?table=receipts&file=csv"))

    assert "1 to 100 of 105" in first.words
    assert "101 to 105 of 105" in further.words
    assert len(whole) == 106


async def test_a_spreadsheet_has_numbers_dates_and_the_readers_headings_and_no_formula(network):
    evil = '=HYPERLINK("http://evil.example","x")'
    body = {"kind": "provider_payment", "payer": "P-GOMTI", "reference": "@SUM(1)", "amount": "12.50", "note": evil}
    await network.call("POST", "/receipts", body)
    async with signed_in(network, Role.ACCOUNTANT, "hi") as visitor:
        async with visitor.session.get(f"{network.url}{MONEY}/receipts?table=receipts&file=xlsx") as answer:
            sheet = load_workbook(io.BytesIO(await answer.read())).active
        text = table(await visitor.get(f"{MONEY}/receipts?table=receipts&file=csv"))
        page = await visitor.get(f"{MONEY}/receipts")
    header, row = list(sheet.iter_rows())

    assert (header[4].value, text[0][4]) == ("राशि", "राशि")
    assert (row[4].value, row[4].data_type) == (12.5, "n")
    assert row[0].is_date
    assert (row[8].value, row[8].data_type) == (evil, "s")
    assert (text[1][3], text[1][8]) == ("'@SUM(1)", f"'{evil}")
    assert 'href="http://evil.example' not in page.text


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_text_of_a_file_begins_a_formula_whatever_it_begins_with(begin):
    rows: Any = [[f"{begin}1+1", Decimal("-5.00")]]
    text = csv_file("x", [f"{begin}head"], rows).content.decode("utf-8-sig")
    cells = list(csv.reader(io.StringIO(text, newline="")))
    sheet = load_workbook(io.BytesIO(xlsx_file("x", ["head", "sum"], rows).content)).active

    assert cells[0][0].startswith("'")
    assert cells[1] == [f"'{begin}1+1", "-5.00"]
    assert (sheet["A2"].data_type, sheet["B2"].value) == ("s", -5)


@pytest.mark.parametrize("hidden", ["\x01", "\x08", "\x0b", "\x0c", "\x1f", "\ufffe", "\uffff"])
def test_no_control_character_that_a_buyer_app_sends_breaks_a_file_or_hides_a_formula(hidden):
    rows = [[f"O-{hidden}1", f"{hidden}=1+1"]]
    sheet = load_workbook(io.BytesIO(xlsx_file("x", ["order", "note"], rows).content)).active
    text = csv_file("x", ["order", "note"], rows).content.decode("utf-8-sig")

    assert (sheet["A2"].value, sheet["B2"].value, sheet["B2"].data_type) == ("O-1", "=1+1", "s")
    assert list(csv.reader(io.StringIO(text)))[1] == ["O-1", "'=1+1"]


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("499", "499.00"),
        ("₹ 1,23,456.50", "123456.50"),
        ("Rs. 20", "20.00"),
        ("rs5", "5.00"),
        ("₹1,45,00,000", "14500000.00"),
        ("9999999999999", None),
        ("-5", None),
        ("1e5", None),
        ("0.001", None),
        ("", None),
    ],
)
def test_amounts_are_read_as_people_in_india_type_them(typed, amount):
    found = read_rupees(typed)

    assert (str(found) if found is not None else None) == amount


def days(span):
    return span.first, span.last


def fieldful(deed):
    """Whether a deed is refused for its fields before anything else; the rest is refused for the role."""
    return any(one.is_required() for one in deed.form.model_fields.values())


def table(shown):
    assert shown.status == 200, shown.words
    return list(csv.reader(io.StringIO(shown.text.removeprefix("\ufeff"), newline="")))


async def runs(network):
    return (await network.call("GET", "/payouts"))[1]["items"]


async def a_worker(network):
    world = await network.context.storage.read(network.context.worlds.current)
    return min(one.id for one in world.catalog.workers.values() if one.provider_id == "P-GOMTI")


async def settlement(visitor, text):
    """The page of a settlement file that was sent."""
    page = await visitor.get(f"{MONEY}/settlements")
    return await visitor.send(page, "/money/settlements", payer=APP, file=("settled.csv", text.encode()))


async def with_commission(network):
    status, answer = await network.call(
        "POST", "/rates", {"name": "commission", "valid_from": "2026-11-23", "value": "10"}
    )
    assert status == 201, answer


async def unpaid(network):
    """A booking by telephone whose work is done, and whose money nobody has seen."""
    order = await booked(network.call, slot=6, payment="PRE-FULFILLMENT")
    return (await done(network.call, order))["ref"]


async def stray_credit(network):
    """Money in a wallet that no booking explains."""
    lines = (Line(BANK, Money(5500)), Line(provider_wallet("P-GOMTI"), Money(-5500)))
    posting = Posting(id="stray", at=network.clock(), ref="NO-ORDER", part="visit:1", memo="", lines=lines)
    await network.context.storage.run(lambda work: work.ledger.post(posting))

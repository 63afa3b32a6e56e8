"""Bookings against money: each list has what belongs there and nothing else, from real orders and from plain rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpp.core.accounts import settle
from bpp.core.receipts import record_receipt
from bpp.core.recon import reconciled as from_books
from bpp.ledger import chart
from bpp.ledger.booked import Booked, PartLine, figures
from bpp.ledger.model import Line, Posting
from bpp.ledger.readings import PUBLISHED, PUBLISHED_BOOKINGS, readings
from bpp.ledger.receipts import Receipt, ReceiptKind, posting_of
from bpp.ledger.recon import reconcile
from bpp.ledger.recon_rows import readings_of, totals_of
from bpp.ledger.reports import commission_report, tax_report
from bpp.ledger.synthetic import data_set, orders, reconciled
from bpp.orders.states import Actor, Event, Stage
from bpp.storage.ports import OrderEvent
from catalog.money import ZERO, Money, total
from tests.bpp.ledger.test_payouts import a_receipt, in_unit, paid_out, recorded
from tests.support.order_builders import BAP

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


async def seen(office, first=FIRST, last=LAST):
    return await office.storage.read(lambda work: from_books(first, last, work))


async def moved(office, first=FIRST, last=LAST):
    return await office.storage.read(lambda work: work.payouts.moved(first, last))


def due(row):
    return str(row.commission_due), str(row.commission_received), row.waits_for


async def test_cash_jobs_owe_the_commission_until_the_provider_pays_the_newest_last(open_office):
    office = await open_office()
    for _ in range(3):
        await office.complete((await office.book(kind="ON-FULFILLMENT", paid=False)).ref)
        office.clock.tick(minutes=1)

    found = await seen(office)
    assert [due(row) for row in found.rows] == [("49.90", "0.00", ("provider",))] * 3
    assert (str(found.totals.cash), str(found.totals.cash_in_hand)) == ("1497.00", "1497.00")
    assert {row.figures.mode for row in found.rows} == {"cash"}
    assert {row.figures.collected_by for row in found.rows} == {"BPP"}
    assert found.no_money_seen == ()

    await recorded(office, a_receipt(ReceiptKind.PROVIDER_PAYMENT, "P1", "77.56"))  # one job's debt and ten rupees
    found = await seen(office)
    assert [due(row) for row in found.rows] == [
        ("49.90", "49.90", ()),
        ("49.90", "0.00", ("provider",)),
        ("49.90", "0.00", ("provider",)),
    ]
    assert len(found.commission_not_received) == 2
    await recorded(office, a_receipt(ReceiptKind.PROVIDER_PAYMENT, "P1", "125.12", "R2"))
    assert (await seen(office)).commission_not_received == ()
    assert str((await seen(office)).totals.commission_received) == "149.70"


async def test_what_a_buyer_app_collected_is_received_when_it_settles(open_office):
    office = await open_office()
    await office.complete((await office.book()).ref)
    assert [due(row) for row in (await seen(office)).commission_not_received] == [("49.90", "0.00", ("buyer_app",))]

    fees = {"finder_fee": Money.parse("14.97"), "finder_fee_gst": Money.parse("2.69")}
    await recorded(office, a_receipt(ReceiptKind.BUYER_APP_SETTLEMENT, BAP, "481.34", **fees))

    found = await seen(office)
    assert found.commission_not_received == ()
    assert totals_of(found.totals) == {
        "bookings": 1,
        "gross": "499.00",
        "online": "499.00",
        "cash": "0.00",
        "missing": "0.00",
        "tax": "10.15",
        "commission": "42.29",
        "commission_gst": "7.61",
        "commission_received": "49.90",
        "wallet_credit": "428.90",
        "wallet_held": "0.00",
        "topped_up": "0.00",
        "into_wallets": "428.90",
        "cash_in_hand": "0.00",
        "owed_by_providers": "0.00",
    }


async def test_a_completed_booking_without_its_money_is_listed_until_it_is_paid(open_office):
    office = await open_office()
    order = await office.complete((await office.book(kind="POST-FULFILLMENT", paid=False)).ref)

    (row,) = (await seen(office)).no_money_seen
    assert (row.booked.ref, str(row.missing), str(row.held)) == (order.ref, "499.00", "428.90")
    assert due(row) == ("49.90", "0.00", ("consumer",))

    await office.receive(order)
    found = await seen(office)
    assert (found.no_money_seen, found.commission_not_received) == ((), ())
    assert [row.figures.mode for row in found.rows] == ["online"]


async def test_a_wallet_that_is_short_after_it_was_paid_out_is_told(open_office):
    office = await open_office()
    await office.complete((await office.book()).ref)
    await paid_out(office, "run-1")
    late = await office.bring_to((await office.book()).ref, Stage.EN_ROUTE)

    gone = await office.do(late.ref, Event.CANCEL, Actor.SELLER, reason="012")

    assert gone.order.cancellation.penalty > ZERO
    assert (await seen(office)).totals.owed_by_providers == gone.order.cancellation.penalty


async def test_a_booking_belongs_to_the_period_of_its_completion_and_what_is_cancelled_to_none(open_office):
    office = await open_office()
    given_up = await office.book()
    await office.do(given_up.ref, Event.CANCEL, Actor.BUYER, reason="012")
    order = await office.complete((await office.book()).ref)
    done = office.clock()

    assert [row.booked.ref for row in (await seen(office, done, done + timedelta(seconds=1))).rows] == [order.ref]
    assert (await seen(office, done + timedelta(seconds=1))).rows == ()
    assert (await seen(office, last=done)).rows == ()
    assert (await seen(office)).totals.bookings == 1


async def test_a_credit_of_a_wallet_needs_a_booking_that_was_done(open_office):
    office = await open_office()
    open_order = await office.book()
    done = await office.complete((await office.book()).ref)

    def credit(number, ref, part="visit:F9"):
        lines = (Line(chart.provider_wallet("P1"), Money(-number)), Line(chart.BANK, Money(number)))
        return Posting(id=f"X{number}", at=office.clock(), ref=ref, part=part, memo="", lines=lines)

    for posting in (credit(1, ""), credit(2, "nobody"), credit(3, open_order.ref), credit(4, done.ref)):
        await in_unit(office, lambda work, _world, posting=posting: work.ledger.post(posting))
    await recorded(office, a_receipt(ReceiptKind.PROVIDER_PAYMENT, "P1", "10.00"))

    stray = (await seen(office)).credit_without_booking
    assert [(one.posting_id, one.reason, one.amount.paise) for one in stray] == [
        ("X1", "no booking", 1),
        ("X2", "no booking", 2),
        ("X3", "work not done", 3),
    ]


async def test_reports_say_the_rate_of_the_booking_and_what_was_posted_in_the_period(open_office):
    office = await open_office()
    first = await office.book()
    office.clock.set(datetime(2025, 7, 23, 3, 30, tzinfo=UTC))
    second = await office.complete((await office.book()).ref)
    done = await office.complete(first.ref)
    day = office.clock()
    office.clock.tick(days=1)
    await office.quote_and_take(done.ref, Money.parse("118.00"), visit=True)
    await office.complete(done.ref)

    rows = commission_report(await moved(office, last=day + timedelta(seconds=1)))
    assert [(str(one.booked_on), str(one.rate), str(one.commission), str(one.gst)) for one in rows] == [
        ("2025-05-05", "10", "42.29", "7.61"),
        ("2025-07-23", "0", "0.00", "0.00"),
    ]
    (tax,) = tax_report(await moved(office, last=day + timedelta(seconds=1)))
    assert (tax.provider_id, tax.bookings, str(tax.gross)) == ("P1", 2, "998.00")
    assert (str(tax.tcs_central), str(tax.tcs_state), str(tax.tds)) == ("2.12", "2.12", "0.84")
    added = commission_report(await moved(office, day + timedelta(seconds=1)))
    assert [(str(one.gross), str(one.commission)) for one in added] == [("118.00", "10.00")]
    assert second.ref != done.ref


def booked(number, lines, provider="P1"):
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    return Booked(
        ref=f"R{number}", provider_id=provider, channel="ondc", total=Money(100), completed_at=at, lines=lines
    )


def test_an_order_that_never_came_to_the_books_is_missing_with_its_own_price():
    (row,) = reconcile([booked(1, ())], {}).no_money_seen

    assert (row.gross, row.missing, row.figures.collected_by, row.figures.mode) == (
        Money(100),
        Money(100),
        "none",
        "none",
    )


def test_money_of_two_kinds_is_told_as_mixed():
    owes = chart.consumer_due("R")
    lines = (
        PartLine("visit:F1", owes, Money(100)),
        PartLine("payment:1", chart.collected("B"), Money(30)),
        PartLine("payment:1", owes, Money(-30)),
        PartLine("payment:2", chart.provider_wallet("P1"), Money(50)),
        PartLine("payment:2", owes, Money(-50)),
    )
    found = figures(lines)

    assert (found.mode, found.collected_by, found.online, found.cash, found.seen) == (
        "mixed",
        "both",
        Money(30),
        Money(50),
        Money(80),
    )


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["P1", "P2"]), st.integers(0, 500), st.integers(0, 90)), max_size=8),
    st.integers(0, 2_000),
)
def test_commission_is_never_received_twice_and_what_misses_is_within_the_debts(jobs, paid):
    bookings = [
        booked(
            number,
            (
                PartLine("visit:F1", chart.provider_wallet(who), Money(fee + share)),
                PartLine("visit:F1", chart.COMMISSION, Money(-share)),
            ),
            who,
        )
        for number, (who, fee, share) in enumerate(jobs)
    ]
    debts = {who: max(sum(fee + share for one, fee, share in jobs if one == who) - paid, 0) for who in ("P1", "P2")}
    found = reconcile(bookings, {chart.provider_wallet(who): Money(debt) for who, debt in debts.items()})

    assert all(ZERO <= row.commission_received <= row.commission_due for row in found.rows)
    for who, debt in debts.items():
        missing = total(
            row.commission_due - row.commission_received for row in found.rows if row.booked.provider_id == who
        )
        assert missing <= Money(debt)
        if debt == 0:
            assert missing == ZERO


@pytest.mark.parametrize("letter", ["a", "b", "c"])
def test_the_synthetic_books_add_up_to_the_published_figures_and_only_their_own_reading_fits(letter):
    done = reconciled(data_set(letter))

    assert (done.totals.bookings, str(done.totals.into_wallets)) == (PUBLISHED_BOOKINGS, "2753794.00")
    assert str(done.totals.gross) == "27537940.00"
    assert [one.letter for one in readings(done.totals) if one.consistent] == [letter]
    assert [one.letter for one in readings(done.totals, PUBLISHED + Money(1)) if one.consistent] == []
    assert FIGURES[letter].items() <= totals_of(done.totals).items()
    assert len(done.no_money_seen) == len(done.commission_not_received) == (35_429 if letter == "c" else 0)


FIGURES = {
    "a": {
        "cash": "27537940.00",
        "commission": "2753794.00",
        "commission_received": "2753794.00",
        "cash_in_hand": "0.00",
    },
    "b": {"online": "2753794.00", "cash": "24784146.00", "cash_in_hand": "24784146.00", "commission": "0.00"},
    "c": {"online": "3059771.11", "commission_received": "305977.11", "cash": "0.00", "missing": "24478168.89"},
}


@pytest.mark.parametrize("letter", ["a", "b", "c"])
async def test_a_small_set_says_the_same_from_a_database_as_from_plain_rows(open_office, letter):
    office = await open_office()
    figure, count = Money.parse("4145.40"), 60
    data = data_set(letter, bookings=count, figure=figure)

    async def fill(work):
        world = await office.worlds.current(work)
        for order in orders(letter, bookings=count, figure=figure):
            await work.orders.add(await settle(None, order, work, world), order.updated_at)
            completed = OrderEvent(
                at=order.updated_at,
                ref=order.ref,
                fulfillment_id="F1",
                event=Event.COMPLETE,
                actor=Actor.SELLER,
                source=Stage.STARTED,
                target=Stage.COMPLETED,
            )
            await work.orders.record(completed)

    office.clock.set(datetime(2021, 12, 1, tzinfo=UTC))
    await office.storage.run(fill)
    office.clock.set(datetime(2025, 6, 30, 12, tzinfo=UTC))
    for one in data.receipts:
        await record(office, one)

    found = await seen(office)
    assert found.rows == reconciled(data).rows
    assert found.totals == reconciled(data).totals
    assert [one["reading"] for one in readings_of(readings(found.totals, figure)) if one["consistent"]] == [letter]
    assert {one.day for one in data.bookings} >= {date(2021, 12, 13)}


async def record(office, receipt: Receipt):
    """Recorded as it is; the provider of a synthetic wallet is in no catalog, so its posting is made directly."""

    if receipt.kind is ReceiptKind.PROVIDER_PAYMENT:
        await in_unit(office, lambda work, _world: work.ledger.post(posting_of(receipt)))
    else:
        await in_unit(office, lambda work, world: record_receipt(receipt, work, world))

"""The books on a database: what is posted stays, and is found again by order, by account and by day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.errors import OrderBusy
from bpp.ledger.chart import BANK, consumer_due, provider_wallet
from bpp.ledger.model import Line, Party, Posting, Purpose
from bpp.ledger.paid_out import payout_posting, refund_posting
from bpp.ledger.rates import DatedRate
from bpp.storage.ports_ledger import AccountFilter
from catalog.money import Money
from tests.support.clock import MONDAY_MORNING as NOW

WALLET = provider_wallet("P1")
RATE = DatedRate(
    name="commission", valid_from=date(2027, 1, 1), value=Decimal("7.5"), base="gross", scope="released", note="decided"
)


def earned(number: int, rupees: str, *, part: str = "visit:F1", provider: str = "P1", days: int = 0) -> Posting:
    amount = Money.parse(rupees)
    lines = (Line(consumer_due(f"R{number}"), amount), Line(provider_wallet(provider), -amount))
    at = NOW + timedelta(days=days)
    return Posting(id=f"{number}:{part}", at=at, ref=f"R{number}", part=part, memo="work", lines=lines)


@pytest.fixture
async def books(storage):
    """Two orders of P1, one of P2, and a payout of P1."""
    paid = payout_posting(WALLET, Money.parse("30.00"), payout_id="PO1", at=NOW + timedelta(days=2))
    postings = (earned(1, "100.00"), earned(2, "50.50", days=1), earned(3, "7.00", provider="P2"), paid)

    async def unit(work):
        for one in postings:
            await work.ledger.post(one)

    await storage.run(unit)
    return postings


async def test_an_orders_postings_come_back_as_they_were_made(storage, books):
    assert await storage.read(lambda work: work.ledger.of_order("R1")) == [books[0]]
    assert await storage.read(lambda work: work.ledger.of_order("NONE")) == []


async def test_balances_are_sums_and_come_to_nothing_together(storage, books):
    found = await storage.read(lambda work: work.ledger.balances(AccountFilter()))
    wallets = AccountFilter(party=Party.PROVIDER, purpose=Purpose.WALLET)
    before = await storage.read(lambda work: work.ledger.balances(wallets, NOW + timedelta(days=1)))

    assert found[WALLET] == Money.parse("-120.50")
    assert found[BANK] == Money.parse("-30.00")
    assert sum(one.paise for one in found.values()) == 0
    assert before == {WALLET: Money.parse("-100.00"), provider_wallet("P2"): Money.parse("-7.00")}


async def test_a_statement_is_what_moved_an_account_in_a_time(storage, books):
    found = await storage.read(
        lambda work: work.ledger.statement(WALLET, first=NOW + timedelta(days=1), last=NOW + timedelta(days=9), limit=9)
    )

    assert found == [(books[1], Money.parse("-50.50")), (books[3], Money.parse("30.00"))]


async def test_turnover_is_what_a_providers_consumers_were_charged_whatever_they_paid(storage, books):
    async def unit(work):
        await work.ledger.post(earned(1, "-100.00", part="visit:F1 reversed"))
        await work.ledger.post(earned(4, "20.00", part="cancellation"))
        await work.ledger.post(earned(5, "-499.00", part="payment:PAY1"))

    await storage.run(unit)

    assert await storage.read(lambda work: work.ledger.turnover("P1", NOW)) == Money.parse("70.50")
    assert await storage.read(lambda work: work.ledger.turnover("P1", NOW + timedelta(days=1))) == Money.parse("50.50")
    assert await storage.read(lambda work: work.ledger.turnover("NOBODY", NOW)) == Money(0)


async def test_the_same_posting_a_second_time_has_no_effect_at_all(storage, books):
    async def unit(work):
        await work.ledger.post(earned(9, "1.00"))
        await work.ledger.post(books[0])

    with pytest.raises(OrderBusy):  # another may have posted it just now, so it was tried again
        await storage.run(unit)

    assert await storage.read(lambda work: work.ledger.of_order("R9")) == []


async def test_a_refund_stands_with_its_order(storage):
    refund = refund_posting("R1", Money.parse("9.00"), refund_id="RF1", at=NOW)
    await storage.run(lambda work: work.ledger.post(refund))

    assert await storage.read(lambda work: work.ledger.of_order("R1")) == [refund]


async def test_rates_come_back_in_the_order_in_which_they_were_added(storage):
    other = DatedRate(name="tcs", valid_from=date(2026, 12, 1), value=Decimal("0.25"), base="net", scope="all")
    for one in (RATE, other):
        await storage.run(lambda work, one=one: work.ledger.add_rate(one, NOW, "accountant"))

    assert await storage.read(lambda work: work.ledger.rates()) == [RATE, other]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_postings SET memo = 'another'",
        "UPDATE ledger_lines SET paise = paise * 2",
        "UPDATE rates SET value = '1'",
        "DELETE FROM ledger_postings",
        "DELETE FROM ledger_lines WHERE paise > 0",
        "DELETE FROM rates",
    ],
)
async def test_the_database_itself_refuses_to_change_what_was_written(storage, database, books, statement):
    await storage.run(lambda work: work.ledger.add_rate(RATE, NOW, "accountant"))
    engine = create_async_engine(database)

    with pytest.raises(DBAPIError, match="append-only"):
        async with engine.begin() as connection:
            await connection.execute(text(statement))
    await engine.dispose()

    assert await storage.read(lambda work: work.ledger.of_order("R1")) == [books[0]]
    assert await storage.read(lambda work: work.ledger.rates()) == [RATE]


async def test_a_server_refuses_to_empty_the_books_at_once(postgres_database):
    engine = create_async_engine(postgres_database)

    with pytest.raises(DBAPIError, match="append-only"):
        async with engine.begin() as connection:
            await connection.execute(text("TRUNCATE ledger_lines"))
    await engine.dispose()

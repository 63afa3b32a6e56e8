"""Money leaves once: runs, races, failures and receipts over real orders; and the laws of any sequence of them."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpp.core.payouts import fail_line, pay_out
from bpp.core.receipts import record_receipt
from bpp.ledger import chart
from bpp.ledger.model import Account, Line, Party, Posting, Purpose
from bpp.ledger.payouts import BANK_COLUMNS, PayoutRefused, backed, bank_rows, owed, released
from bpp.ledger.receipts import Receipt, ReceiptKind, ReceiptRefused
from bpp.ledger.statement import statement, trial_balance
from bpp.storage.engine import open_storage
from bpp.storage.ports_ledger import AccountFilter
from catalog.load import CatalogData
from catalog.money import ZERO, Money, total
from tests.support.catalog_builders import a_provider
from tests.support.clock import FakeClock
from tests.support.couriers import worlds_of
from tests.support.ids import IdSource
from tests.support.office import Office
from tests.support.order_builders import BAP

ONE = Money(100)
WALLET = chart.provider_wallet("P1")
LONG_AGO, FAR_OFF = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


async def in_unit(office, do, storage=None):
    async def unit(work):
        return await do(work, await office.worlds.current(work))

    return await (storage or office.storage).run(unit)


async def paid_out(office, run_id, *, until=None, minimum=ONE, storage=None):
    return await in_unit(office, lambda work, world: pay_out(run_id, until, minimum, "me", work, world), storage)


def a_receipt(kind, payer, amount, reference="R1", **more):
    return {"kind": kind, "payer": payer, "amount": Money.parse(amount), "reference": reference, **more}


async def recorded(office, said, storage=None):
    def do(work, world):
        receipt = Receipt(at=world.now, recorded_by="me", posting_id=world.new_id(), **said)
        return record_receipt(receipt, work, world)

    return await in_unit(office, do, storage)


def amounts(run):
    return {line.party_id: str(line.amount) for line in run.lines}


async def test_a_wallet_is_paid_once_however_many_runs_ask_at_the_same_time(open_office, storages):
    office = await open_office()
    order = await office.book()
    await office.complete(order.ref)
    owed = -(await office.balances())[WALLET]

    others = [storages() for _ in range(4)]
    runs = await asyncio.gather(
        *(paid_out(office, f"run-{number % 3}", storage=others[number % 4]) for number in range(8))
    )

    paid = {run.id: run for run in runs}
    assert sorted(paid) == ["run-0", "run-1", "run-2"]
    assert total(line.amount for run in paid.values() for line in run.lines) == owed
    assert all(run == paid[run.id] for run in runs)
    assert WALLET not in await office.balances()


async def test_what_the_consumer_has_not_paid_for_is_held_back_until_he_has(open_office):
    office = await open_office()
    order = await office.book(kind="POST-FULFILLMENT", paid=False)
    done = await office.complete(order.ref)
    assert (await office.balances())[WALLET] < ZERO
    assert amounts(await paid_out(office, "early")) == {}

    await office.receive(done)
    assert amounts(await paid_out(office, "late")) == {"P1": "428.90"}


async def test_cash_at_the_door_is_owed_handed_over_and_paid(open_office):
    office = await open_office()
    order = await office.book(kind="ON-FULFILLMENT", paid=False)
    await office.complete(order.ref)
    assert amounts(await paid_out(office, "none")) == {}
    assert str((await office.balances())[WALLET]) == "67.56"
    (worker,) = [one.party_id for one in await office.balances() if one.purpose is Purpose.CASH_IN_HAND]

    too_much = a_receipt(ReceiptKind.CASH_HANDOVER, worker, "499.01", provider_id="P1")
    with pytest.raises(ReceiptRefused, match="at most"):
        await recorded(office, too_much)
    await recorded(office, a_receipt(ReceiptKind.CASH_HANDOVER, worker, "499.00", provider_id="P1"))
    await recorded(office, a_receipt(ReceiptKind.PROVIDER_PAYMENT, "P1", "67.56"))

    left = await office.balances()
    assert not {chart.cash_in_hand(worker), chart.cash_with_workers("P1"), WALLET} & left.keys()
    assert str(left[chart.BANK]) == "67.56"


async def test_a_buyer_app_keeps_its_finder_fee_and_offices_get_what_is_theirs(open_office):
    office = await open_office()
    await office.complete((await office.book()).ref)
    fees = {"finder_fee": Money.parse("14.97"), "finder_fee_gst": Money.parse("2.69")}
    settled = await recorded(office, a_receipt(ReceiptKind.BUYER_APP_SETTLEMENT, BAP, "481.34", **fees))
    await paid_out(office, "all")
    for number, (tax, amount) in enumerate({"tcs": "2.12", "tds": "0.42", "gst_on_commission": "7.61"}.items()):
        await recorded(office, a_receipt(ReceiptKind.TAX_PAYMENT, tax, amount, f"CHALLAN{number}"))

    left = await office.balances()
    assert settled.amount == Money.parse("481.34")
    assert {str(account): str(amount) for account, amount in left.items()} == {
        "samiti::bank": "42.29",
        "samiti::commission": "-42.29",
    }


async def test_one_of_many_recorders_of_a_reference_posts_it(open_office, storages):
    office = await open_office()
    said = a_receipt(ReceiptKind.PROVIDER_PAYMENT, "P1", "100.00")
    others = [storages() for _ in range(4)]

    kept = await asyncio.gather(*(recorded(office, said, others[number % 4]) for number in range(8)))

    assert len({one.posting_id for one in kept}) == 1
    assert str((await office.balances())[WALLET]) == "-100.00"
    with pytest.raises(ReceiptRefused, match="another payment"):
        await recorded(office, {**said, "amount": Money(1)})
    await recorded(office, {**said, "reference": "R2"})
    assert str((await office.balances())[WALLET]) == "-200.00"


async def test_of_two_refunds_at_once_only_what_we_hold_is_paid(open_office, storages):
    office = await open_office()
    order = await office.receive(await office.book(channel="portal", paid=False))
    others = [storages(), storages()]

    tried = await asyncio.gather(
        *(
            recorded(office, a_receipt(ReceiptKind.CONSUMER_REFUND, order.ref, "300.00", f"R{number}"), one)
            for number, one in enumerate(others)
        ),
        return_exceptions=True,
    )

    refused = [one for one in tried if isinstance(one, ReceiptRefused)]
    assert [str(one) for one in refused] == ["consumer due: 199.00 at most, not 300.00"]
    assert str((await office.balances())[chart.consumer_due(order.ref)]) == "-199.00"


async def test_a_failed_payment_is_reversed_once_and_told_from_one_that_is_not_there(open_office):
    office = await open_office()
    await office.complete((await office.book()).ref)
    run = await paid_out(office, "one")

    def fail(party_id):
        return in_unit(office, lambda work, world: fail_line("one", Party.PROVIDER, party_id, "closed", work, world))

    failed, again = await fail("P1"), await fail("P1")
    assert failed == again
    assert [(one.state, one.reason) for one in failed.lines] == [("failed", "closed")]
    assert (await office.balances())[WALLET] == -run.lines[0].amount
    with pytest.raises(PayoutRefused) as none:
        await fail("P9")
    assert none.value.unknown


async def test_a_page_of_runs_goes_on_where_the_one_before_ended(open_office):
    office = await open_office()
    for name in ("a", "b", "c"):
        await paid_out(office, name)
        office.clock.tick(minutes=1)

    read = office.storage.read
    first = await read(lambda work: work.payouts.runs(None, 2))
    rest = await read(lambda work: work.payouts.runs(first[-1].id, 2))
    assert [one.id for one in (*first, *rest)] == ["c", "b", "a"]
    assert await read(lambda work: work.payouts.run("d")) is None


async def test_the_banks_file_names_whom_it_can(open_office):
    office = await open_office()
    await office.complete((await office.book()).ref)
    run = await paid_out(office, "one")
    known = {"beneficiary": "Demo Services", "account": "000111222333", "ifsc": "DEMO0000001", "upi": ""}

    (bare,), (full,) = bank_rows(run, {}), bank_rows(run, {WALLET: known})

    assert {**bare, **known} == full
    assert set(full) == set(BANK_COLUMNS)
    assert full["reference"] == "one/provider/P1"


def test_a_moment_of_a_run_pays_no_more_than_is_owed_still() -> None:
    then = {WALLET: Money(-500), chart.BANK: Money(-900), chart.worker_wallet("W1"): Money(50)}
    assert owed(then, {WALLET: Money(-200)}, ONE) == {WALLET: Money(200)}
    assert owed(then, {}, ONE) == {}
    assert owed(then, then, Money(501)) == {}
    assert released(then, {WALLET: Money(-300)})[WALLET] == Money(-200)
    assert released(then, {WALLET: Money(70)})[WALLET] == Money(-500)


parties = st.sampled_from(["P1", "P2"])
cents = st.integers(min_value=1, max_value=90_000).map(Money)
steps = st.one_of(
    st.tuples(st.just("earn"), parties, cents),
    st.tuples(st.just("cash"), parties, cents),
    st.tuples(st.just("pay"), parties, cents),
    st.tuples(st.just("hand"), parties, cents),
    st.tuples(st.just("settle"), parties, cents),
    st.tuples(st.just("run"), st.sampled_from("xyz"), cents),
    st.tuples(st.just("fail"), st.sampled_from("xyz"), cents),
)


def earned(provider, amount, number, now):
    lines = (Line(chart.collected(BAP), amount), Line(chart.provider_wallet(provider), -amount))
    return Posting(id=f"E{number}", at=now, ref=f"O{number}", part="visit:F1", memo="", lines=lines)


def took_cash(provider, amount, number, now):
    lines = (
        Line(chart.provider_wallet(provider), amount),
        Line(chart.COMMISSION, -amount),
        Line(chart.cash_in_hand(f"{provider}-W"), amount),
        Line(chart.cash_with_workers(provider), -amount),
    )
    return Posting(id=f"C{number}", at=now, ref=f"O{number}", part="visit:F1", memo="", lines=lines)


async def any_step(step, number, office):
    kind, who, amount = step
    office.clock.tick(seconds=1)
    now = office.clock()
    if kind in ("earn", "cash"):
        posting = (earned if kind == "earn" else took_cash)(who, amount, number, now)
        await office.storage.run(lambda work: work.ledger.post(posting))
    elif kind == "run":
        await paid_out(office, who, minimum=amount)
    elif kind == "fail":
        run = await office.storage.read(lambda work: work.payouts.run(who))
        if run and run.lines:
            wallet = run.lines[0]
            await in_unit(office, lambda work, world: fail_line(who, wallet.party, wallet.party_id, "x", work, world))
    else:
        said = {
            "pay": a_receipt(ReceiptKind.PROVIDER_PAYMENT, who, str(amount), f"R{number}"),
            "hand": a_receipt(ReceiptKind.CASH_HANDOVER, f"{who}-W", str(amount), f"R{number}", provider_id=who),
            "settle": a_receipt(ReceiptKind.BUYER_APP_SETTLEMENT, BAP, str(amount), f"R{number}"),
        }[kind]
        await recorded(office, said)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=1, max_size=12))
def test_after_anything_the_books_balance_and_each_statement_closes_at_its_account(sqlite_template, tmp_path, taken):
    path = shutil.copy(sqlite_template, tmp_path / "any.sqlite3")

    async def all_of_it():
        storage = open_storage(f"sqlite+aiosqlite:///{path}")
        try:
            await the_laws_hold(storage, taken)
        finally:
            await storage.close()

    asyncio.run(all_of_it())


async def the_laws_hold(storage, taken):
    clock = FakeClock()
    providers = tuple(a_provider(id=one) for one in ("P1", "P2"))
    await storage.run(lambda work: work.directory.seed(CatalogData(providers=providers, offerings=(), workers=())))
    office = Office(storage=storage, worlds=worlds_of(clock, IdSource(7)), clock=clock)
    for number, step in enumerate(taken):
        before = await office.balances()
        try:
            await any_step(step, number, office)
        except (ReceiptRefused, PayoutRefused):
            assert await office.balances() == before
        after = await office.balances()
        assert total(after.values()) == ZERO
        sides = trial_balance(after)
        assert sides.debit == sides.credit
        assert all(after.get(chart.cash_in_hand(f"{one}-W"), ZERO) >= ZERO for one in ("P1", "P2"))
        assert after.get(chart.collected(BAP), ZERO) >= ZERO
    half = clock() - timedelta(seconds=len(taken) // 2)
    for account in (chart.provider_wallet("P1"), chart.provider_wallet("P2"), chart.BANK):
        before, early = await statement_of(storage, account, LONG_AGO, half)
        middle, late = await statement_of(storage, account, half, FAR_OFF)
        assert before == ZERO
        assert early.closing == late.opening == -middle
        assert late.closing == -(await office.balances()).get(account, ZERO)
        entries = (*early.entries, *late.entries)
        assert all(two.balance - one.balance == two.credit - two.debit for one, two in pairwise(entries))


async def statement_of(storage, account: Account, first, last):
    which = AccountFilter(party=account.party, party_id=account.party_id, purpose=account.purpose)

    async def read(work):
        before = (await work.ledger.balances(which, first)).get(account, ZERO)
        moved = await work.ledger.statement(account, first=first, last=last, limit=100)
        return before, statement(account, before, moved)

    return await storage.read(read)


def test_a_share_is_not_paid_while_the_provider_owes_since_the_cash_for_it_is_at_the_door():
    amounts = {
        WALLET: ONE,
        chart.worker_wallet("W1"): ONE,
        chart.worker_wallet("W2"): ONE,
        chart.worker_wallet("W3"): ONE,
    }
    balances = {chart.provider_wallet("P1"): -ONE, chart.provider_wallet("P2"): ONE}

    found = backed(amounts, balances, {"W1": "P1", "W2": "P2"})

    assert set(found) == {WALLET, chart.worker_wallet("W1"), chart.worker_wallet("W3")}

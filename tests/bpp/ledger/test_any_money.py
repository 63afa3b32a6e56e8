"""Whatever is booked, added, given up, paid in cash or otherwise and paid out, in any order and at whatever rates.

A machine of hypothesis runs the core on a real database beside a second set of books (``bookkeeper``). It can be made
longer like that of ``tests/machine``: ``BPP_MACHINE_EXAMPLES``, ``BPP_MACHINE_STEPS``, ``BPP_MACHINE_SEED``.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from bpp.core.accounts import add_rate
from bpp.errors import BppError, Unavailable
from bpp.ledger.model import Account, Posting, Purpose, balances
from bpp.ledger.paid_out import payout_posting, refund_posting
from bpp.ledger.standing import standing
from bpp.orders.assignment import local_day
from bpp.orders.model import FinderFee, Order
from bpp.orders.states import TERMINAL, Actor, Event, IllegalTransition, Stage
from bpp.storage.door import SqlStorage
from bpp.storage.engine import database_file, open_storage
from bpp.storage.ports import Work
from catalog.load import CatalogData
from catalog.model import CancellationTerm, RescheduleTerm, Terms
from catalog.money import Money, total
from tests.bpp.ledger.bookkeeper import Bookkeeper, Facts
from tests.support.catalog_builders import a_provider, a_worker, an_offering
from tests.support.clock import FakeClock
from tests.support.couriers import worlds_of
from tests.support.office import Office

T = TypeVar("T")
JULY_2025 = datetime(2025, 7, 18, 3, 30, tzinfo=UTC)
"""Four days before the commission was suspended."""
TERMS = Terms(
    cancellation=(
        CancellationTerm(state="Pending", cancel_by="PT0S", percentage=Decimal(10)),
        CancellationTerm(state="In-Transit", cancel_by="PT0S", fee=Money(40_001), penalty_percentage=Decimal(50)),
        CancellationTerm(state="At-Location", cancel_by="PT0S", percentage=Decimal("33.33")),
    ),
    reschedule=(RescheduleTerm(state="Pending", eligible=True, fee=Money(2_550), within="PT0S"),),
)
FACTS = {
    "P1": Facts(registered=True, individual=False, has_pan=True),
    "P2": Facts(registered=False, individual=True, has_pan=True, share="33.34"),
    "P3": Facts(registered=False, individual=True, has_pan=False, share="100"),
}
ITEMS = {"TAP": "P1", "PAINT": "P1", "WELL": "P2", "COOL": "P2", "SINK": "P3"}
KINDS: Any = ("PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT")
FEES = (
    FinderFee(type="amount", amount="150"),
    FinderFee(type="percent", amount="3"),
    FinderFee(type="percent", amount="12.5"),
)
BOOKINGS = st.fixed_dictionaries(
    {
        "item": st.sampled_from(tuple(ITEMS)),
        "count": st.integers(1, 2),
        "kind": st.sampled_from(KINDS),
        "fee": st.sampled_from(FEES),
        "channel": st.sampled_from(("ondc", "ondc", "ondc", "call_centre")),
        "paid": st.sampled_from((True, True, False)),
        "we_collect": st.booleans(),
    }
)
EXTRAS = st.fixed_dictionaries(
    {
        "price": st.one_of(st.integers(3, 999_999), st.just(15_000_001)).map(Money),
        "visit": st.sampled_from((True, True, False)),
        "kinds": st.lists(st.sampled_from(KINDS), max_size=3).map(tuple),
    }
)
JOBS = st.fixed_dictionaries(
    {
        "booking": BOOKINGS,
        "extra": st.lists(EXTRAS, max_size=2),
        "end": st.sampled_from(("more later", "done", Actor.BUYER, Actor.SELLER)),
        "stage": st.sampled_from((Stage.EN_ROUTE, Stage.STARTED, Stage.ASSIGNED)),
    }
)
WHICH = st.integers(0, 99)
WAY = (*Stage,)
"""The stages in their order; after the last a visit goes nowhere."""


def catalog() -> CatalogData:
    offerings: dict[str, dict[str, Any]] = {
        "TAP": {"price": Money(49_900)},
        "PAINT": {"price": Money(33_333), "advance": Decimal(30)},
        "WELL": {"price": Money(19_999_999)},
        "COOL": {"price": Money(60_007), "sub_service_id": "SM-ACT-CLN"},
        "SINK": {"price": Money(1)},
    }
    return CatalogData(
        providers=tuple(
            a_provider(
                id=name,
                gstin="09AAACX0000A1Z5" if one.registered else "",
                kind="individual" if one.individual else "firm",
                has_pan=one.has_pan,
                worker_share=Decimal(one.share),
                terms=TERMS,
            )
            for name, one in FACTS.items()
        ),
        offerings=tuple(
            an_offering(id=item, provider_id=ITEMS[item], payment_types=KINDS, **changes)
            for item, changes in offerings.items()
        ),
        workers=tuple(
            a_worker(
                id=f"W-{name}", provider_id=name, skills={"SM-PLB": date(2031, 3, 31), "SM-ACT": date(2031, 3, 31)}
            )
            for name in FACTS
        ),
    )


class AnyMoney(RuleBasedStateMachine):
    """Money of a few orders; after each step the two sets of books agree."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="bpp-money-"))
        path = Path(shutil.copy(self.template, self.folder / "bpp.sqlite3"))
        self.runner = asyncio.Runner()
        self.clock = FakeClock(JULY_2025)
        self.storage = self.run(opened(path))
        self.office = Office(storage=self.storage, worlds=worlds_of(self.clock), clock=self.clock)
        self.books = Bookkeeper(FACTS)
        self.orders: dict[str, Order] = {}
        self.sent = 0

    def teardown(self) -> None:
        self.wallets_are_their_entries()
        self.run(self.storage.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    @initialize(fee=st.sampled_from(("1.50", "0")), jobs=st.lists(JOBS, min_size=2, max_size=4))
    def first_jobs(self, fee: str, jobs: list[dict[str, Any]]) -> None:
        self.new_rate("network_fee", 0, fee)
        for job in jobs:
            self.whole_job(**job)

    @rule(booking=BOOKINGS)
    def book(self, booking: dict[str, Any]) -> None:
        self.booked(booking)

    def booked(self, booking: dict[str, Any]) -> Order:
        order = self.run(self.office.book(provider=ITEMS[booking["item"]], hours=booking["count"], **booking))
        self.books.booked(order, self.clock())
        return self.look(order.ref)

    @rule(job=JOBS)
    def another_job(self, job: dict[str, Any]) -> None:
        self.whole_job(**job)

    def whole_job(self, booking: dict[str, Any], extra: list[dict[str, Any]], end: str, stage: Stage) -> None:
        """Booked, paid where we collect, gone to, perhaps found to be more work; done, or given up on the way."""
        order = self.booked(booking)
        if booking["we_collect"]:
            self.attempt(order, self.office.receive(order))
        if end in tuple(Actor):
            self.bring_to(order, stage)
            self.attempt(order, self.office.do(order.ref, Event.CANCEL, Actor(end), reason="012"))
            self.pay_back(0)
            return
        self.bring_to(order, Stage.STARTED)
        for more in extra:
            self.attempt(order, self.office.quote_and_take(order.ref, **more))
        for _ in range(1 + sum(more["visit"] for more in extra)):
            self.attempt(order, self.office.complete(order.ref))
        if end == "more later":
            self.attempt(order, self.office.quote_and_take(order.ref, Money(25_001), visit=True))

    def bring_to(self, order: Order, stage: Stage) -> None:
        if stage is not order.visit.stage:
            self.attempt(order, self.office.bring_to(order.ref, stage))

    @rule(which=WHICH, stage=st.sampled_from((Stage.EN_ROUTE, Stage.STARTED, Stage.COMPLETED, Stage.COMPLETED)))
    def go_on(self, which: int, stage: Stage) -> None:
        """The visit under way goes on, as far as it is not there yet."""
        order = self.one_of(which)
        if WAY.index(order.visit.stage) < WAY.index(stage):
            self.attempt(order, self.office.bring_to(order.ref, stage))

    @rule(which=WHICH, extra=EXTRAS)
    def more_work(self, which: int, extra: dict[str, Any]) -> None:
        """A further quotation is made and taken."""
        order = self.one_of(which)
        self.attempt(order, self.office.quote_and_take(order.ref, **extra))

    @rule(which=WHICH, actor=st.sampled_from((Actor.BUYER, Actor.SELLER)), sure=st.sampled_from((True, False, False)))
    def give_up(self, which: int, actor: Actor, *, sure: bool) -> None:
        order = self.one_of(which)
        if sure:
            self.attempt(order, self.office.do(order.ref, Event.CANCEL, actor, reason="012"))

    @rule(which=WHICH, hours=st.integers(20, 60))
    def move(self, which: int, hours: int) -> None:
        """The buyer moves the visit under way, for a fee."""
        order = self.one_of(which)
        start = order.visit.slot.start + timedelta(hours=hours)
        self.attempt(order, self.office.do(order.ref, Event.RESCHEDULE, Actor.BUYER, start=start))

    @rule(which=WHICH, actor=st.sampled_from((Actor.BUYER, Actor.SELLER)))
    def pay(self, which: int, actor: Actor) -> None:
        """Whatever is due is said to be paid, by who may say so or may not; also after the work."""
        orders = [one for one in self.orders.values() if any(due.status != "PAID" for due in one.payments)]
        if not orders:
            return
        order = orders[which % len(orders)]
        self.attempt(order, self.office.receive(order, actor=actor))

    @rule(which=WHICH, part=st.integers(1, 4))
    def pay_out(self, which: int, part: int) -> None:
        """A part of what a wallet has is paid out."""
        wallets = [
            one for one, amount in self.stood().items() if one.purpose is Purpose.WALLET and amount < Money(-part)
        ]
        if wallets:
            wallet = wallets[which % len(wallets)]
            amount = Money(-self.stood()[wallet].paise // part)
            self.sent += 1
            self.post(payout_posting(wallet, amount, payout_id=f"PO{self.sent}", at=self.clock()), wallet, amount)

    @rule(which=WHICH)
    def pay_back(self, which: int) -> None:
        """What we hold of an order that was given up goes back to its consumer."""
        gone = {f"consumer:{ref}:due": ref for ref, one in self.orders.items() if one.cancellation is not None}
        held = [one for one, amount in self.stood().items() if str(one) in gone and amount < Money(0)]
        if held:
            account = held[which % len(held)]
            amount, ref = -self.stood()[account], gone[str(account)]
            self.sent += 1
            self.post(refund_posting(ref, amount, refund_id=f"RF{self.sent}", at=self.clock()), account, amount)

    @rule(
        name=st.sampled_from(("commission", "commission", "tcs", "tds_194o", "tds_194o_no_pan", "network_fee")),
        days=st.sampled_from((0, 0, 1, 5)),
        value=st.sampled_from(("0", "0.75", "2.5", "10", "15")),
    )
    def new_rate(self, name: str, days: int, value: str) -> None:
        day = local_day(self.clock()) + timedelta(days=days)

        async def unit(work: Work) -> None:
            await add_rate(name, day, value, "accountant", work, await self.office.worlds.current(work))

        self.run(self.storage.run(unit))
        self.books.rates.append((name, day, value))

    @rule(days=st.sampled_from((1, 1, 3, 260)))
    def tick(self, days: int) -> None:
        self.clock.tick(days=days, hours=1)

    # What is looked at.

    def one_of(self, which: int) -> Order:
        """An order that is not over, while there is one."""
        under_way = [one for one in self.orders.values() if one.visit.stage not in TERMINAL]
        orders = under_way or list(self.orders.values())
        return orders[which % len(orders)]

    def attempt(self, order: Order, doing: Coroutine[Any, Any, Any]) -> None:
        """Something that may be refused; what became of it is looked at either way."""
        try:
            self.run(doing)
        except Unavailable:
            raise
        except (BppError, IllegalTransition):
            pass
        self.look(order.ref)

    def look(self, ref: str) -> Order:
        """Write down what has become of an order, and compare the books."""
        before, order = self.orders.get(ref), self.run(self.office.order(ref))
        self.orders[ref] = order
        slots = {one.id: one.slot for one in before.fulfillments} if before else {}
        for visit in order.fulfillments:
            if visit.slot != slots.get(visit.id, visit.slot):
                self.books.moved(order, visit.id, 2_550)
        self.books.priced(order)
        was_paid = {one.id for one in before.payments if one.status == "PAID"} if before else set()
        for payment in order.payments:
            if payment.status == "PAID" and payment.id not in was_paid:
                self.books.paid(order, payment)
        done = {one.id for one in before.fulfillments if one.stage is Stage.COMPLETED} if before else set()
        for visit in order.fulfillments:
            if visit.stage is Stage.COMPLETED and visit.id not in done:
                self.books.done(order, visit, self.clock())
        if order.cancellation is not None and before is not None and before.cancellation is None:
            self.books.given_up(order, self.clock())
        over = all(one.stage in TERMINAL for one in order.fulfillments) and order.cancellation is None
        self.books.counted_by_the_network(order, over=over)
        self.agree()
        postings = [one for one in self.run(self.office.postings(ref)) if not one.part.startswith("paid_back")]
        wanted = balances(line for lines in standing(order).values() for line in lines)
        assert balances(line for one in postings for line in one.lines) == wanted
        assert order.rates is not None
        assert order.rates.commission.value == Decimal(self.books.rates_of(ref)["commission"])
        return order

    def post(self, posting: Posting, account: Account, amount: Money) -> None:
        self.run(self.storage.run(lambda work: work.ledger.post(posting)))
        self.books.sent(str(account), amount.paise)
        self.agree()
        self.wallets_are_their_entries()

    def stood(self) -> Mapping[Account, Money]:
        return self.run(self.office.balances())

    def agree(self) -> None:
        """All promises of the books."""
        found = self.stood()
        assert {str(one): amount.paise for one, amount in found.items()} == {
            name: amount for name, amount in self.books.sums.items() if amount
        }
        assert sum(amount.paise for amount in found.values()) == 0

    def wallets_are_their_entries(self) -> None:
        for wallet, amount in self.stood().items():
            if wallet.purpose is Purpose.WALLET:
                assert self.run(self._entries(wallet)) == amount

    async def _entries(self, account: Account) -> Money:
        first, last = JULY_2025 - timedelta(days=1), self.clock() + timedelta(days=1)
        found = await self.storage.read(
            lambda work: work.ledger.statement(account, first=first, last=last, limit=10_000)
        )
        return total(amount for _, amount in found)

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(doing)


async def opened(path: Path) -> SqlStorage:
    return open_storage(f"sqlite+aiosqlite:///{path}")


@pytest.fixture
def template(sqlite_database: str) -> Path:
    """A database with the catalog, to be copied."""

    async def fill() -> None:
        storage = open_storage(sqlite_database)
        await storage.run(lambda work: work.directory.seed(catalog()))
        await storage.close()

    asyncio.run(fill())
    path = database_file(sqlite_database)
    assert path is not None
    return path


def test_the_books_agree_with_a_second_set_whatever_happens(template: Path) -> None:
    AnyMoney.template = template
    chosen = os.environ.get("BPP_MACHINE_SEED")
    long = os.environ.get("BPP_MACHINE_EXAMPLES")
    run = seed(int(chosen))(AnyMoney) if chosen else AnyMoney
    run_state_machine_as_test(
        run,
        settings=settings(
            deadline=None,
            database=None,
            derandomize=long is None,
            max_examples=int(long or 30),
            stateful_step_count=int(os.environ.get("BPP_MACHINE_STEPS", "10")),
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )

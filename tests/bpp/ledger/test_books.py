"""What real orders leave in the books: the worked splits to the paisa, reversals, and nothing by halves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bpp.core.accounts import add_rate
from bpp.core.record import store
from bpp.ledger.model import Account, Line, Posting, Unbalanced
from bpp.ledger.rates import RateRefused
from bpp.ledger.standing import standing
from bpp.orders.model import FinderFee
from bpp.orders.states import Actor, Event, IllegalTransition, Stage
from catalog.money import Money
from tests.bpp.ledger.conftest import GSTIN, MAY_2025
from tests.support.catalog_builders import TERMS, a_provider
from tests.support.couriers import worlds_of
from tests.support.order_builders import BAP

NOVEMBER_2026 = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
"""While the commission is suspended."""
COLLECTED = {f"buyer_app:{BAP}:collected": "499.00"}
FEES = {f"buyer_app:{BAP}:finder_fee": "-14.97", f"buyer_app:{BAP}:finder_fee_gst": "-2.69"}
TEN_PER_CENT = {"samiti::commission": "-42.29", "tax::gst_on_commission": "-7.61"}
CASES = {
    "A": (
        MAY_2025,
        GSTIN,
        "PRE-FULFILLMENT",
        {
            **COLLECTED,
            **FEES,
            **TEN_PER_CENT,
            "tax::tcs": "-2.12",
            "tax::tds": "-0.42",
            "provider:P1:wallet": "-428.90",
        },
    ),
    "B": (
        NOVEMBER_2026,
        GSTIN,
        "PRE-FULFILLMENT",
        {**COLLECTED, **FEES, "tax::tcs": "-2.12", "tax::tds": "-0.42", "provider:P1:wallet": "-478.80"},
    ),
    "C": (
        MAY_2025,
        "",
        "PRE-FULFILLMENT",
        {
            **COLLECTED,
            **FEES,
            "samiti::commission": "-47.52",
            "tax::gst_on_commission": "-8.55",
            "tax::tds": "-0.48",
            "tax::gst_9_5": "-23.76",
            "provider:P1:wallet": "-401.03",
        },
    ),
    "cash R9": (
        MAY_2025,
        GSTIN,
        "ON-FULFILLMENT",
        {
            **FEES,
            **TEN_PER_CENT,
            "provider:P1:wallet": "67.56",  # 17.66 for the buyer app and 49.90 for the Samiti
            "worker:W1:cash_in_hand": "499.00",
            "provider:P1:cash_with_workers": "-499.00",
        },
    ),
}


def told(balances) -> dict[str, str]:
    return {str(account): str(amount) for account, amount in balances.items()}


async def add(office, name: str, valid_from: date, value: str) -> None:
    async def unit(work) -> None:
        await add_rate(name, valid_from, value, "accountant", work, await office.worlds.current(work))

    await office.storage.run(unit)


async def agrees(office, ref: str) -> None:
    """The books of an order are what its state says, and balance part by part."""
    postings = await office.postings(ref)
    wanted = standing(await office.order(ref))
    stands = {
        part: {
            account: amount
            for account, amount in _sums(line for one in postings if one.part == part for line in one.lines).items()
            if amount.paise
        }
        for part in {one.part for one in postings}
    }
    assert {part: lines for part, lines in stands.items() if lines} == {
        part: _sums(lines) for part, lines in wanted.items()
    }


def _sums(lines):
    sums: dict[Account, Money] = {}
    for line in lines:
        sums[line.account] = sums.get(line.account, Money(0)) + line.amount
    return sums


@pytest.mark.parametrize(("day", "gstin", "kind", "expected"), CASES.values(), ids=CASES)
async def test_the_worked_splits_come_out_to_the_paisa(open_office, day, gstin, kind, expected):
    office = await open_office(day, provider=a_provider(gstin=gstin))

    order = await office.complete((await office.book(kind=kind)).ref)

    assert told(await office.balances()) == expected
    await agrees(office, order.ref)


async def test_an_item_that_stands_in_two_lines_is_charged_for_once_in_each(open_office):
    office = await open_office()

    order = await office.complete((await office.book(times=2, hours=2)).ref)

    assert str(order.quote.total) == "998.00"
    found = told(await office.balances())
    assert f"consumer:{order.ref}:due" not in found
    assert found["samiti::commission"] == "-84.58"  # ten per cent of 845.76, the base of 998.00
    assert found["provider:P1:wallet"] == "-857.80"


async def test_a_completed_order_without_any_money_is_owed_by_its_consumer(open_office):
    office = await open_office()

    order = await office.complete((await office.book(kind="POST-FULFILLMENT")).ref)

    assert told(await office.balances())[f"consumer:{order.ref}:due"] == "499.00"
    order = await office.receive(order)
    assert f"consumer:{order.ref}:due" not in told(await office.balances())
    assert told(await office.balances())["samiti::bank"] == "499.00"
    await agrees(office, order.ref)


async def test_an_order_of_another_channel_has_no_finder_fee_and_its_money_is_in_our_bank(open_office):
    office = await open_office()
    order = await office.book(channel="call_centre", paid=False)

    order = await office.complete((await office.receive(order)).ref)

    assert told(await office.balances()) == {
        "samiti::bank": "499.00",
        **TEN_PER_CENT,
        "tax::tcs": "-2.12",
        "tax::tds": "-0.42",
        "provider:P1:wallet": "-446.56",
    }


async def test_a_rate_that_changes_after_the_booking_does_not_matter(open_office):
    office = await open_office()
    earlier = await office.book()
    await add(office, "commission", date(2025, 5, 5), "20")
    later = await office.book()

    for order in (earlier, later):
        await office.complete(order.ref)

    found = [told(await office.balances_of(one.ref))["samiti::commission"] for one in (earlier, later)]
    assert found == ["-42.29", "-84.58"]


async def test_an_added_rate_is_in_force_in_every_process_from_its_day_on(open_office, clock):
    office = await open_office()
    other = worlds_of(clock)  # as another process has it: read once before
    await office.storage.read(other.current)

    await add(office, "commission", date(2025, 5, 6), "5")
    before = await office.book()
    clock.tick(days=1)
    after = await office.book()

    assert [one.rates.commission.value for one in (before, after)] == [10, 5]
    world = await office.storage.read(other.current)
    assert world.rates.on(date(2025, 5, 6)).percent("commission") == 5


async def test_a_rate_that_is_refused_is_not_added(open_office):
    office = await open_office()

    with pytest.raises(RateRefused):
        await add(office, "commission", date(2025, 5, 4), "5")

    assert await office.storage.read(lambda work: work.ledger.rates()) == []


async def test_more_work_and_a_second_visit_are_posted_with_their_visits(open_office):
    office = await open_office()
    order = await office.book()
    await office.bring_to(order.ref, Stage.STARTED)
    await office.quote_and_take(order.ref, Money.parse("100.00"), kinds=("ON-FULFILLMENT",))
    await office.complete(order.ref)
    order = await office.quote_and_take(order.ref, Money.parse("1180.00"), visit=True, kinds=("POST-FULFILLMENT",))
    order = await office.complete(order.ref)

    first, second = (f"visit:{one.id}" for one in order.fulfillments)
    due = {one.part: one.lines[0].amount for one in await office.postings(order.ref) if one.part.startswith("visit:")}
    assert due == {first: Money.parse("599.00"), second: Money.parse("1180.00")}
    found = told(await office.balances())
    assert found[f"consumer:{order.ref}:due"] == "1180.00"
    assert found["worker:W1:cash_in_hand"] == "100.00"
    await agrees(office, order.ref)


async def test_a_flat_finder_fee_is_taken_once(open_office):
    office = await open_office()
    order = await office.book(fee=FinderFee(type="amount", amount="150"))
    await office.bring_to(order.ref, Stage.STARTED)
    await office.quote_and_take(order.ref, Money.parse("1180.00"), visit=True)
    for _ in range(2):
        order = await office.complete(order.ref)

    found = told(await office.balances())
    assert (found[f"buyer_app:{BAP}:finder_fee"], found[f"buyer_app:{BAP}:finder_fee_gst"]) == ("-150.00", "-27.00")
    await agrees(office, order.ref)


async def test_the_workers_share_goes_to_the_wallets_of_who_came_and_the_odd_paisa_to_who_leads(open_office):
    provider = a_provider(gstin=GSTIN, worker_share=Decimal("33.34"))
    office = await open_office(provider=provider, parallel=True)

    order = await office.complete((await office.book(count=2)).ref)

    found = told(await office.balances())
    (second,) = order.visit.crew
    assert found["provider:P1:wallet"] == "-571.81"  # of 857.80
    assert found[f"worker:{order.visit.assignee.worker_id}:wallet"] == "-143.00"
    assert found[f"worker:{second.worker_id}:wallet"] == "-142.99"
    await agrees(office, order.ref)


async def test_the_networks_fee_is_data(open_office):
    office = await open_office(price="250.01")
    await add(office, "network_fee", date(2025, 5, 5), "1.50")

    order = await office.complete((await office.book()).ref)

    found = told(await office.balances())
    assert (found["samiti::network_fee"], found["network::network_fee"]) == ("1.77", "-1.77")
    await office.quote_and_take(order.ref, Money.parse("10.00"), visit=True)
    assert "network::network_fee" not in told(await office.balances())  # it is not completed any more
    await office.complete(order.ref)
    assert told(await office.balances())["network::network_fee"] == "-1.77"
    await agrees(office, order.ref)
    reversals = [one for one in await office.postings(order.ref) if one.reverses]
    assert [(one.part, one.id, one.reverses) for one in reversals] == [
        ("network_fee", f"{order.ref}:network_fee:02", f"{order.ref}:network_fee:01")
    ]


CANCELLED = {
    "by the buyer on the way, paid to the buyer app": (
        ("PRE-FULFILLMENT", Stage.EN_ROUTE, Actor.BUYER),
        {
            f"buyer_app:{BAP}:collected": "50.00",
            "samiti::commission": "-4.24",
            "tax::gst_on_commission": "-0.76",
            "tax::tcs": "-0.22",
            "tax::tds": "-0.04",
            "provider:P1:wallet": "-44.74",
        },
    ),
    "by the buyer at the door, to be paid there": (
        ("ON-FULFILLMENT", Stage.STARTED, Actor.BUYER),
        {
            "consumer": "99.80",
            "samiti::commission": "-8.46",
            "tax::gst_on_commission": "-1.52",
            "provider:P1:wallet": "-89.82",
        },
    ),
    "by the seller on the way": (
        ("PRE-FULFILLMENT", Stage.EN_ROUTE, Actor.SELLER),
        {"samiti::penalty": "-50.00", "provider:P1:wallet": "50.00"},
    ),
}


@pytest.mark.parametrize(("how", "expected"), CANCELLED.values(), ids=CANCELLED)
async def test_what_is_kept_of_a_cancelled_order_is_divided_like_a_price(open_office, how, expected):
    kind, stage, actor = how
    office = await open_office()
    order = await office.book(kind=kind)
    await office.bring_to(order.ref, stage)

    await office.do(order.ref, Event.CANCEL, actor, reason="012")

    found = told(await office.balances())
    assert {"consumer" if name.startswith("consumer") else name: amount for name, amount in found.items()} == expected
    await agrees(office, order.ref)


async def test_what_we_have_to_pay_back_is_the_consumers_until_it_is_paid(open_office):
    office = await open_office()
    order = await office.book(we_collect=True)
    order = await office.receive(order)

    await office.do(order.ref, Event.CANCEL, Actor.BUYER, reason="012")

    assert told(await office.balances()) == {f"consumer:{order.ref}:due": "-499.00", "samiti::bank": "499.00"}


async def test_a_fee_for_moving_a_visit_is_part_of_its_price(open_office):
    (term,) = TERMS.reschedule
    terms = replace(TERMS, reschedule=(replace(term, fee=Money.parse("25.00"), within="PT0S"),))
    office = await open_office(provider=a_provider(gstin=GSTIN, terms=terms))
    order = await office.book()
    moved = order.visit.slot.start + timedelta(hours=2)

    await office.do(order.ref, Event.RESCHEDULE, Actor.BUYER, start=moved)
    order = await office.complete(order.ref)

    assert told(await office.balances())[f"consumer:{order.ref}:due"] == "25.00"
    assert {
        one.lines[0].amount for one in await office.postings(order.ref) if one.part == f"visit:{order.visit.id}"
    } == {Money.parse("524.00")}
    await agrees(office, order.ref)


@pytest.mark.parametrize(
    ("kind", "has_pan", "expected"),
    [("firm", True, "-423.73"), ("individual", False, "-21186.44"), ("individual", True, None)],
)
async def test_income_tax_depends_on_the_permanent_account_number_and_on_who_it_is(
    open_office, kind, has_pan, expected
):
    office = await open_office(provider=a_provider(gstin=GSTIN, kind=kind, has_pan=has_pan), price="500000.00")

    await office.complete((await office.book()).ref)

    assert told(await office.balances()).get("tax::tds") == expected


async def test_an_individual_is_exempt_until_the_turnover_of_the_year_is_above_five_lakh(open_office, clock):
    office = await open_office(provider=a_provider(gstin=GSTIN, kind="individual"), price="250000.00")
    rates = []
    for _ in range(3):
        order = await office.complete((await office.book()).ref)
        rates.append(order.rates.for_price(order.quote.total).tds.value)
    clock.set(datetime(2026, 4, 1, 3, 30, tzinfo=UTC))
    order = await office.book()
    rates.append(order.rates.for_price(order.quote.total).tds.value)

    assert rates == [0, 0, Decimal("0.1"), 0]


async def test_income_tax_is_of_the_whole_order_when_more_work_takes_an_individual_above_five_lakh(open_office):
    office = await open_office(provider=a_provider(gstin=GSTIN, kind="individual"), price="499999.00")
    order = await office.complete((await office.book()).ref)
    assert "tax::tds" not in told(await office.balances())

    await office.quote_and_take(order.ref, Money.parse("1.00"), visit=True)
    assert "tax::tds" not in told(await office.balances())
    order = await office.complete(order.ref)
    assert "tax::tds" not in told(await office.balances())  # five lakh and no more
    await office.quote_and_take(order.ref, Money.parse("0.01"), visit=True)

    assert told(await office.balances())["tax::tds"] == "-423.73"  # of what was done before, too
    await agrees(office, order.ref)


async def test_an_order_from_before_the_books_is_posted_whole_by_the_rates_of_its_day(open_office, clock):
    office = await open_office()
    order = await office.book()
    before = replace(order, rates=None, ref="OLD", order_id="OLD", fulfillments=(replace(order.visit, id="F-OLD"),))
    await office.storage.run(lambda work: work.orders.add(before, clock()))
    clock.set(NOVEMBER_2026)

    await office.do("OLD", Event.DEPART)

    assert told(await office.balances_of("OLD")) == {**COLLECTED, "consumer:OLD:due": "-499.00"}
    assert (await office.order("OLD")).rates == order.rates
    await agrees(office, "OLD")


@pytest.mark.parametrize("kind", ["ON-FULFILLMENT", "POST-FULFILLMENT"])
async def test_of_many_processes_that_do_the_same_at_once_one_posts_it(open_office, storages, kind):
    office = await open_office()
    order = await office.bring_to((await office.book(kind=kind)).ref, Stage.STARTED)
    offices = [replace(office, storage=storages()) for _ in range(4)]

    completed = await asyncio.gather(*(one.do(order.ref, Event.COMPLETE) for one in offices), return_exceptions=True)
    paid = await asyncio.gather(*(one.receive(order) for one in offices), return_exceptions=True)

    assert [isinstance(one, IllegalTransition) for one in completed].count(False) == 1
    assert [isinstance(one, IllegalTransition) for one in paid].count(False) == (kind == "POST-FULFILLMENT")
    assert len(await office.postings(order.ref)) == 2  # the money and the work
    await agrees(office, order.ref)


async def test_a_posting_that_does_not_balance_rolls_everything_back(open_office):
    office = await open_office()
    order = await office.book()
    lines = standing(order)[f"payment:{order.payments[0].id}"]
    stood = await office.balances()

    async def unit(work) -> None:
        found = await work.orders.get(order.ref)
        await work.orders.save(replace(found, acknowledged=True))
        wrong = (*lines, Line(lines[0].account, Money(1)))
        await work.ledger.post(Posting(id="X", at=office.clock(), ref="", part="x", memo="", lines=wrong))

    with pytest.raises(Unbalanced):
        await office.storage.run(unit)

    assert await office.order(order.ref) == order
    assert await office.balances() == stood


async def test_an_order_that_could_not_be_stored_leaves_nothing_in_the_books(open_office):
    office = await open_office()
    order = await office.book()
    stood = await office.balances()

    async def unit(work) -> None:
        await work.orders.save(replace(await work.orders.get(order.ref), acknowledged=True))

    async def stale(work) -> None:

        paid = replace(order, fulfillments=(replace(order.visit, stage=Stage.COMPLETED),))
        await store(paid, order, work, await office.worlds.current(work))

    await office.storage.run(unit)
    with pytest.raises(Exception, match="retry"):
        await office.storage.run(stale)

    assert await office.balances() == stood


async def test_without_a_buyer_app_nobody_but_us_collects_what_is_quoted_for_later(open_office):
    office = await open_office()
    order = await office.book(channel="call_centre", kind="POST-FULFILLMENT", paid=False)
    await office.bring_to(order.ref, Stage.STARTED)

    order = await office.quote_and_take(order.ref, Money.parse("100.00"), kinds=("PRE-FULFILLMENT",))

    assert {one.collected_by for one in order.payments} == {"BPP"}

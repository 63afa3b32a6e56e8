"""Synthetic books that add up to the published figures, once under each reading of them. No person is in them.

39,857 completed bookings from December 2021 to June 2025, made from a seed, with money in wallets of Rs 27,53,794.00:

- ``a``: every fee was taken in cash (rule R9), and the providers paid the Samiti's 10 % through their wallets;
- ``b``: a tenth of the money was paid online and went to wallets whole, the rest is cash in the workers' hands;
- ``c``: a ninth of the bookings was paid, online, and wallets got 90 % of it; of the others no money was seen.

All three have the same gross, Rs 2,75,37,940.00: Rs 690.92 a booking, an ordinary ticket.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

from bpp.ledger.booked import Booked, PartLine, sums
from bpp.ledger.model import Account, Party, Purpose
from bpp.ledger.readings import PUBLISHED, PUBLISHED_BOOKINGS, Letter
from bpp.ledger.receipts import Receipt, ReceiptKind, posting_of
from bpp.ledger.recon import Reconciliation, reconcile
from bpp.ledger.standing import standing
from bpp.orders.assignment import local_day
from bpp.orders.model import Assignee, FinderFee, Fulfillment, LineItem, Order, Payment, Seller
from bpp.orders.rates import OrderRates, Rate
from bpp.orders.states import Stage
from catalog.model import IN_ADVANCE, ON_SITE, Gps, PaymentType, Slot, Terms
from catalog.moments import wire_time
from catalog.money import ZERO, Money, total
from catalog.quote import Quote, QuoteLine

LABEL = "synthetic: made from a seed, no booking of anybody"
SEED = 39_857
SHARE = Decimal(10)
FIRST = datetime(2021, 12, 13, 4, 30, tzinfo=UTC)
END = datetime(2025, 6, 30, 12, tzinfo=UTC)
PROVIDERS = 183
WORKERS_EACH = 12
LEAST, MOST = 200, 1_180  # rupees of a ticket before the sum is made to fit
LATER: PaymentType = "POST-FULFILLMENT"
NOWHERE = Gps(26.85, 80.95)
NO_TERMS = Terms(cancellation=(), reschedule=())
NO_FEE = FinderFee()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """Completed bookings as the books have them, and what was paid and handed over after them."""

    bookings: tuple[Booked, ...]
    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What a booking of a data set is made of: its number, price, moment, and whether it was paid online."""

    letter: Letter
    number: int
    price: Money
    at: datetime
    online: bool

    @property
    def ref(self) -> str:
        return f"SYN-{self.letter}-{self.number + 1:05d}"

    @property
    def provider_id(self) -> str:
        return f"SYN-P{self.number % PROVIDERS + 1:03d}"

    @property
    def worker_id(self) -> str:
        return f"{self.provider_id}-W{self.number // PROVIDERS % WORKERS_EACH + 1:02d}"


def data_set(letter: Letter, *, bookings: int = PUBLISHED_BOOKINGS, figure: Money = PUBLISHED) -> DataSet:
    """The books of a reading: so many bookings, and money in wallets that adds up to the figure."""
    found = tuple(_booked(job) for job in _jobs(letter, bookings, figure))
    receipts = _after_all_was_cash(found) if letter == "a" else ()
    return DataSet(bookings=found, receipts=receipts)


def orders(letter: Letter, *, bookings: int = PUBLISHED_BOOKINGS, figure: Money = PUBLISHED) -> Iterator[Order]:
    """The same bookings as completed orders, oldest first."""
    return (_order(job, job.ref, job.provider_id, job.worker_id) for job in _jobs(letter, bookings, figure))


def _jobs(letter: Letter, bookings: int, figure: Money) -> Iterator[_Job]:
    paid = {"a": (0, ZERO), "b": (bookings // 10, figure), "c": (bookings // 9, figure.times(Decimal(10) / 9))}[letter]
    source = random.Random(f"{SEED} {letter}")  # noqa: S311  tickets, no secrets
    online = [(price, True) for price in _tickets(*paid, source)]
    others = [(price, False) for price in _tickets(bookings - paid[0], figure * 10 - paid[1], source)]
    mixed = [*online, *others]
    source.shuffle(mixed)
    step = (END - FIRST) / bookings
    for number, (price, paid_online) in enumerate(mixed):
        yield _Job(letter=letter, number=number, price=price, at=FIRST + number * step, online=paid_online)


def _booked(job: _Job) -> Booked:
    """A booking with its lines in the books, as the store gives it."""
    ids = {"": "", "REF": job.ref, "PROVIDER": job.provider_id, "WORKER": job.worker_id}
    rates = _rates(local_day(job.at), job.letter)
    return Booked(
        ref=job.ref,
        provider_id=job.provider_id,
        channel="portal",
        total=job.price,
        completed_at=job.at,
        lines=tuple(
            PartLine(one.part, Account(one.account.party, ids[one.account.party_id], one.account.purpose), one.amount)
            for one in _shape(job.letter, job.price, online=job.online)
        ),
        day=rates.day,
        rate=rates.commission.value,
    )


@cache
def _shape(letter: Letter, price: Money, *, online: bool) -> tuple[PartLine, ...]:
    """The lines of a price: the same for everybody, so each price goes through the ledger once."""
    order = _order(_Job(letter=letter, number=0, price=price, at=FIRST, online=online), "REF", "PROVIDER", "WORKER")
    lines = (PartLine(part, line.account, line.amount) for part, members in standing(order).items() for line in members)
    return tuple(sorted(lines, key=lambda one: (one.part, one.account)))


def reconciled(data: DataSet) -> Reconciliation:
    """The reconciliation of a data set, by the same function as that of a database."""
    left = dict(sums(line for one in data.bookings for line in one.lines))
    for line in (line for one in data.receipts for line in posting_of(one).lines):
        left[line.account] = left.get(line.account, ZERO) + line.amount
    paid_in = total(one.amount for one in data.receipts if one.kind is ReceiptKind.PROVIDER_PAYMENT)
    return reconcile(data.bookings, left, topped_up=paid_in)


def _tickets(count: int, gross: Money, source: random.Random) -> list[Money]:
    """So many prices of whole rupees, but for the last, that add up to an amount."""
    if not count:
        return []
    rupees, paise = divmod(gross.paise, 100)
    drawn = [source.randint(LEAST, MOST) for _ in range(count)]
    each, over = divmod(rupees - sum(drawn), count)
    prices = [Money(100 * (one + each + (place < over))) for place, one in enumerate(drawn)]
    prices[-1] += Money(paise)
    return prices


def _order(job: _Job, ref: str, provider_id: str, worker_id: str) -> Order:
    """A completed order of the portal: paid online in advance, in cash at the door, or not yet."""
    later: PaymentType = LATER if job.letter == "c" else ON_SITE
    kind = IN_ADVANCE if job.online else later
    seen = kind != LATER
    at, price = job.at, job.price
    visit = Fulfillment(
        id="F1",
        slot=Slot(start=at - timedelta(hours=1), end=at),
        stage=Stage.COMPLETED,
        assignee=_assignee(worker_id),
        completed_at=at,
    )
    return Order(
        ref=ref,
        channel="portal",
        peer=None,
        order_id=ref,
        seller=_seller(provider_id),
        items=(_item(price),),
        fulfillments=(visit,),
        quotes=(_quote(price, at),),
        payments=(
            Payment(
                id="PAY1",
                type=kind,
                collected_by="BPP",
                amount=price,
                status="PAID" if seen else "NOT-PAID",
                transaction_id=f"SYN-{job.number + 1}" if seen else "",
            ),
        ),
        billing={},
        terms=NO_TERMS,
        finder_fee=NO_FEE,
        accepted=True,
        created_at=wire_time(at - timedelta(hours=2)),
        updated_at=at,
        rates=_rates(local_day(at), job.letter),
    )


@cache
def _rates(day: date, letter: Letter) -> OrderRates:
    """The Samiti's share of the price as it was; where wallets got everything, none."""
    return OrderRates(day=day, commission=Rate(value=Decimal(0) if letter == "b" else SHARE, base="gross"))


@cache
def _assignee(worker_id: str) -> Assignee:
    return Assignee(worker_id=worker_id, name="Synthetic", phone="", email="", photo="", gps=NOWHERE)


@cache
def _seller(provider_id: str) -> Seller:
    return Seller(
        provider_id=provider_id,
        name=f"Synthetic provider {provider_id}",
        phone="",
        email="",
        location_id="L1",
        location_gps=NOWHERE,
        location_address="",
    )


def _item(price: Money) -> LineItem:
    return LineItem(
        item_id="SYN",
        count=1,
        service_id="SM-PLB",
        name="Synthetic service",
        category="",
        unit_price=price,
        tax_rate=Decimal(0),
        sac="",
        minutes=60,
        wire={},
    )


def _quote(price: Money, at: datetime) -> Quote:
    line = QuoteLine(title="Synthetic service", kind="item", amount=price, item_id="SYN", count=1, unit_price=price)
    return Quote(lines=(line,), ttl="PT30M", valid_until=at)


def _after_all_was_cash(bookings: tuple[Booked, ...]) -> tuple[Receipt, ...]:
    """Workers handed their cash over, and each provider paid what its wallet was short of."""
    left = sums(line for one in bookings for line in one.lines)
    return tuple(
        _receipt(account, amount)
        for account, amount in sorted(left.items())
        if amount > ZERO and (account.purpose is Purpose.CASH_IN_HAND or _is_provider_wallet(account))
    )


def _is_provider_wallet(account: Account) -> bool:
    return account.party is Party.PROVIDER and account.purpose is Purpose.WALLET


def _receipt(account: Account, amount: Money) -> Receipt:
    wallet = account.purpose is Purpose.WALLET
    return Receipt(
        kind=ReceiptKind.PROVIDER_PAYMENT if wallet else ReceiptKind.CASH_HANDOVER,
        payer=account.party_id,
        reference="SYN-1",
        amount=amount,
        at=END,
        recorded_by=LABEL,
        posting_id=f"SYN-{account.party}-{account.party_id}",
        provider_id="" if wallet else account.party_id.rpartition("-")[0],
    )

"""What a worker has earned between two days, as the books had it at a moment.

Postings are only added, so that the books as they were at a moment say the same for ever: a slip of then can be checked
later without being kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bpp.console.worker.jobs import visits_between
from bpp.ledger.booked import CHARGES
from bpp.ledger.model import Account, Party, Posting, Purpose
from bpp.orders.assignment import local_day
from bpp.orders.states import Stage
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.availability import Horizon
from catalog.money import ZERO, Money, total

LONGEST = timedelta(days=92)
MOST_ENTRIES = 10_000
"""More than anybody comes to in the longest period."""
DONE_APART = timedelta(days=7)
"""How far the end of a job may lie from the time that was booked for it."""
Moved = Sequence[tuple[Posting, Money]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day: jobs done and their price, cash taken at the door and handed over, what went to the wallet and out."""

    day: date
    jobs: int = 0
    price: Money = ZERO
    cash: Money = ZERO
    handed_over: Money = ZERO
    share: Money = ZERO
    paid_out: Money = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """A period day by day, of which only those stand here on which something happened."""

    first: date
    last: date
    at: datetime
    days: tuple[Day, ...]

    @property
    def whole(self) -> Day:
        """All days together."""
        return Day(
            day=self.last,
            jobs=sum(one.jobs for one in self.days),
            price=total(one.price for one in self.days),
            cash=total(one.cash for one in self.days),
            handed_over=total(one.handed_over for one in self.days),
            share=total(one.share for one in self.days),
            paid_out=total(one.paid_out for one in self.days),
        )


async def earned(worker_id: str, first: date, last: date, at: datetime, work: Work) -> Earned:
    """What came to a worker on some days, both included, as far as it had happened at a moment."""
    start, end = Horizon(first, 1).start, min(Horizon(last, 1).end, at)
    done = await _done(worker_id, start, end, work)
    moved = {
        purpose: await work.ledger.statement(
            Account(Party.WORKER, worker_id, purpose), first=start, last=end, limit=MOST_ENTRIES
        )
        for purpose in (Purpose.WALLET, Purpose.CASH_IN_HAND)
    }
    return Earned(first=first, last=last, at=at, days=_days(done, moved[Purpose.WALLET], moved[Purpose.CASH_IN_HAND]))


async def balances(worker_id: str, work: Work) -> tuple[Money, Money]:
    """What stands in the worker's wallet now, and the cash that the worker has still to hand over."""
    found = await work.ledger.balances(AccountFilter(party=Party.WORKER, party_id=worker_id))
    wallet = found.get(Account(Party.WORKER, worker_id, Purpose.WALLET), ZERO)
    return -wallet, found.get(Account(Party.WORKER, worker_id, Purpose.CASH_IN_HAND), ZERO)


async def _done(worker_id: str, start: datetime, end: datetime, work: Work) -> list[tuple[date, Money]]:
    """The day and the price of each job that ended between two moments."""
    found = []
    for order, visit in await visits_between(worker_id, start - DONE_APART, end + DONE_APART, work):
        ended = visit.completed_at
        if visit.stage is Stage.COMPLETED and ended is not None and start <= ended < end:
            found.append((local_day(ended), _price(await work.ledger.of_order(order.ref), f"visit:{visit.id}", end)))
    return found


def _price(postings: Iterable[Posting], part: str, before: datetime) -> Money:
    """What a part made the customer owe."""
    return total(
        line.amount
        for one in postings
        if one.part == part and one.at < before
        for line in one.lines
        if line.account.purpose is Purpose.DUE
    )


def _days(done: Iterable[tuple[date, Money]], wallet: Moved, cash: Moved) -> tuple[Day, ...]:
    counts: dict[date, int] = defaultdict(int)
    sums: dict[tuple[date, str], Money] = defaultdict(lambda: ZERO)
    for day, price in done:
        counts[day] += 1
        sums[day, "price"] += price
    for posting, amount in wallet:
        sums[local_day(posting.at), "share" if _is_work(posting) else "paid_out"] += (
            -amount if _is_work(posting) else amount
        )
    for posting, amount in cash:
        taken = posting.part.startswith("payment:")
        sums[local_day(posting.at), "cash" if taken else "handed_over"] += amount if taken else -amount
    return tuple(
        Day(day=day, jobs=counts[day], **_of(day, sums)) for day in sorted({*counts, *(one for one, _ in sums)})
    )


def _of(day: date, sums: Mapping[tuple[date, str], Money]) -> dict[str, Money]:
    return {name: amount for (one, name), amount in sums.items() if one == day}


def _is_work(posting: Posting) -> bool:
    """Whether a line of the wallet is earned; the rest is paid out of it."""
    return posting.part.partition(":")[0] in {"share", *CHARGES}

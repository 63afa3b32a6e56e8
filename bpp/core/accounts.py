"""Books: what an order has earned and who owes it, kept beside the order in the same unit of work.

What the books must contain is a pure function of the order (``bpp.ledger.standing``). Whoever stores an order settles
it first: a part that changed is undone by a posting with the opposite signs and posted anew, so that nothing is ever
changed and the postings of an order always add up to what it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time

from bpp.core.world import World
from bpp.ledger.model import Line, Posting
from bpp.ledger.rates import new_rate
from bpp.ledger.snapshot import Payee, asks_turnover, financial_year, order_rates
from bpp.ledger.standing import standing
from bpp.orders.assignment import local_day
from bpp.orders.model import Order
from bpp.orders.rates import OrderRates
from bpp.storage.ports import Work
from catalog.availability import KOLKATA
from catalog.moments import parse_moment
from catalog.money import ZERO


async def settle(before: Order | None, after: Order, work: Work, world: World) -> Order:
    """Post what has changed between two states of an order; the order to be stored, which keeps its rates.

    ``before`` is what is stored, None for an order that is booked now. The rates are those of the day of the booking:
    an order from before they were kept gets them, and all its postings, the first time that it is stored again.
    """
    if after.rates is None:
        day = local_day(world.now if before is None else parse_moment(after.created_at) or after.updated_at)
        seller, services = after.seller, tuple(one.service_id for one in after.items)
        rates = await rates_of(seller.provider_id, seller.gstin, services, day, work, world)
        after = replace(after, rates=rates)
    was = standing(before) if before is not None else {}
    now = standing(after)
    changed = [part for part in {**was, **now} if was.get(part) != now.get(part)]
    if changed:
        posted = await work.ledger.of_order(after.ref)
        for part in changed:
            await _post(after.ref, part, now.get(part, ()), posted, work, world)
    return after


async def _post(
    ref: str, part: str, lines: Sequence[Line], posted: Sequence[Posting], work: Work, world: World
) -> None:
    """Undo the posting of a part that stands, if one does, and post its lines, if there are any."""
    of_part = [one for one in posted if one.part == part]
    undone = {one.reverses for one in of_part}
    number = len(of_part)
    for one in of_part:
        if not one.reverses and one.id not in undone:
            number += 1
            negated = tuple(Line(line.account, -line.amount) for line in one.lines)
            await work.ledger.post(
                Posting(
                    id=_id(ref, part, number),
                    at=world.now,
                    ref=ref,
                    part=part,
                    memo="reversal",
                    lines=negated,
                    reverses=one.id,
                )
            )
    if lines:
        memo = MEMOS[part.partition(":")[0]]
        await work.ledger.post(
            Posting(id=_id(ref, part, number + 1), at=world.now, ref=ref, part=part, memo=memo, lines=tuple(lines))
        )


def _id(ref: str, part: str, number: int) -> str:
    """Counted, so that the same thing can never be posted twice, whoever loses a race."""
    return f"{ref}:{part}:{number:02d}"


MEMOS: Mapping[str, str] = {
    "payment": "money taken from the consumer",
    "visit": "work done",
    "share": "the workers' share",
    "cancellation": "fee kept of a cancelled order",
    "refund": "paid back by the buyer app",
    "redress": "given back of the price of work done",
    "given_back": "paid back by the buyer app after a complaint",
    "penalty": "the provider's penalty for giving up late",
    "network_fee": "the network's fee",
}


async def rates_of(
    provider_id: str, gstin: str, services: Iterable[str], day: date, work: Work, world: World
) -> OrderRates:
    """The rates of a day as they apply to a seller, who may be gone from the catalog."""
    provider = world.catalog.providers.get(provider_id)
    payee = Payee(registered=bool(gstin))
    if provider is not None:
        payee = replace(
            payee,
            individual=provider.kind == "individual",
            has_pan=provider.has_pan,
            worker_share=provider.worker_share,
        )
    turnover = ZERO
    if asks_turnover(payee):
        since = datetime.combine(financial_year(day), time(), KOLKATA)
        turnover = await work.ledger.turnover(provider_id, since)
    return order_rates(world.rates.on(day), payee, services, turnover)


async def add_rate(name: str, valid_from: date, value: str, by: str, work: Work, world: World, **more: str) -> None:
    """Add a rate from a day on, today or later; ``more`` as in ``bpp.ledger.rates.new_rate``, which may refuse it."""
    rate = new_rate(world.rates, local_day(world.now), name=name, valid_from=valid_from, value=value, **more)
    await work.ledger.add_rate(rate, world.now, by)
    await work.directory.rates_added()

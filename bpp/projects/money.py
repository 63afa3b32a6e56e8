"""The money of a project: a charge with its tax, and the parts of it that milestones are, which add up to the paisa."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from bpp.projects.model import Bid, Milestone, Unacceptable
from catalog.money import ZERO, Money

WHOLE = Decimal(100)


def taxed(amount: Money, rate: Decimal, *, included: bool) -> tuple[Money, Money]:
    """An amount that includes tax of ``rate`` per cent, or comes before it, as base and tax.

    Out of an amount with tax the base is rounded half up and the tax is the rest, so both add up to it exactly.
    """
    if not included:
        return amount, amount.percent(rate)
    base = amount.times(WHOLE / (WHOLE + rate))
    return base, amount - base


def parts(amount: Money, shares: Sequence[Decimal]) -> tuple[Money, ...]:
    """An amount in parts of so many per cent, which add up to it: each ends where its share of the whole ends, rounded.

    Raises ValueError for shares that do not come to 100.
    """
    if sum(shares) != WHOLE:
        raise ValueError("shares that come to 100 are expected")
    ends = [ZERO]
    until = Decimal(0)
    for share in shares:
        until += share
        ends.append(amount.percent(until))
    return tuple(end - start for start, end in pairwise(ends))


def milestones_of(bid: Bid) -> tuple[Milestone, ...]:
    """The milestones that a bid would make. Raises Unacceptable where one of them comes to nothing."""
    shares = [one.share for one in bid.milestones]
    amounts, taxes = parts(bid.charge, shares), parts(bid.tax, shares)
    for index, amount in enumerate(amounts):
        if amount <= ZERO:
            raise Unacceptable("a share that comes to at least a paisa is expected", f"milestones[{index}].share")
    return tuple(
        Milestone(number=number, title=one.title, due=one.due, amount=amount, tax=tax)
        for number, (one, amount, tax) in enumerate(zip(bid.milestones, amounts, taxes, strict=True), start=1)
    )

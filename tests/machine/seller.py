"""What the seller's side quotes: lines, and parts that add up to them or do not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bpp.core.command import Quotation, QuotedLine, QuotedPayment
from catalog.model import PaymentType
from catalog.money import Money, total

TTLS = ((timedelta(minutes=5), "PT5M"), (timedelta(hours=6), "PT6H"), (timedelta(days=9), "P9D"))


def quotation(
    prices: Sequence[tuple[int, int]],
    kinds: Sequence[PaymentType],
    ttl: tuple[timedelta, str],
    minutes: int,
    start: datetime | None,
    *,
    right: bool = True,
) -> Quotation:
    """A further quotation of lines at a price in paise and a count, due in equal parts of these types."""
    lines = tuple(
        QuotedLine(title=f"Part {number}", price=Money(paise), count=count)
        for number, (paise, count) in enumerate(prices)
    )
    return Quotation(
        lines=lines,
        valid_for=ttl[0],
        ttl=ttl[1],
        minutes=minutes,
        start=start,
        payments=_parts(kinds, total(line.price * line.count for line in lines), right=right),
    )


def _parts(kinds: Sequence[PaymentType], whole: Money, *, right: bool) -> tuple[QuotedPayment, ...]:
    if not kinds or whole.paise < len(kinds):
        return ()
    each = Money(whole.paise // len(kinds))
    first = whole - each * (len(kinds) - 1) + Money(0 if right else 1)
    return tuple(QuotedPayment(type=kind, amount=each if place else first) for place, kind in enumerate(kinds))

"""Quotes: the only arithmetic on prices. Lines that sum to the paisa, fees by the term in force, refunds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from beckn_schemas.base import parse_duration
from catalog.discounts import Discount
from catalog.model import CancellationTerm, Offering
from catalog.money import ZERO, Money, total

LineKind = Literal["item", "customization", "tax", "discount", "misc", "refund"]
CANCELLATION_FEE = "cancellation_fee"
"""The title of the line that says what is kept of a cancelled booking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """One line of a breakup. ``count`` and ``unit_price`` stand on item lines; then amount = unit_price x count.

    ``offer_id`` stands on a discount line: the offer it comes of.
    """

    title: str
    kind: LineKind
    amount: Money
    item_id: str
    count: int | None = None
    unit_price: Money | None = None
    offer_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a booking costs, valid until a moment. ``ttl`` is the ISO-8601 text of the wire.

    ``id`` names a further quotation, which a buyer takes or refuses.
    """

    lines: tuple[QuoteLine, ...]
    ttl: str
    valid_until: datetime
    id: str = ""

    @property
    def total(self) -> Money:
        """The sum of the lines: the only price a quote has."""
        return total(line.amount for line in self.lines)

    @property
    def offer_ids(self) -> tuple[str, ...]:
        """The offers applied, in the order in which they were."""
        return tuple(dict.fromkeys(line.offer_id for line in self.lines if line.offer_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An offering and how many units of it, at the tax-inclusive price in force for the place."""

    offering: Offering
    count: int
    unit_price: Money
    kind: LineKind = "item"


def base_of(price: Money, tax_rate: Decimal) -> Money:
    """The part of a tax-inclusive price that is not tax, rounded half up to the paisa."""
    return price.times(Decimal(100) / (100 + tax_rate))


@lru_cache(maxsize=16_384)  # what is sold is sold again: of 16,000 offerings, 10 MB
def priced_lines(
    *, title: str, item_id: str, unit_price: Money, count: int, tax_rate: Decimal, kind: LineKind = "item"
) -> tuple[QuoteLine, QuoteLine]:
    """Units at a tax-inclusive price as two lines: without tax (unit base x count), and the tax that is the rest."""
    base = base_of(unit_price, tax_rate)
    line = QuoteLine(title=title, kind=kind, amount=base * count, item_id=item_id, count=count, unit_price=base)
    return line, QuoteLine(title="tax", kind="tax", amount=(unit_price - base) * count, item_id=item_id)


def quote(wanted: Sequence[Wanted], *, ttl: str, valid_until: datetime, discounts: Sequence[Discount] = ()) -> Quote:
    """Price a selection: per item a line without tax (unit base x count) and a tax line with the rest.

    One unit costs exactly its catalog price, so n units cost exactly n times that (decision 18). Each discount is a
    negative line after them, tax included.
    """
    lines = [
        line
        for one in wanted
        for line in priced_lines(
            title=one.offering.name,
            item_id=one.offering.id,
            unit_price=one.unit_price,
            count=one.count,
            tax_rate=one.offering.tax_rate,
            kind=one.kind,
        )
    ]
    lines.extend(
        QuoteLine(title="discount", kind="discount", amount=-one.amount, item_id=one.item_id, offer_id=one.offer_id)
        for one in discounts
    )
    return Quote(lines=tuple(lines), ttl=ttl, valid_until=valid_until)


def cancellation_fee(term: CancellationTerm | None, amount: Money) -> Money:
    """What cancelling under a term costs the buyer of ``amount``; nothing where no term speaks of it."""
    return ZERO if term is None else _part(term.fee, term.percentage, amount)


def penalty_of(term: CancellationTerm | None, amount: Money) -> Money:
    """What cancelling under a term costs the provider: its own penalty, else as much as it would cost the buyer.

    Source: Consumer Protection (E-Commerce) Rules 2020, rule 4(8): no cancellation charge on a consumer unless a
    similar one is borne by the seller.
    """
    if term is None:
        return ZERO
    if term.penalty is None and term.penalty_percentage is None:
        return cancellation_fee(term, amount)
    return _part(term.penalty, term.penalty_percentage, amount)


def _part(amount: Money | None, percentage: Decimal | None, of: Money) -> Money:
    part = amount if amount is not None else of.percent(percentage or Decimal(0))
    return min(part, of)


def term_for(terms: Sequence[CancellationTerm], state: str, lead: timedelta | None = None) -> CancellationTerm | None:
    """The cancellation term in force in a fulfillment state (wire code), or None.

    A state may have several terms, each for as long as ``cancel_by`` before the slot is not over: of those the one
    with the longest, and the last one from then on. ``lead`` is the time left before the slot; without it the first.
    """
    found = sorted((term for term in terms if term.state == state), key=_notice, reverse=True)
    if not found:
        return None
    return next((term for term in found if lead is None or _notice(term) <= lead), found[-1])


def term_ends(terms: Sequence[CancellationTerm], state: str, lead: timedelta) -> timedelta | None:
    """The time left before the slot at which another term of the state takes over; None where none does."""
    found = sorted((term for term in terms if term.state == state), key=_notice, reverse=True)
    term = term_for(terms, state, lead)
    return _notice(term) if term is not None and term is not found[-1] else None


def _notice(term: CancellationTerm) -> timedelta:
    return parse_duration(term.cancel_by)


def refunded(original: Quote, fee: Money = ZERO, *, kept: Collection[str] = ()) -> Quote:
    """A cancelled booking's quote: each line, its refund, and the fee kept, so that the sum is what is kept.

    Lines of the items ``kept``, which were done before, are not refunded. A discount lessens the refunds, of its own
    item's lines first, since nobody gets back what was not charged. Source: on_cancel of the services
    specification 2.0.0 with the arithmetic of protocol.md 4, row 30.
    """
    lines = list(original.lines)
    lines.extend(
        QuoteLine(title="refund", kind="refund", amount=-amount, item_id=line.item_id)
        for line, amount in _charged(original)
        if amount != ZERO and line.item_id not in kept
    )
    if fee != ZERO:
        undone = (line.item_id for line in original.lines if line.item_id not in kept)
        item_id = next(undone, original.lines[0].item_id)
        lines.append(QuoteLine(title=CANCELLATION_FEE, kind="misc", amount=fee, item_id=item_id))
    return Quote(lines=tuple(lines), ttl=original.ttl, valid_until=original.valid_until)


def lessened(original: Quote, item_id: str, amount: Money) -> Quote:
    """The quote of work that was done, with an amount given back of the price of one item."""
    line = QuoteLine(title="refund", kind="refund", amount=-amount, item_id=item_id)
    return replace(original, lines=(*original.lines, line))


def undone(original: Quote, kept: Collection[str]) -> Money:
    """What is charged for all but the items ``kept``, after the discounts."""
    return total(amount for line, amount in _charged(original) if line.item_id not in kept)


def charges(quote: Quote) -> Mapping[str, Money]:
    """What each item was agreed to cost after the discounts, by its id, whatever of it was given back since."""
    agreed = tuple(line for line in quote.lines if line.kind != "refund" and line.title != CANCELLATION_FEE)
    found: dict[str, Money] = {}
    for line, amount in _charged(replace(quote, lines=agreed)):
        found[line.item_id] = found.get(line.item_id, ZERO) + amount
    return found


def _charged(original: Quote) -> list[tuple[QuoteLine, Money]]:
    """The lines that are no discounts, each with what the discounts left of it; those given back stay as they are."""
    charges = [line for line in original.lines if line.kind != "discount"]
    left = [line.amount for line in charges]
    charged = [place for place, line in enumerate(charges) if line.kind != "refund"]
    for discount in (line for line in original.lines if line.kind == "discount"):
        rest = -discount.amount
        for place in sorted(charged, key=lambda one: charges[one].item_id != discount.item_id):
            taken = min(rest, left[place])
            left[place], rest = left[place] - taken, rest - taken
    return list(zip(charges, left, strict=True))

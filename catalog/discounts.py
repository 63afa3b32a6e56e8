"""Which offers lower the price of a selection, by how much, and why one that was asked for does not. Pure.

A line has at most one offer. Those that the buyer named come first, in the buyer's order; then, of those applied by
themselves, the one that saves most on the lines that are left, and so on, the smaller id among equals. Sources:
protocol.md 4, row 17; attributes of the services specification 2.0.0 (``providers.offers``); ADR 0016.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, assert_never

from catalog.codes import covers
from catalog.customization import Offer
from catalog.money import ZERO, Money, total

Refusal = Literal["invalid", "not_applicable", "below_minimum"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """A line of a selection as an offer sees it, tax included. ``parent_item_id`` is empty for a base item.

    ``category`` is the published code of the item, or of the base item of a customisation.
    """

    item_id: str
    parent_item_id: str
    category: str
    count: int
    unit_price: Money

    @property
    def amount(self) -> Money:
        """What the line costs without an offer."""
        return self.unit_price * self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """What an offer takes off: a positive amount, tied to the first of the lines it applies to (by their places)."""

    offer_id: str
    item_id: str
    amount: Money
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An offer that was named and is not applied."""

    offer_id: str
    reason: Refusal
    min_value: Money = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The discounts of a selection in the order of their application, and the named offers that are not among them."""

    discounts: tuple[Discount, ...]
    refused: tuple[Refused, ...]


def in_force(offer: Offer, today: date) -> bool:
    """Active and within its validity; ``today`` is the date in Asia/Kolkata."""
    return offer.active and offer.valid_from <= today <= offer.valid_until


def applies(offer: Offer, *, item_id: str, parent_item_id: str, category: str) -> bool:
    """Whether an offer is for an item, or for the base item that it customises, and for its category."""
    wanted = not offer.item_ids or bool({item_id, parent_item_id} & set(offer.item_ids))
    return wanted and (not offer.category_ids or any(covers(code, category) for code in offer.category_ids))


def apply_offers(
    lines: Sequence[Charged], offers: Iterable[Offer], named: Iterable[str], *, location_id: str, today: date
) -> Applied:
    """Apply a provider's offers to a selection served from one of its locations; ``named`` are the buyer's choices."""
    valid = {one.id: one for one in offers if in_force(one, today)}
    left = set(range(len(lines)))
    found: list[Discount] = []
    refused: list[Refused] = []
    for offer_id in dict.fromkeys(named):
        if offer_id not in valid:
            refused.append(Refused(offer_id=offer_id, reason="invalid"))
            continue
        benefit = _benefit(valid.pop(offer_id), lines, left, location_id)
        if isinstance(benefit, Refused):
            refused.append(benefit)
        else:
            found.append(benefit)
            left.difference_update(benefit.places)
    automatic = [one for one in valid.values() if one.auto]
    while best := _best(automatic, lines, left, location_id):
        found.append(best)
        left.difference_update(best.places)
        automatic = [one for one in automatic if one.id != best.offer_id]
    return Applied(discounts=tuple(found), refused=tuple(refused))


def _best(
    offers: Sequence[Offer], lines: Sequence[Charged], left: Collection[int], location_id: str
) -> Discount | None:
    benefits = (_benefit(one, lines, left, location_id) for one in offers)
    good = [one for one in benefits if isinstance(one, Discount)]
    return min(good, key=lambda one: (-one.amount.paise, one.offer_id), default=None)


def _benefit(offer: Offer, lines: Sequence[Charged], left: Collection[int], location_id: str) -> Discount | Refused:
    """What one offer takes off the lines that are left to it, or why nothing."""
    unfit = Refused(offer_id=offer.id, reason="not_applicable")
    if offer.location_ids and location_id not in offer.location_ids:
        return unfit
    fitting = [place for place in sorted(left) if _fits(offer, lines[place])]
    places, counted, saved = _share(offer, lines, fitting, left)
    if not places or not counted:
        return unfit
    if total(lines[place].amount for place in counted) < offer.min_value:
        return Refused(offer_id=offer.id, reason="below_minimum", min_value=offer.min_value)
    saved = min(saved, total(lines[place].amount for place in places))
    if offer.max_benefit is not None:
        saved = min(saved, offer.max_benefit)
    if saved <= ZERO:
        return unfit
    return Discount(offer_id=offer.id, item_id=lines[places[0]].item_id, amount=saved, places=tuple(places))


def _share(
    offer: Offer, lines: Sequence[Charged], fitting: Sequence[int], left: Collection[int]
) -> tuple[Sequence[int], Sequence[int], Money]:
    """The places an offer lowers, those whose value must reach its minimum, and what it saves before any cap."""
    match offer.kind:
        case "Disc_Pct":
            whole = total(lines[place].amount for place in fitting)
            return fitting, fitting, whole.percent(offer.percentage) if offer.percentage else ZERO
        case "Disc_Amt":
            return fitting, fitting, offer.amount or ZERO
        case "BuyXGetY":
            saved = {place: _free_units(offer, lines[place]) for place in fitting}
            best = sorted((one for one in fitting if saved[one] > ZERO), key=lambda one: (-saved[one].paise, one))[:1]
            return best, fitting, saved[best[0]] if best else ZERO
        case "Freebie":
            gift = [place for place in sorted(left) if lines[place].item_id == offer.free_item_id][:1]
            rest = [place for place in fitting if place not in gift]  # what is free does not count towards the minimum
            return gift, rest, lines[gift[0]].unit_price if gift else ZERO
        case _:
            assert_never(offer.kind)


def _free_units(offer: Offer, line: Charged) -> Money:
    """What the free units among those ordered cost: of every ``get`` units, all but ``buy``."""
    buy, get = offer.buy or 0, offer.get or 0
    return line.unit_price * (line.count // get * (get - buy)) if 0 < buy < get else ZERO


def _fits(offer: Offer, line: Charged) -> bool:
    return applies(offer, item_id=line.item_id, parent_item_id=line.parent_item_id, category=line.category)

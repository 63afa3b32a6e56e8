"""Values of customisation and of offers: what a base item may be made of, and what is taken off its price.

Sources: protocol.md 3 (customization model) and 4, row 17; attributes of the services specification 2.0.0
(``providers.categories``, ``providers.offers``). What follows from the values is in ``catalog.choices`` and
``catalog.discounts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Literal

from catalog.money import ZERO, Money

CustomizationType = Literal["customization", "add_on"]
OfferKind = Literal["Disc_Pct", "Disc_Amt", "BuyXGetY", "Freebie"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOfDay:
    """A stretch of the day in Asia/Kolkata; ``ends`` is no longer in it."""

    starts: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomizationCategory:
    """A group of choices of one offering, such as Meal, or a part of one, such as Lunch.

    ``id`` is unique over all providers. ``seq`` is the order in which a buyer chooses. A ``mandatory`` one needs at
    least one choice; ``min_selection`` and ``max_selection`` bound their number where something is chosen.
    ``starts`` and ``ends``, in Asia/Kolkata, are the hours in which the visit for such a choice may begin;
    ``frequency`` is their step as ISO-8601 text.
    """

    id: str
    name: str
    name_hi: str
    code: str
    parent_category_id: str = ""
    seq: int = 1
    mandatory: bool = False
    min_selection: int | None = None
    max_selection: int | None = None
    starts: time | None = None
    ends: time | None = None
    frequency: str = "PT1H"

    @property
    def hours(self) -> TimeOfDay | None:
        """The hours in which a visit for it may begin, or None where any will do."""
        return TimeOfDay(starts=self.starts, ends=self.ends) if self.starts and self.ends else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customization:
    """One choice of an offering: an ``item`` of the wire with a parent.

    ``id`` is unique among all items of all providers. ``category_ids`` are categories of the same offering. ``price``
    is tax-inclusive, for one unit, at the offering's rate of tax; ``minutes`` is what one unit adds to the visit.
    ``attributes`` are further entries of the tag ``attribute``, such as ``dish_type``. Without an ``image`` the
    offering's is shown.
    """

    id: str
    category_ids: tuple[str, ...]
    name: str
    name_hi: str
    short_desc: str
    price: Money
    minutes: int = 0
    unit: str = "unit"
    min_count: int = 1
    max_count: int = 1
    type: CustomizationType = "customization"
    attributes: Mapping[str, str] = field(default_factory=dict)
    image: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a provider takes off the price, and when.

    ``id`` is unique over all providers. Of ``kind`` Disc_Pct it is ``percentage`` of what it applies to, of Disc_Amt
    an ``amount``, never more than ``max_benefit``. BuyXGetY: who orders ``get`` units of an item pays for ``buy`` of
    them. Freebie: one unit of ``free_item_id`` costs nothing. ``min_value`` is what it applies to must come to, tax
    included. It applies to ``item_ids`` with their customisations and to published ``category_ids``, from
    ``location_ids``; an empty one does not narrow it. ``auto``: applied by itself; else the buyer names it. Both days
    of its validity are included, in Asia/Kolkata.
    """

    id: str
    kind: OfferKind
    name: str
    name_hi: str
    short_desc: str
    long_desc: str
    percentage: Decimal | None = None
    amount: Money | None = None
    max_benefit: Money | None = None
    min_value: Money = ZERO
    buy: int | None = None
    get: int | None = None
    free_item_id: str = ""
    item_ids: tuple[str, ...] = ()
    category_ids: tuple[str, ...] = ()
    location_ids: tuple[str, ...] = ()
    valid_from: date
    valid_until: date
    auto: bool = False
    active: bool = True

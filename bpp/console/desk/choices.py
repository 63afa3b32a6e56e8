"""What is chosen with a service, as fields of a form and as lines of a quote. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bpp.operator.bookings_models import QuoteItem
from bpp.orders.model import Draft, LineItem
from catalog.choices import needed
from catalog.customization import Customization, CustomizationCategory
from catalog.model import Offering
from catalog.snapshot import Catalog

CHOICE, ONE, PART = "choice-", "one-", "part-"
"""How names of fields begin: units of a customisation; the only choice of a group; the part of a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of choices: of ``choices`` some are chosen; or it has ``parts``, as a meal has, one of which is meant.

    ``single``: exactly one of the choices, of which there is one unit.
    """

    category: CustomizationCategory
    choices: Sequence[Customization] = ()
    parts: Sequence[CustomizationCategory] = ()

    @property
    def needed(self) -> int:
        """How many there must be."""
        return needed(self.category) if self.category.mandatory else 0

    @property
    def single(self) -> bool:
        """Whether one field is enough."""
        return self.category.max_selection == 1 and all(one.max_count == 1 for one in self.choices)


def groups(offering: Offering) -> Sequence[Group]:
    """The groups of an offering in the order in which they are chosen, each choice in the first that lists it."""
    found = []
    shown: set[str] = set()
    for category in sorted(offering.categories, key=lambda one: one.seq):
        if category.parent_category_id:
            continue
        own = [one for one in offering.customizations if one.active and category.id in one.category_ids]
        parts = () if own else [one for one in offering.categories if one.parent_category_id == category.id]
        new = [one for one in own if one.id not in shown]
        shown |= {one.id for one in new}
        if new or parts:
            found.append(Group(category=category, choices=new, parts=parts))
    return found


def chosen(offering: Offering, fields: Mapping[str, str]) -> tuple[QuoteItem, ...]:
    """The lines of what was chosen with an offering."""
    singles = {value for name, value in fields.items() if name.startswith(ONE)}
    parts = {value for name, value in fields.items() if name.startswith(PART)}
    found = []
    for one in offering.customizations:
        units = fields.get(f"{CHOICE}{one.id}", "")
        count = int(units) if units.isdecimal() else one.min_count * (one.id in singles)
        if count:
            named = tuple(category for category in one.category_ids if category in parts)
            found.append(QuoteItem(item_id=one.id, count=count, category_ids=named))
    return tuple(found)


def items_of(draft: Draft, catalog: Catalog) -> tuple[QuoteItem, ...]:
    """The lines of a quote, to be asked for once more at another time."""
    return tuple(
        QuoteItem(item_id=one.item_id, count=one.count, category_ids=_named(one, catalog)) for one in draft.items
    )


def _named(line: LineItem, catalog: Catalog) -> tuple[str, ...]:
    """The categories that a customisation was chosen for, as far as the hours of its visit tell."""
    base = catalog.offerings.get(line.parent_item_id)
    if base is None:
        return ()
    own = {category for one in base.customizations if one.id == line.item_id for category in one.category_ids}
    return tuple(one.id for one in base.categories if one.id in own and one.hours in line.hours)

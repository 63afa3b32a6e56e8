"""What may be chosen of an offering: which choices a selection makes, and what is wrong with them. Pure.

Source: protocol.md 3 (customization model). A choice of a category is a customisation that lists the category itself;
where none of the offering's does, as with Meal and its parts Breakfast and Lunch, it is a part of the category that a
chosen customisation lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from catalog.customization import Customization, CustomizationCategory, TimeOfDay
from catalog.model import Offering


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A customisation in a selection: its units, and the categories that the buyer named with it, if any."""

    customization: Customization
    count: int
    category_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a selection of customisations cannot be: too few or too many of what, said for the buyer."""

    kind: Literal["too_few", "too_many"]
    text: str


def as_offering(base: Offering, one: Customization) -> Offering:
    """A customisation as a line of an order sells it: named, priced, timed and limited by itself, else as its base."""
    return replace(
        base,
        id=one.id,
        name=one.name,
        name_hi=one.name_hi,
        short_desc=one.short_desc,
        price=one.price,
        max_price=None,
        district_prices={},
        unit=one.unit,
        duration=one.minutes,
        max_count=one.max_count,
        parallel=False,
        parent_item_id=base.id,
        active=base.active and one.active,
    )


def fault(base: Offering, chosen: Sequence[Chosen]) -> Fault | None:
    """The first thing wrong with the customisations chosen of an offering, in the order of its categories, or None."""
    if not chosen and not base.categories:
        return None
    units: Counter[str] = Counter()
    for one in chosen:  # an item may stand in several lines
        units[one.customization.id] += one.count
    for item in {one.customization.id: one.customization for one in chosen}.values():
        if units[item.id] > item.max_count:
            return Fault(kind="too_many", text=f"at most {item.max_count} of item {item.id} in one order")
        if units[item.id] < item.min_count:
            return Fault(kind="too_few", text=f"at least {item.min_count} of item {item.id} are needed")
    for category in sorted(base.categories, key=lambda one: one.seq):
        possible, certain = _choices(base, category, chosen)
        if len(possible) < needed(category) and (category.mandatory or possible):
            text = (
                f"at least {needed(category)} of category {category.id} ({category.name}) must be chosen for {base.id}"
            )
            return Fault(kind="too_few", text=text)
        if category.max_selection is not None and len(certain) > category.max_selection:
            text = f"at most {category.max_selection} of category {category.id} ({category.name}) may be chosen"
            return Fault(kind="too_many", text=text)
    return None


def needed(category: CustomizationCategory) -> int:
    """How many choices of a category there must be, if there are any."""
    return max(category.min_selection or 0, 1 if category.mandatory else 0)


def on_offer(base: Offering, category: CustomizationCategory) -> int:
    """How many choices a category has to offer."""
    every = [Chosen(customization=one, count=one.min_count) for one in base.customizations if one.active]
    return len(_choices(base, category, every)[0])


def hours_of(base: Offering, one: Chosen) -> tuple[TimeOfDay, ...]:
    """The hours in which a visit for a choice may begin; none where it does not matter."""
    named = _named(base, one)
    return tuple(hours for category in base.categories if category.id in named and (hours := category.hours))


def earliest_hours(base: Offering) -> tuple[TimeOfDay, ...]:
    """The hours in which some visit of an offering may begin; none where any will do.

    Hours bind only where something of their category must be chosen, and every part of it has hours.
    """
    found: list[TimeOfDay] = []
    for category in base.categories:
        parts = [one for one in base.categories if one.parent_category_id == category.id] or [category]
        hours = [one.hours for one in parts if one.hours]
        if category.mandatory and len(hours) == len(parts):
            found += hours
    return tuple(found)


def least_minutes(base: Offering) -> int:
    """The shortest visit there can be: the offering, and of each mandatory category the quickest choices."""
    taken: dict[str, int] = {}  # a customisation of several categories is chosen once
    for category in base.categories:
        own = [one for one in base.customizations if one.active and category.id in one.category_ids]
        missing = needed(category) - sum(one.id in taken for one in own) if category.mandatory else 0
        quickest = sorted((one.minutes * one.min_count, one.id) for one in own if one.id not in taken)
        taken |= {key: minutes for minutes, key in quickest[: max(0, missing)]}
    return base.duration + sum(taken.values())


def _choices(base: Offering, category: CustomizationCategory, chosen: Iterable[Chosen]) -> tuple[set[str], set[str]]:
    """What may count as chosen of a category, and what must: customisations that list it, or else parts that they list.

    A dish for lunch or dinner of which it was not said for which may be either, so it stands for neither alone.
    """
    if any(category.id in one.category_ids for one in base.customizations):
        direct = {one.customization.id for one in chosen if category.id in one.customization.category_ids}
        return direct, direct
    parts = {one.id for one in base.categories if one.parent_category_id == category.id}
    named = [_named(base, one) & parts for one in chosen]
    return set().union(*named), set().union(*(one for one in named if len(one) == 1))


def _named(base: Offering, one: Chosen) -> set[str]:
    """The categories a choice was made for: of each group those that the buyer named, else all that it lists.

    A dish for lunch or dinner is chosen for one of them; a buyer app that names none, or only ones that do not fit, is
    taken to mean whatever fits.
    """
    roots = {category.id: category.parent_category_id or category.id for category in base.categories}
    own, named = set(one.customization.category_ids), set(one.category_ids)
    meant = {roots[category] for category in own & named & roots.keys()}
    return {category for category in own if category in named or roots.get(category) not in meant}

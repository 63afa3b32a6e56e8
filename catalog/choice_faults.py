"""What must hold within the customisation of an offering and within an offer, whatever door it came in by. Pure.

The import tells a ``CatalogFault`` by file and line, the operator API by path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from beckn_schemas.strict_base import Word
from catalog.choices import needed, on_offer
from catalog.customization import Customization, CustomizationCategory, Offer
from catalog.load_fields import as_sent
from catalog.model import Offering, Provider

MOST_CATEGORIES, MOST_CUSTOMIZATIONS, MOST_OFFERS = 30, 40, 20
"""Of an offering, of an offering, and of a provider: so that a catalog stays small (protocol.md 5, assertion 60)."""

Part = Literal["categories", "customizations", "offers"]
_RESERVED = "type"  # the tag ``attribute`` has an entry of this code already
_is_word = as_sent(Word)
_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "Disc_Pct": ("percentage",),
    "Disc_Amt": ("amount",),
    "BuyXGetY": ("buy", "get"),
    "Freebie": ("free_item_id",),
}
"""The fields in which an offer says what it takes off, by its kind; the others stay empty."""


@dataclass(frozen=True, slots=True)
class CatalogFault:
    """What is wrong with a field of one category, customisation or offer, by its place in the list; None: the list."""

    part: Part
    index: int | None
    field: str
    text: str


def offering_faults(offering: Offering, items: Collection[str], categories: Collection[str]) -> Iterator[CatalogFault]:
    """What is wrong with the customisation of an offering; ``items`` and ``categories`` are ids that others have."""
    yield from _limits("categories", offering.categories, MOST_CATEGORIES, categories)
    yield from _limits("customizations", offering.customizations, MOST_CUSTOMIZATIONS, items)
    for index, category in enumerate(offering.categories):
        for field, text in _category(category, offering):
            yield CatalogFault("categories", index, field, text)
    for index, customization in enumerate(offering.customizations):
        for field, text in _customization(customization, offering):
            yield CatalogFault("customizations", index, field, text)


def offer_faults(provider: Provider, offerings: Sequence[Offering], offers: Collection[str]) -> Iterator[CatalogFault]:
    """What is wrong with a provider's offers, given all its offerings; ``offers`` are ids that other providers have."""
    yield from _limits("offers", provider.offers, MOST_OFFERS, offers)
    items = {one.id for one in offerings} | {one.id for offering in offerings for one in offering.customizations}
    places = {one.id for one in provider.locations}
    for index, offer in enumerate(provider.offers):
        for field, text in _offer(offer, items, places):
            yield CatalogFault("offers", index, field, text)


def _limits(
    part: Part, values: Sequence[CustomizationCategory | Customization | Offer], most: int, taken: Collection[str]
) -> Iterator[CatalogFault]:
    if len(values) > most:
        yield CatalogFault(part, None, "", f"expected at most {most}, found {len(values)}")
    counts = Counter(one.id for one in values)
    for index, one in enumerate(values):
        if counts[one.id] > 1 or one.id in taken:
            yield CatalogFault(part, index, "id", f"the id {one.id} is given already")


def _category(one: CustomizationCategory, offering: Offering) -> Iterator[tuple[str, str]]:
    parent = next((other for other in offering.categories if other.id == one.parent_category_id), None)
    if one.parent_category_id and (parent is None or parent.id == one.id):
        yield "parent_category_id", f"not another category of {offering.id}: {one.parent_category_id}"
    elif parent is not None and parent.parent_category_id:
        yield "parent_category_id", f"{parent.id} is a part of a category itself"
    if one.max_selection is not None and one.max_selection < needed(one):
        yield "max_selection", f"expected at least {needed(one)}, found {one.max_selection}"
    if (one.starts is None) != (one.ends is None):
        yield "ends", "starts and ends are filled together"
    elif one.hours is not None and one.hours.ends <= one.hours.starts:
        yield "ends", "must be later than starts"
    if on_offer(offering, one) < needed(one):
        yield "min_selection", f"{needed(one)} must be chosen, {on_offer(offering, one)} can be"


def _customization(one: Customization, offering: Offering) -> Iterator[tuple[str, str]]:
    known = {category.id for category in offering.categories}
    if not one.category_ids or len(set(one.category_ids)) != len(one.category_ids):
        yield "category_ids", "at least one category is expected, and none twice"
    for category_id in one.category_ids:
        if category_id not in known:
            yield "category_ids", f"not a category of {offering.id}: {category_id}"
    if one.max_count < one.min_count:
        yield "max_count", "lies below min_count"
    for code, value in one.attributes.items():
        if code == _RESERVED or not _is_word(code) or not _is_word(value):
            yield "attributes", f"expected codes other than {_RESERVED}, with values of at most 255 characters"


def _offer(one: Offer, items: Collection[str], places: Collection[str]) -> Iterator[tuple[str, str]]:
    for kind, fields in _OF_KIND.items():
        for field in fields:
            if (getattr(one, field) not in (None, "")) != (kind == one.kind):
                wanted = "expected" if kind == one.kind else "not expected"
                yield field, f"{wanted} with an offer of the kind {one.kind}"
    if one.percentage is not None and one.percentage <= 0:
        yield "percentage", "expected a percentage above 0"
    if one.buy is not None and one.get is not None and one.get <= one.buy:
        yield "get", "expected more units than are paid"
    if one.valid_until < one.valid_from:
        yield "valid_until", "lies before valid_from"
    named = (
        ("item_ids", one.item_ids, items),
        ("free_item_id", (one.free_item_id,) if one.free_item_id else (), items),
        ("location_ids", one.location_ids, places),
    )
    for field, references, known in named:
        for reference in references:
            if reference not in known:
                yield field, f"not of this provider: {reference}"

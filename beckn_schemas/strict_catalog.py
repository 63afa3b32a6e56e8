"""on_search as we send it. Source: protocol 1.2 "Emit", section 3, section 7, assertions 12 to 15."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, StrictInt, StrictStr, Tag

from beckn_schemas.strict_base import (
    Availability,
    CancellationTerm,
    Flag,
    FulfillmentType,
    Gps,
    Money,
    PaymentType,
    Picture,
    Pincode,
    Prose,
    Range,
    Span,
    Strict,
    TagList,
    Url,
    Word,
    XInput,
)


class Descriptor(Strict):
    """Of the seller: a name and texts."""

    name: Prose
    short_desc: Prose
    long_desc: Prose
    images: tuple[Picture, ...] | None = None


class CodedDescriptor(Descriptor):
    """Of a provider: with a code."""

    code: Word


class Media(Strict):
    """A file to show."""

    mimetype: Word
    url: Url


class ItemDescriptor(CodedDescriptor):
    """Of an item: with pictures."""

    images: Annotated[tuple[Picture, ...], Field(min_length=1)]
    media: tuple[Media, ...] | None = None


class CatalogFulfillment(Strict):
    """A kind of fulfillment that items refer to."""

    id: Word
    type: FulfillmentType


class CatalogPayment(Strict):
    """A kind of payment that items refer to."""

    id: Word
    type: PaymentType


class NamedCode(Strict):
    """``{code, name}``."""

    code: Word
    name: Prose


class OneCode(Strict):
    """``{code}``, with a name where one is known."""

    code: Word
    name: Prose | None = None


class ProviderLocation(Strict):
    """A place of business, in full."""

    id: Word
    gps: Gps
    address: Prose
    city: NamedCode
    state: OneCode
    country: OneCode
    area_code: Pincode


class Contact(Strict):
    """Telephone and e-mail of the provider."""

    phone: Word
    email: Word


class ProviderContact(Strict):
    """The provider's ``fulfillments[]``, which carry only a contact."""

    contact: Contact


class Cred(Strict):
    """A certificate."""

    id: Word
    type: Word
    desc: Prose
    url: Url | None = None


class CatalogPrice(Strict):
    """Tax-inclusive price of one unit; ``maximum_value`` is struck off beside it."""

    currency: Literal["INR"]
    value: Money
    maximum_value: Money | None = None
    minimum_value: Money | None = None
    offered_value: Money | None = None


class Measure(Strict):
    """``{unit, value}``; the value is text."""

    unit: Word
    value: Word


class Unitized(Strict):
    """What one unit is."""

    measure: Measure


class Bound(Strict):
    """How many at least, at most, or left."""

    count: StrictInt | None = None
    value: StrictStr | None = None


class ItemQuantity(Strict):
    """What one unit is, and how many may be ordered."""

    unitized: Unitized | None = None
    available: Bound | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None


class Creator(Strict):
    """Who made the service."""

    descriptor: Descriptor


class CustomizationItem(Strict):
    """A choice that belongs to a base item; tag ``attribute`` marks it."""

    id: Word
    parent_item_id: Word
    descriptor: ItemDescriptor
    price: CatalogPrice
    quantity: ItemQuantity | None = None
    category_ids: Annotated[tuple[Word, ...], Field(min_length=1)]
    tags: Annotated[tuple[TagList, ...], Field(min_length=1)]
    matched: Flag | None = None
    recommended: Flag | None = None


class BaseItem(Strict):
    """A service on offer (assertion 15)."""

    id: Word
    parent_item_id: StrictStr
    descriptor: ItemDescriptor
    creator: Creator | None = None
    price: CatalogPrice
    quantity: ItemQuantity | None = None
    category_ids: Annotated[tuple[Word, ...], Field(min_length=1)]
    fulfillment_ids: Annotated[tuple[Word, ...], Field(min_length=1)]
    location_ids: Annotated[tuple[Word, ...], Field(min_length=1)]
    payment_ids: Annotated[tuple[Word, ...], Field(min_length=1)]
    cancellation_terms: Annotated[tuple[CancellationTerm, ...], Field(min_length=1)]
    tags: Annotated[tuple[TagList, ...], Field(min_length=1)]
    time: Availability
    xinput: XInput | None = None
    matched: Flag
    recommended: Flag


def is_customization(item: object) -> bool:
    """Whether a catalog item, as JSON, carries the tag ``attribute``: it is a choice, not a service."""
    groups = item.get("tags") if isinstance(item, (dict, Mapping)) else None
    return isinstance(groups, (list, tuple)) and "attribute" in map(tag_code, groups)


def tag_code(group: object) -> str | None:
    """The code of a tag group or entry in JSON, or None."""
    try:
        code = group["descriptor"]["code"]  # type: ignore[index]  # what is no such group says so
    except (KeyError, TypeError, IndexError):
        return None
    return code if isinstance(code, str) else None


CatalogItem = Annotated[
    Annotated[BaseItem, Tag("base")] | Annotated[CustomizationItem, Tag("customization")],
    Discriminator(lambda item: "customization" if is_customization(item) else "base"),
]


class CategoryDescriptor(Strict):
    """Name and code of a group of choices; its name in another language as ``short_desc``."""

    name: Prose
    code: Word
    short_desc: Prose | None = None


class Category(Strict):
    """A group of choices, with its rule of selection."""

    id: Word
    parent_category_id: Word | None = None
    descriptor: CategoryDescriptor
    tags: tuple[TagList, ...] | None = None


class OfferDescriptor(Strict):
    """An offer's kind and texts."""

    name: Prose | None = None
    code: Literal["Disc_Pct", "Disc_Amt", "BuyXGetY", "Freebie"]
    short_desc: Prose | None = None
    long_desc: Prose | None = None
    images: tuple[Picture, ...] | None = None


class OfferTime(Strict):
    """When an offer holds."""

    label: Literal["validity"]
    range: Range


class Offer(Strict):
    """An offer (protocol 4.17)."""

    id: Word
    descriptor: OfferDescriptor
    location_ids: tuple[Word, ...]
    category_ids: tuple[Word, ...]
    item_ids: tuple[Word, ...]
    time: OfferTime
    tags: Annotated[tuple[TagList, ...], Field(min_length=1)]


class Provider(Strict):
    """A provider with its items. Without ratings it has no ``rating`` (decision 20)."""

    id: Word
    descriptor: CodedDescriptor
    rating: Annotated[StrictStr, Field(pattern=r"^([0-4](\.[0-9]{1,2})?|5(\.0{1,2})?)$")] | None = None
    ttl: Span
    time: Availability
    locations: Annotated[tuple[ProviderLocation, ...], Field(min_length=1)]
    creds: tuple[Cred, ...] | None = None
    tags: Annotated[tuple[TagList, ...], Field(min_length=1)]
    categories: tuple[Category, ...] | None = None
    items: Annotated[tuple[CatalogItem, ...], Field(min_length=1)]
    offers: tuple[Offer, ...] | None = None
    fulfillments: Annotated[tuple[ProviderContact, ...], Field(min_length=1)]


class Catalog(Strict):
    """What a search found."""

    descriptor: Descriptor
    fulfillments: Annotated[tuple[CatalogFulfillment, ...], Field(min_length=1)]
    payments: Annotated[tuple[CatalogPayment, ...], Field(min_length=1)]
    providers: Annotated[tuple[Provider, ...], Field(min_length=1)]


class OnSearchMessage(Strict):
    """``catalog``."""

    catalog: Catalog

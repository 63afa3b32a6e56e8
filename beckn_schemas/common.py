"""Parts that several messages share, read tolerantly and after normalisation. Attribute names are the wire's.

Everything is optional here unless nothing can be done without it; what one message requires is said in ``requests``.
What messages have many of and we hardly read is checked and stays the object it is: a model costs four times as much.
"""

from __future__ import annotations

from typing import Annotated, Any, Required

from pydantic import Field
from typing_extensions import TypedDict

from beckn_schemas.base import (
    AmountText,
    Bool,
    Count,
    Few,
    GpsText,
    Id,
    Label,
    Moment,
    Text,
    Timestamp,
    Wire,
    parse_gps,
)
from beckn_schemas.context import Code
from beckn_schemas.tags import TagGroup

Phone = Annotated[Text, Field(max_length=32)]
Email = Annotated[Text, Field(max_length=254)]  # RFC 5321, 4.5.3.1.3, less the angle brackets


class Descriptor(Wire):
    """A name or a code with descriptions."""

    name: Text | None = None
    code: Text | None = None
    short_desc: Text | None = None
    long_desc: Text | None = None


class Location(Wire):
    """A place: coordinates, address, codes. ``id`` where it is one of the provider's."""

    id: Id | None = None
    gps: GpsText | None = None
    area_code: Annotated[Text, Field(max_length=32)] | None = None
    address: Annotated[Text, Field(max_length=1000)] | None = None
    city: Code | None = None
    state: Code | None = None
    country: Code | None = None

    @property
    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees."""
        return parse_gps(self.gps) if self.gps else None


class Contact(TypedDict, total=False):
    """How to reach somebody."""

    phone: Phone | None
    email: Email | None


class Person(TypedDict, total=False):
    """Somebody by name."""

    name: Label | None


class TimeRange(Wire):
    """From when until when. ``end`` is absent where none came or it was not after ``start``."""

    start: Timestamp | None = None
    end: Timestamp | None = None


class StopTime(Wire):
    """The time at a stop: ``label`` says selected, confirmed or rejected; ``days`` is never trusted on input."""

    label: Text | None = None
    range: TimeRange | None = None
    days: Text | None = None
    timestamp: Timestamp | None = None


class Stop(Wire):
    """``start`` is where the worker comes from, ``end`` the customer's place."""

    type: Text | None = None
    location: Location | None = None
    contact: Contact | None = None
    person: Person | None = None
    time: StopTime | None = None


class FulfillmentState(Wire):
    """``descriptor.code`` such as ``Pending``."""

    descriptor: Descriptor | None = None


class Fulfillment(Wire):
    """One visit."""

    id: Id | None = None
    type: Text | None = None
    state: FulfillmentState | None = None
    tracking: Bool | None = None
    stops: Few[Stop] = ()
    tags: Few[TagGroup] = ()

    def stop(self, kind: str) -> Stop | None:
        """The first stop of that type; stops come in any order (protocol, 1.6)."""
        return next((stop for stop in self.stops if stop.type == kind), None)


class Selected(TypedDict, total=False):
    """How many were chosen."""

    count: Count | None


class Quantity(TypedDict, total=False):
    """``selected.count`` units."""

    selected: Selected | None


class Category(Wire):
    """A category by id."""

    id: Id | None = None


class ItemParts(TypedDict, total=False):
    """What an item has beside its quantity."""

    id: Required[Id]
    parent_item_id: Label | None
    location_ids: Few[Id]
    fulfillment_ids: Few[Id]
    category_ids: Few[Id]
    payment_ids: Few[Id]
    tags: Few[TagGroup]


class Item(ItemParts, total=False):
    """An item of an order that was made: none of it may be left."""

    quantity: Quantity | None


class LocationRef(Wire):
    """A location of the provider by id."""

    id: Id | None = None


class ProviderRef(Wire):
    """A provider by id, with the locations meant."""

    id: Id
    locations: Few[LocationRef] = ()


class Billing(Wire):
    """Who pays. Echoed as it came; empty ``tax_id`` and ``email`` count as absent.

    Bounded: a telephone number is looked orders up by, and an index of the database takes no long texts.
    """

    name: Label | None = None
    phone: Phone | None = None
    email: Email | None = None
    address: Annotated[Text, Field(max_length=1000)] | None = None
    tax_id: Label | None = None
    city: Code | None = None
    state: Code | None = None


class PaymentParams(Wire):
    """What was or will be paid."""

    amount: AmountText | None = None
    currency: Text | None = None
    transaction_id: Label | None = None


class Payment(Wire):
    """One payment. Its id is not stable between messages (protocol, 1.5): match by position, type and amount."""

    id: Id | None = None
    type: Text | None = None
    status: Text | None = None
    collected_by: Text | None = None
    params: PaymentParams | None = None
    tags: Few[TagGroup] = ()


class Price(Wire):
    """An amount with its currency."""

    currency: Text | None = None
    value: AmountText | None = None


class Quote(Wire):
    """The price agreed; the breakup is compared by its total only and stays untyped."""

    id: Id | None = None
    price: Price | None = None
    breakup: tuple[dict[str, Any], ...] = ()
    ttl: Text | None = None


class Offer(Wire):
    """An offer applied, by id."""

    id: Id


class Order(Wire):
    """An order in any message; which parts must be there depends on the action."""

    id: Id | None = None
    status: Text | None = None
    provider: ProviderRef | None = None
    items: tuple[ItemParts, ...] = ()
    fulfillments: Few[Fulfillment] = ()
    payments: Few[Payment] = ()
    billing: Billing | None = None
    quote: Quote | None = None
    offers: Few[Offer] = ()
    created_at: Moment | None = None
    updated_at: Moment | None = None
    cancellation_terms: tuple[dict[str, Any], ...] = Field(default=())

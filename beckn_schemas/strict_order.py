"""Parts of an order as we send it: stops, fulfillments, quote, payments. Source: protocol 1.4 to 1.9, 2 and 7.

What the customer gave (billing, items chosen, own address) is an Echo; the rest has no keys beyond these.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictStr

from beckn_schemas.strict_base import (
    Availability,
    Days,
    Echo,
    Flag,
    FulfillmentCode,
    FulfillmentType,
    Gps,
    Instant,
    Picture,
    Prose,
    Range,
    Strict,
    Units,
    Url,
    Word,
)


class LocationRef(Echo):
    """A location of the provider: its id, or all of it."""

    id: Word
    gps: Gps | None = None


class OrderProvider(Strict):
    """Who sells. ``rateable`` from on_confirm on."""

    id: Word
    locations: Annotated[tuple[LocationRef, ...], Field(min_length=1)]
    rateable: Flag | None = None


class ConfirmedProvider(OrderProvider):
    """``rateable`` is required in on_confirm (assertion 29)."""

    rateable: Flag


class Selected(Echo):
    """Units, as a whole number."""

    count: Units


class Quantity(Echo):
    """How many."""

    selected: Selected


class OrderItem(Echo):
    """An item as selected, with the fulfillment that does it."""

    id: Word
    parent_item_id: StrictStr | None = None
    quantity: Quantity
    fulfillment_ids: Annotated[tuple[Word, ...], Field(min_length=1)]
    payment_ids: Annotated[tuple[Word, ...], Field(min_length=1)] | None = None
    location_ids: tuple[Word, ...] | None = None
    category_ids: tuple[Word, ...] | None = None
    time: Availability | None = None


class OfferRef(Strict):
    """An offer that the quote has applied."""

    id: Word


class Billing(Echo):
    """Who pays, echoed field by field (assertion 26)."""


class StateDescriptor(Strict):
    """A state on the way."""

    code: FulfillmentCode


class State(Strict):
    """A state on the way."""

    descriptor: StateDescriptor


class ServiceabilityDescriptor(Strict):
    """Whether the place is served."""

    code: Literal["Serviceable", "Non-serviceable"]


class Serviceability(Strict):
    """The state in on_select."""

    descriptor: ServiceabilityDescriptor


class InitDescriptor(Strict):
    """Before the order is made it is served, or waits."""

    code: Literal["Pending", "Serviceable"]


class InitState(Strict):
    """The state in on_init."""

    descriptor: InitDescriptor


class StartDescriptor(Strict):
    """The provider's place by name."""

    name: Prose
    images: tuple[Picture, ...] | None = None


class StartLocation(Strict):
    """Where the worker comes from."""

    id: Word
    descriptor: StartDescriptor
    gps: Gps
    address: Prose | None = None


class StartContact(Strict):
    """How to reach the worker, or the provider."""

    phone: Word
    email: Word


class WorkerCred(Strict):
    """A paper of the worker: core's Credential."""

    id: Word
    type: Word
    url: Url | None = None


class WorkerPerson(Strict):
    """The worker who comes."""

    name: Prose
    id: Word | None = None
    image: Picture | None = None
    gender: Word | None = None
    creds: tuple[WorkerCred, ...] | None = None


class StartTime(Strict):
    """The slot, and when the worker set off."""

    label: Literal["confirmed"] | None = None
    range: Range
    timestamp: Instant | None = None


class Instructions(Strict):
    """What to keep ready."""

    name: Prose | None = None
    code: Word | None = None
    short_desc: Prose | None = None
    long_desc: Prose | None = None


class StartStop(Strict):
    """Where the worker comes from, who it is, and when."""

    type: Literal["start"]
    id: Word | None = None
    location: StartLocation
    contact: StartContact
    person: WorkerPerson | None = None
    time: StartTime
    instructions: Instructions | None = None


class EndLocation(Echo):
    """The customer's place."""

    gps: Gps


class EndContact(Echo):
    """How to reach the customer."""

    phone: StrictStr


class EndTime(Strict):
    """The slot, confirmed or rejected; ``days`` is its weekday in India; ``timestamp`` when the work ended."""

    label: Literal["confirmed", "rejected"] | None = None
    range: Range | None = None
    days: Days | None = None
    timestamp: Instant | None = None


class Authorization(Strict):
    """The token that the customer tells the worker (assertion 40)."""

    type: Literal["OTP"]
    token: Annotated[StrictStr, Field(pattern=r"^[0-9]{4,6}$")]
    valid_from: Instant
    valid_to: Instant
    status: Literal["valid"]


class EndStop(Echo):
    """The customer's stop."""

    type: Literal["end"]
    location: EndLocation
    contact: EndContact | None = None
    time: EndTime
    authorization: Authorization | None = None


AnyStop = Annotated[StartStop | EndStop, Field(discriminator="type")]
Stops = Annotated[tuple[AnyStop, ...], Field(min_length=1)]


class Agent(Strict):
    """The worker once more, where the schema has a place for one (protocol 1.6)."""

    person: WorkerPerson
    contact: StartContact | None = None


class SelectFulfillment(Strict):
    """A visit in on_select."""

    id: Word
    type: FulfillmentType
    tracking: Flag
    state: Serviceability
    stops: Annotated[tuple[EndStop, ...], Field(min_length=1)]
    tags: tuple[Echo, ...] | None = None


class InitFulfillment(Strict):
    """A visit in on_init."""

    id: Word
    type: FulfillmentType
    tracking: Flag
    state: InitState | None = None
    stops: Stops
    tags: tuple[Echo, ...] | None = None


class OrderFulfillment(Strict):
    """A visit of an order that was made."""

    id: Word
    type: FulfillmentType
    tracking: Flag
    state: State
    stops: Stops
    agent: Agent | None = None
    rateable: Flag | None = None
    tags: tuple[Echo, ...] | None = None


class ConfirmedFulfillment(OrderFulfillment):
    """``rateable`` is required in on_confirm (assertion 29)."""

    rateable: Flag

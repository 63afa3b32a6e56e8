"""The ten callbacks as a tolerant reader sees them: our own conformance buyer, and tests against others' traffic.

Read after normalisation or as they came. Times in catalogs stay text: other sellers' ranges are not always dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from beckn_schemas.base import Bool, Id, SchemaViolation, Text, Wire, read
from beckn_schemas.common import (
    Billing,
    Contact,
    Descriptor,
    FulfillmentState,
    Item,
    Location,
    Payment,
    Person,
    Price,
    ProviderRef,
    Quote,
)
from beckn_schemas.context import Context
from beckn_schemas.tags import TagGroup


class Schedule(Wire):
    """Slot starts offered, as text."""

    frequency: Text | None = None
    holidays: tuple[Text, ...] = ()
    times: tuple[Text, ...] = ()


class Availability(Wire):
    """When an item or provider can be had."""

    label: Text | None = None
    days: Text | None = None
    schedule: Schedule | None = None


class CatalogItem(Wire):
    """An item on offer."""

    id: Id
    parent_item_id: Text | None = None
    descriptor: Descriptor | None = None
    price: Price | None = None
    category_ids: tuple[Id, ...] = ()
    fulfillment_ids: tuple[Id, ...] = ()
    location_ids: tuple[Id, ...] = ()
    payment_ids: tuple[Id, ...] = ()
    time: Availability | None = None
    tags: tuple[TagGroup, ...] = ()


class CatalogProvider(Wire):
    """A provider on offer."""

    id: Id
    descriptor: Descriptor | None = None
    locations: tuple[Location, ...] = ()
    items: tuple[CatalogItem, ...] = ()
    time: Availability | None = None
    tags: tuple[TagGroup, ...] = ()


class TypeRef(Wire):
    """An id and a type: of a kind of fulfillment or payment."""

    id: Id | None = None
    type: Text | None = None


class Catalog(Wire):
    """What a search found."""

    descriptor: Descriptor | None = None
    fulfillments: tuple[TypeRef, ...] = ()
    payments: tuple[TypeRef, ...] = ()
    providers: tuple[CatalogProvider, ...] = ()


class OnSearchMessage(Wire):
    """``catalog``."""

    catalog: Catalog


class ReplyRange(Wire):
    """From when until when, as text."""

    start: Text | None = None
    end: Text | None = None


class ReplyTime(Wire):
    """The time at a stop, as text."""

    label: Text | None = None
    range: ReplyRange | None = None
    days: Text | None = None
    timestamp: Text | None = None


class Authorization(Wire):
    """What the customer tells the worker before the work starts."""

    type: Text | None = None
    token: Text | None = None
    valid_from: Text | None = None
    valid_to: Text | None = None
    status: Text | None = None


class ReplyStop(Wire):
    """``start``: where the worker comes from; ``end``: the customer's place."""

    type: Text | None = None
    location: Location | None = None
    contact: Contact | None = None
    person: Person | None = None
    time: ReplyTime | None = None
    authorization: Authorization | None = None


class ReplyFulfillment(Wire):
    """One visit."""

    id: Id | None = None
    type: Text | None = None
    state: FulfillmentState | None = None
    tracking: Bool | None = None
    rateable: Bool | None = None
    stops: tuple[ReplyStop, ...] = ()
    tags: tuple[TagGroup, ...] = ()

    def stop(self, kind: str) -> ReplyStop | None:
        """The first stop of that type."""
        return next((stop for stop in self.stops if stop.type == kind), None)


class ReplyOrder(Wire):
    """The order as the seller sees it."""

    id: Id | None = None
    status: Text | None = None
    provider: ProviderRef | None = None
    items: tuple[Item, ...] = ()
    fulfillments: tuple[ReplyFulfillment, ...] = ()
    payments: tuple[Payment, ...] = ()
    billing: Billing | None = None
    quote: Quote | None = None
    documents: tuple[dict[str, Any], ...] = ()
    cancellation: dict[str, Any] | None = None
    cancellation_terms: tuple[dict[str, Any], ...] = ()
    created_at: Text | None = None
    updated_at: Text | None = None


class OnOrderMessage(Wire):
    """``order``: of on_select, on_init, on_confirm, on_status, on_update and on_cancel."""

    order: ReplyOrder


class Tracking(Wire):
    """Where the worker is."""

    id: Id | None = None
    url: Text | None = None
    location: Location | None = None
    status: Text | None = None


class OnTrackMessage(Wire):
    """``tracking``."""

    tracking: Tracking


class Support(Wire):
    """Whom to ask."""

    ref_id: Id | None = None
    phone: Text | None = None
    email: Text | None = None
    url: Text | None = None


class OnSupportMessage(Wire):
    """``support``."""

    support: Support


class OnRatingMessage(Wire):
    """Nothing, or a feedback form."""

    feedback_form: dict[str, Any] | None = None


ReplyMessage = OnSearchMessage | OnOrderMessage | OnTrackMessage | OnSupportMessage | OnRatingMessage

REPLIES: Mapping[str, type[ReplyMessage]] = {
    "on_search": OnSearchMessage,
    "on_select": OnOrderMessage,
    "on_init": OnOrderMessage,
    "on_confirm": OnOrderMessage,
    "on_status": OnOrderMessage,
    "on_track": OnTrackMessage,
    "on_cancel": OnOrderMessage,
    "on_update": OnOrderMessage,
    "on_rating": OnRatingMessage,
    "on_support": OnSupportMessage,
}


class ReplyError(Wire):
    """A business error beside the message; some send the code as a number."""

    code: Text | int = Field(union_mode="left_to_right")
    message: Any = None

    @property
    def text(self) -> str:
        """The code as text."""
        return str(self.code)


@dataclass(frozen=True, slots=True)
class Reply:
    """A callback that was read. ``message`` is None where only an error came."""

    context: Context
    message: ReplyMessage | None
    error: ReplyError | None


def parse_reply(action: str, payload: Mapping[str, Any]) -> Reply:
    """Read a callback. Raises SchemaViolation where not even the tolerant shape holds."""
    model = REPLIES.get(action)
    if model is None:
        raise SchemaViolation("context.action", f"one of {', '.join(REPLIES)}")
    if not isinstance(payload, Mapping):
        raise SchemaViolation("", "an object with context and message")
    context = read(Context, payload.get("context"), "context")
    error = read(ReplyError, payload["error"], "error") if payload.get("error") else None
    content = payload.get("message")
    partial = error is not None and not content
    return Reply(context, None if partial else read(model, content, "message"), error)

"""The ten requests a seller receives, and how to read one. Source: protocol sections 1.1 to 1.10.

``parse_request`` expects the payload after ``bpp.domains.normalize``: one spelling of everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from beckn_schemas.base import MAX_PARTS, Few, Id, PositiveCount, SchemaViolation, Text, Uri, Wire, read
from beckn_schemas.common import (
    Billing,
    Category,
    Descriptor,
    Email,
    Fulfillment,
    Item,
    ItemParts,
    Location,
    Order,
    Payment,
    Phone,
    ProviderRef,
    Stop,
    TimeRange,
)
from beckn_schemas.context import Context, Envelope
from beckn_schemas.strict_forms import quickly
from beckn_schemas.tags import FinderFee, TagGroup, finder_fee

MAX_ITEMS = 100
MAX_WORDS = 200


class RequestSelected(TypedDict, total=False):
    """At least one unit."""

    count: PositiveCount | None


class RequestQuantity(TypedDict, total=False):
    """At least one unit."""

    selected: RequestSelected | None


class RequestItem(ItemParts, total=False):
    """An item that a buyer orders, one of it at least."""

    quantity: RequestQuantity | None


_Items = Annotated[tuple[RequestItem, ...], Field(min_length=1, max_length=MAX_ITEMS)]
Items = Annotated[_Items, quickly(_Items)]


def count_of(item: RequestItem) -> int:
    """Units ordered; one where nothing is said (protocol, 1.0 row "counts")."""
    said = ((item.get("quantity") or {}).get("selected") or {}).get("count")
    return 1 if said is None else said


class IntentDescriptor(Descriptor):
    """The words looked for; a search takes time with their length."""

    name: Annotated[Text, Field(max_length=MAX_WORDS)] | None = None


class IntentItem(Wire):
    """What is looked for, by name or by category."""

    descriptor: IntentDescriptor | None = None
    category: Category | None = None
    category_ids: Few[Id] = ()


class IntentProvider(Wire):
    """One provider's catalog only."""

    id: Id | None = None
    descriptor: Descriptor | None = None


class IntentPayment(Wire):
    """A hint, not a filter (decision 19)."""

    type: Text | None = None
    collected_by: Text | None = None


class Intent(Wire):
    """What a buyer looks for; every part is optional."""

    category: Category | None = None
    item: IntentItem | None = None
    provider: IntentProvider | None = None
    fulfillment: Fulfillment | None = None
    payment: IntentPayment | None = None
    tags: Few[TagGroup] = ()

    @property
    def category_ids(self) -> tuple[str, ...]:
        """Every category asked for, in decimal codes or wildcards, without repetition."""
        item = self.item
        found = [self.category.id if self.category else None]
        if item is not None:
            found += [item.category.id if item.category else None, *item.category_ids]
        return tuple(dict.fromkeys(code for code in found if code))

    @property
    def name(self) -> str:
        """The words looked for, or an empty text."""
        descriptor = self.item.descriptor if self.item else None
        return (descriptor.name if descriptor else None) or ""

    @property
    def end(self) -> Stop | None:
        """The customer's stop: of type ``end``, else the first without a type."""
        if self.fulfillment is None:
            return None
        return self.fulfillment.stop("end") or next((s for s in self.fulfillment.stops if s.type is None), None)

    @property
    def place(self) -> Location | None:
        """Where the service is wanted."""
        return self.end.location if self.end else None

    @property
    def window(self) -> TimeRange | None:
        """When the service is wanted."""
        return self.end.time.range if self.end and self.end.time else None

    @property
    def finder_fee(self) -> FinderFee | None:
        """The buyer app's fee, where stated."""
        return finder_fee(self.tags)


class SelectOrder(Order):
    """Provider and at least one item. The slot may be missing: that is 90003, not a fault of the schema."""

    provider: ProviderRef
    items: Items
    fulfillments: Few[Fulfillment] = ()
    payments: Few[Payment] = ()


class InitOrder(SelectOrder):
    """Also who pays."""

    billing: Billing


class ConfirmOrder(SelectOrder):
    """``id`` is minted by the buyer app in all samples; its lack is tolerated (protocol, 2)."""


class UpdateOrder(Order):
    """The order by its id; the parts that ``update_target`` names are read, the rest ignored."""

    id: Id
    items: Annotated[tuple[Item, ...], Field(max_length=MAX_ITEMS)] = ()
    fulfillments: Few[Fulfillment] = ()
    payments: Few[Payment] = ()


class SearchMessage(Wire):
    """``intent``."""

    intent: Intent


class SelectMessage(Wire):
    """``order`` to be quoted."""

    order: SelectOrder


class InitMessage(Wire):
    """``order`` to be prepared."""

    order: InitOrder


class ConfirmMessage(Wire):
    """``order`` to be made."""

    order: ConfirmOrder


class StatusMessage(Wire):
    """Whose state is asked."""

    order_id: Id


class TrackMessage(Wire):
    """Whose whereabouts are asked."""

    order_id: Id
    callback_url: Uri | None = None


class CancelMessage(Wire):
    """Which order, and why; the reason may be missing where the term in force asks for none (protocol, 1.8)."""

    order_id: Id
    cancellation_reason_id: Id | None = None
    descriptor: Descriptor | None = None


class UpdateMessage(Wire):
    """``update_target`` names the parts meant, such as ``fulfillments`` or ``payments``."""

    update_target: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MAX_PARTS)]
    order: UpdateOrder


class Rating(Wire):
    """``value`` is checked by the handler: a wrong one is 30015, not a fault of the schema."""

    rating_category: Id
    id: Id
    value: Text


class RatingMessage(Wire):
    """One or more ratings."""

    ratings: Annotated[tuple[Rating, ...], Field(min_length=1, max_length=MAX_PARTS)]


class SupportRequest(Wire):
    """``ref_id`` is an order's or an item's id; without one, the seller's general contact is meant."""

    ref_id: Id | None = None
    callback_phone: Phone | None = None
    phone: Phone | None = None
    email: Email | None = None


class SupportMessage(Wire):
    """Who needs help with what."""

    support: SupportRequest


RequestMessage = (
    SearchMessage
    | SelectMessage
    | InitMessage
    | ConfirmMessage
    | StatusMessage
    | TrackMessage
    | CancelMessage
    | UpdateMessage
    | RatingMessage
    | SupportMessage
)

MESSAGES: Mapping[str, type[RequestMessage]] = {
    "search": SearchMessage,
    "select": SelectMessage,
    "init": InitMessage,
    "confirm": ConfirmMessage,
    "status": StatusMessage,
    "track": TrackMessage,
    "cancel": CancelMessage,
    "update": UpdateMessage,
    "rating": RatingMessage,
    "support": SupportMessage,
}


def parse_request(action: str, payload: Mapping[str, Any]) -> Envelope[RequestMessage]:
    """Read a request after normalisation.

    Raises SchemaViolation with the JSON path and what was expected. Whether ``context.action``, domain, version and
    recipient fit is not judged here: those are refused with other statuses (decision 1).
    """
    model = MESSAGES.get(action)
    if model is None:
        raise SchemaViolation("context.action", f"one of {', '.join(MESSAGES)}")
    context = read(Context, part_of(payload, "context"), "context")
    return Envelope(context, read(model, part_of(payload, "message"), "message"))


def part_of(payload: Mapping[str, Any], key: str) -> dict[str, Any]:
    """``context`` or ``message`` of a payload. Raises SchemaViolation where there is none."""
    if not isinstance(payload, dict):
        raise SchemaViolation("", "an object with context and message")
    part = payload.get(key)
    if not isinstance(part, dict):
        raise SchemaViolation(key, "an object")
    return part

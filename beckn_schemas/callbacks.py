"""The ten callbacks as we send them. ``check_schema`` lists what is wrong; rules across parts are in ``invariants``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, StrictStr, ValidationError
from pydantic_core import ErrorDetails

from beckn_schemas.base import expected_words, json_path
from beckn_schemas.strict_base import CancellationTerm, Context, Error, Gps, Instant, Strict, TagList, Url, Word, XInput
from beckn_schemas.strict_catalog import OnSearchMessage
from beckn_schemas.strict_forms import fits
from beckn_schemas.strict_order import (
    Billing,
    ConfirmedFulfillment,
    ConfirmedProvider,
    InitFulfillment,
    LocationRef,
    OfferRef,
    OrderFulfillment,
    OrderItem,
    OrderProvider,
    SelectFulfillment,
)
from beckn_schemas.strict_quote import Cancellation, Document, InitPayment, OrderPayment, Quote, SelectPayment

OrderStatus = Literal[
    "CREATED",
    "ACCEPTED",
    "IN-PROGRESS",
    "COMPLETED",
    "CANCELLED",
    "PENDING",
    "Created",
    "Accepted",
    "In-progress",
    "Completed",
    "Cancelled",
    "Pending",
]
Items = Annotated[tuple[OrderItem, ...], Field(min_length=1)]
Terms = Annotated[tuple[CancellationTerm, ...], Field(min_length=1)]
Offers = Annotated[tuple[OfferRef, ...], Field(min_length=1)]
Places = Annotated[tuple[LocationRef, ...], Field(min_length=1)]


class SelectOrder(Strict):
    """Protocol 1.4."""

    provider: OrderProvider
    items: Items
    fulfillments: Annotated[tuple[SelectFulfillment, ...], Field(min_length=1)]
    offers: Offers | None = None
    quote: Quote
    payments: Annotated[tuple[SelectPayment, ...], Field(min_length=1)]
    cancellation_terms: Terms | None = None


class InitOrder(Strict):
    """Protocol 1.5: both ``provider.locations`` and ``locations``."""

    provider: OrderProvider
    locations: Places
    items: Items
    billing: Billing
    fulfillments: Annotated[tuple[InitFulfillment, ...], Field(min_length=1)]
    offers: Offers | None = None
    quote: Quote
    payments: Annotated[tuple[InitPayment, ...], Field(min_length=1)]
    cancellation_terms: Terms
    xinput: XInput | None = None


class MadeOrder(Strict):
    """What on_status and on_update say of an order (protocol 1.7, 1.9)."""

    id: Word
    status: OrderStatus
    provider: OrderProvider
    locations: Places | None = None
    items: Items
    billing: Billing
    fulfillments: Annotated[tuple[OrderFulfillment, ...], Field(min_length=1)]
    offers: Offers | None = None
    quote: Quote
    payments: Annotated[tuple[OrderPayment, ...], Field(min_length=1)]
    cancellation_terms: Terms | None = None
    cancellation: Cancellation | None = None
    documents: Annotated[tuple[Document, ...], Field(min_length=1)] | None = None
    tags: Annotated[tuple[TagList, ...], Field(min_length=1)] | None = None
    xinput: XInput | None = None
    created_at: Instant
    updated_at: Instant


class ConfirmedOrder(MadeOrder):
    """Protocol 1.6."""

    provider: ConfirmedProvider
    fulfillments: Annotated[tuple[ConfirmedFulfillment, ...], Field(min_length=1)]
    cancellation_terms: Terms


class CancelledOrder(MadeOrder):
    """Protocol 1.8; an answer that refuses to cancel carries ``error`` and may lack ``cancellation``."""

    cancellation: Cancellation


class OnSelectMessage(Strict):
    """``order``."""

    order: SelectOrder


class OnInitMessage(Strict):
    """``order``."""

    order: InitOrder


class OnConfirmMessage(Strict):
    """``order``."""

    order: ConfirmedOrder


class OnStatusMessage(Strict):
    """``order``."""

    order: MadeOrder


class OnCancelMessage(Strict):
    """``order``."""

    order: CancelledOrder


class TrackedLocation(Strict):
    """Where the worker was last."""

    gps: Gps
    updated_at: Instant | None = None


class Tracking(Strict):
    """Protocol 1.10: ``inactive`` while there is nothing to follow."""

    id: Word | None = None
    url: Url | None = None
    location: TrackedLocation | None = None
    status: Literal["active", "inactive"]


class OnTrackMessage(Strict):
    """``tracking``."""

    tracking: Tracking


class OnRatingMessage(Strict):
    """Nothing, or a feedback form."""

    feedback_form: XInput | None = None


class Support(Strict):
    """Whom to ask; ``ref_id`` is the request's."""

    ref_id: Word | None = None
    callback_phone: StrictStr | None = None
    phone: Word
    email: Word
    url: Url | None = None


class OnSupportMessage(Strict):
    """``support``."""

    support: Support


CALLBACKS: Final[Mapping[str, type[BaseModel]]] = {
    "on_search": OnSearchMessage,
    "on_select": OnSelectMessage,
    "on_init": OnInitMessage,
    "on_confirm": OnConfirmMessage,
    "on_status": OnStatusMessage,
    "on_track": OnTrackMessage,
    "on_cancel": OnCancelMessage,
    "on_update": OnStatusMessage,
    "on_rating": OnRatingMessage,
    "on_support": OnSupportMessage,
}

_RULE_OF_TYPE: Final[Mapping[str, str]] = {
    "missing": "required",
    "union_tag_not_found": "required",
    "union_tag_invalid": "enum",
    "literal_error": "enum",
    "extra_forbidden": "unknown_key",
    "too_short": "empty",
    "string_too_short": "empty",
    "string_pattern_mismatch": "pattern",
    "money": "money",
    "timestamp": "timestamp",
    "duration": "duration",
    "gps": "gps",
    "days": "days",
}
_WORDS: Final[Mapping[str, str]] = {
    "union_tag_not_found": "a type: start or end",
    "union_tag_invalid": "the type start or end",
    "money": "",
    "days": "",
}
_TAGS: Final = frozenset({"start", "end", "base", "customization"})
"""Tags that pydantic puts into a location after an index: kinds of stops and items, not keys."""
_PARTIAL_DEPTH: Final = 2


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with a callback: the rule's name, where, and what was expected. Never the value itself."""

    rule: str
    path: str
    expected: str


def context_schema(context: object) -> list[Violation]:
    """Everything in which the context of a callback departs from its shape."""
    return shape_faults(Context, context, "context")


def check_schema(payload: Mapping[str, Any]) -> list[Violation]:
    """Everything in which a callback departs from the shape of its action.

    Beside an ``error`` the message may lack whole parts (``order`` itself, or its direct keys): as much of it is sent
    as is true (decision 1). Parts that are there are checked like any.
    """
    context, error = payload.get("context"), payload.get("error")
    found = context_schema(context)
    if "error" in payload:
        found += shape_faults(Error, error, "error")
    found += [
        Violation("unknown_key", key, "no such key") for key in payload if key not in {"context", "message", "error"}
    ]
    action = context.get("action") if isinstance(context, Mapping) else None
    model = CALLBACKS.get(action) if isinstance(action, str) else None
    if model is None:
        return [*found, Violation("enum", "context.action", f"one of {', '.join(CALLBACKS)}")]
    if "message" not in payload:
        return found if error else [*found, Violation("required", "message", "a value here")]
    faults = shape_faults(model, payload.get("message"), "message")
    return found + [fault for fault in faults if not (error and _may_lack(fault))]


def _may_lack(fault: Violation) -> bool:
    return fault.rule == "required" and fault.path.count(".") <= _PARTIAL_DEPTH and "[" not in fault.path


def shape_faults(model: type[BaseModel], value: object, path: str) -> list[Violation]:
    """Everything in which a value departs from a shape of ours, by its path below ``path``."""
    if fits(model, value):
        return []
    try:
        model.model_validate(value)
    except ValidationError as problem:
        faults = problem.errors(include_url=False, include_input=False)
        return [_violation(fault, path) for fault in faults if not _follows(fault, faults)]
    return []


def _follows(fault: ErrorDetails, faults: list[ErrorDetails]) -> bool:
    """Whether a list is called too short only because its elements, which are there, have faults of their own."""
    place = fault["loc"]
    return fault["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in faults
    )


def _violation(fault: ErrorDetails, prefix: str) -> Violation:
    kind = fault["type"]
    location = fault["loc"]
    kept = tuple(
        part
        for place, part in enumerate(location)
        if not (part in _TAGS and place and isinstance(location[place - 1], int))
    )
    words = _WORDS.get(kind)
    if words is None:
        words = expected_words(fault)
    return Violation(_RULE_OF_TYPE.get(kind, "type"), json_path(prefix, kept), words or fault["msg"])

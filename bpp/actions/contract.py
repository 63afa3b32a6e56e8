"""What a handler is given and gives back, and how a reply becomes a callback ready to be stored.

A reply is one of three (decision 11): an answer now, silence (search alone), or deferred until an event brings it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import orjson

from beckn_schemas.ack import error_object
from beckn_schemas.callbacks import Violation
from beckn_schemas.context import CORE_VERSION, DEFAULT_TTL, Context, Envelope
from beckn_schemas.invariants import check_callback, check_context
from bpp.core.world import Identity, World
from bpp.domains.dialect import Dialect
from bpp.domains.normalize_fixes import without_nulls
from bpp.domains.sightings import Sighting
from bpp.errors import BusinessError, ConfirmUnderWay
from bpp.orders.model import Peer
from bpp.storage.ports import CallbackKind, NewCallback, Work
from bpp.storage.ports_demand import Unserved
from catalog.moments import wire_time

Json = dict[str, Any]
MOST_AHEAD = timedelta(minutes=1)  # how far a buyer app's clock may go before ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A trusted, typed message.

    ``raw`` is its normalised JSON; ``original`` is what came, for what is echoed untouched. ``shown`` is what it shows
    of its sender's ``dialect``. ``search`` is what a select follows, as it came, where that is known. ``nulls`` is
    False where there is none in it for certain.
    """

    envelope: Envelope[Any]
    raw: Mapping[str, Any]
    original: Mapping[str, Any]
    dialect: Dialect
    shown: tuple[Sighting, ...] = ()
    search: bytes | None = None
    nulls: bool = True

    def echoed(self, part: Any) -> Any:
        """A part of it as it is echoed: without nulls; the part itself where there are none to look for."""
        return without_nulls(part) if self.nulls else part

    @property
    def context(self) -> Context:
        """Who says what to whom."""
        return self.envelope.context

    @property
    def message(self) -> Any:
        """The typed message; each handler knows its type."""
        return self.envelope.message


class Wire(Protocol):
    """A message in bytes that was checked when its parts were made; true of any moment before ``until``."""

    @property
    def until(self) -> datetime:
        """The moment from which it is not true any more."""

    def body(self, context: bytes) -> bytes:
        """The whole callback with a context in JSON."""

    def digest(self, context: bytes) -> str:
        """The network's digest of that body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer now: as much of the message as is true, an error beside it, or both.

    ``wire`` stands for a message that was written and checked before, part by part.
    """

    message: Json | None = None
    error: BusinessError | None = None
    order_ref: str = ""
    updated_at: datetime | None = None
    wire: Wire | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nothing to offer: an ACK and no callback. Search alone may say this; ``unserved`` is what is counted of it."""

    unserved: Unserved | None = None


class Deferred:
    """The callback comes later, brought by an event within the confirm window."""


Outcome = Reply | Silence | Deferred
Handler = Callable[[Request, Work, World], Awaitable[Outcome]]


class InvalidCallback(Exception):
    """We were about to send something that breaks our own rules: our bug, found here and not by the buyer."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{one.rule} at {one.path}: {one.expected}" for one in violations[:20]))
        self.violations = tuple(violations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """To whom a callback goes and what its context repeats."""

    bap_id: str
    bap_uri: str
    transaction_id: str
    domain: str
    location: Mapping[str, Any]

    @classmethod
    def of_request(cls, request: Request) -> Addressee:
        """The sender of a request."""
        context = request.context
        return cls(
            bap_id=context.bap_id,
            bap_uri=context.bap_uri,
            transaction_id=context.transaction_id,
            domain=context.domain,
            location=request.raw["context"].get("location") or {},
        )

    @classmethod
    def of_peer(cls, peer: Peer) -> Addressee:
        """The buyer app of an order."""
        return cls(
            bap_id=peer.bap_id,
            bap_uri=peer.bap_uri,
            transaction_id=peer.transaction_id,
            domain=peer.domain,
            location=peer.location,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """When a callback goes out: ``grace`` keeps it behind its ACK, ``window`` ends the tries."""

    kind: CallbackKind
    now: datetime
    grace: timedelta
    window: timedelta


def callback_for(
    reply: Reply,
    to: Addressee,
    action: str,
    message_id: str,
    identity: Identity,
    dispatch: Dispatch,
    *,
    after: datetime | None = None,
) -> NewCallback:
    """The final bytes of a callback, checked against our own schemas and rules before anybody stores it.

    ``after`` is the timestamp of the request it answers; the callback's is never earlier, nor earlier than the
    ``updated_at`` of the order it shows (decision 7). A location of the buyer that lacks its city's or its country's
    code is not repeated. That a confirm is under way is told beside the on_confirm, not behind it. Raises
    InvalidCallback with every rule that does not hold.
    """
    moments = (dispatch.now, after, reply.updated_at)
    timestamp = max(moment for moment in moments if moment is not None)
    context: Json = {
        "domain": to.domain,
        **_echoed_place(to.location),
        "action": action,
        "version": CORE_VERSION,
        "bap_id": to.bap_id,
        "bap_uri": to.bap_uri,
        "bpp_id": identity.subscriber_id,
        "bpp_uri": identity.subscriber_uri,
        "transaction_id": to.transaction_id,
        "message_id": message_id,
        "timestamp": wire_time(timestamp),
        "ttl": DEFAULT_TTL,
    }
    body, digest = _written(reply.wire, context, timestamp) if reply.wire else (_checked(reply, context), "")
    return NewCallback(
        kind=dispatch.kind,
        action=action,
        peer=to.bap_id,
        transaction_id=to.transaction_id,
        message_id=message_id,
        url=f"{to.bap_uri.rstrip('/')}/{action}",
        body=body,
        digest=digest,
        order_ref=reply.order_ref,
        created_at=dispatch.now,
        due_at=dispatch.now + dispatch.grace,
        give_up_at=dispatch.now + dispatch.window,
        beside=isinstance(reply.error, ConfirmUnderWay),
    )


def _checked(reply: Reply, context: Json) -> bytes:
    payload: Json = {"context": context, "message": reply.message if reply.message is not None else {}}
    if reply.error is not None:
        payload["error"] = error_object(reply.error.code, str(reply.error))
    body = orjson.dumps(payload)
    if violations := check_callback(payload, body=body):
        raise InvalidCallback(violations)
    return body


def _written(wire: Wire, context: Json, timestamp: datetime) -> tuple[bytes, str]:
    """Body and digest of a message that was checked before, with its context."""
    violations = check_context(context)
    if timestamp >= wire.until:
        violations.append(Violation("schedule_future", "message", "nothing that is over at context.timestamp"))
    if violations:
        raise InvalidCallback(violations)
    told = orjson.dumps(context)
    return wire.body(told), wire.digest(told)


def _echoed_place(location: Mapping[str, Any]) -> Json:
    """``location`` of a context, where it says city and country."""
    for part in ("city", "country"):
        place = location.get(part)
        if not isinstance(place, Mapping) or not place.get("code"):
            return {}
    return {"location": without_nulls(location)}

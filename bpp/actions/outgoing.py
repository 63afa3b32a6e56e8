"""How what we say becomes a message ready to be stored: to whom, its context, its final bytes, checked.

What differs between the specifications that share the network (the transaction's own, grievances, settlement) is a
``Family``: how a context is written, and what is checked of a message before anybody stores it (ADR 54).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from beckn_schemas.ack import error_object
from beckn_schemas.base import parse_timestamp
from beckn_schemas.callbacks import Violation
from beckn_schemas.context import CORE_VERSION, DEFAULT_TTL
from beckn_schemas.igm_check import check_igm
from beckn_schemas.igm_codes import IGM_ACTIONS
from beckn_schemas.igm_context import context_for, own_echo
from beckn_schemas.invariants import check_callback, check_context
from beckn_schemas.nulls import without_nulls
from beckn_schemas.rsf_check import check_rsf
from beckn_schemas.rsf_codes import RSF_SENT
from beckn_schemas.rsf_context import Envelope, Participant, answering, to_agency, to_participant
from bpp.actions.contract import Json, Reply, Request, Wire
from bpp.core.world import Identity
from bpp.errors import ConfirmUnderWay
from bpp.orders.model import Peer
from bpp.storage.ports import CallbackKind, NewCallback
from catalog.moments import later_than, wire_time


class InvalidCallback(Exception):
    """We were about to send something that breaks our own rules: our bug, found here and not by the buyer."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{one.rule} at {one.path}: {one.expected}" for one in violations[:20]))
        self.violations = tuple(violations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """To whom a message goes and what its context repeats.

    ``said`` is the context of the message it answers, as it came, for families that echo its shape.
    """

    peer: str
    uri: str
    transaction_id: str
    domain: str
    location: Mapping[str, Any]
    said: Mapping[str, Any] | None = None

    @classmethod
    def of_request(cls, request: Request) -> Addressee:
        """The sender of a request."""
        context = request.context
        return cls(
            peer=context.bap_id,
            uri=context.bap_uri,
            transaction_id=context.transaction_id,
            domain=context.domain,
            location=request.raw["context"].get("location") or {},
            said=request.original["context"],
        )

    @classmethod
    def of_peer(cls, peer: Peer) -> Addressee:
        """The buyer app of an order."""
        return cls(
            peer=peer.bap_id,
            uri=peer.bap_uri,
            transaction_id=peer.transaction_id,
            domain=peer.domain,
            location=peer.location,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """When a message goes out: ``grace`` keeps it behind its ACK, ``window`` ends the tries."""

    kind: CallbackKind
    now: datetime
    grace: timedelta
    window: timedelta


ContextWriter = Callable[[Addressee, str, str, Identity, datetime], Json]
"""The context of a message to somebody: action, message_id, who we are, its timestamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The actions of one specification: how the contexts of what we send are written, and what else is checked."""

    context: ContextWriter
    check: Callable[[Json, bytes, bool], Sequence[Violation]]
    """Everything that is wrong with a message and its bytes; whether it answers one that came."""
    alone: bool = False
    """Whether an error without a message stands alone."""


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
    """The final bytes of a message, checked against our own schemas and rules before anybody stores it.

    ``after`` is the timestamp of the request it answers; the callback's is never earlier, nor earlier than the
    ``updated_at`` of the order it shows (decision 7). That a confirm is under way is told beside the on_confirm, not
    behind it. Raises InvalidCallback with every rule that does not hold.
    """
    moments = (dispatch.now, after, reply.updated_at)
    timestamp = max(moment for moment in moments if moment is not None)
    family = FAMILY_OF.get(action, CORE)
    context = family.context(to, action, message_id, identity, timestamp)
    body, digest = (
        _written(reply.wire, context, timestamp)
        if reply.wire
        else (_checked(reply, context, family, solicited=after is not None), "")
    )
    return NewCallback(
        kind=dispatch.kind,
        action=action,
        peer=to.peer,
        transaction_id=to.transaction_id,
        message_id=message_id,
        url=f"{to.uri.rstrip('/')}/{action}",
        body=body,
        digest=digest,
        order_ref=reply.order_ref,
        created_at=dispatch.now,
        due_at=dispatch.now + dispatch.grace,
        give_up_at=dispatch.now + dispatch.window,
        beside=isinstance(reply.error, ConfirmUnderWay),
    )


def _checked(reply: Reply, context: Json, family: Family, *, solicited: bool) -> bytes:
    payload: Json = {"context": context, "message": reply.message if reply.message is not None else {}}
    if family.alone and reply.message is None:
        del payload["message"]
    if reply.error is not None:
        payload["error"] = error_object(reply.error.code, str(reply.error))
    body = orjson.dumps(payload)
    if violations := family.check(payload, body, solicited):
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


def _core_context(to: Addressee, action: str, message_id: str, identity: Identity, timestamp: datetime) -> Json:
    """The services' own context. A location of the buyer that lacks a code of city or country is not repeated."""
    return {
        "domain": to.domain,
        **_echoed_place(to.location),
        "action": action,
        "version": CORE_VERSION,
        "bap_id": to.peer,
        "bap_uri": to.uri,
        "bpp_id": identity.subscriber_id,
        "bpp_uri": identity.subscriber_uri,
        "transaction_id": to.transaction_id,
        "message_id": message_id,
        "timestamp": wire_time(timestamp),
        "ttl": DEFAULT_TTL,
    }


def _echoed_place(location: Mapping[str, Any]) -> Json:
    """``location`` of a context, where it says city and country."""
    for part in ("city", "country"):
        place = location.get(part)
        if not isinstance(place, Mapping) or not place.get("code"):
            return {}
    return {"location": without_nulls(location)}


def _igm_context(to: Addressee, action: str, message_id: str, identity: Identity, timestamp: datetime) -> Json:
    """The shape of the issue's context, as its first message had it; ours where we began it."""
    echo = to.said or own_echo(
        domain=to.domain,
        location=without_nulls(to.location),
        bap_id=to.peer,
        bap_uri=to.uri,
        bpp_id=identity.subscriber_id,
        bpp_uri=identity.subscriber_uri,
        transaction_id=to.transaction_id,
    )
    return context_for(echo, action=action, message_id=message_id, timestamp=wire_time(timestamp))


def _rsf_context(to: Addressee, action: str, message_id: str, identity: Identity, timestamp: datetime) -> Json:
    """By direction: to the agency we are the bap, among participants both stand as in the order (network.md 2.1)."""
    if action == "on_recon":
        asked = {"bpp_uri": identity.subscriber_uri, **without_nulls(dict(to.said or {}))}  # not all name it
        return answering(asked, wire_time(later_than(parse_timestamp(str(asked["timestamp"])), timestamp)))
    we, they = Participant(identity.subscriber_id, identity.subscriber_uri), Participant(to.peer, to.uri)
    ids = Envelope(transaction_id=to.transaction_id, message_id=message_id, at=wire_time(timestamp))
    if action == "recon":
        return to_participant(they, we, ids)
    return to_agency("report" if action == "report" else "settle", we, they, ids)


CORE = Family(context=_core_context, check=lambda payload, body, _: check_callback(payload, body=body))
GRIEVANCES = Family(
    context=_igm_context, check=lambda payload, _, solicited: check_igm(payload, unsolicited=not solicited)
)
SETTLEMENT = Family(context=_rsf_context, check=lambda payload, _body, _solicited: check_rsf(payload), alone=True)
FAMILY_OF: Mapping[str, Family] = {
    **dict.fromkeys(IGM_ACTIONS, GRIEVANCES),
    **dict.fromkeys(RSF_SENT, SETTLEMENT),
}
"""The family of each action that is not the transaction's own."""

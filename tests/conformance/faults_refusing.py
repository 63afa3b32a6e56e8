"""Sellers that take what must be refused: forged, broken and misdirected messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from beckn_schemas.ack import ack, nack
from bpp.sandbox.identities import BPP, BUYER, GATEWAY
from signing.errors import SignatureError
from signing.header import SignatureHeader
from signing.keys import encode_public_key, load_signing_public_key
from signing.signature import sign, verify
from tests.conformance.faulty_seller import Honest, Incoming, Json, Outgoing, Reply, Story
from tests.conformance.planted import (
    Acks,
    Planted,
    answered,
    context_says,
    error_says,
)
from tests.support.clock import MONDAY_MORNING

FORGED, BROKEN, UNTIMELY = "forged_messages", "broken_messages", "untimely_messages"


def _reason(incoming: Incoming) -> str:
    """Why a signature does not hold; empty where it does."""
    values = incoming.headers.getall("Authorization", [])
    if len(values) != 1:
        return "missing" if not values else "several"
    try:
        header = SignatureHeader.parse(values[0])
        signer = {str(one.key_id): one for one in (BUYER, GATEWAY)}.get(str(header.key_id))
        if signer is None:
            return "unknown key" if header.key_id.subscriber_id == BUYER.subscriber_id else "another subscriber"
        verify(header, incoming.body, load_signing_public_key(encode_public_key(signer.key)))
    except SignatureError as problem:
        return problem.reason
    if signer is GATEWAY:
        return "role"
    start = int(MONDAY_MORNING.timestamp())
    return "expired" if header.expires < start else "ahead" if header.created > start + 600 else ""


def _zero(incoming: Incoming) -> bool:
    return 'signature="AQAAAAAA' in incoming.authorization


def _newline(incoming: Incoming) -> bool:
    return incoming.body.endswith(b"\n")


def _takes(probe: str, where: Callable[[Incoming], bool], scenario: str = FORGED) -> Planted:
    return Planted(name=f"takes {probe}", check=f"refuses_{probe}", seller=Acks(where), scenario=scenario)


class Obeys(Honest):
    """Refuses a forged cancellation, and carries it out; the buyer app is not told."""

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """The first forged one, signed anew."""
        if incoming.action == "cancel" and _newline(incoming):
            incoming.headers["Authorization"] = sign(incoming.body, BUYER.key, BUYER.key_id, MONDAY_MORNING)
        return incoming

    def reply(self, action: str, request: Json, reply: Reply, story: Story) -> Reply:
        """As if it had been refused."""
        return Reply(401, nack("30016")) if action == "cancel" else reply

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """All but the on_cancel."""
        return [] if document["context"]["action"] == "on_cancel" else [Outgoing(document)]


def _unauthorized(_: Json, reply: Reply) -> bool:
    return reply.status == 401


REFUSALS: tuple[Planted, ...] = (
    _takes("changed_value", lambda one: b"PT29S" in one.body),
    _takes("added_newline", _newline),
    _takes("expired", lambda one: _reason(one) == "expired"),
    _takes("created_ahead", lambda one: _reason(one) == "ahead"),
    _takes("unknown_key", lambda one: _reason(one) == "unknown key"),
    _takes("forged_key", lambda one: _reason(one) == "signature_mismatch"),
    _takes("other_subscriber", lambda one: _reason(one) == "another subscriber"),
    _takes("no_signature", lambda one: _reason(one) == "missing"),
    _takes("two_signatures", lambda one: _reason(one) == "several"),
    _takes("other_algorithm", lambda one: _reason(one) == "algorithm_mismatch"),
    _takes("no_scheme", lambda one: _reason(one) == "bad_scheme"),
    _takes("zero_signature", _zero),
    _takes("junk_signature", lambda one: _reason(one) == "bad_signature_encoding"),
    _takes("wrong_role", lambda one: _reason(one) == "role"),
    _takes("forged_gateway", lambda one: "X-Gateway-Authorization" in one.headers, BROKEN),
    _takes("foreign_bpp", context_says("bpp_id", lambda value: value == "another-seller.example")),
    _takes("foreign_domain", context_says("domain", lambda value: value == "ONDC:RET10")),
    _takes("broken_json", lambda one: not one.document, BROKEN),
    _takes("no_action", context_says("action", lambda value: value is None), BROKEN),
    _takes("no_transaction_id", context_says("transaction_id", lambda value: value is None), BROKEN),
    _takes("no_bap_uri", context_says("bap_uri", lambda value: value is None), BROKEN),
    _takes("other_action", lambda one: one.document.get("context", {}).get("action") not in (None, one.action), BROKEN),
    answered("HTTP 200", "forgery_status", lambda reply: replace(reply, status=200), _unauthorized, FORGED),
    answered("code of the gateway", "forgery_code", error_says(code="10001"), _unauthorized, FORGED),
    answered("no challenge", "forgery_challenge", lambda reply: replace(reply, headers={}), _unauthorized, FORGED),
    Planted(name="obeys what it refused", check="forgery_effect", seller=Obeys(), scenario=FORGED),
)


class SendsACatalog(Honest):
    """Answers a search that it should pass over."""

    def __init__(self, where: Callable[[Json], bool]) -> None:
        self._where = where

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """Acknowledges it."""
        return Reply(200, ack()) if incoming.action == "search" and self._where(incoming.document) else incoming

    async def besides(self, action: str, request: Json, send: Any) -> None:
        """The last on_search, under the ids of this search."""
        if action == "search" and self._where(request):
            context = request["context"] | {"action": "on_search", "bpp_id": BPP.subscriber_id, "bpp_uri": BPP.url}
            await send(Outgoing({"context": context, "message": {"catalog": {}}}))


def _stamped(fits: Callable[[timedelta], bool]) -> Callable[[Json], bool]:
    def where(document: Json) -> bool:
        context = document.get("context", {})
        return fits(datetime.fromisoformat(context["timestamp"]) - MONDAY_MORNING) if context else False

    return where


def _catalog(probe: str, where: Callable[[Json], bool], scenario: str) -> Planted:
    return Planted(name=f"answers {probe}", check=f"refuses_{probe}", seller=SendsACatalog(where), scenario=scenario)


PASSED_OVER: tuple[Planted, ...] = (
    _catalog(
        "foreign_domain_search", lambda document: document.get("context", {}).get("domain") == "ONDC:RET10", BROKEN
    ),
    _catalog("late", _stamped(lambda shift: shift < timedelta(minutes=-5)), UNTIMELY),
    _catalog("ahead", _stamped(lambda shift: shift > timedelta(minutes=30)), UNTIMELY),
)


PLANTED: tuple[Planted, ...] = (*REFUSALS, *PASSED_OVER)

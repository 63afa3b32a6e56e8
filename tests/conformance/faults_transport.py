"""Faults of synchronous answers, and of the signatures and the delivery of callbacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson

from beckn_schemas.ack import ack
from bpp.sandbox.exchange import parsed
from bpp.sandbox.identities import BPP
from signing.header import SIGNED_HEADERS, KeyId
from signing.signature import sign
from tests.conformance.faults_context import to_a_slash
from tests.conformance.faulty_seller import Honest, Json, Outgoing, Reply, Story
from tests.conformance.planted import (
    Planted,
    Sends,
    answered,
    error_says,
    in_state,
)
from tests.support.clock import MONDAY_MORNING

BROKEN, ADDRESS = "broken_messages", "callback_address"
NOT_TAKEN = "callbacks_not_taken"


def _select(request: Json, _: Reply) -> bool:
    return bool(request.get("context", {}).get("action") == "select")


def _status(request: Json, _: Reply) -> bool:
    return bool(request.get("context", {}).get("action") == "status")


def _refusal(_: Json, reply: Reply) -> bool:
    return reply.document.get("message") == {"ack": {"status": "NACK"}}


class Silent(Honest):
    """Acknowledges a status and does nothing."""

    def pass_on(self, action: str, body: bytes, story: Story) -> bool:
        """All but that."""
        return action != "status"


class AnswersAllTheSame(Honest):
    """Refuses a search that it cannot read, and sends the on_search of another all the same."""

    async def besides(self, action: str, request: Json, send: Any) -> None:
        """An empty catalog under the ids of the refused search."""
        if action == "search" and request.get("context", {}).get("action") == "select":
            context = request["context"] | {"action": "on_search", "bpp_id": BPP.subscriber_id, "bpp_uri": BPP.url}
            await send(Outgoing({"context": context, "message": {"catalog": {}}}))


ANSWERS: tuple[Planted, ...] = (
    answered(
        "HTTP 202", "ack_status", lambda reply: replace(reply, status=202), _status, "service_completion", patience=0.5
    ),
    answered(
        "error beside an ACK",
        "ack_shape",
        lambda reply: replace(reply, document=ack() | {"error": {"code": "30000"}}),
        _select,
        "service_completion",
    ),
    answered(
        "ACK behind its callback",
        "ack_first",
        lambda reply: replace(reply, delay=2.0),  # a busy machine calls back later
        lambda request, _: to_a_slash(request),
        ADDRESS,
    ),
    Planted(name="ACK and silence", check="ack_answered", seller=Silent(), patience=0.5),
    Planted(name="callback after a NACK", check="nack_silence", seller=AnswersAllTheSame(), scenario=BROKEN),
    answered("invented code", "nack_code", error_says(code="99999"), _refusal, BROKEN),
    answered("code of a buyer app", "nack_code", error_says(code="20001"), _refusal, BROKEN),
    answered("no type of error", "nack_type", error_says(type=None), _refusal, BROKEN),
    answered("wordless NACK", "nack_message", error_says(message=""), _refusal, BROKEN),
    answered(
        "failure at broken JSON",
        "no_failure",
        lambda _: Reply(500, {"trace": "KeyError"}),
        lambda request, _: not request,
        BROKEN,
    ),
    Planted(
        name="a charset",
        check="content_type",
        seller=Sends(to_a_slash, more={"Content-Type": "application/json; charset=utf-8"}),
        scenario=ADDRESS,
    ),
)


def _signs(name: str, check: str, change: Callable[[str], str | list[str]]) -> Planted:
    seller = Sends(to_a_slash, signs=change)
    return Planted(name=name, check=check, seller=seller, scenario=ADDRESS, patience=0.5)


def _by(key_id: KeyId, *, shift: timedelta = timedelta()) -> Callable[[Json], str]:
    return lambda document: sign(orjson.dumps(document), BPP.key, key_id, MONDAY_MORNING + shift)


class SignsAnew(Honest):
    """Signs the callback with another header; the body is the one that was signed."""

    def __init__(self, header: Callable[[Json], str]) -> None:
        self._header = header

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """Only that to the address with a slash."""
        return [Outgoing(document, header=self._header(document) if to_a_slash(document) else None)]


def _signed(name: str, check: str, header: Callable[[Json], str]) -> Planted:
    return Planted(name=name, check=check, seller=SignsAnew(header), scenario=ADDRESS, patience=0.5)


SIGNATURES: tuple[Planted, ...] = (
    _signs("no signature", "one_signature", lambda _: []),
    _signs("two signatures", "one_signature", lambda text: [text, text]),
    _signed("signed for other bytes", "signature_holds", lambda _: sign(b"{}", BPP.key, BPP.key_id, MONDAY_MORNING)),
    _signed("key that the registry has not", "signature_holds", _by(KeyId(BPP.subscriber_id, "other-key"))),
    _signs("spaces after commas", "signature_grammar", lambda text: text.replace('",', '", ')),
    _signs("keyId of two parts", "signature_key_id", lambda text: text.replace("|ed25519", "")),
    _signed("another seller signs", "signature_signer", _by(KeyId("another-seller.example", "key-1"))),
    _signs("algorithm of others", "signature_algorithm", lambda text: text.replace('="ed25519"', '="hs2019"')),
    _signs(
        "headers as misprinted",
        "signature_headers",
        lambda text: text.replace(SIGNED_HEADERS, SIGNED_HEADERS.replace(" ", "")),
    ),
    _signed("signature of yesterday", "signature_window", _by(BPP.key_id, shift=timedelta(days=-1))),
    _signed("clock ahead", "signature_created", _by(BPP.key_id, shift=timedelta(minutes=1))),
)


class Understands(Honest):
    """Takes some answers of a buyer app for others."""

    def __init__(self, fits: Callable[[int, Json], bool], status: int, body: bytes) -> None:
        self._fits = fits
        self._as = status, body

    def answer(self, document: Json, status: int, body: bytes) -> tuple[int, bytes]:
        """The other one."""
        return self._as if self._fits(status, parsed(body)) else (status, body)


def _code(body: Json) -> str:
    return str(body.get("error", {}).get("code", ""))


class ChangesWhenAsked(Honest):
    """Sends another catalog where the first was not taken."""

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """The name of the catalog counts the tries."""
        tries = sum(one["context"]["message_id"] == document["context"]["message_id"] for one in story.callbacks)
        document["message"]["catalog"]["descriptor"]["name"] += "." * (tries - 1)
        return [Outgoing(document)]


class OneAtATime(Honest):
    """Sends no callback before the last one was answered, whoever that was for."""

    one_at_a_time = True


class TellsDepartureLast(Honest):
    """Keeps the departure to itself until it has told the arrival."""

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """The arrival, and the departure after it."""
        departed = in_state("In-Transit")
        if departed(document):
            return []
        kept = story.callbacks if in_state("At-Location")(document) else []
        return [Outgoing(document), *(Outgoing(one) for one in kept if departed(one))]


ACKED = orjson.dumps(ack())

DELIVERY: tuple[Planted, ...] = (
    Planted(
        name="gives up after a failure",
        check="retried_after_failure",
        seller=Understands(lambda status, _: status != 200, 200, ACKED),
        scenario=NOT_TAKEN,
        patience=2.5,
    ),
    Planted(
        name="gives up after a NACK",
        check="retried_after_nack",
        seller=Understands(lambda _, body: _code(body) in ("23001", "31001"), 200, ACKED),
        scenario=NOT_TAKEN,
        patience=2.5,
    ),
    Planted(name="another catalog again", check="retried_unchanged", seller=ChangesWhenAsked(), scenario=NOT_TAKEN),
    Planted(
        name="does not take a refusal",
        check="refusal_respected",
        seller=Understands(lambda _, body: _code(body) == "20006", 503, b""),
        scenario=NOT_TAKEN,
    ),
    Planted(
        name="does not see the wrapped ACK",
        check="ack_spellings",
        seller=Understands(lambda _, body: "sync" in body, 503, b""),
        scenario=NOT_TAKEN,
    ),
    Planted(name="one at a time", check="slow_buyer", seller=OneAtATime(), scenario="slow_buyer", budget=0.4),
    Planted(
        name="departure told after arrival",
        check="news_in_order",
        seller=TellsDepartureLast(),
        scenario="order_of_news",
    ),
)


PLANTED: tuple[Planted, ...] = (*ANSWERS, *SIGNATURES, *DELIVERY)

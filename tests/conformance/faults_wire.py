"""Faults of transport, signatures, repetition and delivery: what the other checks of the wire must find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from beckn_schemas.ack import ack, nack
from bpp.sandbox.exchange import parsed
from bpp.sandbox.identities import BPP, BUYER, GATEWAY
from signing.errors import SignatureError
from signing.header import SIGNED_HEADERS, KeyId, SignatureHeader
from signing.keys import encode_public_key, load_signing_public_key
from signing.signature import sign, verify
from tests.conformance.faults_context import to_a_slash
from tests.conformance.faulty_seller import Honest, Incoming, Json, Outgoing, Reply, Story
from tests.conformance.planted import Acks, Answers, Changes, Planted, Refuses, Sends, in_state, says
from tests.support.clock import MONDAY_MORNING

FORGED, BROKEN, SPELT = "forged_messages", "broken_messages", "spelt_signatures"
ODD, UPDATES, CONFIRMS, ADDRESS = "odd_searches", "odd_updates", "odd_confirms", "callback_address"
AGAIN, UNTIMELY = "repeated_messages", "untimely_messages"


# Synchronous answers


def _select(request: Json, _: Reply) -> bool:
    return bool(request.get("context", {}).get("action") == "select")


def _status(request: Json, _: Reply) -> bool:
    return bool(request.get("context", {}).get("action") == "status")


def _refusal(_: Json, reply: Reply) -> bool:
    return reply.document.get("message") == {"ack": {"status": "NACK"}}


def _error(**values: Any) -> Callable[[Reply], Reply]:
    """Another error in a NACK; None takes a key out."""

    def change(reply: Reply) -> Reply:
        error = {key: value for key, value in (reply.document["error"] | values).items() if value is not None}
        return replace(reply, document={**reply.document, "error": error})

    return change


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


def _answered(
    name: str, check: str, change: Callable[[Reply], Reply], where: Any, scenario: str, **more: Any
) -> Planted:
    return Planted(name=name, check=check, seller=Answers(change, where), scenario=scenario, **more)


ANSWERS: tuple[Planted, ...] = (
    _answered(
        "HTTP 202", "ack_status", lambda reply: replace(reply, status=202), _status, "service_completion", patience=0.5
    ),
    _answered(
        "error beside an ACK",
        "ack_shape",
        lambda reply: replace(reply, document=ack() | {"error": {"code": "30000"}}),
        _select,
        "service_completion",
    ),
    _answered(
        "ACK behind its callback",
        "ack_first",
        lambda reply: replace(reply, delay=0.3),
        lambda request, _: to_a_slash(request),
        ADDRESS,
    ),
    Planted(name="ACK and silence", check="ack_answered", seller=Silent(), patience=0.5),
    Planted(name="callback after a NACK", check="nack_silence", seller=AnswersAllTheSame(), scenario=BROKEN),
    _answered("invented code", "nack_code", _error(code="99999"), _refusal, BROKEN),
    _answered("code of a buyer app", "nack_code", _error(code="20001"), _refusal, BROKEN),
    _answered("no type of error", "nack_type", _error(type=None), _refusal, BROKEN),
    _answered("wordless NACK", "nack_message", _error(message=""), _refusal, BROKEN),
    _answered(
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


# Signatures of callbacks


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


# What must be refused


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


def _says(path: str, fits: Callable[[Any], bool]) -> Callable[[Incoming], bool]:
    return lambda incoming: fits(incoming.document.get("context", {}).get(path))


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
    _takes("foreign_bpp", _says("bpp_id", lambda value: value == "another-seller.example")),
    _takes("foreign_domain", _says("domain", lambda value: value == "ONDC:RET10")),
    _takes("broken_json", lambda one: not one.document, BROKEN),
    _takes("no_action", _says("action", lambda value: value is None), BROKEN),
    _takes("no_transaction_id", _says("transaction_id", lambda value: value is None), BROKEN),
    _takes("no_bap_uri", _says("bap_uri", lambda value: value is None), BROKEN),
    _takes("other_action", lambda one: one.document.get("context", {}).get("action") not in (None, one.action), BROKEN),
    _answered("HTTP 200", "forgery_status", lambda reply: replace(reply, status=200), _unauthorized, FORGED),
    _answered("code of the gateway", "forgery_code", _error(code="10001"), _unauthorized, FORGED),
    _answered("no challenge", "forgery_challenge", lambda reply: replace(reply, headers={}), _unauthorized, FORGED),
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


# What must be taken


def _refuses(probe: str, where: Callable[[Incoming], bool], scenario: str = ODD) -> Planted:
    return Planted(name=f"refuses {probe}", check=f"takes_{probe}", seller=Refuses(where), scenario=scenario)


def _intent(fits: Callable[[Json], bool]) -> Callable[[Incoming], bool]:
    return lambda one: one.action == "search" and fits(one.document["message"]["intent"])


def _order(action: str, fits: Callable[[Json], bool]) -> Callable[[Incoming], bool]:
    return lambda one: one.action == action and fits(one.document["message"]["order"])


def _gps(intent: Json) -> str:
    return str(intent["fulfillment"]["stops"][0]["location"]["gps"])


class DedupesByMessageId(Honest):
    """Takes two messages for one where only their message_id is the same: the second is acknowledged and forgotten."""

    def __init__(self, *, callbacks: bool) -> None:
        self._callbacks = callbacks

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """ACK, where another action had that id."""
        earlier = story.callbacks if self._callbacks else story.requests[:-1]
        same = (one["context"].get("message_id") == incoming.document["context"]["message_id"] for one in earlier)
        return Reply(200, ack()) if incoming.action == "update" and any(same) else incoming


SPELLINGS: tuple[Planted, ...] = (
    Planted(
        name="two slashes",
        check="takes_final_slash",
        seller=Sends(to_a_slash, path="//on_search"),
        scenario=ADDRESS,
        patience=0.5,
    ),
    _refuses("other_host", lambda one: "localhost" in str(one.document["context"]["bap_uri"]), ADDRESS),
    _refuses("ttl_misspelt", _says("ttl", lambda value: value == "P30S")),
    _refuses("no_ttl", _says("ttl", lambda value: value is None)),
    _refuses("no_tags", _intent(lambda intent: "tags" not in intent)),
    _refuses("extra_keys", _intent(lambda intent: "unknown" in intent)),
    _refuses("short_gps", _intent(lambda intent: len(_gps(intent).partition(".")[2].partition(",")[0]) == 5)),
    _refuses("query", lambda one: bool(one.query)),
    _refuses("empty_header", lambda one: "environment" in one.headers),
    _refuses("charset", lambda one: "charset" in one.headers["Content-Type"]),
    _refuses(
        "update_target_text",
        lambda one: one.action == "update" and isinstance(one.document["message"]["update_target"], str),
        UPDATES,
    ),
    _refuses(
        "update_target_list",
        lambda one: one.action == "update" and isinstance(one.document["message"]["update_target"], list),
        UPDATES,
    ),
    _refuses("status_title_case", _order("confirm", lambda order: order["status"] == "Accepted"), CONFIRMS),
    _refuses("status_upper_case", _order("confirm", lambda order: order["status"] == "ACCEPTED"), CONFIRMS),
    _refuses("junk_payment", _order("confirm", lambda order: "id" not in order["payments"][-1]), CONFIRMS),
    _refuses(
        "other_location",
        _order("confirm", lambda order: order["provider"]["locations"][0]["id"].count("-") == 4),
        CONFIRMS,
    ),
    _refuses("bare_items", _order("confirm", lambda order: "location_ids" not in order["items"][0]), CONFIRMS),
    _refuses("signature_spaces", lambda one: '", ' in one.authorization, SPELT),
    _refuses("signature_order", lambda one: one.authorization.startswith("Signature signature"), SPELT),
    _refuses("signature_unquoted", lambda one: 'created="' not in one.authorization, SPELT),
    _refuses("signature_more", lambda one: "opaque" in one.authorization, SPELT),
    _refuses("signature_misprint", lambda one: "(created)(expires)" in one.authorization, SPELT),
    _refuses("other_digest", lambda one: "Digest" in one.headers, SPELT),
    _refuses("by_gateway", lambda one: "X-Gateway-Authorization" in one.headers, SPELT),
    _refuses("by_old_gateway", lambda one: one.headers.get("Proxy-Authorization", "").startswith("Sig"), SPELT),
    _refuses("by_proxy", lambda one: one.headers.get("Proxy-Authorization", "").startswith("Basic"), SPELT),
    Planted(
        name="one message_id for confirm and update",
        check="takes_update_reuses_confirm",
        seller=DedupesByMessageId(callbacks=False),
        scenario=AGAIN,
        patience=0.5,
    ),
    Planted(
        name="one message_id for on_update and update",
        check="takes_update_reuses_on_update",
        seller=DedupesByMessageId(callbacks=True),
        scenario="reused_message_id",
        patience=0.5,
    ),
)


# Repetition and order


class RefusesAgain(Honest):
    """Refuses a confirm that comes again."""

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """NACK to the same message."""
        again = story.requests.count(incoming.document) > 1 and incoming.action == "confirm"
        return Reply(200, nack("30000")) if again else incoming


class AnswersAnew(Honest):
    """Makes another order of a confirm that comes again."""

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """The second on_confirm has another fulfillment."""
        again = sum(one["context"]["action"] == "on_confirm" for one in story.callbacks) > 1
        if document["context"]["action"] == "on_confirm" and again:
            document["message"]["order"]["fulfillments"][0]["id"] = "F-2"
        return [Outgoing(document)]


class TakesOtherBodies(Honest):
    """Takes a confirm under ids that it has taken; ``older``: only one that is older than the first."""

    def __init__(self, *, older: bool) -> None:
        self._older = older

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """ACK to those."""
        if incoming.action != "confirm":
            return incoming
        context = incoming.document["context"]
        first = next(one for one in story.requests if one["context"]["message_id"] == context["message_id"])
        older = context["timestamp"] < first["context"]["timestamp"]
        other = first != incoming.document and older == self._older
        return Reply(200, ack()) if other else incoming


def _conflict(_: Json, reply: Reply) -> bool:
    return bool(reply.document.get("error", {}).get("code") == "30022")


class AcksInAnotherTransaction(Honest):
    """Acknowledges an init or confirm of a transaction in which nothing was selected, and says nothing more."""

    def __init__(self, action: str) -> None:
        self._action = action

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """ACK to those."""
        transaction = incoming.document["context"].get("transaction_id")
        known = any(
            one["context"].get("transaction_id") == transaction and one["context"]["action"] == "select"
            for one in story.requests
        )
        return Reply(200, ack()) if incoming.action == self._action and not known else incoming


def _early(probe: str, seller: Honest) -> Planted:
    return Planted(name=f"silent at {probe}", check=f"refuses_{probe}", seller=seller, scenario=UNTIMELY)


REPETITION: tuple[Planted, ...] = (
    Planted(name="refuses a confirm again", check="repetition_acked", seller=RefusesAgain(), scenario=AGAIN),
    Planted(name="another order again", check="repetition_answer", seller=AnswersAnew(), scenario=AGAIN),
    Planted(
        name="refunds twice",
        check="repetition_effect",
        seller=Changes("on_status", says("message.order.quote.price.value", "-99.00")),
        scenario=AGAIN,
    ),
    Planted(
        name="takes another body",
        check="refuses_same_ids_other_body",
        seller=TakesOtherBodies(older=False),
        scenario=AGAIN,
    ),
    Planted(
        name="takes an older body", check="refuses_older_same_ids", seller=TakesOtherBodies(older=True), scenario=AGAIN
    ),
    _answered("conflict under another code", "conflict_code", _error(code="31002"), _conflict, AGAIN),
    _early("init_without_select", AcksInAnotherTransaction("init")),
    _early("confirm_without_init", AcksInAnotherTransaction("confirm")),
    _early("status_of_no_order", Acks(lambda one: one.action == "status")),
    _early("cancel_before_confirm", Acks(lambda one: one.action == "cancel")),
)


# Delivery


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


ACKED = orjson.dumps(ack())
NOT_TAKEN = "callbacks_not_taken"

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
    Planted(name="one at a time", check="slow_buyer", seller=OneAtATime(), scenario="slow_buyer", budget=0.4),
    Planted(
        name="departure told after arrival",
        check="news_in_order",
        seller=Sends(in_state("In-Transit"), delay=0.8),
        scenario="order_of_news",
    ),
)

PLANTED: tuple[Planted, ...] = (
    *ANSWERS,
    *SIGNATURES,
    *REFUSALS,
    *PASSED_OVER,
    *SPELLINGS,
    *REPETITION,
    *DELIVERY,
)

"""The network's door: a request's exact bytes become a trusted, typed message, are executed once, and acknowledged.

``take_in`` reads as the journey of one message. Every refusal leaves through ``refused``, which maps it to its NACK
and has the audit row written. The ACK is written to the socket before the callback is released (ADR 2).
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from urllib.parse import urlsplit

import orjson
import structlog
from aiohttp import web

from beckn_schemas.ack import ack, nack
from bpp.actions.execute import ACTIONS, Received, execute_once
from bpp.context import APP_CONTEXT, AppContext
from bpp.errors import BodyTooLarge, InvalidSignature, MethodNotAllowed, ProtocolError, Unavailable, UnsupportedMedia
from bpp.inbound.audit import STRANGERS, StrangersBudget, audit
from bpp.inbound.authenticate import Sender, authenticate, challenge_headers
from bpp.inbound.decode import decode
from bpp.inbound.envelope import check_identity, read_json
from bpp.logs import also_bound, bound, new_request_id, peers_id
from signing.signature import digest

log = structlog.get_logger(__name__)
JSON = "application/json"
RETRY_AFTER = {"Retry-After": "1"}
NOBODY_LISTENS = 400  # the status of an answer that cannot arrive


class HungUp(Exception):
    """The sender closed the connection before its message was whole; nobody is there to be told anything."""


async def receive(request: web.Request) -> web.StreamResponse:
    """Take in one message, and time it."""
    context = request.app[APP_CONTEXT]
    now = asyncio.get_running_loop().time
    began = now()
    action = request.match_info["action"]
    with bound(request_id=new_request_id(), action=action):
        try:
            return await take_in(request, context)
        finally:
            context.metrics.seconds.labels(action).observe(now() - began)


async def take_in(request: web.Request, context: AppContext) -> web.StreamResponse:
    """One message: bytes, sender, identity, type, effect, ACK, release."""
    action = request.match_info["action"]
    began = context.clock()
    body = b""
    strangers: StrangersBudget | None = request.app[STRANGERS]  # until a signature has held
    try:
        body = await read_body(request, context.settings.max_body)
        sender = await authenticate(
            request.headers,
            body,
            keyring=context.keyring,
            now=context.clock(),
            skew=context.settings.clock_skew,
            action=action,
            require_gateway=context.settings.require_gateway,
        )
        strangers = None
        payload = read_json(body)
        check_identity(payload, sender, action, context.settings.subscriber_id)
        said = payload["context"]
        also_bound(
            subscriber=sender.subscriber_id,
            transaction_id=peers_id(said.get("transaction_id")),
            message_id=peers_id(said.get("message_id")),
        )
        message = decode(action, payload, context.worlds.dialects.of(sender.subscriber_id))
        note_foreign_host(message.context.bap_uri, sender, context)
        received = Received(request=message, body=body, digest=digest(body), signature=sender.signature)
        handed = context.clock()
        executed = await execute_once(received, context.storage, context.worlds, context.policy)
    except HungUp:
        log.debug("sender_hung_up")
        return web.Response(status=NOBODY_LISTENS)
    except ProtocolError as refusal:
        return await refused(refusal, action, body, context, strangers)
    except Exception:
        log.exception("message_failed")
        return await refused(Unavailable("internal error, please retry"), action, body, context, strangers)
    for one in executed.shown:
        context.metrics.dialects.labels(sender.subscriber_id, one.trait, one.value).inc()
    if context.traces is not None:
        context.traces.taken(received.exchange, began, handed, context.clock(), again=executed.again)
    also_bound(order_ref=executed.order_ref)
    log.info("message_acknowledged")
    return await acknowledged(request, action, executed.callback_seq, context)


async def acknowledged(request: web.Request, action: str, seq: int | None, context: AppContext) -> web.StreamResponse:
    """Write the ACK out, then let the callback go: it must not overtake its ACK."""
    context.metrics.messages.labels(action, "ACK").inc()
    response = web.Response(body=orjson.dumps(ack()), content_type=JSON)
    try:
        await response.prepare(request)
        await response.write_eof()
    finally:
        context.release(seq)
    return response


async def refused(
    refusal: ProtocolError, action: str, body: bytes, context: AppContext, strangers: StrangersBudget | None
) -> web.Response:
    """The NACK of a refusal, and its row in the audit log; nothing else has been stored."""
    answer = orjson.dumps(nack(refusal.code, refusal.message, refusal.path))
    headers: dict[str, str] = {}
    if isinstance(refusal, InvalidSignature):
        headers |= challenge_headers(refusal, context.settings.subscriber_id)
    if refusal.http_status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers |= RETRY_AFTER
    if refusal.http_status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = "POST"
    known = action if action in ACTIONS else "other"
    context.metrics.messages.labels(known, f"NACK {refusal.code}").inc()
    log.info("message_refused", code=refusal.code, path=refusal.path, reason=refusal.reason)
    await audit(refusal, action=action, body=body, answer=answer, context=context, strangers=strangers)
    return web.Response(status=refusal.http_status, body=answer, content_type=JSON, headers=headers)


async def read_body(request: web.Request, limit: int) -> bytes:
    """The exact bytes. Raises for another method, a compressed or foreign body, and one longer than ``limit``.

    Raises HungUp where the connection ended before the body did.
    """
    if request.method != "POST":
        raise MethodNotAllowed("POST is expected")
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMedia("an uncompressed body is expected")
    if request.content_type != JSON:
        raise UnsupportedMedia("Content-Type application/json is expected")
    if request.content_length is not None and request.content_length > limit:
        raise BodyTooLarge(f"at most {limit} bytes are expected")
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as problem:
        raise BodyTooLarge(f"at most {limit} bytes are expected") from problem
    except OSError as problem:
        raise HungUp from problem


def note_foreign_host(bap_uri: str, sender: Sender, context: AppContext) -> None:
    """A bap_uri of another host than the registry's is allowed, counted and logged (decision 9)."""
    known = {urlsplit(url).hostname for url in sender.subscriber_urls}
    if known and urlsplit(bap_uri).hostname not in known:
        context.metrics.foreign_hosts.inc()
        log.warning("foreign_callback_host", subscriber_id=sender.subscriber_id)


def add_routes(app: web.Application, base_path: str) -> None:
    """Every action under the path of our subscriber URI, any method, so that refusals are ours to word."""
    app[STRANGERS] = StrangersBudget()
    names = "|".join(ACTIONS)
    app.router.add_route("*", f"{base_path}/{{action:{names}}}", receive)

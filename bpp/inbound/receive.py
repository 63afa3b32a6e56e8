"""The network's door: a request's exact bytes become a trusted, typed message, are executed once, and acknowledged.

``receive`` reads as the journey of one message. Every refusal leaves through ``refused``, which maps it to its NACK
and writes the audit row. The ACK is written to the socket before the callback is released (ADR 2).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog
from aiohttp import web

from beckn_schemas.ack import ack, nack
from bpp.actions.execute import ACTIONS, Received, execute_once
from bpp.context import APP_CONTEXT, AppContext
from bpp.domains.dialect import Dialect
from bpp.errors import BodyTooLarge, InvalidSignature, MethodNotAllowed, ProtocolError, Unavailable, UnsupportedMedia
from bpp.inbound.authenticate import Sender, authenticate, challenge_headers
from bpp.inbound.decode import decode
from bpp.inbound.envelope import check_identity, read_json
from bpp.storage.ports import LogEntry
from signing.signature import digest

log = structlog.get_logger(__name__)
JSON = "application/json"
RETRY_AFTER = {"Retry-After": "1"}
MAX_ID = 255  # of what an unauthenticated message may leave in the audit log


async def receive(request: web.Request) -> web.StreamResponse:
    """Take in one message: bytes, sender, identity, type, effect, ACK, release."""
    context = request.app[APP_CONTEXT]
    action = request.match_info["action"]
    body = b""
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
        payload = read_json(body)
        check_identity(payload, sender, action, context.settings.subscriber_id)
        message = decode(action, payload, dialect_of(sender, context))
        note_foreign_host(message.context.bap_uri, sender, context)
        received = Received(request=message, body=body, digest=digest(body), signature=sender.signature)
        seq = await execute_once(received, context.storage, context.worlds, context.policy)
    except ProtocolError as refusal:
        return await refused(refusal, action, body, context)
    except Exception:
        log.exception("message_failed", action=action)
        return await refused(Unavailable("internal error, please retry"), action, body, context)
    return await acknowledged(request, action, seq, context)


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


async def refused(refusal: ProtocolError, action: str, body: bytes, context: AppContext) -> web.Response:
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
    log.info("message_refused", action=known, code=refusal.code, path=refusal.path, reason=refusal.reason)
    await audit(refusal, action, body, answer, context)
    return web.Response(status=refusal.http_status, body=answer, content_type=JSON, headers=headers)


async def audit(refusal: ProtocolError, action: str, body: bytes, answer: bytes, context: AppContext) -> None:
    """One row for a refused message. Where the database itself is the trouble, the log above has to do."""
    ids = _claimed_ids(body)
    entry = LogEntry(
        at=context.clock(),
        direction="in",
        peer=ids.get("bap_id", ""),
        action=action[:MAX_ID],
        transaction_id=ids.get("transaction_id", ""),
        message_id=ids.get("message_id", ""),
        body=body,
        answer=answer,
        http_status=refusal.http_status,
        outcome=f"NACK {refusal.code}",
        reason=refusal.reason or refusal.path,
    )
    try:
        await context.storage.run(lambda work: work.messages.log(entry))
    except Unavailable:
        log.warning("refusal_not_recorded", code=refusal.code)


async def read_body(request: web.Request, limit: int) -> bytes:
    """The exact bytes. Raises for another method, a compressed or foreign body, and one longer than ``limit``."""
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


def dialect_of(sender: Sender, context: AppContext) -> Dialect:
    """How a peer spells categories, by its settings (decision 22)."""
    hexadecimal = sender.subscriber_id in context.settings.hex_category_peers
    return Dialect(
        category_form="hex" if hexadecimal else "decimal",
        cancelled_by_seller=context.settings.cancelled_by_seller,
    )


def note_foreign_host(bap_uri: str, sender: Sender, context: AppContext) -> None:
    """A bap_uri of another host than the registry's is allowed, counted and logged (decision 9)."""
    known = {urlsplit(url).hostname for url in sender.subscriber_urls}
    if known and urlsplit(bap_uri).hostname not in known:
        context.metrics.foreign_hosts.inc()
        log.warning("foreign_callback_host", subscriber_id=sender.subscriber_id)


def _claimed_ids(body: bytes) -> dict[str, str]:
    """What a refused message says of itself, as far as it can be read; believed by nobody."""
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    claimed = found.get("context") if isinstance(found, dict) else None
    if not isinstance(claimed, dict):
        return {}
    names = ("bap_id", "transaction_id", "message_id")
    return {name: text[:MAX_ID].replace("\x00", "") for name in names if isinstance(text := claimed.get(name), str)}


def add_routes(app: web.Application, base_path: str) -> None:
    """Every action under the path of our subscriber URI, any method, so that refusals are ours to word."""
    names = "|".join(ACTIONS)
    app.router.add_route("*", f"{base_path}/{{action:{names}}}", receive)

"""The network's door: a request's exact bytes become a trusted, typed message, are executed once, and acknowledged.

``take_in`` reads as the journey of one message. Every refusal leaves through ``refused``, which maps it to its NACK
and has the audit row written. The ACK is written to the socket before the callback is released (ADR 2). What there is
no room for is sent back before its signature is looked at (ADR 43).
"""

from __future__ import annotations

import asyncio
import math
import random
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

import orjson
import structlog
from aiohttp import web

from beckn_schemas.ack import ack, nack
from beckn_schemas.nulls import says_null
from beckn_schemas.rsf_codes import FROM_AGENCY, RSF_RECEIVED
from bpp.actions.execute import ACTIONS, Received, execute_once
from bpp.bounded import TokenBucket
from bpp.context import APP_CONTEXT, AppContext
from bpp.errors import (
    BodyTooLarge,
    InvalidSignature,
    MalformedRequest,
    MethodNotAllowed,
    ProtocolError,
    TooManyRequests,
    Unavailable,
    UnsupportedMedia,
)
from bpp.inbound.admission import ADMISSION, Admission, Gate
from bpp.inbound.audit import audit
from bpp.inbound.authenticate import AGENCIES, AUTHORIZATION, BUYERS, Sender, authenticate, challenge_headers
from bpp.inbound.decode import decode
from bpp.inbound.envelope import Signer, check_identity, read_json
from bpp.logs import also_bound, bound, new_request_id, peers_id
from bpp.settings import Settings
from bpp.settlement.errors import in_settlement

log = structlog.get_logger(__name__)
JSON = "application/json"
LEAST_WAIT = 1.0  # seconds after which to ask again where nothing better is known
NOBODY_LISTENS = 400  # the status of an answer that cannot arrive


class HungUp(Exception):
    """The sender closed the connection, or was too slow, before its message was whole: there is nobody to be told."""


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
    admission = request.app[ADMISSION]
    began = context.clock()
    body = b""
    strangers: TokenBucket | None = admission.strangers  # until a signature has held
    try:
        admission.check(context.storage.waiting())
        body = await read_body(request, context.settings, admission.bodies)
        with admission.messages:
            sender = await identified(request, body, action, context, admission)
            strangers = None
            charge(sender, context, admission)
            payload = read_json(body)
            signer: Signer = "bpp_id" if action in FROM_AGENCY else "bap_id"
            check_identity(payload, sender, action, context.settings.subscriber_id, signer=signer)
            said = payload["context"]
            also_bound(
                subscriber=sender.subscriber_id,
                transaction_id=peers_id(said.get("transaction_id")),
                message_id=peers_id(said.get("message_id")),
            )
            dialect = context.worlds.dialects.of(sender.subscriber_id)
            message = decode(action, payload, dialect, nulls=says_null(body))
            note_foreign_host(message.sender_uri, sender, context, admission.notices_of_hosts)
            received = Received(request=message, body=body, digest=sender.digest, signature=sender.signature)
            handed = context.clock()
            executed = await execute_once(received, context.storage, context.worlds, context.policy)
    except HungUp:
        log.debug("sender_hung_up")
        return web.Response(status=NOBODY_LISTENS)
    except ProtocolError as refusal:
        if refusal.wait is not None:
            return turned_away(refusal, action, context, admission)
        return await refused(refusal, action, body, context, strangers)
    except Exception:
        log.exception("message_failed")
        return await refused(Unavailable("internal error, please retry"), action, body, context, strangers)
    for one in executed.shown:
        peer = context.metrics.peers.of(sender.subscriber_id)
        context.metrics.dialects.labels(peer, one.trait, one.value).inc()
    if context.traces is not None:
        context.traces.taken(received.exchange, began, handed, context.clock(), again=executed.again)
    also_bound(order_ref=executed.order_ref)
    log.info("message_acknowledged")
    return await acknowledged(request, action, executed.callback_seq, context)


async def identified(
    request: web.Request, body: bytes, action: str, context: AppContext, admission: Admission
) -> Sender:
    """Whose signature holds; from where too many did not hold, none is looked at."""
    now = context.clock()
    address, header = admission.address(request), request.headers.get(AUTHORIZATION, "")
    admission.suspects.check(address, header, now)
    try:
        return await authenticate(
            request.headers,
            body,
            keyring=context.keyring,
            now=now,
            skew=context.settings.clock_skew,
            action=action,
            require_gateway=context.settings.require_gateway,
            roles=AGENCIES if action in FROM_AGENCY else BUYERS,
        )
    except InvalidSignature:
        admission.suspects.failed(address, header, now)
        raise


def charge(sender: Sender, context: AppContext, admission: Admission) -> None:
    """One message off the share of a sender whose signature held. Raises ``TooManyRequests``."""
    try:
        admission.shares.charge(sender.subscriber_id, context.clock())
    except TooManyRequests:
        context.metrics.rate_limited.labels(context.metrics.peers.of(sender.subscriber_id)).inc()
        raise


async def acknowledged(request: web.Request, action: str, seq: int | None, context: AppContext) -> web.StreamResponse:
    """Write the ACK out, then let the callback go: it must not overtake its ACK."""
    context.metrics.messages.labels(action, "ACK").inc()
    response = web.Response(body=orjson.dumps(ack()), content_type=JSON)
    try:
        await response.prepare(request)
        await response.write_eof()
    except ConnectionError:  # the message is taken in all the same; whoever sent it will ask again
        log.debug("sender_hung_up", action=action)
    finally:
        if seq is not None:
            context.release(seq)
    return response


async def refused(
    refusal: ProtocolError, action: str, body: bytes, context: AppContext, strangers: TokenBucket | None
) -> web.Response:
    """The NACK of a refusal, and its row in the audit log; nothing else has been stored."""
    refusal = in_settlement(refusal) if action in RSF_RECEIVED else refusal
    response = negative(refusal, action, context)
    answer = response.body
    assert isinstance(answer, bytes)  # noqa: S101  ours
    if await audit(refusal, action=action, body=body, answer=answer, context=context, strangers=strangers):
        log.info("message_refused", action=action, code=refusal.code, path=refusal.path, reason=refusal.reason)
    return response


def turned_away(refusal: ProtocolError, action: str, context: AppContext, admission: Admission) -> web.Response:
    """The NACK of a message for which nothing was done: counted, not recorded, and in the log now and then."""
    context.metrics.turned_away.labels(refusal.reason).inc()
    if admission.notices.spend(context.clock()):
        log.warning("messages_turned_away", limit=refusal.reason)
    return negative(refusal, action, context)


def negative(refusal: ProtocolError, action: str, context: AppContext) -> web.Response:
    """The NACK of a refusal."""
    answer = orjson.dumps(nack(refusal.code, refusal.message, refusal.path))
    headers: dict[str, str] = {}
    if isinstance(refusal, InvalidSignature):
        headers |= challenge_headers(refusal, context.settings.subscriber_id)
    if isinstance(refusal, Unavailable):
        headers["Retry-After"] = retry_after(refusal.wait or LEAST_WAIT)
    if refusal.http_status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = "POST"
    context.metrics.messages.labels(action, f"NACK {refusal.code}").inc()
    return web.Response(status=refusal.http_status, body=answer, content_type=JSON, headers=headers)


def retry_after(wait: float) -> str:
    """Whole seconds between a wait and twice that, at least one: whoever is sent back together comes back apart."""
    spread = 1 + random.random()  # noqa: S311  spreads tries, guards nothing
    return str(max(1, math.ceil(wait * spread)))


async def read_body(
    request: web.Request, settings: Settings, slow: Gate, *, limit: int | None = None, media: str = JSON
) -> bytes:
    """The exact bytes. Raises for another method, a compressed or foreign body, one that is too long or takes too long.

    A body that did not come with its headers takes a place among the ``slow`` ones. ``limit`` in bytes is that of the
    settings unless it is given. Raises HungUp where the connection ended before the body did.
    """
    source = request if limit is None else request.clone(client_max_size=limit)
    limit = limit or settings.max_body
    if request.method != "POST":
        raise MethodNotAllowed("POST is expected")
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMedia("an uncompressed body is expected")
    if request.content_type != media:
        raise UnsupportedMedia(f"Content-Type {media} is expected")
    if request.content_length is not None and request.content_length > limit:
        raise BodyTooLarge(f"at most {limit} bytes are expected")
    try:
        if source.content.is_eof():
            return await source.read()
        with slow:
            async with asyncio.timeout(settings.body_timeout.total_seconds()):
                return await source.read()
    except TimeoutError as problem:
        raise MalformedRequest("the whole body without delay is expected", reason="slow_body") from problem
    except web.HTTPRequestEntityTooLarge as problem:
        raise BodyTooLarge(f"at most {limit} bytes are expected") from problem
    except OSError as problem:  # a TimeoutError is one
        raise HungUp from problem


def note_foreign_host(uri: str, sender: Sender, context: AppContext, notices: TokenBucket) -> None:
    """An address of another host than the registry's is allowed, counted, and now and then logged (decision 9)."""
    known = {host_of(url) for url in sender.subscriber_urls}
    if known and host_of(uri) not in known:
        context.metrics.foreign_hosts.inc()
        if notices.spend(context.clock()):
            log.warning("foreign_callback_host", subscriber_id=sender.subscriber_id)


@lru_cache(maxsize=1_000)  # peers are few, and say the same of themselves each time
def host_of(url: str) -> str | None:
    """The host that a URL names."""
    return urlsplit(url).hostname


def add_routes(app: web.Application, base_path: str, admission: Admission) -> None:
    """Every action under the path of our subscriber URI, any method, so that refusals are ours to word."""
    app[ADMISSION] = admission
    names = "|".join(ACTIONS)
    app.router.add_route("*", f"{base_path}/{{action:{names}}}", receive, name="network")

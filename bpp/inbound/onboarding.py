"""What the registry asks of us: the on_subscribe challenge and the site verification page.

Source: security.md 4; decision 10 (the page is served at the host's root and under the subscriber path).
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

import orjson
import structlog
from aiohttp import web

from beckn_schemas.ack import nack
from bpp.context import APP_CONTEXT
from bpp.errors import MalformedRequest, ProtocolError
from bpp.inbound.admission import ADMISSION
from bpp.inbound.audit import audit
from bpp.inbound.envelope import read_json
from bpp.inbound.receive import JSON, NOBODY_LISTENS, HungUp, read_body
from signing.challenge import answer_challenge, site_verification_html
from signing.errors import ChallengeError

log = structlog.get_logger(__name__)
PAGE = "ondc-site-verification.html"
MAX_BODY = 4096
ONE_FOR_ALL = "the challenge cannot be answered"
MINUTE = timedelta(minutes=1)
PER_MINUTE = 30


class ChallengeBudget:
    """The endpoint decrypts for strangers, so it answers only so many questions a minute."""

    def __init__(self) -> None:
        """None asked yet."""
        self._asked: deque[datetime] = deque()

    def spend(self, now: datetime) -> bool:
        """Whether one more may be answered now."""
        while self._asked and now - self._asked[0] >= MINUTE:
            self._asked.popleft()
        if len(self._asked) >= PER_MINUTE:
            return False
        self._asked.append(now)
        return True


BUDGET = web.AppKey("BUDGET", ChallengeBudget)


async def on_subscribe(request: web.Request) -> web.Response:
    """Answer ``{"answer": plaintext}``; one uniform refusal for whatever is wrong, without detail (security.md 4.4)."""
    context = request.app[APP_CONTEXT]
    body = b""
    try:
        body = await read_body(request, context.settings, request.app[ADMISSION].bodies, limit=MAX_BODY)
        payload = read_json(body)
        if payload.get("subscriber_id") != context.settings.subscriber_id:
            raise MalformedRequest(ONE_FOR_ALL, reason="another subscriber")
        if not request.app[BUDGET].spend(context.clock()):
            raise MalformedRequest(ONE_FOR_ALL, reason="too many challenges")
        keys = context.keys.current()
        answer = answer_challenge(payload.get("challenge"), keys.encryption_keys, keys.registry_encryption_keys)
    except HungUp:
        log.debug("sender_hung_up", action="on_subscribe")
        return web.Response(status=NOBODY_LISTENS)
    except (ProtocolError, ChallengeError) as problem:
        log.warning("challenge_refused", reason=str(problem))
        return await _refused(request, body)
    log.info("challenge_answered")
    return web.Response(body=orjson.dumps({"answer": answer}), content_type=JSON)


async def site_verification(request: web.Request) -> web.Response:
    """The page with the signed request id of the next /subscribe: during a rotation that of the coming pair."""
    announced = request.app[APP_CONTEXT].keys.current().announced
    page = site_verification_html(announced.request_id, announced.signing_key)
    return web.Response(text=page, content_type="text/html")


def add_onboarding_routes(app: web.Application, base_path: str) -> None:
    """At the host's root and under the subscriber path."""
    app[BUDGET] = ChallengeBudget()
    for prefix in dict.fromkeys(("", base_path)):
        app.router.add_route("*", f"{prefix}/on_subscribe", on_subscribe)
        app.router.add_get(f"{prefix}/{PAGE}", site_verification)


async def _refused(request: web.Request, body: bytes) -> web.Response:
    context, strangers = request.app[APP_CONTEXT], request.app[ADMISSION].strangers
    refusal = MalformedRequest(ONE_FOR_ALL)
    answer = orjson.dumps(nack(refusal.code, refusal.message))
    await audit(refusal, action="on_subscribe", body=body, answer=answer, context=context, strangers=strangers)
    return web.Response(status=400, body=answer, content_type=JSON)

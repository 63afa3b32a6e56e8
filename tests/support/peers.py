"""A seller app that we do not own: it acknowledges and answers what a test told it to, over real sockets."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import aiohttp
import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from beckn_schemas.ack import ack
from bpp.sandbox.identities import BPP, Participant
from signing.signature import sign
from tests.support import callback_builders as callbacks

Json = dict[str, Any]
Reply = Callable[[Json], Json]


@dataclass(frozen=True, kw_only=True)
class Received:
    """A request as it came."""

    action: str
    body: bytes
    headers: Mapping[str, str]
    document: Json


@dataclass(kw_only=True)
class FakeSeller:
    """Answers an action by ``replies`` (a function from the request's JSON to a callback's message or whole body).

    An action without a reply is acknowledged and nothing follows. ``answers`` replaces the ACK by (status, body).
    ``clock`` dates its signatures.
    """

    participant: Participant = BPP
    replies: dict[str, Reply] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    received: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_post("/{action:[a-z_]+}", self._take)
        self._server = TestServer(app)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        return self

    async def __aexit__(self, *problem: object) -> None:
        assert self._session is not None
        await self._session.close()
        await self._server.close()

    @property
    def url(self) -> str:
        return str(self._server.make_url("")).rstrip("/")

    def document(self, action: str, message: Json, to: Json, **context: Any) -> Json:
        """A callback that answers the request whose context is ``to``; ``context`` replaces keys."""
        made = to | {
            "action": action,
            "bpp_id": self.participant.subscriber_id,
            "bpp_uri": self.url,
            "timestamp": self.clock().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        return {"context": made | context, "message": message}

    async def call(self, url: str, document: Any, **headers: str) -> tuple[int, Json]:
        """Sign and post; status and JSON of the answer."""
        body = document if isinstance(document, bytes) else orjson.dumps(document)
        signature = sign(body, self.participant.key, self.participant.key_id, self.clock())
        fields = {"Content-Type": "application/json", "Authorization": signature} | headers
        assert self._session is not None
        async with self._session.post(url, data=body, headers=fields) as response:
            text = await response.read()
            return response.status, orjson.loads(text) if text else {}

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        action = request.match_info["action"]
        document = orjson.loads(body)
        self.received.append(Received(action=action, body=body, headers=request.headers.copy(), document=document))
        status, answer = self.answers.get(action, (200, orjson.dumps(ack())))
        response = web.Response(status=status, body=answer, content_type="application/json")
        response.force_close()
        await response.prepare(request)
        await response.write_eof()
        if action in self.replies and status == 200:
            reply = self.replies[action](document)
            whole = {"message": reply} if "message" not in reply else reply
            context = document["context"]
            sent = self.document(f"on_{action}", whole["message"], context)
            if "error" in whole:
                sent["error"] = whole["error"]
            await self.call(f"{context['bap_uri'].rstrip('/')}/on_{action}", sent)
        return response


def canned(name: str, *, days_ahead: int = 1) -> Reply:
    """One of the hand-built callbacks, with the order id of the request and starts in the future."""

    def reply(request: Json) -> Json:
        built = copy.deepcopy(callbacks.VALID[name]())
        order = built["message"].get("order", {})
        wanted = request["message"].get("order", {}).get("id") or request["message"].get("order_id")
        if wanted and "id" in order:
            order["id"] = wanted
        for provider in built["message"].get("catalog", {}).get("providers", []):
            for item in provider["items"]:
                if "time" in item:
                    item["time"]["schedule"]["times"] = starts(days_ahead)
        return {key: built[key] for key in ("message", "error") if key in built}

    return reply


def starts(days_ahead: int, count: int = 3) -> list[str]:
    """The next full hours some days from now."""
    first = (datetime.now(UTC) + timedelta(days=days_ahead)).replace(minute=0, second=0, microsecond=0)
    moments = (first + timedelta(hours=number) for number in range(count))
    return [one.isoformat(timespec="milliseconds").replace("+00:00", "Z") for one in moments]


def whole_booking() -> dict[str, Reply]:
    """Replies for every action of a booking that goes well."""
    names = {
        "search": "on_search",
        "select": "on_select",
        "init": "on_init",
        "confirm": "on_confirm",
        "status": "on_status_in_transit",
        "cancel": "on_cancel",
        "rating": "on_rating",
        "support": "on_support",
        "track": "on_track",
    }
    return {action: canned(name) for action, name in names.items()}

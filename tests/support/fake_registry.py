"""Registries that we do not own: one in memory for the keyring's tests, one behind a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Self

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from beckn_schemas.registry import Subscriber
from bpp.network.registry import RegistryUnavailable
from signing.errors import SignatureError
from signing.header import SignatureHeader
from signing.keys import SigningKey, encode_public_key
from signing.signature import verify


def a_record(
    subscriber_id: str = "buyer.example.in",
    unique_key_id: str = "k1",
    *,
    key: SigningKey,
    role: str = "BAP",
    **changes: Any,
) -> dict[str, Any]:
    """A registry record as /v2.0/lookup spells it."""
    return {
        "subscriber_id": subscriber_id,
        "ukId": unique_key_id,
        "br_id": unique_key_id,
        "type": role,
        "status": "SUBSCRIBED",
        "domain": "ONDC:SRV11",
        "country": "IND",
        "city": "std:0522",
        "subscriber_url": f"https://{subscriber_id}/ondc",
        "signing_public_key": encode_public_key(key),
        "encr_public_key": "",
        "valid_from": "2025-01-01T00:00:00.000Z",
        "valid_until": "2035-01-01T00:00:00.000Z",
    } | changes


class FakeRegistry:
    """Records in memory. ``down`` makes it unavailable; ``hold`` keeps look-ups waiting until ``release``."""

    def __init__(self, *records: Mapping[str, Any]) -> None:
        self.records = [*records]
        self.lookups: list[tuple[str, str]] = []
        self.down = False
        self._version = 0
        self._open = asyncio.Event()
        self._open.set()

    def version(self) -> int:
        return self._version

    def change(self, *records: Mapping[str, Any]) -> None:
        """Like a changed file: all earlier answers are void."""
        self.records = [*records]
        self._version += 1

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    async def lookup(self, subscriber_id: str, unique_key_id: str) -> tuple[Subscriber, ...]:
        self.lookups.append((subscriber_id, unique_key_id))
        await self._open.wait()
        if self.down:
            raise RegistryUnavailable("scripted outage")
        parsed = [Subscriber.model_validate(record) for record in self.records]
        return tuple(r for r in parsed if (r.subscriber_id, r.unique_key_id) == (subscriber_id, unique_key_id))


class RegistryServer:
    """A registry on a loopback port: checks the caller's signature, then answers as scripted.

    ``answer`` (status, body, seconds to wait) replaces the truth. ``ignores_key_filter`` answers with every key of the
    subscriber, as a registry does that spells the filter otherwise.
    """

    def __init__(self, *records: Mapping[str, Any], caller_public_key: bytes) -> None:
        self.records = [*records]
        self.requests: list[dict[str, Any]] = []
        self.answer: tuple[int, bytes, float] | None = None
        self.ignores_key_filter = False
        self._caller = caller_public_key
        app = web.Application()
        app.router.add_post("/v2.0/lookup", self._lookup)
        self._server = TestServer(app)

    @property
    def url(self) -> str:
        return str(self._server.make_url("/"))

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._server.close()

    async def _lookup(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            verify(SignatureHeader.parse(request.headers.get("Authorization", "")), body, self._caller)
        except SignatureError:
            return web.json_response({"message": {"ack": {"status": "NACK"}}, "error": {"code": "1015"}}, status=401)
        query = orjson.loads(body)
        self.requests.append(query)
        if self.answer is not None:
            status, text, wait = self.answer
            await asyncio.sleep(wait)
            return web.Response(status=status, body=text, headers={"Location": "/elsewhere"} if status == 302 else {})
        fields = ["subscriber_id"] if self.ignores_key_filter else ["subscriber_id", "ukId"]
        return web.json_response([r for r in self.records if all(r.get(field) == query[field] for field in fields)])

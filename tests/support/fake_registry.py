"""Registries that we do not own: one in memory for the keyring's tests, one behind a real socket."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Self
from uuid import uuid4

import orjson
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from beckn_schemas.registry import Subscriber
from bpp.keys.subscribe import CHANGE_KEYS, missing
from bpp.network.registry import RegistryUnavailable
from signing.challenge import make_challenge
from signing.errors import SignatureError
from signing.header import SignatureHeader
from signing.keys import (
    EncryptionKey,
    SigningKey,
    encode_public_key,
    load_encryption_public_key,
    load_signing_public_key,
)
from signing.sandbox_keys import sandbox_encryption_key
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
        self.held: asyncio.Event | None = None
        """Nothing is answered before it."""
        self.ignores_key_filter = False
        self._caller = caller_public_key
        self.app = web.Application()
        self.app.router.add_post("/v2.0/lookup", self._lookup)
        self._server = TestServer(self.app)

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
            header = SignatureHeader.parse(request.headers.get("Authorization", ""))
            verify(header, body, self._key_of(header))
        except SignatureError:
            return web.json_response({"message": {"ack": {"status": "NACK"}}, "error": {"code": "1015"}}, status=401)
        query = orjson.loads(body)
        self.requests.append(query)
        if self.held is not None:
            await self.held.wait()
        if self.answer is not None:
            status, text, wait = self.answer
            await asyncio.sleep(wait)
            return web.Response(status=status, body=text, headers={"Location": "/elsewhere"} if status == 302 else {})
        asked = ["subscriber_id", *(["ukId"] if "ukId" in query and not self.ignores_key_filter else [])]
        return web.json_response([r for r in self.records if all(r.get(field) == query[field] for field in asked)])

    def forget_caller(self) -> None:
        """Believe only keys that the records have."""
        self._caller = bytes(32)

    def _key_of(self, header: SignatureHeader) -> bytes:
        """The key that the registry knows under a key id; the caller's as it was told, where it knows none."""
        for record in self.records:
            if (record["subscriber_id"], record["ukId"]) == (header.key_id.subscriber_id, header.key_id.unique_key_id):
                return load_signing_public_key(record["signing_public_key"])
        return self._caller


class OnboardingRegistry(RegistryServer):
    """A registry that onboards as ONDC's does: schema, whitelist, site verification page, challenge (security.md 4.1).

    ``places`` are the whitelisted subscriber ids and where each is reached. ``key`` makes challenges and may be changed.
    """

    def __init__(self, *records: Mapping[str, Any], caller_public_key: bytes) -> None:
        super().__init__(*records, caller_public_key=caller_public_key)
        self.places: dict[str, str] = {}
        self.key: EncryptionKey = sandbox_encryption_key("registry")
        self.subscribed: list[dict[str, Any]] = []
        self.publishes = True
        """Whether what has subscribed is shown by look-ups at once."""
        self.replaces = False
        """Whether a subscriber's new records take the place of the old ones, whose key is unknown then."""
        self.app.router.add_post("/subscribe", self._subscribe)

    def publish(self) -> None:
        """Show what has subscribed."""
        for message in self.subscribed:
            if self.replaces:
                self.forget_caller()
                own = message["entity"]["subscriber_id"]
                self.records = [one for one in self.records if one["subscriber_id"] != own]
            self.records += _records_of(message, self.places[message["entity"]["subscriber_id"]])
        self.subscribed.clear()

    async def _subscribe(self, request: web.Request) -> web.Response:
        payload = await request.json()
        message, operation = payload["message"], payload["context"]["operation"]["ops_no"]
        entity, pair = message["entity"], message["entity"]["key_pair"]
        if missing(entity):
            return _refused("CONTEXT-ERROR", "151", "schema")
        place = self.places.get(entity["subscriber_id"], "")
        if not place:
            return _refused("POLICY-ERROR", "132", "Subscriber Id is not whitelisted")
        known = [one for one in self.records if one["subscriber_id"] == entity["subscriber_id"]]
        challenged = known[0]["encr_public_key"] if operation == CHANGE_KEYS else pair["encryption_public_key"]
        async with ClientSession() as session:
            async with session.get(f"{place}/ondc-site-verification.html") as answer:
                page = await answer.text()
            key = VerifyKey(load_signing_public_key(pair["signing_public_key"]))
            try:
                key.verify(message["request_id"].encode(), b64decode(page.split("content='")[1].split("'")[0]))
            except BadSignatureError:
                return _refused("POLICY-ERROR", "132", "Domain verification is failed")
            plain = str(uuid4())
            body = {
                "subscriber_id": entity["subscriber_id"],
                "challenge": make_challenge(plain, self.key, load_encryption_public_key(challenged)),
            }
            async with session.post(f"{place}/on_subscribe", json=body) as answer:
                if (await answer.json()).get("answer") != plain:
                    return _refused("POLICY-ERROR", "132", "Encryption verification is failed")
        self.subscribed.append(message)
        if self.publishes:
            self.publish()
        return web.json_response({"message": {"ack": {"status": "ACK"}}, "error": {"code": None, "message": None}})


def _records_of(message: dict[str, Any], place: str) -> list[dict[str, Any]]:
    entity, pair = message["entity"], message["entity"]["key_pair"]
    return [
        {
            "subscriber_id": entity["subscriber_id"],
            "ukId": entity["unique_key_id"],
            "subscriber_url": place,
            "type": one["type"],
            "domain": one["domain"],
            "country": entity["country"],
            "city": one["city_code"],
            "signing_public_key": pair["signing_public_key"],
            "encr_public_key": pair["encryption_public_key"],
            "valid_from": pair["valid_from"],
            "valid_until": pair["valid_until"],
            "status": "SUBSCRIBED",
        }
        for one in message["network_participant"]
    ]


def _refused(kind: str, code: str, text: str) -> web.Response:
    error = {"type": kind, "code": code, "path": None, "message": text}
    return web.json_response({"message": {"ack": {"status": "NACK"}}, "error": error})

"""A seller in a process of its own, asked by strangers over bare sockets, and what holds for whatever it answers."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson

from beckn_schemas.ack import answer_faults
from bpp.sandbox.identities import BPP, BUYER, GATEWAY, SECOND_BUYER, Participant, write_registry
from signing.signature import sign
from tests.support.effects import rows
from tests.support.hostile_messages import PLANTED
from tests.support.network import OPERATOR_TOKEN
from tests.support.seeded import seeded_sqlite
from tests.support.server import ROOT, Server

TOKENS = {"token-of-an-operator": "operator", "token-of-an-accountant": "accountant", "token-of-an-officer": "officer"}
BY_ROLE = {"supervisor": OPERATOR_TOKEN, **{role: token for token, role in TOKENS.items()}}
PATIENCE = 30.0

_SECRETS = (*BY_ROLE.values(), *(base64.b64encode(one.key.seed).decode() for one in (BPP, BUYER)))
_INSIDES = re.compile(
    r"Traceback|\w\.py\b|site-packages|(?i:sqlalchemy|sqlite|asyncpg|pydantic|aiohttp|orjson)|\bSELECT\s.*\bFROM\b"
    r"|\bINSERT INTO\b|\bUNIQUE constraint|0x[0-9a-f]{8,}|<class '"
)


@dataclass(frozen=True)
class Answer:
    """What came back; a ``status`` of 0 is a connection that was closed without a word."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        code: str = self.document.get("error", {}).get("code", "")
        return code


@dataclass(frozen=True)
class Seller:
    """``url`` and ``port`` of a running server, and where its database is."""

    server: Server
    database_url: str

    def stored(self) -> dict[str, int]:
        """How many rows each table has, but for what the clock adds and the attempts to call back who does not listen."""
        found = asyncio.run(rows(self.database_url))
        return {
            name: count
            for name, count in found.items()
            if name not in {"attempts", "peers", "audit_seals", "audit_lease"}
        }

    def ask(self, data: bytes, *, patience: float = PATIENCE) -> Answer:
        """Send exactly these bytes over a connection of its own; the first answer."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=patience) as connection:
            with contextlib.suppress(ConnectionError):  # who is refused early need not be listened to
                connection.sendall(data)
            return read_answer(connection)

    def request(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """An ordinary request, with any bytes in it."""
        return self.ask(request_bytes(method, path, body, headers or {}))

    def post(self, action: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """A message with a valid signature of the buyer app."""
        return self.request("POST", f"/{action}", body, signed(body) | dict(headers or {}))


def signed(body: bytes, by: Participant = BUYER) -> dict[str, str]:
    """The headers of a message that its sender signed."""
    return {"Authorization": sign(body, by.key, by.key_id, datetime.now(UTC)), "Content-Type": "application/json"}


def request_bytes(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A request as it goes over the wire."""
    fields = {"Host": "127.0.0.1", "Content-Length": str(len(body)), "Connection": "close"} | dict(headers)
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def read_answer(connection: socket.socket) -> Answer:
    """The next answer on a connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        try:
            more = connection.recv(65536)
        except ConnectionError:
            more = b""
        if not more:
            return Answer(0, {}, data)
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", "0"))
    while len(body) < length:
        more = connection.recv(65536)
        if not more:
            break
        body += more
    return Answer(int(first.split()[1]), headers, body)


def check_answer(answer: Answer) -> None:
    """What holds for every answer: no fault of ours but being busy, no word about our insides, safe headers."""
    assert answer.status < 500 or answer.status == HTTPStatus.SERVICE_UNAVAILABLE, answer
    text = answer.body.decode() + "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    told = [*_INSIDES.findall(text), *(word for word in (PLANTED, str(ROOT), *_SECRETS) if word in text)]
    assert not told, (told, answer.status, text[:300])
    assert "server" not in answer.headers, answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "cache-control" in answer.headers


def check_network_answer(answer: Answer) -> None:
    """An answer of the network's door: an ACK or NACK as published."""
    check_answer(answer)
    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    assert not list(answer_faults(answer.document)), answer.body


@contextmanager
def running_seller(folder: Path, **more: str) -> Iterator[Seller]:
    """A server of its own on a seeded database, of little patience, with buyers that do not listen."""
    url = seeded_sqlite(folder)
    more = {
        "BPP_OPERATOR_TOKENS": orjson.dumps(TOKENS).decode(),
        "BPP_LOG_LEVEL": "warning",
        "BPP_MAX_BODY": "200000",
        "BPP_IDLE_TIMEOUT": "PT1S",
        "BPP_BODY_TIMEOUT": "PT1S",
        **more,
    }
    server = Server(url, folder, **more)
    nobody = "http://127.0.0.1:9"
    buyers = (BUYER.at(nobody), SECOND_BUYER.at(nobody), GATEWAY)
    write_registry(server.registry, (BPP.at(server.url), *buyers))
    asyncio.run(server.start())
    try:
        yield Seller(server, url)
    finally:
        server.stop()

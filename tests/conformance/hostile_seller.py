"""Sellers that do not do what sellers do: they say nothing, redirect, hang up, flood, or say what nobody can read."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from beckn_schemas.ack import nack
from bpp.conformance.seller import Deed, Done, NobodyActs
from tests.conformance.faulty_seller import ACK, Honest, Json, Outgoing, Reply, Story
from tests.support.bare_server import bare_server

NESTED: Any = []
for _ in range(600):
    NESTED = [{"list": NESTED}]

WRONG: tuple[Any, ...] = (None, [], "a text", 7, True, ["a text", {}], {"order": []}, "1e999", [[None]], NESTED)
"""What may stand where something else is expected."""

SHARE = 0.02
"""How much of a message is misshapen."""


def misshapen(document: Any, chance: random.Random, share: float) -> Any:
    """A copy in which some values, whatever they hold, are of another kind."""
    if chance.random() < share:
        return chance.choice(WRONG)
    if isinstance(document, dict):
        return {key: misshapen(value, chance, share) for key, value in document.items()}
    return [misshapen(one, chance, share) for one in document] if isinstance(document, list) else document


class Misshapes(Honest):
    """Says some of what one callback says in other shapes."""

    def __init__(self, action: str, seed: int) -> None:
        self._action, self._chance = action, random.Random(seed)

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """The callback with some values of other kinds."""
        if document["context"]["action"] != self._action:
            return [Outgoing(document)]
        said = {**document, "message": misshapen(document["message"], self._chance, SHARE)}
        return [Outgoing(said, body=json.dumps(said).encode())]  # orjson nests less deep than it reads


class Floods(Honest):
    """Sends far more than it was asked for."""

    def __init__(self, times: int) -> None:
        self._times = times

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """The callback, after many empty ones of its transaction."""
        stray = {"context": {**document["context"], "message_id": "another"}, "message": {}}
        return [Outgoing(stray)] * self._times + [Outgoing(document)]


class RefusesSearches(Honest):
    """Refuses every search."""

    def reply(self, action: str, request: Json, reply: Reply, story: Story) -> Reply:
        """NACK to a search."""
        return Reply(200, nack("30000")) if action == "search" else reply

    def pass_on(self, action: str, body: bytes, story: Story) -> bool:
        """All but searches."""
        return action != "search"


class Nobody:
    """The people of a seller where there are none."""

    async def act(self, deed: Deed) -> Done:
        """Never done."""
        raise NobodyActs("nobody is there")


def _http(status: str, body: bytes, *headers: str) -> bytes:
    fields = "".join(f"{one}\r\n" for one in (*headers, "Content-Type: application/json"))
    return f"HTTP/1.1 {status}\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body


ANSWERS: dict[str, bytes] = {
    "hangs up": b"",
    "is no web server": b"\x00\xff" * 100,
    "redirects": _http("307 Temporary Redirect", b"{}", "Location: /elsewhere"),
    "says ok alone": _http("200 OK", b"ok"),
    "says a list": _http("200 OK", b"[[]]"),
    "acknowledges and says no more": _http("200 OK", orjson.dumps(ACK)),
    "announces more than it says": _http("200 OK", orjson.dumps(ACK)).replace(b"Length: ", b"Length: 9"),
}
"""What a seller writes on each connection, before it closes it."""


@asynccontextmanager
async def writes(answer: bytes | None) -> AsyncIterator[str]:
    """The address of a seller that answers so; None: it takes the request and never answers."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 20)
        if answer is None:
            await reader.read()  # until the other side gives up
        else:
            writer.write(answer)
        writer.close()

    async with bare_server(talk) as port:
        yield f"http://127.0.0.1:{port}"

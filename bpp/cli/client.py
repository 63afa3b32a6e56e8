"""Calls to a running server: the operator API with its token, and the sandbox buyer's control API."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

import aiohttp
import typer

from bpp.cli.output import MISUSED, fail
from bpp.settings import PREFIX, Settings, load_settings
from bpp.tokens import OPERATOR_PATH, operator_token_file

TIMEOUT = aiohttp.ClientTimeout(total=60)
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104  read, never bound

Url = Annotated[str, typer.Option(help="Where the server listens; by default as the settings say.")]
Json = dict[str, Any]


class Refused(Exception):
    """An answer of 400 or more; ``document`` is what came with it."""

    def __init__(self, status: int, document: Json) -> None:
        error = document.get("error") or {}
        allowed = ", ".join(error.get("allowed") or ())
        path = f"{error['path']}: " if error.get("path") else ""
        text = f"{path}{error.get('message', 'no reason given')}"
        super().__init__(f"refused ({status}): {text}" + (f" (possible: {allowed})" if allowed else ""))
        self.document = document


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A JSON API at ``url``; ``headers`` go with every call."""

    url: str
    headers: Mapping[str, str]

    def get(self, path: str, **query: Any) -> Json:
        """Read. What is None or empty in the query is left out. Raises Refused."""
        given = {name: str(value) for name, value in query.items() if value not in (None, "")}
        return asyncio.run(self._call("GET", path, params=given))

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str = "") -> Json:
        """Do something, once: a key is made where none is given. Raises Refused."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return asyncio.run(self._call("POST", path, json=dict(body or {}), headers=headers))

    def send(self, path: str, content: bytes, media_type: str) -> Json:
        """Give a file, once. Raises Refused."""
        headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": media_type}
        return asyncio.run(self._call("POST", path, data=content, headers=headers))

    def file(self, path: str, **query: Any) -> str:
        """Read a file, as text. Raises Refused."""
        given = {name: str(value) for name, value in query.items() if value not in (None, "")}
        return asyncio.run(self._file(path, given))

    async def _file(self, path: str, query: Mapping[str, str]) -> str:
        async with (
            aiohttp.ClientSession(headers=self.headers, timeout=TIMEOUT) as session,
            session.get(f"{self.url}{path}", params=query) as response,
        ):
            if response.status >= HTTPStatus.BAD_REQUEST:
                raise Refused(response.status, await response.json(content_type=None))
            return await response.text()

    async def _call(self, method: str, path: str, **options: Any) -> Json:
        async with (
            aiohttp.ClientSession(headers=self.headers, timeout=TIMEOUT) as session,
            session.request(method, f"{self.url}{path}", **options) as response,
        ):
            try:
                document = await response.json(content_type=None)
            except ValueError:
                document = {}
            if response.status >= HTTPStatus.BAD_REQUEST:
                raise Refused(response.status, document if isinstance(document, dict) else {})
            return document if isinstance(document, dict) else {"items": document}


def operator_client(url: str) -> Client:
    """The operator API of the settings, or of a server named by ``--url``."""
    settings = load_settings(os.environ)
    base = url.rstrip("/") or f"http://{ANYWHERE.get(settings.host, settings.host)}:{settings.port}"
    return Client(url=f"{base}{OPERATOR_PATH}", headers={"Authorization": f"Bearer {token_of(settings)}"})


def buyer_client(url: str) -> Client:
    """The control API of the sandbox's buyer app."""
    settings = load_settings(os.environ)
    base = url.rstrip("/") or f"http://{ANYWHERE.get(settings.host, settings.host)}:{settings.sandbox_buyer_port}"
    return Client(url=f"{base}/api", headers={})


def token_of(settings: Settings) -> str:
    """The token of the settings, a supervisor's first; else the one that the sandbox keeps beside its database."""
    if settings.operator_token:
        return settings.operator_token
    by_role = {role: token for token, role in settings.operator_tokens.items()}
    if by_role:
        return by_role.get("supervisor") or next(iter(by_role.values()))
    path = operator_token_file(settings.database_url)
    if path.is_file():
        return path.read_text().strip()
    return fail(f"no operator token: set {PREFIX}OPERATOR_TOKEN, or start the server once ({path})", status=MISUSED)

"""What others are measured against: a bare server without a database, and a naive one with the usual mistakes.

Both answer with a toy quote of the same length as the product's on_select. The bare one shows what signed messages
over this HTTP stack cost at least. The naive one is an ordinary first build: an ORM session and a commit for each
step, the standard library's JSON, a new client session for each callback, asyncio's own loop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from sqlalchemy import LargeBinary, Text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from beckn_schemas.ack import ack
from beckn_schemas.requests import parse_request
from bpp.bench.bodies import buyers
from bpp.sandbox.identities import BPP
from bpp.sandbox.moments import utc_now, wire_time
from bpp.settings import Settings
from signing.header import SignatureHeader
from signing.signature import sign, verify

JSON = "application/json"
FILLING = "Cancellation is free until four hours before the visit; afterwards a part of the price is kept. " * 6
SESSION = web.AppKey("session", aiohttp.ClientSession)
TASKS = web.AppKey("tasks", asyncio.TaskGroup)
STORE: web.AppKey[async_sessionmaker[AsyncSession]] = web.AppKey("store", async_sessionmaker)
KEYS: Mapping[str, bytes] = {one.subscriber_id: one.key.public_key for one in buyers("")}


def quoted(message: Mapping[str, Any]) -> dict[str, Any]:
    """An on_select with a toy price for each item, as long as ours."""
    context, order = message["context"], message["message"]["order"]
    lines = [
        {
            "title": f"Service {one['id']}",
            "item": {"id": one["id"], "quantity": {"selected": {"count": 1}}},
            "price": {"currency": "INR", "value": "499.00"},
            "tags": one["tags"],
        }
        for one in order["items"]
    ]
    return {
        "context": {
            **context,
            "action": "on_select",
            "timestamp": wire_time(utc_now()),
        },
        "message": {
            "order": {
                **order,
                "quote": {"price": {"currency": "INR", "value": f"{499 * len(lines)}.00"}, "breakup": lines},
                "cancellation_terms": [{"reason": FILLING}],
            }
        },
    }


def checked(request: web.Request, body: bytes) -> None:
    """Raise SignatureError for a body that its sender did not sign."""
    header = SignatureHeader.parse(request.headers["Authorization"])
    verify(header, body, KEYS[header.key_id.subscriber_id])


def signed(body: bytes) -> dict[str, str]:
    """The headers of a callback."""
    header = sign(body, BPP.key, BPP.key_id, utc_now())
    return {"Authorization": header, "Content-Type": JSON}


def bare_app(_settings: Settings) -> web.Application:
    """Verify, acknowledge, sign, post; one pooled session."""

    async def deliver(message: dict[str, Any], session: aiohttp.ClientSession) -> None:
        body = orjson.dumps(quoted(message))
        url = f"{message['context']['bap_uri']}/on_select"
        async with session.post(url, data=body, headers=signed(body)) as response:
            await response.read()

    async def receive(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        checked(request, body)
        tasks = request.app[TASKS]
        tasks.create_task(deliver(orjson.loads(body), request.app[SESSION]))
        return web.Response(body=orjson.dumps(ack()), content_type=JSON)

    async def session(app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as found, asyncio.TaskGroup() as tasks:
            app[SESSION], app[TASKS] = found, tasks
            yield

    return _app(receive, session)


class Base(DeclarativeBase):
    """Of the naive tables."""


class Inbox(Base):
    """A message that came."""

    __tablename__ = "naive_inbox"
    message_id: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text)


class Order(Base):
    """A selection."""

    __tablename__ = "naive_orders"
    transaction_id: Mapped[str] = mapped_column(Text, primary_key=True)
    doc: Mapped[str] = mapped_column(Text)


class Answer(Base):
    """A callback."""

    __tablename__ = "naive_callbacks"
    message_id: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    delivered: Mapped[bool]


def naive_app(settings: Settings) -> web.Application:
    """The same with an ORM, a commit for message, order and callback each, and for the delivery one more."""

    async def deliver(message: dict[str, Any], store: async_sessionmaker[AsyncSession]) -> None:
        context, answer = message["context"], json.dumps(quoted(message))
        async with store() as session:
            session.add(Order(transaction_id=context["transaction_id"], doc=json.dumps(message["message"])))
            await session.commit()
        async with store() as session:
            session.add(Answer(message_id=context["message_id"], body=answer, delivered=False))
            await session.commit()
        body = answer.encode()
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{context['bap_uri']}/on_select", data=body, headers=signed(body)) as response,
        ):
            await response.read()
        async with store() as session:
            row = await session.get_one(Answer, context["message_id"])
            row.delivered = True
            await session.commit()

    async def receive(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        checked(request, body)
        message = json.loads(body)
        parse_request("select", message)
        store = request.app[STORE]
        async with store() as session:
            session.add(Inbox(message_id=message["context"]["message_id"], body=body, state="new"))
            await session.commit()
        tasks = request.app[TASKS]
        tasks.create_task(deliver(message, store))
        return web.json_response(ack())

    async def database(app: web.Application) -> AsyncIterator[None]:
        engine = create_async_engine(settings.database_url)
        async with engine.begin() as connection:
            await connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            await connection.run_sync(Base.metadata.create_all)
        async with asyncio.TaskGroup() as tasks:
            app[STORE], app[TASKS] = async_sessionmaker(engine), tasks
            yield
        await engine.dispose()

    return _app(receive, database)


def _app(receive: Any, resources: Any) -> web.Application:
    app = web.Application()
    app.cleanup_ctx.append(resources)
    app.router.add_post("/select", receive)
    return app

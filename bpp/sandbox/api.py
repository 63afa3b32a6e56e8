"""The buyer app's control API for people and scripts: JSON over ``/api`` beside the callbacks.

Made for a loopback address and without a password: whoever reaches it, books with artificial money. A ``POST`` must say
``application/json``, which keeps web pages of others from posting here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from bpp.sandbox.desk import Complaint, Desk
from bpp.sandbox.exchange import Json
from bpp.sandbox.inbox import NoCallback
from bpp.sandbox.journey import Refused
from bpp.sandbox.messages import Customer
from bpp.sandbox.places import PLACES, Place, UnknownPlace, place_at
from bpp.sandbox.posting import Unreachable

MAX_TEXT = 200
RATINGS = range(1, 6)

CALLS = {
    "POST /api/search": {"what": "tap repair", "pincode": "226010"},
    "POST /api/book": {
        "offer": 1,
        "slot": 1,
        "name": "Sandbox Customer",
        "phone": "9800000000",
        "with": {"id of a choice": 1},
        "savings": ["id of one of the provider's savings"],
    },
    "GET /api/order": "the order as last heard of",
    "POST /api/status": {},
    "POST /api/cancel": {"reason": "001"},
    "POST /api/reschedule": {"slot": 3},
    "POST /api/quote": {"takes": True},
    "POST /api/rate": {"value": 5},
    "POST /api/support": {},
    "GET /api/messages": "the conversation, message by message",
}
"""What there is, each with an example of its body. All take ``transaction_id``; the last one is meant without it."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Work = Callable[[Desk, Json], Awaitable[Json]]


def control_routes(desk: Desk) -> list[web.RouteDef]:
    """The routes of the control API over a desk."""
    return [
        web.get("/api", _asked(_index, desk)),
        web.get("/api/order", _asked(_order, desk)),
        web.get("/api/messages", _asked(_messages, desk)),
        web.post("/api/search", _told(_search, desk)),
        web.post("/api/book", _told(_book, desk)),
        web.post("/api/status", _told(_status, desk)),
        web.post("/api/cancel", _told(_cancel, desk)),
        web.post("/api/reschedule", _told(_reschedule, desk)),
        web.post("/api/quote", _told(_quote, desk)),
        web.post("/api/rate", _told(_rate, desk)),
        web.post("/api/support", _told(_support, desk)),
    ]


async def _index(_: Desk, __: Json) -> Json:
    return {"calls": CALLS, "known_pincodes": {one.area_code: f"{one.name}, {one.city}" for one in PLACES.values()}}


async def _search(desk: Desk, body: Json) -> Json:
    what, category = _text(body, "what"), _text(body, "category")
    if not what and not category:
        raise Complaint(400, "missing", 'what: words are expected, as in {"what": "tap repair"}')
    return await desk.search(what=what, category=category, place=_place(body), domain=_text(body, "domain"))


async def _book(desk: Desk, body: Json) -> Json:
    said = {key: value for key in ("name", "phone") if (value := _text(body, key))}
    offer, slot = _number(body, "offer"), _number(body, "slot")
    choices: Any = body.get("with", {})
    if not isinstance(choices, dict):
        raise Complaint(400, "invalid", 'with: units by the ids of choices are expected, as in {"C1": 2}')
    return await desk.book(
        offer=offer,
        slot=slot,
        customer=Customer(**said),
        transaction_id=_transaction(body),
        choices={item_id: _number(choices, item_id) for item_id in choices},
        savings=_texts(body, "savings"),
    )


async def _rate(desk: Desk, body: Json) -> Json:
    value = _number(body, "value")
    if value not in RATINGS:
        raise Complaint(400, "invalid", "value: a whole number from 1 to 5 is expected")
    return await desk.rate(value=value, transaction_id=_transaction(body))


async def _status(desk: Desk, body: Json) -> Json:
    return await desk.status(transaction_id=_transaction(body))


async def _cancel(desk: Desk, body: Json) -> Json:
    return await desk.cancel(reason=_text(body, "reason") or "001", transaction_id=_transaction(body))


async def _reschedule(desk: Desk, body: Json) -> Json:
    return await desk.reschedule(slot=_number(body, "slot"), transaction_id=_transaction(body))


async def _quote(desk: Desk, body: Json) -> Json:
    takes: Any = body.get("takes")
    if not isinstance(takes, bool):
        raise Complaint(400, "invalid", "takes: true or false is expected")
    return await desk.answer_quote(takes=takes, transaction_id=_transaction(body))


async def _support(desk: Desk, body: Json) -> Json:
    return await desk.support(transaction_id=_transaction(body))


async def _order(desk: Desk, query: Json) -> Json:
    return desk.order(transaction_id=_transaction(query))


async def _messages(desk: Desk, query: Json) -> Json:
    return desk.messages(transaction_id=_transaction(query))


def _asked(work: Work, desk: Desk) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await _answered(work, desk, dict(request.query))

    return handle


def _told(work: Work, desk: Desk) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        if request.content_type != "application/json":
            return _error(Complaint(415, "not_json", "Content-Type: application/json is expected"))
        text = await request.read()
        try:
            body = orjson.loads(text or b"{}")
        except orjson.JSONDecodeError as problem:
            return _error(Complaint(400, "not_json", f"the body is not JSON: {problem}"))
        if not isinstance(body, dict):
            return _error(Complaint(400, "not_json", "a JSON object is expected"))
        return await _answered(work, desk, body)

    return handle


async def _answered(work: Work, desk: Desk, body: Json) -> web.StreamResponse:
    return await answered(work(desk, body))


async def answered(work: Awaitable[Json]) -> web.StreamResponse:
    """What came of some work, as JSON; of what cannot be done, why."""
    try:
        return _json(200, await work)
    except Complaint as problem:
        return _error(problem)
    except Refused as problem:
        return _error(Complaint(409, problem.answer.error_code or "refused", str(problem)))
    except NoCallback as problem:
        return _error(Complaint(504, "no_answer", str(problem)))
    except Unreachable as problem:
        return _error(Complaint(502, "unreachable", str(problem)))


def _error(problem: Complaint) -> web.StreamResponse:
    return _json(problem.status, {"error": {"code": problem.code, "message": problem.message, **problem.more}})


def _json(status: int, document: Json) -> web.StreamResponse:
    body = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return web.Response(status=status, body=body, content_type="application/json", charset="utf-8")


def _place(body: Json) -> Place:
    try:
        return place_at(_text(body, "pincode"), _text(body, "gps"))
    except UnknownPlace as problem:
        raise Complaint(400, "unknown_place", str(problem)) from problem


def _transaction(body: Json) -> str:
    return _text(body, "transaction_id")


def _text(body: Json, key: str) -> str:
    value: Any = body.get(key, "")
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise Complaint(400, "invalid", f"{key}: a text of at most {MAX_TEXT} characters is expected")
    return value.strip()


def _texts(body: Json, key: str) -> tuple[str, ...]:
    values: Any = body.get(key, [])
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise Complaint(400, "invalid", f"{key}: a list of texts is expected")
    return tuple(values)


def _number(body: Json, key: str) -> int:
    value: Any = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Complaint(400, "invalid", f"{key}: a whole number is expected")
    return value

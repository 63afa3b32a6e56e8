"""A call of the API as a value, and the one way in which every call is carried out.

The theory. A handler is an async function of ``(call, work, world)``: it runs inside one unit of work and says what
came of it. Reading routes get a connection that cannot write. For a POST with an ``Idempotency-Key`` the answer is
stored in the same unit as the effect, so that there are both or neither; the same key again gets the stored answer.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bpp.context import APP_CONTEXT, AppContext
from bpp.core.world import World
from bpp.errors import Unavailable
from bpp.operator.auth import SUPERVISOR, Caller, may
from bpp.operator.files import File, GivesFile, TakesFile
from bpp.operator.problems import ApiProblem, invalid, of_validation
from bpp.storage.ports import Work

CALLER: web.RequestKey[Caller] = web.RequestKey("CALLER", Caller)
KEY_HEADER = "Idempotency-Key"
KEY_LIFETIME = timedelta(days=1)
LONGEST_KEY = 255
NUL, NUL_ESCAPED = "\0", b"\\u0000"
STORABLE = "text without NUL is expected"
"""PostgreSQL stores none, and looks for none."""
READING = "GET"


class Query(BaseModel):
    """Parameters of a query; an empty one counts as not given."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(BaseModel):
    """What a request's body may hold: nothing but the fields named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Body):
    """An empty body, or ``{}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, checked: who, the parts of the path, the query and the body as their models.

    The body of a call that takes a file is what the file was read as; ``prepared`` is what ``Route.prepare`` made.
    """

    caller: Caller
    path: Mapping[str, str]
    query: Any
    body: Any
    prepared: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back, and the callbacks that may go out once it is committed.

    Only reading calls answer with a ``File``: what is kept under an ``Idempotency-Key`` is JSON.
    """

    content: BaseModel | Mapping[str, Any] | File
    status: int = 200
    released: tuple[int, ...] = ()


Handler = Callable[[Call, Work, World], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One call: how it is reached, what it takes and gives, and which problems it may answer with.

    ``body`` is None for calls without one; ``tagged`` says that it is a union told apart by a field. A file is taken or
    given as ``TakesFile`` and ``GivesFile`` say. ``roles`` are those that may make the call, beside a supervisor, who
    may make any; empty: all. ``audited``: what it reads in full, or could not find, leaves a row, so that it writes
    although it is a GET. ``secret``: what it tells is kept nowhere: under an ``Idempotency-Key`` only that the call was
    made, and the same key makes it again. ``alters_catalog``: no other unit changes the catalog until it is done, so
    what it checks against its world still holds when it is committed. ``prepare`` is work too long for a unit that
    writes, done before it in a thread, on the world as it is read then; the handler sees to it that it still holds.
    ``only_looks`` tells calls that change nothing whatever their method is.
    """

    method: str
    path: str
    name: str
    tag: str
    summary: str
    handler: Handler
    answer: TypeAdapter[Any] | GivesFile
    query: type[Query] = Query
    body: TypeAdapter[Any] | TakesFile | None = None
    tagged: bool = False
    status: int = 200
    problems: Mapping[int, str] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    audited: bool = False
    alters_catalog: bool = False
    secret: bool = False
    prepare: Callable[[Call, World], Any] | None = None
    only_looks: Callable[[Call], bool] | None = None

    @property
    def writes(self) -> bool:
        """Whether a call may change anything, be it the audit alone."""
        return self.method != READING or self.audited


@dataclass(frozen=True, slots=True)
class _Done:
    """An answer in bytes, fresh or remembered; ``headers`` say what it is where it is not JSON."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    released: tuple[int, ...] = ()
    replayed: bool = False


def endpoint(route: Route) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The aiohttp handler that carries a route out."""

    async def handle(request: web.Request) -> web.Response:
        context = request.app[APP_CONTEXT]
        check_role(route.roles, request[CALLER])
        raw = await _read(route, request)
        path = dict(request.match_info)
        if any(NUL in text for text in path.values()):
            raise ApiProblem(404, "not_found", "nothing has such a name")
        for name, text in request.query.items():
            if NUL in text:
                raise invalid(STORABLE, path=name)
        call = Call(
            caller=request[CALLER],
            path=path,
            query=_query(route, request),
            body=await _body(route, raw, request.content_type),
        )
        key = _key(request, call.caller) if request.method == "POST" else ""
        digest = hashlib.sha256(b"\n".join((request.method.encode(), request.path_qs.encode(), raw))).hexdigest()
        done = await _carry_out(route, call, context, key, digest)
        for seq in done.released:
            context.release(seq)
        replayed = {"Idempotent-Replayed": "true"} if done.replayed else {}
        return web.Response(status=done.status, body=done.body, headers={**done.headers, **replayed})

    return handle


def check_role(roles: frozenset[str], caller: Caller) -> None:
    """Raise ApiProblem 403 for a caller whose role may not make a call of such ``roles``."""
    if not may(caller.role, roles):
        allowed = sorted({SUPERVISOR, *roles})
        raise ApiProblem(403, "forbidden", f"this call is not for the role {caller.role}", allowed=allowed)


async def _carry_out(route: Route, call: Call, context: AppContext, key: str, digest: str) -> _Done:
    writes = route.writes and not (route.only_looks and route.only_looks(call))
    if route.prepare is not None:
        before = await context.storage.read(context.worlds.current)
        call = replace(call, prepared=await asyncio.to_thread(route.prepare, call, before))

    async def unit(work: Work) -> _Done:
        if writes and route.alters_catalog:
            await work.directory.lock()
        world = await context.worlds.current(work)
        kept = await _remembered(work, world, key, digest) if key else None
        if kept is not None and not route.secret:
            return kept
        answer = await route.handler(call, work, world)
        if isinstance(answer.content, File):
            return _Done(answer.status, answer.content.content, _file_headers(answer.content), answer.released)
        body = _bytes(answer.content)
        if key and writes and kept is None:
            keep = b"" if route.secret else body
            await work.keys.remember(key, digest, answer.status, keep, world.now + KEY_LIFETIME, now=world.now)
        return _Done(answer.status, body, released=answer.released)

    if not writes:
        return await context.storage.read(unit)
    try:
        return await context.storage.run(unit)
    except Unavailable:
        # Two requests with one key at the same moment: the second could not store its answer, so it had no effect.
        kept = await context.storage.read(lambda work: _kept(work, context, key, digest)) if key else None
        if kept is None or route.secret:
            raise
        return kept


async def _kept(work: Work, context: AppContext, key: str, digest: str) -> _Done | None:
    return await _remembered(work, await context.worlds.current(work), key, digest)


async def _remembered(work: Work, world: World, key: str, digest: str) -> _Done | None:
    """The answer stored under a key; raises ApiProblem when the key belongs to another request."""
    found = await work.keys.answer(key, world.now)
    if found is None:
        return None
    known, status, body = found
    if known != digest:
        text = f"this {KEY_HEADER} was used for another request"
        raise ApiProblem(422, "idempotency_key_reused", text, path=KEY_HEADER)
    return _Done(status, body, replayed=True)


def _key(request: web.Request, caller: Caller) -> str:
    """The key with its owner, so that two callers' keys never meet; empty where none was sent."""
    text = request.headers.get(KEY_HEADER, "").strip()
    if len(text) > LONGEST_KEY:
        raise ApiProblem(422, "invalid", f"at most {LONGEST_KEY} characters are expected", path=KEY_HEADER)
    return f"{caller.name}\n{text}" if text else ""


def _query(route: Route, request: web.Request) -> Query:
    try:
        return route.query.model_validate({name: value for name, value in request.query.items() if value})
    except ValidationError as problem:
        raise of_validation(problem) from problem


async def _read(route: Route, request: web.Request) -> bytes:
    """The bytes of the body; the settings bound them, or what the call itself says of its file."""
    if isinstance(route.body, TakesFile):
        request = request.clone(client_max_size=route.body.most)
    return await request.read()


async def _body(route: Route, raw: bytes, media_type: str) -> Any:
    if route.body is None:
        return None
    if isinstance(route.body, TakesFile):
        _check_media_type(route.body, media_type)
        return await asyncio.to_thread(route.body.read, raw)
    text = raw.strip() or b"{}"
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError as problem:
        raise ApiProblem(400, "malformed_json", f"the body is not JSON: {problem}") from problem
    if NUL_ESCAPED in text and (where := _nul_in(read, "")) is not None:
        raise invalid(STORABLE, path=where)
    try:
        return route.body.validate_json(text, strict=True)
    except ValidationError as problem:
        raise of_validation(problem, tagged=route.tagged) from problem


def _nul_in(value: Any, path: str) -> str | None:
    """The path of the first text, or of the first object with a name, that has a NUL in it."""
    if isinstance(value, str):
        return path if NUL in value else None
    if isinstance(value, dict):
        if any(NUL in name for name in value):
            return path
        parts = ((f"{path}.{name}" if path else name, one) for name, one in value.items())
    elif isinstance(value, list):
        parts = ((f"{path}[{place}]", one) for place, one in enumerate(value))
    else:
        return None
    return next((found for name, one in parts if (found := _nul_in(one, name)) is not None), None)


def _check_media_type(taken: TakesFile, media_type: str) -> None:
    if media_type not in taken.media_types:
        text = f"a body of type {' or '.join(taken.media_types)} is expected, not {media_type}"
        raise ApiProblem(415, "unsupported_media_type", text, path="Content-Type", allowed=taken.media_types)


def _file_headers(file: File) -> Mapping[str, str]:
    return {"Content-Type": file.media_type, "Content-Disposition": f'attachment; filename="{file.name}"'}


def _bytes(content: BaseModel | Mapping[str, Any]) -> bytes:
    return content.model_dump_json().encode() if isinstance(content, BaseModel) else orjson.dumps(content)

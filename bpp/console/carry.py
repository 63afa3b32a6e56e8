"""How every page is shown and every deed is done: who asks, whether it is theirs, one unit, then the answer."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from aiohttp import web
from pydantic import ValidationError

from bpp.console.browser import BROWSER, CSRF_FIELD, ONCE_FIELD, checked_form
from bpp.console.doorway import DOORWAY
from bpp.console.language import speaking
from bpp.console.leaving import api_problem, file_response, http_refusal
from bpp.console.page import Deed, Done, InALanguage, Page, Problem, Shown, Upload, Visit
from bpp.console.reach import within
from bpp.console.refusals import faults, problem
from bpp.console.render import page_response
from bpp.context import APP_CONTEXT, AppContext
from bpp.core.sign_in import admitted
from bpp.core.world import World
from bpp.errors import BppError
from bpp.operator.files import File
from bpp.operator.problems import ApiProblem, ErrorObject
from bpp.operator.routes import Query
from bpp.parties.states import NotPossible
from bpp.parties.vault import SealBroken
from bpp.people.door import SEEN_EVERY
from bpp.people.model import Person, Role, Session, Step, token_digest
from bpp.storage.ports import Work

log = structlog.get_logger(__name__)
Found = TypeVar("Found")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
DID = "did"
REMEMBERED = timedelta(days=1)
SEE_OTHER, UNPROCESSABLE = 303, 422


class SignInFirst(Exception):
    """Nobody has signed in here, or not all the way; ``step`` is what is missing."""

    def __init__(self, step: Step | None) -> None:
        super().__init__(step)
        self.step = step


class _Refused(Exception):
    """A deed that was not done, with what to tell; ``status`` is the HTTP status."""

    def __init__(self, problems: Sequence[Problem], status: int) -> None:
        super().__init__(status)
        self.problems = problems
        self.status = status


def shown(page: Page) -> Handler:
    """The aiohttp handler that shows a page."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await show(page, request)

    return handle


async def show(
    page: Page,
    request: web.Request,
    *,
    typed: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> web.StreamResponse:
    """Read a page in one unit and render it; with ``problems``, the page with a form that was refused."""
    context = request.app[APP_CONTEXT]
    asked = {name: value for name, value in request.query.items() if value and name != DID}
    query = _query(page, asked, lenient=status != web.HTTPOk.status_code)
    language = (query.language if isinstance(query, InALanguage) else "") or request[BROWSER].language

    async def unit(work: Work) -> tuple[Visit, Shown]:
        world = await context.worlds.current(work)
        visit = await _visit(request, page.roles, asked.items(), work, world, context)
        if isinstance(query, web.HTTPException):
            raise query
        visit = replace(visit, query=query, typed=typed or {}, problems=problems, did=request.query.get(DID, ""))
        return visit, await page.read(visit, work, world)

    try:
        carried = context.storage.run if page.audited else context.storage.read
        visit, found = await carried(_speaking(language, unit))
    except (ApiProblem, NotPossible, BppError) as refusal:  # a broken seal is a fault of ours, which the log must have
        raise http_refusal(api_problem(refusal)) from refusal
    if not page.part:  # what a script fetches by itself keeps nobody signed in
        await _seen(visit, context)
    if isinstance(found, File):
        return file_response(found)
    if page.beside is not None:
        found = {**found, **await page.beside(visit, request.app)}
    with speaking(language):
        response = page_response(page, visit, found, request, status=status)
        if page.turned is None:
            return response
        try:
            return file_response(await asyncio.to_thread(page.turned, found, response.text or ""))
        except ApiProblem as refusal:
            raise http_refusal(refusal) from refusal


def done(deed: Deed, page: Page) -> Handler:
    """The aiohttp handler that does a deed, and shows ``page`` again where it is refused."""

    async def handle(request: web.Request) -> web.StreamResponse:
        request = request.clone(client_max_size=deed.most)
        fields, files = checked_form(request, await request.post())
        uploads = {name: _uploaded(one) for name, one in files.items()}
        context = request.app[APP_CONTEXT]
        try:
            to = await _carry_out(deed, request, fields, uploads, context)
        except _Refused as refused:
            kept = {name: value for name, value in fields.items() if name not in {CSRF_FIELD, ONCE_FIELD}}
            return await show(page, request, typed=kept, problems=refused.problems, status=refused.status)
        mark = "&" if "?" in to else "?"
        raise web.HTTPSeeOther(f"{to}{mark}{DID}={deed.name}")

    return handle


async def _carry_out(
    deed: Deed,
    request: web.Request,
    fields: Mapping[str, str],
    uploads: Mapping[str, Upload],
    context: AppContext,
) -> str:
    """Do a deed in one unit; where to go then. Done once for each showing of its form, however often it is sent."""
    given = {name: value for name, value in fields.items() if value and name not in {CSRF_FIELD, ONCE_FIELD}}
    once = fields.get(ONCE_FIELD, "")
    files = sorted((name, hashlib.sha256(one.content).hexdigest()) for name, one in uploads.items())
    digest = hashlib.sha256(repr((request.path_qs, sorted(given.items()), files)).encode()).hexdigest()
    asked = {name: value for name, value in request.query.items() if value and name != DID}
    prepared: Any = None

    async def admitted(work: Work) -> tuple[Visit, World]:
        world = await context.worlds.current(work)
        visit = await _visit(request, deed.roles, (*asked.items(), *given.items()), work, world, context)
        return replace(visit, form=_form(deed, given), uploads=uploads), world

    async def unit(work: Work) -> Done:
        if deed.alters_catalog:
            await work.directory.lock()
        visit, world = await admitted(work)
        # A page has several forms, and a telephone without network sends several of one page: each counts for itself.
        key = f"console\n{visit.person.id}\n{once}\n{digest}" if once else ""
        kept = await work.keys.answer(key, world.now) if key else None
        if kept is not None:
            return _again(kept[1], kept[2])
        came = await deed.act(replace(visit, prepared=prepared), work, world)
        if key:
            refused = came.refused
            status, answer = (UNPROCESSABLE, refused.model_dump_json()) if refused else (SEE_OTHER, came.to)
            expires = world.now + REMEMBERED
            await work.keys.remember(key, digest, status, answer.encode(), expires, now=world.now)
        return came

    try:
        prepared = await _prepared(deed, admitted, request)
        came = await context.storage.run(_speaking(request[BROWSER].language, unit))
    except (ApiProblem, NotPossible, SealBroken, BppError) as refusal:
        told = api_problem(refusal)
        raise _Refused([problem(told.answer.error)], told.status) from refusal
    for seq in came.released:
        context.release(seq)
    refused = came.refused or await _not_sent(came, request)
    if refused is not None:
        raise _Refused([problem(refused)], UNPROCESSABLE)
    return came.to


async def _prepared(
    deed: Deed, admitted: Callable[[Work], Awaitable[tuple[Visit, World]]], request: web.Request
) -> Any:
    """What a deed makes before its unit, in a thread; of what it fetches, in a unit of its own."""
    if deed.prepare is None:
        return None

    async def fetched(work: Work) -> tuple[Visit, World]:
        visit, world = await admitted(work)
        return (replace(visit, prepared=await deed.fetch(visit, work, world)) if deed.fetch else visit), world

    visit, world = await request.app[APP_CONTEXT].storage.read(_speaking(request[BROWSER].language, fetched))
    return await asyncio.to_thread(deed.prepare, visit, world)


def _again(status: int, answer: bytes) -> Done:
    """What a form came to that is sent once more: a wrong OTP sent twice was one wrong try."""
    if status == UNPROCESSABLE:
        return Done(refused=ErrorObject.model_validate_json(answer))
    return Done(to=answer.decode())


async def _not_sent(came: Done, request: web.Request) -> ErrorObject | None:
    """Send the text messages of a deed, and say where one was not taken."""
    for phone, text in came.texts:
        if not await request.app[DOORWAY].sender.send(phone, text):
            return ErrorObject(code="text_not_sent", message="no gateway took the text message")
    return None


def _speaking(language: str, unit: Callable[[Work], Awaitable[Found]]) -> Callable[[Work], Awaitable[Found]]:
    """A unit in a language: storage carries units out in tasks of its own, which know no request."""

    async def spoken(work: Work) -> Found:
        with speaking(language):
            return await unit(work)

    return spoken


async def _visit(
    request: web.Request,
    roles: frozenset[Role],
    named: Iterable[tuple[str, str]],
    work: Work,
    world: World,
    context: AppContext,
) -> Visit:
    """Who asks, if it is theirs to ask for. Raises SignInFirst, 403 for another role's page, 404 for what is not.

    What is named twice, in the path and in the query, must be theirs both times.
    """
    browser = request[BROWSER]
    session, person = await signed_in(browser.token, work, world, sandbox=context.settings.sandbox)
    if session.step is not Step.OPEN:
        raise SignInFirst(session.step)
    if person.role not in roles and person.role is not Role.ADMIN:
        raise web.HTTPForbidden(reason="role")
    path = dict(request.match_info)
    if not await within(person, (*named, *path.items()), work, world):
        raise web.HTTPNotFound
    return Visit(person=person, session=session, language=browser.language, path=path)


async def signed_in(token: str, work: Work, world: World, *, sandbox: bool) -> tuple[Session, Person]:
    """The session of a token and whose it is; raises SignInFirst."""
    found = await work.people.session(token_digest(token))
    if found is None or not admitted(*found, world, sandbox=sandbox):
        raise SignInFirst(None)
    return found


async def _seen(visit: Visit, context: AppContext) -> None:
    now = context.clock()
    if now - visit.session.seen_at >= SEEN_EVERY:
        await context.storage.run(lambda work: work.people.seen(visit.session.digest, now))


def _uploaded(value: web.FileField) -> Upload:
    with value.file as file:
        return Upload(name=value.filename, content=file.read())


def _form(deed: Deed, given: Mapping[str, str]) -> Any:
    try:
        return deed.form.model_validate(given)
    except ValidationError as invalid:
        raise _Refused(faults(invalid), UNPROCESSABLE) from invalid


def _query(page: Page, asked: Mapping[str, str], *, lenient: bool) -> Query | web.HTTPBadRequest:
    """The query of a page, or that it is none: whoever may not see the page is not told.

    Of a page that is shown again for a refused form only what it knows.
    """
    known = {name: value for name, value in asked.items() if not lenient or name in page.query.model_fields}
    try:
        return page.query.model_validate(known)
    except ValidationError:
        return web.HTTPBadRequest(reason="query")

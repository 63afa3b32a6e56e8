"""The pages of signing in and out. A page of them that is refused says the same whatever was wrong."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bpp.console.browser import give_language, give_token
from bpp.console.carry import SignInFirst, signed_in
from bpp.console.doorway import DOORWAY, code_of, fields_of, local, onwards, sign_in_page, token_of, totp_required
from bpp.console.language import LANGUAGES, gettext, msg
from bpp.context import APP_CONTEXT
from bpp.core.sign_in import leave, send_code, try_code, try_password, try_totp
from bpp.core.world import World
from bpp.people.door import alive
from bpp.people.model import SANDBOX_MARK, Person, Session, Step, new_token, token_digest
from bpp.storage.ports import Work

TITLE = msg("Sign in")
REFUSED = msg(
    "This did not fit, or nobody gets in with it for now: after five wrong tries it is closed for a quarter of an hour,"
    " and for longer each time."
)
TOO_MANY = msg("Too many tries from here. Please wait a little.")
UNPROCESSABLE = 422
TEXT = "Sewamitra: {code} साइन-इन कोड है, 5 मिनट तक। किसी को न बताएँ। / is your sign-in code for 5 minutes. Tell nobody."
"""What is sent to a worker's telephone."""


@dataclass(frozen=True, slots=True)
class Here:
    """Who is on a page of signing in."""

    session: Session
    person: Person
    world: World


async def start(request: web.Request) -> web.StreamResponse:
    """Where the console begins: the person's own first page, or signing in."""
    here = await here_at(request)
    return onwards(request, here.session, here.person, token_of(request))


async def sign_in(request: web.Request) -> web.StreamResponse:
    """The page with login and password, and with the telephone for workers."""
    return _door(request)


async def post_sign_in(request: web.Request) -> web.StreamResponse:
    """Login and password."""
    fields = await fields_of(request)
    context, doorway = request.app[APP_CONTEXT], request.app[DOORWAY]
    login, password = fields.get("login", "").casefold(), fields.get("password", "")
    person = await context.storage.read(lambda work: work.people.by_login(login))
    if person is not None and person.id.startswith(SANDBOX_MARK) and not context.settings.sandbox:
        person = None
    stored = person.password if person is not None else ""
    right = await doorway.is_right(request, password, stored)
    if right is None:
        return _door(request, TOO_MANY, status=429, login=login)
    token = new_token()

    async def unit(work: Work) -> tuple[Session, Person] | None:
        world = await context.worlds.current(work)
        session = await try_password(
            login, token, work, world, checked=stored, right=right, totp_required=totp_required(context)
        )
        return await known_by(session, work, instead=token_of(request))

    found = await context.storage.run(unit)
    if found is None:
        return _door(request, REFUSED, status=UNPROCESSABLE, login=login)
    return onwards(request, *found, token)


async def post_phone(request: web.Request) -> web.StreamResponse:
    """A worker's telephone: a code is sent to it, if it is a worker's; the answer does not tell."""
    fields = await fields_of(request)
    context, doorway = request.app[APP_CONTEXT], request.app[DOORWAY]
    phone = fields.get("phone", "")
    if not doorway.may_ask(request):
        return _door(request, TOO_MANY, status=429)

    async def unit(work: Work) -> str | None:
        return await send_code(phone, work, await context.worlds.current(work))

    code = await context.storage.run(unit)
    if code is not None:
        doorway.send(phone, TEXT.format(code=code))
    return _code_page(request, phone)


async def code(request: web.Request) -> web.StreamResponse:
    """The page for a code that was sent, to whatever telephone: no address tells whose."""
    return _code_page(request)


async def post_code(request: web.Request) -> web.StreamResponse:
    """The code that came to a worker's telephone."""
    fields = await fields_of(request)
    context, doorway = request.app[APP_CONTEXT], request.app[DOORWAY]
    phone = fields.get("phone", "")
    if doorway.wait(request) > 0:
        return _code_page(request, phone, TOO_MANY, status=429)
    token = new_token()

    async def unit(work: Work) -> tuple[Session, Person] | None:
        session = await try_code(phone, code_of(fields), token, work, await context.worlds.current(work))
        return await known_by(session, work, instead=token_of(request))

    found = await context.storage.run(unit)
    if found is None:
        doorway.failed(request)
        return _code_page(request, phone, REFUSED, status=UNPROCESSABLE)
    return onwards(request, *found, token)


async def totp(request: web.Request) -> web.StreamResponse:
    """The page that asks for the second factor."""
    await here_at(request, Step.TOTP)
    return sign_in_page("sign_in_totp.html", request, title=TITLE)


async def post_totp(request: web.Request) -> web.StreamResponse:
    """A code of the second factor."""
    fields = await fields_of(request)
    context = request.app[APP_CONTEXT]
    here = await here_at(request, Step.TOTP)
    if request.app[DOORWAY].wait(request) > 0:
        return sign_in_page("sign_in_totp.html", request, title=TITLE, status=429, problem=gettext(TOO_MANY))
    token = new_token()

    async def unit(work: Work) -> tuple[Session, Person] | None:
        world = await context.worlds.current(work)
        required = totp_required(context)
        session = await try_totp(here.session, code_of(fields), token, work, world, totp_required=required)
        return await known_by(session, work)

    found = await context.storage.run(unit)
    if found is None:
        request.app[DOORWAY].failed(request)
        return sign_in_page("sign_in_totp.html", request, title=TITLE, status=UNPROCESSABLE, problem=gettext(REFUSED))
    return onwards(request, *found, token)


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the session."""
    await fields_of(request)
    context = request.app[APP_CONTEXT]

    async def unit(work: Work) -> None:
        await leave(token_of(request), work, await context.worlds.current(work))

    await context.storage.run(unit)
    to = str(request.app.router["signin"].url_for())
    answer = web.Response(
        status=web.HTTPSeeOther.status_code, headers={"Location": to, "Clear-Site-Data": '"cache", "storage"'}
    )
    give_token(answer, new_token(), sandbox=context.settings.sandbox)
    return answer


async def choose_language(request: web.Request) -> web.StreamResponse:
    """Another language: for the browser, and for the person who has signed in."""
    fields = await fields_of(request)
    context = request.app[APP_CONTEXT]
    language = fields.get("language", "")
    answer = web.Response(
        status=web.HTTPSeeOther.status_code, headers={"Location": local(fields.get("back", "")) or "/console/"}
    )
    if language not in LANGUAGES:
        return answer

    async def unit(work: Work) -> None:
        found = await work.people.session(token_digest(token_of(request)))
        if found is not None and alive(*found, context.clock()):
            await work.people.set_language(found[1].id, language)

    await context.storage.run(unit)
    give_language(answer, language, sandbox=context.settings.sandbox)
    return answer


def _door(request: web.Request, problem: str = "", *, status: int = 200, login: str = "") -> web.Response:
    here = str(request.app.router["signin"].url_for())  # also where it is shown in answer to a form
    told = gettext(problem) if problem else ""
    return sign_in_page("sign_in.html", request, title=TITLE, status=status, problem=told, login=login, here=here)


def _code_page(request: web.Request, phone: str = "", problem: str = "", *, status: int = 200) -> web.Response:
    here = str(request.app.router["signin-code"].url_for())
    told = gettext(problem) if problem else ""
    return sign_in_page("sign_in_code.html", request, title=TITLE, status=status, problem=told, phone=phone, here=here)


async def here_at(request: web.Request, *steps: Step) -> Here:
    """Who is here, at one of these steps, or at any; raises SignInFirst."""
    context = request.app[APP_CONTEXT]

    async def unit(work: Work) -> Here:
        world = await context.worlds.current(work)
        session, person = await signed_in(token_of(request), work, world, sandbox=context.settings.sandbox)
        return Here(session, person, world)

    here = await context.storage.read(unit)
    if steps and here.session.step not in steps:
        raise SignInFirst(here.session.step)
    return here


async def known_by(session: Session | None, work: Work, *, instead: str = "") -> tuple[Session, Person] | None:
    """A session with whose it is; None for none. The one that the browser had by another token, if any, has ended."""
    if session is None:
        return None
    await work.people.end_session(token_digest(instead))
    person = await work.people.get(session.person_id)
    return None if person is None else (session, person)

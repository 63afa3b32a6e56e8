"""The pages on which somebody sets up what he or she signs in with: the second factor, and a password of one's own."""

from __future__ import annotations

from collections.abc import Mapping

import segno
from aiohttp import web

from bpp.console.doorway import DOORWAY, code_of, fields_of, onwards, sign_in_page, totp_required
from bpp.console.language import gettext, msg
from bpp.console.sign_in import REFUSED, TOO_MANY, UNPROCESSABLE, Here, here_at, known_by
from bpp.context import APP_CONTEXT
from bpp.core.sign_in import set_password, set_totp, wrong_present
from bpp.people import second_factor
from bpp.people.model import Person, Session, Step, new_token
from bpp.people.passwords import SHORTEST, WeakPassword, check_new
from bpp.storage.ports import Work

WEAK = {
    "short": msg("At least %(least)d characters, please."),
    "long": msg("This password is too long."),
    "like_login": msg("The password must not contain the login."),
}
WRONG_CODE = msg("The code did not fit. Please type the one that the app shows now.")
STATUS = {REFUSED: UNPROCESSABLE, TOO_MANY: 429}
DRAFT_FIELD = "secret"


async def enrol(request: web.Request) -> web.StreamResponse:
    """The page that sets up a second factor: a picture for the app, and the first code to be typed."""
    here = await _enrolling(request)
    return _enrol_page(request, here, second_factor.new_secret(), status=web.HTTPOk.status_code)


async def post_enrol(request: web.Request) -> web.StreamResponse:
    """The first code of a second factor; with it the secret of the page."""
    fields = await fields_of(request)
    context = request.app[APP_CONTEXT]
    here = await _enrolling(request)
    try:
        secret = bytes.fromhex(fields.get(DRAFT_FIELD, ""))
    except ValueError:
        secret = b""
    if len(secret) != second_factor.SECRET_BYTES:
        return _enrol_page(request, here, second_factor.new_secret(), WRONG_CODE)
    inside = here.session.step is Step.OPEN  # whoever finds a browser open does not make it his or hers
    problem = await _unproven(request, here, fields) if inside else ""
    if problem:
        return _enrol_page(request, here, secret, problem, status=STATUS[problem])
    token = new_token()

    async def unit(work: Work) -> tuple[Session, Person] | None:
        world = await context.worlds.current(work)
        return await known_by(await set_totp(here.session, secret, code_of(fields), token, work, world), work)

    found = await context.storage.run(unit)
    if found is None:
        return _enrol_page(request, here, secret, REFUSED if inside else WRONG_CODE)
    return onwards(request, *found, token)


async def password(request: web.Request) -> web.StreamResponse:
    """The page on which somebody chooses a password of his or her own."""
    await here_at(request, Step.PASSWORD, Step.OPEN)
    return _password_page(request, status=web.HTTPOk.status_code)


async def post_password(request: web.Request) -> web.StreamResponse:
    """The present password and the new one, twice."""
    fields = await fields_of(request)
    context, doorway = request.app[APP_CONTEXT], request.app[DOORWAY]
    here = await here_at(request, Step.PASSWORD, Step.OPEN)
    present = here.person.password
    problem = await _unproven(request, here, fields)
    if problem:
        return _password_page(request, gettext(problem), status=STATUS[problem])
    problem = _weakness(fields, here.person.login)
    if problem:
        return _password_page(request, problem)
    stored, token = await doorway.hashed(fields["password"]), new_token()

    async def unit(work: Work) -> tuple[Session, Person] | None:
        world, required = await context.worlds.current(work), totp_required(context)
        session = await set_password(here.session, stored, token, work, world, checked=present, totp_required=required)
        return await known_by(session, work)

    found = await context.storage.run(unit)
    return onwards(request, *found, token) if found is not None else _password_page(request, gettext(REFUSED))


async def _unproven(request: web.Request, here: Here, fields: Mapping[str, str]) -> str:
    """Why the present password does not prove who is here; empty where it does. A wrong one is counted."""
    context = request.app[APP_CONTEXT]
    right = await request.app[DOORWAY].is_right(request, fields.get("present", ""), here.person.password)
    if right is None:
        return TOO_MANY

    async def unit(work: Work) -> None:
        await wrong_present(here.session, work, await context.worlds.current(work))

    if not right:
        await context.storage.run(unit)
        return REFUSED
    return ""


def _password_page(request: web.Request, problem: str = "", *, status: int = UNPROCESSABLE) -> web.Response:
    return sign_in_page(
        "sign_in_password.html", request, title=msg("New password"), status=status, problem=problem, least=SHORTEST
    )


async def _enrolling(request: web.Request) -> Here:
    """Who is here to set up a second factor; one that is there already only an administrator takes away."""
    here = await here_at(request, Step.ENROL, Step.OPEN)
    if here.person.has_totp:
        raise web.HTTPForbidden(reason="second factor")
    return here


def _weakness(fields: Mapping[str, str], login: str) -> str:
    if fields.get("password", "") != fields.get("again", ""):
        return gettext(msg("The two new passwords differ."))
    try:
        check_new(fields.get("password", ""), login)
    except WeakPassword as weak:
        return gettext(WEAK[weak.code]) % {"least": SHORTEST}
    return ""


def _enrol_page(
    request: web.Request, here: Here, secret: bytes, problem: str = "", *, status: int = UNPROCESSABLE
) -> web.Response:
    issuer = request.app[APP_CONTEXT].settings.legal_name
    picture = segno.make(second_factor.link(secret, here.person.login, issuer), error="m")
    return sign_in_page(
        "sign_in_enrol.html",
        request,
        title=msg("Second factor"),
        status=status,
        problem=gettext(problem) if problem else "",
        asks_password=here.session.step is Step.OPEN,
        picture=picture.svg_data_uri(scale=5),
        typed_secret=second_factor.base32(secret),
        secret=secret.hex(),
    )

"""The console as an aiohttp application of its own, mounted at ``/console``: every page and deed, and its middlewares.

Whoever mounts it sets ``APP_CONTEXT`` and ``DOORWAY`` on it before the first request.
"""

from __future__ import annotations

from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bpp.console import account, credentials, sign_in
from bpp.console.browser import known
from bpp.console.carry import SignInFirst, done, shown
from bpp.console.desk import pages as desk
from bpp.console.district import pages as district
from bpp.console.doorway import DOORWAY, STEP_PAGES
from bpp.console.engine import pages as engine
from bpp.console.language import gettext, msg
from bpp.console.menu import Menu
from bpp.console.money import pages as money
from bpp.console.orders import pages as orders
from bpp.console.page import BOOK, Book, Deed, Page
from bpp.console.people import pages as people
from bpp.console.provider import pages as provider
from bpp.console.render import address_of, render, set_up
from bpp.console.static_files import add_static_routes, read_assets
from bpp.console.tickets import pages as tickets
from bpp.console.worker import pages as worker
from bpp.console.worker import slip
from bpp.console.worker.offline import add_offline_route
from bpp.errors import Unavailable
from bpp.logs import bound, new_request_id

log = structlog.get_logger(__name__)
CONSOLE_PATH = "/console"
PARTS = (
    desk,
    provider,
    worker,
    money,
    district,
    engine,
    people,
    orders,
    tickets,
)  # each role begins at its own part's first
PAGES: tuple[Page, ...] = (*(page for part in PARTS for page in part.PAGES), *account.PAGES)
DEEDS: tuple[Deed, ...] = tuple(deed for part in PARTS for deed in part.DEEDS)
MENU: Menu = (*(entry for part in PARTS for entry in part.ENTRIES), *account.ENTRIES)
REFUSALS = {
    HTTPStatus.BAD_REQUEST: (msg("This address is not complete"), msg("Please go back and choose again.")),
    HTTPStatus.FORBIDDEN: (
        msg("Not for you"),
        msg("Your role does not have this page, or the form was too old. Go back, load the page anew and try again."),
    ),
    HTTPStatus.NOT_FOUND: (msg("Nothing here"), msg("There is no such thing here, or it is not yours to see.")),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        msg("This address is not complete"),
        msg("Please go back and choose again."),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (msg("Too large"), msg("The file or form is larger than is taken.")),
    HTTPStatus.NOT_IMPLEMENTED: (
        msg("No PDF on this server"),
        msg("What makes PDF files, or a font for Hindi, is not installed here. Please tell the engineer on call."),
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (msg("Busy"), msg("The system is busy. Please try again in a moment.")),
}
"""What a refusal of a whole page is called, and what to do."""
FAILED = (msg("Something went wrong"), msg("It was noted on our side. Please try again, or call the helpline."))


def console_app() -> web.Application:
    """The sub-application."""
    app = web.Application(middlewares=[logged, known, in_words])
    files = read_assets()
    assets = add_static_routes(app, CONSOLE_PATH, files)
    add_offline_route(app, files)
    app[BOOK] = Book({one.name: one for one in PAGES}, {one.name: one for one in DEEDS}, MENU)
    set_up(app, assets)
    app.on_shutdown.append(_texts_sent)
    router = app.router
    router.add_get("", sign_in.start, name="console")
    router.add_get("/", sign_in.start, name="start")
    router.add_get("/sign-in", sign_in.sign_in, name="signin")
    router.add_post("/sign-in", sign_in.post_sign_in)
    router.add_post("/sign-in/phone", sign_in.post_phone, name="signin-phone")
    router.add_get("/sign-in/code", sign_in.code, name="signin-code")
    router.add_post("/sign-in/code", sign_in.post_code)
    router.add_get("/sign-in/totp", sign_in.totp, name="signin-totp")
    router.add_post("/sign-in/totp", sign_in.post_totp)
    router.add_get("/sign-in/enrol", credentials.enrol, name="signin-enrol")
    router.add_post("/sign-in/enrol", credentials.post_enrol)
    router.add_get("/sign-in/password", credentials.password, name="signin-password")
    router.add_post("/sign-in/password", credentials.post_password)
    router.add_post("/sign-out", sign_in.sign_out, name="sign-out")
    router.add_post("/language", sign_in.choose_language, name="language")
    router.add_get("/slip/{worker}/{first}/{last}/{at}/{key}", slip.check, name="slip")
    for page in PAGES:
        router.add_get(page.path, shown(page), name=page.name)
    for deed in DEEDS:
        router.add_post(deed.path, done(deed, app[BOOK].pages[deed.page]), name=deed.name)
    return app


async def _texts_sent(app: web.Application) -> None:
    await app[DOORWAY].sent()


@web.middleware
async def logged(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line for each request: the name of the page, never its path or query, which may name people."""
    with bound(request_id=new_request_id(), page=request.match_info.route.name or ""):
        response = await handler(request)
        log.info("console_called", method=request.method, status=response.status)
        return response


@web.middleware
async def in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Send who has not signed in to the door, and say every refusal on a page in the reader's language."""
    try:
        return await handler(request)
    except SignInFirst as missing:
        return _to_the_door(request, missing)
    except web.HTTPException as said:
        if said.status < HTTPStatus.BAD_REQUEST:
            return web.Response(status=said.status, headers=said.headers)
        return _refused(request, said.status)
    except Unavailable:
        return _refused(request, HTTPStatus.SERVICE_UNAVAILABLE)
    except Exception:
        log.exception("console_failed", method=request.method)
        return _refused(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def _to_the_door(request: web.Request, missing: SignInFirst) -> web.Response:
    door = request.app.router[STEP_PAGES[missing.step]].url_for()
    wanted = _wanted(request)
    return web.Response(
        status=HTTPStatus.SEE_OTHER, headers={"Location": str(door.with_query(next=wanted) if wanted else door)}
    )


def _wanted(request: web.Request) -> str:
    """Where somebody wants to be after signing in: at the page that was asked for, or the one whose form was sent."""
    book, name = request.app[BOOK], request.match_info.route.name or ""
    if name in book.deeds:
        return address_of(book.pages[book.deeds[name].page], request.match_info, request)
    return request.path_qs if request.method == "GET" and name not in {"start", "console"} else ""


def _refused(request: web.Request, status: int) -> web.Response:
    title, words = REFUSALS.get(HTTPStatus(status), FAILED)
    given = {"words": gettext(words)}
    if request.method != "GET":  # there is nothing to be seen at the address of a form
        given["here"] = str(request.app.router["start"].url_for())
    return render("refused.html", request, given, title=title, status=status)

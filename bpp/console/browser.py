"""What is known of a browser before anything is read: its token, its language, and whether a form is one of ours.

A browser has one cookie with a random token, signed in or not. Every form carries what is derived from the token, so
that no other site can send one (OWASP, synchronizer token pattern); whoever signs in gets another token, so that nobody
can have chosen it before (session fixation).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web
from aiohttp.typedefs import Handler

from bpp.console.language import speaking, wanted
from bpp.context import APP_CONTEXT
from bpp.people.model import csrf_of, new_token

LANGUAGE_COOKIE = "console-language"
CSRF_FIELD = "csrf"
ONCE_FIELD = "once"
NUL = "%00"
"""No text of ours has one, and databases take none."""
YEAR = 365 * 24 * 3600
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Everything a page needs comes from us, and nothing in it is run or styled that stands in the page itself."""


@dataclass(frozen=True, slots=True)
class Browser:
    """Who asks, as far as the browser says: ``token`` is secret, ``fresh`` one that has just been made."""

    token: str
    language: str
    fresh: bool = False

    @property
    def csrf(self) -> str:
        """What each form of this browser carries."""
        return csrf_of(self.token)


BROWSER = web.RequestKey("BROWSER", Browser)


def cookie_name(*, sandbox: bool) -> str:
    """The cookie's name; outside the sandbox browsers hold us to sending it over TLS alone (``__Host-``)."""
    return "console" if sandbox else "__Host-console"


@web.middleware
async def known(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Know the browser, serve it in its language, and give a token to one that has none.

    No cache keeps what is answered, but for what says itself that it may be kept.
    """
    if NUL in request.raw_path:
        raise web.HTTPBadRequest(reason="NUL")
    sandbox = request.app[APP_CONTEXT].settings.sandbox
    token = request.cookies.get(cookie_name(sandbox=sandbox), "")
    language = wanted(request.cookies.get(LANGUAGE_COOKIE, ""), request.headers.get("Accept-Language", ""))
    request[BROWSER] = Browser(token or new_token(), language, fresh=not token)
    with speaking(language):
        response = await handler(request)
    if not response.prepared:
        if request[BROWSER].fresh and response.content_type == "text/html":
            give_token(response, request[BROWSER].token, sandbox=sandbox)
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
    return response


def give_token(response: web.StreamResponse, token: str, *, sandbox: bool, lasting: timedelta | None = None) -> None:
    """Have the browser known by a token until it is closed or the session ends; ``lasting``: though it is closed."""
    response.set_cookie(
        cookie_name(sandbox=sandbox),
        token,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=not sandbox,
        max_age=int(lasting.total_seconds()) if lasting else None,
    )


def give_language(response: web.StreamResponse, language: str, *, sandbox: bool) -> None:
    """Have the browser remember a language."""
    response.set_cookie(
        LANGUAGE_COOKIE, language, path="/", httponly=True, samesite="Lax", secure=not sandbox, max_age=YEAR
    )


def checked_form(
    request: web.Request, sent: Mapping[str, str | bytes | bytearray | web.FileField]
) -> tuple[dict[str, str], dict[str, web.FileField]]:
    """The texts and the files of a form; raises 403 for one that is not ours, 400 for what no text has in it.

    Lines end as browsers count them against a field's length, not as they send them.
    """
    texts = {
        name: str(value).strip().replace("\r\n", "\n")
        for name, value in sent.items()
        if not isinstance(value, web.FileField)
    }
    _check_ours(request, texts.get(CSRF_FIELD, ""))
    if any("\0" in value for value in texts.values()):
        raise web.HTTPBadRequest(reason="NUL")
    return texts, {name: value for name, value in sent.items() if isinstance(value, web.FileField)}


def _check_ours(request: web.Request, given: str) -> None:
    """Raise 403 for a form that did not come from a page of ours in this browser."""
    origin = request.headers.get("Origin", "")
    elsewhere = request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}
    if elsewhere or (origin and origin.partition("://")[2] != request.host):
        raise web.HTTPForbidden(reason="cross-site")
    if not hmac.compare_digest(given.encode(), request[BROWSER].csrf.encode()):
        raise web.HTTPForbidden(reason="csrf")

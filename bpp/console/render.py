"""From what a page found to HTML: the frame around it, the menu of the role, and what templates may call."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bpp.console.browser import BROWSER
from bpp.console.language import LANGUAGES, gettext, msg, ngettext, spoken
from bpp.console.menu import entries
from bpp.console.page import BOOK, Deed, Page, Visit
from bpp.console.shown import FILTERS
from bpp.context import APP_CONTEXT
from bpp.people.model import Role

ROLES: Mapping[Role, str] = {
    Role.PROVIDER: msg("Service provider"),
    Role.WORKER: msg("Sewamitra"),
    Role.OPERATOR: msg("Call-centre operator"),
    Role.ACCOUNTANT: msg("Accountant"),
    Role.OFFICER: msg("District officer"),
    Role.ENGINEER: msg("Engineer"),
    Role.ADMIN: msg("Administrator"),
}
"""What each role is called."""


def set_up(app: web.Application, assets: Mapping[str, str]) -> None:
    """Let templates be rendered for an application; ``assets`` are the addresses of our files by name."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.PackageLoader("bpp.console"),
        extensions=["jinja2.ext.i18n"],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        filters=dict(FILTERS),
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(assets=assets, languages=LANGUAGES, roles=ROLES)


def page_response(
    page: Page, visit: Visit, found: Mapping[str, Any], request: web.Request, *, status: int = 200
) -> web.Response:
    """A page, or a part of one, as an answer."""
    given = {
        **found,
        "page": page,
        "visit": visit,
        "person": visit.person,
        "menu": menu_of(visit, page, request),
        "said": _said(request.app[BOOK].deeds.get(visit.did)),
        "problem_of": {one.field: one for one in visit.problems if one.field},
        "typed": visit.typed,
        "here": address_of(page, visit.path, request),
    }
    return render(page.template, request, given, status=status, title=page.title)


def render(
    template: str, request: web.Request, given: Mapping[str, Any], *, title: str, status: int = 200
) -> web.Response:
    """A template with what every one of them may use."""
    browser = request[BROWSER]
    values = {
        "page": None,
        "visit": None,
        "person": None,
        "menu": (),
        "said": "",
        "problem_of": {},
        "typed": {},
        "here": request.rel_url.raw_path,
        **given,
        "title": gettext(title),
        "language": spoken(),
        "csrf": browser.csrf,
        "once": secrets.token_urlsafe(12),
        "query_string": request.rel_url.raw_query_string,
        "sandbox": request.app[APP_CONTEXT].settings.sandbox,
        "helpline": request.app[APP_CONTEXT].settings.support_phone,
    }
    return aiohttp_jinja2.render_template(template, request, values, status=status)


def address_of(page: Page, path: Mapping[str, str], request: web.Request) -> str:
    """Where a page is found, also when it is shown in answer to a form, whose own address shows nothing."""
    parts = {name: value for name, value in path.items() if f"{{{name}}}" in page.path}
    return str(request.app.router[page.name].url_for(**parts))


def _said(deed: Deed | None) -> str:
    return gettext(deed.said) if deed is not None and deed.said else ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of the menu as it is shown; ``current``: it is the page that is shown."""

    title: str
    address: str
    current: bool


def menu_of(visit: Visit, page: Page, request: web.Request) -> list[Shortcut]:
    """The menu of a person."""
    router = request.app.router
    return [
        Shortcut(
            title=gettext(one.title),
            address=str(router[one.page].url_for(**one.path(visit.person))),
            current=one.page == page.name,
        )
        for one in entries(request.app[BOOK].menu, visit.person.role)
    ]

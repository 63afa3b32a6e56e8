"""The console as its people use it: signed in by the forms of its pages, over HTTP or in a real browser."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import aiohttp
import axe_playwright_python
from playwright.async_api import Browser, Page, ViewportSize
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from yarl import URL

from bpp.people.model import Person, Role
from bpp.people.passwords import hashed
from bpp.storage.ports import Work
from tests.support.browser import DESK, ended
from tests.support.network import Network

PASSWORD = "correct horse battery staple"
LUCKNOW = "162"
PATIENCE_S, LOOKS_EVERY_S = 30.0, 0.02
"""Seconds that a page is waited for, as long as Playwright does; and between two looks at it."""


@cache
def stored_password() -> str:
    """The hash of the password of everybody: made once, since it takes its time."""
    return hashed(PASSWORD)


async def add_person(network: Network, role: Role, login: str = "", **more: Any) -> Person:
    """Somebody who may sign in: an officer of Lucknow, the owner of the first provider, where nothing else is said."""
    login = login or role.value
    values = {
        "id": f"person:{login}",
        "login": login,
        "name": f"A test {role.value}",
        "role": role,
        "created_at": network.clock(),
        "password": stored_password(),
        "provider_id": await a_provider(network) if role is Role.PROVIDER else "",
        "worker_id": await a_worker(network) if role is Role.WORKER else "",
        "district": LUCKNOW if role is Role.OFFICER else "",
    }
    person = Person(**{**values, **more})

    async def unit(work: Work) -> bool:
        return await work.people.add(person)

    assert await network.context.storage.run(unit)
    return person


async def a_provider(network: Network) -> str:
    """The id of the first provider."""
    world = await network.context.storage.read(network.context.worlds.current)
    return min(world.catalog.providers)


async def a_worker(network: Network) -> str:
    """The id of the first worker."""
    world = await network.context.storage.read(network.context.worlds.current)
    return min(world.catalog.workers)


class _Forms(HTMLParser):
    """The forms of a page with the values that their fields have."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._open = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
            self._open = True
        elif self._open and tag in {"input", "button", "textarea"} and given.get("name"):
            kind = given.get("type", "text")
            if tag == "button" or (kind in {"checkbox", "radio"} and "checked" not in given):
                return
            self.forms[-1][1][given["name"]] = given.get("value", "")
        elif self._open and tag == "select":
            self._select = given.get("name", "")
        elif self._open and tag == "option" and self._select and ("selected" in given or self._select not in self.last):
            self.last[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "form"

    @property
    def last(self) -> dict[str, str]:
        return self.forms[-1][1]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page that came: ``url`` is where it was found after all redirections."""

    status: int
    text: str
    url: URL
    headers: Mapping[str, str]

    def forms(self) -> list[tuple[str, dict[str, str]]]:
        """Each form: its address, and the fields with their values."""
        found = _Forms()
        found.feed(self.text)
        return found.forms

    def form(self, action: str) -> tuple[str, dict[str, str]]:
        """The form whose address ends with a text."""
        return next((where, dict(fields)) for where, fields in self.forms() if where.partition("?")[0].endswith(action))

    @property
    def words(self) -> str:
        """What a reader reads: no tags, single spaces."""
        bare = re.sub(r"<(script|style)\b.*?</\1>", " ", self.text, flags=re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare)).strip()


@dataclass(kw_only=True)
class Visitor:
    """Somebody at the console, without a browser: cookies are kept, redirections followed, forms sent as they are."""

    base: str
    session: aiohttp.ClientSession
    language: str = "en"
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> Shown:
        """Open a page."""
        given = {"Accept-Language": self.language, **self.headers, **headers}
        async with self.session.get(self.at(path), headers=given) as answer:
            return await _shown(answer)

    async def post(self, path: str, fields: Mapping[str, Any], **headers: str) -> Shown:
        """Send fields to an address."""
        given = {"Accept-Language": self.language, **self.headers, **headers}
        data: Any = fields
        if any(isinstance(value, tuple) for value in fields.values()):
            data = aiohttp.FormData()
            for name, value in fields.items():
                if isinstance(value, tuple):
                    data.add_field(name, value[1], filename=value[0], content_type="application/octet-stream")
                else:
                    data.add_field(name, value)
        async with self.session.post(self.at(path), data=data, headers=given) as answer:
            return await _shown(answer)

    async def send(self, page: Shown, action: str, **fields: Any) -> Shown:
        """Fill in the form of a page whose address ends with ``action``, and send it."""
        where, known = page.form(action)
        return await self.post(where, {**known, **fields})

    async def sign_in(self, login: str, password: str = PASSWORD) -> Shown:
        """Login and password."""
        return await self.send(await self.get("/console/sign-in"), "/console/sign-in", login=login, password=password)

    def at(self, path: str) -> URL:
        """The address of a path of the server, or a whole address as it is."""
        return URL(path if "://" in path else f"{self.base}{path}", encoded=True)


async def _shown(answer: aiohttp.ClientResponse) -> Shown:
    text = (await answer.read()).decode(errors="replace")
    return Shown(status=answer.status, text=text, url=answer.url, headers=dict(answer.headers))


@asynccontextmanager
async def a_visitor(network: Network, language: str = "en") -> AsyncIterator[Visitor]:
    """Somebody with cookies of his or her own."""
    jar = aiohttp.CookieJar(unsafe=True)  # loopback is an address, not a name
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield Visitor(base=network.url, session=session, language=language)


@asynccontextmanager
async def signed_in(network: Network, role: Role, language: str = "en", **more: Any) -> AsyncIterator[Visitor]:
    """A new person of a role, signed in."""
    person = await add_person(network, role, **more)
    async with a_visitor(network, language) as visitor:
        page = await visitor.sign_in(person.login)
        assert "/sign-in" not in page.url.path, page.words
        yield visitor


@dataclass(kw_only=True)
class Window:
    """A real browser's window at the console, and what it complained of."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Go to a page, and to the field it begins at."""
        await self.page.goto(f"{self.base}{path}")
        await self.at_its_field()

    async def sign_in(self, login: str, password: str = PASSWORD) -> None:
        """Login and password, by the fields of the page."""
        await self.open("/console/sign-in")
        await self.page.fill("[name=login]", login)
        await self.page.fill("[name=password]", password)
        await self.page.press("[name=password]", "Enter")
        await self.page.wait_for_url(lambda url: "/sign-in" not in url)
        await self.at_its_field()

    async def at_its_field(self) -> None:
        """Wait until the page's own field has the focus: it comes after the page is there, and a key before it stops it."""
        await self.page.wait_for_selector("html:not(:has([autofocus])), :focus", state="attached")

    async def until(self, expression: str) -> None:
        """Wait until that holds on the page, or on one that comes after it.

        The page's policy forbids what the browser's own waiting for an expression does, but for its first look.
        """
        loop, said = asyncio.get_running_loop(), "it was not so"
        over = loop.time() + PATIENCE_S
        while loop.time() < over:
            try:
                async with asyncio.timeout_at(over):
                    if await self.page.evaluate(expression):
                        return
            except TimeoutError:
                break
            except PlaywrightError as problem:
                if self.page.is_closed():
                    raise
                said = str(problem)  # between two pages
            await asyncio.sleep(LOOKS_EVERY_S)
        raise PlaywrightTimeoutError(f"waiting for {expression}: {said}")

    async def barriers(self) -> list[str]:
        """What axe-core finds serious or critical on the page, in words; its script comes past the page's policy."""
        await self.page.wait_for_load_state()  # whoever clicked has seen the next page begin, no more
        await self.page.evaluate(axe_script())
        found: list[dict[str, Any]] = await self.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
            ".then(one => one.violations)"
        )
        return [
            f"{one['id']}: {one['help']}: {node['html'][:160]}"
            for one in found
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"]
        ]

    async def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        wide: int = await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return wide


@cache
def axe_script() -> str:
    """axe-core, as the package of its Python wrapper brings it."""
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@asynccontextmanager
async def a_window(
    browser: Browser, network: Network, language: str = "en", size: ViewportSize = DESK, **more: Any
) -> AsyncIterator[Window]:
    """A window of a browser that wants a language."""
    context = await browser.new_context(viewport=size, locale=f"{language}-IN", **more)
    try:
        page = await context.new_page()
        window = Window(page=page, base=network.url)
        page.on("console", lambda said: window.complaints.append(said.text))
        page.on("pageerror", lambda problem: window.complaints.append(str(problem)))
        yield window
    finally:
        await ended(context)

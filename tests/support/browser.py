"""A real browser for the tests: Debian's Chromium, driven by Playwright, which downloads none of its own here.

`BPP_TEST_BROWSER` names another Chromium. Where there is none, the tests that need it are skipped with the reason, or
fail where `BPP_TEST_REQUIRE_BROWSER` or `CI` is set.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright
from playwright.async_api import Error as PlaywrightError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PHONE = ViewportSize(width=360, height=740)
DESK = ViewportSize(width=1280, height=900)
CLOSING_S = 20.0


class BrowserMissingError(Exception):
    """No browser can be had; the text says why."""


def find_browser(environ: Mapping[str, str]) -> Path:
    """The browser's program: as the environment names it, else the first on PATH."""
    named = environ.get("BPP_TEST_BROWSER")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise BrowserMissingError(f"no browser: {named or ' or '.join(PROGRAMS)} is not on PATH")
    return Path(found)


@asynccontextmanager
async def running_browser(program: Path, patience: float = CLOSING_S) -> AsyncIterator[Browser]:
    """Start the browser without a window, and end it, within so many seconds."""
    # Root cannot have Chromium's sandbox; what the tests open was written by them.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            await ended(browser, patience)


async def ended(one: Browser | BrowserContext, patience: float = CLOSING_S) -> None:
    """Close it, or leave it: Chromium may die while it closes what has a service worker, and then nobody answers.

    What it was asked before was looked at; its processes end with the driver's, at the latest.
    """
    with suppress(TimeoutError, PlaywrightError):
        await asyncio.wait_for(one.close(), patience)


@dataclass(kw_only=True)
class Seen:
    """A page, and everything that it asked for and complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def overflow(self) -> int:
        """How many pixels the page is wider than the window: what a reader would have to scroll sideways."""
        wide: int = await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return wide


@asynccontextmanager
async def opened(browser: Browser, path: Path, size: ViewportSize = DESK, **more: Any) -> AsyncIterator[Seen]:
    """A file in a window of that size, with the network cut off."""
    context = await browser.new_context(viewport=size, offline=True, **more)
    try:
        page = await context.new_page()
        seen = Seen(page=page)
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("console", lambda said: seen.complaints.append(said.text))
        page.on("pageerror", lambda problem: seen.complaints.append(str(problem)))
        page.on("dialog", lambda dialog: seen.complaints.append(dialog.message))
        await page.goto(path.as_uri())
        yield seen
    finally:
        await ended(context)

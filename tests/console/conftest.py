"""A small network with a console, people who may sign in, and a browser for those who look."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.support.browser import BrowserMissingError, find_browser, running_browser
from tests.support.clock import FakeClock
from tests.support.network import Network, running_network
from tests.support.required import Needed, skip_or_fail
from tests.support.seeded import seeded_sqlite
from tests.support.settling import Settling, settling


@pytest.fixture
async def network(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """The real server on SQLite with two buyer apps around it, at Monday 09:00."""
    async with running_network(seeded_sqlite(tmp_path), tmp_path, clock) as running:
        yield running


@pytest.fixture
async def three(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Settling]:
    """The real server that settles with an agency, which listens, and with a buyer app, at Monday 09:00."""
    async with settling(seeded_sqlite(tmp_path), tmp_path, clock) as running:
        yield running


@pytest.fixture
def browser_program() -> Path:
    """The browser's program."""
    try:
        return find_browser(os.environ)
    except BrowserMissingError as problem:
        skip_or_fail(Needed.BROWSER, str(problem), os.environ)


@pytest_asyncio.fixture
async def browser(browser_program: Path) -> AsyncIterator[Browser]:
    """A browser."""
    async with running_browser(browser_program) as running:
        yield running


@pytest.fixture
async def network_with_totp(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """The same where staff must have a second factor."""
    more = {"BPP_CONSOLE_TOTP": "required"}
    async with running_network(seeded_sqlite(tmp_path), tmp_path, clock, **more) as running:
        yield running


@pytest.fixture
async def network_without_gateway(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """The same where the gateway of text messages cannot be reached."""
    more = {"BPP_SMS_URL": "http://127.0.0.1:9/"}
    async with running_network(seeded_sqlite(tmp_path), tmp_path, clock, **more) as running:
        yield running

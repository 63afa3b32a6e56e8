"""A worker at the console: somebody with a job today, who signs in by telephone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, Locator

from bpp.sandbox.exchange import Callback
from catalog.model import Worker
from tests.support.browser import DESK, PHONE
from tests.support.console import Visitor, Window, a_visitor, a_window
from tests.support.network import Network

SIZES = {"hi": PHONE, "en": DESK}
"""Each language in a size of its own."""


@dataclass(frozen=True, kw_only=True)
class Hired:
    """A worker, and the booking that he or she is sent to."""

    worker: Worker
    ref: str
    confirmed: Callback

    @property
    def pages(self) -> str:
        """Where the worker's pages are."""
        return f"/console/worker/{self.worker.id}"


async def hired(network: Network, words: str = "tap repair", **more: Any) -> Hired:
    """A booking for today, whose price is paid at the door unless ``more`` says otherwise."""
    confirmed = await network.booked(words, **{"payment_type": "ON-FULFILLMENT", **more})
    ref = await network.ref(confirmed)
    _, order = await network.call("GET", f"/orders/{ref}")
    return Hired(worker=await worker_named(network, order["worker_id"]), ref=ref, confirmed=confirmed)


async def worker_named(network: Network, worker_id: str) -> Worker:
    """A worker of the catalog as it is now."""
    world = await network.context.storage.read(network.context.worlds.current)
    return world.catalog.workers[worker_id]


async def state_of(network: Network, ref: str) -> str:
    """Where the visit of an order stands."""
    _, order = await network.call("GET", f"/orders/{ref}")
    state: str = order["state"]
    return state


def code_in(printed: str) -> str:
    """The code of the last text message that the sandbox printed."""
    return printed.rpartition("Sewamitra: ")[2].split(maxsplit=1)[0]


@asynccontextmanager
async def worker_visitor(
    network: Network, worker: Worker, capsys: pytest.CaptureFixture[str], language: str = "en"
) -> AsyncIterator[Visitor]:
    """The worker, signed in without a browser."""
    async with a_visitor(network, language) as visitor:
        sent = await visitor.send(await visitor.get("/console/sign-in"), "phone", phone=worker.phone)
        page = await visitor.send(sent, "sign-in/code", code=code_in(capsys.readouterr().out))
        assert page.url.path.endswith("/today"), page.words
        yield visitor


@asynccontextmanager
async def worker_window(
    browser: Browser,
    network: Network,
    worker: Worker,
    capsys: pytest.CaptureFixture[str],
    language: str = "hi",
    **more: Any,
) -> AsyncIterator[Window]:
    """The worker at a real browser, signed in by the pages."""
    async with a_window(browser, network, language, SIZES[language], **more) as window:
        await by_telephone(window, worker, capsys)
        yield window


async def by_telephone(window: Window, worker: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    """Sign in with the code that comes to the telephone."""
    page = window.page
    await window.open("/console/sign-in")
    await page.fill("[name=phone]", worker.phone)
    await page.press("[name=phone]", "Enter")
    await page.wait_for_selector("[name=code]")
    await page.fill("[name=code]", code_in(capsys.readouterr().out))
    await page.press("[name=code]", "Enter")
    await page.wait_for_url("**/today")


def button(window: Window, step: str) -> Locator:
    """What opens a step: its first press."""
    return window.page.locator(f"details:has(form[action$='/{step}']) > summary:visible")


async def press(window: Window, step: str, **fields: str) -> None:
    """A step, filled in and confirmed."""
    form = window.page.locator(f"form[action$='/{step}']:visible").first
    if not await form.is_visible():
        await button(window, step).first.click()
    for name, value in fields.items():
        await form.locator(f"[name={name}]").fill(value)
    await form.locator("button").click()

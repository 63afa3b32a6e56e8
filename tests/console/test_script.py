"""What the small script does in a real browser, whatever the page: answers that come late, pages without it."""

from __future__ import annotations

import asyncio

from bpp.people.model import Role
from tests.support.console import a_window, add_person

PART = "**/engine/health-part*"
LONG_ENOUGH = 30


async def test_an_answer_that_comes_late_takes_nothing_away_from_whoever_is_at_it_by_then(network, browser):
    await add_person(network, Role.ENGINEER)
    asked: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def hold(route):
        may_go = asyncio.Event()
        await asked.put(may_go)
        await may_go.wait()
        await route.continue_()

    async with a_window(browser, network) as window:
        page = window.page
        await window.sign_in("engineer")
        await page.route(PART, hold)
        await window.open("/console/engine")
        first = await asyncio.wait_for(asked.get(), LONG_ENOUGH)
        link = page.locator("[data-live] a").first
        await link.focus()
        await link.evaluate("one => { one.dataset.mine = 'yes'; }")
        async with page.expect_response(PART) as coming:
            first.set()
        await (await coming.value).finished()
        await page.evaluate("document.activeElement.blur()")
        second = await asyncio.wait_for(asked.get(), LONG_ENOUGH)
        assert await page.locator("[data-mine]").count() == 1, "what was come to is still there"
        second.set()
        await page.wait_for_selector("[data-mine]", state="detached")
        assert window.complaints == []


async def test_without_the_script_the_menu_is_there(network, browser):
    await add_person(network, Role.ENGINEER)
    async with a_window(browser, network, java_script_enabled=False) as window:
        await window.sign_in("engineer")
        await window.page.get_by_role("navigation", name="Menu").get_by_role("link").first.click()
        await window.page.locator("[aria-current=page]").wait_for()


async def test_whoever_looks_is_told_when_the_server_does_not_answer_any_more_and_when_it_does_again(network, browser):
    await add_person(network, Role.ENGINEER)
    async with a_window(browser, network) as window:
        page = window.page
        await window.sign_in("engineer")
        await page.route(PART, lambda route: route.abort())
        await window.open("/console/engine")
        told = page.get_by_role("alert").filter(has_text="does not answer")
        await told.wait_for()
        await page.unroute(PART)
        await told.wait_for(state="hidden")

"""The worker's page that was loaded without network does not stay what was kept, though no browser tells it to go on."""

from __future__ import annotations

import pytest

from tests.console.test_worker_offline import ALL_SENT, FORM, KEPT, LOOKED_AT, READY, TRUE, WAITS
from tests.support.worker_console import button, by_telephone, hired, press, state_of, worker_window

UNHEARD = "addEventListener('online', (event) => event.stopImmediatePropagation())"
"""As where the browser was never without network, and the server could not be reached."""
QUICKER = """
const real = window.setInterval;
window.ticks = 0, window.pauses = [];
window.setInterval = (act, milliseconds) => {
    window.pauses.push(milliseconds);
    return real(() => { window.ticks += 1; act(); }, milliseconds / 20);
};
"""
"""What a page does each ten seconds it does each half."""
SAME = "window.same === true"
SOME_TICKS = "window.ticks > window.before + 3"
AGAIN = "sessionStorage.getItem('worker-again')"
MORE_SELDOM = f"{AGAIN} >= 2 && window.pauses.includes(10000 * 2 ** {AGAIN})"
LONG_AGO = "([address, body]) => Waiting.add({ address, body, at: Date.now() - 6 * 60000 })"
TWO_MINUTES_LATER = "() => { const now = Date.now; Date.now = () => now() + 120000; }"
OF_SOMEBODY_ELSE = """sessionStorage.setItem(
    Waiting.TOLD, JSON.stringify({ of: "/console/worker/W-ELSE/", standing: ["not for these eyes"] })
)"""
ON_THE_WAY = """document.readyState === "complete" && !document.querySelector("form[action$='/depart']")"""
OTHER_SESSION = "document.querySelector('#day').dataset.csrf = 'of another session'"
CUT_OFF = "() => { self.real = self.fetch; self.fetch = () => Promise.reject(new TypeError('no network')); }"
DOWN = "() => { self.real = self.fetch; self.fetch = () => Promise.resolve(new Response('', { status: 503 })); }"
REACHED = "() => { self.fetch = self.real; }"
FULL = "() => { Cache.prototype.put = () => Promise.reject(new DOMException('no room', 'QuotaExceededError')); }"


def asks(request) -> bool:
    """Whether it asks only if the server is there."""
    return bool(request.method == "HEAD" and request.url.endswith("/worker-offline.js"))


async def without_network(window) -> None:
    """On a page that was kept, which nobody tells that the network is back, and whose time goes quickly."""
    page = window.page
    await page.wait_for_selector(READY)
    await page.add_init_script(UNHEARD + ";" + QUICKER)
    await page.context.set_offline(True)
    await page.reload()
    await page.wait_for_selector(f"{READY} {KEPT}")
    await page.evaluate("window.same = true")


async def test_a_kept_page_is_loaded_anew_by_and_by_where_no_browser_says_that_the_network_is_back(
    network, browser, capsys
):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await without_network(window)

        for _ in range(2):
            async with page.expect_event("requestfailed", asks):
                pass
        assert await page.evaluate(SAME), "what was kept is better than nothing"
        await page.context.set_offline(False)

        await page.wait_for_selector(TRUE)
        assert not await page.locator("#no-network").is_visible()


async def test_a_kept_page_is_not_loaded_anew_under_the_fingers_of_who_is_in_the_middle_of_a_step(
    network, browser, capsys
):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await without_network(window)
        await button(window, "depart").click()
        await page.wait_for_selector("details.confirm[open]")
        await page.context.set_offline(False)

        asked = []
        page.on("request", lambda request: asked.append(request.url) if asks(request) else None)
        await page.evaluate("window.before = window.ticks")
        await window.until(SOME_TICKS)
        assert await page.evaluate(SAME)
        assert asked == []

        await button(window, "depart").click()  # thought better of it
        await page.wait_for_selector(TRUE)
        assert await state_of(network, job.ref) == "ASSIGNED"


async def test_what_was_begun_and_left_lying_holds_a_kept_page_for_two_minutes_at_most(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        await without_network(window)
        await button(window, "depart").click()
        await window.page.wait_for_selector("details.confirm[open]")
        await window.page.context.set_offline(False)

        await window.page.evaluate(TWO_MINUTES_LATER)

        await window.page.wait_for_selector(TRUE)


@pytest.mark.parametrize("state", [CUT_OFF, DOWN], ids=["the page does not come", "the page is refused"])
async def test_the_more_often_a_kept_page_comes_again_although_the_server_is_reached_the_more_seldom_is_it_tried(
    network, browser, capsys, state
):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        (helper,) = page.context.service_workers
        await helper.evaluate(state)
        await without_network(window)
        await page.context.set_offline(False)

        await window.until(MORE_SELDOM)
        await page.wait_for_selector(f"{READY} {KEPT}")
        await helper.evaluate(REACHED)

        await page.wait_for_selector(TRUE)
        await window.until(f"{AGAIN} === null")


async def test_a_kept_page_with_what_its_own_session_may_not_send_is_loaded_anew_and_sends_it(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        await page.add_init_script(UNHEARD)
        await page.context.set_offline(True)
        await press(window, "depart")
        await page.wait_for_selector(f"{READY} {KEPT}")
        await page.wait_for_selector("#waiting li")
        await page.evaluate(OTHER_SESSION)
        await page.context.set_offline(False)

        async with page.expect_response("**/depart") as answered:
            await page.evaluate(LOOKED_AT)

        assert (await answered.value).status == 403
        await page.wait_for_selector(TRUE)
        await window.until(ALL_SENT)
        assert await state_of(network, job.ref) == "EN_ROUTE"


async def test_what_was_told_is_told_again_by_the_page_that_comes_at_once_after_it(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await press(window, "depart")
        await button(window, "arrive").wait_for()
        await press(window, "arrive")
        await button(window, "start").wait_for()
        await page.wait_for_selector(READY)
        address, body = await page.locator("form[action$='/start']").evaluate(FORM)
        # The first ran out without a word of the server; the second is not of this session, and refused in the next.
        await page.evaluate(LONG_AGO, [address, body])
        await page.evaluate(WAITS, [address.replace("/start", "/complete"), body])
        await page.evaluate(OTHER_SESSION)

        await page.evaluate(LOOKED_AT)

        await page.wait_for_selector("#told li:nth-child(2)")
        assert await page.locator("#told li").count() == 2
        assert await state_of(network, job.ref) == "ARRIVED"


async def test_what_was_told_outlives_a_session_that_ended_and_is_told_to_nobody_else(network, browser, capsys, clock):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        address, body = await page.locator("form[action$='/depart']").evaluate(FORM)
        await page.evaluate(LONG_AGO, [address.replace("/depart", "/start"), body])
        await page.evaluate(WAITS, [address, body])
        await page.context.clear_cookies(name="console")

        await page.evaluate(LOOKED_AT)
        await page.wait_for_url(lambda url: "/sign-in" in url)
        clock.tick(minutes=5)
        await by_telephone(window, job.worker, capsys)

        await window.until(ON_THE_WAY)
        await page.wait_for_selector("#told li")
        assert await page.locator("#told li").count() == 1
        assert await state_of(network, job.ref) == "EN_ROUTE"

        await page.wait_for_selector(READY)
        await page.evaluate(OF_SOMEBODY_ELSE)
        await page.reload()
        await page.wait_for_selector(READY)
        assert not await page.locator("#told").is_visible()


async def test_a_telephone_without_room_for_the_page_shows_it(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        (helper,) = page.context.service_workers
        await helper.evaluate(FULL)
        await page.evaluate("window.same = true")

        await page.reload()

        await page.wait_for_selector(f"{READY} {TRUE}")
        assert not await page.evaluate(SAME)

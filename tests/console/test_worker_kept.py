"""The worker's page that was loaded without network does not stay what was kept, though no browser tells it to go on."""

from __future__ import annotations

from tests.console.test_worker_offline import ALL_SENT, KEPT, LOOKED_AT, READY, TRUE
from tests.support.worker_console import hired, press, state_of, worker_window

UNHEARD = "addEventListener('online', (event) => event.stopImmediatePropagation())"
"""As where the browser was never without network, and the server could not be reached."""
TIMES = "window.every = {}; window.setInterval = (act, milliseconds) => { window.every[milliseconds] = act; };"
LOOKS_AGAIN = "void window.every[10000]()"
"""What a kept page does each ten seconds, now."""


async def test_a_kept_page_is_loaded_anew_by_and_by_where_no_browser_says_that_the_network_is_back(
    network, browser, capsys
):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        await page.add_init_script(TIMES)
        await page.add_init_script(UNHEARD)
        await page.context.set_offline(True)
        await page.reload()
        await page.wait_for_selector(f"{READY} {KEPT}")

        await page.evaluate(LOOKS_AGAIN)
        assert await page.locator(KEPT).count() == 1, "what was kept is better than nothing"
        await page.context.set_offline(False)
        await page.evaluate(LOOKS_AGAIN)

        await page.wait_for_selector(TRUE)
        assert not await page.locator("#no-network").is_visible()


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
        await page.locator("#day").evaluate("day => { day.dataset.csrf = 'of-another-session'; }")
        await page.context.set_offline(False)

        await page.evaluate(LOOKED_AT)

        await page.wait_for_selector(TRUE)
        await window.until(ALL_SENT)
        assert await state_of(network, job.ref) == "EN_ROUTE"

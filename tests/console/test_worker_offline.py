"""The worker's page on a slow network and on none: its weight, what is kept, what waits, what goes out when it is back."""

from __future__ import annotations

import pytest
from playwright.async_api import Error as PlaywrightError

from tests.support.browser import PHONE
from tests.support.console import a_window
from tests.support.network import otp_of
from tests.support.worker_console import button, hired, press, state_of, worker_window

JOBS = 8
PACKED = {"Accept-Encoding": "gzip"}
MOST = 50_000
"""Bytes of the page with all that it loads."""
READY = "html[data-ready=offline]"
KEPT_PAGES = """async () => {
    const days = (await caches.keys()).filter((name) => name.startsWith("worker-day-"));
    const pages = await Promise.all(days.map(async (name) => (await caches.open(name)).keys()));
    return pages.flat().length;
}"""
KEPT = "#day[data-kept=yes]"
FORM = """form => [form.getAttribute("action"), new URLSearchParams(new FormData(form)).toString()]"""
WAITS = "([address, body]) => Waiting.add({ address, body, at: Date.now() })"
WAITING = "Waiting.all().then((all) => all.length)"
ALL_SENT = f"{WAITING}.then((many) => many === 0)"
TRUE = "#day[data-kept=no]"
LOOKED_AT = "document.dispatchEvent(new Event('visibilitychange'))"


async def test_the_page_of_a_full_day_weighs_less_than_50_kb_with_all_that_it_loads(network, browser, capsys):
    job = await hired(network)
    for hour in range(1, JOBS):
        more = await network.booked(slot=hour, payment_type="ON-FULFILLMENT")
        status, answer = await network.event(more, "assign", worker_id=job.worker.id)
        assert status == 200, answer
    async with worker_window(browser, network, job.worker, capsys) as window:
        known = await window.page.context.storage_state()
    came = []

    def note(response):
        came.append(response)

    async with a_window(browser, network, "hi", PHONE, storage_state=known) as window:  # nothing is in its cache
        window.page.context.on("response", note)
        await window.open(f"{job.pages}/today")
        await window.page.wait_for_selector(READY)
        assert await window.page.locator(".job").count() == JOBS
        sizes: dict[str, int] = {}
        for one in came:  # what the page keeps for the day comes once more, out of the browser's own cache
            size = await one.request.sizes()
            sizes[one.url] = max(size["responseBodySize"] + size["responseHeadersSize"], sizes.get(one.url, 0))

    names = {url.rsplit("/", 1)[1].partition(".")[0] for url in sizes}
    assert names == {"today", "console", "worker", "worker-waiting", "worker-leaving", "worker-offline", "icon"}
    assert all(sizes.values())
    async with network.session.get(f"{network.url}/console/worker/worker-offline.js", headers=PACKED) as answer:
        script = int(answer.headers["Content-Length"])  # what a service worker is fetched with is not counted above
    assert sum(sizes.values()) + script < MOST


async def test_what_is_pressed_without_network_is_kept_and_sent_in_order_once_it_is_back(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        await page.context.set_offline(True)
        await page.reload()
        await page.wait_for_selector(KEPT)
        await page.wait_for_selector("#no-network")
        assert await page.locator(".job address").inner_text(), "where to go is there without network"
        assert await window.barriers() == []

        await press(window, "depart")
        await page.wait_for_selector("#waiting li")
        await press(window, "arrive")
        await page.wait_for_selector("#waiting li:nth-child(2)")
        assert await button(window, "depart").count() == 0, "what was pressed is not asked for again"
        assert (await window.barriers(), await window.overflow()) == ([], 0)
        assert await state_of(network, job.ref) == "ASSIGNED"

        await page.context.set_offline(False)
        await page.wait_for_selector(f"{READY} {TRUE}")
        await button(window, "start").wait_for()
        assert not await page.locator("#waiting").is_visible()
        assert await events_of(network, job) == ["depart", "arrive"]


async def test_a_step_whose_answer_was_lost_is_done_once(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        form = page.locator("form[action$='/depart']")
        fields = await form.evaluate("form => Object.fromEntries(new FormData(form))")
        address = await form.get_attribute("action")
        await page.context.set_offline(True)
        await press(window, "depart")
        await page.wait_for_selector("#waiting li")
        # The same had come through: its answer alone was lost.
        cookies = {one["name"]: one["value"] for one in await page.context.cookies()}
        async with network.session.post(f"{network.url}{address}", data=fields, cookies=cookies) as answer:
            assert answer.status == 200
        await page.context.set_offline(False)
        await page.wait_for_selector(f"{READY} {TRUE}")

        assert await page.evaluate(WAITING) == 0
        assert not await page.locator("#told").is_visible()
        assert await events_of(network, job) == ["depart"]


async def test_what_is_refused_when_it_is_sent_at_last_is_told_with_its_reason(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        await page.context.set_offline(True)
        await press(window, "depart")
        await page.wait_for_selector("#waiting li")
        await network.event(job.confirmed, "reassign", reason="declined")
        await page.context.set_offline(False)
        await page.wait_for_selector("#told:visible")

        assert await page.locator("#told li").count() == 1
        assert not await page.locator("#waiting").is_visible()
        assert await page.locator(".job").count() == 0
        assert await events_of(network, job) == []


async def test_an_otp_goes_out_once_and_not_when_it_has_run_out(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await press(window, "depart")
        await button(window, "arrive").wait_for()
        await network.buyer.next_callback(job.confirmed.transaction_id)
        await press(window, "arrive")
        await button(window, "start").wait_for()
        otp = otp_of(await network.buyer.next_callback(job.confirmed.transaction_id))
        await page.wait_for_selector(READY)

        await page.context.set_offline(True)
        await press(window, "start", otp=otp)
        await page.wait_for_selector("#waiting li")
        await page.evaluate(
            """async () => {
                const [step] = await Waiting.all();
                await Waiting.drop(step.key);
                await Waiting.add({ address: step.address, body: step.body, at: Date.now() - 6 * 60000 });
            }"""
        )
        await page.context.set_offline(False)
        await page.wait_for_selector("#told:visible")
        assert await state_of(network, job.ref) == "ARRIVED"

        await page.wait_for_selector(READY)
        await page.context.set_offline(True)
        await press(window, "start", otp=otp)
        await page.wait_for_selector("#waiting li")
        assert await button(window, "complete").count() == 1, "what comes after can be pressed already"
        await press(window, "complete")
        await page.wait_for_selector("#waiting li:nth-child(2)")
        await page.context.set_offline(False)
        await page.wait_for_selector(".job.over")
        assert await state_of(network, job.ref) == "COMPLETED"


async def test_nothing_of_the_customer_stays_after_signing_out(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        await page.context.set_offline(True)
        await press(window, "depart")
        await page.wait_for_selector("#waiting li")
        await page.click("form[action$='/sign-out'] button")
        await page.wait_for_selector("#unsent:visible")
        assert len(await kept_in(page)) == 2, "who would lose what was pressed is told first"
        await page.context.set_offline(False)
        await page.wait_for_selector(TRUE)
        await page.wait_for_selector(READY)
        await page.click("form[action$='/sign-out'] button")
        await page.wait_for_url("**/sign-in")

        assert await kept_in(page) == []
        assert await page.evaluate("indexedDB.databases()") == []
        assert await page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
        await window.open(f"{job.pages}/today")
        assert "/sign-in" in page.url


async def test_whoever_signs_out_on_another_page_is_told_what_is_not_sent_and_can_send_it_first(
    network, browser, capsys
):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        step = await page.locator("form[action$='/depart']").evaluate(FORM)
        await window.open(f"{job.pages}/availability")
        await page.evaluate(WAITS, step)
        await page.click("form[action$='/sign-out'] button")
        await page.wait_for_selector("#unsent:visible")
        assert (await window.barriers(), await window.overflow()) == ([], 0)
        assert await page.evaluate(WAITING) == 1
        await page.click("#unsent a")
        await page.wait_for_selector("#waiting li", state="detached")  # loaded anew, once it was sent
        await page.wait_for_selector(READY)
        assert await state_of(network, job.ref) == "EN_ROUTE"

        await window.open("/console/account")
        await page.evaluate(WAITS, step)
        await page.click("form[action$='/sign-out'] button")
        await page.wait_for_selector("#unsent:visible")
        await page.click("form[action$='/sign-out'] button")
        await page.wait_for_url("**/sign-in")
        assert await kept_in(page) == []
        assert await page.evaluate("indexedDB.databases()") == []


async def test_what_waits_is_tried_again_when_the_page_is_looked_at(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        await page.evaluate(WAITS, await page.locator("form[action$='/depart']").evaluate(FORM))

        await page.evaluate(LOOKED_AT)

        await button(window, "arrive").wait_for()
        assert await state_of(network, job.ref) == "EN_ROUTE"


async def test_what_was_pressed_in_a_session_that_has_ended_since_is_sent_in_the_next(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        await page.evaluate(WAITS, await page.locator("form[action$='/depart']").evaluate(FORM))
        await page.evaluate("document.querySelector('#day').dataset.csrf = 'of another session'")
        async with page.expect_response("**/depart") as answered:
            await page.evaluate(LOOKED_AT)
        assert (await answered.value).status == 403

        await page.reload()

        await window.until(ALL_SENT)
        await button(window, "arrive").wait_for()
        assert await state_of(network, job.ref) == "EN_ROUTE"


async def test_nothing_of_the_customer_stays_when_the_session_has_ended_or_the_day_is_over(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        page = window.page
        await page.wait_for_selector(READY)
        (helper,) = page.context.service_workers
        await helper.evaluate("() => { const real = Date.now; Date.now = () => real() + 24 * 3600 * 1000; }")
        await page.context.set_offline(True)
        with pytest.raises(PlaywrightError):
            await page.reload()
        assert await helper.evaluate(KEPT_PAGES) == 0

        await page.context.set_offline(False)
        await window.open(f"{job.pages}/today")
        await page.wait_for_selector(READY)
        assert await page.evaluate(KEPT_PAGES) == 1
        await page.context.clear_cookies(name="console")
        await page.reload()
        assert "/sign-in" in page.url
        assert await page.evaluate(KEPT_PAGES) == 0


async def kept_in(page):
    return await page.evaluate("caches.keys()")


async def events_of(network, job):
    _, order = await network.call("GET", f"/orders/{job.ref}")
    return [one["name"] for one in order["timeline"] if one["kind"] == "event" and one["name"] in {"depart", "arrive"}]

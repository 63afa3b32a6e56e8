"""The worker's jobs in a real browser: in Hindi on a telephone, in English at a desk."""

from __future__ import annotations

import pytest
import segno

from bpp.people.model import Role
from tests.support.browser import DESK, PHONE
from tests.support.console import a_window, add_person
from tests.support.network import otp_of
from tests.support.worker_console import button, hired, press, state_of, worker_named, worker_window

TAKE = {"hi": "नकद लें", "en": "in cash"}
TRIES = {"hi": "4 मौके बाकी", "en": "4 tries are left"}
WAITS = {"hi": "ग्राहक की हाँ का इंतज़ार", "en": "waits for the customer's yes"}
AGREED = {"hi": "ग्राहक ने हाँ कहा", "en": "the customer said yes"}
RUPEES = {"hi": "कृपया राशि रुपये में लिखें", "en": "Please give rupees"}
GENUINE = {"hi": "यह पर्ची असली है", "en": "This slip is genuine"}


@pytest.mark.parametrize("language", ["hi", "en"])
async def test_a_worker_does_a_job_from_the_first_button_to_the_slip(network, browser, capsys, language):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys, language) as window:
        page = window.page
        said = page.locator("main")
        assert TAKE[language] in await said.inner_text()
        assert await page.locator("a[href^='tel:9'], a[href^='tel:+']").count() == 1
        assert await page.locator("a[href^='geo:26.']").count() == 1
        assert await page.locator(".job address").inner_text()
        await barrier_free(window)

        await press(window, "depart")
        await page.wait_for_selector(".done")
        assert await state_of(network, job.ref) == "EN_ROUTE"
        await network.buyer.next_callback(job.confirmed.transaction_id)
        await press(window, "arrive")
        await button(window, "start").wait_for()
        assert await state_of(network, job.ref) == "ARRIVED"
        otp = otp_of(await network.buyer.next_callback(job.confirmed.transaction_id))

        await press(window, "start", otp="0000" if otp != "0000" else "0001")
        await page.wait_for_selector(".wrong")
        assert TRIES[language] in await said.inner_text()
        await barrier_free(window)
        otp = otp_of(await network.buyer.next_callback(job.confirmed.transaction_id))
        await press(window, "start", otp=in_script(otp, language))
        await button(window, "complete").wait_for()
        assert await state_of(network, job.ref) == "STARTED"

        await press(window, "extra", title="Washer", price="free", count="2")
        await page.wait_for_selector("#problems")
        assert await page.locator("[name=title]").input_value() == "Washer"
        assert RUPEES[language] in await page.locator("#wrong-price").inner_text()
        await barrier_free(window)
        await press(window, "extra", price="₹ 25.50")
        await page.wait_for_selector(".extras")
        assert WAITS[language] in await said.inner_text()
        await network.call("POST", f"/orders/{job.ref}/events", {"event": "accept_quote"})
        await window.open(f"{job.pages}/today")
        assert AGREED[language] in await said.inner_text()

        await press(window, "complete")
        await page.wait_for_selector(".job.over")
        assert await state_of(network, job.ref) == "COMPLETED"
        assert await page.locator("a[href^='tel:9'], address").count() == 0, "whoever is done needs no address any more"
        await barrier_free(window)

        price, address = await proved(window, network, job)
        assert window.complaints == [*refused_twice()], window.complaints
    async with a_window(browser, network, language, PHONE if language == "en" else DESK) as stranger:
        await stranger.page.goto(address)
        text = await stranger.page.locator("main").inner_text()
        assert GENUINE[language] in text
        assert price in text
        assert job.worker.name in text
        await barrier_free(stranger)


@pytest.mark.parametrize("language", ["hi", "en"])
async def test_a_worker_says_when_he_or_she_is_free_on_leave_and_engaged(network, browser, capsys, language):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys, language) as window:
        page = window.page
        await window.open(f"{job.pages}/availability")
        await barrier_free(window)
        await press(window, "switch")
        await page.wait_for_selector(".done")
        assert not (await worker_named(network, job.worker.id)).available
        await press(window, "switch")
        await page.wait_for_selector(".tag.good")
        assert (await worker_named(network, job.worker.id)).available

        await press(window, "add-leave", first="2026-12-24", last="2026-12-23")
        await page.wait_for_selector("#problems")
        await barrier_free(window)
        await press(window, "add-leave", first="2026-12-24", last="2026-12-25")
        await page.wait_for_selector(".done")
        assert len((await worker_named(network, job.worker.id)).leaves) == 1
        await press(window, "cancel-leave")
        await page.wait_for_selector("form[action$='/cancel-leave']", state="detached")
        assert (await worker_named(network, job.worker.id)).leaves == ()

        await press(window, "engage", employer="PWD", first="2026-12-01", last="2026-12-31")
        await page.wait_for_selector("form[action$='/end-contract']", state="attached")
        await barrier_free(window)
        await press(window, "end-contract", last="2026-12-10")
        await page.wait_for_selector(".done")
        (contract,) = (await worker_named(network, job.worker.id)).engagements
        assert (str(contract.until), contract.employer, contract.ended_by) == ("2026-12-10", "PWD", "worker")

        await press(window, "share")
        await page.wait_for_selector("[name=share][value=yes]", state="attached")
        assert not (await worker_named(network, job.worker.id)).shares_location
        await press(window, "share")
        await page.wait_for_selector("[name=share][value=no]", state="attached")
        assert (await worker_named(network, job.worker.id)).shares_location


async def test_who_cannot_come_says_why_and_another_is_sent(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        await button(window, "leave").click()
        await window.page.check("[value=ill]")
        await press(window, "leave")
        await window.page.wait_for_selector(".done")

        assert await window.page.locator(".job").count() == 0
        _, order = await network.call("GET", f"/orders/{job.ref}")
        assert order["worker_id"] != job.worker.id
        assert [one["detail"].get("reason") for one in order["timeline"] if one["name"] == "reassign"] == ["ill"]


async def test_the_buttons_of_the_page_are_large_enough_for_a_thumb(network, browser, capsys):
    job = await hired(network)
    async with worker_window(browser, network, job.worker, capsys) as window:
        for path in ("today", "availability", "earnings"):
            await window.open(f"{job.pages}/{path}")
            for details in await window.page.locator("main details").all():
                await details.evaluate("one => { one.open = true; }")
            heights = await window.page.locator("main :is(button, .button, input:not([type=hidden], [type=radio], [type=checkbox]), label.pick)"
                                                ":visible").evaluate_all("all => all.map(one => one.offsetHeight)")  # fmt: skip
            assert heights
            assert min(heights) >= 48
            assert await window.page.locator("main table").count() == 0


@pytest.mark.parametrize("language", ["hi", "en"])
async def test_every_page_is_without_barriers_in_the_other_size_too(network, browser, capsys, language):
    job = await hired(network)
    await add_person(network, Role.PROVIDER, provider_id=job.worker.provider_id)
    async with a_window(browser, network, language, DESK if language == "hi" else PHONE) as window:
        await window.sign_in("provider")
        for path in ("today", "availability", "earnings", "slip"):
            await window.open(f"{job.pages}/{path}")
            assert await window.page.locator("html").get_attribute("lang") == language
            await barrier_free(window)
            assert await window.page.locator("main form[method=post]").count() == 0, "who only looks presses nothing"
    async with worker_window(browser, network, job.worker, capsys, language) as window:
        await window.page.emulate_media(color_scheme="dark")
        for path in ("today", "availability", "earnings", "slip"):
            await window.open(f"{job.pages}/{path}")
            await barrier_free(window)


async def test_where_the_worker_is_gets_told_on_the_way_until_the_worker_takes_it_back(network, browser, capsys):
    job = await hired(network)
    assert job.worker.shares_location
    point = {"latitude": 26.851, "longitude": 80.997}
    async with worker_window(
        browser, network, job.worker, capsys, geolocation=point, permissions=["geolocation"]
    ) as window:
        async with window.page.expect_response("**/location") as told:
            await press(window, "depart")
        assert (await told.value).status == 303
        order = await network.context.storage.read(lambda work: work.orders.get(job.ref))
        assert str(order.visit.whereabouts.gps) == "26.852500,80.997500", "no more exactly than to 500 metres"

        await window.open(f"{job.pages}/availability")
        await press(window, "share")
        await window.page.wait_for_selector("[name=share][value=yes]", state="attached")
        await window.open(f"{job.pages}/today")
        assert await window.page.locator("[data-where]").count() == 0


async def proved(window, network, job):
    """What was earned as the page of the slip says it, and where the slip's code leads."""
    page = window.page
    network.clock.tick(minutes=1)
    await window.open(f"{job.pages}/earnings")
    price = await page.locator(".figures li:nth-child(2) strong").inner_text()
    assert price == await page.locator(".figures li:nth-child(4) strong").inner_text(), "all was taken at the door"
    await barrier_free(window)
    await page.click("a[href*='/slip']")
    await page.wait_for_selector(".slip .qr")
    await barrier_free(window)
    address = await page.locator(".slip a.address").get_attribute("href")
    picture = await page.locator(".slip .qr").get_attribute("src")
    assert picture == segno.make(address, error="m").svg_data_uri(scale=4, border=2)
    return price, address


async def barrier_free(window):
    assert (await window.barriers(), await window.overflow()) == ([], 0)


def in_script(figures, language):
    return "".join(chr(ord("०") + int(one)) for one in figures) if language == "hi" else figures


def refused_twice():
    refused = "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
    return [refused, refused]

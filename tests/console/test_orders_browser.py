"""The pages of an order in a real browser: found, read, moved, complained of, cancelled; by keyboard, in both languages."""

from __future__ import annotations

import pytest

from bpp.people.model import Role
from tests.support.browser import DESK, PHONE
from tests.support.console import a_window, add_person
from tests.support.orders_console import by_telephone, of_buyer_app

JOBS = {
    "hi": {
        "move": "दूसरा समय",
        "sure": "हाँ, समय बदलें",
        "moved": "समय बदल गया है।",
        "complain": "शिकायत दर्ज करें",
        "note": "दर्ज करें",
        "noted": "शिकायत दर्ज हो गई",
        "cancel": "ग्राहक की ओर से रद्द करें",
        "charge": "अभी रद्द करने पर ₹0.00 शुल्क लगेगा; ₹0.00 वापस मिलेंगे।",
        "yes": "हाँ, बुकिंग रद्द करें",
        "gone": "बुकिंग रद्द हो गई है।",
    },
    "en": {
        "move": "Another time",
        "sure": "Yes, move it",
        "moved": "The visit is moved.",
        "complain": "Note a complaint",
        "note": "Note it",
        "noted": "The complaint is noted",
        "cancel": "Cancel for the customer",
        "charge": "Cancelling costs Rs 0.00 now; Rs 0.00 come back.",
        "yes": "Yes, cancel the order",
        "gone": "The order is cancelled.",
    },
}


@pytest.mark.parametrize(("language", "size"), [("hi", PHONE), ("en", DESK)], ids=["hi-telephone", "en-desk"])
async def test_an_operator_finds_an_order_moves_it_notes_a_complaint_and_cancels_it(network, browser, language, size):
    ref = await by_telephone(network, slot=20)
    await add_person(network, Role.OPERATOR)
    words = JOBS[language]
    async with a_window(browser, network, language, size) as window:
        page = window.page
        await window.sign_in("operator")
        await window.open("/console/orders?channel=call_centre")
        await page.locator("table tbody a").click()
        assert await window.barriers() == []

        await page.get_by_role("link", name=words["move"], exact=True).click()
        start = page.locator("[name=start]")
        chosen = await start.locator("option").last.inner_text()
        await start.select_option(label=chosen)
        await page.get_by_role("button", name=words["sure"]).click()
        assert words["moved"] in await page.locator(".done").inner_text()
        assert chosen in await page.locator("main").inner_text()

        await page.get_by_role("link", name=words["complain"]).press("Enter")
        await page.locator("[name=complaint]").fill("<b>It drips</b>")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        assert words["noted"] in await page.locator(".done").inner_text()
        await page.locator(f"a[href='/console/orders/{ref}']").click()

        await page.get_by_role("link", name=words["cancel"]).click()
        assert words["charge"] in await page.locator("main").inner_text()
        assert (await window.barriers(), await window.overflow()) == ([], 0)
        await page.get_by_role("button", name=words["yes"]).click()
        assert words["gone"] in await page.locator(".done").inner_text()
        assert (await window.overflow(), window.complaints) == (0, [])


async def test_a_refusal_that_is_about_no_field_leads_to_none(network, browser):
    ref, confirmed = await of_buyer_app(network)
    await add_person(network, Role.OPERATOR)
    async with a_window(browser, network) as window:
        await window.sign_in("operator")
        await window.open(f"/console/orders/{ref}/cancel")
        await network.pushed(confirmed, "depart")
        await window.page.get_by_role("button", name=JOBS["en"]["yes"]).click()
        problems = window.page.locator("#problems")
        assert "The charge has changed in the meantime." in await problems.inner_text()
        assert await problems.locator("a").count() == 0


@pytest.mark.parametrize("language", ["hi", "en"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["telephone", "desk"])
async def test_no_page_of_an_order_has_barriers_or_scrolls_sideways(network, browser, language, size):
    ref, confirmed = await of_buyer_app(network)
    await network.pushed(confirmed, "requote", lines=[{"title": "Putty and primer", "price": "1500.00"}], minutes=60)
    await network.settled()
    await add_person(network, Role.ADMIN)
    scheme = "dark" if (language, size) in [("hi", PHONE), ("en", DESK)] else "light"
    async with a_window(browser, network, language, size, color_scheme=scheme) as window:
        await window.sign_in("admin")
        await window.open(f"/console/orders/{ref}")
        await window.page.emulate_media(media="print")
        assert await window.page.locator(".doing").is_hidden()
        await window.page.emulate_media(media="screen")
        raw = [
            str(await window.page.locator(f"[href*='/{kind}/']").last.get_attribute("href"))
            for kind in ("messages", "callbacks")
        ]
        paths = ["/console/orders", *(f"/console/orders/{ref}{one}" for one in ("", "/requote", "/reject_quote")), *raw]
        for path in paths:
            await window.open(path)
            assert (path, await window.barriers(), await window.overflow()) == (path, [], 0)
        assert window.complaints == []

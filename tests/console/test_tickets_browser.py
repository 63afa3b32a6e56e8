"""The jobs of complaints in a real browser: taken down, answered, overdue; each in one language and at one size."""

from __future__ import annotations

import pytest

from bpp.people.model import Role
from tests.support.browser import DESK, PHONE
from tests.support.console import a_window, add_person
from tests.support.orders_console import seat
from tests.support.tickets_console import SAID, an_order_done, complained, step, ticket_of

SHARED = pytest.mark.parametrize(("language", "size"), [("hi", PHONE), ("en", DESK)], ids=["hi-telephone", "en-desk"])
JOBS = {
    "hi": {
        "complain": "शिकायत दर्ज करें", "note": "दर्ज करें", "noted": "शिकायत दर्ज हो गई",
        "picture": "फ़ोटो माँगें", "yes": "हाँ, माँगें", "asked": "फ़ोटो माँगी गई है।",
        "propose": "समाधान की पेशकश करें", "offer": "हाँ, पेशकश करें", "waits": "हाँ या ना का इंतज़ार",
        "accept": "ग्राहक ने हाँ कहा", "wants": "हाँ, ग्राहक यही चाहते हैं", "done": "पूरा किया गया",
        "overdue": "समय बीत गया", "refund": "समाधान: पैसे वापस करें", "back": "हाँ, वापस करें",
        "again": "काम दोबारा करने की पेशकश करें", "one": "हाँ, पेशकश करें", "said": "कृपया एक फ़ोटो भेजें",
        "add": "टिप्पणी जोड़ें", "keep": "टिप्पणी दर्ज करें",
    },
    "en": {
        "complain": "Note a complaint", "note": "Note it", "noted": "The complaint is noted",
        "picture": "Ask for a picture", "yes": "Yes, ask for it", "asked": "A picture is asked for.",
        "propose": "Offer solutions", "offer": "Yes, offer them", "waits": "waits for a yes or no",
        "accept": "The customer says yes", "wants": "Yes, the customer wants it", "done": "carried out",
        "overdue": "Overdue", "refund": "Resolve: money back", "back": "Yes, give it back",
        "again": "Offer to do the work again", "one": "Yes, offer it", "said": "Please send a picture",
        "add": "Add a note", "keep": "Keep the note",
    },
}  # fmt: skip


@SHARED
async def test_an_operator_takes_a_complaint_down_and_brings_it_to_an_end(network, browser, language, size):
    ref = await an_order_done(network)
    await add_person(network, Role.OPERATOR)
    words = JOBS[language]
    async with a_window(browser, network, language, size) as window:
        page = window.page

        async def press(link: str, button: str) -> None:
            network.clock.tick(seconds=60)
            await page.get_by_role("link", name=words[link], exact=True).click()
            assert (link, await window.barriers(), await window.overflow()) == (link, [], 0)
            await page.get_by_role("button", name=words[button]).click()

        await window.sign_in("operator")
        await window.open(f"/console/orders/{ref}")
        await page.get_by_role("link", name=words["complain"], exact=True).click()
        await page.locator("[name=code]").select_option("ITM004")
        await page.locator("[name=complaint]").fill(SAID)
        await page.get_by_role("button", name=words["note"]).click()
        assert words["noted"] in await page.locator(".done").inner_text()
        number = page.url.partition("?")[0].rpartition("/")[2]
        assert number in await page.locator("h1").inner_text()

        await press("picture", "yes")
        assert words["asked"] in await page.locator(".done").inner_text()
        network.clock.tick(seconds=60)
        await page.get_by_role("link", name=words["propose"], exact=True).click()
        await page.locator("[name=amount]").fill("50")
        await page.get_by_role("button", name=words["offer"]).click()
        assert words["waits"] in await page.locator(".remedies").inner_text()
        await press("accept", "wants")
        assert words["done"] in await page.locator(".remedies").inner_text()
        assert (await window.barriers(), await window.overflow(), window.complaints) == ([], 0, [])
    assert (await ticket_of(network, number))["status"] == "RESOLVED"


@SHARED
async def test_an_officer_finds_what_is_overdue_and_gives_the_money_back(network, browser, language, size):
    number = await complained(network, await an_order_done(network))
    network.clock.tick(hours=26)
    await add_person(network, Role.OFFICER)
    words = JOBS[language]
    async with a_window(browser, network, language, size) as window:
        page = window.page
        await window.sign_in("officer")
        await window.open("/console/tickets")
        await page.get_by_role("link", name=words["overdue"], exact=True).click()
        assert (await window.barriers(), await window.overflow()) == ([], 0)
        await page.get_by_role("link", name=number).click()
        assert (await window.barriers(), await window.overflow()) == ([], 0)
        await page.get_by_role("link", name=words["refund"]).click()
        await page.locator("[name=amount]").fill("20.00")
        await page.locator("form.card button").click()
        assert (await window.barriers(), await window.overflow(), window.complaints) == ([], 0, [])
    assert (await ticket_of(network, number))["status"] == "RESOLVED"


@SHARED
async def test_a_provider_adds_its_word_and_offers_to_come_again(network, browser, language, size):
    ref = await an_order_done(network)
    number = await complained(network, ref)
    network.clock.tick(seconds=60)
    await add_person(network, Role.PROVIDER, **await seat(network, Role.PROVIDER, ref))
    words = JOBS[language]
    async with a_window(browser, network, language, size, color_scheme="dark") as window:
        page = window.page
        await window.sign_in("provider")
        await window.open(f"/console/tickets/{number}")
        await page.get_by_role("link", name=words["add"]).click()
        await page.locator("[name=text]").fill("We come again tomorrow at 9")
        await page.get_by_role("button", name=words["keep"]).click()
        await page.get_by_role("link", name=words["again"], exact=True).click()
        assert (await window.barriers(), await window.overflow()) == ([], 0)
        await page.get_by_role("button", name=words["one"]).click()
        assert words["waits"] in await page.locator(".remedies").inner_text()
        assert (await window.barriers(), await window.overflow(), window.complaints) == ([], 0, [])


async def test_what_will_be_said_stands_in_both_languages_before_it_is_said(network, browser):
    number = await complained(network, await an_order_done(network))
    await step(network, number, "note", text="x")
    await add_person(network, Role.OPERATOR)
    async with a_window(browser, network, "hi", PHONE) as window:
        await window.sign_in("operator")
        await window.open(f"/console/tickets/{number}/picture")
        for language in ("hi", "en"):
            said = window.page.locator(f"main [lang={language}] blockquote")
            assert JOBS[language]["said"] in await said.inner_text()


@SHARED
async def test_the_public_form_is_filled_in_without_a_script_by_keyboard(network, browser, language, size):
    ref = await an_order_done(network)
    _, order = await network.call("GET", f"/orders/{ref}")
    async with a_window(browser, network, language, size) as window:
        page = window.page
        await window.open("/grievance")
        assert (await window.barriers(), await window.overflow()) == ([], 0)
        await page.fill(f"#order-{language}", order["order_id"])
        await page.fill(f"#phone-{language}", network.customer.phone)
        await page.select_option(f"#code-{language}", "ITM004")
        await page.fill(f"#text-{language}", SAID)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        told = page.locator(f"section[lang={language}] .told")
        await told.wait_for()
        assert (await window.barriers(), await window.overflow(), window.complaints) == ([], 0, [])
        text = await told.inner_text()
    (ticket,) = (await network.call("GET", "/tickets"))[1]["items"]
    assert ticket["ref"] in text

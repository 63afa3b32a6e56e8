"""The jobs of a call-centre operator in a real browser, by the keyboard alone."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bpp.people.model import Role
from bpp.sandbox import journey
from bpp.sandbox.messages import select_message
from bpp.sandbox.offers import read_offers
from tests.support.browser import DESK, PHONE
from tests.support.callers import CALLER, booked
from tests.support.console import a_window, add_person

SHARED = [pytest.param("hi", PHONE, id="hi-telephone"), pytest.param("en", DESK, id="en-desk")]
FOUND, KEPT, BOOKED = "**/desk/offer?**", "**/desk/quotes/**", "**/desk/booked/**"
SAYS = {"hi": "बुकिंग नंबर", "en": "Booking"}
PAINTING = "/console/desk/offer?offering=INDIRA-PAINT&pincode=226010"


@asynccontextmanager
async def at_the_desk(network, browser, language="en", size=DESK):
    await add_person(network, Role.OPERATOR)
    async with a_window(browser, network, language, size) as window:
        await window.sign_in("operator")
        yield window


async def typed(page, text):
    await page.keyboard.type(text)


async def pressed(page, *keys):
    for key in keys:
        await page.keyboard.press(key)


async def focused(page):
    name: str = await page.evaluate("document.activeElement.name || document.activeElement.className")
    return name


@pytest.mark.parametrize(("language", "size"), SHARED)
async def test_a_caller_is_served_from_the_spoken_words_to_the_confirmation_without_the_mouse(
    network, browser, language, size
):
    async with at_the_desk(network, browser, language, size) as window:
        page = window.page
        await pressed(page, "Tab", "Tab", "/")  # from the button back to the box
        assert await focused(page) == "q"
        await typed(page, "nal theek karna 226010")
        await page.wait_for_selector("#results .desk-fee")
        assert "₹199.00" in await page.inner_text("#results")
        assert (await window.barriers(), await window.overflow()) == ([], 0)

        await pressed(page, "ArrowDown", "Enter")
        await page.wait_for_url(FOUND)
        await window.at_its_field()
        assert await focused(page) == "start"
        assert "₹199.00" in await page.inner_text("main")
        assert (await window.barriers(), await window.overflow()) == ([], 0)
        await pressed(page, "ArrowDown", "Tab", "Tab", "Enter")  # the next time, one of it, keep it
        await page.wait_for_url(KEPT)
        await window.at_its_field()
        assert await focused(page) == "name"
        assert (await window.barriers(), await window.overflow()) == ([], 0)

        await typed(page, CALLER["name"])
        await pressed(page, "Tab")
        await typed(page, "98111")
        await pressed(page, "Tab")
        await typed(page, CALLER["address"])
        await pressed(page, "Enter")
        await page.wait_for_selector("#problems:focus")
        assert (await window.barriers(), await window.overflow()) == ([], 0)
        await pressed(page, "Tab", "Enter")  # the problem leads to its field
        assert await focused(page) == "phone"
        await pressed(page, "Control+a")
        await typed(page, CALLER["phone"])
        await pressed(page, "Enter")
        await page.wait_for_url(BOOKED)
        await window.at_its_field()
        assert SAYS[language] in await page.inner_text(".desk-spoken >> nth=0")
        assert (await window.barriers(), await window.overflow()) == ([], 0)

        await pressed(page, "Enter")  # the next caller
        await page.wait_for_url("**/console/desk")
        assert await page.input_value("[name=pincode]") == ""
        assert await page.locator("#results a.desk-name").count() == 1
        assert [one for one in window.complaints if "422" not in one] == []


@pytest.mark.parametrize(("language", "size"), SHARED)
async def test_an_order_is_looked_up_by_telephone_and_number_and_its_state_told(network, browser, language, size):
    order = await booked(network.call)
    async with at_the_desk(network, browser, language, size) as window:
        page = window.page
        await page.fill("[name=pincode]", "226010")
        for text in (order["order_id"].replace("-", " "), "98111 22333"):
            await page.fill("[name=q]", "")
            await page.focus("[name=q]")
            await typed(page, text)
            await page.wait_for_selector(f"#results:not([aria-busy]) a.desk-name:has-text('{order['order_id']}')")
            state = {"hi": "पर पहुँचने वाले हैं", "en": "The plumber comes on"}[language]
            assert state in await page.inner_text("#results")
            assert (await window.barriers(), await window.overflow()) == ([], 0)
        await pressed(page, "ArrowDown", "Enter")  # the caller's number is kept for a booking
        await page.wait_for_url(lambda url: "phone=" in url)
        await window.at_its_field()
        assert "98111 22333" in await page.inner_text("main")
        await typed(page, "98111 22333")
        await page.wait_for_selector("#results:not([aria-busy]) a.desk-name")
        await pressed(page, "ArrowDown", "ArrowDown", "Enter")
        await page.wait_for_url(f"**/orders/{order['ref']}")
        await window.open("/console/desk")
        assert await page.input_value("[name=pincode]") == "226010", "the call is not over"
        assert window.complaints == []


async def test_whoever_goes_down_before_the_answer_is_there_comes_to_what_was_found_for_the_newest_text(
    network, browser
):
    order = await booked(network.call)
    async with at_the_desk(network, browser, "en", DESK) as window:
        page = window.page
        await page.fill("[name=pincode]", "226010")
        await page.focus("[name=q]")
        await typed(page, "wall painting")
        await page.wait_for_selector("#results:not([aria-busy]) a.desk-name")
        await page.fill("[name=q]", order["order_id"])
        await pressed(page, "ArrowDown")  # at once: what stands there was found for the painting
        await page.wait_for_selector("#results:not([aria-busy]) a.desk-name")
        assert (await page.evaluate("document.activeElement.href")).endswith(f"/orders/{order['ref']}")
        assert window.complaints == []


async def test_what_was_found_for_older_fields_never_takes_the_place_of_what_was_found_for_the_newest(network, browser):
    async with at_the_desk(network, browser, "en", DESK) as window:
        page = window.page
        answered = asyncio.Event()

        async def late(route):
            if "pincode=226010" not in route.request.url:
                await answered.wait()
            await route.continue_()

        await page.route("**/desk/find?**", late)
        async with page.expect_request("**/desk/find?**"):
            await page.fill("[name=q]", "nal theek karna")
        await page.fill("[name=pincode]", "226010")
        await page.wait_for_selector("#results:not([aria-busy]) .desk-fee")
        assert "1 provider" in await page.inner_text("#results-told"), "said to whoever hears the page"
        async with page.expect_response(lambda one: "pincode=226010" not in one.url) as older:
            answered.set()
        await (await older.value).finished()
        await page.evaluate("new Promise(done => setTimeout(done))")
        assert "₹199.00" in await page.inner_text("#results")

        await pressed(page, "ArrowDown")  # from the pincode, too
        assert await focused(page) == "desk-name"
        assert window.complaints == []


async def test_what_cannot_be_found_leaves_nothing_of_what_was_found_before(network, browser):
    async with at_the_desk(network, browser, "en", DESK) as window:
        page = window.page
        await page.fill("[name=pincode]", "226010")
        await page.fill("[name=q]", "nal theek karna")
        await page.wait_for_selector("#results:not([aria-busy]) .desk-fee")
        await page.route("**/desk/find?**", lambda route: route.abort())
        await page.fill("[name=q]", "wall painting")
        await page.wait_for_selector("#results:not([aria-busy]):empty", state="attached")
        await page.unroute("**/desk/find?**")
        await page.fill("[name=q]", "wall painting ")  # the same once more
        await page.wait_for_selector("#results:not([aria-busy]) .desk-fee")


async def test_a_buyer_app_and_an_operator_race_for_one_time_and_whoever_loses_is_offered_others_on_screen(
    network, browser
):
    offered, _ = await network.offers("wall painting")
    (offer, *_) = read_offers(offered.message)

    async def theirs(start) -> Any:
        message = select_message(offer, start, network.place)
        new, context = network.buyer.new_id(), journey.following(offered)
        return (await journey.ask(network.buyer, "select", message, transaction_id=new, context=context)).callback

    async with at_the_desk(network, browser) as window:
        page = window.page
        for start in offer.starts[8::4][:3]:
            await window.open(PAINTING)
            await page.select_option("[name=start]", start.isoformat())
            async with page.expect_navigation():
                app, _ = await asyncio.gather(theirs(start), page.click("form.card button.main"))
            won = "/desk/quotes/" in page.url

            assert won is bool(app.error)
            if won:
                assert app.error_code == "90001"
            else:
                await lost(window, start)
            network.clock.tick(minutes=11)  # the time that was kept is free again

        start = offer.starts[24]
        await window.open(PAINTING)
        assert not (await theirs(start)).error  # before the page is sent, so that the caller surely loses
        await page.select_option("[name=start]", start.isoformat())
        await page.click("form.card button.main")
        await page.wait_for_selector("#problems")
        await lost(window, start)


async def lost(window, start):
    """Another time is chosen on the screen, and kept."""
    page = window.page
    assert "This time is not free." in await page.inner_text("#problems")
    free = await page.eval_on_selector_all("[name=start] option", "all => all.map(one => one.value)")
    assert free
    assert start.isoformat() not in free
    assert (await window.barriers(), await window.overflow()) == ([], 0)
    await page.click("form.card button.main")
    await page.wait_for_url(KEPT)


@pytest.mark.parametrize(("language", "size"), [("hi", DESK), ("en", PHONE)], ids=["hi-desk", "en-telephone"])
async def test_every_page_of_the_desk_has_no_barriers_also_where_choices_are_made(network, browser, language, size):
    order = await booked(network.call)
    paths = [
        "/console/desk",
        "/console/desk?q=nal+theek+karna&pincode=226010",
        "/console/desk?q=98111+22333",
        "/console/desk?q=482719361",
        "/console/desk/offer?offering=AMIN-COOK&pincode=226010",
        f"/console/desk/booked/{order['ref']}",
    ]
    async with at_the_desk(network, browser, language, size) as window:
        for path in paths:
            await window.open(path)
            assert (path, await window.barriers(), await window.overflow()) == (path, [], 0)
        await window.open("/console/desk/offer?offering=GOMTI-TAP&pincode=226010")
        await window.page.click("form.card button.main")
        await window.page.wait_for_url(KEPT)
        assert (await window.barriers(), await window.overflow()) == ([], 0)

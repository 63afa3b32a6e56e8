"""The jobs of a provider's owner in a real browser, in Hindi on a telephone and in English at a desk."""

from __future__ import annotations

import re

import pytest

from bpp.people.model import Role
from tests.support.browser import DESK, PHONE
from tests.support.callers import booked, done
from tests.support.console import a_window, add_person
from tests.support.provider_pages import HOME, OWN, SHEET, WORKER, changed, told, waiting

WORDS = {
    "hi": {
        "new": "एक नई बुकिंग आपके जवाब की प्रतीक्षा में है।",
        "accepted": "बुकिंग स्वीकार हो गई।",
        "refused": "बुकिंग अस्वीकार कर दी गई।",
        "unknown": "जादू का काम",
        "taken": "सूची लागू हो गई।",
        "stored": "सहेजा गया।",
        "in_hand": "नकद, सेवामित्रों के पास",
        "unnao": "उन्ना",
        "leave": "छुट्टी दर्ज हुई।",
        "lucknow": "लखनऊ",
    },
    "en": {
        "new": "A new order waits for your word.",
        "accepted": "The order is accepted.",
        "refused": "The order is refused.",
        "unknown": "no service of Sewamitra is called so: जादू का काम",
        "taken": "The list is taken.",
        "stored": "Stored.",
        "in_hand": "In hand, with the workers",
        "unnao": "unn",
        "leave": "The leave is entered.",
        "lucknow": "lucknow",
    },
}
PAGES = (
    "orders",
    "workers",
    f"workers/{WORKER}",
    "new-worker",
    "rates",
    "rates/GOMTI-TAP",
    "coverage",
    "coverage/162",
    "areas/L1~SRV11-*~10",
    "new-area",
    "hours",
    "money",
    "ratings",
)


async def sound(window):
    assert (await window.barriers(), await window.overflow()) == ([], 0), window.page.url


async def said(window, words):
    assert words in await window.page.locator("[role=status].done").inner_text()
    await sound(window)


@pytest.mark.parametrize(("language", "size"), [("hi", PHONE), ("en", DESK)], ids=["hi-telephone", "en-desk"])
async def test_an_owner_takes_and_refuses_orders_in_time_and_sees_the_money(network, browser, language, size):
    words = WORDS[language]
    await changed(network, f"/providers/{OWN}", acceptance="manual")
    await add_person(network, Role.PROVIDER, "owner", provider_id=OWN)
    async with a_window(browser, network, language, size) as window:
        page = window.page
        await window.sign_in("owner")
        assert page.url.endswith(f"{HOME}/orders"), "the board is where the day begins"
        await sound(window)

        first = await booked(network.call)
        card = page.locator("article", has_text=first["order_id"])
        await card.wait_for()  # without a reload
        assert await page.locator("[data-news]").inner_text() == words["new"]
        # Counted from what the server wrote, whose clock is another than the browser's here.
        await card.locator("time[data-left]", has_text=re.compile(r"^1[45]:\d\d$")).wait_for()
        await card.locator("select[name=worker_id]").focus()  # what somebody is at is not shown anew meanwhile
        await card.locator("select[name=worker_id]").select_option("W-GOMTI-2")
        await sound(window)
        await card.locator("form[action$=accept] button").press("Enter")
        await said(window, words["accepted"])
        assert (await told(network, f"/orders/{first['ref']}"))["worker_id"] == "W-GOMTI-2"

        second = await waiting(network, slot=1)
        card = page.locator("article", has_text=second["order_id"])
        await card.wait_for()
        await card.locator("summary").press("Enter")
        third = await waiting(network, slot=2)
        await page.locator("[data-news].card").wait_for()  # who is at one order is told of the next, and not disturbed
        assert await page.locator("[data-news]").inner_text() == words["new"]
        assert await page.locator("article", has_text=third["order_id"]).count() == 0
        await card.locator("select[name=reason]").select_option("024")
        await card.locator("form[action$=refuse] button").press("Enter")
        await said(window, words["refused"])
        assert (await told(network, f"/orders/{second['ref']}"))["state"] == "CANCELLED"

        await done(network.call, first)
        await window.open(f"{HOME}/money")
        assert words["in_hand"] in await page.locator("main").inner_text()
        assert "₹199.00" in await page.locator(".sums").inner_text()
        await sound(window)
        assert window.complaints == []


@pytest.mark.parametrize(("language", "size"), [("hi", PHONE), ("en", DESK)], ids=["hi-telephone", "en-desk"])
async def test_an_owner_puts_the_own_list_on_sale_and_says_where_when_and_with_whom(network, browser, language, size):
    words = WORDS[language]
    await add_person(network, Role.PROVIDER, "owner", provider_id=OWN)
    async with a_window(browser, network, language, size) as window:
        await window.sign_in("owner")
        await sends_a_list(window, words)
        await says_where(window, words)
        await says_when(window, words)
        await enters_a_leave(window, words)
        assert window.complaints == []

    provider = await told(network, f"/providers/{OWN}")
    assert provider["hours"]["holidays"] == ["2026-12-25"]
    assert provider["hours"]["days"] == [1, 2, 3, 4, 5, 6]
    assert provider["terms"]["cancellation"][1]["fee"] == "60.00"
    assert {"226010", "226001"} <= {one["val"] for one in provider["areas"]}
    assert (await told(network, f"/workers/{WORKER}"))["leaves"] == [["2026-12-01", "2026-12-03"]]


async def sends_a_list(window, words):
    page = window.page
    await window.open(f"{HOME}/rates")
    file = {"name": "rates.csv", "mimeType": "text/csv", "buffer": SHEET.encode()}
    await page.set_input_files("[name=sheet]", files=[file])
    await page.locator("form[action$=rate-list] button").press("Enter")
    await page.wait_for_url("**/rate-list/*")
    assert words["unknown"] in await page.locator("[aria-labelledby=unmapped]").inner_text()
    await sound(window)
    await page.check("[name=skip_faulty]")
    await page.locator("form[action$=take] button").press("Enter")
    await said(window, words["taken"])


async def says_where(window, words):
    page = window.page
    await window.open(f"{HOME}/coverage")
    await page.locator("[data-narrow]").press_sequentially(words["unnao"])
    shown = page.locator("#all-districts li:visible")
    assert await shown.count() == 1
    await shown.locator("input").press("Space")
    await page.locator("form[action$=districts] button").press("Enter")
    await said(window, words["stored"])
    await window.open(f"{HOME}/areas/L1~SRV11-*~10")
    await page.check("[name=kind][value='11']")
    await page.check("[name=pin_226010]")
    await page.locator("form[action$=reach] button").press("Enter")
    await said(window, words["stored"])
    await page.locator("a[href$=new-area]").press("Enter")
    await page.select_option("[name=trade]", "SRV12-*")
    await page.locator("[data-narrow]").press_sequentially(words["lucknow"])
    assert await page.locator("[name=pin_226001]").is_visible()
    assert not await page.locator("[name=pin_225001]").is_visible(), "a pincode of Barabanki"
    await page.check("[name=pin_226001]")
    await sound(window)
    await page.locator("form[action$='/areas'] button").press("Enter")
    await said(window, words["stored"])


async def says_when(window, words):
    page = window.page
    await window.open(f"{HOME}/hours?month=2026-12")
    await page.locator("[name='off_2026-12-25']").press("Space")
    await page.locator("form[action$=month] button").press("Enter")
    await said(window, words["stored"])
    await page.uncheck("[name=day_7]")
    await page.locator("form[action$=week] button").press("Enter")
    await said(window, words["stored"])
    await page.locator("form[action$=terms] [name=fee_1]").fill("60")
    await page.locator("form[action$=terms] button").press("Enter")
    await said(window, words["stored"])


async def enters_a_leave(window, words):
    page = window.page
    await window.open(f"{HOME}/workers/{WORKER}")
    leave = page.locator("details", has=page.locator("form[action$=leave]"))
    await leave.locator("summary").press("Enter")
    await leave.locator("[name=first]").fill("2026-12-01")
    await leave.locator("[name=last]").fill("2026-12-03")
    await leave.locator("form button").press("Enter")
    await said(window, words["leave"])


@pytest.mark.parametrize(
    ("language", "size", "scheme"), [("hi", DESK, "dark"), ("en", PHONE, "dark")], ids=["hi-desk", "en-telephone"]
)
async def test_no_page_of_a_provider_has_barriers_or_scrolls_sideways(network, browser, language, size, scheme):
    await waiting(network)
    await add_person(network, Role.PROVIDER, "owner", provider_id=OWN)
    async with a_window(browser, network, language, size, color_scheme=scheme) as window:
        await window.sign_in("owner")
        for path in PAGES:
            await window.open(f"{HOME}/{path}")
            for fold in await window.page.locator("main details > summary").all():
                await fold.press("Enter")
            await sound(window)
        assert window.complaints == []

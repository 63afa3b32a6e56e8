"""Settlement with buyer apps in a real browser, in both languages, on a desk and on a telephone of 360 pixels."""

from __future__ import annotations

import pytest

from bpp.people.model import Role
from tests.console.test_money_browser import download
from tests.console.test_money_network import disputed
from tests.support.browser import DESK, PHONE
from tests.support.console import a_window, add_person

WORDS = {
    "hi": {
        "settlements": "निपटान देखें", "apart": "दोनों पक्षों का हिसाब अलग है: कृपया निर्णय करें",
        "accept": "बायर ऐप की राशियाँ मान लें", "yes": "हाँ, मान लें", "accepted": "मान ली गईं",
        "all": "सभी निपटान", "what": "क्या भेजा गया", "own": "हमारा अपना भुगतान भेजें", "file": "हाँ, भेजें",
        "filed": "भेज दिया गया",
    },
    "en": {
        "settlements": "To the settlements", "apart": "The two sides differ: please decide",
        "accept": "Accept the buyer app's amounts", "yes": "Yes, accept them", "accepted": "are accepted",
        "all": "All settlements", "what": "What was filed, files", "own": "File a payout of our own",
        "file": "Yes, file it", "filed": "was filed",
    },
}  # fmt: skip


@pytest.mark.parametrize(("language", "size"), [("hi", PHONE), ("en", DESK)], ids=["hi-telephone", "en-desk"])
async def test_an_accountant_decides_a_dispute_and_files_a_payout(three, browser, language, size):
    order_id, one = await disputed(three)
    await add_person(three.network, Role.ACCOUNTANT, language=language)
    words = WORDS[language]
    async with a_window(browser, three.network, language, size, accept_downloads=True) as window:
        page = window.page

        async def sound(where):
            for measured in (DESK, PHONE, size):
                await page.set_viewport_size(measured)
                assert (where, await window.barriers(), await window.overflow()) == (where, [], 0)

        await window.sign_in("accountant")
        await page.get_by_role("link", name=words["settlements"]).click()
        assert words["apart"] in await page.locator("#list-network").inner_text()
        assert len(await download(page, "#list-network a[href*='file=csv']")) == 2
        await sound("list")
        await page.get_by_role("link", name=order_id, exact=True).click()
        assert "171.96" in await page.locator("#list-amounts").inner_text()
        await sound("one")
        await page.get_by_text(words["accept"], exact=True).click()
        await sound("confirming")
        await page.get_by_role("button", name=words["yes"]).dblclick()
        await page.wait_for_selector("p.done")
        assert words["accepted"] in await page.locator("p.done").inner_text()
        await page.get_by_role("link", name=words["all"]).click()
        await page.get_by_role("link", name=words["what"]).click()
        await page.get_by_text(words["own"], exact=True).click()
        await page.fill("#field-amount", "2,000")
        await page.get_by_role("button", name=words["file"]).click()
        await page.wait_for_selector("p.done")
        assert words["filed"] in await page.locator("p.done").inner_text()
        await sound("filed")
        given = await download(page, "a[href*='/filings/file']")

        assert await page.locator("html").get_attribute("lang") == language
        assert window.complaints == []
    assert [row[2] for row in given[1:]] == ["NP-NP", "MISC"]
    assert (await three.until(order_id, state="PREPARED"))["figures"]["amount"] == "171.96"
    assert one["state"] == "IN_RECON"

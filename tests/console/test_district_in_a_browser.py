"""The five jobs of the district officer in a real browser: in Hindi on a telephone, in English at a desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpp.people.model import Role
from bpp.sandbox.messages import search_message
from tests.flows.test_search import found_by
from tests.support.browser import DESK, PHONE
from tests.support.console import a_window, add_person
from tests.support.districts import LUCKNOW, a_busy_district

HERE = f"/console/district/{LUCKNOW}"
WORDS = {
    "en": {
        "glance": "District at a glance",
        "vain": "searches in vain",
        "nobody": "Nobody offers it there",
        "papers": "papers lapse",
        "verify": "Record a police verification",
        "record": "Record",
        "recorded": "The police verification was recorded.",
        "suspend": "Suspend",
        "sure": "Yes, suspend",
        "gone": "All 15 offerings are off sale.",
        "restore": "Restore",
        "back": "Yes, restore",
        "there": "15 offerings are in the catalogue of the district.",
        "month": "November 2026",
        "pdf": "PDF in English",
        "sheet": "Spreadsheet (XLSX)",
    },
    "hi": {
        "glance": "ज़िला एक नज़र में",
        "vain": "खोजें 30 दिनों में अधूरी रहीं",
        "nobody": "वहाँ यह सेवा कोई नहीं देता",
        "papers": "दस्तावेज़ 30 दिनों में समाप्त होंगे",
        "verify": "पुलिस सत्यापन दर्ज करें",
        "record": "दर्ज करें",
        "recorded": "पुलिस सत्यापन दर्ज हो गया।",
        "suspend": "निलंबित करें",
        "sure": "हाँ, निलंबित करें",
        "gone": "सभी 15 सेवाएँ सूची से हटी हुई हैं।",
        "restore": "बहाल करें",
        "back": "हाँ, बहाल करें",
        "there": "ज़िले की सूची में इसकी 15 सेवाएँ हैं।",
        "month": "नवंबर 2026",
        "pdf": "हिन्दी में PDF",
        "sheet": "स्प्रेडशीट (XLSX)",
    },
}


@pytest.mark.parametrize(("language", "size"), [("hi", PHONE), ("en", DESK)], ids=["hindi-telephone", "english-desk"])
async def test_the_officer_does_the_five_jobs(network, browser, language, size):
    await a_busy_district(network)
    await network.call("PATCH", "/workers/W-GOMTI-1", {"verified_until": "2026-12-10"})
    await add_person(network, Role.OFFICER)
    said = WORDS[language]
    async with a_window(browser, network, language, size) as window:
        page = window.page
        await window.sign_in("officer")

        # My district: providers, verified workers, orders, searches in vain.
        assert said["glance"] in await page.locator("h1").inner_text()
        assert await page.locator("svg.plot:visible").count() == 1

        # The gaps: searches with no provider, by pincode and service.
        await page.get_by_role("link", name=said["vain"]).click()
        await page.wait_for_load_state()
        assert await page.locator("svg.plot:visible").count() == 2
        row = page.locator("main > .scroll tbody tr").first
        assert "226010" in await row.inner_text()
        assert said["nobody"] in await row.inner_text()

        # What is about to lapse, and its new paper.
        await window.open(HERE)
        await page.get_by_role("link", name=said["papers"]).click()
        await page.get_by_role("link", name=said["verify"]).click()
        await page.fill("[name=number]", "PV-2026-1")
        await page.fill("[name=until]", "2028-01-31")
        await page.get_by_role("button", name=said["record"], exact=True).click()
        assert await page.get_by_role("status").inner_text() == said["recorded"]

        # A provider leaves the catalogue and comes back; first without a reason, which the browser does not send.
        await window.open(f"{HERE}/providers/P-GOMTI")
        await page.locator("summary", has_text=said["suspend"]).click()
        await page.get_by_role("button", name=said["sure"]).click()
        assert await page.locator("[name=reason]:invalid").count() == 1
        await page.fill("[name=reason]", "शिकायतें")
        await page.get_by_role("button", name=said["sure"]).click()
        await page.get_by_text(said["gone"]).wait_for()
        assert await found_by(network, search_message(words="tap repair", place=network.place)) == []
        await page.locator("summary", has_text=said["restore"]).click()
        await page.fill("[name=reason]", "शिकायतें दूर हुईं")
        await page.get_by_role("button", name=said["back"]).click()
        await page.get_by_text(said["there"]).wait_for()
        assert await found_by(network, search_message(words="tap repair", place=network.place)) != []

        # The monthly report.
        await window.open(f"{HERE}/report")
        await page.select_option("[name=month]", label=said["month"])
        await page.locator("main form button").click()
        await page.wait_for_url("**/report?month=2026-11")
        for link, begins in ((said["pdf"], b"%PDF"), (said["sheet"], b"PK")):
            async with page.expect_download() as coming:
                await page.get_by_role("link", name=link).click()
            file = Path(await (await coming.value).path())
            assert file.read_bytes().startswith(begins)

        assert window.complaints == []


async def test_the_officer_decides_and_judges_by_keyboard(network, browser):
    busy = await a_busy_district(network)
    await add_person(network, Role.OFFICER)
    async with a_window(browser, network, "en") as window:
        page = window.page
        await window.sign_in("officer")

        await window.open(f"{HERE}/applications/{busy.application}")
        await page.locator("summary", has_text="Begin the review").press("Enter")
        await page.get_by_role("button", name="Yes, begin").press("Enter")
        await page.get_by_text("The review has begun.").wait_for()
        await page.locator("summary", has_text="Approve").press("Enter")
        await page.fill("[name=new_provider]", "P-GOMTI")
        await page.fill("[name=number]", "A-2026-1")
        await page.press("[name=number]", "Enter")
        await page.locator("#problems:focus").wait_for()
        assert await page.input_value("[name=number]") == "A-2026-1", "what was typed is still there, and to be seen"
        assert await page.locator("[name=new_provider][aria-invalid]").is_visible()
        await page.fill("[name=new_provider]", "P-NEW")
        await page.press("[name=new_provider]", "Enter")
        await page.get_by_text("Approved: the applicant is a provider now").wait_for()

        await window.open(f"{HERE}/reviews/{busy.reviewed}")
        await page.locator("summary", has_text="Set this review aside").press("Enter")
        await page.fill("[name=reason]", "not about the work")
        await page.press("[name=reason]", "Enter")
        await page.get_by_text("it does not count any more").wait_for()


@pytest.mark.parametrize("language", ["hi", "en"])
async def test_no_page_of_a_district_has_barriers_or_is_scrolled_sideways(network, browser, language):
    busy = await a_busy_district(network)
    await network.call("PATCH", "/workers/W-GOMTI-1", {"verified_until": "2026-12-10"})
    await add_person(network, Role.ADMIN)
    paths = (
        "",
        "/providers",
        "/providers/P-GOMTI",
        "/providers/P-GOMTI/agreement",
        "/workers",
        "/workers/W-GOMTI-1",
        "/workers/W-GOMTI-1/verification",
        "/workers/W-GOMTI-1/certificate",
        "/papers",
        "/demand",
        "/orders",
        "/applications",
        f"/applications/{busy.application}",
        f"/reviews/{busy.reviewed}",
        "/report?month=2026-11",
    )
    async with a_window(browser, network, language) as window:
        await window.sign_in("admin")
        for path in ("/console/districts", *(f"{HERE}{one}" for one in paths)):
            await window.open(path)
            await window.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            for size in (DESK, PHONE):
                await window.page.set_viewport_size(size)
                assert (await window.barriers(), await window.overflow()) == ([], 0), path

        assert window.complaints == []

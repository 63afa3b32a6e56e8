"""Every job of the accountant in a real browser, in both languages, on a desk and on a telephone of 360 pixels."""

from __future__ import annotations

import csv
import io

import pytest

from bpp.people.model import Role
from tests.console.test_money import APP, SETTLED, runs, unpaid, with_commission
from tests.support.browser import DESK, PHONE
from tests.support.console import a_window, add_person

MONEY = "/console/money"
MADE = {"id": "nov-0", "minimum": "1.00"}


@pytest.mark.parametrize(("language", "size"), [("hi", PHONE), ("en", DESK)])
async def test_the_accountant_does_every_job_in_a_browser(network, browser, language, size):
    await with_commission(network)
    confirmed, _ = await network.completed()
    order_id, ref = confirmed.order["id"], await unpaid(network)
    await add_person(network, Role.ACCOUNTANT, language=language)
    async with a_window(browser, network, language, size, accept_downloads=True) as window:
        await window.sign_in("accountant")
        assert window.page.url.endswith(MONEY), "the overview is the first page"

        await closes_a_period(window, ref)
        await computes_the_share_and_adds_a_rate(window)
        await takes_the_taxes_as_files(window)
        await accepts_and_disputes_a_settlement(window, order_id)
        await explains_one_rupee(window, order_id)
        await pays_out_once_and_takes_one_back(window)
        await records_a_receipt_after_a_wrong_one(window)

        assert await window.page.locator("html").get_attribute("lang") == language
        assert [one for one in window.complaints if "status of 409" not in one] == []
    assert [one["id"] for one in await runs(network)] == ["nov-1"]


async def closes_a_period(window, ref):
    page = window.page
    await page.select_option("#field-period", "2026")
    await page.click(".period > form button")
    await page.click("a.button[href*='/money/reconciliation']")
    await page.wait_for_load_state()
    assert "period=2026" in page.url
    assert await page.locator(".tag.bad").count() > 0
    assert len(await download(page, "#list-bookings a[href*='file=csv']")) == 3
    assert await page.locator("#list-unpaid tbody tr").count() == 1
    await page.click(f"#list-unpaid a[href$='/orders/{ref}']")
    assert page.url.endswith(f"/orders/{ref}")


async def computes_the_share_and_adds_a_rate(window):
    page = window.page
    await window.open(f"{MONEY}/commission")
    assert "33.72" in await page.locator("#list-commission").inner_text()
    await window.open(f"{MONEY}/rates")
    await page.click("details.confirm > summary")
    await page.fill("#field-valid_from", "2027-04-01")
    await page.fill("#field-value", "8")
    await page.click("details.confirm button.main")
    await page.wait_for_selector("p.done")
    assert "2027" in await page.locator("#list-rates").inner_text()


async def takes_the_taxes_as_files(window):
    await window.open(f"{MONEY}/tax")
    for name in ("gstr-8", "26q", "gst"):
        assert len(await download(window.page, f"[id='list-{name}'] a[href*='file=csv']")) == 2


async def accepts_and_disputes_a_settlement(window, order_id):
    page = window.page
    await window.open(f"{MONEY}/receipts")
    await page.click("a.button[href$='/settlements']")
    text = f"{SETTLED}{order_id},UTR9,191.96,5.97,1.07\nO-OTHER,UTR9,10,,\n"
    await page.set_input_files("#field-file", {"name": "s.csv", "mimeType": "text/csv", "buffer": text.encode()})
    await page.click("main button.main")
    await page.wait_for_selector("#list-disputes")
    assert (await window.barriers(), await window.overflow()) == ([], 0)
    assert await page.is_checked("#field-accept_1")
    await page.click("main button.main")
    await page.wait_for_selector("p.done")
    assert await page.locator(".ticks").count() == 0
    assert len(await download(page, "#list-disputes a[href*='file=csv']")) == 2


async def explains_one_rupee(window, order_id):
    page = window.page
    await window.open(f"{MONEY}/order")
    await page.keyboard.press("/")
    await page.keyboard.type(order_id)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#list-split")
    assert "16.86" in await page.locator("#list-split").inner_text()


async def pays_out_once_and_takes_one_back(window):
    page = window.page
    await window.open(f"{MONEY}/payouts")
    await page.click("a.button.main")
    await page.click("details.confirm > summary")
    await page.fill("#field-id", "nov-1")
    await page.dblclick("details.confirm button.main")
    await page.wait_for_url(f"**{MONEY}/payouts/nov-1?*")
    assert len(await download(page, "a[href$='/transfers']")) == 2
    await page.click("details.confirm > summary")
    await page.fill("#field-reason", "account closed")
    await page.click("details.confirm button.danger")
    await page.wait_for_selector("p.done")
    assert "account closed" in await page.locator("#list-lines").inner_text()


async def records_a_receipt_after_a_wrong_one(window):
    page = window.page
    await window.open(f"{MONEY}/receipts/tax_payment")
    await page.fill("#field-reference", "CHALLAN 1")
    await page.fill("#field-amount", "99,999")
    await page.click("main button.main")
    await page.wait_for_selector("#problems")
    assert await page.input_value("#field-reference") == "CHALLAN 1"
    assert await page.locator("#problems [lang=en]").count() == 0, "said in the reader's language"
    await page.fill("#field-amount", "0.10")
    await page.click("main button.main")
    await page.wait_for_selector("p.done")
    assert await page.locator("#list-receipts tbody tr").count() == 2


@pytest.mark.parametrize("language", ["hi", "en"])
async def test_no_page_of_the_accountant_has_barriers_or_is_scrolled_sideways(network, browser, language):
    await with_commission(network)
    confirmed, _ = await network.completed()
    await unpaid(network)
    number = await network.ref(confirmed)
    status, _ = await network.call("POST", "/payouts", MADE)
    assert status == 201
    await add_person(network, Role.ACCOUNTANT, language=language)
    pages = (
        "",
        "?since=2026-12-01&until=2026-11-01",
        "/reconciliation?figure=199",
        "/commission",
        "/tax",
        "/rates",
        "/payouts",
        "/payouts/nov-0",
        "/next-payout",
        "/bank/provider/P-GOMTI",
        "/receipts",
        "/receipts/buyer_app_settlement",
        "/settlements",
        "/network",
        "/filings",
        f"/order?number={number}",
        "/books",
        f"/statement?party=buyer_app&id={APP}&purpose=collected",
    )
    found = {}
    async with a_window(browser, network, language, DESK) as window:
        await window.sign_in("accountant")
        for path in pages:
            await window.open(f"{MONEY}{path}")
            for size in (DESK, PHONE):
                await window.page.set_viewport_size(size)
                found[path, size["width"]] = (await window.barriers(), await window.overflow())

    assert found == dict.fromkeys(found, ([], 0))
    assert window.complaints == []


async def download(page, selector):
    """The rows of a file that a link gives."""
    async with page.expect_download() as started:
        await page.click(selector)
    path = await (await started.value).path()
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))

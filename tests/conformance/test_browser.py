"""The HTML report in a real browser: it needs nothing beside itself, fits a telephone and paper, and runs nothing."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error

from bpp.conformance.report.edition import Edition
from bpp.conformance.report.page import html_report
from tests.conformance.reporting import FAILS, IDLE, PASSES, UNMET, WARNS, edition, hostile_edition, played, recorded
from tests.support.browser import DESK, PHONE, BrowserMissingError, find_browser, opened, running_browser
from tests.support.required import Needed, skip_or_fail

pytestmark = pytest.mark.asyncio(loop_scope="module")
LONG = {"id": "x" * 400, "status": "Odd", "items": [{"id": "word " * 50} for _ in range(30)]}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all of these tests."""
    try:
        program = find_browser(os.environ)
    except BrowserMissingError as problem:
        skip_or_fail(Needed.BROWSER, str(problem), os.environ)
    async with running_browser(program) as running:
        yield running


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """The report of a seller with faults."""
    flows = (
        played("long", recorded(1, "select"), recorded(2, "on_select", LONG)),
        *(played(f"flow_{number}") for number in range(3)),
    )
    return written(edition(*flows, checks=(PASSES, FAILS, WARNS, IDLE, UNMET)), tmp_path)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """The report of messages that try to get out."""
    return written(hostile_edition(), tmp_path)


def written(told: Edition, folder: Path) -> Path:
    path = folder / "report.html"
    path.write_bytes(html_report(told).encode(errors="backslashreplace"))
    return path


async def test_the_page_asks_for_nothing_and_complains_of_nothing(browser, faulty):
    async with opened(browser, faulty) as seen:
        assert await seen.page.locator("h1").inner_text() == "a seller"
        assert await seen.page.locator(".verdict").is_visible()

    assert [one for one in seen.requests if not one.startswith("data:")] == [faulty.as_uri()]
    assert seen.complaints == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["telephone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nobody_scrolls_sideways_whatever_is_unfolded(browser, faulty, size, scheme):
    async with opened(browser, faulty, size, color_scheme=scheme) as seen:
        folded = await seen.overflow()
        for one in await seen.page.locator("summary").all():
            await one.click()

        assert (folded, await seen.overflow()) == (0, 0)


async def test_words_can_be_told_from_their_ground_in_a_dark_room(browser, faulty):
    colours = {}
    for scheme in ("light", "dark"):
        async with opened(browser, faulty, color_scheme=scheme) as seen:
            colours[scheme] = await seen.page.evaluate(
                "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
            )

    assert [brightness(one) for one in colours["light"]] == pytest.approx([0, 255], abs=60)
    assert [brightness(one) for one in colours["dark"]] == pytest.approx([255, 0], abs=60)


def brightness(colour):
    return sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(","))) / 3


async def test_a_message_is_unfolded_by_keyboard_alone(browser, faulty):
    async with opened(browser, faulty) as seen:
        message = seen.page.locator("#flow-1-2")
        assert not await message.locator("pre").is_visible()

        await message.locator("summary").focus()
        await seen.page.keyboard.press("Enter")
        assert '"transaction_id": "T-1"' in await message.locator("pre").inner_text()

        await seen.page.keyboard.press("Space")
        assert not await message.locator("pre").is_visible()


async def test_a_failed_check_leads_to_its_findings_and_a_finding_to_its_message(browser, faulty):
    async with opened(browser, faulty) as seen:
        await seen.page.locator("#failed a").first.click()
        assert seen.page.url.endswith("#flow-1-always_wrong")
        await seen.page.locator("#flow-1-always_wrong a").first.click()

        assert seen.page.url.endswith("#flow-1-2")
        assert await seen.page.locator("#flow-1-2").evaluate("one => one.getBoundingClientRect().top < innerHeight")


async def test_paper_has_the_verdict_and_what_was_unfolded_and_no_more(browser, faulty, tmp_path):
    async with opened(browser, faulty) as seen:
        short = await seen.page.pdf(format="A4")
        await seen.page.locator("#flow-1-2 summary").click()
        long = await seen.page.pdf(format="A4")
        await seen.page.emulate_media(media="print")

        assert await seen.page.locator("#flow-1-2 pre").is_visible()
        assert not await seen.page.locator("#flow-1-1 pre").is_visible()
        assert not await seen.page.locator("#checks table").is_visible()
    assert short.startswith(b"%PDF")
    assert long.count(b"/Type /Page\n") > short.count(b"/Type /Page\n")


@pytest.mark.parametrize("trusting", [False, True], ids=["with its policy", "without its policy"])
async def test_what_strangers_said_does_not_run(browser, hostile, trusting):
    """Escaping must hold alone: the page's own policy is a second wall."""
    async with opened(browser, hostile, bypass_csp=trusting) as seen:
        for one in await seen.page.locator("summary").all():
            await one.click()

        assert (await seen.page.title()).startswith("DOES NOT CONFORM: </script>")
        assert await seen.page.locator("script, img, iframe, body link").count() == 0
        assert "<img src=x onerror=" in await seen.page.locator("pre").nth(1).inner_text()
    assert [one for one in seen.requests if not one.startswith("data:")] == [hostile.as_uri()]
    assert seen.complaints == []


async def test_the_policy_alone_stops_a_script_that_got_in(browser, tmp_path):
    page = html_report(edition())
    path = tmp_path / "report.html"
    path.write_text(page.replace("</body>", "<script>document.title='taken'</script><img src=x.png></body>"))

    async with opened(browser, path) as seen:
        assert await seen.page.title() == "CONFORMS: a seller"
    assert len(seen.complaints) == 2
    assert all("Content Security Policy" in one for one in seen.complaints)


async def test_the_network_is_really_cut_off(browser, faulty):
    async with opened(browser, faulty) as seen:
        with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
            await seen.page.goto("http://127.0.0.1:9/")

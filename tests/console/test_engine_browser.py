"""The engineer's jobs in a real browser, in both languages, at a desk and on a telephone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bpp.people.model import Role
from tests.support.browser import DESK, PHONE
from tests.support.console import a_window, add_person
from tests.support.fallen import fallen
from tests.support.scripted_peer import ScriptedPeer

LOOKS = [("hi", PHONE), ("en", DESK), ("hi", DESK), ("en", PHONE)]
NAMES = ["hi-telephone", "en-desk", "hi-desk", "en-telephone"]
WORDS = {
    "hi": {
        "ready": "काम के लिए तैयार",
        "why": "NACK 30008 के साथ मना किया",
        "again": "फिर से भेजें",
        "yes": "हाँ, फिर से भेजें",
        "going": "इसे फिर से भेजा जा रहा है।",
        "many": "2 कॉलबैक फिर से भेजे जा रहे हैं।",
        "dead": "जवाब नहीं दे रहा",
        "look": "अभी जाँचें",
        "found": "जाँच के नतीजे",
        "trace": "खोजें",
        "taken": "ACK के साथ लिया गया",
        "plot": "सहेजने से पहुँचने तक, सेकंड में",
    },
    "en": {
        "ready": "Ready for work",
        "why": "refused with NACK 30008",
        "again": "Send again",
        "yes": "Yes, send again",
        "going": "It is on its way again.",
        "many": "2 callbacks are on their way again.",
        "dead": "does not answer",
        "look": "Look now",
        "found": "Findings",
        "trace": "Trace",
        "taken": "taken with ACK",
        "plot": "From stored to delivered, in seconds",
    },
}


@pytest.fixture
async def troubled(network):
    """A network where one buyer app refuses, another does not answer, and a third has booked."""
    confirmed = await network.booked()
    now = network.clock()
    await add_person(network, Role.ENGINEER)
    async with ScriptedPeer() as peer:
        await fallen(network, "a.example", peer.url, count=3)
        await fallen(network, "b.example", peer.url, state="given_up", outcome="timeout", status=None, code="")
        await network.context.storage.run(
            lambda work: work.outbox.peer_failed("b.example", now, now + timedelta(minutes=5))
        )
        network.clock.tick(minutes=2)
        yield confirmed


@pytest.mark.parametrize(("language", "size"), LOOKS[:2], ids=NAMES[:2])
async def test_an_engineer_does_every_job_of_the_persona(network, browser, troubled, language, size):
    words = WORDS[language]
    async with a_window(browser, network, language, size) as window:
        page = window.page
        await window.sign_in(Role.ENGINEER.value)
        await page.get_by_text(words["ready"], exact=True).wait_for()

        # Callbacks that fail: why, one of them again, then the others of that kind.
        await window.open("/console/engine/deliveries?state=refused")
        await page.get_by_role("cell", name=words["why"]).first.wait_for()
        await page.locator("main table").last.locator("tbody tr").first.locator("a").first.click()
        await page.locator("summary.button", has_text=words["again"]).click()
        await page.get_by_role("button", name=words["yes"]).click()
        await page.get_by_role("status").get_by_text(words["going"]).wait_for()
        await window.open("/console/engine/deliveries?peer=a.example")
        await page.locator("summary.button", has_text=words["again"].split()[0]).first.click()
        await page.get_by_role("button", name=words["yes"]).first.click()
        await page.get_by_role("status").get_by_text(words["many"]).wait_for()

        # Who does not answer, and how long callbacks took.
        await window.open("/console/engine/peers")
        await page.get_by_role("heading", name=f"b.example {words['dead']}").wait_for()
        await network.settled()
        await window.open("/console/engine/figures?period=hour")
        await page.get_by_role("img", name=words["plot"]).wait_for()

        # Keys, and what a registry would find wrong.
        await window.open("/console/engine/keys")
        await page.get_by_role("button", name=words["look"]).click()
        await page.get_by_role("heading", name=words["found"]).wait_for()

        # What happened to a transaction, by the keyboard alone.
        await window.open("/console/engine/trace")
        await page.keyboard.press("/")
        await page.keyboard.type(troubled.transaction_id)
        await page.keyboard.press("Enter")
        await page.get_by_role("cell", name=words["taken"]).first.wait_for()
        await page.locator("main dl a").click()
        await page.wait_for_url("**/console/orders/**")

        assert window.complaints == []


@pytest.mark.parametrize(("language", "size"), LOOKS, ids=NAMES)
async def test_no_page_has_barriers_and_nobody_scrolls_sideways(network, browser, troubled, language, size):
    paths = ["", "/deliveries", "/deliveries/5", "/peers", "/figures", "/keys?look=true"]
    async with a_window(browser, network, language, size) as window:
        await window.sign_in(Role.ENGINEER.value)
        found = {}
        for path in [*paths, f"/trace?q={troubled.transaction_id}"]:
            await window.open(f"/console/engine{path}")
            found[path] = (await window.barriers(), await window.overflow())

        assert {path: one for path, one in found.items() if one != ([], 0)} == {}
        assert window.complaints == []


async def test_health_keeps_itself_up_to_date_without_a_reload(network, browser, troubled):
    async with a_window(browser, network) as window:
        await window.sign_in(Role.ENGINEER.value)
        await window.page.evaluate("window.same = true")
        async with ScriptedPeer() as peer:
            await fallen(network, "c.example", peer.url, state="given_up", outcome="dns", status=None, code="", count=6)
        await window.page.get_by_role("link", name="7", exact=True).wait_for()

        assert await window.page.evaluate("window.same") is True

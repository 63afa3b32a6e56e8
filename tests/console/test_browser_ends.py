"""A browser that dies or no longer answers while it is closed holds up nobody: its test was over."""

from __future__ import annotations

import os
import signal

import pytest

from tests.support.browser import ended, running_browser

SOON = 0.5


@pytest.mark.parametrize("stroke", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_browser_that_is_dead_or_stunned_while_it_is_closed_is_left(browser_program, stroke):
    async with running_browser(browser_program, SOON) as browser:
        context = await browser.new_context()
        await context.new_page()
        session = await browser.new_browser_cdp_session()
        processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
        (pid,) = [one["id"] for one in processes if one["type"] == "browser"]

        os.kill(pid, stroke)

        await ended(context, SOON)

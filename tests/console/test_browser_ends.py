"""A browser that dies: while it is closed it holds up nobody, and under a test that test is run once more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.browser import ended, running_browser

SOON = 0.5
ROOT = Path(__file__).parent.parent.parent
DYING = """
import os, signal
from pathlib import Path
import pytest, pytest_asyncio
from tests.support.browser import running_browser

TRIES = Path(__file__).with_suffix(".tries")

@pytest_asyncio.fixture
async def browser():
    async with running_browser(Path({program!r})) as running:
        yield running

async def test_one(browser):
    TRIES.write_text((TRIES.read_text() if TRIES.exists() else "") + "I")
    page = await browser.new_page()
    if len(TRIES.read_text()) <= {deaths}:
        session = await browser.new_browser_cdp_session()
        for one in (await session.send("SystemInfo.getProcessInfo"))["processInfo"]:
            if one["type"] == "browser":
                os.kill(one["id"], signal.SIGSEGV)
    await page.goto("data:text/html,<p>here")
    assert await page.inner_text("p") == {found!r}
"""


@pytest.mark.parametrize(
    ("deaths", "found", "tries", "status", "told"),
    [
        (1, "here", "II", 0, "was run once more: the browser had died"),
        (2, "here", "II", 1, "was run once more: the browser had died"),
        (0, "elsewhere", "I", 1, "'here' == 'elsewhere'"),
    ],
    ids=["died once", "dies each time", "fails for another reason"],
)
def test_a_test_whose_browser_died_under_it_is_run_once_more_and_no_other_is(
    browser_program, tmp_path, deaths, found, tries, status, told
):
    (tmp_path / "test_dying.py").write_text(DYING.format(program=str(browser_program), deaths=deaths, found=found))
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.browser_again", "-c", str(ROOT / "pyproject.toml")]

    ran = subprocess.run(
        [*command, "--rootdir", str(tmp_path), "-n", "1", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == status, ran.stdout
    assert told in ran.stdout
    assert (tmp_path / "test_dying.tries").read_text() == tries


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

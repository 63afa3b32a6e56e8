"""A browser that dies or hangs: closing it holds up nobody, and a test that it happens to is run once more."""

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
MODULE = """
import os, signal
from pathlib import Path
import pytest, pytest_asyncio
from tests.support.browser import running_browser

TRIES = Path(__file__).with_suffix(".tries")

@pytest_asyncio.fixture
async def browser():
    async with running_browser(Path({program!r})) as running:
        yield running
"""
DYING = (
    MODULE
    + """
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
)
WAITING = (
    MODULE
    + """
@pytest.mark.parametrize("one", range({tests}))
async def test_one(browser, one):
    tries = TRIES.read_text() if TRIES.exists() else ""
    TRIES.write_text(tries + str(one))
    page = await browser.new_page()
    await page.goto("data:text/html,<p>here")
    if tries.count(str(one)) < {hangs}:
        await page.wait_for_selector("b", timeout=200)
    await page.wait_for_selector("p")
"""
)
DIED = "was run once more: the browser had died"
RAN_OUT = "was run once more: a wait of the browser ran out"


@pytest.mark.parametrize(
    ("deaths", "found", "tries", "status", "told"),
    [
        (1, "here", "II", 0, DIED),
        (2, "here", "II", 1, DIED),
        (0, "elsewhere", "I", 1, "'here' == 'elsewhere'"),
    ],
    ids=["died once", "dies each time", "fails for another reason"],
)
def test_a_test_whose_browser_died_under_it_is_run_once_more_and_no_other_is(
    browser_program, tmp_path, deaths, found, tries, status, told
):
    ran, tried = run(tmp_path, DYING.format(program=str(browser_program), deaths=deaths, found=found))

    assert ran.returncode == status, ran.stdout
    assert told in ran.stdout
    assert tried == tries


@pytest.mark.parametrize(
    ("tests", "hangs", "tries", "status"),
    [(1, 1, "00", 0), (1, 2, "00", 1), (3, 1, "00112", 1)],
    ids=["ran out once", "runs out each time", "a third in one process"],
)
def test_a_test_whose_wait_ran_out_is_run_once_more_and_what_it_waited_for_is_told(
    browser_program, tmp_path, tests, hangs, tries, status
):
    ran, tried = run(tmp_path, WAITING.format(program=str(browser_program), tests=tests, hangs=hangs))

    assert ran.returncode == status, ran.stdout
    assert f"test_one[0] {RAN_OUT}" in ran.stdout
    assert ran.stdout.count(RAN_OUT) == min(tests, 2)
    assert 'waiting for locator("b") to be visible' in ran.stdout.partition(RAN_OUT)[2]
    assert tried == tries


def run(folder: Path, module: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """The module by pytest, in a process of its own as in the suite; and what it says it tried."""
    path = folder / "test_dying.py"
    path.write_text(module)
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.browser_again", "-c", str(ROOT / "pyproject.toml")]
    ran = subprocess.run(
        [*command, "--rootdir", str(folder), "-p", "no:randomly", "-n", "1", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran, path.with_suffix(".tries").read_text()


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

"""A test whose browser died under it, or let a wait run out, is run once more by itself, and the summary says so.

Chromium is none of ours. It dies now and then where nothing of a page is to blame: seen were segmentation faults in
fontconfig. And what a test tells the browser comes to one after the other: a page can be online again before its
service worker is. A page that is at fault is so again, and what an assertion finds wrong is not looked for twice. What
the first try waited for is told whole: it may be a fault of ours that shows itself seldom.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import pytest
from _pytest.runner import runtestprotocol  # what plugins that repeat tests call, too

FIXTURE: Final = "browser"
DIED: Final = re.compile(r"TargetClosedError|\b(?:Page|Target) crashed\b")
RAN_OUT: Final = re.compile(r"playwright\._impl\._errors\.TimeoutError")
SAID_OF_IT: Final = re.compile(r"^E .*", re.MULTILINE)
AGAIN: Final = "browser again"
MOST: Final = 2
"""In so many tests of one process a wait that runs out is nobody's fault; in more it is a slow page's, or a fault's."""
WAITED: Final = pytest.StashKey[int]()


@pytest.hookimpl
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Both times with fixtures of their own; what is reported is the last."""
    if FIXTURE not in getattr(item, "fixturenames", ()):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if (why := _why_again(reports, item.config.stash)) is not None:
        item.user_properties.append((AGAIN, why))
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for one in reports:
        item.ihook.pytest_runtest_logreport(report=one)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was run once more, in the process that sums up."""
    told = [one for reports in terminalreporter.stats.values() for one in reports]
    known = [(one.nodeid, *pair) for one in told for pair in getattr(one, "user_properties", ())]
    for nodeid, why in sorted({(nodeid, why) for nodeid, name, why in known if name == AGAIN}):
        terminalreporter.write_line(f"{nodeid} was run once more: {why}")


def _why_again(reports: Iterable[pytest.TestReport], stash: pytest.Stash) -> str | None:
    failed = [one.longreprtext for one in reports if one.failed]
    if any(DIED.search(text) for text in failed):
        return "the browser had died under it"
    waits = [text for text in failed if RAN_OUT.search(text)]
    stash[WAITED] = stash.get(WAITED, 0) + bool(waits)
    if not waits or stash[WAITED] > MOST:
        return None
    return "\n".join(("a wait of the browser ran out", *SAID_OF_IT.findall(waits[0])))

"""A test whose browser died under it is run once more, by itself, and the summary says so.

Chromium is none of ours, and dies now and then where nothing of a page is to blame: seen were segmentation faults in
fontconfig. A page that kills it does so again, and a test that fails for anything else is not repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import pytest
from _pytest.runner import runtestprotocol  # what plugins that repeat tests call, too

FIXTURE: Final = "browser"
DIED: Final = re.compile(r"TargetClosedError|\b(?:Page|Target) crashed\b")
AGAIN: Final = ("browser", "died")


@pytest.hookimpl
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Both times with fixtures of their own; what is reported is the last."""
    if FIXTURE not in getattr(item, "fixturenames", ()):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if _died(reports):
        item.user_properties.append(AGAIN)
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for one in reports:
        item.ihook.pytest_runtest_logreport(report=one)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was run once more, in the process that sums up."""
    told = [one for reports in terminalreporter.stats.values() for one in reports]
    again = {one.nodeid for one in told if AGAIN in map(tuple, getattr(one, "user_properties", ()))}
    for nodeid in sorted(again):
        terminalreporter.write_line(f"{nodeid} was run once more: the browser had died under it")


def _died(reports: Iterable[pytest.TestReport]) -> bool:
    return any(one.failed and DIED.search(one.longreprtext) for one in reports)

"""Progress is told while a run goes on: each step with what it waits for, to people and to logs."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from bpp.cli.progress import Progress
from bpp.conformance.runner import Began, Played, Takes, Took
from bpp.conformance.scenarios.flows import SCENARIOS
from tests.conformance.reporting import played

SCENARIO = SCENARIOS[0]
WHERE: dict[str, Any] = {"scenario": SCENARIO, "domain": "ONDC:SRV11"}
STEP: dict[str, Any] = {**WHERE, "step": "select", "waits_for": "ACK, then on_select"}


def told(*, rewrites, problem="", flow=None, out=None):
    out = out or io.StringIO()
    progress = Progress(out, rewrites=rewrites)
    progress.expect(3)
    for event in (
        Began(**WHERE),
        Takes(**STEP, within=30.0),
        Took(**STEP, seconds=0.081, problem=problem),
        Played(**WHERE, flow=flow or played()),
    ):
        progress.show(event)
    return out


def test_a_log_gets_a_line_for_each_flow_and_step():
    assert told(rewrites=False).getvalue() == (
        "[1/3] service_completion ONDC:SRV11\n  select, waits for ACK, then on_select (up to 30 s) 0.08 s\n"
    )


def test_what_is_waited_for_is_told_before_it_comes():
    out = io.StringIO()
    progress = Progress(out, rewrites=False)

    progress.show(Takes(**STEP, within=5.0))

    assert out.getvalue() == "  select, waits for ACK, then on_select (up to 5 s)"


def test_a_terminal_keeps_one_line_for_each_flow():
    written = told(rewrites=True).getvalue()

    assert "[1/3] service_completion ONDC:SRV11: select, waits for ACK" in written
    assert shown(written) == "✓ service_completion ONDC:SRV11: 2 messages"


@pytest.mark.parametrize(
    ("flow", "line"),
    [
        (played(ended="select: nothing came"), "✗ service_completion ONDC:SRV11: 2 messages; broke off: select: nothing came"),
        (played(not_played="nobody acts"), "- service_completion ONDC:SRV11: 2 messages; nobody acts"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("rewrites", [True, False])
def test_how_a_flow_ended_is_told_to_both(rewrites, flow, line):
    assert line in shown(told(rewrites=rewrites, flow=flow).getvalue())


def shown(written):
    """What a terminal shows in the end: a line that was wiped is gone."""
    return "\n".join(line.rpartition("\r\x1b[K")[2] for line in written.split("\n")).strip()


def test_a_question_does_not_stand_behind_a_step_that_waits():
    out = io.StringIO()
    progress = Progress(out, rewrites=False)
    progress.show(Takes(**STEP, within=30.0))

    progress.say("Let the worker set off.")

    assert out.getvalue().endswith("(up to 30 s)\nLet the worker set off.\n")


@pytest.mark.parametrize("rewrites", [True, False])
def test_what_a_seller_said_does_not_move_the_cursor(rewrites):
    written = told(rewrites=rewrites, problem="\x1b[2Jcleared", flow=played(ended="\x1b[2J\x07cleared")).getvalue()

    assert not re.search(r"\x1b\[2J|\x07", written)
    assert "cleared" in written


def test_a_terminal_that_knows_no_tick_gets_another_sign():
    raw = io.BytesIO()
    ascii_only = io.TextIOWrapper(raw, encoding="ascii", write_through=True)

    told(rewrites=True, out=ascii_only)

    assert b"? service_completion ONDC:SRV11: 2 messages\n" in raw.getvalue()

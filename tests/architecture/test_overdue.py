"""A run of the suite ends, whatever one of its tests waits for."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.overdue import ENDED, known, watched

ROOT = Path(__file__).parent.parent.parent
STUBBORN = """
import os, sys, time
from tests.support.overdue import watched
with watched("the stubborn one", 2, at_most=0.1, grace=0.1):
    while True:
        try:
            time.sleep(10)
        except BaseException:
            pass
"""


async def _waits() -> None:
    await _for_a_word_that_nobody_says()


async def _for_a_word_that_nobody_says() -> None:
    await asyncio.Event().wait()


async def _beside_somebody_busy() -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_busy())
        tasks.create_task(_waits())


async def _busy() -> None:
    while True:
        time.sleep(0.02)  # noqa: ASYNC251  where the signal comes
        await asyncio.sleep(0)


def test_a_test_that_waits_for_ever_fails_and_says_what_it_waited_for() -> None:
    loop = known(asyncio.new_event_loop())
    try:
        with pytest.raises(pytest.fail.Exception) as failed, watched("a", 2, at_most=0.1):
            loop.run_until_complete(_waits())
        waiting = asyncio.all_tasks(loop).pop()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(waiting)
    finally:
        loop.close()

    assert "did not end within 0.1 seconds" in str(failed.value)
    assert "in _for_a_word_that_nobody_says" in str(failed.value)


def test_a_loop_that_is_never_idle_is_stopped_and_what_waits_in_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    loop = known(asyncio.new_event_loop())
    try:
        with pytest.raises(RuntimeError, match="stopped before"), watched("a", 2, at_most=0.1):
            loop.run_until_complete(_beside_somebody_busy())
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.wait(left))
    finally:
        loop.close()

    assert "in _for_a_word_that_nobody_says" in capsys.readouterr().err


def test_a_test_that_ends_in_time_is_left_alone() -> None:
    with watched("a", 2, at_most=0.1):
        pass
    time.sleep(0.2)


def test_a_process_whose_test_does_not_let_itself_be_ended_says_so_and_ends() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", STUBBORN],
        cwd=ROOT,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        timeout=60,
    )

    assert ended.returncode == ENDED
    assert b"the stubborn one did not let itself be ended" in ended.stderr

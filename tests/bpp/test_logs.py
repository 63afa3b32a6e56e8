"""What a process writes of an error that it did not expect."""

from __future__ import annotations

import subprocess
import sys

import pytest

FAILING = """
import structlog
from bpp.errors import OrderBusy
from bpp.logs import configure_logs

configure_logs("info", json={json}, foreign={foreign})
log = structlog.get_logger()
try:
    try:
        raise ValueError("Asha Devi, 9876505555")
    except ValueError as cause:
        raise OrderBusy("please retry") from cause
except OrderBusy:
    log.exception("it_failed", number=7)
"""


def written(*, json: bool, foreign: bool) -> str:
    done = subprocess.run(
        [sys.executable, "-c", FAILING.format(json=json, foreign=foreign)], capture_output=True, text=True, check=True
    )
    return done.stderr


@pytest.mark.parametrize("json", [True, False])
def test_an_error_is_told_by_kinds_and_places_and_our_own_words_alone(json: bool) -> None:
    text = written(json=json, foreign=False)

    for part in ("it_failed", "number", "builtins.ValueError", "bpp.errors.OrderBusy", "please retry", "<string>:10"):
        assert part in text
    assert "Asha" not in text


def test_a_person_at_the_sandbox_is_shown_errors_whole() -> None:
    assert "ValueError: Asha Devi, 9876505555" in written(json=False, foreign=True)

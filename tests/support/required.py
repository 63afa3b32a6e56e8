"""What some tests need and not every machine has: without it they are skipped, and fail where it is required.

A run that is meant to try everything must not pass on half of it: `CI` requires all, `BPP_TEST_REQUIRE_POSTGRES`,
`BPP_TEST_REQUIRE_BROWSER` and `BPP_TEST_REQUIRE_MOUNT` (a disk in memory, which only root may mount) one each.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NoReturn

import pytest


class Needed(StrEnum):
    """What is needed, by the name of what requires it."""

    POSTGRES = "BPP_TEST_REQUIRE_POSTGRES"
    BROWSER = "BPP_TEST_REQUIRE_BROWSER"
    MOUNT = "BPP_TEST_REQUIRE_MOUNT"


def is_required(what: Needed, environ: Mapping[str, str]) -> bool:
    """Whether its absence fails the run."""
    return any(environ.get(name, "").lower() not in {"", "0", "false"} for name in (what.value, "CI"))


def skip_or_fail(what: Needed, reason: str, environ: Mapping[str, str]) -> NoReturn:
    """Leave the test that needs it: skipped, or failed where it is required."""
    if is_required(what, environ):
        pytest.fail(f"required by {what.value} or CI: {reason}", pytrace=False)
    pytest.skip(reason)

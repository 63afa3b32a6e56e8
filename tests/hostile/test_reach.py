"""No branch of header parser, normaliser and decoder that the fuzzer's seeds and our strategies do not come to."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.hostile.reach import MEASURED, ROOT
from tests.hostile.targets import TARGETS, seeds


@pytest.mark.parametrize("target", TARGETS)
def test_what_must_hold_holds_for_every_seed_of_the_fuzzer(target: str) -> None:
    given = seeds(target)
    for seed in given:
        TARGETS[target](seed)
    assert len(set(given)) > 15


def test_every_branch_of_parsing_normalising_and_decoding_is_reached() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.hostile.reach"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert json.loads(run.stdout) == {module: [] for module in MEASURED}

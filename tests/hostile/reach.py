"""Which branches of the parsers the seeds and the strategies do not reach: run as a program, prints JSON.

In a process of its own, since what is loaded before the measurement begins is not measured.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import coverage

ROOT = Path(__file__).parent.parent.parent
MEASURED = (
    "signing/header.py",
    "bpp/domains/normalize.py",
    "bpp/domains/normalize_fixes.py",
    "bpp/inbound/envelope.py",
    "bpp/inbound/decode.py",
)


def unreached() -> dict[str, list[str]]:
    """By module: lines, and branches as from -> to, that nothing came to."""
    watch = coverage.Coverage(
        branch=True, data_file=None, config_file=False, include=[str(ROOT / one) for one in MEASURED]
    )
    watch.start()
    from hypothesis import given, settings  # noqa: PLC0415

    from tests.hostile.targets import TARGETS, seeds  # noqa: PLC0415
    from tests.support.hostile_json import json_bodies  # noqa: PLC0415
    from tests.support.hostile_messages import ACTIONS, odd_messages  # noqa: PLC0415

    for name, target in TARGETS.items():
        for seed in seeds(name):
            target(seed)

    @settings(max_examples=40, deadline=None, database=None, derandomize=True)
    @given(json_bodies, odd_messages)
    def strategies(body: bytes, odd: tuple[str, object]) -> None:
        TARGETS["reading"](body)
        TARGETS["deciding"](bytes([ACTIONS.index(odd[0])]) + json.dumps(odd[1]).encode())

    strategies()
    watch.stop()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "reach.json"
        watch.json_report(outfile=str(file))
        files = json.loads(file.read_text())["files"]
    assert len(files) == len(MEASURED), files.keys()
    return {
        str(Path(name).relative_to(ROOT)) if Path(name).is_absolute() else name: [
            *map(str, found["missing_lines"]),
            *(f"{start} -> {end}" for start, end in found["missing_branches"]),
        ]
        for name, found in files.items()
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(unreached()))

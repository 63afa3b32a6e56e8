"""A process that does pairs when told to: ``python -m bpp.bench.spin``, seconds as JSON lines."""

from __future__ import annotations

import sys
from dataclasses import asdict

import orjson

from bpp.bench.pair import one_pair, repeat


def main() -> None:
    """Say that it is there; then a line for each line."""
    _say({"ready": True})
    for line in sys.stdin.buffer:
        _say(asdict(repeat(one_pair, orjson.loads(line)["seconds"])))


def _say(answer: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

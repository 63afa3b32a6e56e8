"""``bpp bench``: what a round trip costs, in a unit that every machine can measure for itself."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

Rounds = Annotated[int, typer.Option(help="How many rounds; the medians are of these.", min=1, max=100)]
Seconds = Annotated[float, typer.Option("--slice", help="Seconds of load for each server in each round.", min=0.2)]


def bench(*, rounds: Rounds = 6, seconds: Seconds = 1.5) -> None:
    """Measure a durable signed select round trip.

    Example: bpp bench --rounds 3
    """
    from bpp.bench.rounds import Load, cores  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.bench.select import VARIANTS, run_select  # noqa: PLC0415
    from bpp.bench.stage import PART, set_up  # noqa: PLC0415

    os.sched_setaffinity(0, cores()[0])
    with tempfile.TemporaryDirectory(prefix="bpp-bench-") as folder:
        stage = set_up(Path(folder), PART)
        run_select(stage, VARIANTS, rounds=rounds, load=Load(seconds=seconds), told=typer.echo)

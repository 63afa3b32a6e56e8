"""``bpp bench``: what a round trip costs, in a unit that every machine can measure for itself."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from bpp.cli.output import MISUSED, AsJson, fail, show

QUICK_ROUNDS, ROUNDS = 2, 6
QUICK_SLICE, SLICE = 0.6, 1.5


def bench(
    *,
    scenario: Annotated[
        list[str] | None, typer.Option(help="Only this one; may be repeated. `--scenario list` names them.")
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(min=1, max=100, help="How many; medians are of these. By default 6.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--slice", min=0.2, help="Load for each server in each round; by default 1.5.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small catalogs and few rounds: a first look.")] = False,
    out: Annotated[Path | None, typer.Option(help="Where to write the JSON of the run.")] = None,
    compare: Annotated[
        Path | None, typer.Option(exists=True, help="JSON of an earlier run: say what moved since.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 where a bar is not reached.")] = False,
    show_only: Annotated[
        Path | None, typer.Option("--show", exists=True, help="Measure nothing: the table of this JSON, for the docs.")
    ] = None,
    profile: Annotated[
        str, typer.Option(help="Measure nothing: where the time of this variant goes, as durable or storeless.")
    ] = "",
    where: Annotated[Path | None, typer.Option("--dir", help="A folder on a real disk for databases.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure what a round trip, a search and a catalog cost, as ratios of one run, and judge them.

    Loopback only; BPP_BENCH_POSTGRES_URL names a server whose user may create databases, else one is started if it can
    be. Example: bpp bench --scenario select --rounds 3
    """
    from bpp.bench import report  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.bench.profile import profiled  # noqa: PLC0415
    from bpp.bench.rounds import Load  # noqa: PLC0415
    from bpp.bench.run import Run  # noqa: PLC0415
    from bpp.bench.scenarios import SCENARIOS, play  # noqa: PLC0415

    if show_only is not None:
        typer.echo(report.markdown(_read(show_only)))
        return
    names = scenario or list(SCENARIOS)
    if unknown := [name for name in names if name not in SCENARIOS]:
        fail(f"{unknown[0]}: one of {', '.join(SCENARIOS)} is expected", status=MISUSED)
    with tempfile.TemporaryDirectory(prefix="bpp-bench-", dir=where) as folder:
        run = Run(
            folder=Path(folder),
            rounds=rounds or (QUICK_ROUNDS if quick else ROUNDS),
            load=Load(seconds=seconds or (QUICK_SLICE if quick else SLICE)),
            quick=quick,
            postgres=os.environ.get("BPP_BENCH_POSTGRES_URL", ""),
            told=lambda text: typer.echo(text, err=True),
        )
        if profile:
            typer.echo(profiled(profile, run))
            return
        document = play(names, run)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    moved = list(report.compared(_read(compare), document)) if compare else []
    if compare:
        document["moved"] = moved
    show(document, lambda: _text(document, moved, compare), as_json=as_json)
    if check and (missed := report.failed(document)):
        fail(f"{len(missed)} bars were not reached: {'; '.join(missed)}")


def _text(document: dict[str, Any], moved: list[str], compare: Path | None) -> str:
    from bpp.bench import report  # noqa: PLC0415

    parts = [report.table(document)]
    if compare:
        parts.append("\n".join([f"since {compare}:", *(moved or ["nothing moved"])]))
    return "\n\n".join(parts)


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found

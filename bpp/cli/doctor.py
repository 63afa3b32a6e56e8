"""``bpp doctor``: what a registry, a gateway or a peer would find wrong with this deployment, before they do."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from typing import Annotated

import typer

from bpp.cli.output import FAILED, MISUSED, AsJson, show
from bpp.settings import SettingsProblems, load_settings


def doctor(
    *,
    callback: Annotated[
        str, typer.Option(metavar="URL", help="A buyer app's URL that callbacks must reach; our own by default.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Look at keys, registry, clock, site page, on_subscribe, callbacks, TLS, database, machine and the five seconds.

    Each failure names the ONDC error number that it would cause and what to do. The server should be running. Ends with
    1 where something failed, with 2 where the settings do not load.

    Example: bpp doctor --callback https://buyer.example.in/ondc
    """
    from bpp.doctor.examine import examine  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.doctor.finding import Finding, document, healthy, text  # noqa: PLC0415
    from bpp.doctor.ground import standing  # noqa: PLC0415
    from bpp.doctor.keys import judge_settings  # noqa: PLC0415

    async def found() -> list[Finding]:
        settings = load_settings(os.environ)
        async with standing(settings, clock=lambda: datetime.now(UTC), callback=callback) as ground:
            return await examine(ground)

    try:
        findings, worst = asyncio.run(found()), FAILED
    except SettingsProblems as problems:
        findings, worst = list(judge_settings(problems.problems)), MISUSED
    show(document(findings), lambda: text(findings), as_json=as_json)
    if not healthy(findings):
        raise typer.Exit(worst)

"""``bpp retention``: forget what was kept long enough."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from datetime import UTC, datetime

import isodate
import typer

from bpp.cli.output import AsJson, facts, show
from bpp.settings import Settings, load_settings

retention = typer.Typer(no_args_is_help=True, help="How long personal data is kept.")

KINDS = (
    "orders",
    "projects",
    "parties",
    "messages",
    "masked",
    "drafts",
    "reads",
    "demand",
    "sign_ins",
    "observability",
)


@retention.command("run")
def run_retention(*, as_json: AsJson = False) -> None:
    """Forget what is older than the settings BPP_RETENTION_* say. Safe to repeat, and beside a running server.

    Example: bpp retention run
    """
    found = asyncio.run(_forget(load_settings(os.environ)))
    show({"forgotten": found}, lambda: facts(found, sorted(found)), as_json=as_json)


@retention.command("show")
def show_policy(*, as_json: AsJson = False) -> None:
    """How long each kind of record is kept.

    Example: bpp retention show
    """
    settings = load_settings(os.environ)
    policy = {kind: isodate.duration_isoformat(getattr(settings, f"retention_{kind}")) for kind in KINDS}
    show({"kept": policy}, lambda: facts(policy, KINDS), as_json=as_json)


async def _forget(settings: Settings) -> Mapping[str, int]:
    from bpp.core.retention import RetentionPolicy, forget  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.storage.engine import open_storage, upgrade  # noqa: PLC0415

    await upgrade(settings.database_url)
    policy = RetentionPolicy(**{kind: getattr(settings, f"retention_{kind}") for kind in KINDS})
    storage = open_storage(settings.database_url)
    try:
        return await forget(storage, policy, datetime.now(UTC))
    finally:
        await storage.close()

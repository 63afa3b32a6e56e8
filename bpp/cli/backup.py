"""``bpp backup`` and ``bpp restore``: copies of the database that can be trusted, and how they come back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bpp.cli.output import MISUSED, AsJson, fail, show
from bpp.settings import load_settings

if TYPE_CHECKING:
    from bpp.storage.backup import Manifest

T = TypeVar("T")
backup = typer.Typer(
    no_args_is_help=True,
    help="Consistent copies of the database, beside a server that works. What is in one: everything in the database, "
    "so personal data, the bodies of messages, and the secret of tokens and documents; bank details stay sealed. What "
    "is not: settings, signing and encryption keys, the key file, BPP_DATA_KEY (without it bank details stay sealed "
    "for ever), the operator's token, registry and catalog files. Keep those apart from it.",
)
Backup = Annotated[Path, typer.Argument(help="The folder of one backup: it has a manifest.json.")]
RESTORED = (
    "What to do now: docs/backup.md. Callbacks that were delivered after the backup are sent again, the same bytes; "
    "orders made after it are unknown here, and their buyer apps must be told."
)


@backup.command("run")
def run_backup(
    *,
    to: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where; by default BPP_BACKUPS.")] = None,
    keep: Annotated[
        int, typer.Option(min=0, help="Remove older ones until so many are left there, once this one is made. 0: none.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Make a backup: a folder named by the moment, with a copy and a manifest (digest, schema, rows by table).

    Safe beside a working server. PostgreSQL needs its client programs here (pg_dump).

    Example: bpp backup run --to /var/lib/sewamitra/backups
    """
    from bpp.storage.backup import back_up, prune  # noqa: PLC0415  heavy: only this command waits for it

    settings = load_settings(os.environ)
    if to is None and not settings.backups:
        fail("--to or BPP_BACKUPS: a folder is expected", status=MISUSED, as_json=as_json)
    folder = to or Path(settings.backups)
    made, manifest = _done(back_up(settings.database_url, folder, _now()), as_json=as_json)
    removed = [str(one) for one in prune(folder, keep)] if keep else []
    text = "\n".join((f"{made}: {_told(manifest)}", *(f"removed {one}" for one in removed)))
    show({"backup": str(made), "removed": removed, **asdict(manifest)}, text, as_json=as_json)


@backup.command("verify")
def verify_backup(backup: Backup, *, as_json: AsJson = False) -> None:
    """Read a backup as a whole: its digest, its structure, its rows. Ends with 1 where it is not as it was made.

    Example: bpp backup verify /var/lib/sewamitra/backups/sewamitra-20260101T000000Z
    """
    from bpp.storage.backup import verify  # noqa: PLC0415  heavy: only this command waits for it

    manifest = _done(verify(backup), as_json=as_json)
    show({"verified": True, **asdict(manifest)}, f"whole: {_told(manifest)}", as_json=as_json)


def restore(
    backup: Backup,
    *,
    over: Annotated[
        bool,
        typer.Option("--over", help="Also over a database that holds data. An SQLite file is kept beside the new one."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the database of the settings: all of it or nothing. The server must not run.

    Refused: what does not verify, a newer schema than this program's, another engine, a database that holds data
    (unless --over). PostgreSQL needs its client programs here (pg_restore, psql). Keys and settings are not in a
    backup. The first start afterwards brings an older schema up to date.

    Example: bpp restore /var/lib/sewamitra/backups/sewamitra-20260101T000000Z
    """
    from bpp.storage.backup import restore as put_back  # noqa: PLC0415  heavy: only this command waits for it

    url = load_settings(os.environ).database_url
    manifest, kept = _done(put_back(backup, url, _now(), over=over), as_json=as_json)
    replaced = [f"what was there is kept as {kept}, with all its personal data"] if kept else []
    text = "\n".join((f"restored: {_told(manifest)}", *replaced, RESTORED))
    show({"restored": True, "kept": str(kept or ""), **asdict(manifest)}, text, as_json=as_json)


def _done(doing: Coroutine[Any, Any, T], *, as_json: bool) -> T:
    from bpp.storage.backup_copy import BackupRefused  # noqa: PLC0415  heavy: only these commands wait for it

    try:
        return asyncio.run(doing)
    except BackupRefused as refusal:
        fail(str(refusal), document={"problem": str(refusal)}, as_json=as_json)


def _told(manifest: Manifest) -> str:
    rows = sum(manifest.counts.values())
    return f"{manifest.engine}, schema {manifest.revision}, {rows} rows, {manifest.bytes} bytes, of {manifest.made_at}"


def _now() -> datetime:
    return datetime.now(UTC)

"""Backups: a consistent copy of the database in a folder of its own, beside a manifest that says what it is.

A backup is a folder ``sewamitra-<moment>`` with the copy and ``manifest.json``. It is made under another name and
renamed when all of it is on the disk, so a folder of that name is whole, whatever was killed when. It holds personal
data and our own secrets for tokens: only its owner can read it (ADR 44).
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from alembic.script import ScriptDirectory

from bpp.storage import backup_postgres, backup_sqlite
from bpp.storage.backup_copy import BackupRefused, Copied, on_disk
from bpp.storage.engine import is_sqlite
from bpp.storage.revisions import alembic_config

FORMAT = 1
MANIFEST = "manifest.json"
_NAME = re.compile(r"sewamitra-[0-9]{8}T[0-9]{6}Z")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is. ``counts`` are rows by table at ``made_at``; ``sha256`` is the copy's, in hexadecimal.

    ``audit_head`` is the head of the audit chain then: a backup that lies elsewhere keeps it elsewhere.
    """

    format: int
    made_at: str
    engine: str
    revision: str
    file: str
    bytes: int
    sha256: str
    counts: Mapping[str, int]
    audit_head: str = ""


async def back_up(url: str, folder: Path, now: datetime) -> tuple[Path, Manifest]:
    """Copy the database of a URL into a new backup in ``folder``, beside a server that works.

    Raises BackupRefused where it cannot be made; then there is no new folder but, if we are killed, one whose name
    begins with a dot, which the next backup removes.
    """
    place = folder / f"sewamitra-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    with _coming(place) as under_way:
        manifest = await _filled(url, under_way, now)
    return place, manifest


async def _filled(url: str, folder: Path, now: datetime) -> Manifest:
    engine = "sqlite" if is_sqlite(url) else "postgresql"
    place = folder / ("database.sqlite3" if engine == "sqlite" else "database.dump")
    copied = await (backup_sqlite.copy(url, place) if engine == "sqlite" else backup_postgres.copy(url, place))
    place.chmod(0o600)
    on_disk(place)
    manifest = Manifest(
        format=FORMAT,
        made_at=now.astimezone(UTC).isoformat(),
        engine=engine,
        revision=copied.revision,
        file=place.name,
        bytes=place.stat().st_size,
        sha256=_digest(place),
        counts=copied.counts,
        audit_head=copied.head,
    )
    said = folder / MANIFEST
    said.touch(mode=0o600)
    said.write_bytes(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    on_disk(said)
    on_disk(folder)
    return manifest


async def verify(backup: Path) -> Manifest:
    """Read a backup as a whole: digest, structure and what its manifest says. Raises BackupRefused with what is wrong.

    Of PostgreSQL's own format the structure is read as far as ``pg_restore --list`` does.
    """
    manifest = read_manifest(backup)
    place = backup / manifest.file
    if not place.is_file():
        raise BackupRefused(f"{place}: is missing")
    size = place.stat().st_size
    if size != manifest.bytes:
        raise BackupRefused(f"{place}: {size} bytes, and the manifest says {manifest.bytes}")
    if _digest(place) != manifest.sha256:
        raise BackupRefused(f"{place}: another digest than the manifest says; the copy was changed or damaged")
    if manifest.engine == "sqlite":
        found = await backup_sqlite.look(place)
        if not found.is_as(Copied(manifest.revision, manifest.counts)):
            raise BackupRefused(f"{place}: other rows or another schema than the manifest says")
    else:
        await backup_postgres.look(place)
    return manifest


async def restore(backup: Path, url: str, now: datetime, *, over: bool = False) -> tuple[Manifest, Path | None]:
    """Put a verified backup in the place of the database of a URL: all of it or, whatever happens, nothing.

    What was leased is due again and no peer rests. Returns the manifest, and where the file that was replaced is kept
    (SQLite). Raises BackupRefused: for a backup that does not verify or is of a newer schema or another engine, a
    server that has the database open, and without ``over`` for a database that holds anything.
    """
    manifest = await verify(backup)
    engine = "sqlite" if is_sqlite(url) else "postgresql"
    if manifest.engine != engine:
        raise BackupRefused(f"a backup of {manifest.engine} cannot be restored to {engine}")
    known = {one.revision for one in ScriptDirectory.from_config(alembic_config(url)).walk_revisions()}
    if manifest.revision not in known:
        raise BackupRefused(f"its schema {manifest.revision} is not known here: it was made by a newer program")
    place = backup / manifest.file
    if engine == "sqlite":
        return manifest, await backup_sqlite.put_back(place, url, now, over=over)
    await backup_postgres.put_back(place, url, over=over)
    return manifest, None


def read_manifest(backup: Path) -> Manifest:
    """What a backup says of itself. Raises BackupRefused where it is none, or of a newer format."""
    try:
        said: Any = orjson.loads((backup / MANIFEST).read_bytes())
    except (OSError, orjson.JSONDecodeError) as problem:
        raise BackupRefused(f"{backup}: no backup: {MANIFEST} cannot be read") from problem
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise BackupRefused(f"{backup}: its manifest is not of format {FORMAT}")
    try:
        manifest = Manifest(**said)
        datetime.fromisoformat(manifest.made_at)
    except (TypeError, ValueError) as problem:
        raise BackupRefused(f"{backup}: its manifest is not as it should be") from problem
    if Path(manifest.file).name != manifest.file:
        raise BackupRefused(f"{backup}: its manifest names a file elsewhere")
    return manifest


def newest_backup(folder: str) -> datetime | None:
    """When the newest backup of a folder was made; None where there is none, or no folder is named."""
    found = _backups(Path(folder)) if folder else []
    return datetime.fromisoformat(read_manifest(found[-1]).made_at) if found else None


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove the oldest backups until ``keep`` are left; returns those that were removed."""
    removed = _backups(folder)[:-keep]
    for one in removed:
        shutil.rmtree(one)
    return removed


def _backups(folder: Path) -> list[Path]:
    """Those of a folder, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.iterdir() if _NAME.fullmatch(one.name))


@contextmanager
def _coming(place: Path) -> Iterator[Path]:
    """A folder that becomes ``place`` once it is filled. One at a time: the lock goes with whoever holds it."""
    folder = place.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise BackupRefused(f"{folder}: another backup is under way there") from problem
        for left in folder.glob(".sewamitra-*"):
            shutil.rmtree(left)
        if place.exists():
            raise BackupRefused(f"{place}: is there already")
        under_way = folder / f".{place.name}"
        under_way.mkdir(mode=0o700)
        try:
            yield under_way
        except BaseException:
            shutil.rmtree(under_way)
            raise
        under_way.rename(place)
        on_disk(folder)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()

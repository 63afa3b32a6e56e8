"""The machine: room, clock, files, cores, and how old the newest backup is."""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bpp.doctor.finding import Finding, failure, not_run, ok, warning
from bpp.doctor.ground import Ground
from bpp.storage.backup import newest_backup
from bpp.storage.backup_copy import BackupRefused

FEW_FILES, ENOUGH_FILES = 1024, 8192
"""Open files that a process may have: each buyer app that connects, and each callback under way, is one."""

LITTLE = 1 << 30
"""Free bytes in the folder of backups below which the next one may not fit."""

OLD, TOO_OLD = timedelta(hours=26), timedelta(days=7)
UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
_TIMEX = 512  # bytes, more than the kernel's structure has; all zero it only asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """``synchronised`` is None where the kernel does not say. ``files`` are those that a process may open.

    ``backup`` is the newest one's moment, ``broken`` why it cannot be read, ``backup_room`` the free bytes beside it;
    all empty where no folder of backups is named.
    """

    cores: int
    files: int
    synchronised: bool | None
    backups: str = ""
    backup: datetime | None = None
    backup_room: int | None = None
    broken: str = ""


async def look(ground: Ground) -> list[Finding]:
    """This machine, as a server under the same user would find it."""
    seen = await asyncio.to_thread(machine, ground.settings.backups)
    return list(judge(seen, ground.settings.workers, ground.clock()))


def judge(seen: Machine, workers: int, now: datetime) -> Iterator[Finding]:
    """Of a machine as it was found, for so many processes."""
    yield from _clock(seen)
    said = f"{seen.files} for each process"
    raise_it = "LimitNOFILE of the unit, ulimits of the container, ulimit -n of the shell"
    if seen.files < FEW_FILES:
        yield failure("open files", said, ("31001",), do=raise_it)
    elif seen.files < ENOUGH_FILES:
        yield warning("open files", said, do=raise_it)
    else:
        yield ok("open files", said)
    said = f"{workers} processes on {seen.cores} cores"
    if workers > seen.cores:
        yield warning("cores", said, do="BPP_WORKERS: as many as cores, less what the database needs beside it")
    else:
        yield ok("cores", said)
    yield from _backup(seen, now)


def _clock(seen: Machine) -> Iterator[Finding]:
    if seen.synchronised is None:
        yield not_run("clock of this machine", "its kernel does not say whether somebody keeps it")
    elif seen.synchronised:
        yield ok("clock of this machine", "is kept")
    else:
        yield warning(
            "clock of this machine",
            "nobody keeps it, as far as its kernel knows",
            ("132", "1045", "30016"),
            do="keep the clock with NTP (chrony, systemd-timesyncd); of a virtual machine the host may",
        )


def _backup(seen: Machine, now: datetime) -> Iterator[Finding]:
    make = "bpp backup run; deploy/systemd has a timer"
    if not seen.backups:
        yield not_run("backup", "BPP_BACKUPS names no folder")
    elif seen.broken:
        yield failure("backup", seen.broken, do="make another one: bpp backup run")
    elif seen.backup is None:
        yield failure("backup", f"{seen.backups}: there is none", do=make)
    else:
        age = now - seen.backup
        said = f"the newest is {age.total_seconds() / 3600:.0f} hours old"
        found = failure if age > TOO_OLD else warning if age > OLD else None
        yield found("backup", said, do=make) if found else ok("backup", said)
    if seen.backup_room is not None and seen.backup_room < LITTLE:
        yield warning(
            "room for backups", f"{seen.backup_room >> 20} MiB are free", do="make room; bpp backup run --keep 14"
        )


def machine(backups: str) -> Machine:
    """This machine, with the backups in a folder."""
    newest, broken = None, ""
    try:
        newest = newest_backup(backups)
    except BackupRefused as refusal:
        broken = str(refusal)
    there = bool(backups) and Path(backups).is_dir()
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        files=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        synchronised=_synchronised(),
        backups=backups,
        backup=newest,
        backup_room=shutil.disk_usage(backups).free if there else None,
        broken=broken,
    )


def _synchronised() -> bool | None:
    """Whether the kernel knows that its clock is kept; anybody may ask."""
    said = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX))
    return None if said < 0 else said != UNSYNCHRONISED

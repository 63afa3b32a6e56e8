"""A run as JSON, as a table, and against an earlier one."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bpp.bench.bars import Verdict

MOVED = 0.1
"""A median that went further than this, and out of the middle half of before, is said to have moved."""

_PACKAGES = (
    "aiohttp",
    "aiosqlite",
    "asyncpg",
    "msgspec",
    "orjson",
    "pydantic",
    "pynacl",
    "sqlalchemy",
    "uvloop",
)


def environment(folder: Path, now: datetime) -> dict[str, Any]:
    """What the figures depend upon: machine, versions, what was measured."""
    return {
        "at": now.isoformat(timespec="seconds"),
        "commit": _commit(),
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "load_average": os.getloadavg()[0],
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "file_system": _file_system(folder),
        **{name: importlib.metadata.version(name) for name in _PACKAGES},
    }


def table(document: Mapping[str, Any]) -> str:
    """The results for people, then what must be known of the run."""
    lines = [f"{'':58}  {'median':>10}  {'middle half':>17}  {'bar':>12}  {'aim':>6}  verdict"]
    for one in document["results"].values():
        first, third = one["middle"]
        bar = "" if one["bar"] is None else f"{'<=' if one['side'] == 'at most' else '>='} {one['bar']:g}"
        aim = "" if one["aim"] is None else f"{one['aim']:g}"
        mark = " *" if one["aim_reached"] else ""
        value = f"{one['median']:.4g} {one['unit']}"
        middle = f"{first:.4g} .. {third:.4g}"
        lines.append(f"{one['what'][:58]:58}  {value:>10}  {middle:>17}  {bar:>12}  {aim:>6}  {one['verdict']}{mark}")
    env = document["environment"]
    lines += ["", f"{env['cpu']}, {env['cores']} cores, {env['system']}, Python {env['python']}, {env['file_system']}"]
    lines += [f"note: {one}" for one in document["notes"]]
    lines.append("* the aim is reached, too. Ratios of one run; docs/benchmark.md says what each means.")
    return "\n".join(lines)


def markdown(document: Mapping[str, Any]) -> str:
    """The table of docs/benchmark.md."""
    lines = ["| what | median | middle half | bar | aim | verdict |", "|---|--:|--:|--:|--:|---|"]
    for one in document["results"].values():
        first, third = one["middle"]
        sign = "at most" if one["side"] == "at most" else "at least"
        bar = "" if one["bar"] is None else f"{sign} {one['bar']:g}"
        aim = "" if one["aim"] is None else f"{one['aim']:g}"
        value = f"{one['median']:.3g} {one['unit']}"
        lines.append(f"| {one['what']} | {value} | {first:.3g} to {third:.3g} | {bar} | {aim} | {one['verdict']} |")
    env = document["environment"]
    where = f"{env['cpu']}, {env['cores']} cores, Python {env['python']}, SQLite {env['sqlite']}"
    return "\n".join([*lines, "", f"{where}, {env['file_system']}; commit {env['commit']}, {env['at'][:10]}."])


def failed(document: Mapping[str, Any]) -> list[str]:
    """What did not reach its bar."""
    return [one["what"] for one in document["results"].values() if one["verdict"] == Verdict.FAIL.value]


def compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What moved since an earlier run, and what is no longer or newly measured; nothing where all stayed."""
    for key, now in new["results"].items():
        before = old["results"].get(key)
        if before is None:
            yield f"{now['what']}: new, {now['median']:.4g} {now['unit']}"
            continue
        change = now["median"] / before["median"] - 1 if before["median"] else 0.0
        first, third = before["middle"]
        if abs(change) > MOVED and not first <= now["median"] <= third:
            better = (change < 0) == (now["side"] == "at most")
            word = "better" if better else "worse"
            yield (
                f"{now['what']}: {before['median']:.4g} -> {now['median']:.4g} {now['unit']} ({change:+.0%}, {word})"
            )
        if now["verdict"] != before["verdict"]:
            yield f"{now['what']}: {before['verdict']} -> {now['verdict']}"
    for key, before in old["results"].items():
        if key not in new["results"]:
            yield f"{before['what']}: not measured this time"


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    command = [git, "describe", "--always", "--dirty"]
    found = subprocess.run(  # noqa: S603  our own arguments
        command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


def _file_system(folder: Path) -> str:
    """The kind of file system that databases lie on: the mount with the longest name above the folder."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    above = [one for one in mounts if folder.resolve().is_relative_to(one[1])]
    return max(above, key=lambda one: len(one[1]))[2] if above else "unknown"

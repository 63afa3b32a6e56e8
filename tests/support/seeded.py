"""A database that is migrated and seeded already: copied, not made anew, since that is most of a flow test's time."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from bpp.app import prepare
from bpp.sandbox.identities import write_registry
from tests.support.network import settings_for


def seeded_sqlite(folder: Path) -> str:
    """The URL of a fresh SQLite database in ``folder`` with the schema and the demonstration catalog."""
    path = folder / "bpp.sqlite3"
    shutil.copyfile(_template(), path)
    return f"sqlite+aiosqlite:///{path}"


@cache
def _template() -> Path:
    """Made at the first use in a test process, and removed with it."""
    folder = Path(tempfile.mkdtemp(prefix="bpp-seeded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "bpp.sqlite3"
    write_registry(folder / "registry.json")
    settings = settings_for(f"sqlite+aiosqlite:///{path}", folder / "registry.json", 8080)
    with ThreadPoolExecutor(max_workers=1) as thread:  # the caller may be inside a running event loop
        thread.submit(asyncio.run, prepare(settings)).result()
    return path

"""Commands that only ask a running server start at once: nothing of the server itself is loaded for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bpp.tokens import operator_token_file

HEAVY = ("sqlalchemy", "alembic", "shapely", "indic_transliteration", "jinja2", "bpp.app", "bpp.sandbox")


def test_the_program_starts_without_what_only_the_server_needs():
    script = f"import sys, bpp.cli.main; print([one for one in {HEAVY!r} if one in sys.modules])"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("sqlite+aiosqlite:///var/bpp.db", "var"),
        ("sqlite+aiosqlite:///bpp.db", "."),
        ("sqlite+aiosqlite:////srv/data/bpp.db", "/srv/data"),
        ("sqlite+aiosqlite:////srv/data/bpp.db?timeout=5", "/srv/data"),
        ("sqlite+aiosqlite:///:memory:", "var"),
        ("sqlite+aiosqlite://", "var"),
        ("postgresql+asyncpg://bpp:secret@localhost/bpp", "var"),
    ],
)
def test_the_sandbox_keeps_its_token_beside_its_database(url, folder):
    assert operator_token_file(url) == Path(folder) / "operator-token"

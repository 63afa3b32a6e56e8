"""The commands for backups."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bpp.cli.conftest import Bpp
from tests.support.seeded import seeded_sqlite


@pytest.fixture
def seller(environment: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A database to be backed up, and the folder of the settings for backups."""
    environment.setenv("BPP_DATABASE_URL", seeded_sqlite(tmp_path))
    environment.setenv("BPP_BACKUPS", str(tmp_path / "backups"))
    return tmp_path


def test_a_backup_is_made_verified_and_restored_and_what_that_means_is_said(
    seller: Path, environment: pytest.MonkeyPatch, bpp: Bpp
) -> None:
    made = bpp("backup", "run", "--json")
    verified = bpp("backup", "verify", made.json["backup"])
    refused = bpp("restore", made.json["backup"])
    replaced = bpp("restore", made.json["backup"], "--over")

    assert (made.status, made.json["engine"], made.json["counts"]["providers"]) == (0, "sqlite", 6)
    assert Path(made.json["backup"]).parent == seller / "backups"
    assert (verified.status, verified.out.startswith("whole: sqlite, schema ")) == (0, True)
    assert (refused.status, "--over replaces it" in refused.err) == (1, True)
    assert replaced.status == 0
    assert "what was there is kept as" in replaced.out
    assert "docs/backup.md" in replaced.out


def test_a_backup_that_is_none_and_a_folder_that_is_not_named_are_refused(
    seller: Path, environment: pytest.MonkeyPatch, bpp: Bpp
) -> None:
    nothing = bpp("backup", "verify", str(seller), "--json")
    environment.delenv("BPP_BACKUPS")
    nowhere = bpp("backup", "run")

    assert (nothing.status, "no backup" in nothing.json["problem"]) == (1, True)
    assert (nowhere.status, "BPP_BACKUPS" in nowhere.err) == (2, True)

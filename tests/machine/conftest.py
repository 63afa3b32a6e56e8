"""A town for each test, made once and copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.machine.town import make_template


@pytest.fixture(scope="package")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town's database before anything happens."""
    return make_template(tmp_path_factory.mktemp("town"))

"""The program `bpp` run in this process, its output read back."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from bpp.cli.main import run
from bpp.settings import PREFIX, Settings


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Bpp = Callable[..., Said]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_url: str) -> pytest.MonkeyPatch:
    """No settings but a fresh database, whatever the machine has."""
    for name in (*Settings.model_fields, "config"):
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    monkeypatch.setenv("BPP_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("COLUMNS", "200")
    return monkeypatch


@pytest.fixture
def no_logs() -> Iterator[None]:
    """Logs on the standard output, where an unconfigured process puts them, would mix with the answers."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def bpp(environment: pytest.MonkeyPatch, no_logs: None, capsys: pytest.CaptureFixture[str]) -> Bpp:
    def command(*arguments: str) -> Said:
        capsys.readouterr()
        status = run(list(arguments))
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    return command

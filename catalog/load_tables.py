"""The tables shipped in ``catalog/data``: read once, as tuples of rows. Their sources are in its README."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

DATA = Path(__file__).parent / "data"


@cache
def read_table(name: str, folder: Path = DATA) -> tuple[Mapping[str, str], ...]:
    """The rows of ``<folder>/<name>.csv`` by column. The file is part of a package: no table, no package."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(MappingProxyType(row) for row in csv.DictReader(file))


def listed(text: str) -> tuple[str, ...]:
    """The parts of a cell that holds several phrases, separated by semicolons."""
    return tuple(part for piece in text.split(";") if (part := piece.strip()))

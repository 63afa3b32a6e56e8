"""Tables and columns of a catalog's CSV files: what the loader reads by and the command line describes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.load_fields import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its meaning and an example. An empty cell gives ``default``, or is a problem where ``required``."""

    name: str
    description: str
    example: str
    required: bool
    default: Any
    read: Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file of a catalog: ``key`` are the columns that tell its rows apart. An ``optional`` one may be missing."""

    file: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False


def need(name: str, reader: Reader, description: str, example: str) -> Column:
    """A column whose cells must be filled."""
    return Column(name=name, description=description, example=example, required=True, default=None, read=reader)


def may(name: str, reader: Reader, description: str, example: str, default: Any = "") -> Column:
    """A column whose cells may be empty."""
    return Column(name=name, description=description, example=example, required=False, default=default, read=reader)

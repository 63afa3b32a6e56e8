"""Files in and out of a call: a body that is not JSON, and an answer that is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakesFile:
    """What a call takes as its body instead of JSON: files of these media types, of at most ``most`` bytes.

    ``read`` makes the call's body of them, or raises ApiProblem; it may take long, and is done aside, in a thread.
    """

    media_types: tuple[str, ...]
    most: int
    read: Callable[[bytes], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivesFile:
    """What a call answers with instead of JSON: a file of one of these media types."""

    media_types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that goes back; ``name`` is what a browser stores it under, letters, figures, dot and dash."""

    content: bytes
    media_type: str
    name: str

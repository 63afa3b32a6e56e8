"""Files in and out of a call: a body that is not JSON, and an answer that is not."""

from __future__ import annotations

from dataclasses import dataclass

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakesFile:
    """What a call takes as its body instead of JSON: files of these media types, of at most ``most`` bytes."""

    media_types: tuple[str, ...]
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GivesFile:
    """What a call answers with instead of JSON: a file of one of these media types."""

    media_types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file that came as the body of a call; ``media_type`` is one of those that the call takes."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that goes back; ``name`` is what a browser stores it under, letters, figures, dot and dash."""

    content: bytes
    media_type: str
    name: str

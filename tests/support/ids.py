"""Identifiers that are the same in every run."""

from __future__ import annotations

from uuid import UUID


class IdSource:
    """The `IdSource` of a test: called, it gives the next UUID4-shaped text.

    The nth id of a series is readable as such: `00000001-0000-4000-8000-00000000000a` is the tenth of series 1. Two
    sources of different series never give the same id.
    """

    def __init__(self, series: int = 1) -> None:
        self._series = series
        self._given = 0

    def __call__(self) -> str:
        """The next id."""
        self._given += 1
        return str(UUID(f"{self._series:08x}-0000-4000-8000-{self._given:012x}"))

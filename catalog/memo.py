"""What was worked out of a value that never changes, kept with it and gone with it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 2_048
"""What one memo keeps unless it says; beyond that it begins anew, so that strange questions fill no memory."""


class Memo:
    """Answers by their questions. Nothing in it decides anything: without it everything is the same, but slower."""

    __slots__ = ("_known", "_most", "_time")

    def __init__(self, most: int = MOST) -> None:
        """Nothing is known yet."""
        self._most = most
        self._time: Hashable = None
        self._known: dict[Hashable, Any] = {}

    def of(self, time: Hashable) -> Memo:
        """This memo for what is true only for a time: what was worked out for another is gone."""
        if self._time != time:
            self._time, self._known = time, {}
        return self

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives, made once for a key; each key has values of one type."""
        try:
            known: T = self._known[key]
        except KeyError:
            made = make()
        else:
            return known
        if len(self._known) >= self._most:
            self._known = {}
        self._known[key] = made
        return made

"""Results for large frozen values that are known by identity: to compare or hash them would cost more than the result.

A catalog keeps a provider's workers in one tuple until one of them changes, so what was worked out for them holds for
as long as that very tuple is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Remembered(Generic[V]):
    """Up to ``limit`` results; the oldest half goes when there are more."""

    def __init__(self, limit: int) -> None:
        """Nothing is remembered yet."""
        self._limit = limit
        self._known: dict[tuple[int, Hashable], tuple[object, V]] = {}

    def get(self, of: object, key: Hashable, make: Callable[[], V]) -> V:
        """The result of ``make`` for this very object and this key, made at most once while it is remembered."""
        place = (id(of), key)
        found = self._known.get(place)
        if found is not None and found[0] is of:
            return found[1]
        if len(self._known) >= self._limit:
            self._known = dict(list(self._known.items())[self._limit // 2 :])
        made = make()
        self._known[place] = (of, made)
        return made

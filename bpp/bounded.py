"""What keeps memory flat whoever asks: a bucket of tokens, the most recent of many, and names that end.

Everything here is a value in one process and one event loop; times are arguments.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from datetime import datetime
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
OTHERS = "others"
"""The name of whoever came after the last that has one."""


class TokenBucket:
    """``per_second`` tokens come in on the average, and at most ``burst`` lie in it. It begins full."""

    __slots__ = ("_burst", "_filled_at", "_left", "_per_second")

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = self._left = burst
        self._filled_at: datetime | None = None

    def spend(self, now: datetime) -> bool:
        """Take a token; False where there is none."""
        if self.wait(now) > 0:
            return False
        self._left -= 1
        return True

    def wait(self, now: datetime) -> float:
        """Seconds until a token is there, 0 where one is. A clock that goes back fills nothing."""
        if self._filled_at is not None and self._filled_at < now:
            passed = (now - self._filled_at).total_seconds()
            self._left = min(self._burst, self._left + passed * self._per_second)
        self._filled_at = now
        return max(0.0, (1 - self._left) / self._per_second)


class Recent(Generic[K, V]):
    """The most recently used entries, at most ``size`` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value of a key, which is thereby used; None where it is not kept."""
        value = self._items.get(key)
        if value is not None:
            self._items.move_to_end(key)
        return value

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def has(self, key: K) -> bool:
        """Whether a key is kept; if so, it is thereby used."""
        if key in self._items:
            self._items.move_to_end(key)
            return True
        return False

    def put(self, key: K, value: V) -> V:
        """Keep a value; what was not used for longest goes where there is no room."""
        self._items[key] = value
        self._items.move_to_end(key)
        if len(self._items) > self._size:
            self._items.popitem(last=False)
        return value

    def drop(self, key: K) -> None:
        """Forget a key."""
        self._items.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


class Names:
    """The first ``size`` names stand for themselves, any other is ``OTHERS``: labels of figures must end somewhere."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: set[str] = set()

    def of(self, name: str) -> str:
        """The name, or ``OTHERS``."""
        if name in self._known:
            return name
        if len(self._known) >= self._size:
            return OTHERS
        self._known.add(name)
        return name

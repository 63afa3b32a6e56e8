"""What the rest of the program knows of how far a table that only grows is final; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Horizon:
    """Up to ``final`` every number of a table is committed or will never be.

    ``awaited`` is the next number of which that will be said, when none of the transactions ``writers`` goes on. It is
    a value: whoever asks again hands in what was found before; the first one, which knows nothing, is ``Horizon()``.
    """

    final: int = 0
    awaited: int = 0
    writers: frozenset[str] = frozenset()

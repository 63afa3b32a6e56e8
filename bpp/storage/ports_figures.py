"""What the rest of the program knows of counting what is stored; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Waiting:
    """Callbacks that wait for a class of peers: how many, and since when the first of them is due."""

    count: int = 0
    due_since: datetime | None = None


class Figures(Protocol):
    """Counts for those who watch over the server; none of them is exact while it works."""

    async def waiting(self, now: datetime, most: int) -> Mapping[bool, Waiting]: ...
    async def slot_cells(self, now: datetime) -> tuple[int, int]: ...
    async def ledger_sum(self) -> int: ...

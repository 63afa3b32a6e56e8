"""What is known of storing the choices of workers, with their reasons; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bpp.orders.choice import Choice


class Assignments(Protocol):
    """Why which worker was chosen."""

    async def keep(self, choice: Choice) -> None: ...
    async def of_order(self, order_ref: str) -> Sequence[Choice]: ...
    async def order_of(self, slot_ref: str) -> str: ...
    async def drop_abandoned(self, before: datetime) -> int: ...

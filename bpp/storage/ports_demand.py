"""What is known of storing unserved demand; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

Reason = Literal["no_service", "no_provider", "no_slot"]
Dimension = Literal["day", "hour", "channel", "district", "area_code", "service_id", "reason"]
DIMENSIONS: tuple[Dimension, ...] = ("day", "hour", "channel", "district", "area_code", "service_id", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """A search that nobody could serve, as far as it is counted: nothing in it points to who searched.

    ``day`` and ``hour`` in Asia/Kolkata; ``district`` an LGD code, ``area_code`` a pincode, ``service_id`` a trade,
    each empty where the search did not say it. ``reason``: no service of ours was meant, nobody offers it there, or
    whoever does has no time.
    """

    day: date
    hour: int
    channel: str
    district: str
    area_code: str
    service_id: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandFilter:
    """Which days, both included, and of what; None does not filter."""

    first: date
    last: date
    district: str | None = None
    area_code: str | None = None
    service_id: str | None = None
    channel: str | None = None
    reason: Reason | None = None


class Demand(Protocol):
    """Searches that nobody could serve, counted."""

    async def count(self, one: Unserved) -> None: ...
    async def report(
        self, which: DemandFilter, by: Sequence[Dimension], limit: int
    ) -> Sequence[tuple[tuple[str, ...], int]]: ...
    async def drop(self, before: date) -> int: ...

"""What is known of storing tickets; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from beckn_schemas.igm_codes import IgmVersion
from bpp.issues.model import Level, Status
from bpp.issues.ticket import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """Which tickets; None does not filter.

    ``ref``: the one of that number. ``due_until``: those that must be resolved by then; ``officers_at``: those that are
    the grievance officer's at that moment, by their level or since their time is over. ``by``: those due first, whose
    clock runs, or the newest. ``after`` is the ref of the last of the page before.
    """

    ref: str | None = None
    statuses: Collection[Status] | None = None
    level: Level | None = None
    ours: bool | None = None
    provider_id: str | None = None
    district: str | None = None
    due_until: datetime | None = None
    officers_at: datetime | None = None
    by: Literal["due", "created"] = "created"
    after: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class TicketCounts:
    """Tickets whose clock runs, and those of them that are past their time."""

    running: int
    overdue: int


class Issues(Protocol):
    """Tickets. ``get`` and ``of_network`` in a unit lock the row until the unit ends."""

    async def get(self, ref: str) -> Ticket | None: ...
    async def of_network(self, peer: str, issue_id: str) -> Ticket | None: ...
    async def is_known(self, issue_id: str) -> bool: ...
    async def spoken_by(self, peer: str) -> IgmVersion | None: ...
    async def of_order(self, order_ref: str) -> Sequence[Ticket]: ...
    async def add(self, ticket: Ticket) -> bool: ...
    async def save(self, ticket: Ticket) -> Ticket: ...
    async def find(self, which: TicketFilter) -> Sequence[Ticket]: ...
    async def counts(self, now: datetime) -> TicketCounts: ...

"""Which orders are looked at; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bpp.orders.states import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsOf:
    """Which orders of a provider: the visit under way begins in [first, last); none of ``stages`` does not filter.

    ``waiting``: only those that wait for the provider's word.
    """

    provider_id: str
    first: datetime
    last: datetime
    stages: frozenset[Stage] = frozenset()
    waiting: bool = False
    limit: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders to list; None does not filter. ``after`` is the cursor of the page before.

    ``district`` is an LGD code; they were made in [``first``, ``until``), and the visit under way begins in
    [``starts_from``, ``starts_before``).
    """

    bap_id: str | None = None
    order_id: str | None = None
    transaction_id: str | None = None
    phone: str | None = None
    state: str | None = None
    refs: tuple[str, ...] | None = None
    provider_id: str | None = None
    district: str | None = None
    channel: str | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    first: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    limit: int = 50

"""Retention: what was kept long enough is forgotten, in small units of work that may be broken off and run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bpp.orders.assignment import local_day
from bpp.orders.masking import forgotten
from bpp.orders.states import TERMINAL
from bpp.storage.ports import Storage, VersionConflict, Work

AT_ONCE = 100
"""Orders forgotten in one transaction: others wait no longer than for these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """How long each kind of record is kept: since its last change."""

    orders: timedelta
    messages: timedelta
    drafts: timedelta
    reads: timedelta
    demand: timedelta


async def forget(storage: Storage, policy: RetentionPolicy, now: datetime) -> Mapping[str, int]:
    """Forget what is older than the policy; how many of each kind.

    Orders keep their prices, times and places of account; names, numbers, addresses and free words go. Bodies of
    messages go whole, their digests stay.
    """
    found = {
        "drafts": await storage.run(lambda work: work.audit.drop_drafts(now - policy.drafts)),
        "answers": await storage.run(lambda work: work.audit.drop_expired(now)),
        "messages": await storage.run(lambda work: work.audit.erase_bodies(now - policy.messages, now)),
        "reads": await storage.run(lambda work: work.audit.drop_reads(now - policy.reads)),
        "demand": await storage.run(lambda work: work.demand.drop(local_day(now - policy.demand))),
        "orders": 0,
    }
    while done := await storage.run(lambda work: _forget_orders(work, now - policy.orders, now)):
        found["orders"] += done
    return found


async def _forget_orders(work: Work, before: datetime, now: datetime) -> int:
    refs = await work.audit.over_since(before, AT_ONCE)
    for ref in refs:
        order = await work.orders.get(ref)
        if order is None or any(visit.stage not in TERMINAL for visit in order.fulfillments):
            raise VersionConflict(ref)  # it came back to life since: look again
        await work.orders.save(forgotten(order, now))
        await work.audit.erase_notes(ref)
    return len(refs)

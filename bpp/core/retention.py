"""Retention: what was kept long enough is forgotten, in small units of work that may be broken off and run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bpp.orders.assignment import local_day
from bpp.orders.masking import forgotten
from bpp.orders.states import TERMINAL
from bpp.projects.masking import forgotten as forgotten_project
from bpp.storage.ports import Storage, VersionConflict, Work

AT_ONCE = 100
"""Orders or projects forgotten in one transaction: others wait no longer than for these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """How long each kind of record is kept: since its last change.

    ``parties`` is for applications that came to nothing, and for the words in the histories of providers and workers.
    """

    orders: timedelta
    projects: timedelta
    parties: timedelta
    messages: timedelta
    drafts: timedelta
    reads: timedelta
    demand: timedelta


async def forget(storage: Storage, policy: RetentionPolicy, now: datetime) -> Mapping[str, int]:
    """Forget what is older than the policy; how many of each kind.

    Orders and projects keep their prices, times and places of account; names, numbers, addresses and free words go,
    with the words and the name of who rated them. Bodies of messages go whole, their digests stay.
    """
    found = {
        "drafts": await storage.run(lambda work: work.audit.drop_drafts(now - policy.drafts)),
        "choices": await storage.run(lambda work: work.assignments.drop_abandoned(now - policy.drafts)),
        "answers": await storage.run(lambda work: work.audit.drop_expired(now)),
        "messages": await storage.run(lambda work: work.audit.erase_bodies(now - policy.messages, now)),
        "reads": await storage.run(lambda work: work.audit.drop_reads(now - policy.reads)),
        "demand": await storage.run(lambda work: work.demand.drop(local_day(now - policy.demand))),
        "applications": await storage.run(lambda work: work.parties.drop_applications(now - policy.parties)),
        "reasons": await storage.run(lambda work: work.parties.erase_reasons(now - policy.parties)),
        "orders": 0,
        "projects": 0,
    }
    while done := await storage.run(lambda work: _forget_orders(work, now - policy.orders, now)):
        found["orders"] += done
    while done := await storage.run(lambda work: _forget_projects(work, now - policy.projects)):
        found["projects"] += done
    return found


async def _forget_orders(work: Work, before: datetime, now: datetime) -> int:
    refs = await work.audit.over_since(before, AT_ONCE)
    for ref in refs:
        order = await work.orders.get(ref)
        if order is None or any(visit.stage not in TERMINAL for visit in order.fulfillments):
            raise VersionConflict(ref)  # it came back to life since: look again
        await work.orders.save(forgotten(order, now))
        await work.audit.erase_notes(ref)
        await work.feedback.forget(ref)
    return len(refs)


async def _forget_projects(work: Work, before: datetime) -> int:
    over = await work.projects.over_since(before, AT_ONCE)
    for project in over:
        await work.projects.save(forgotten_project(project))
        await work.projects.erase_words(project.id)
        await work.feedback.forget(project.id)
    return len(over)

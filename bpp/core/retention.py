"""Retention: what was kept long enough is forgotten, in small units of work that may be broken off and run again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bpp.issues.masking import forgotten as forgotten_ticket
from bpp.orders.assignment import local_day
from bpp.orders.masking import forgotten
from bpp.orders.model import Order
from bpp.orders.states import TERMINAL
from bpp.projects.masking import forgotten as forgotten_project
from bpp.projects.model import Project
from bpp.storage.ports import Storage, VersionConflict, Work

BODIES_AT_ONCE, BODIES_FOUND = 50, 50_000
"""Bodies of messages masked in one transaction, and those looked for at once: to find them takes the whole log."""
AT_ONCE = 100
"""Orders or projects forgotten in one transaction: others wait no longer than for these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """How long each kind of record is kept: since its last change.

    ``messages`` is for whole bodies of messages, ``masked`` for what is left of them then, and after that no body is
    kept, whichever ends later. ``parties`` is for applications that came to nothing, and for the words in the histories
    of providers and workers, ``sign_ins`` for what happened at the console's door; sessions and codes go as soon as
    their time is over.
    ``observability`` is for figures of what was told to the network, and for what it refused.
    """

    orders: timedelta
    projects: timedelta
    parties: timedelta
    messages: timedelta
    masked: timedelta
    drafts: timedelta
    reads: timedelta
    demand: timedelta
    sign_ins: timedelta
    observability: timedelta


async def forget(storage: Storage, policy: RetentionPolicy, now: datetime) -> Mapping[str, int]:
    """Forget what is older than the policy; how many of each kind.

    Orders and projects keep their prices, times and places of account; names, numbers, addresses and free words go,
    with the words and the name of who rated them. Bodies of messages are masked, and go later; their digests stay.
    """
    found = {
        "drafts": await storage.run(lambda work: work.audit.drop_drafts(now - policy.drafts)),
        "choices": await storage.run(lambda work: work.assignments.drop_abandoned(now - policy.drafts)),
        "answers": await storage.run(lambda work: work.audit.drop_expired(now)),
        "messages": await storage.run(
            lambda work: work.audit.erase_bodies(now - max(policy.messages, policy.masked), now)
        ),
        "masked": await _mask(storage, now - policy.messages, now),
        "reads": await storage.run(lambda work: work.audit.drop_reads(now - policy.reads, now)),
        "demand": await storage.run(lambda work: work.demand.drop(local_day(now - policy.demand))),
        "sessions": await storage.run(lambda work: work.people.drop_ended(now)),
        "sign_ins": await storage.run(lambda work: work.people.drop_events(now - policy.sign_ins, now)),
        "observability": await storage.run(lambda work: work.observability.drop(local_day(now - policy.observability))),
        "applications": await storage.run(lambda work: work.parties.drop_applications(now - policy.parties)),
        "reasons": await storage.run(lambda work: work.parties.erase_reasons(now - policy.parties, now)),
        "orders": 0,
        "projects": 0,
    }
    while done := await storage.run(lambda work: _forget_orders(work, now - policy.orders, now)):
        found["orders"] += done
    while done := await storage.run(lambda work: _forget_projects(work, now - policy.projects, now)):
        found["projects"] += done
    return found


async def _mask(storage: Storage, before: datetime, now: datetime) -> int:
    masked = 0
    while digests := await storage.read(lambda work: work.audit.old_bodies(before, BODIES_FOUND)):
        for first in range(0, len(digests), BODIES_AT_ONCE):
            some = digests[first : first + BODIES_AT_ONCE]
            masked += await storage.run(partial(_masked, some, now))
    return masked


async def _masked(digests: Sequence[str], now: datetime, work: Work) -> int:
    return await work.audit.mask_bodies(digests, now)


async def _forget_orders(work: Work, before: datetime, now: datetime) -> int:
    refs = await work.audit.over_since(before, AT_ONCE)
    for ref in refs:
        order = await work.orders.get(ref)
        if order is None or any(visit.stage not in TERMINAL for visit in order.fulfillments):
            raise VersionConflict(ref)  # it came back to life since: look again
        await forget_order(order, now, work)
    return len(refs)


async def _forget_projects(work: Work, before: datetime, now: datetime) -> int:
    over = await work.projects.over_since(before, AT_ONCE)
    for project in over:
        await forget_project(project, now, work)
    return len(over)


async def forget_order(order: Order, now: datetime, work: Work) -> None:
    """Take everything personal out of an order that is over, of its events, its complaints and its review."""
    await work.orders.save(forgotten(order, now))
    await work.audit.erase_notes(order.ref, now)
    for ticket in await work.issues.of_order(order.ref):
        await work.issues.save(forgotten_ticket(ticket))
        await work.timers.cancel("issue", ticket.ref)
    await work.feedback.forget(order.ref, now)


async def forget_project(project: Project, now: datetime, work: Work) -> None:
    """The same of project work."""
    await work.projects.save(forgotten_project(project))
    await work.projects.erase_words(project.id, now)
    await work.feedback.forget(project.id, now)

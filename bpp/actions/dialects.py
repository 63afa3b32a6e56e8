"""How a buyer app spells, learned from its own messages and used in what answers them.

The theory. A message shows traits of its sender (``bpp.domains.sightings``). Those that are not known yet are stored
in the unit that handles it, and count for its own answer already. What is stored is read by its key in each unit that
needs it, so that all processes speak alike; nothing is written for a message that shows what is known.

A copy of our own words is no evidence: buyer apps repeat the payments of on_init in their confirm, and an order in
their update. A draft and an order remember how they were spelled, so a copy can be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from bpp.actions.contract import Request
from bpp.core.world import World
from bpp.domains.dialect import Dialect
from bpp.domains.peers import Trait
from bpp.domains.sightings import Sighting
from bpp.orders.model import Draft
from bpp.storage.ports import Work
from bpp.storage.ports_traits import LearnedTrait

log = structlog.get_logger(__name__)
ANSWERED_IN_DIALECT = frozenset({"search", "init", "confirm"})
"""Actions whose answer is spelled in the peer's dialect of now; others show an order, which keeps its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A request with the dialect to answer it in; what it ``shown`` of its sender, and what of that is ``news``."""

    request: Request
    shown: tuple[Sighting, ...] = ()
    news: tuple[Sighting, ...] = ()


async def hear(request: Request, work: Work, world: World) -> Heard:
    """What a message teaches of its sender, and the message with the dialect that follows; nothing is stored."""
    if not request.shown and request.context.action not in ANSWERED_IN_DIALECT:
        return Heard(request=request)
    peer = request.context.bap_id
    learned = await work.traits.of(peer)
    shown = await _own(request, work, world)
    news = tuple(one for one in shown if learned.get(one.trait) != one.value)
    known = dict(learned) | {str(one.trait): one.value for one in news}
    return Heard(request=replace(request, dialect=world.dialects.of(peer, known)), shown=shown, news=news)


async def learn(heard: Heard, work: Work, world: World) -> None:
    """Store what a message taught, if anything."""
    context = heard.request.context
    for one in sorted(heard.news, key=lambda one: one.trait):  # in one order, so that two processes do not deadlock
        await work.traits.learn(
            LearnedTrait(
                peer=context.bap_id,
                trait=one.trait,
                value=one.value,
                at=world.now,
                action=context.action,
                transaction_id=context.transaction_id,
            )
        )
        log.info("dialect_learned", peer=context.bap_id, trait=one.trait, value=one.value)


def in_dialect(draft: Draft | None, dialect: Dialect) -> Draft | None:
    """A draft whose buyer app is spoken to in a dialect; the order made of it keeps that."""
    if draft is None or draft.peer is None:
        return draft
    peer = replace(
        draft.peer,
        status_case=dialect.status_case,
        cancelled_by=dialect.cancelled_by_seller,
        finder_fee=dialect.finder_fee,
    )
    return replace(draft, peer=peer)


async def _own(request: Request, work: Work, world: World) -> tuple[Sighting, ...]:
    """What a message shows without the copies of what we said in its conversation."""
    if not any(one.copied for one in request.shown):
        return request.shown
    said = await _said(request, work, world)
    return tuple(one for one in request.shown if not (one.copied and said.get(one.trait) == one.value))


async def _said(request: Request, work: Work, world: World) -> Mapping[Trait, str]:
    context = request.context
    if context.action == "update":
        order = await work.orders.by_network_id(context.bap_id, request.message.order.id)
        if order is None:
            return {}
        kept = world.dialects.kept(order.peer)
        return {
            "status_case": kept.status_case,
            "cancelled_by": kept.cancelled_by_seller,
            "finder_fee": kept.finder_fee,
        }
    draft = await work.orders.draft(context.bap_id, context.transaction_id)
    if draft is None or draft.peer is None or not draft.payments:  # before on_init we showed no payment
        return {}
    return {"finder_fee": draft.peer.finder_fee}

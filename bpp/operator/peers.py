"""Peers: how each buyer app spells, where we have that from, and what its messages showed."""

from __future__ import annotations

from collections import defaultdict

from pydantic import BaseModel, Field, TypeAdapter

from bpp.core.world import World
from bpp.domains.peers import Origin, Trait
from bpp.operator.order_models import Moment
from bpp.operator.routes import Answer, Call, Query, Route
from bpp.storage.ports import Work
from bpp.storage.ports_traits import LearnedTrait


class Spoken(BaseModel):
    """A trait as we speak to a peer, and whose word that is."""

    value: str
    origin: Origin = Field(description="configured beats learned, learned beats default")


class PeerDialect(BaseModel):
    """How a peer is spoken to. An order keeps what was in force when it was made."""

    status_case: Spoken = Field(description="`IN-PROGRESS` (upper) or `In-progress` (title)")
    cancelled_by: Spoken = Field(description="the seller in `cancellation.cancelled_by`")
    categories: Spoken = Field(
        description="numbering of category codes; digits alone are read as hexadecimal, and codes without a letter "
        "spelled so, only where it is configured"
    )
    finder_fee: Spoken = Field(description="codes of the finder fee in the tags of payments")


class Seen(BaseModel):
    """What a peer's messages showed last of a trait, and which message was the first to show it."""

    trait: str
    value: str
    since: Moment
    action: str
    transaction_id: str
    changes: int = Field(description="how often its messages showed another value than before")


class Peer(BaseModel):
    """A buyer app that is configured or has shown how it spells."""

    subscriber_id: str
    dialect: PeerDialect
    seen: list[Seen]


class PeerList(BaseModel):
    """Buyer apps in the order of their ids."""

    items: list[Peer]
    next: str | None = Field(description="cursor of the next page")


class PeerQuery(Query):
    """Which page."""

    limit: int = Field(default=50, ge=1, le=500, description="most items of a page")
    cursor: str | None = Field(default=None, description="`next` of the page before")


async def list_peers(call: Call, work: Work, world: World) -> Answer:
    """Every peer with its dialect."""
    query: PeerQuery = call.query
    seen: defaultdict[str, list[LearnedTrait]] = defaultdict(list)
    for one in await work.traits.all():
        seen[one.peer].append(one)
    peers = sorted(one for one in {*seen, *world.dialects.configured} if one > (query.cursor or ""))
    page = peers[: query.limit]
    more = page[-1] if len(peers) > len(page) else None
    return Answer(content=PeerList(items=[_peer(peer, seen[peer], world) for peer in page], next=more))


def _peer(subscriber_id: str, seen: list[LearnedTrait], world: World) -> Peer:
    chosen = world.dialects.choose(subscriber_id, {one.trait: one.value for one in seen})

    def spoken(trait: Trait) -> Spoken:
        return Spoken(value=chosen[trait].value, origin=chosen[trait].origin)

    return Peer(
        subscriber_id=subscriber_id,
        dialect=PeerDialect(
            status_case=spoken("status_case"),
            cancelled_by=spoken("cancelled_by"),
            categories=spoken("categories"),
            finder_fee=spoken("finder_fee"),
        ),
        seen=[_seen(one) for one in sorted(seen, key=lambda one: one.trait)],
    )


def _seen(one: LearnedTrait) -> Seen:
    return Seen(
        trait=one.trait,
        value=one.value,
        since=one.at,
        action=one.action,
        transaction_id=one.transaction_id,
        changes=one.changes,
    )


ROUTES = (
    Route(
        method="GET",
        path="/peers",
        name="list-peers",
        tag="peers",
        summary="Buyer apps and how each of them spells",
        handler=list_peers,
        query=PeerQuery,
        answer=TypeAdapter(PeerList),
    ),
)

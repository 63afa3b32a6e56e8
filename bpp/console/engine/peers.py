"""Buyer apps: whether they answer, how they spell, what they ask and are refused, what waits for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bpp.console.engine.figures import read_figures
from bpp.console.engine.units import TOLD
from bpp.console.language import msg
from bpp.console.page import Visit
from bpp.context import APP_CONTEXT
from bpp.core.world import World
from bpp.operator.peers import Peer, PeerList, PeerQuery, list_peers
from bpp.storage.ports import Work
from bpp.storage.ports_traffic import Failing, Said

LOOKED_AT = 5_000
"""Messages, the newest, from which requests and refusals are counted."""
WAITING = 10_000
MOST_PEERS = 500
TAKEN = "acked"
ACCEPTED = "ACK"
MINUTE = 60
TRAITS: Mapping[str, str] = {
    "status_case": msg("how states are written"),
    "cancelled_by": msg("the seller as who cancelled"),
    "categories": msg("numbering of categories"),
    "finder_fee": msg("codes of the finder fee"),
    "search_finder_fee": msg("codes of the finder fee in a search"),
}
ORIGINS: Mapping[str, str] = {
    "configured": msg("configured"),
    "learned": msg("learned from its messages"),
    "default": msg("our default"),
}


@dataclass(slots=True, kw_only=True)
class BuyerApp:
    """What is known of one buyer app; counts are of the newest messages alone."""

    name: str
    dialect: Peer | None = None
    failing: Failing | None = None
    waiting: int = 0
    asked: int = 0
    refused: int = 0
    reached: int = 0
    not_reached: int = 0
    last_asked: datetime | None = None
    last_taken: datetime | None = None
    refusals: dict[str, int] = field(default_factory=dict)

    @property
    def resting_until(self) -> datetime | None:
        """Until when nothing is sent to it."""
        return self.failing.not_before if self.failing else None


async def read_peers(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """Every buyer app that is configured, has shown how it spells, or took part in the newest messages."""
    dialects = (await list_peers(visit.call(query=PeerQuery(limit=MOST_PEERS)), work, world)).content
    assert isinstance(dialects, PeerList)  # noqa: S101  what the call answers
    since, said = await work.traffic.said(LOOKED_AT)
    found = together(dialects.items, await work.traffic.failing(), await work.traffic.waiting_for(WAITING), said)
    strangers = sum(one.count for one in said if one.peer not in found)
    span = world.now - since if since else timedelta()
    return {
        "apps": [found[name] for name in sorted(found)],
        "strangers": strangers,
        "since_when": since,
        "minutes_seen": max(span.total_seconds() / MINUTE, 1),
        "looked_at": LOOKED_AT,
        "traits": TRAITS,
        "origins": ORIGINS,
        "now": world.now,
        **TOLD,
    }


async def beside_peers(visit: Visit, app: web.Application) -> Mapping[str, Any]:
    """Whom we sent back for asking too fast, and how fast each may ask."""
    del visit
    context = app[APP_CONTEXT]
    settings = context.settings
    too_fast = read_figures(context.metrics.text().decode()).by("bpp_rate_limited_total", "peer")
    return {"too_fast": too_fast, "rate": settings.peer_rate, "rates": settings.peer_rates}


def together(
    dialects: Iterable[Peer], failing: Iterable[Failing], waiting: Mapping[str, int], said: Sequence[Said]
) -> Mapping[str, BuyerApp]:
    """Everything by buyer app. Whoever only said who it is, and was not believed, is none."""
    names = {one.peer for one in said if one.direction == "out" or one.outcome == ACCEPTED}
    found: dict[str, BuyerApp] = {name: BuyerApp(name=name) for name in {*names, *waiting}}
    for peer in dialects:
        found.setdefault(peer.subscriber_id, BuyerApp(name=peer.subscriber_id)).dialect = peer
    for rest in failing:
        found.setdefault(rest.peer, BuyerApp(name=rest.peer)).failing = rest
    for name, count in waiting.items():
        found[name].waiting = count
    for one in said:
        if one.peer in found:
            _add(found[one.peer], one)
    return found


def _add(app: BuyerApp, said: Said) -> None:
    if said.direction == "in":
        app.asked += said.count
        app.last_asked = max(app.last_asked or said.newest, said.newest)
        if said.outcome != ACCEPTED:
            app.refused += said.count
            app.refusals[said.outcome] = app.refusals.get(said.outcome, 0) + said.count
    elif said.outcome == TAKEN:
        app.reached += said.count
        app.last_taken = said.newest
    else:
        app.not_reached += said.count

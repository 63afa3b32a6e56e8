"""What this part of the console has: its pages, what its forms do, and its entries of the menu."""

from __future__ import annotations

from bpp.console.engine.deliveries import (
    DeliveriesQuery,
    RetryKind,
    read_deliveries,
    read_delivery,
    retry_kind,
    retry_one,
)
from bpp.console.engine.health import beside_health, read_health
from bpp.console.engine.keys import KeysQuery, beside_keys, read_keys
from bpp.console.engine.latency import FiguresQuery, beside_figures, read_figures_page, read_figures_part
from bpp.console.engine.peers import beside_peers, read_peers
from bpp.console.engine.trace import TraceQuery, read_trace
from bpp.console.language import msg
from bpp.console.menu import Entry
from bpp.console.page import Deed, Page
from bpp.people.model import Role

ENGINEERS = frozenset({Role.ENGINEER, Role.ADMIN})
PAGES: tuple[Page, ...] = (
    Page(
        path="/engine",
        name="engine-health",
        title=msg("Health"),
        roles=ENGINEERS,
        read=read_health,
        beside=beside_health,
        template="engine_health.html",
    ),
    Page(
        path="/engine/health-part",
        name="engine-health-part",
        title=msg("Health"),
        roles=ENGINEERS,
        read=read_health,
        beside=beside_health,
        template="engine_health_part.html",
        part=True,
    ),
    Page(
        path="/engine/deliveries",
        name="engine-deliveries",
        title=msg("Deliveries"),
        roles=ENGINEERS,
        read=read_deliveries,
        query=DeliveriesQuery,
        template="engine_deliveries.html",
    ),
    Page(
        path="/engine/deliveries/{id}",
        name="engine-delivery",
        title=msg("Delivery"),
        roles=ENGINEERS,
        read=read_delivery,
        template="engine_delivery.html",
    ),
    Page(
        path="/engine/peers",
        name="engine-peers",
        title=msg("Buyer apps"),
        roles=ENGINEERS,
        read=read_peers,
        beside=beside_peers,
        template="engine_peers.html",
    ),
    Page(
        path="/engine/figures",
        name="engine-figures",
        title=msg("Figures"),
        roles=ENGINEERS,
        read=read_figures_page,
        beside=beside_figures,
        query=FiguresQuery,
        template="engine_figures.html",
    ),
    Page(
        path="/engine/figures-part",
        name="engine-figures-part",
        title=msg("Figures"),
        roles=ENGINEERS,
        read=read_figures_part,
        beside=beside_figures,
        template="engine_figures_part.html",
        part=True,
    ),
    Page(
        path="/engine/keys",
        name="engine-keys",
        title=msg("Keys and registry"),
        roles=ENGINEERS,
        read=read_keys,
        beside=beside_keys,
        query=KeysQuery,
        template="engine_keys.html",
    ),
    Page(
        path="/engine/trace",
        name="engine-trace",
        title=msg("Trace a transaction"),
        roles=ENGINEERS,
        read=read_trace,
        query=TraceQuery,
        template="engine_trace.html",
    ),
)
DEEDS: tuple[Deed, ...] = (
    Deed(
        path="/engine/deliveries/{id}/retry",
        name="engine-retry",
        roles=ENGINEERS,
        act=retry_one,
        page="engine-delivery",
        said=msg("It is on its way again."),
    ),
    Deed(
        path="/engine/deliveries/again",
        name="engine-retry-kind",
        roles=ENGINEERS,
        act=retry_kind,
        page="engine-deliveries",
        said="",
        form=RetryKind,
    ),
)
ENTRIES: tuple[Entry, ...] = (
    Entry(page="engine-health", title=msg("Health"), roles=ENGINEERS),
    Entry(page="engine-deliveries", title=msg("Deliveries"), roles=frozenset({Role.ENGINEER})),
    Entry(page="engine-peers", title=msg("Buyer apps"), roles=frozenset({Role.ENGINEER})),
    Entry(page="engine-figures", title=msg("Figures"), roles=frozenset({Role.ENGINEER})),
    Entry(page="engine-keys", title=msg("Keys and registry"), roles=frozenset({Role.ENGINEER})),
    Entry(page="engine-trace", title=msg("Trace a transaction"), roles=frozenset({Role.ENGINEER})),
)

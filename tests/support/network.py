"""A whole small network on loopback: the real server on a real database, real buyer apps, a registry file."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import SystemRandom
from typing import Any

import aiohttp
from aiohttp import web

from bpp.app import build_app, prepare
from bpp.context import APP_CONTEXT, AppContext
from bpp.delivery.limits import Limits
from bpp.inbound.door import DoorRunner
from bpp.sandbox import journey
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback
from bpp.sandbox.identities import BPP, BUYER, GATEWAY, SECOND_BUYER, write_registry
from bpp.sandbox.messages import Customer
from bpp.sandbox.offers import Offer, read_offers
from bpp.sandbox.places import Place, place_at
from bpp.settings import Settings, load_settings
from bpp.storage.engine import database_file
from bpp.tracing import Traces
from bpp.watch import Pace
from tests.support.clock import FakeClock
from tests.support.ids import IdSource

OPERATOR_TOKEN = "operator-token-of-a-test"
WATCHFUL = Pace(process=0.02, outbox=0.02, stock=0.02, books=0.02, audit=0.02, share=1.0)
"""For tests of figures: what the database holds is counted anew after this real time."""
PATIENCE = timedelta(seconds=60)
"""For what comes within milliseconds, but for a machine that does other things as well."""
QUICK = Limits(idle=timedelta(milliseconds=20))
"""The delivery loop looks again after this real time, so that a test that ticks its clock need not wait."""


@dataclass(frozen=True, kw_only=True)
class Observed:
    """How closely a server is watched, and where its traces go."""

    pace: Pace | None = None
    traces: Traces | None = None


@dataclass(kw_only=True)
class Network:
    """The seller under test and the buyers around it. ``settings`` are those in force."""

    settings: Settings
    clock: FakeClock
    buyer: Buyer
    second_buyer: Buyer
    context: AppContext
    session: aiohttp.ClientSession
    registry: Path
    place: Place = field(default_factory=lambda: place_at("226010"))
    customer: Customer = field(default_factory=Customer)

    @property
    def url(self) -> str:
        """Where the seller listens."""
        return self.settings.subscriber_uri

    # The customer's way

    async def offers(self, words: str = "tap repair", **more: Any) -> tuple[Callback, tuple[Offer, ...]]:
        """Search directly; the on_search and the offers in it."""
        buyer = more.pop("buyer", self.buyer)
        place = more.pop("place", self.place)
        found = (await journey.search(buyer, words=words, place=place, **more)).callback
        return found, read_offers(found.message)

    async def selected(self, words: str = "tap repair", *, slot: int = 0, **more: Any) -> Callback:
        """Search and select the nth slot of the first offer; the on_select."""
        buyer = more.get("buyer", self.buyer)
        chosen = {key: more.pop(key) for key in ("payment_type", "choices", "savings") if key in more}
        found, offers = await self.offers(words, **more)
        selected = await journey.select(
            buyer, found, offers[0], offers[0].starts[slot], more.get("place", self.place), **chosen
        )
        return selected.callback

    async def initialised(self, words: str = "tap repair", **more: Any) -> Callback:
        """As far as on_init."""
        buyer = more.get("buyer", self.buyer)
        place = more.get("place", self.place)
        chosen = await self.selected(words, **more)
        assert not chosen.error, chosen.error
        return (await journey.init(buyer, chosen, self.customer, place)).callback

    async def booked(self, words: str = "tap repair", *, order_id: str = "", **more: Any) -> Callback:
        """As far as on_confirm."""
        buyer = more.get("buyer", self.buyer)
        ready = await self.initialised(words, **more)
        assert not ready.error, ready.error
        return (await journey.confirm(buyer, ready, order_id=order_id)).callback

    async def settled(self) -> None:
        """Wait until nothing is on its way, so that what is stored can be compared."""
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while (await self.context.storage.read(lambda work: work.outbox.counts())).get("pending"):  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    # The seller's side

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """A call of the operator API: its status and JSON."""
        fields = {"Authorization": f"Bearer {OPERATOR_TOKEN}", **headers}
        async with self.session.request(method, f"{self.url}/api/v1{path}", json=body, headers=fields) as answer:
            return answer.status, await answer.json()

    async def ref(self, confirmed: Callback) -> str:
        """Our own reference of an order."""
        query = f"?bap_id={confirmed.context['bap_id']}&order_id={confirmed.order['id']}"
        _, found = await self.call("GET", f"/orders{query}")
        ref: str = found["items"][0]["ref"]
        return ref

    async def event(self, confirmed: Callback, name: str, **more: Any) -> tuple[int, Any]:
        """What a worker or operator does to an order."""
        ref = await self.ref(confirmed)
        return await self.call("POST", f"/orders/{ref}/events", {"event": name, **more})

    async def pushed(self, confirmed: Callback, name: str, buyer: Buyer | None = None, **more: Any) -> Callback:
        """An event and the callback it sends."""
        status, answer = await self.event(confirmed, name, **more)
        assert status in (200, 422), answer
        return await (buyer or self.buyer).next_callback(confirmed.transaction_id)

    async def completed(self, words: str = "tap repair", **more: Any) -> tuple[Callback, Callback]:
        """A whole booking: its on_confirm and its last on_status."""
        confirmed = await self.booked(words, **more)
        await self.pushed(confirmed, "depart", more.get("buyer"))
        self.clock.tick(minutes=10)
        arrived = await self.pushed(confirmed, "arrive", more.get("buyer"))
        await self.pushed(confirmed, "start", more.get("buyer"), otp=otp_of(arrived))
        self.clock.tick(minutes=30)
        return confirmed, await self.pushed(confirmed, "complete", more.get("buyer"))


def otp_of(callback: Callback, visit: int = 0) -> str:
    """The token an on_status shows at the customer's stop of a visit."""
    token: str = end_stop(callback, visit)["authorization"]["token"]
    return token


def end_stop(callback: Callback, visit: int = 0) -> dict[str, Any]:
    """The customer's stop of a fulfillment, the first by default."""
    return next(stop for stop in callback.order["fulfillments"][visit]["stops"] if stop["type"] == "end")


def start_stop(callback: Callback, visit: int = 0) -> dict[str, Any]:
    """The worker's stop of the first or nth fulfillment."""
    return next(stop for stop in callback.order["fulfillments"][visit]["stops"] if stop["type"] == "start")


def moment(text: str) -> datetime:
    """A time of the wire."""
    return datetime.fromisoformat(text)


LISTENED_AT = range(10_000, 32_000)
"""Ports below those that the kernel gives to connections outwards (``ip_local_port_range``)."""


def free_port() -> int:
    """A port of loopback that nobody has at this moment, and that stays free while its server is down.

    One that the kernel chose might be given meanwhile to somebody's connection outwards; and who connects to such a
    port when nobody listens may even be connected to itself.
    """
    draw = SystemRandom()
    while True:
        port = draw.choice(LISTENED_AT)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def settings_for(database_url: str, registry: Path, port: int, **more: str) -> Settings:
    """The settings of a sandbox server on a port."""
    environ: Mapping[str, str] = {
        "BPP_DATABASE_URL": database_url,
        "BPP_REGISTRY": str(registry),
        "BPP_PORT": str(port),
        "BPP_SUBSCRIBER_URI": f"http://127.0.0.1:{port}",
        "BPP_OPERATOR_TOKEN": OPERATOR_TOKEN,
        "BPP_LOG_LEVEL": "error",
        "BPP_MAX_BODY": "200000",
        **more,
    }
    return load_settings(environ)


async def prepared(settings: Settings) -> None:
    """Make the schema and the catalog; a database that is there is a copy of one that has both (``seeded_sqlite``)."""
    file = database_file(settings.database_url)
    if file is None or not file.exists():
        await prepare(settings)


@asynccontextmanager
async def running_network(
    database_url: str,
    folder: Path,
    clock: FakeClock,
    new_id: IdSource | None = None,
    observed: Observed | None = None,
    /,
    *,
    path: str = "",
    **more: str,
) -> AsyncIterator[Network]:
    """Start everything; ``path`` is that of the seller's URI, ``more`` are further settings by their environment names."""
    registry = folder / "registry.json"
    listener = socket.create_server(("127.0.0.1", 0))  # ours from now on: nobody else is given its port
    port = listener.getsockname()[1]
    uri = f"http://127.0.0.1:{port}{path}"
    seller = BPP.at(uri)
    seen = observed or Observed()
    write_registry(registry, (seller, BUYER, SECOND_BUYER, GATEWAY))
    settings = settings_for(database_url, registry, port, **{"BPP_SUBSCRIBER_URI": uri, **more})
    await prepared(settings)
    async with AsyncExitStack() as stack:
        stack.callback(listener.close)
        buyer = await stack.enter_async_context(
            Buyer(registry=registry, participant=BUYER, clock=clock, new_id=IdSource(series=2), patience=PATIENCE)
        )
        second = await stack.enter_async_context(
            Buyer(
                registry=registry, participant=SECOND_BUYER, clock=clock, new_id=IdSource(series=3), patience=PATIENCE
            )
        )
        write_registry(registry, (seller, BUYER.at(buyer.url), SECOND_BUYER.at(second.url), GATEWAY))
        app = build_app(
            settings, clock=clock, new_id=new_id or IdSource(), limits=QUICK, pace=seen.pace, traces=seen.traces
        )
        runner = DoorRunner(app, idle=settings.idle_timeout)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)  # before the buyers end: else it might call one that is ending
        await web.SockSite(runner, listener).start()
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Network(
            settings=settings,
            clock=clock,
            buyer=buyer,
            second_buyer=second,
            context=app[APP_CONTEXT],
            session=session,
            registry=registry,
        )

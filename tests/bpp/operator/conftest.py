"""The operator API over a real socket and a real database, with orders made by the core."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bpp.actions.execute import Policy
from bpp.context import APP_CONTEXT, AppContext
from bpp.core.book import Confirmation, book
from bpp.core.catalogs import Worlds
from bpp.core.command import Paid
from bpp.core.draft import initialise, select
from bpp.core.find import find
from bpp.core.wanted import Details, Line, Selection
from bpp.keys.own import OwnKeys
from bpp.metrics import Metrics
from bpp.network.keyring import Keyring
from bpp.network.registry import FileRegistry
from bpp.operator.app import BASE_PATH, operator_app
from bpp.orders.model import FinderFee, Order, Peer
from bpp.orders.otp import token
from bpp.parties.vault import Vault
from bpp.settings import Settings
from bpp.storage.engine import open_storage, upgrade
from bpp.storage.ports import Storage, Work
from catalog.load import DEMO, CatalogData, read_catalog
from catalog.model import Gps
from catalog.search import Place, Query
from tests.support.clock import FakeClock
from tests.support.ids import IdSource
from tests.support.seeded import seeded_sqlite
from tests.support.world_builders import an_identity, some_rules

SUPERVISOR, OPERATOR, ENGINEER = "supervisor-token", "operator-token", "engineer-token"
ACCOUNTANT, OFFICER = "accountant-token", "officer-token"
SECRET = b"secret of a test"
BUYER = "buyer.example.org"
PLACE = Place.of(Gps(26.85, 80.999), "226010")
BILLING = {"name": "Buyer", "phone": "9800000000", "address": "Gomti Nagar", "city": "Lucknow", "state": "UP"}


@dataclass(kw_only=True)
class Desk:
    """A running operator API. ``released`` are the callbacks that were let go."""

    client: TestClient[web.Request, web.Application]
    context: AppContext
    clock: FakeClock
    released: list[int | None] = field(default_factory=list)
    booked_so_far: int = 0

    @property
    def storage(self) -> Storage:
        return self.context.storage

    async def call(
        self, method: str, path: str, body: Any = None, *, as_: str = SUPERVISOR, key: str = ""
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {as_}"}
        if key:
            headers["Idempotency-Key"] = key
        async with self.client.request(method, f"{BASE_PATH}{path}", json=body, headers=headers) as response:
            return response.status, await response.json()

    async def event(self, order: Order, name: str, *, as_: str = SUPERVISOR, key: str = "", **more: Any) -> Any:
        return await self.call("POST", f"/orders/{order.ref}/events", {"event": name, **more}, as_=as_, key=key)

    async def order(self, order: Order) -> Order:
        found = await self.storage.read(lambda work: work.orders.get(order.ref))
        assert found is not None
        return found

    async def otp(self, order: Order) -> str:
        now = (await self.order(order)).visit
        assert now.otp is not None
        return token(SECRET, order.ref, now.id, now.otp.serial)

    async def callbacks(self) -> list[str]:
        rows = await self.storage.read(lambda work: work.outbox.find(None, None, 100))
        return [row.action for row in reversed(rows)]

    async def booked(self, item: str = "GOMTI-TAP", *, bap_id: str = BUYER, phone: str = "9800000000") -> Order:
        """An order made by the core: selected, initialised, confirmed."""
        self.booked_so_far += 1
        number = self.booked_so_far

        async def unit(work: Work) -> Order:
            world = await self.context.worlds.current(work)
            provider_id = world.catalog.offerings[item].provider_id
            lines = (Line(item_id=item, count=1, wire={}),)
            query = Query(domain=world.catalog.offerings[item].domain, place=PLACE, provider_id=provider_id)
            (found,) = (await find(query, work, world)).found
            start: datetime = next(one for one in found.items if one.offering.id == item).starts[0]
            peer = Peer(
                bap_id=bap_id,
                bap_uri=f"https://{bap_id}/ondc",
                transaction_id=f"T{number}",
                domain=world.catalog.offerings[item].domain,
                location={"city": {"code": "std:0522"}, "country": {"code": "IND"}},
            )
            selected = await select(
                Selection(
                    channel="ondc",
                    peer=peer,
                    provider_id=provider_id,
                    location_ids=(),
                    lines=lines,
                    place=PLACE,
                    start=start,
                    end=None,
                    payment_type="PRE-FULFILLMENT",
                    customer={
                        "location": {"gps": "26.850000,80.999000", "area_code": "226010", "address": "House 1"},
                        "contact": {"phone": phone},
                        "person": {"name": "Buyer"},
                    },
                    tags=(),
                    finder_fee=FinderFee(),
                ),
                work,
                world,
            )
            assert selected.error is None
            ready = await initialise(
                selected.draft,
                Details(
                    lines=lines,
                    provider_id=provider_id,
                    billing={**BILLING, "phone": phone},
                    customer={},
                    place=PLACE,
                    payment_type=None,
                ),
                work,
                world,
            )
            assert ready.error is None
            payment = ready.draft.payments[0]
            confirmation = Confirmation(
                order_id=f"O{number}",
                provider_id=provider_id,
                lines=lines,
                total=None,
                payments=(
                    Paid(id="PAY1", type=payment.type, status="PAID", amount=payment.amount, transaction_id="TXN1"),
                ),
                customer={},
                place=Place(),
                created_at="2026-11-23T03:29:00.000Z",
                said_at=world.now,
                message_id=f"M{number}",
            )
            made = await book(ready.draft, confirmation, work, world)
            assert made.order is not None
            return made.order

        order = await self.storage.run(unit)
        self.clock.tick(seconds=1)
        return order

    async def started(self, item: str = "GOMTI-TAP") -> Order:
        order = await self.booked(item)
        for name in ("depart", "arrive"):
            assert (await self.event(order, name))[0] == 200
        return order


@asynccontextmanager
async def running_desk(
    url: str, clock: FakeClock, new_id: IdSource, demo: CatalogData, folder: Path
) -> AsyncIterator[Desk]:
    await upgrade(url)
    storage = open_storage(url)

    async def fill(work: Work) -> None:
        if not await work.directory.version():
            await work.directory.seed(demo)

    await storage.run(fill)
    released: list[int | None] = []
    registry = folder / "registry.json"
    registry.write_text("[]")
    settings = Settings(
        database_url=url,
        operator_token=SUPERVISOR,
        operator_tokens={OPERATOR: "operator", ENGINEER: "engineer", ACCOUNTANT: "accountant", OFFICER: "officer"},
    )
    context = AppContext(
        settings=settings,
        storage=storage,
        worlds=Worlds(
            clock=clock,
            new_id=new_id,
            rules=some_rules(),
            identity=an_identity(),
            otp_secret=SECRET,
            vault=Vault((settings.data_key,)),
        ),
        keyring=Keyring(FileRegistry(registry)),
        policy=Policy(fresh=False, skew=timedelta(), grace=timedelta()),
        metrics=Metrics(),
        clock=clock,
        keys=OwnKeys(settings),
        release=released.append,
    )
    app, operator = web.Application(), operator_app()
    operator[APP_CONTEXT] = context
    app.add_subapp(BASE_PATH, operator)
    async with TestClient(TestServer(app)) as client:
        yield Desk(client=client, context=context, clock=clock, released=released)
    await storage.close()


@pytest.fixture(scope="session")
def demo() -> CatalogData:
    return read_catalog(DEMO)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database with the schema and the demonstration catalog: making them anew takes most of a test's time."""
    return seeded_sqlite(tmp_path)


@pytest.fixture
async def desk(
    sqlite_url: str, clock: FakeClock, new_id: IdSource, demo: CatalogData, tmp_path: Path
) -> AsyncIterator[Desk]:
    async with running_desk(sqlite_url, clock, new_id, demo, tmp_path) as running:
        yield running


@pytest.fixture
async def desk_on_each(
    database_url: str, clock: FakeClock, new_id: IdSource, demo: CatalogData, tmp_path: Path
) -> AsyncIterator[Desk]:
    async with running_desk(database_url, clock, new_id, demo, tmp_path) as running:
        yield running

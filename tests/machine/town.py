"""A small town: three workers of two providers, on a database of its own, and the real ways in.

Its own event loop runs inside, since hypothesis's machines are synchronous. What stands in the database is read on a
connection of its own, past the code that wrote it.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Row, create_engine, select
from sqlalchemy.pool import StaticPool

from bpp.actions.events import Performed, confirmed, not_confirmed, perform
from bpp.actions.execute import Policy, Received, execute_once
from bpp.actions.timers import timer_due
from bpp.core.catalogs import Worlds
from bpp.core.command import Command
from bpp.core.locate import locate
from bpp.domains.dialect import Dialect
from bpp.inbound.decode import decode
from bpp.ledger.model import Account, Line, Party, Purpose, balances
from bpp.orders.model import Draft, Order
from bpp.orders.otp import token
from bpp.storage.door import SqlStorage
from bpp.storage.engine import open_storage
from bpp.storage.ports import Attempt, Callback, CallbackState, OrderEvent, Timer, Work
from bpp.storage.schema import metadata
from bpp.storage.tables import drafts, inbox, order_events, orders, outbox, ratings, slot_cells, timers
from bpp.storage.tables_feedback import rating_voices, review_events, reviews
from bpp.storage.tables_ledger import ledger_lines, ledger_postings
from bpp.storage.types import decode as read_document
from catalog.customization import CustomizationCategory, Offer
from catalog.load import CatalogData
from catalog.model import CancellationTerm, Offering, Provider, RescheduleTerm, Terms, Worker
from catalog.money import Money
from tests.support.catalog_builders import LUCKNOW, a_customization, a_provider, a_worker, an_offer, an_offering
from tests.support.clock import FakeClock
from tests.support.ids import IdSource
from tests.support.storages import migrate
from tests.support.world_builders import an_identity, some_rules

GRACE = timedelta(minutes=20)
RULES = some_rules(holds_per_peer=4, late_grace=GRACE)

T = TypeVar("T")
SECRET = b"secret of a test"
LEASE = timedelta(seconds=60)
STEEP = Terms(
    cancellation=(
        CancellationTerm(state="Pending", cancel_by="P1D", fee=Money(0), reason_required=False),
        CancellationTerm(state="Pending", cancel_by="PT2H", percentage=Decimal(10)),
        CancellationTerm(state="In-Transit", cancel_by="PT0S", fee=Money(40_000), penalty_percentage=Decimal(50)),
        CancellationTerm(state="At-Location", cancel_by="PT0S", percentage=Decimal("33.33")),
    ),
    reschedule=(RescheduleTerm(state="Pending", eligible=True, fee=Money(2_550), within="PT1H"),),
)
ANY_TYPE: Any = ("PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT")


def offers() -> tuple[Offer, ...]:
    """Of P1: one that comes by itself, with a cap and a least price, one for three at the price of two, and one on demand."""
    return (
        an_offer(
            id="BY-ITSELF",
            percentage=Decimal("12.5"),
            max_benefit=Money(7_777),
            min_value=Money(30_000),
            item_ids=("COOK",),
            auto=True,
        ),
        an_offer(id="THREE", kind="BuyXGetY", percentage=None, buy=2, get=3, item_ids=("CLEAN", "DINER"), auto=True),
        an_offer(id="ON-DEMAND", kind="Disc_Amt", percentage=None, amount=Money(15_001)),
        an_offer(id="FREE-SALAD", kind="Freebie", percentage=None, free_item_id="SALAD", item_ids=("COOK",)),
    )


def providers() -> tuple[Provider, ...]:
    """P1 takes every order and lets its workers be followed, P2 gives its word on each; P2 charges for moving and for cancelling late."""
    return (
        a_provider(tracking=True, offers=offers()),
        a_provider(
            id="P2", acceptance="manual", terms=STEEP, offers=(an_offer(id="A-THIRD", percentage=Decimal("33.33")),)
        ),
    )


def cook() -> Offering:
    """Somebody who cooks for so many, at noon or in the evening, this and that."""
    return an_offering(
        id="COOK",
        price=Money(19_901),
        duration=30,
        payment_types=ANY_TYPE[:2],
        categories=(
            CustomizationCategory(
                id="PEOPLE", name="People", name_hi="लोग", code="PEOPLE", mandatory=True, max_selection=1
            ),
            CustomizationCategory(id="DISHES", name="Dishes", name_hi="व्यंजन", code="DISHES", seq=2, max_selection=2),
            CustomizationCategory(
                id="NOON",
                name="Noon",
                name_hi="दोपहर",
                code="NOON",
                parent_category_id="DISHES",
                starts=time(11),
                ends=time(15),
            ),
        ),
        customizations=(
            a_customization("DINER", "PEOPLE", price=Money(4_999), minutes=10, max_count=6),
            a_customization("DAL", "DISHES", "NOON", price=Money(12_933), minutes=35),
            a_customization("ROTI", "DISHES", price=Money(0), minutes=20),
            a_customization("SALAD", "DISHES", price=Money(3_333), type="add_on"),
        ),
    )


def offerings() -> tuple[Offering, ...]:
    """Short, long, for several workers at once, for more than a day, partly in advance, made to a choice."""
    tap = an_offering(payment_types=ANY_TYPE)
    return (
        tap,
        replace(tap, id="PAINT", price=Money(33_333), duration=120, advance=Decimal(30), payment_types=ANY_TYPE[:2]),
        replace(tap, id="CLEAN", price=Money(10_001), parallel=True, max_count=5),
        replace(tap, id="DEEP", price=Money(100_000), duration=600),
        cook(),
        replace(tap, id="FIT", provider_id="P2", price=Money(49_999), duration=90),
        replace(tap, id="WIRE", provider_id="P2", price=Money(25_000), advance=Decimal(50), duration=180),
    )


def workers() -> tuple[Worker, ...]:
    """Two of P1, one of P2."""
    return a_worker(shares_location=True), a_worker(id="W2"), a_worker(id="W3", provider_id="P2")


def make_template(folder: Path) -> Path:
    """The town's database before anything happens, to be copied."""
    path = folder / "town.sqlite3"
    url = f"sqlite+aiosqlite:///{path}"
    migrate(url)

    async def fill() -> None:
        storage = open_storage(url)
        data = CatalogData(providers=providers(), offerings=offerings(), workers=workers())
        await storage.run(lambda work: work.directory.seed(data))
        await storage.close()

    with asyncio.Runner() as runner:
        runner.run(fill())
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What stands in the database at a moment. Orders with their columns, by reference."""

    now: datetime
    orders: Mapping[str, Order]
    columns: Mapping[str, Row[Any]]
    drafts: tuple[Draft, ...]
    events: Mapping[str, tuple[OrderEvent, ...]]
    cells: tuple[Row[Any], ...]
    timers: Mapping[tuple[str, str], Timer]
    books: Mapping[str, Mapping[str, Mapping[Account, Money]]]
    """What the postings of an order come to, by part."""

    @property
    def booked(self) -> tuple[Row[Any], ...]:
        """The cells that are sold, not only held."""
        return tuple(one for one in self.cells if one.expires_at is None)


class Town:
    """The program without its sockets."""

    def __init__(self, template: Path, folder: Path, *, at_once: bool = False) -> None:
        path = Path(shutil.copy(template, folder / "town.sqlite3"))
        self.clock = FakeClock()
        self.new_id = IdSource(series=2)
        rules = replace(RULES, confirm_at_once=at_once)
        self.worlds = Worlds(
            clock=self.clock, new_id=IdSource(), rules=rules, identity=an_identity(), otp_secret=SECRET
        )
        self._policy = Policy(fresh=True, skew=timedelta(seconds=5), grace=timedelta(milliseconds=250))
        self._runner = asyncio.Runner()
        self._engine = create_engine(f"sqlite:///{path}", poolclass=StaticPool)
        self._storage = self._run(_opened(f"sqlite+aiosqlite:///{path}"))

    def close(self) -> None:
        self._run(self._storage.close())
        self._runner.close()
        self._engine.dispose()

    def say(self, action: str, payload: dict[str, Any]) -> Exception | None:
        """A buyer app's message through the door behind the signature; how it was refused, if it was."""
        body = orjson.dumps(payload)

        async def taken_in() -> None:
            request = decode(action, orjson.loads(body), Dialect())
            digest = hashlib.sha256(body).hexdigest()
            received = Received(request=request, body=body, digest=digest, signature="")
            await execute_once(received, self._storage, self.worlds, self._policy)

        try:
            self._run(taken_in())
        except Exception as refusal:  # noqa: BLE001  whoever watches judges it
            return refusal
        return None

    def do(self, ref: str, command: Command) -> Performed | Exception:
        """An event of the seller's side, as the operator API passes it on."""

        async def unit(work: Work) -> Performed:
            order = await work.orders.get(ref)
            assert order is not None
            return await perform(order, command, work, await self.worlds.current(work))

        try:
            return self._run(self._storage.run(unit))
        except Exception as refusal:  # noqa: BLE001  whoever watches judges it
            return refusal

    def locate(self, ref: str) -> None:
        """A worker's telephone reports a position, whoever may be told."""

        async def unit(work: Work) -> None:
            order = await work.orders.get(ref)
            assert order is not None
            await locate(order, LUCKNOW, work, await self.worlds.current(work))

        self._run(self._storage.run(unit))

    def claim_timers(self) -> list[Timer]:
        """Timers that are due, as the delivery loop claims them."""
        return list(self._run(self._storage.run(lambda work: work.timers.claim(self.clock(), LEASE, 20))))

    def fire(self, timer: Timer) -> None:
        """Do what a claimed timer was set for."""

        async def unit(work: Work) -> int | None:
            return await timer_due(timer, work, await self.worlds.current(work))

        self._run(self._storage.run(unit))

    def claim(self, limit: int) -> list[Callback]:
        """Callbacks that are due or released, as the delivery loop claims them."""
        with self._engine.connect() as connection:
            released = connection.execute(select(outbox.c.seq)).scalars().all()
        now = self.clock()
        return list(self._run(self._storage.run(lambda work: work.outbox.claim(now, LEASE, limit, released, ()))))

    def settle(self, callback: Callback, state: CallbackState) -> None:
        """What came of a delivery, and what follows from it."""
        now = self.clock()
        attempt = Attempt(at=now, number=callback.attempts, outcome=state, http_status=None, code="", signature="")

        async def unit(work: Work) -> None:
            again = now + timedelta(seconds=5) if state == "pending" else None
            counted = await work.outbox.settle(callback.seq, state, again, attempt)
            if not counted or callback.action != "on_confirm" or state == "pending" or not callback.order_ref:
                return
            order = await work.orders.get(callback.order_ref)
            assert order is not None
            if state == "delivered":
                await confirmed(order, work)
            else:
                await not_confirmed(order, work, await self.worlds.current(work))

        self._run(self._storage.run(unit))

    def otp(self, order: Order) -> str:
        """The token that the customer has."""
        otp = order.visit.otp
        return token(SECRET, order.ref, order.visit.id, otp.serial if otp else 0)

    def stored(self) -> Stored:
        """What stands in the database now."""
        with self._engine.connect() as connection:
            columns = {
                row.ref: row for row in connection.execute(select(orders).order_by(orders.c.created_at, orders.c.ref))
            }
            documents = connection.execute(select(drafts.c.doc)).scalars().all()
            events: dict[str, list[OrderEvent]] = {ref: [] for ref in columns}
            for row in connection.execute(select(order_events).order_by(order_events.c.seq)):
                fields = {name: getattr(row, name) for name in OrderEvent.__dataclass_fields__}
                events[row.ref].append(OrderEvent(**{**fields, "detail": orjson.loads(row.detail)}))
            cells = tuple(connection.execute(select(slot_cells).order_by(slot_cells.c.worker_id, slot_cells.c.cell)))
            waiting = {
                (row.kind, row.subject): Timer(kind=row.kind, subject=row.subject, due_at=row.due_at, serial=row.serial)
                for row in connection.execute(select(timers))
            }
            books = books_in(connection)
        return Stored(
            now=self.clock(),
            orders={ref: replace(read_document(Order, row.doc), version=row.version) for ref, row in columns.items()},
            columns=columns,
            drafts=tuple(read_document(Draft, text) for text in documents),
            events={ref: tuple(found) for ref, found in events.items()},
            cells=cells,
            timers=waiting,
            books=books,
        )

    def effects(self) -> dict[str, list[Any]]:
        """Every row that a message or an event may change, but for the audit log."""
        tables = (
            inbox,
            outbox,
            drafts,
            orders,
            order_events,
            slot_cells,
            ratings,
            reviews,
            review_events,
            rating_voices,
            timers,
            ledger_postings,
            ledger_lines,
        )
        with self._engine.connect() as connection:
            return {table.name: list(connection.execute(select(table))) for table in tables}

    def callbacks(self, after: int) -> list[tuple[Row[Any], dict[str, Any]]]:
        """The callbacks stored after a number, in order, each with its body."""
        bodies = metadata.tables["message_bodies"]
        query = (
            select(outbox, bodies.c.body)
            .join(bodies, bodies.c.digest == outbox.c.digest)
            .where(outbox.c.seq > after)
            .order_by(outbox.c.seq)
        )
        with self._engine.connect() as connection:
            return [(row, orjson.loads(row.body)) for row in connection.execute(query)]

    def last_answer(self, bap_id: str, transaction_id: str, *actions: str) -> dict[str, Any] | None:
        """The newest order that a transaction was shown by one of these callbacks, with or without an error."""
        found = [
            body["message"]["order"]
            for row, body in self.callbacks(0)
            if (row.peer, row.transaction_id) == (bap_id, transaction_id)
            and row.action in actions
            and "order" in body["message"]
        ]
        return found[-1] if found else None

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(coroutine)


def books_in(connection: Connection) -> dict[str, dict[str, dict[Account, Money]]]:
    """What the postings of each order come to, by part and account."""
    query = select(ledger_postings, ledger_lines).join(ledger_lines, ledger_lines.c.posting_id == ledger_postings.c.id)
    found: dict[str, dict[str, list[Line]]] = {}
    for row in connection.execute(query):
        account = Account(Party(row.party), row.party_id, Purpose(row.purpose))
        found.setdefault(row.ref, {}).setdefault(row.part, []).append(Line(account, Money(row.paise)))
    return {
        ref: {part: dict(sums) for part, lines in parts.items() if (sums := balances(lines))}
        for ref, parts in found.items()
    }


async def _opened(url: str) -> SqlStorage:
    return open_storage(url)

"""What the rest of the program knows of storage: stored records, and the stores of one unit of work.

Handlers never open a transaction. They hand a unit, an async function of ``Work``, to ``Storage.run``, the one door
that may commit several units together (ADR 7). A unit may be run again after a lost race, so it has no effect but
through ``Work``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Protocol, TypeVar

from bpp.orders.model import Draft, Order
from bpp.orders.states import Stage
from bpp.storage.ports_assignments import Assignments
from bpp.storage.ports_audit import Audit
from bpp.storage.ports_demand import Demand
from bpp.storage.ports_feedback import Feedback
from bpp.storage.ports_figures import Figures, Waiting
from bpp.storage.ports_issues import Issues
from bpp.storage.ports_ledger import LedgerStore
from bpp.storage.ports_messages import (
    Arrival,
    Attempt,
    Callback,
    CallbackKind,
    CallbackState,
    LogEntry,
    MessageKey,
    MessageStore,
    NewCallback,
    Outbox,
    Seen,
    Settled,
    Versions,
)
from bpp.storage.ports_observability import Observability
from bpp.storage.ports_orders import OrderFilter, VisitsOf
from bpp.storage.ports_parties import Parties
from bpp.storage.ports_payouts import Payouts
from bpp.storage.ports_people import People
from bpp.storage.ports_principals import Principals
from bpp.storage.ports_projects import Projects
from bpp.storage.ports_sealing import Seals
from bpp.storage.ports_settlements import Settlements
from bpp.storage.ports_slots import NO_LOAD, Load, SlotStore
from bpp.storage.ports_traffic import Traffic
from bpp.storage.ports_traits import PeerTraits
from catalog.load import CatalogData
from catalog.model import Offering, Provider, Worker
from catalog.snapshot import Ratings

__all__ = [
    "NO_LOAD",
    "Arrival",
    "Assignments",
    "Attempt",
    "Audit",
    "Callback",
    "CallbackKind",
    "CallbackState",
    "Demand",
    "Directory",
    "Feedback",
    "Figures",
    "Issues",
    "KeyStore",
    "LedgerStore",
    "Load",
    "LogEntry",
    "MessageKey",
    "MessageStore",
    "NewCallback",
    "Notice",
    "Observability",
    "OrderEvent",
    "OrderFilter",
    "OrderRow",
    "OrderStore",
    "Outbox",
    "Parties",
    "Payouts",
    "PeerTraits",
    "People",
    "Principals",
    "Projects",
    "Seals",
    "Seen",
    "Settled",
    "Settlements",
    "SlotStore",
    "Storage",
    "Timer",
    "TimerKind",
    "Timers",
    "Unit",
    "VersionConflict",
    "Versions",
    "Waiting",
    "Work",
]

T = TypeVar("T")
Json = Mapping[str, Any]
TimerKind = Literal["otp", "acceptance", "quote", "late", "project", "issue", "settlement"]


class Notice(StrEnum):
    """What one process tells the others."""

    DUE = "due"
    """A lane has become free in which a callback waits, which another may have acknowledged."""
    CATALOG = "catalog"
    """Catalog, ratings or rates have another version."""


class VersionConflict(Exception):
    """Somebody else changed the row first: the unit is run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """An order in a list."""

    ref: str
    bap_id: str
    order_id: str
    transaction_id: str
    channel: str
    state: str
    order_status: str
    provider_id: str
    worker_id: str
    slot_start: datetime
    total: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent:
    """One step in an order's life: the audit trail and the timeline."""

    at: datetime
    ref: str
    fulfillment_id: str
    event: str
    actor: str
    source: str
    target: str
    detail: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Something to do at a moment, kept over a restart (decision 16). One per kind and subject."""

    kind: TimerKind
    subject: str
    due_at: datetime
    serial: int = 0


class OrderStore(Protocol):
    """Drafts and orders, with their events. ``get`` in a unit locks the row until the unit ends."""

    async def draft(self, bap_id: str, transaction_id: str) -> Draft | None: ...
    async def save_draft(self, draft: Draft, now: datetime) -> None: ...
    async def draft_of(self, ref: str) -> Draft | None: ...
    async def get(self, ref: str) -> Order | None: ...
    async def by_network_id(self, bap_id: str, order_id: str) -> Order | None: ...
    async def add(self, order: Order, now: datetime) -> bool: ...
    async def save(self, order: Order) -> Order: ...
    async def find(self, which: OrderFilter) -> Sequence[OrderRow]: ...
    async def found(self, which: OrderFilter) -> Sequence[tuple[OrderRow, Order]]: ...
    async def open_of(self, provider_id: str) -> Sequence[Order]: ...
    async def visits_of(self, which: VisitsOf) -> Sequence[Order]: ...
    async def without_worker(
        self, first: datetime, last: datetime, after: str | None, limit: int
    ) -> Sequence[Order]: ...
    async def record(self, event: OrderEvent) -> None: ...
    async def events(self, ref: str) -> Sequence[OrderEvent]: ...
    async def counts(self) -> Mapping[Stage, int]: ...
    async def fill_districts(self, after: str, limit: int) -> tuple[int, str]: ...


class Directory(Protocol):
    """Providers, offerings and workers, and the version of them all."""

    async def version(self) -> int: ...
    async def versions(self) -> Versions: ...
    async def write_out(self) -> None: ...
    async def lock(self) -> None: ...
    async def load(self) -> CatalogData: ...
    async def changes_since(self, known: Collection[int]) -> tuple[int, CatalogData] | None: ...
    async def ratings(self) -> Ratings: ...
    async def put_provider(self, provider: Provider) -> None: ...
    async def put_offering(self, offering: Offering) -> None: ...
    async def put_worker(self, worker: Worker) -> None: ...
    async def seed(self, data: CatalogData, stored: Callable[[int], None] = ...) -> None: ...
    async def changed(self) -> None: ...
    async def rated(self) -> None: ...
    async def rates_added(self) -> None: ...


class Timers(Protocol):
    """Durable timers, claimed like the outbox."""

    async def set(self, timer: Timer) -> None: ...
    async def cancel(self, kind: TimerKind, subject: str, serial: int | None = None) -> None: ...
    async def claim(self, now: datetime, lease: timedelta, limit: int) -> Sequence[Timer]: ...
    async def next_due(self) -> datetime | None: ...
    async def due(self, kind: TimerKind, subjects: Collection[str]) -> Mapping[str, datetime]: ...


class KeyStore(Protocol):
    """Idempotency keys of the operator API, each with the answer it got; and our own secrets."""

    async def secret(self, name: str) -> bytes: ...
    async def answer(self, key: str, now: datetime) -> tuple[str, int, bytes] | None: ...
    async def remember(
        self, key: str, digest: str, status: int, answer: bytes, expires_at: datetime, *, now: datetime
    ) -> None: ...


class Work(Protocol):
    """The stores of one unit of work; everything done through them is committed together or not at all."""

    @property
    def messages(self) -> MessageStore: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def orders(self) -> OrderStore: ...
    @property
    def slots(self) -> SlotStore: ...
    @property
    def directory(self) -> Directory: ...
    @property
    def timers(self) -> Timers: ...
    @property
    def keys(self) -> KeyStore: ...
    @property
    def traits(self) -> PeerTraits: ...
    @property
    def ledger(self) -> LedgerStore: ...
    @property
    def payouts(self) -> Payouts: ...
    @property
    def parties(self) -> Parties: ...
    @property
    def assignments(self) -> Assignments: ...
    @property
    def projects(self) -> Projects: ...
    @property
    def feedback(self) -> Feedback: ...
    @property
    def demand(self) -> Demand: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def seals(self) -> Seals: ...
    @property
    def principals(self) -> Principals: ...
    @property
    def figures(self) -> Figures: ...
    @property
    def traffic(self) -> Traffic: ...
    @property
    def observability(self) -> Observability: ...
    @property
    def people(self) -> People: ...
    @property
    def issues(self) -> Issues: ...
    @property
    def settlements(self) -> Settlements: ...


Unit = Callable[[Work], Awaitable[T]]


class Storage(Protocol):
    """The door. ``run`` commits before it returns; ``read`` sees one consistent state and changes nothing.

    ``follow`` tells what other processes did, as far as it hears of it, until it is cancelled.
    ``look`` is for a few short queries on the path of a message: each sees the newest state, and none costs a thread.
    """

    async def run(self, unit: Unit[T]) -> T: ...
    async def read(self, unit: Unit[T]) -> T: ...
    async def look(self, unit: Unit[T]) -> T: ...
    async def follow(self, heard: Callable[[frozenset[Notice]], None]) -> None: ...
    def waiting(self) -> int: ...
    async def close(self) -> None: ...

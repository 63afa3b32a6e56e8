"""Who sees personal data: a table by role; and the row that every full read leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bpp.core.world import World
from bpp.orders.masking import (
    hidden_detail,
    is_complaint,
    is_of_consumer,
    nearby,
    partly,
    without_consumer,
    without_workers,
)
from bpp.orders.model import Order
from bpp.parties.masking import without_words
from bpp.parties.model import PartyEvent
from bpp.projects.masking import without_consumer as without_client
from bpp.projects.model import Project
from bpp.storage.ports import Work
from bpp.storage.ports_audit import FullRead, RecordKind
from catalog.model import Worker


class PersonalData(StrEnum):
    """Whose personal data."""

    CONSUMER = "consumer"
    WORKER = "worker"
    ACCOUNT = "account"
    """Bank accounts of providers and workers."""
    COMPLAINT = "complaint"
    """What customers complain of, and what is noted of it, in their own words and ours: it may name anybody."""
    FEEDBACK = "feedback"
    """What customers wrote of the work when they rated it: it may name anybody."""


SEES: Mapping[str, frozenset[PersonalData]] = {
    "supervisor": frozenset(PersonalData),
    "operator": frozenset({PersonalData.CONSUMER, PersonalData.WORKER, PersonalData.COMPLAINT}),
    "officer": frozenset({PersonalData.WORKER, PersonalData.COMPLAINT, PersonalData.FEEDBACK}),
    "accountant": frozenset({PersonalData.ACCOUNT}),
    "engineer": frozenset(),
    "provider": frozenset({PersonalData.CONSUMER, PersonalData.WORKER, PersonalData.COMPLAINT, PersonalData.FEEDBACK}),
    "worker": frozenset({PersonalData.CONSUMER, PersonalData.WORKER}),
}
"""What each role needs to know for its job (sewamitra.md 6); whatever it does not is masked.

Providers and workers see these of their own orders alone: the console shows them no others.
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: a name that does not reveal the token, and a role."""

    name: str
    role: str

    def sees(self, subject: PersonalData) -> bool:
        """Whether the role is shown such data."""
        return subject in SEES[self.role]


def as_seen(order: Order, reader: Reader) -> Order:
    """An order as the reader may see it."""
    seen = order if reader.sees(PersonalData.CONSUMER) else without_consumer(order)
    return seen if reader.sees(PersonalData.WORKER) else without_workers(seen)


def detail_as_seen(detail: Mapping[str, Any], reader: Reader) -> Mapping[str, Any]:
    """The details of an order's event as the reader may see them."""

    def hides(name: str, value: Any) -> bool:
        if is_complaint(name):
            return not reader.sees(PersonalData.COMPLAINT)
        return is_of_consumer(name, value) and not reader.sees(PersonalData.CONSUMER)

    return hidden_detail(detail, hides)


def without_person(worker: Worker) -> Worker:
    """A worker as somebody sees him or her who need not: id, skills and hours stay."""
    return replace(
        worker,
        name=partly("name", worker.name),
        phone=partly("phone", worker.phone),
        email=partly("email", worker.email),
        photo="",
        gps=nearby(worker.gps),
        creds=(),
        verification=partly("verification", worker.verification),
        external_id=partly("external_id", worker.external_id),
    )


async def note_read(reader: Reader, kind: RecordKind, subject: str, work: Work, world: World) -> None:
    """Leave a row for a record that is about to be shown in full."""
    read = FullRead(at=world.now, who=reader.name, role=reader.role, kind=kind, subject=subject)
    await work.audit.note(read)


async def read_worker(worker: Worker, reader: Reader, work: Work, world: World) -> Worker:
    """A worker as the reader may see him or her, with a row for one who is shown in full."""
    if not reader.sees(PersonalData.WORKER):
        return without_person(worker)
    await note_read(reader, "worker", worker.id, work, world)
    return worker


async def read_order(order: Order, reader: Reader, work: Work, world: World) -> Order:
    """An order as the reader may see it, with a row for what of it is personal and shown."""
    if reader.sees(PersonalData.CONSUMER) and order.forgotten_at is None:
        await note_read(reader, "order", order.ref, work, world)
    return as_seen(order, reader)


async def read_project(project: Project, reader: Reader, work: Work, world: World) -> Project:
    """A project as the reader may see it, with a row for one that is shown in full."""
    if not reader.sees(PersonalData.CONSUMER):
        return without_client(project)
    if not project.forgotten:
        await note_read(reader, "project", project.id, work, world)
    return project


def history_as_seen(events: Iterable[PartyEvent], reader: Reader) -> list[PartyEvent]:
    """The history of a provider or worker as the reader may see it."""
    return [one if reader.sees(PersonalData.WORKER) else without_words(one) for one in events]

"""The rights of a data principal: everything that is held of a telephone number, shown or erased (DPDP Act 2023).

Who somebody is, is the number with which an order or a project was made. Erasing forgets as retention does
(``bpp.core.retention``), only at once: prices, times, places of account and what invoices say stay, as tax law wants.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import orjson

from bpp.core.privacy import Reader
from bpp.core.retention import forget_order, forget_project
from bpp.issues.clock import runs
from bpp.issues.ticket import Ticket
from bpp.orders.model import Draft, Order
from bpp.orders.phones import normalised
from bpp.orders.ratings import Review
from bpp.orders.states import TERMINAL
from bpp.projects.model import Project
from bpp.projects.states import OVER
from bpp.storage.ports import OrderEvent, OrderFilter, Work
from bpp.storage.ports_audit import FullRead, RecordKind
from bpp.storage.ports_principals import Conversation, Spoken
from bpp.storage.ports_projects import ProjectEvent, ProjectFilter

MOST = 10_000
"""Orders, and projects, of one number: more than anybody has."""
SECRET = "tokens and documents"  # noqa: S105  its name
DIGITS = 10


class NoNumber(ValueError):
    """What was given is no telephone number."""


class StillOpen(Exception):
    """Something of the person is under way, by its references: it must be over before it can be forgotten."""

    def __init__(self, refs: Sequence[str]) -> None:
        super().__init__(f"still under way: {', '.join(refs)}. Finish or cancel it first, then ask again")
        self.refs = refs


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """All that is held of a number."""

    number: str
    orders: Sequence[tuple[Order, Sequence[OrderEvent]]]
    projects: Sequence[tuple[Project, Sequence[ProjectEvent]]]
    drafts: Sequence[Draft]
    reviews: Sequence[Review]
    tickets: Sequence[Ticket]
    conversations: Sequence[Conversation]
    messages: Sequence[Spoken]
    reads: Sequence[FullRead]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of complaints."""
        return tuple(one.ref for one in self.tickets)

    @property
    def refs(self) -> tuple[str, ...]:
        """The references of orders and projects."""
        return (*(one.ref for one, _ in self.orders), *(one.id for one, _ in self.projects))


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How much was forgotten."""

    orders: int
    projects: int
    drafts: int
    messages: int


def number_of(phone: str) -> str:
    """The number by which a person is known. Raises NoNumber."""
    number = normalised(phone)
    if len(number) < DIGITS:
        raise NoNumber(f"a telephone number of {DIGITS} digits is expected")
    return number


async def export(number: str, further: Collection[Conversation], reader: Reader, now: datetime, work: Work) -> Held:
    """Everything that is held of a number; leaves a row for each record, and one for the export.

    ``further`` are conversations in which the number was said; those that led to an order of somebody else are not
    the person's, whoever is named in them.
    """
    held = await _held(number, further, work)
    for one, _ in held.orders:
        await _note("order", one.ref, reader, now, work)
    for project, _ in held.projects:
        await _note("project", project.id, reader, now, work)
    await _note("person", await pseudonym(number, work), reader, now, work)
    return held


async def erase(number: str, further: Collection[Conversation], reader: Reader, now: datetime, work: Work) -> Erased:
    """Forget a person at once; leaves a row that says so and does not name him or her. Raises StillOpen."""
    held = await _held(number, further, work)
    if refs := await _open(held, work):
        raise StillOpen(refs)
    for one, _ in held.orders:
        await forget_order(one, now, work)
    for project, _ in held.projects:
        await forget_project(project, now, work)
    await work.principals.drop_answers([number, *held.refs, *held.numbers])
    erased = Erased(
        orders=len(held.orders),
        projects=len(held.projects),
        drafts=await work.principals.drop_drafts([one.ref for one in held.drafts]),
        messages=await work.principals.erase_messages(held.conversations, now),
    )
    await _note("erasure", await pseudonym(number, work), reader, now, work)
    return erased


async def pseudonym(number: str, work: Work) -> str:
    """The same for the same number, by which exports and erasures are found again; it says nothing else."""
    secret = await work.keys.secret(SECRET)
    return hmac.new(secret, f"principal\n{number}".encode(), hashlib.sha256).hexdigest()[:16]


def as_document(held: Held, now: datetime) -> dict[str, Any]:
    """An export for programs, and for whoever asked: names and values as they are stored."""
    return {
        "phone": held.number,
        "made_at": now.isoformat(),
        "orders": [{"order": plain(one), "events": plain(events)} for one, events in held.orders],
        "projects": [{"project": plain(one), "events": plain(events)} for one, events in held.projects],
        "selections": plain(held.drafts),
        "complaints": [
            {"ref": event.ref, "at": event.at.isoformat(), "text": event.detail["complaint"]}
            for _, events in held.orders
            for event in events
            if "complaint" in event.detail
        ],
        "tickets": plain(held.tickets),
        "reviews": plain(held.reviews),
        "messages": [{**plain(one), "body": _body(one.body)} for one in held.messages],
        "reads": plain(held.reads),
    }


def plain(value: Any) -> Any:
    """A frozen value of ours as JSON has it."""
    return msgspec.to_builtins(value)


async def _held(number: str, further: Collection[Conversation], work: Work) -> Held:
    rows = await work.orders.found(OrderFilter(phone=number, limit=MOST))
    orders = [(order, await work.orders.events(order.ref)) for _, order in rows]
    projects = [
        (one, await work.projects.events(one.id))
        for one in await work.projects.find(ProjectFilter(phone=number, limit=MOST))
    ]
    drafts = await work.principals.drafts(number)
    refs = [order.ref for order, _ in orders]
    made: list[Order | Draft] = [*(order for order, _ in orders), *drafts]
    said = {
        *set(further).difference(await work.principals.of_others(further, refs)),
        *(Conversation(one.peer.bap_id, one.peer.transaction_id) for one in made if one.peer),
        *await work.principals.conversations(refs),
    }
    subjects = (*refs, *(one.id for one, _ in projects))
    tickets = [ticket for ref in refs for ticket in await work.issues.of_order(ref)]
    reviews = [review for ref in subjects if (review := await work.feedback.get(ref))]
    conversations = sorted(said)
    return Held(
        number=number,
        orders=orders,
        projects=projects,
        drafts=drafts,
        reviews=reviews,
        tickets=tickets,
        conversations=conversations,
        messages=await work.principals.messages(conversations),
        reads=await work.principals.reads([*subjects, *(one.transaction_id for one in conversations)]),
    )


async def _open(held: Held, work: Work) -> Sequence[str]:
    """What is not over: visits to come, projects, complaints to be resolved, callbacks still to be delivered."""
    orders = (one.ref for one, _ in held.orders if any(visit.stage not in TERMINAL for visit in one.fulfillments))
    projects = (one.id for one, _ in held.projects if one.stage not in OVER)
    complaints = (one.ref for one in held.tickets if runs(one.issue))
    told = await work.principals.under_way(held.refs, held.conversations)
    return list(dict.fromkeys((*orders, *projects, *complaints, *told)))


async def _note(kind: RecordKind, subject: str, reader: Reader, now: datetime, work: Work) -> None:
    await work.audit.note(FullRead(at=now, who=reader.name, role=reader.role, kind=kind, subject=subject))


def _body(body: bytes) -> Any:
    """A body as JSON where it is that, else as text; None where it is not kept any more."""
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")

"""Tickets, on a database: documents with columns, changed under a version as orders are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, update

from beckn_schemas.igm_codes import IgmVersion
from bpp.issues.clock import deadlines
from bpp.issues.model import Level, Status
from bpp.issues.ticket import Ticket
from bpp.storage.connection import Connection
from bpp.storage.dialects import insert
from bpp.storage.ports import VersionConflict
from bpp.storage.ports_issues import TicketCounts, TicketFilter
from bpp.storage.tables_issues import tickets
from bpp.storage.types import decode, encode

RUNNING = (Status.OPEN, Status.PROCESSING)


class SqlIssues:
    """See ``bpp.storage.ports_issues.Issues``."""

    def __init__(self, connection: Connection, *, locking: bool = True) -> None:
        """On the unit's connection; ``locking``: a ticket that is read stays as it is until the unit ends."""
        self._connection = connection
        self._locking = locking

    async def get(self, ref: str) -> Ticket | None:
        """The ticket of a number, or None."""
        return await self._one(select(tickets).where(tickets.c.ref == ref))

    async def of_network(self, peer: str, issue_id: str) -> Ticket | None:
        """The ticket of a buyer app's issue, or None."""
        return await self._one(select(tickets).where(tickets.c.peer == peer, tickets.c.issue_id == issue_id))

    async def is_known(self, issue_id: str) -> bool:
        """Whether anybody has an issue of that id."""
        query = select(tickets.c.ref).where(tickets.c.issue_id == issue_id).limit(1)
        return (await self._connection.execute(query)).first() is not None

    async def spoken_by(self, peer: str) -> IgmVersion | None:
        """The version of the newest issue that a buyer app has raised with us; None where it has raised none."""
        theirs = select(tickets).where(tickets.c.peer == peer, tickets.c.ours.is_(False))
        newest = theirs.order_by(tickets.c.created_at.desc(), tickets.c.ref).limit(1)
        row = (await self._connection.execute(newest)).first()
        return _ticket(row).issue.version if row is not None else None

    async def of_order(self, order_ref: str) -> Sequence[Ticket]:
        """The tickets of an order, oldest first."""
        query = select(tickets).where(tickets.c.order_ref == order_ref).order_by(tickets.c.created_at, tickets.c.ref)
        return [_ticket(row) for row in await self._connection.execute(query)]

    async def add(self, ticket: Ticket) -> bool:
        """Store a new ticket; False where its number, or its id on the network, is taken."""
        values = {"ref": ticket.ref, "version": 0, **_columns(ticket)}
        statement = insert(self._connection, tickets).values(**values).on_conflict_do_nothing().returning(tickets.c.ref)
        return (await self._connection.execute(statement)).first() is not None

    async def save(self, ticket: Ticket) -> Ticket:
        """Store a changed ticket; raises VersionConflict where somebody else changed it since it was read."""
        changed = replace(ticket, version=ticket.version + 1)
        statement = (
            update(tickets)
            .where(tickets.c.ref == ticket.ref, tickets.c.version == ticket.version)
            .values(version=changed.version, **_columns(changed))
            .returning(tickets.c.ref)
        )
        if (await self._connection.execute(statement)).first() is None:
            raise VersionConflict(ticket.ref)
        return changed

    async def find(self, which: TicketFilter) -> Sequence[Ticket]:
        """Tickets that fit, in order."""
        equal: dict[Any, Any] = {
            tickets.c.ref: which.ref,
            tickets.c.level: which.level,
            tickets.c.ours: which.ours,
            tickets.c.provider_id: which.provider_id,
            tickets.c.district: which.district,
        }
        query = select(tickets).where(*(column == value for column, value in equal.items() if value is not None))
        if which.statuses is not None:
            query = query.where(tickets.c.status.in_(which.statuses))
        if which.due_until is not None:
            query = query.where(tickets.c.resolution_due <= which.due_until)
        if which.officers_at is not None:
            query = query.where(or_(tickets.c.level != Level.ISSUE, tickets.c.resolution_due <= which.officers_at))
        query = await self._beyond(query, which)
        return [_ticket(row) for row in await self._connection.execute(query.limit(which.limit))]

    async def _beyond(self, query: Select[Any], which: TicketFilter) -> Select[Any]:
        """In its order, after the last of the page before."""
        due = which.by == "due"
        moment = tickets.c.resolution_due if due else tickets.c.created_at
        if due:
            query = query.where(tickets.c.status.in_(RUNNING))
        if which.after is not None:
            last = (await self._connection.execute(select(moment).where(tickets.c.ref == which.after))).first()
            if last is not None:
                further: ColumnElement[bool] = moment > last[0] if due else moment < last[0]
                query = query.where(or_(further, and_(moment == last[0], tickets.c.ref > which.after)))
        return query.order_by(moment if due else moment.desc(), tickets.c.ref)

    async def counts(self, now: datetime) -> TicketCounts:
        """How many wait to be resolved, and how many of them are past their time."""
        late = func.count().filter(tickets.c.resolution_due <= now)
        query = select(func.count(), late).where(tickets.c.status.in_(RUNNING))
        running, overdue = (await self._connection.execute(query)).one()
        return TicketCounts(running, overdue)

    async def _one(self, query: Select[Any]) -> Ticket | None:
        row = (await self._connection.execute(query.with_for_update() if self._locking else query)).first()
        return _ticket(row) if row is not None else None


def _columns(ticket: Ticket) -> dict[str, Any]:
    issue = ticket.issue
    return {
        "peer": ticket.peer,
        "issue_id": issue.id,
        "order_ref": issue.order_ref,
        "ours": ticket.ours,
        "status": issue.status,
        "level": issue.level,
        "provider_id": ticket.provider_id,
        "district": ticket.district,
        "created_at": issue.created.at,
        "updated_at": issue.updated.at,
        "resolution_due": deadlines(issue).resolution,
        "doc": encode(ticket),
    }


def _ticket(row: Row[Any]) -> Ticket:
    return replace(decode(Ticket, row.doc), version=row.version)

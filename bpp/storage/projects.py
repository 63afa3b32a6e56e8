"""Project work on a database: projects as documents with the columns that queries need, and their history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update

from bpp.orders.model import Order
from bpp.orders.phones import normalised
from bpp.orders.states import OrderStatus
from bpp.projects.model import Project
from bpp.projects.states import OVER
from bpp.storage.changes import bare_details
from bpp.storage.connection import Connection
from bpp.storage.ports import VersionConflict
from bpp.storage.ports_projects import ProjectEvent, ProjectFilter
from bpp.storage.tables import orders
from bpp.storage.tables_projects import project_events, projects
from bpp.storage.types import decode, encode

DEPARTMENT = "department"
"""A kind of consumer, and a channel of orders."""


class SqlProjects:
    """See ``bpp.storage.ports_projects.Projects``."""

    def __init__(self, connection: Connection, *, locking: bool = True) -> None:
        """On the unit's connection; ``locking``: what is read stays as it is until the unit ends."""
        self._connection = connection
        self._locking = locking

    async def get(self, project_id: str) -> Project | None:
        """The project of an id, locked, or None."""
        query = select(projects.c.doc, projects.c.version).where(projects.c.id == project_id)
        found = await self._found(query.with_for_update() if self._locking else query)
        return found[0] if found else None

    async def add(self, project: Project) -> None:
        """Store a new project."""
        values = {"id": project.id, "version": project.version, **_columns(project)}
        await self._connection.execute(projects.insert().values(values))

    async def save(self, project: Project) -> Project:
        """Store a changed project; raises VersionConflict when it was changed by another since it was read."""
        statement = (
            update(projects)
            .where(projects.c.id == project.id, projects.c.version == project.version)
            .values(version=project.version + 1, **_columns(project))
        )
        if (await self._connection.execute(statement)).rowcount != 1:
            raise VersionConflict(project.id)
        return replace(project, version=project.version + 1)

    async def find(self, which: ProjectFilter) -> Sequence[Project]:
        """Projects that fit, newest first; up to ``limit``."""
        query = select(projects.c.doc, projects.c.version)
        query = query.order_by(projects.c.created_at.desc(), projects.c.id.desc()).limit(which.limit)
        for name in ("stage", "kind", "district", "service_id", "provider_id", "phone"):
            value = getattr(which, name)
            if value is not None and name == "phone":
                value = normalised(value) or value
            if value is not None:
                query = query.where(projects.c[name] == value)
        if which.after is not None:
            last = select(projects.c.created_at).where(projects.c.id == which.after).scalar_subquery()
            older = projects.c.created_at < last
            query = query.where(older | ((projects.c.created_at == last) & (projects.c.id < which.after)))
        return await self._found(query)

    async def record(self, event: ProjectEvent) -> None:
        """Append to a project's life."""
        await self._connection.execute(
            project_events.insert().values(
                project_id=event.project_id,
                at=event.at,
                event=event.event,
                side=event.side,
                source=event.source,
                target=event.target,
                detail=json.dumps(dict(event.detail), ensure_ascii=False),
            )
        )

    async def events(self, project_id: str) -> Sequence[ProjectEvent]:
        """A project's life, in order."""
        query = select(project_events).where(project_events.c.project_id == project_id).order_by(project_events.c.seq)
        return [
            ProjectEvent(
                at=row.at,
                project_id=row.project_id,
                event=row.event,
                side=row.side,
                source=row.source,
                target=row.target,
                detail=json.loads(row.detail),
            )
            for row in await self._connection.execute(query)
        ]

    async def over_since(self, before: datetime, limit: int) -> Sequence[Project]:
        """Projects that were over before a moment and in which something personal is left, oldest first."""
        query = select(projects.c.doc, projects.c.version).where(
            projects.c.stage.in_([stage.value for stage in OVER]),
            projects.c.updated_at < before,
            projects.c.phone != "",
        )
        return await self._found(query.order_by(projects.c.updated_at).limit(limit))

    async def erase_words(self, project_id: str, now: datetime) -> None:
        """Take names and what somebody said in own words out of a project's history."""
        rows = await self._connection.execute(select(project_events).where(project_events.c.project_id == project_id))
        await bare_details(self._connection, project_events, rows.all(), now)

    async def of_departments(self, since: datetime) -> Sequence[Project]:
        """The projects of departments that something happened to since a moment."""
        query = select(projects.c.doc, projects.c.version)
        return await self._found(query.where(projects.c.kind == DEPARTMENT, projects.c.updated_at >= since))

    async def orders_of_departments(self, since: datetime) -> Sequence[Order]:
        """The completed orders of departments that something happened to since a moment."""
        query = select(orders.c.doc).where(
            orders.c.channel == DEPARTMENT,
            orders.c.order_status == OrderStatus.COMPLETED.value,
            orders.c.updated_at >= since,
        )
        return [decode(Order, text) for text in (await self._connection.execute(query)).scalars()]

    async def _found(self, query: Select[Any]) -> list[Project]:
        rows = await self._connection.execute(query)
        return [replace(decode(Project, row.doc), version=row.version) for row in rows]


def _columns(project: Project) -> dict[str, Any]:
    wanted = project.requirement
    return {
        "stage": project.stage.value,
        "kind": wanted.consumer.kind,
        "district": wanted.district,
        "service_id": wanted.service_id,
        "provider_id": project.contractor.provider_id if project.contractor else "",
        "phone": normalised(wanted.consumer.phone),
        "created_at": project.created_at,
        "updated_at": project.updated_at,
        "doc": encode(project),
    }

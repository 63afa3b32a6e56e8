"""What is known of storing project work: projects as documents, and their history; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bpp.orders.model import Order
from bpp.projects.model import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectEvent:
    """One step in a project's life; never changed."""

    at: datetime
    project_id: str
    event: str
    side: str
    source: str
    target: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFilter:
    """Which projects; None does not filter. ``after`` is the id of the last one seen."""

    stage: str | None = None
    kind: str | None = None
    district: str | None = None
    service_id: str | None = None
    provider_id: str | None = None
    phone: str | None = None
    after: str | None = None
    limit: int = 50


class Projects(Protocol):
    """Project work. ``get`` in a unit that writes locks the row until the unit ends."""

    async def get(self, project_id: str) -> Project | None: ...
    async def add(self, project: Project) -> None: ...
    async def save(self, project: Project) -> Project: ...
    async def find(self, which: ProjectFilter) -> Sequence[Project]: ...
    async def record(self, event: ProjectEvent) -> None: ...
    async def events(self, project_id: str) -> Sequence[ProjectEvent]: ...
    async def over_since(self, before: datetime, limit: int) -> Sequence[Project]: ...
    async def erase_words(self, project_id: str, now: datetime) -> None: ...
    async def of_departments(self, since: datetime) -> Sequence[Project]: ...
    async def orders_of_departments(self, since: datetime) -> Sequence[Order]: ...

"""Who read which full record."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter

from bpp.core.world import World
from bpp.operator.deliveries import LARGEST
from bpp.operator.order_models import Moment
from bpp.operator.routes import Answer, Call, Query, Route
from bpp.storage.ports import Work
from bpp.storage.ports_audit import ReadFilter, RecordKind


class ReadQuery(Query):
    """Which reads; what is left out does not filter."""

    kind: RecordKind | None = None
    subject: str | None = Field(default=None, description="ref of an order, id of a worker or another record")
    who: str | None = Field(default=None, description="the name of a caller, as it stands in an entry")
    limit: Annotated[int, Field(ge=1, le=500, description="most items of a page")] = 50
    cursor: Annotated[int, Field(ge=1, le=LARGEST)] | None = Field(
        default=None, description="`next` of the page before"
    )


class ReadEntry(BaseModel):
    """Somebody saw a record with the personal data in it."""

    at: Moment
    who: str = Field(description="role and mark of the token, which is not told", examples=["operator:1f2e3d4c"])
    role: str
    kind: RecordKind
    subject: str


class ReadPage(BaseModel):
    """Reads, newest first."""

    items: list[ReadEntry]
    next: int | None = Field(description="cursor of the next page")


async def list_reads(call: Call, work: Work, world: World) -> Answer:
    """Reads that fit, newest first."""
    del world
    query: ReadQuery = call.query
    which = ReadFilter(
        kind=query.kind, subject=query.subject, who=query.who, before=query.cursor, limit=query.limit + 1
    )
    rows = await work.audit.reads(which)
    page = rows[: query.limit]
    items = [ReadEntry(at=one.at, who=one.who, role=one.role, kind=one.kind, subject=one.subject) for _, one in page]
    return Answer(content=ReadPage(items=items, next=page[-1][0] if len(rows) > len(page) else None))


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/audit/reads",
        name="list-full-reads",
        tag="audit",
        summary="Who saw which record with the personal data in it",
        handler=list_reads,
        query=ReadQuery,
        answer=TypeAdapter(ReadPage),
        roles=frozenset({"supervisor"}),
    ),
)

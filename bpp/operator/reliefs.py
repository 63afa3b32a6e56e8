"""What became of the bookings of a worker who is out, as the API shows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, Field

from bpp.actions.reassign_affected import Affected


class Relieved(BaseModel):
    """One visit that was the worker's."""

    ref: str
    fulfillment_id: str
    slot_start: datetime
    worker_id: str | None = Field(description="who goes now; null: nobody, an operator is wanted")
    problem: str = Field(description="why it was left as it was, else empty")


class Reliefs(BaseModel):
    """What became of a worker's bookings."""

    reassigned: int
    without_worker: int
    items: list[Relieved]


def reliefs(visits: Iterable[Affected]) -> Reliefs:
    """The view of what became of each visit."""
    items = [
        Relieved(
            ref=one.ref,
            fulfillment_id=one.fulfillment_id,
            slot_start=one.slot_start,
            worker_id=one.worker_id or None,
            problem=one.problem,
        )
        for one in visits
    ]
    return Reliefs(
        reassigned=sum(one.worker_id is not None for one in items),
        without_worker=sum(one.worker_id is None and not one.problem for one in items),
        items=items,
    )

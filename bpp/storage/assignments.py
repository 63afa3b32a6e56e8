"""The choices of workers, with their reasons, on a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from bpp.orders.choice import OF_A_DRAFT, Choice
from bpp.storage.connection import Connection
from bpp.storage.dialects import Insert, insert_into
from bpp.storage.statement import DatabaseName, Statement
from bpp.storage.tables import drafts, orders
from bpp.storage.tables_assignments import assignments
from bpp.storage.types import decode, encode


def _keep(database: DatabaseName) -> Insert:
    statement = insert_into(assignments, database)
    return statement.on_conflict_do_update(
        index_elements=["slot_ref", "number"],
        set_={name: statement.excluded[name] for name in ("order_ref", "at", "doc")},
    )


_KEEP = Statement(_keep)


class SqlAssignments:
    """See ``bpp.storage.ports_assignments.Assignments``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def keep(self, choice: Choice) -> None:
        """Keep a choice: after those before it of an order, in the place of the one before it of a draft.

        A buyer who looks at one slot after another leaves one row, and it becomes the order's first.
        """
        number = 0
        if choice.trigger not in OF_A_DRAFT:
            last = select(func.max(assignments.c.number)).where(assignments.c.slot_ref == choice.slot_ref)
            found = (await self._connection.execute(last)).scalar()
            number = 0 if found is None else found + 1
        fields = {"order_ref": choice.order_ref, "at": choice.at, "doc": encode(choice)}
        await self._connection.later(_KEEP, {"slot_ref": choice.slot_ref, "number": number, **fields})

    async def of_order(self, order_ref: str) -> Sequence[Choice]:
        """All choices for the visits of an order, oldest first."""
        query = select(assignments.c.doc).where(assignments.c.order_ref == order_ref)
        query = query.order_by(assignments.c.at, assignments.c.slot_ref, assignments.c.number)
        return [decode(Choice, row.doc) for row in await self._connection.execute(query)]

    async def order_of(self, slot_ref: str) -> str:
        """The order whose visit holds time by this name; the name itself where it is the order's own."""
        query = select(assignments.c.order_ref).where(assignments.c.slot_ref == slot_ref).limit(1)
        return (await self._connection.execute(query)).scalar() or slot_ref

    async def drop_abandoned(self, before: datetime) -> int:
        """Delete the choices made before a moment for what never became an order; how many."""
        known = assignments.c.order_ref.in_(select(orders.c.ref)) | assignments.c.order_ref.in_(select(drafts.c.ref))
        abandoned = delete(assignments).where(assignments.c.at < before, ~known)
        return int((await self._connection.execute(abandoned)).rowcount)

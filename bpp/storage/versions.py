"""The counters that every unit reads before it decides, as columns of whatever it reads first."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, literal, select

from bpp.storage.ports import Versions
from bpp.storage.tables import counters


def versions() -> tuple[ColumnElement[int], ...]:
    """One column for each of ``Versions``, in order."""
    return tuple(
        func.coalesce(
            select(counters.c.value).where(counters.c.name == literal(name)).scalar_subquery(), literal(0)
        ).label(name)
        for name in Versions._fields
    )

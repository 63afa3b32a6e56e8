"""What was lawfully changed of rows that are sealed, noted by whoever changes them and in the same transaction.

Whether a row is sealed already is not asked: what is noted of one that is not does no harm.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

from sqlalchemy import Table, update

from bpp.audit.chain import SALT, words_digest
from bpp.audit.sources import MESSAGES, canonical
from bpp.orders.masking import bare_detail
from bpp.storage.connection import Connection
from bpp.storage.tables_sealing import audit_changes

Kind = Literal["words", "rows", "body"]
"""``words``: some were taken out of a row; ``rows``: they were dropped; ``body``: a message's, before its time."""


async def words_taken(connection: Connection, table: str, left: Mapping[int, Sequence[str]], now: datetime) -> None:
    """Note of rows of a table what is left of their words: the values of the source's columns of words."""
    values = []
    for number, words in left.items():
        salt = secrets.token_bytes(SALT)
        digest = words_digest(canonical(list(words)), salt)
        values.append(_change("words", table, number, number, now, left=digest.hex(), salt=salt.hex()))
    await _note(connection, values)


async def bare_details(connection: Connection, table: Table, rows: Iterable[Any], now: datetime) -> None:
    """Take what is personal out of the ``detail`` of some rows of events, and note what is left."""
    left = {}
    for row in rows:
        detail = json.loads(row.detail)
        kept = bare_detail(detail)
        if kept != detail:
            left[row.seq] = (json.dumps(kept, ensure_ascii=False),)
            await connection.execute(update(table).where(table.c.seq == row.seq).values(detail=left[row.seq][0]))
    await words_taken(connection, table.name, left, now)


async def rows_dropped(connection: Connection, table: str, numbers: Iterable[int], now: datetime) -> None:
    """Note which rows of a table were dropped."""
    spans = _spans(sorted(numbers))
    await _note(connection, [_change("rows", table, first, last, now) for first, last in spans])


async def bodies_taken(connection: Connection, numbers: Iterable[int], now: datetime) -> None:
    """Note of which messages the bodies were erased before their time."""
    await _note(connection, [_change("body", MESSAGES, first, last, now) for first, last in _spans(sorted(numbers))])


def _spans(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of numbers that follow one another, each as its first and last."""
    if not numbers:
        return
    first = numbers[0]
    for number, following in pairwise(numbers):
        if following != number + 1:
            yield first, number
            first = following
    yield first, numbers[-1]


def _change(
    kind: Kind, source: str, first: int, last: int, now: datetime, *, left: str = "", salt: str = ""
) -> dict[str, Any]:
    return {"at": now, "kind": kind, "source": source, "first": first, "last": last, "left": left, "salt": salt}


async def _note(connection: Connection, values: list[dict[str, Any]]) -> None:
    if values:
        await connection.execute(audit_changes.insert(), values)

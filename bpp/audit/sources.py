"""What is sealed: the tables that only grow, and of each the columns that never change.

The theory. A row's *facts* never change. Its *words* are what people said in it, which retention takes out one day, so
they are covered by a digest with a salt of the row's own (``bpp.audit.chain``). Rows of a *dropping* source go as a
whole when they are old. A column that is added to one of these tables is sealed from a source of another name on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson

CHANGES = "audit_changes"
"""The source that says which words were taken out of which rows, and which rows were dropped: sealed as all others."""
LEDGER = "ledger_postings"
LINES = "ledger_lines"
MESSAGES = "message_log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table that is sealed. ``number`` and ``moment`` name the columns by which its rows are known and dated.

    ``untold`` are columns that no seal covers, each for the reason said where it stands.
    """

    table: str
    facts: tuple[str, ...]
    words: tuple[str, ...] = ()
    number: str = "seq"
    moment: str = "at"
    drops: bool = False
    untold: tuple[str, ...] = ()


SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        one.table: one
        for one in (
            Source(
                table=MESSAGES,
                drops=True,  # by whole parts, where it has any (docs/scaling.md)
                facts=(
                    "at",
                    "direction",
                    "peer",
                    "action",
                    "transaction_id",
                    "message_id",
                    "body_digest",
                    "answer_digest",
                    "http_status",
                    "outcome",
                    "reason",
                    "signature",
                    "order_ref",
                ),
            ),
            Source(
                table="order_events",
                facts=("ref", "at", "fulfillment_id", "event", "actor", "source", "target"),
                words=("detail",),
            ),
            Source(
                table="project_events",
                facts=("project_id", "at", "event", "side", "source", "target"),
                words=("detail",),
            ),
            Source(
                table="party_events",
                facts=("subject", "subject_id", "at", "event", "actor", "source", "target", "detail"),
                words=("reason",),
            ),
            Source(table="review_events", facts=("ref", "at", "action", "by"), words=("detail",)),
            Source(table="full_reads", facts=("at", "who", "role", "kind", "subject"), drops=True),
            Source(table="sign_in_events", facts=("at", "person_id", "event", "by", "detail"), drops=True),
            # A posting is sealed together with its lines; what numbers postings stands beside them.
            Source(table=LEDGER, facts=("id", "at", "ref", "part", "memo", "reverses"), number="number"),
            Source(
                table="rates",
                facts=("name", "valid_from", "value", "base", "scope", "note", "added_at", "added_by"),
                moment="added_at",
            ),
            # The salt goes when the words go that it hides; what it opens is checked with it.
            Source(table=CHANGES, facts=("at", "kind", "source", "first", "last", "left"), untold=("salt",)),
        )
    }
)
"""By table. The order is the one in which they are sealed: what says of changes comes last."""
LINE_FACTS = ("number", "party", "party_id", "purpose", "paise")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A row as it is sealed: its number, its moment, and the canonical bytes of its facts and of its words."""

    number: int
    at: datetime
    facts: bytes
    words: bytes = b""


def canonical(values: Sequence[Any]) -> bytes:
    """The bytes of a row that are sealed: a JSON list without spaces; moments are microseconds since 1970.

    A list names neither columns nor types: those of a source never change.
    """
    return orjson.dumps(values)

"""What a rate list would do, row by row, and what of it is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from catalog.model import Offering
from catalog.ratelist.texts import Language

Outcome = Literal["new", "changed", "unchanged", "not_served", "refused", "held_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a row is refused: its number, the column as it is headed in the sheet, the kind, and the text for people.

    ``field`` is the column's name inside, ``candidates`` are ids that may have been meant.
    """

    row: int
    column: str
    field: str
    kind: str
    text: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A field that gets another value, both as text."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What becomes of a row. ``assumed`` are values that the list does not give, by the headings they would have."""

    number: int
    outcome: Outcome
    text: str
    offering_id: str = ""
    sub_service_id: str = ""
    name: str = ""
    domain: str = ""
    category: str = ""
    changes: tuple[Change, ...] = ()
    assumed: Mapping[str, str]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A list that was checked: what comes of each row, and the offerings that would be stored.

    ``absent`` are the provider's active offerings that no row speaks of. ``unused`` are headings
    that mean nothing here.
    """

    language: Language
    rows: tuple[RowResult, ...]
    offerings: tuple[Offering, ...]
    absent: tuple[Offering, ...]
    unused: tuple[str, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong, in the order of the rows."""
        return tuple(fault for row in self.rows for fault in row.faults)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows came to each outcome."""
        return Counter(row.outcome for row in self.rows)


def to_store(checked: Checked, *, skip_faulty: bool, replace_all: bool) -> tuple[Offering, ...]:
    """The offerings that an import stores: none where a row is refused, unless the rest is asked for.

    ``replace_all`` makes those that the list leaves out inactive, but only where every row is sound: a row that cannot
    be read may be the one that speaks of them.
    """
    if checked.faults and not skip_faulty:
        return ()
    left_out = checked.absent if replace_all and not checked.faults else ()
    return (*checked.offerings, *(replace(one, active=False) for one in left_out))

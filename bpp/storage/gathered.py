"""Changes whose effect nobody asks for: they wait until their group ends, and each kind is then made in one go.

The theory. On PostgreSQL what costs is the way to the server and back, and on SQLite the way through Python to a
statement that is cold: both are gone once for each kind of change instead of once for each message. Whoever reads, or
changes at once, what a waiting change may concern has it made first, so nobody can tell that it waited. One that fails
at the end fails the group, whose units are then run one by one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bpp.storage.connection import NO_VALUES, DatabaseProblem
from bpp.storage.statement import Compiled, DatabaseName, Statement

ANYTHING = object()
Many = tuple[Compiled, Sequence[tuple[Any, ...]]]
"""One statement with the arguments of each time that it is to be run."""


class Changes:
    """Changes in the order in which their kinds came up, and what they are about."""

    def __init__(self) -> None:
        """None waits."""
        self._kinds: dict[Compiled, list[tuple[Any, ...]]] = {}
        self._about: dict[str, set[object]] = defaultdict(set)

    def add(self, one: Compiled, values: Mapping[str, Any], about: object) -> None:
        """Let a change wait. Raises what is wrong with its values."""
        self._kinds.setdefault(one, []).append(one.arguments(values))
        for table in one.tables:
            self._about[table].add(about)

    def take_in(self, other: Changes) -> None:
        """Let another's changes wait behind these."""
        for one, rows in other._kinds.items():
            self._kinds.setdefault(one, []).extend(rows)
        for table, about in other._about.items():
            self._about[table] |= about

    def concern(self, tables: frozenset[str] | None, about: object) -> bool:
        """Whether a statement on some tables, None for any, may see or change what a change is about."""
        if not self._kinds:
            return False
        if tables is None:
            return True
        return any(
            about is ANYTHING or about in known or None in known
            for table in tables
            if (known := self._about.get(table)) is not None
        )

    def __iter__(self) -> Iterator[Many]:
        """Each kind with all of its changes."""
        return iter(self._kinds.items())


class Gathering(ABC):
    """What the session of a writer does with changes that wait: see ``bpp.storage.connection.Session``."""

    database: DatabaseName

    def __init__(self) -> None:
        """Nothing was changed yet."""
        self._changed = False
        self._own = Changes()
        self._waiting = Changes()

    def enter(self) -> None:
        """See ``Session``."""
        self._changed = False
        self._own = Changes()

    async def later(self, statement: Statement, values: Mapping[str, Any] = NO_VALUES, *, about: object = None) -> None:
        """See ``Connection``."""
        self._own.add(statement.on(self.database), values, about)

    def keep(self) -> None:
        """See ``Session``."""
        self._waiting.take_in(self._own)
        self._own = Changes()

    def drop(self, problem: BaseException) -> bool:
        """See ``Session``. After a refusal of the database others' changes may not have been made."""
        self._own = Changes()
        return not self._changed and not isinstance(problem, DatabaseProblem)

    async def flush(self) -> None:
        """See ``Session``."""
        waiting, self._waiting = self._waiting, Changes()
        await self._make(waiting)

    def forget(self) -> None:
        """Nothing waits any more: the transaction is taken back."""
        self._own, self._waiting = Changes(), Changes()

    async def _before(self, tables: frozenset[str] | None, about: object, *, writes: bool) -> None:
        """Have made what a statement may concern, before it is run."""
        if self._waiting.concern(tables, about):
            await self.flush()
        if self._own.concern(tables, about):
            self._changed = True
            own, self._own = self._own, Changes()
            await self._make(own)
        self._changed = self._changed or writes

    @abstractmethod
    async def _make(self, changes: Changes) -> None:
        """Make changes, kind by kind. Raises DatabaseProblem."""

"""SQL that is written once with SQLAlchemy Core, compiled once for each database, and then run by the driver alone.

The theory. To make a statement out of Python objects, to look up its compiled form and to wrap what comes back costs
several times what the database does for a row found by its key. On the path of a message that was most of its time
(docs/benchmark.md). So what every message needs is a ``Statement``: its text is known before the first message
comes, and running it is handing a tuple to the driver. Everything else goes through SQLAlchemy as before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Literal

import orjson
from sqlalchemy import ColumnElement, Dialect, Table, TableValuedAlias, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql import visitors
from sqlalchemy.sql.base import Executable
from sqlalchemy.types import Text, TypeDecorator

from bpp.storage.types import UtcMicros

DatabaseName = Literal["sqlite", "postgresql"]
Row = tuple[Any, ...]
Processor = Callable[[Any], Any]

DIALECTS: Mapping[DatabaseName, Dialect] = {
    "sqlite": SQLiteDialect_pysqlite(),
    "postgresql": PGDialect_asyncpg(),  # type: ignore[no-untyped-call]
}


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A statement for one database: text, how its arguments and its rows are turned, and which tables it touches."""

    sql: str
    writes: bool
    tables: frozenset[str]
    _pick: Callable[[Mapping[str, Any]], Sequence[Any]]
    _turns: tuple[tuple[int, Processor], ...]
    _constants: Mapping[str, Any]
    _columns: tuple[tuple[int, Processor], ...]

    def arguments(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The driver's arguments, in order. Raises KeyError for a value that is missing."""
        given = [*self._pick({**values, **self._constants})]
        for index, turn in self._turns:
            given[index] = turn(given[index])
        return tuple(given)

    def rows(self, found: Sequence[Any]) -> Sequence[Row]:
        """The driver's rows as ours."""
        if not self._columns:
            return found
        turned = []
        for row in found:
            values = list(row)
            for index, turn in self._columns:
                values[index] = turn(values[index])
            turned.append(tuple(values))
        return turned


class Statement:
    """See the module. ``build`` makes the statement for a database; its values are ``bindparam``s by name."""

    def __init__(self, build: Callable[[DatabaseName], Executable]) -> None:
        """Nothing is compiled yet: a program that never runs it does not wait for it."""
        self._build = build
        self._compiled: dict[DatabaseName, Compiled] = {}

    def on(self, database: DatabaseName) -> Compiled:
        """The statement as that database's driver takes it."""
        found = self._compiled.get(database)
        if found is None:
            found = self._compiled[database] = _compile(self._build(database), DIALECTS[database])
        return found


def among(column: ColumnElement[Any], name: str, database: DatabaseName) -> ColumnElement[bool]:
    """Whether a column's value is in the list bound by ``name``; the statement's text is the same for any length."""
    if database == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(column.type)))
    return column.in_(select(each_of(column, name, database).c.value))


def each_of(column: ColumnElement[Any], name: str, database: DatabaseName) -> TableValuedAlias:
    """The list bound by ``name`` as a table with one column, ``value``, of the type of ``column``."""
    if database == "postgresql":
        return func.unnest(bindparam(name, type_=ARRAY(column.type))).table_valued("value").render_derived()
    return func.json_each(bindparam(name, type_=_JsonList(column.type))).table_valued("value")


class _JsonList(TypeDecorator[Sequence[Any]]):
    """A list as JSON text, which SQLite unfolds with json_each; moments as the numbers that their columns hold."""

    impl = Text
    cache_ok = True

    def __init__(self, of: Any) -> None:
        super().__init__()
        self._moments = isinstance(of, UtcMicros)
        self._of = UtcMicros()

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> str:
        values: Sequence[Any] = value or ()
        if self._moments:
            values = [self._of.process_bind_param(one, dialect) if isinstance(one, datetime) else one for one in values]
        return orjson.dumps(list(values)).decode()


def _compile(statement: Any, dialect: Dialect) -> Compiled:
    compiled = statement.compile(dialect=dialect)
    names: Sequence[str] = compiled.positiontup or ()
    given = {name for name, bind in compiled.binds.items() if bind.required}
    constants = {
        name: _turned(bind.type, dialect, bind.effective_value)
        for name, bind in compiled.binds.items()
        if name not in given
    }
    columns = statement.exported_columns if not statement.is_dml or statement._returning else ()  # noqa: SLF001
    return Compiled(
        sql=str(compiled),
        writes=bool(statement.is_dml),
        tables=frozenset(one.name for one in visitors.iterate(statement) if isinstance(one, Table)),
        _pick=_picking(names),
        _turns=tuple(
            (index, turn)
            for index, name in enumerate(names)
            if name in given and (turn := _binding(compiled.binds[name].type, dialect)) is not None
        ),
        _constants=constants,
        _columns=tuple(
            (index, turn)
            for index, column in enumerate(columns)
            if (turn := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ),
    )


def _picking(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    """What takes the values of some names out of a mapping, in order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]


def _binding(kind: Any, dialect: Dialect) -> Processor | None:
    turn: Processor | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return turn


def _turned(kind: Any, dialect: Dialect, value: Any) -> Any:
    turn = _binding(kind, dialect)
    return value if turn is None else turn(value)

"""The audit chain on a database: the rows that are sealed, the seals, and whoever may add the next one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Select, Table, and_, func, or_, select, type_coerce, update

from bpp.audit.chain import NO_SALT, Head, Seal, Sealed, without_salts
from bpp.audit.check import Dropped, Fault, KeptBody, Lawful, Left
from bpp.audit.sources import LEDGER, LINE_FACTS, LINES, SOURCES, Record, Source, canonical
from bpp.storage.connection import Connection
from bpp.storage.dialects import insert
from bpp.storage.horizon import horizon
from bpp.storage.messages import body_digest
from bpp.storage.ports_horizon import Horizon
from bpp.storage.ports_sealing import Standing
from bpp.storage.tables import message_bodies, message_log, metadata
from bpp.storage.tables_ledger import ledger_lines, ledger_postings
from bpp.storage.tables_sealing import audit_changes, audit_lease, audit_seals, ledger_numbers
from bpp.storage.types import UtcMicros, moment

SEALER = "sealer"
_BEYOND_ALL = 1 << 62
_SEAL = tuple(one.name for one in fields(Seal))


class SqlSeals:
    """See ``bpp.storage.ports_sealing.Seals``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def lease(self, holder: str, now: datetime, length: timedelta) -> bool:
        """Become, or stay, the one who seals; False while somebody else is."""
        values = {"holder": holder, "until": now + length}
        statement = insert(self._connection, audit_lease).values(name=SEALER, **values)
        free = or_(audit_lease.c.until <= now, audit_lease.c.holder == holder)
        taken = statement.on_conflict_do_update(index_elements=["name"], set_=values, where=free)
        return (await self._connection.execute(taken)).rowcount == 1

    async def done(self, holder: str, at: datetime) -> None:
        """Note that all that was final at a moment is sealed."""
        mine = and_(audit_lease.c.name == SEALER, audit_lease.c.holder == holder)
        await self._connection.execute(update(audit_lease).where(mine).values(sealed_at=at))

    async def standing(self) -> Standing:
        """Up to when everything is sealed, and the newest seal."""
        sealed_at = (await self._connection.execute(select(audit_lease.c.sealed_at))).scalar()
        newest = select(audit_seals.c.number, audit_seals.c.hash).order_by(audit_seals.c.number.desc()).limit(1)
        row = (await self._connection.execute(newest)).first()
        return Standing(sealed_at=sealed_at, head=Head(row.number, row.hash) if row else None)

    async def horizon(self, source: str, before: Horizon) -> Horizon:
        """Up to which number the rows of a source are final; see ``bpp.storage.horizon``."""
        return await horizon(self._connection, _number(SOURCES[source]), before)

    async def sealed(self) -> Mapping[str, int]:
        """Up to which number each source is sealed."""
        query = select(audit_seals.c.source, func.max(audit_seals.c.last)).group_by(audit_seals.c.source)
        return {row[0]: row[1] for row in await self._connection.execute(query)}

    async def span(self, source: str, first: int, last: int, most: int) -> int:
        """The last number of ``most`` rows at most of those from ``first`` to ``last``."""
        number = _number(SOURCES[source])
        query = select(number).where(number.between(first, last)).order_by(number).offset(most - 1).limit(1)
        found: int | None = (await self._connection.execute(query)).scalar()
        return last if found is None else found

    async def records(self, source: str, first: int, last: int) -> Sequence[Record]:
        """The rows of a source with numbers from ``first`` to ``last``, in order."""
        of = SOURCES[source]
        if source == LEDGER:
            return await self._postings(of, first, last)
        table = metadata.tables[of.table]
        number = _number(of)
        columns = (number, *(_plain(table.c[name]) for name in (of.moment, *of.facts, *of.words)))
        rows = await self._connection.execute(select(*columns).where(number.between(first, last)).order_by(number))
        facts = len(of.facts) + 2
        return [
            Record(
                number=row[0],
                at=moment(row[1]),
                facts=canonical(list(row[2:facts])),
                words=canonical(list(row[facts:])) if of.words else b"",
            )
            for row in rows
        ]

    async def _postings(self, of: Source, first: int, last: int) -> Sequence[Record]:
        """A posting that has a number and is gone has no facts but that: its seal says that it was there."""
        number = ledger_numbers.c.number
        columns = (number, *(_plain(ledger_postings.c[name]) for name in (of.moment, *of.facts)))
        numbered = select(*columns).join(ledger_postings, ledger_postings.c.id == ledger_numbers.c.posting_id)
        rows = (await self._connection.execute(numbered.where(number.between(first, last)).order_by(number))).all()
        columns = (number, *(ledger_lines.c[name] for name in LINE_FACTS))
        of_them = select(*columns).join(ledger_numbers, ledger_numbers.c.posting_id == ledger_lines.c.posting_id)
        of_them = of_them.where(number.between(first, last)).order_by(number, ledger_lines.c.number)
        lines: dict[int, list[list[Any]]] = defaultdict(list)
        for row in await self._connection.execute(of_them):
            lines[row[0]].append(list(row[1:]))
        return [Record(number=row[0], at=moment(row[1]), facts=canonical([*row[2:], lines[row[0]]])) for row in rows]

    async def append(self, one: Sealed) -> bool:
        """Add the next seal; False where another has its number already."""
        values = {**asdict(one.seal), "entries": one.entries, "salts": one.salts}
        statement = insert(self._connection, audit_seals).values(values).on_conflict_do_nothing()
        return (await self._connection.execute(statement)).rowcount == 1

    async def salts_gone(self, first: int, last: int) -> None:
        """Throw away the salts of words that were taken out, as far as the changes ``first`` to ``last`` say."""
        changes = audit_changes.c
        query = select(changes.seq, changes.source, changes.first).where(
            changes.seq.between(first, last), changes.kind == "words"
        )
        taken: dict[str, dict[int, int]] = defaultdict(dict)
        for row in await self._connection.execute(query.order_by(changes.seq)):
            taken[row.source][row.first] = row.seq
        for source, newest in taken.items():
            for number, seq in newest.items():
                overtaken = (changes.source == source, changes.first == number, changes.kind == "words")
                before = update(audit_changes).where(*overtaken, changes.seq < seq, changes.salt != "")
                await self._connection.execute(before.values(salt=""))
            for one in await self._seals(_covering(source, min(newest), max(newest))):
                if (salts := without_salts(one, frozenset(newest))) != one.salts:
                    mine = audit_seals.c.number == one.seal.number
                    await self._connection.execute(update(audit_seals).where(mine).values(salts=salts))

    async def chain(self, after: int, most: int) -> Sequence[Sealed]:
        """The seals after a number, in order; so many at most."""
        query = select(audit_seals).where(audit_seals.c.number > after)
        return await self._seals(query.order_by(audit_seals.c.number).limit(most))

    async def lawful(self, source: str, first: int, last: int) -> Lawful:
        """What was changed of the rows of a range since they were made."""
        changes = audit_changes.c
        query = select(audit_changes).where(changes.source == source, changes.first <= last, changes.last >= first)
        left: dict[int, Left] = {}
        dropped: list[Dropped] = []
        emptied: set[int] = set()
        for row in await self._connection.execute(query.order_by(changes.seq)):
            if row.kind == "words":
                left[row.first] = Left(_bytes(row.left), _bytes(row.salt))
            elif row.kind == "rows":
                dropped.append(Dropped(row.first, row.last, row.at))
            else:
                emptied.update(range(max(row.first, first), min(row.last, last) + 1))
        return Lawful(left=left, dropped=dropped, emptied=frozenset(emptied))

    async def bodies(self, first: int, last: int) -> Sequence[KeptBody]:
        """The bodies of the messages of a range, each once, with the digest of what is there; one at a time in memory.

        Of an answer or a message in the log whose body nobody kept, as a stranger's, there is nothing here.
        """
        log, kept = message_log.c, message_bodies.c
        named = kept.digest.in_([log.body_digest, log.answer_digest])
        query = select(log.seq, log.at, kept.digest, kept.body, kept.erased_at, kept.masked_at)
        query = query.join_from(message_log, message_bodies, named).where(log.seq.between(first, last))
        found: dict[str, KeptBody] = {}
        async for row in self._connection.stream(query.order_by(log.seq.desc())):
            found[row.digest] = KeptBody(  # of several that said the same the first decides how old it is
                number=row.seq,
                at=row.at,
                digest=row.digest,
                actual=None if row.body is None else body_digest(row.body),
                changed_at=row.masked_at or row.erased_at,
            )
        return list(found.values())

    async def bounds(self, source: str, since: datetime, until: datetime) -> tuple[int, int]:
        """Between which numbers the rows of a source of [since, until) lie, others among them: as the seals have it.

        What is not sealed yet may be of any time, and is among them.
        """
        seals = audit_seals.c
        mine = select(func.min(seals.first), func.max(seals.last)).where(seals.source == source)
        begins = (await self._connection.execute(mine.where(seals.newest >= since))).one()[0]
        later = (await self._connection.execute(mine.where(seals.oldest >= until))).one()[0]
        sealed = (await self._connection.execute(mine)).one()[1]
        return begins or (sealed or 0) + 1, (later or _BEYOND_ALL) - 1

    async def rows(
        self, source: str, columns: Sequence[str], first: int, last: int, most: int
    ) -> Sequence[Mapping[str, Any]]:
        """Some columns of the rows of a source, with their numbers as ``seq``, in order."""
        table, number = metadata.tables[source], _number(SOURCES[source])
        query = select(number, *(table.c[name] for name in columns)).where(number.between(first, last))
        rows = await self._connection.execute(query.order_by(number).limit(most))
        return [dict(zip(("seq", *columns), row, strict=True)) for row in rows]

    async def strangers(self) -> Sequence[Fault]:
        """A posting, and a line of one, that nobody numbered: there is none but by hand."""
        numbered = select(ledger_numbers.c.number)
        found = []
        for table, key in ((LEDGER, ledger_postings.c.id), (LINES, ledger_lines.c.posting_id)):
            without = select(key).where(~numbered.where(ledger_numbers.c.posting_id == key).exists()).limit(1)
            if stranger := (await self._connection.execute(without)).scalar():
                found.append(Fault(table, 0, f"{stranger!r} was added beside the books: it was given no number"))
        return found

    async def _seals(self, query: Select[Any]) -> list[Sealed]:
        return [
            Sealed(
                seal=Seal(**{name: getattr(row, name) for name in _SEAL}),
                entries=bytes(row.entries),
                salts=bytes(row.salts),
            )
            for row in await self._connection.execute(query)
        ]


def _covering(source: str, first: int, last: int) -> Select[Any]:
    seals = audit_seals.c
    return select(audit_seals).where(seals.source == source, seals.last >= first, seals.first <= last)


def _number(source: Source) -> Column[Any]:
    table: Table = ledger_numbers if source.table == LEDGER else metadata.tables[source.table]
    return table.c[source.number]


def _plain(column: Column[Any]) -> ColumnElement[Any]:
    """A column as it is stored: moments as whole microseconds."""
    return type_coerce(column, BigInteger) if isinstance(column.type, UtcMicros) else column


def _bytes(text: str) -> bytes:
    """What is written in hexadecimal; nothing that could hold where somebody has put something else there."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return NO_SALT

"""What was told to network observability, on a database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, cast, delete, func, or_, select, type_coerce, update

from bpp.storage.connection import Connection
from bpp.storage.dialects import insert
from bpp.storage.figures import DAY, KOLKATA, MICROSECOND
from bpp.storage.horizon import horizon
from bpp.storage.messages import Bodies
from bpp.storage.ports_horizon import Horizon
from bpp.storage.ports_observability import Cursor, DayTold, DayWaiting, Exchange, Progress, Refusal
from bpp.storage.tables import message_log
from bpp.storage.tables_observability import observability_cursor, observability_days, observability_refusals

READER = "observability"
"""The name of the one cursor there is."""
FIRST_DAY = date(1970, 1, 1)
_cursor, _days, _refusals, _log = (
    observability_cursor.c,
    observability_days.c,
    observability_refusals.c,
    message_log.c,
)
_OURS = _cursor.reader == READER


class SqlObservability:
    """See ``bpp.storage.ports_observability.Observability``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def begin(self, since: datetime) -> None:
        """Have a cursor, if there is none: before the first message ``since`` a moment."""
        if await self.cursor() is not None:
            return
        before = select(_log.seq).where(_log.at < since).order_by(_log.seq.desc()).limit(1)
        seq = (await self._connection.execute(before)).scalar() or 0
        made = insert(self._connection, observability_cursor).values(
            reader=READER, seq=seq, holder="", failures=0, reason=""
        )
        await self._connection.execute(made.on_conflict_do_nothing())

    async def cursor(self) -> Cursor | None:
        """The cursor, whoever holds it; None before the first has begun."""
        row = (await self._connection.execute(select(observability_cursor).where(_OURS))).first()
        return None if row is None else _cursor_of(row)

    async def take(self, holder: str, now: datetime, until: datetime) -> Cursor | None:
        """Lease the cursor: None where somebody else has it, or where it is too early after a failure."""
        free = or_(_cursor.holder == holder, _cursor.leased_until.is_(None), _cursor.leased_until <= now)
        ripe = or_(_cursor.not_before.is_(None), _cursor.not_before <= now)
        taken = update(observability_cursor).where(_OURS, free, ripe).values(holder=holder, leased_until=until)
        row = (await self._connection.execute(taken.returning(*_cursor))).first()
        return None if row is None else _cursor_of(row)

    async def let_go(self, holder: str) -> None:
        """End one's own lease, so that another need not wait for its end."""
        ended = update(observability_cursor).where(_OURS, _cursor.holder == holder)
        await self._connection.execute(ended.values(holder="", leased_until=None))

    async def horizon(self, before: Horizon) -> Horizon:
        """Up to which row the log is final (``bpp.storage.horizon``)."""
        return await horizon(self._connection, _log.seq, before)

    async def after(self, seq: int, final: int, limit: int, actions: Collection[str]) -> Sequence[Exchange]:
        """The first rows of some actions after ``seq`` and up to ``final``, in order."""
        query = _rows().where(_log.seq > seq, _log.seq <= final, _log.action.in_(actions))
        return await self._exchanges(query.limit(limit))

    async def exchanges(self, seqs: Collection[int]) -> Sequence[Exchange]:
        """Rows by their numbers, in order."""
        return await self._exchanges(_rows().where(_log.seq.in_(seqs)))

    async def advance(self, holder: str, progress: Progress, until: datetime, now: datetime) -> bool:
        """Move the cursor with everything that counts of it, and hold on to it; False where it is not one's own now."""
        moved = (
            update(observability_cursor)
            .where(_OURS, _cursor.holder == holder, _cursor.seq == progress.before)
            .values(seq=progress.after, leased_until=until, moved_at=now, failures=0, not_before=None, reason="")
        )
        if (await self._connection.execute(moved)).rowcount == 0:
            return False
        for seq, part in progress.settled:
            gone = delete(observability_refusals).where(_refusals.seq == seq, _refusals.part == part)
            await self._connection.execute(gone)
        for one in progress.refused:
            kept = insert(self._connection, observability_refusals).values(**asdict(one))
            await self._connection.execute(kept.on_conflict_do_nothing())
        await self._count(progress)
        return True

    async def _count(self, progress: Progress) -> None:
        by_day: dict[date, dict[str, int]] = {}
        for (day, told), count in progress.counts.items():
            by_day.setdefault(day, dict.fromkeys(("pushed", "warned", "refused"), 0))[told] += count
        for day, counts in by_day.items():
            made = insert(self._connection, observability_days).values(day=day.isoformat(), **counts)
            more = {name: _days[name] + count for name, count in counts.items()}
            await self._connection.execute(made.on_conflict_do_update(index_elements=["day"], set_=more))

    async def put_off(self, holder: str, failures: int, not_before: datetime, reason: str) -> bool:
        """After a failure: nothing before a moment, by whoever. False where the cursor is not one's own now."""
        later = update(observability_cursor).where(_OURS, _cursor.holder == holder)
        values = {"failures": failures, "not_before": not_before, "reason": reason}
        return bool((await self._connection.execute(later.values(**values))).rowcount)

    async def days(self, first: date, last: date) -> Sequence[DayTold]:
        """The figures of some days, both included, in order; a day of which nothing was told is not there."""
        within = (_days.day >= first.isoformat(), _days.day <= last.isoformat())
        rows = await self._connection.execute(select(observability_days).where(*within).order_by(_days.day))
        return [
            DayTold(day=date.fromisoformat(row.day), pushed=row.pushed, warned=row.warned, refused=row.refused)
            for row in rows
        ]

    async def waiting(self, actions: Collection[str], most: int | None) -> Sequence[DayWaiting]:
        """What is yet to be told, by day; of the rows after the cursor the first ``most`` are looked at, or all."""
        begun = select(_cursor.seq).where(_OURS).scalar_subquery()
        first = select(_log.at, _log.action).where(_log.seq > begun).order_by(_log.seq).limit(most).subquery()
        micros = type_coerce(first.c.at, BigInteger)
        day = cast((micros + KOLKATA // MICROSECOND) // (DAY // MICROSECOND), BigInteger).label("day")
        query = select(day, func.count(), func.min(first.c.at)).where(first.c.action.in_(actions))
        rows = await self._connection.execute(query.group_by(day).order_by(day))
        return [DayWaiting(day=FIRST_DAY + timedelta(days=int(row[0])), messages=row[1], oldest=row[2]) for row in rows]

    async def refusals(
        self, first: date | None, last: date | None, limit: int, *, again: bool | None = None
    ) -> Sequence[Refusal]:
        """What the endpoint refused of some days' messages, in their order; ``again`` as somebody wished, or any."""
        query = select(observability_refusals).where(*_said_within(first, last))
        if again is not None:
            query = query.where(_refusals.again.is_(again))
        rows = await self._connection.execute(query.order_by(_refusals.seq, _refusals.part).limit(limit))
        return [Refusal(**row._mapping) for row in rows]  # noqa: SLF001  public API of Row

    async def again(self, first: date | None, last: date | None) -> int:
        """Have what was refused of some days' messages pushed once more, and all at once; how many were refused."""
        at_once = update(observability_cursor).where(_OURS).values(failures=0, not_before=None, reason="")
        await self._connection.execute(at_once)
        wanted = update(observability_refusals).where(*_said_within(first, last), _refusals.again.is_(False))
        return int((await self._connection.execute(wanted.values(again=True))).rowcount)

    async def drop(self, before: date) -> int:
        """Forget the figures and refusals of the days before one; how many rows."""
        days = await self._connection.execute(delete(observability_days).where(_days.day < before.isoformat()))
        old = delete(observability_refusals).where(_refusals.at < _begins(before))
        return int(days.rowcount) + int((await self._connection.execute(old)).rowcount)

    async def _exchanges(self, query: Select[*tuple[Any, ...]]) -> Sequence[Exchange]:
        rows = (await self._connection.execute(query.order_by(_log.seq))).all()
        bodies = await Bodies(self._connection).of({digest for row in rows for digest in row[-2:]})
        return [
            Exchange(
                seq=row.seq,
                at=row.at,
                action=row.action,
                transaction_id=row.transaction_id,
                http_status=row.http_status,
                outcome=row.outcome,
                body=bodies.get(row.body_digest, b""),
                answer=bodies.get(row.answer_digest, b""),
            )
            for row in rows
        ]


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        _log.seq,
        _log.at,
        _log.action,
        _log.transaction_id,
        _log.http_status,
        _log.outcome,
        _log.body_digest,
        _log.answer_digest,
    )


def _cursor_of(row: Row[*tuple[Any, ...]]) -> Cursor:
    return Cursor(**{name: value for name, value in row._mapping.items() if name != "reader"})  # noqa: SLF001  public API of Row


def _said_within(first: date | None, last: date | None) -> tuple[ColumnElement[bool], ...]:
    """Messages of some days in Asia/Kolkata, both included; None is any."""
    since = () if first is None else (_refusals.at >= _begins(first),)
    return since if last is None else (*since, _refusals.at < _begins(last + timedelta(days=1)))


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) - KOLKATA

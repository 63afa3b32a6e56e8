"""Settlements, filings and runs, on a database: documents with columns. Units that change them wait for one another."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, func, literal, or_, select, text, tuple_, union, update

from bpp.settlement.model import Filing, Kind, Settlement
from bpp.settlement.states import SettlementState
from bpp.settlement.terms import Run
from bpp.storage.connection import Connection
from bpp.storage.dialects import insert, transaction_lock
from bpp.storage.ports_settlements import Filed, SettlementFilter
from bpp.storage.tables import order_events
from bpp.storage.tables_ledger import ledger_postings
from bpp.storage.tables_settlements import OPEN, filings, settlement_runs, settlements
from bpp.storage.types import decode, encode


class SqlSettlements:
    """See ``bpp.storage.ports_settlements.Settlements``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def lock(self) -> None:
        """Wait until no other unit changes settlements, and let none until this one is committed."""
        await transaction_lock(self._connection, "settlements")

    async def get(self, settlement_id: str) -> Settlement | None:
        """The settlement of an id, or None."""
        return (await self.some([settlement_id])).get(settlement_id)

    async def some(self, ids: Collection[str]) -> Mapping[str, Settlement]:
        """Settlements by their id, as far as there are any."""
        return {one.id: one for one in await self._all(select(settlements.c.doc).where(settlements.c.id.in_(ids)))}

    async def of_order(self, ref: str) -> Sequence[Settlement]:
        """The settlements of an order, oldest first."""
        query = select(settlements.c.doc).where(settlements.c.order_ref == ref)
        return await self._all(query.order_by(settlements.c.number))

    async def of_filing(self, message_id: str) -> Sequence[Settlement]:
        """What was filed last by a settle."""
        query = select(settlements.c.doc).where(settlements.c.message_id == message_id)
        return await self._all(query.order_by(settlements.c.id))

    async def of_recon(self, bap_id: str, message_id: str) -> Sequence[Settlement]:
        """What a buyer app was asked about last by a recon of ours."""
        query = select(settlements.c.doc).where(
            settlements.c.recon_message_id == message_id, settlements.c.bap_id == bap_id
        )
        return await self._all(query.order_by(settlements.c.id))

    async def save(self, one: Settlement) -> None:
        """Store a settlement, new or changed."""
        fields = {
            "order_ref": one.ref,
            "number": one.number,
            "bap_id": one.bap_id,
            "state": one.state.value,
            "recon": one.recon.value,
            "message_id": one.message_id,
            "recon_message_id": one.recon_message_id,
            "ready_at": one.ready_at,
            "updated_at": one.updated_at,
            "doc": encode(one),
        }
        statement = insert(self._connection, settlements).values(id=one.id, **fields)
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=fields))

    async def to_file(self, now: datetime, after: str, limit: int) -> Sequence[Settlement]:
        """What is prepared and whose window is over, each counterparty's together, after the one of an id."""
        prepared = (settlements.c.state == SettlementState.PREPARED.value, settlements.c.ready_at <= now)
        return await self._page(select(settlements.c.doc).where(*prepared), after, limit)

    async def to_follow(self, after: str, limit: int) -> Sequence[Settlement]:
        """What is not over, each counterparty's together, after the one of an id."""
        return await self._page(select(settlements.c.doc), after, limit)

    async def _page(self, query: Select[Any], after: str, limit: int) -> Sequence[Settlement]:
        query = query.where(text(f"({OPEN})"))
        if after:
            bap_id = select(settlements.c.bap_id).where(settlements.c.id == after).scalar_subquery()
            query = query.where(tuple_(settlements.c.bap_id, settlements.c.id) > tuple_(bap_id, literal(after)))
        return await self._all(query.order_by(settlements.c.bap_id, settlements.c.id).limit(limit))

    async def find(self, which: SettlementFilter) -> Sequence[Settlement]:
        """Settlements that fit, in order."""
        equal: dict[Any, Any] = {
            settlements.c.state: which.state,
            settlements.c.recon: which.recon,
            settlements.c.bap_id: which.bap_id,
            settlements.c.order_ref: which.order_ref,
        }
        query = select(settlements.c.doc).where(
            *(column == str(value) for column, value in equal.items() if value is not None)
        )
        if which.open:
            query = query.where(text(f"({OPEN})"))
        if which.after is not None:
            at = select(settlements.c.ready_at).where(settlements.c.id == which.after).scalar_subquery()
            further = and_(settlements.c.ready_at == at, settlements.c.id > which.after)
            query = query.where(or_(settlements.c.ready_at < at, further))
        return await self._all(query.order_by(settlements.c.ready_at.desc(), settlements.c.id).limit(which.limit))

    async def counts(self) -> Mapping[tuple[str, str], int]:
        """How many there are of each state, with that of the reconciliation."""
        both = (settlements.c.state, settlements.c.recon)
        found = await self._connection.execute(select(*both, func.count()).group_by(*both))
        return {(row[0], row[1]): int(row[2]) for row in found}

    async def moved(self, run: Run, limit: int) -> Sequence[str]:
        """The refs of orders that moved since a run looks, in order, after the one at which it is."""
        posted = select(ledger_postings.c.ref).where(ledger_postings.c.at >= run.since)
        changed = select(order_events.c.ref).where(order_events.c.seq > run.after_event)
        both = union(posted, changed).subquery()
        query = select(both.c.ref).where(both.c.ref > run.after).order_by(both.c.ref).limit(limit)
        return list((await self._connection.execute(query)).scalars())

    async def newest_event(self) -> int:
        """The number of the newest event of an order."""
        return int((await self._connection.execute(select(func.max(order_events.c.seq)))).scalar() or 0)

    async def add_filing(self, filing: Filing, agency: str) -> None:
        """Keep a settle as it is filed."""
        await self._connection.execute(
            filings.insert().values(
                message_id=filing.message_id,
                transaction_id=filing.transaction_id,
                agency=agency,
                kind=filing.kind.value,
                at=filing.at,
                answer="",
                doc=encode(filing),
            )
        )

    async def save_filing(self, filed: Filed) -> None:
        """Store what was asked about it and what was answered."""
        fields = {"answered_at": filed.answered_at, "answer": filed.answer, "doc": encode(filed.filing)}
        which = filings.c.message_id == filed.filing.message_id
        await self._connection.execute(update(filings).where(which).values(**fields))

    async def filing(self, message_id: str) -> Filed | None:
        """A settle, by its message."""
        found = await self._filed(select(filings).where(filings.c.message_id == message_id))
        return found[0] if found else None

    async def filings_of(self, transaction_id: str, agency: str | None) -> Sequence[Filed]:
        """The settles of a transaction, oldest first; of one agency, or of whichever."""
        query = select(filings).where(filings.c.transaction_id == transaction_id)
        if agency is not None:
            query = query.where(filings.c.agency == agency)
        return await self._filed(query.order_by(filings.c.at, filings.c.message_id))

    async def unanswered(self, since: datetime) -> Sequence[Filed]:
        """The settles of no order that an agency has said nothing of, from a moment on, oldest first."""
        query = select(filings).where(
            filings.c.at >= since,
            filings.c.kind != Kind.NP_NP.value,
            filings.c.agency != "",
            filings.c.answered_at.is_(None),
        )
        return await self._filed(query.order_by(filings.c.at, filings.c.message_id))

    async def filed(self, first: datetime, last: datetime) -> Sequence[Filed]:
        """The settles of a period, oldest first."""
        query = select(filings).where(filings.c.at >= first, filings.c.at < last)
        return await self._filed(query.order_by(filings.c.at, filings.c.message_id))

    async def last_run(self) -> Run | None:
        """The newest run, if there was one."""
        newest = select(settlement_runs.c.doc).order_by(settlement_runs.c.began_at.desc()).limit(1)
        found = (await self._connection.execute(newest)).scalar()
        return None if found is None else decode(Run, found)

    async def save_run(self, run: Run) -> None:
        """Store a run, new or gone on."""
        fields = {"began_at": run.began_at, "doc": encode(run)}
        statement = insert(self._connection, settlement_runs).values(id=run.id, **fields)
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=fields))

    async def _all(self, query: Select[Any]) -> Sequence[Settlement]:
        return [decode(Settlement, found) for found in (await self._connection.execute(query)).scalars()]

    async def _filed(self, query: Select[Any]) -> list[Filed]:
        return [_filed_of(row) for row in await self._connection.execute(query)]


def _filed_of(row: Row[Any]) -> Filed:
    return Filed(filing=decode(Filing, row.doc), agency=row.agency, answered_at=row.answered_at, answer=row.answer)

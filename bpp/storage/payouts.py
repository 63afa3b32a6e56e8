"""Payout runs, receipts and settlements of the ledger, on a database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from bpp.ledger.booked import Booked
from bpp.ledger.model import Account, Party, Purpose
from bpp.ledger.payouts import PayoutLine, PayoutRun
from bpp.ledger.receipts import Receipt, ReceiptKind
from bpp.ledger.recon import StrayCredit
from bpp.storage import books
from bpp.storage.connection import Connection
from bpp.storage.dialects import transaction_lock
from bpp.storage.tables_payouts import payout_lines, payout_runs, receipts
from bpp.storage.types import decode, encode
from catalog.money import Money


class SqlPayouts:
    """See ``bpp.storage.ports_payouts.Payouts``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def lock(self, name: str) -> None:
        """Wait until no other unit has locked the name, and keep it until this one is committed."""
        await transaction_lock(self._connection, f"money\n{name}")

    async def run(self, run_id: str) -> PayoutRun | None:
        """A run with its lines, or None."""
        found = await self._runs(select(payout_runs).where(payout_runs.c.id == run_id))
        return found[0] if found else None

    async def runs(self, after: str | None, limit: int) -> Sequence[PayoutRun]:
        """Runs, newest first, after the one of the id ``after``."""
        query = select(payout_runs).order_by(payout_runs.c.at.desc(), payout_runs.c.id.desc()).limit(limit)
        if after is not None:
            last = select(payout_runs.c.at).where(payout_runs.c.id == after).scalar_subquery()
            query = query.where((payout_runs.c.at < last) | ((payout_runs.c.at == last) & (payout_runs.c.id < after)))
        return await self._runs(query)

    async def add_run(self, run: PayoutRun) -> None:
        """Keep a run with its lines; one of the same id a second time is an error of the database."""
        await self._connection.execute(
            payout_runs.insert().values(
                id=run.id,
                until=run.until,
                minimum_paise=run.minimum.paise,
                at=run.at,
                recorded_by=run.recorded_by,
            )
        )
        rows = [
            {
                "run_id": run.id,
                "party": line.party.value,
                "party_id": line.party_id,
                "paise": line.amount.paise,
                "state": line.state,
                "posting_id": line.posting_id,
                "reversal_id": line.reversal_id,
                "reason": line.reason,
            }
            for line in run.lines
        ]
        if rows:
            await self._connection.execute(payout_lines.insert(), rows)

    async def line_failed(self, run_id: str, party: Party, party_id: str, *, reversal_id: str, reason: str) -> None:
        """Note that the payment of a line did not arrive, and which posting took it back."""
        await self._connection.execute(
            update(payout_lines)
            .where(
                payout_lines.c.run_id == run_id,
                payout_lines.c.party == party.value,
                payout_lines.c.party_id == party_id,
            )
            .values(state="failed", reversal_id=reversal_id, reason=reason)
        )

    async def receipt(self, kind: ReceiptKind, payer: str, reference: str) -> Receipt | None:
        """What was recorded under a reference of a payer, or None."""
        query = select(receipts.c.doc).where(
            receipts.c.kind == kind.value, receipts.c.payer == payer, receipts.c.reference == reference
        )
        text = (await self._connection.execute(query)).scalar()
        return None if text is None else decode(Receipt, text)

    async def receipts(
        self, first: datetime, last: datetime, kind: ReceiptKind | None, after: str | None, limit: int
    ) -> Sequence[Receipt]:
        """Receipts from ``first`` on and before ``last``, newest first, after the one of the posting ``after``."""
        query = (
            select(receipts.c.doc)
            .where(receipts.c.at >= first, receipts.c.at < last)
            .order_by(receipts.c.at.desc(), receipts.c.posting_id.desc())
            .limit(limit)
        )
        if kind is not None:
            query = query.where(receipts.c.kind == kind.value)
        if after is not None:
            at = select(receipts.c.at).where(receipts.c.posting_id == after).scalar_subquery()
            query = query.where((receipts.c.at < at) | ((receipts.c.at == at) & (receipts.c.posting_id < after)))
        return [decode(Receipt, text) for text in (await self._connection.execute(query)).scalars()]

    async def receipts_of(self, kind: ReceiptKind, payer: str, since: datetime) -> Sequence[Receipt]:
        """Receipts of a payer from a moment on, oldest first."""
        query = (
            select(receipts.c.doc)
            .where(receipts.c.kind == kind.value, receipts.c.payer == payer, receipts.c.at >= since)
            .order_by(receipts.c.at, receipts.c.posting_id)
        )
        return [decode(Receipt, text) for text in (await self._connection.execute(query)).scalars()]

    async def add_receipt(self, receipt: Receipt) -> None:
        """Keep a receipt; its reference a second time is an error of the database."""
        await self._connection.execute(
            receipts.insert().values(
                kind=receipt.kind.value,
                payer=receipt.payer,
                reference=receipt.reference,
                at=receipt.at,
                posting_id=receipt.posting_id,
                recorded_by=receipt.recorded_by,
                doc=encode(receipt),
            )
        )

    async def unpaid_earnings(self, until: datetime | None = None) -> Mapping[Account, Money]:
        """See ``bpp.storage.books``; so the next five."""
        return await books.unpaid_earnings(self._connection, until)

    async def completed(self, first: datetime, last: datetime, *, to_date: bool = False) -> Sequence[Booked]:
        """Bookings completed in a period."""
        return await books.completed(self._connection, first, last, to_date=to_date)

    async def moved_later(
        self, first: datetime, last: datetime, purposes: Collection[Purpose]
    ) -> Mapping[Account, Money]:
        """What other bookings moved accounts by after a period."""
        return await books.moved_later(self._connection, first, last, purposes)

    async def moved(self, first: datetime, last: datetime) -> Sequence[Booked]:
        """Bookings for which anything was posted in a period."""
        return await books.moved(self._connection, first, last)

    async def stray_credits(self, first: datetime, last: datetime) -> Sequence[StrayCredit]:
        """Wallets' credits without a booking."""
        return await books.stray_credits(self._connection, first, last)

    async def topped_up(self, first: datetime, last: datetime) -> Money:
        """What providers paid in."""
        return await books.topped_up(self._connection, first, last)

    async def _runs(self, query: Any) -> list[PayoutRun]:
        rows = list(await self._connection.execute(query))
        lines: dict[str, list[PayoutLine]] = defaultdict(list)
        members = (
            select(payout_lines)
            .where(payout_lines.c.run_id.in_([row.id for row in rows]))
            .order_by(payout_lines.c.party, payout_lines.c.party_id)
        )
        for row in await self._connection.execute(members):
            lines[row.run_id].append(_line(row))
        return [
            PayoutRun(
                id=row.id,
                until=row.until,
                minimum=Money(row.minimum_paise),
                at=row.at,
                recorded_by=row.recorded_by,
                lines=tuple(lines[row.id]),
            )
            for row in rows
        ]


def _line(row: Row[Any]) -> PayoutLine:
    return PayoutLine(
        party=Party(row.party),
        party_id=row.party_id,
        amount=Money(row.paise),
        posting_id=row.posting_id,
        state=row.state,
        reversal_id=row.reversal_id,
        reason=row.reason,
    )

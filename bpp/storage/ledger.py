"""The ledger on a database: postings with their lines, added and read, never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func, or_, select

from bpp.ledger.booked import CHARGES
from bpp.ledger.model import Account, Line, Party, Posting, Purpose
from bpp.ledger.rates import DatedRate
from bpp.storage.connection import Connection
from bpp.storage.ports_ledger import AccountFilter
from bpp.storage.tables_ledger import ledger_lines, ledger_postings, rates
from catalog.money import Money


class SqlLedger:
    """See ``bpp.storage.ports_ledger.LedgerStore``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def post(self, posting: Posting) -> None:
        """Add a posting; one of the same id a second time is an error of the database, and the unit has no effect."""
        await self._connection.execute(
            ledger_postings.insert().values(
                id=posting.id,
                at=posting.at,
                ref=posting.ref,
                part=posting.part,
                memo=posting.memo,
                reverses=posting.reverses,
            )
        )
        lines = [
            {
                "posting_id": posting.id,
                "number": number,
                "party": line.account.party.value,
                "party_id": line.account.party_id,
                "purpose": line.account.purpose.value,
                "paise": line.amount.paise,
            }
            for number, line in enumerate(posting.lines)
        ]
        await self._connection.execute(ledger_lines.insert(), lines)

    async def of_order(self, ref: str) -> Sequence[Posting]:
        """The postings of an order, oldest first."""
        query = select(ledger_postings).where(ledger_postings.c.ref == ref)
        return await self._postings(list(await self._connection.execute(query)))

    async def balances(self, which: AccountFilter, until: datetime | None = None) -> Mapping[Account, Money]:
        """The balances of accounts, debit positive, at the end of the book or before a moment; none that is zero."""
        columns = (ledger_lines.c.party, ledger_lines.c.party_id, ledger_lines.c.purpose)
        total = func.sum(ledger_lines.c.paise)
        query = select(*columns, total).group_by(*columns).order_by(*columns)
        for name in ("party", "party_id", "purpose"):
            value = getattr(which, name)
            if value is not None:
                query = query.where(ledger_lines.c[name] == str(value))
        if until is not None:
            before = select(ledger_postings.c.id).where(ledger_postings.c.at < until)
            query = query.where(ledger_lines.c.posting_id.in_(before))
        found = await self._connection.execute(query)
        return {_account(row): Money(int(row[3])) for row in found if row[3]}

    async def statement(
        self, account: Account, *, first: datetime, last: datetime, limit: int
    ) -> Sequence[tuple[Posting, Money]]:
        """The postings that moved an account from ``first`` on and before ``last``, each with what it moved it by."""
        amount = func.sum(ledger_lines.c.paise).label("amount")
        query = (
            select(ledger_postings, amount)
            .join(ledger_lines, ledger_lines.c.posting_id == ledger_postings.c.id)
            .where(
                ledger_lines.c.party == account.party.value,
                ledger_lines.c.party_id == account.party_id,
                ledger_lines.c.purpose == account.purpose.value,
                ledger_postings.c.at >= first,
                ledger_postings.c.at < last,
            )
            .group_by(*ledger_postings.c)
            .order_by(ledger_postings.c.at, ledger_postings.c.id)
            .limit(limit)
        )
        rows = list(await self._connection.execute(query))
        postings = {one.id: one for one in await self._postings(rows)}
        return [(postings[row.id], Money(int(row.amount))) for row in rows]

    async def turnover(self, provider_id: str, since: datetime) -> Money:
        """What a provider's consumers were charged from a moment on: prices of work done and cancellation fees.

        Of project work that is what its accepted milestones come to.
        """
        theirs = select(ledger_lines.c.posting_id).where(
            ledger_lines.c.party == Party.PROVIDER.value,
            ledger_lines.c.party_id == provider_id,
            ledger_lines.c.purpose == Purpose.WALLET.value,
        )
        query = (
            select(func.sum(ledger_lines.c.paise))
            .join(ledger_postings, ledger_postings.c.id == ledger_lines.c.posting_id)
            .where(
                ledger_lines.c.posting_id.in_(theirs),
                ledger_lines.c.party == Party.CONSUMER.value,
                ledger_postings.c.at >= since,
                or_(*(ledger_postings.c.part.like(f"{one}%") for one in sorted(CHARGES))),
            )
        )
        return Money(int((await self._connection.execute(query)).scalar() or 0))

    async def rates(self) -> Sequence[DatedRate]:
        """The rates that were added, in the order in which they were."""
        return [
            DatedRate(
                name=row.name,
                valid_from=date.fromisoformat(row.valid_from),
                value=Decimal(row.value),
                base=row.base,
                scope=row.scope,
                note=row.note,
            )
            for row in await self._connection.execute(select(rates).order_by(rates.c.seq))
        ]

    async def add_rate(self, rate: DatedRate, at: datetime, by: str) -> None:
        """Add a rate; whoever does says so by ``Directory.rates_added``."""
        fields = {name: getattr(rate, name) for name in ("name", "base", "scope", "note")}
        added = {"valid_from": rate.valid_from.isoformat(), "value": str(rate.value), "added_at": at, "added_by": by}
        await self._connection.execute(rates.insert().values(**fields, **added))

    async def _postings(self, rows: Sequence[Row[Any]]) -> list[Posting]:
        lines: dict[str, list[Line]] = defaultdict(list)
        query = (
            select(ledger_lines)
            .where(ledger_lines.c.posting_id.in_([row.id for row in rows]))
            .order_by(ledger_lines.c.posting_id, ledger_lines.c.number)
        )
        for line in await self._connection.execute(query):
            lines[line.posting_id].append(Line(_account(line), Money(line.paise)))
        found = [
            Posting(
                id=row.id,
                at=row.at,
                ref=row.ref,
                part=row.part,
                memo=row.memo,
                lines=tuple(lines[row.id]),
                reverses=row.reverses,
            )
            for row in rows
        ]
        return sorted(found, key=lambda one: (one.at, one.id))


def _account(row: Any) -> Account:
    return Account(Party(row.party), row.party_id, Purpose(row.purpose))

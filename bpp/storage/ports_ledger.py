"""What the rest of the program knows of storing the ledger; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bpp.ledger.model import Account, Party, Posting, Purpose
from bpp.ledger.rates import DatedRate
from catalog.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Which accounts; None does not filter."""

    party: Party | None = None
    party_id: str | None = None
    purpose: Purpose | None = None


class LedgerStore(Protocol):
    """The books, and the rates that were added to those of the package: added to and read, never changed or removed."""

    async def post(self, posting: Posting) -> None: ...
    async def of_order(self, ref: str) -> Sequence[Posting]: ...
    async def balances(self, which: AccountFilter, until: datetime | None = None) -> Mapping[Account, Money]: ...
    async def statement(
        self, account: Account, *, first: datetime, last: datetime, limit: int
    ) -> Sequence[tuple[Posting, Money]]: ...
    async def turnover(self, provider_id: str, since: datetime) -> Money: ...
    async def rates(self) -> Sequence[DatedRate]: ...
    async def add_rate(self, rate: DatedRate, at: datetime, by: str) -> None: ...

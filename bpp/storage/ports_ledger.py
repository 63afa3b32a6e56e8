"""What the rest of the program knows of storing the ledger; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bpp.ledger.model import Account, Party, Posting, Purpose
from catalog.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Which accounts; None does not filter."""

    party: Party | None = None
    party_id: str | None = None
    purpose: Purpose | None = None


class LedgerStore(Protocol):
    """The books: postings are added and read, never changed or removed."""

    async def post(self, posting: Posting) -> None: ...
    async def of_order(self, ref: str) -> Sequence[Posting]: ...
    async def balances(self, which: AccountFilter, until: datetime | None = None) -> Mapping[Account, Money]: ...
    async def statement(
        self, account: Account, *, first: datetime, last: datetime, limit: int
    ) -> Sequence[tuple[Posting, Money]]: ...

"""What is known of looking for a person beside orders and projects; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from bpp.orders.model import Draft
from bpp.storage.ports_audit import FullRead


class Conversation(NamedTuple):
    """Messages that belong together: one transaction with one peer."""

    peer: str
    transaction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A message of a conversation, with its body as it is kept: empty where it is not any more."""

    at: datetime
    direction: str
    peer: str
    action: str
    transaction_id: str
    message_id: str
    body: bytes


class Principals(Protocol):
    """Where else a telephone number leads to, as ``bpp.orders.phones`` has it, and taking that away."""

    async def drafts(self, number: str) -> Sequence[Draft]: ...
    async def conversations(self, refs: Collection[str]) -> Sequence[Conversation]: ...
    async def of_others(self, which: Collection[Conversation], refs: Collection[str]) -> Sequence[Conversation]: ...
    async def messages(self, which: Collection[Conversation]) -> Sequence[Spoken]: ...
    async def reads(self, subjects: Collection[str]) -> Sequence[FullRead]: ...
    async def under_way(self, refs: Collection[str], which: Collection[Conversation]) -> Sequence[str]: ...
    async def drop_drafts(self, refs: Collection[str]) -> int: ...
    async def drop_answers(self, words: Collection[str]) -> int: ...
    async def erase_messages(self, which: Collection[Conversation], now: datetime) -> int: ...
    async def heard_of(self, number: str, after: int, most: int) -> tuple[Sequence[Conversation], int]: ...

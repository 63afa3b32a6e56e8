"""What the rest of the program knows of storing peers' dialects; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedTrait:
    """What a peer's messages showed last of one trait, and the message that showed it first.

    ``changes`` counts how often another value was shown after this or an earlier one.
    """

    peer: str
    trait: str
    value: str
    at: datetime
    action: str
    transaction_id: str
    changes: int = 0


class PeerTraits(Protocol):
    """What was learned of how peers spell: one value for each peer and trait, the newest."""

    async def of(self, peer: str) -> Mapping[str, str]: ...
    async def learn(self, one: LearnedTrait) -> None: ...
    async def all(self) -> Sequence[LearnedTrait]: ...

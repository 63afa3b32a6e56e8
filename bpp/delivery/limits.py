"""What a delivery loop is given: how much at once, and the keys that sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is under way at once, in all and for one peer; how long a lease and an idle wait last.

    A peer with ``per_peer`` under way gets nothing more, and so many are claimed at a time, so it never has twice as
    many. Peers that held us up last have ``at_once`` for themselves, and take none from the others: whatever waits for
    peers that hang, there is room.
    """

    at_once: int = 128
    per_peer: int = 16
    lease: timedelta = timedelta(seconds=60)
    idle: timedelta = timedelta(seconds=1)

    @property
    def margin(self) -> timedelta:
        """What must be left of a lease for a post to begin: as it ships, as long as a post may take."""
        return self.lease / 3


class Signer(Protocol):
    """Our keys of the moment: each attempt is signed anew, with the key that signs then."""

    def header_of(self, digest: str, now: datetime) -> str:
        """A fresh ``Authorization`` for the body of a digest."""
        ...

    def rotating(self, now: datetime) -> bool:
        """Whether peers may not know our key yet, or no longer, though it is a good one."""
        ...

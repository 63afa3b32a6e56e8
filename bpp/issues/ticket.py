"""A ticket: an issue as we keep it, under a number that can be said, with what people noted of it.

Whoever complains by telephone, at our window or by a buyer app has the same ticket; only the last is also a
conversation on the network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bpp.issues.model import Issue, Side
from bpp.orders.model import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody of ours noted for the others; never sent."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An issue with whose order it is. ``ref`` is its number; ``peer`` the buyer app, empty in channels of ours.

    ``remedied`` are the ids of the resolutions that were carried out: none is a second time. ``forgotten``: nothing
    personal is left of it (``bpp.issues.masking``), and nothing is done in it any more.
    """

    ref: str
    issue: Issue
    peer: str
    channel: Channel
    provider_id: str
    district: str = ""
    notes: tuple[Note, ...] = ()
    remedied: tuple[str, ...] = ()
    forgotten: bool = False
    version: int = 0

    @property
    def ours(self) -> bool:
        """Whether it is we who complain."""
        return self.issue.we is Side.COMPLAINANT

    def noted(self, at: datetime, by: str, text: str) -> Ticket:
        """The ticket with one more note."""
        return replace(self, notes=(*self.notes, Note(at=at, by=by, text=text)))

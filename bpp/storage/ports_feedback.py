"""What the rest of the program knows of storing ratings and feedback; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from bpp.orders.ratings import Review, Subject

ReviewAction = Literal["given", "changed", "set_aside", "restored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvent:
    """One step in a review's life; never changed. ``by`` names who, ``detail`` the values or the reason."""

    ref: str
    at: datetime
    action: ReviewAction
    by: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedReview:
    """A review in the list of a provider or worker: what it says of that one, and whether that counts now.

    One that is set aside, or of somebody who has said something newer, does not.
    """

    review: Review
    value: int
    counts: bool


class Feedback(Protocol):
    """What consumers said. Whoever changes it moves the version of the ratings (``Directory.rated``)."""

    async def get(self, ref: str) -> Review | None: ...
    async def keep(self, review: Review) -> None: ...
    async def record(self, event: ReviewEvent) -> None: ...
    async def forget(self, ref: str, now: datetime) -> None: ...
    async def events(self, ref: str) -> Sequence[ReviewEvent]: ...
    async def of_subject(
        self, subject: Subject, subject_id: str, after: str | None, limit: int
    ) -> Sequence[ListedReview]: ...

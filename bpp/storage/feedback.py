"""Ratings and feedback, on a database. The voices that count are made anew for whoever is concerned by a change."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Row, delete, func, literal, select, update

from bpp.orders.ratings import (
    AGENT,
    Pick,
    Rated,
    Review,
    Subject,
    for_provider,
    for_worker,
    forgotten_rater,
    voice,
)
from bpp.storage.changes import bare_details
from bpp.storage.connection import Connection
from bpp.storage.dialects import insert, transaction_lock
from bpp.storage.ports_feedback import ListedReview, ReviewEvent
from bpp.storage.tables import ratings
from bpp.storage.tables_feedback import feedback_texts, rating_voices, review_events, reviews
from catalog.parts import Rating
from catalog.snapshot import Ratings


class SqlFeedback:
    """See ``bpp.storage.ports_feedback.Feedback``."""

    def __init__(self, connection: Connection, *, locking: bool = True) -> None:
        """On the unit's connection; ``locking``: a review that is read stays as it is until the unit ends."""
        self._connection = connection
        self._locking = locking

    async def get(self, ref: str) -> Review | None:
        """The review of an order or project, locked, or None."""
        query = select(reviews).where(reviews.c.ref == ref)
        found = await self._reviews(query.with_for_update() if self._locking else query)
        return found[0] if found else None

    async def keep(self, review: Review) -> None:
        """Store a review in the place of the one before it; whose it is stays as it was first."""
        await transaction_lock(self._connection, f"rater\n{review.rater}")
        fields = {"rater_kind": review.rater_kind, "rated_at": review.rated_at, "aside": int(review.aside)}
        statement = insert(self._connection, reviews).values(
            ref=review.ref, of=review.of, provider_id=review.provider_id, rater=review.rater, **fields
        )
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["ref"], set_=fields))
        await self._connection.execute(delete(ratings).where(ratings.c.ref == review.ref))
        rows = [
            {
                "ref": review.ref,
                "category": one.category,
                "subject": one.subject,
                "value": one.value,
                "at": review.rated_at,
            }
            for one in review.values
        ]
        await self._connection.execute(ratings.insert(), rows)
        await self._connection.execute(delete(feedback_texts).where(feedback_texts.c.ref == review.ref))
        if review.text:
            await self._connection.execute(feedback_texts.insert().values(ref=review.ref, text=review.text))
        await self._recount(review)

    async def forget(self, ref: str, now: datetime) -> None:
        """Take out of a review who gave it and every word. What of it counts goes on counting; the rest goes.

        Whoever rates again later has another voice then: nobody knows any more that the first was the same person's.
        """
        review = await self.get(ref)
        if review is None:
            return
        await transaction_lock(self._connection, f"rater\n{review.rater}")
        heard = select(rating_voices.c.subject_id).where(rating_voices.c.ref == ref)
        of_worker = (ratings.c.category == AGENT) & ratings.c.subject.in_(
            heard.where(rating_voices.c.subject == "worker")
        )
        of_provider = (ratings.c.category != AGENT) & heard.where(rating_voices.c.subject == "provider").exists()
        await self._connection.execute(delete(ratings).where(ratings.c.ref == ref, ~(of_worker | of_provider)))
        await self._connection.execute(delete(feedback_texts).where(feedback_texts.c.ref == ref))
        for table in (reviews, rating_voices):
            changed = update(table).where(table.c.ref == ref)
            await self._connection.execute(changed.values(rater=forgotten_rater(ref)))
        left = select(ratings.c.ref).where(ratings.c.ref == ref).exists()
        await self._connection.execute(delete(reviews).where(reviews.c.ref == ref, ~left))
        said = await self._connection.execute(select(review_events).where(review_events.c.ref == ref))
        await bare_details(self._connection, review_events, said.all(), now)

    async def record(self, event: ReviewEvent) -> None:
        """Append to a review's life."""
        detail = json.dumps(event.detail, ensure_ascii=False)
        values = {"ref": event.ref, "at": event.at, "action": event.action, "by": event.by, "detail": detail}
        await self._connection.execute(review_events.insert().values(values))

    async def events(self, ref: str) -> Sequence[ReviewEvent]:
        """A review's life, in order."""
        query = select(review_events).where(review_events.c.ref == ref).order_by(review_events.c.seq)
        return [
            ReviewEvent(ref=row.ref, at=row.at, action=row.action, by=row.by, detail=json.loads(row.detail))
            for row in await self._connection.execute(query)
        ]

    async def of_subject(
        self, subject: Subject, subject_id: str, after: str | None, limit: int
    ) -> Sequence[ListedReview]:
        """The reviews that speak of a provider or worker, newest first; ``after`` is the ref of the last one seen."""
        pick = _pick(subject, subject_id)
        query = select(reviews).order_by(reviews.c.rated_at.desc(), reviews.c.ref.desc()).limit(limit)
        spoken_of = ratings.c.ref == reviews.c.ref
        if subject == "provider":
            query = query.where(reviews.c.provider_id == subject_id)
            spoken_of &= ratings.c.category != AGENT
        else:
            spoken_of &= (ratings.c.category == AGENT) & (ratings.c.subject == subject_id)
        query = query.where(select(ratings.c.ref).where(spoken_of).exists())
        if after is not None:
            last = select(reviews.c.rated_at).where(reviews.c.ref == after).scalar_subquery()
            query = query.where((reviews.c.rated_at < last) | ((reviews.c.rated_at == last) & (reviews.c.ref < after)))
        found = [(one, value) for one in await self._reviews(query) if (value := pick(one.values)) is not None]
        heard = select(rating_voices.c.ref).where(
            rating_voices.c.subject == subject, rating_voices.c.subject_id == subject_id
        )
        refs = [one.ref for one, _ in found]
        counting = set((await self._connection.execute(heard.where(rating_voices.c.ref.in_(refs)))).scalars())
        return [ListedReview(review=one, value=value, counts=one.ref in counting) for one, value in found]

    async def _recount(self, changed: Review) -> None:
        """The voices of a review's rater for its provider and for every worker it names."""
        of_rater = select(reviews).where(reviews.c.rater == changed.rater)
        said = await self._reviews(of_rater.where(reviews.c.provider_id == changed.provider_id))
        await self._hear("provider", changed.provider_id, changed.rater, said)
        for worker_id in sorted({one.subject for one in changed.values if one.category == AGENT}):
            naming = (ratings.c.ref == reviews.c.ref) & (ratings.c.category == AGENT) & (ratings.c.subject == worker_id)
            said = await self._reviews(of_rater.where(select(literal(1)).where(naming).exists()))
            await self._hear("worker", worker_id, changed.rater, said)

    async def _hear(self, subject: Subject, subject_id: str, rater: str, said: Iterable[Review]) -> None:
        key = {"subject": subject, "subject_id": subject_id, "rater": rater}
        mine = [rating_voices.c[name] == value for name, value in key.items()]
        await self._connection.execute(delete(rating_voices).where(*mine))
        if heard := voice(said, _pick(subject, subject_id)):
            ref, value = heard
            await self._connection.execute(rating_voices.insert().values(**key, ref=ref, value=value))

    async def _reviews(self, query: Any) -> list[Review]:
        rows: Sequence[Row[Any]] = (await self._connection.execute(query)).all()
        refs = [row.ref for row in rows]
        values: dict[str, list[Rated]] = defaultdict(list)
        of_them = select(ratings).where(ratings.c.ref.in_(refs)).order_by(ratings.c.category, ratings.c.subject)
        for row in await self._connection.execute(of_them):
            values[row.ref].append(Rated(category=row.category, subject=row.subject, value=row.value))
        of_texts = select(feedback_texts).where(feedback_texts.c.ref.in_(refs))
        texts = {row.ref: row.text for row in await self._connection.execute(of_texts)}
        return [
            Review(
                ref=row.ref,
                of=row.of,
                provider_id=row.provider_id,
                rater=row.rater,
                rater_kind=row.rater_kind,
                rated_at=row.rated_at,
                values=tuple(values[row.ref]),
                text=texts.get(row.ref, ""),
                aside=bool(row.aside),
            )
            for row in rows
        ]


async def ratings_now(connection: Connection) -> Ratings:
    """Sums and counts of the voices of providers and workers, in one query."""
    columns = (rating_voices.c.subject, rating_voices.c.subject_id)
    query = select(*columns, func.sum(rating_voices.c.value), func.count()).group_by(*columns)
    found: dict[str, dict[str, Rating]] = {name: {} for name in get_args(Subject)}
    for subject, subject_id, value, number in await connection.execute(query):
        found[subject][subject_id] = Rating(sum=int(value), count=number)
    return Ratings(providers=found["provider"], workers=found["worker"])


def _pick(subject: Subject, subject_id: str) -> Pick:
    return for_provider if subject == "provider" else for_worker(subject_id)

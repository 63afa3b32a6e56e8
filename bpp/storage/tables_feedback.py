"""The tables of feedback beside ``ratings``: reviews, their free texts, their life, and the voices that count."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from bpp.storage.tables import metadata
from bpp.storage.types import UtcMicros

_Serial = BigInteger().with_variant(Integer(), "sqlite")

reviews = Table(
    "reviews",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("of", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("rater", Text, nullable=False),
    Column("rater_kind", Text, nullable=False),
    Column("rated_at", UtcMicros, nullable=False),
    Column("aside", Integer, nullable=False),
    Index("ix_reviews_provider", "provider_id", "rated_at"),
    Index("ix_reviews_rater", "rater", "provider_id"),
)

feedback_texts = Table(  # beside the reviews, so that they can be erased without them
    "feedback_texts", metadata, Column("ref", Text, primary_key=True), Column("text", Text, nullable=False)
)

review_events = Table(
    "review_events",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("ref", Text, nullable=False),
    Column("at", UtcMicros, nullable=False),
    Column("action", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_review_events_ref", "ref", "seq"),
)

rating_voices = Table(  # derived: one row for each rater and whom he or she has rated
    "rating_voices",
    metadata,
    Column("subject", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("rater", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("value", Integer, nullable=False),
    PrimaryKeyConstraint("subject", "subject_id", "rater", name="pk_rating_voices"),
)

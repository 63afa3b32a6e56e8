"""The tables of providers and workers beside the catalog: applications, agreements, what happened, bank details."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from bpp.storage.tables import metadata
from bpp.storage.types import UtcMicros

_Serial = BigInteger().with_variant(Integer(), "sqlite")  # as in bpp.storage.tables

empanelments = Table(
    "empanelments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("requested_at", UtcMicros, nullable=False),
    Column("doc", Text, nullable=False),
    Index("ix_empanelments_state", "state", "id"),
)

agreements = Table(
    "agreements",
    metadata,
    Column("number", Text, primary_key=True),
    Column("provider_id", Text, nullable=False),
    Column("first", Text, nullable=False),
    Column("last", Text, nullable=False),
    Index("ix_agreements_provider", "provider_id", "first"),
)

party_events = Table(
    "party_events",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("subject", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("at", UtcMicros, nullable=False),
    Column("event", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_party_events_subject", "subject", "subject_id", "seq"),
)

bank_details = Table(
    "bank_details",
    metadata,
    Column("party", Text, nullable=False),
    Column("party_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", UtcMicros, nullable=False),
    PrimaryKeyConstraint("party", "party_id", name="pk_bank_details"),
    Index("ix_bank_details_key", "key_id"),
)

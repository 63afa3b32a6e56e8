"""The tables of the console's door: who signs in, open sessions, codes on their way, and what happened."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text

from bpp.storage.tables import metadata
from bpp.storage.types import UtcMicros

_Serial = BigInteger().with_variant(Integer(), "sqlite")  # as in bpp.storage.tables

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("login", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("worker_id", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("totp", LargeBinary),
    Column("totp_key", Text, nullable=False),
    Column("totp_step", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", UtcMicros),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", UtcMicros, nullable=False),
    Index("ux_people_login", "login", unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("created_at", UtcMicros, nullable=False),
    Column("seen_at", UtcMicros, nullable=False),
    Column("ends_at", UtcMicros, nullable=False),
    Index("ix_sessions_person", "person_id"),
    Index("ix_sessions_end", "ends_at"),
)

sign_in_codes = Table(
    "sign_in_codes",
    metadata,
    Column("phone", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("sent_at", UtcMicros, nullable=False),
    Column("valid_until", UtcMicros, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
)

sign_in_events = Table(
    "sign_in_events",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("at", UtcMicros, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_sign_in_events_person", "person_id", "seq"),
)

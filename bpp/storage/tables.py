"""The tables. Changes go into a new Alembic revision; a test compares these with the migrated database."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from bpp.storage.types import UtcMicros

metadata = MetaData()
# SQLite counts up by itself only on INTEGER keys; PostgreSQL wants the long form.
SERIAL = BigInteger().with_variant(Integer(), "sqlite")

PENDING = "state = 'pending'"
FAILED = "state <> 'pending' AND state <> 'delivered'"
"""What is under way, and what came to nothing. A query says it in these words, or its index is not used."""

inbox = Table(
    "inbox",
    metadata,
    Column("bap_id", Text, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("at", UtcMicros, nullable=False),
    Column("callback_seq", BigInteger),
    PrimaryKeyConstraint("bap_id", "transaction_id", "message_id", "action", name="pk_inbox"),
    sqlite_with_rowid=False,
)

message_log = Table(
    "message_log",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("at", UtcMicros, nullable=False),
    Column("direction", Text, nullable=False),
    Column("peer", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("body_digest", Text, nullable=False),
    Column("answer_digest", Text, nullable=False),
    Column("http_status", Integer),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("order_ref", Text, nullable=False),
    Index("ix_message_log_traced", "transaction_id", "peer"),
)

message_bodies = Table(
    "message_bodies",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("body", LargeBinary),
    Column("erased_at", UtcMicros),
    Column("masked_at", UtcMicros),  # what is left of it is not what its digest is of
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("lane", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("peer", Text, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("digest", Text, nullable=False),  # of the body, which is kept with all others
    Column("order_ref", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", UtcMicros, nullable=False),
    Column("due_at", UtcMicros, nullable=False),
    Column("give_up_at", UtcMicros, nullable=False),
    Column("leased_until", UtcMicros),
    Column("attempts", Integer, nullable=False),
    Index("ix_outbox_waiting", "peer", "due_at", "seq", sqlite_where=text(PENDING), postgresql_where=text(PENDING)),
    Index("ix_outbox_lane", "lane", "seq", sqlite_where=text(PENDING), postgresql_where=text(PENDING)),
    Index("ix_outbox_failed", "state", "seq", sqlite_where=text(FAILED), postgresql_where=text(FAILED)),
    Index("ix_outbox_failed_peer", "peer", "state", "seq", sqlite_where=text(FAILED), postgresql_where=text(FAILED)),
    Index("ix_outbox_order", "order_ref"),
    sqlite_autoincrement=True,
)

attempts = Table(
    "attempts",
    metadata,
    Column("callback_seq", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", UtcMicros, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("http_status", Integer),
    Column("code", Text, nullable=False),
    Column("signature", Text, nullable=False),
    PrimaryKeyConstraint("callback_seq", "number", "at", name="pk_attempts"),
)

peers = Table(
    "peers",
    metadata,
    Column("subscriber_id", Text, primary_key=True),
    Column("failing_since", UtcMicros, nullable=False),
    Column("not_before", UtcMicros, nullable=False),
)

peer_traits = Table(
    "peer_traits",
    metadata,
    Column("peer", Text, nullable=False),
    Column("trait", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("at", UtcMicros, nullable=False),
    Column("action", Text, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("changes", Integer, nullable=False),
    PrimaryKeyConstraint("peer", "trait", name="pk_peer_traits"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("bap_id", Text, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("updated_at", UtcMicros, nullable=False),
    Column("doc", Text, nullable=False),
    UniqueConstraint("bap_id", "transaction_id", name="uq_drafts_transaction"),
)

orders = Table(
    "orders",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("bap_id", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("order_status", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("worker_id", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("slot_start", UtcMicros, nullable=False),
    Column("total_paise", BigInteger, nullable=False),
    Column("created_at", UtcMicros, nullable=False),
    Column("updated_at", UtcMicros, nullable=False),
    Column("doc", Text, nullable=False),
    Column("forgotten", Boolean, nullable=False, server_default=false()),
    Column(
        "district", Text, nullable=False, server_default=text("''")
    ),  # LGD code of the visit's place; empty: not known
    UniqueConstraint("bap_id", "order_id", name="uq_orders_network_id"),
    Index("ix_orders_transaction", "transaction_id"),
    Index("ix_orders_order_id", "order_id"),
    Index("ix_orders_phone", "phone"),
    Index("ix_orders_state", "state", "created_at"),
    Index("ix_orders_provider", "provider_id", "slot_start"),
    Index("ix_orders_created", "created_at", "ref"),
    Index("ix_orders_slot", "slot_start"),
    Index("ix_orders_district", "district", "created_at", "state", "channel"),  # whole: figures are counted in it alone
)

order_events = Table(
    "order_events",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("ref", Text, nullable=False),
    Column("at", UtcMicros, nullable=False),
    Column("fulfillment_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_order_events_ref", "ref", "seq"),
)

slot_cells = Table(
    "slot_cells",
    metadata,
    Column("worker_id", Text, nullable=False),
    Column("cell", UtcMicros, nullable=False),
    Column("ref", Text, nullable=False),
    Column("bap_id", Text, nullable=False),
    Column("expires_at", UtcMicros),  # empty: booked
    PrimaryKeyConstraint("worker_id", "cell", name="pk_slot_cells"),
    Index("ix_slot_cells_ref", "ref"),
    Index("ix_slot_cells_holds", "bap_id", "expires_at"),
    sqlite_with_rowid=False,
)

ratings = Table(
    "ratings",
    metadata,
    Column("ref", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("value", Integer, nullable=False),
    Column("at", UtcMicros, nullable=False),
    PrimaryKeyConstraint("ref", "category", "subject", name="pk_ratings"),
    Index("ix_ratings_subject", "category", "subject"),
)

providers = Table("providers", metadata, Column("id", Text, primary_key=True), Column("doc", Text, nullable=False))

offerings = Table(
    "offerings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("provider_id", Text, nullable=False),
    Column("doc", Text, nullable=False),
    Index("ix_offerings_provider", "provider_id"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("provider_id", Text, nullable=False),
    Column("doc", Text, nullable=False),
    Index("ix_workers_provider", "provider_id"),
)

counters = Table(
    "counters", metadata, Column("name", Text, primary_key=True), Column("value", BigInteger, nullable=False)
)

secrets = Table("secrets", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

timers = Table(
    "timers",
    metadata,
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("due_at", UtcMicros, nullable=False),
    Column("leased_until", UtcMicros),
    PrimaryKeyConstraint("kind", "subject", name="pk_timers"),
    Index("ix_timers_due", "due_at"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("expires_at", UtcMicros, nullable=False),
)

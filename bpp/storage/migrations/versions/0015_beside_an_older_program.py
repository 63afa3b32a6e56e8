"""Callbacks that wait are found peer by peer; the schema says which programs may run on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bpp.storage.online import build_index, drop_index

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

PENDING = "state = 'pending'"


def upgrade() -> None:
    build_index("ix_outbox_waiting", "outbox", ["peer", "due_at", "seq"], where=PENDING)
    drop_index("ix_outbox_due", "outbox")
    op.create_table("schema_support", sa.Column("oldest_revision", sa.Text(), primary_key=True))


def downgrade() -> None:
    op.drop_table("schema_support")
    op.create_index(
        "ix_outbox_due", "outbox", ["due_at"], sqlite_where=sa.text(PENDING), postgresql_where=sa.text(PENDING)
    )
    op.drop_index("ix_outbox_waiting", "outbox")

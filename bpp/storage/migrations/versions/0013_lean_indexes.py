"""Indexes of what is under way hold nothing else, and on SQLite tables of short rows are their own key.

What was delivered stays in the outbox for good. An index over all of it, and two more entries a message to move in
them, served only the few rows that are pending.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PENDING = sa.text("state = 'pending'")
FAILED = sa.text("state <> 'pending' AND state <> 'delivered'")
OWN_KEYS = ("inbox", "slot_cells")


def upgrade() -> None:
    op.drop_index("ix_outbox_due", "outbox")
    op.drop_index("ix_outbox_lane", "outbox")
    op.create_index("ix_outbox_due", "outbox", ["due_at"], sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index("ix_outbox_lane", "outbox", ["lane", "seq"], sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index("ix_outbox_failed", "outbox", ["state", "seq"], sqlite_where=FAILED, postgresql_where=FAILED)
    _keep_rows(by_number=False)


def downgrade() -> None:
    for name in ("ix_outbox_failed", "ix_outbox_lane", "ix_outbox_due"):
        op.drop_index(name, "outbox")
    op.create_index("ix_outbox_due", "outbox", ["state", "due_at"])
    op.create_index("ix_outbox_lane", "outbox", ["lane", "state", "seq"])
    _keep_rows(by_number=True)


def _keep_rows(*, by_number: bool) -> None:
    """SQLite keeps the rows of these tables by a number of its own, or by their key."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for name in OWN_KEYS:
        with op.batch_alter_table(name, recreate="always", table_kwargs={"sqlite_with_rowid": by_number}):
            pass

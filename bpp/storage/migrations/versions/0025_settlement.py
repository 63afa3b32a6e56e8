"""Settlement with buyer apps: what is to be settled of orders, what was filed, and the runs of days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

OPEN = sa.text("state <> 'SETTLED' OR recon = 'SENT_PENDING'")


def upgrade() -> None:
    op.create_table(
        "settlements",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("order_ref", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("bap_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("recon", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("recon_message_id", sa.Text(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
    )
    op.create_index("ix_settlements_order", "settlements", ["order_ref", "number"])
    op.create_index("ix_settlements_open", "settlements", ["bap_id", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_settlements_ready", "settlements", ["ready_at", "id"])
    op.create_index("ix_settlements_message", "settlements", ["message_id"])
    op.create_index("ix_settlements_recon", "settlements", ["recon_message_id"])
    op.create_table(
        "filings",
        sa.Column("message_id", sa.Text(), primary_key=True),
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
    )
    op.create_index("ix_filings_transaction", "filings", ["transaction_id"])
    op.create_index("ix_filings_at", "filings", ["at"])
    op.create_table(
        "settlement_runs",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
    )
    op.create_index("ix_settlement_runs_began", "settlement_runs", ["began_at"])


def downgrade() -> None:
    for table in ("settlement_runs", "filings", "settlements"):
        op.drop_table(table)

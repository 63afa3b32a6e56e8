"""Payout runs and receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payout_runs",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("minimum_paise", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
    )
    op.create_index("ix_payout_runs_at", "payout_runs", ["at"])
    op.create_table(
        "payout_lines",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("paise", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("posting_id", sa.Text(), nullable=False),
        sa.Column("reversal_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "party", "party_id", name="pk_payout_lines"),
    )
    op.create_index("ix_payout_lines_party", "payout_lines", ["party", "party_id"])
    op.create_table(
        "receipts",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("posting_id", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "payer", "reference", name="pk_receipts"),
    )
    op.create_index("ix_receipts_at", "receipts", ["at", "posting_id"])


def downgrade() -> None:
    op.drop_table("receipts")
    op.drop_table("payout_lines")
    op.drop_table("payout_runs")

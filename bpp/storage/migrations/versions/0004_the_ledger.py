"""The ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_postings",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("reverses", sa.Text(), nullable=False),
    )
    op.create_index("ix_ledger_postings_ref", "ledger_postings", ["ref", "part"])
    op.create_index("ix_ledger_postings_at", "ledger_postings", ["at"])
    op.create_table(
        "ledger_lines",
        sa.Column("posting_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("paise", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("posting_id", "number", name="pk_ledger_lines"),
    )
    op.create_index("ix_ledger_lines_account", "ledger_lines", ["party", "party_id", "purpose"])


def downgrade() -> None:
    op.drop_table("ledger_lines")
    op.drop_table("ledger_postings")

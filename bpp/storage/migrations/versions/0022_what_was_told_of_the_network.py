"""Network observability: how far the log of messages was told, how much of each day, and what was refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "observability_cursor",
        sa.Column("reader", sa.Text(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("leased_until", sa.BigInteger()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.BigInteger()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moved_at", sa.BigInteger()),
    )
    op.create_table(
        "observability_days",
        sa.Column("day", sa.Text(), primary_key=True),
        sa.Column("pushed", sa.BigInteger(), nullable=False),
        sa.Column("warned", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "observability_refusals",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.BigInteger(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "part", name="pk_observability_refusals"),
    )
    op.create_index("ix_observability_refusals_at", "observability_refusals", ["at"])
    op.create_index("ix_observability_refusals_again", "observability_refusals", ["again", "seq"])


def downgrade() -> None:
    for table in ("observability_refusals", "observability_days", "observability_cursor"):
        op.drop_table(table)

"""Why a worker was chosen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("slot_ref", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("slot_ref", "number", name="pk_assignments"),
    )
    op.create_index("ix_assignments_order", "assignments", ["order_ref"])
    op.create_index("ix_assignments_at", "assignments", ["at"])


def downgrade() -> None:
    op.drop_table("assignments")

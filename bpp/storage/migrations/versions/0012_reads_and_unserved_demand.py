"""Who read which full record, which orders were forgotten, and searches that nobody could serve."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

DIMENSIONS = ("day", "hour", "channel", "district", "area_code", "service_id", "reason")


def upgrade() -> None:
    op.create_table(
        "full_reads",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
    )
    op.create_index("ix_full_reads_subject", "full_reads", ["kind", "subject"])
    op.create_index("ix_full_reads_at", "full_reads", ["at"])
    op.create_table(
        "unserved_demand",
        *(sa.Column(name, sa.Integer() if name == "hour" else sa.Text(), nullable=False) for name in DIMENSIONS),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*DIMENSIONS, name="pk_unserved_demand"),
    )
    op.add_column("orders", sa.Column("forgotten", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("orders") as orders:
        orders.drop_column("forgotten")
    op.drop_table("unserved_demand")
    op.drop_table("full_reads")

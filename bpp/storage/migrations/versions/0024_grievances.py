"""Tickets: issues and grievances, whatever the channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

RUNNING = sa.text("status IN ('OPEN', 'PROCESSING')")


def upgrade() -> None:
    op.create_table(
        "tickets",
        sa.Column("ref", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("resolution_due", sa.BigInteger(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.UniqueConstraint("peer", "issue_id", name="uq_tickets_network_id"),
    )
    op.create_index("ix_tickets_issue", "tickets", ["issue_id"])
    op.create_index("ix_tickets_order", "tickets", ["order_ref"])
    op.create_index(
        "ix_tickets_due", "tickets", ["resolution_due", "ref"], sqlite_where=RUNNING, postgresql_where=RUNNING
    )
    op.create_index("ix_tickets_created", "tickets", ["created_at", "ref"])
    op.create_index("ix_tickets_provider", "tickets", ["provider_id", "created_at"])
    op.create_index("ix_tickets_district", "tickets", ["district", "created_at"])


def downgrade() -> None:
    op.drop_table("tickets")

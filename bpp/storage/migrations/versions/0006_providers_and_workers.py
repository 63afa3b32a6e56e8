"""Applications, agreements, what happened to providers and workers, and their bank details."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "empanelments",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
    )
    op.create_index("ix_empanelments_state", "empanelments", ["state", "id"])
    op.create_table(
        "agreements",
        sa.Column("number", sa.Text(), primary_key=True),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("last", sa.Text(), nullable=False),
    )
    op.create_index("ix_agreements_provider", "agreements", ["provider_id", "first"])
    op.create_table(
        "party_events",
        sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
    )
    op.create_index("ix_party_events_subject", "party_events", ["subject", "subject_id", "seq"])
    op.create_table(
        "bank_details",
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("party", "party_id", name="pk_bank_details"),
    )
    op.create_index("ix_bank_details_key", "bank_details", ["key_id"])


def downgrade() -> None:
    op.drop_table("bank_details")
    op.drop_table("party_events")
    op.drop_table("agreements")
    op.drop_table("empanelments")

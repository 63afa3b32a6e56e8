"""Seals over what only grows, numbers of postings, and bodies that are masked before they are erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER = """
CREATE FUNCTION number_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO ledger_numbers (posting_id) VALUES (NEW.id); RETURN NULL; END $$
"""


def upgrade() -> None:
    op.add_column("message_bodies", sa.Column("masked_at", sa.BigInteger()))
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("oldest", sa.BigInteger(), nullable=False),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("salts", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_audit_seals_source", "audit_seals", ["source", "last"])
    op.create_table(
        "audit_changes",
        sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
    )
    op.create_index("ix_audit_changes_source", "audit_changes", ["source", "first"])
    op.create_table(
        "audit_lease",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger()),
    )
    op.create_table(
        "ledger_numbers",
        sa.Column("number", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("posting_id", sa.Text(), nullable=False),
    )
    op.create_index("ix_ledger_numbers_posting", "ledger_numbers", ["posting_id"])
    _number_postings()


def _number_postings() -> None:
    """Those to come by a trigger, which older programs need not know of; first it, so that none slips between."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(NUMBER)
        op.execute(
            "CREATE TRIGGER ledger_postings_numbered AFTER INSERT ON ledger_postings "
            "FOR EACH ROW EXECUTE FUNCTION number_posting()"
        )
    else:
        op.execute(
            "CREATE TRIGGER ledger_postings_numbered AFTER INSERT ON ledger_postings "
            "BEGIN INSERT INTO ledger_numbers (posting_id) VALUES (NEW.id); END"
        )
    op.execute("INSERT INTO ledger_numbers (posting_id) SELECT id FROM ledger_postings ORDER BY at, id")


def downgrade() -> None:
    op.execute("DROP TRIGGER ledger_postings_numbered" + _on("ledger_postings"))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION number_posting()")
    for table in ("ledger_numbers", "audit_lease", "audit_changes", "audit_seals"):
        op.drop_table(table)
    with op.batch_alter_table("message_bodies") as bodies:
        bodies.drop_column("masked_at")


def _on(table: str) -> str:
    return f" ON {table}" if op.get_bind().dialect.name == "postgresql" else ""

"""Orders are listed newest first, by the day of their visit and by its district."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bpp.storage.online import build_index, drop_index, in_parts

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

AT_ONCE = 2_000
"""Rows that are changed in one transaction: whoever changes an order meanwhile waits no longer than for these."""
PLACES = {
    "postgresql": "doc::json -> 'fulfillments' -> 0 ->> 'district'",
    "sqlite": "json_extract(doc, '$.fulfillments[0].district')",
}
INDEXES = {"ix_orders_created": ["created_at", "ref"], "ix_orders_slot": ["slot_start"]}


def upgrade() -> None:
    # An index commits what stands before it: where it breaks off, the column is there at the next try.
    again = op.get_bind().dialect.name == "postgresql"
    op.add_column(
        "orders", sa.Column("district", sa.Text(), nullable=False, server_default=sa.text("''")), if_not_exists=again
    )
    for name, columns in INDEXES.items():
        build_index(name, "orders", columns)
    with in_parts():
        _fill()


def downgrade() -> None:
    for name in INDEXES:
        drop_index(name, "orders")
    with op.batch_alter_table("orders") as orders:
        orders.drop_column("district")


def _fill() -> None:
    """Where orders of before are, as their documents say."""
    connection = op.get_bind()
    place = PLACES[connection.dialect.name]
    page = sa.text("SELECT max(ref) FROM (SELECT ref FROM orders WHERE ref > :after ORDER BY ref LIMIT :most) AS page")
    fill = sa.text(
        f"UPDATE orders SET district = coalesce({place}, '') WHERE ref > :after AND ref <= :last"  # noqa: S608  ours
        " AND district = ''"
    )
    after = ""
    while last := connection.execute(page, {"after": after, "most": AT_ONCE}).scalar():
        connection.execute(fill, {"after": after, "last": last})
        after = last

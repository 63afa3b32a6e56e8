"""The orders of a provider are found by the time of their visit: its board of orders."""

from __future__ import annotations

from bpp.storage.online import build_index, drop_index

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    build_index("ix_orders_provider", "orders", ["provider_id", "slot_start"])


def downgrade() -> None:
    drop_index("ix_orders_provider", "orders")

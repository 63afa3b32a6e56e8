"""Orders are counted and listed by district, and so are searches in vain."""

from __future__ import annotations

from bpp.storage.online import build_index, drop_index

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    build_index("ix_orders_district", "orders", ["district", "created_at", "state", "channel"])
    build_index("ix_unserved_demand_district", "unserved_demand", ["district", "day"])


def downgrade() -> None:
    drop_index("ix_unserved_demand_district", "unserved_demand")
    drop_index("ix_orders_district", "orders")

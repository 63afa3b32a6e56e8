"""What somebody looks for who has one number in the hand: a transaction, an order, what one buyer app did not take.

The log was found by its buyer app first; by the transaction first it is found without one, too, at the same cost.
"""

from __future__ import annotations

from alembic import op

from bpp.storage.online import build_index, drop_index

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FAILED = "state <> 'pending' AND state <> 'delivered'"


def upgrade() -> None:
    build_index("ix_message_log_traced", "message_log", ["transaction_id", "peer"])
    build_index("ix_orders_order_id", "orders", ["order_id"])
    build_index("ix_outbox_failed_peer", "outbox", ["peer", "state", "seq"], where=FAILED)
    drop_index("ix_message_log_transaction", "message_log")


def downgrade() -> None:
    op.create_index("ix_message_log_transaction", "message_log", ["peer", "transaction_id"])
    op.drop_index("ix_outbox_failed_peer", "outbox")
    op.drop_index("ix_orders_order_id", "orders")
    op.drop_index("ix_message_log_traced", "message_log")

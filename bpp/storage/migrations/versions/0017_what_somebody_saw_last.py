"""What somebody saw in full is found by who it was: the orders that an operator had last."""

from __future__ import annotations

from bpp.storage.online import build_index, drop_index

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    build_index("ix_full_reads_who", "full_reads", ["who", "seq"])


def downgrade() -> None:
    drop_index("ix_full_reads_who", "full_reads")

"""Providers promise a reschedule only while the state table allows one: in Pending.

Documents of before the catalog's check said so of other states too. They went on being advertised, and no other field
of such a provider could be changed, since the whole of it is checked.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

providers = sa.table("providers", sa.column("id", sa.Text()), sa.column("doc", sa.Text()))


def upgrade() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(providers.c.id, providers.c.doc)).all():
        doc = json.loads(row.doc)
        wrong = [one for one in doc["terms"]["reschedule"] if one["eligible"] and one["state"] != "Pending"]
        for one in wrong:
            one["eligible"] = False
        if wrong:
            text = json.dumps(doc, ensure_ascii=False, separators=(",", ":"))
            connection.execute(sa.update(providers).where(providers.c.id == row.id).values(doc=text))


def downgrade() -> None:
    """Nothing: what was promised before was never kept."""

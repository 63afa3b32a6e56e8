"""Orders are looked up by telephone in one form: the digits, without the prefixes of India."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

orders = sa.table("orders", sa.column("ref", sa.Text()), sa.column("phone", sa.Text()))


def upgrade() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(orders.c.ref, orders.c.phone)).all():
        phone = _digits(row.phone)
        if phone != row.phone:
            connection.execute(sa.update(orders).where(orders.c.ref == row.ref).values(phone=phone))


def downgrade() -> None:
    """Nothing: the form as it came stands in the documents."""


def _digits(text: str) -> str:
    digits = "".join(str(int(one)) for one in text if one.isdecimal())
    for prefix in ("0091", "910", "91", "0"):
        if len(digits) == 10 + len(prefix) and digits.startswith(prefix):
            return digits[len(prefix) :]
    return digits

"""Reviews: what was rated of one order as one word of one customer, and the voices that count.

What was rated before becomes reviews of the orders' customers, told apart as ``bpp.orders.ratings`` does it: by a keyed
digest of the telephone number.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SECRET = "tokens and documents"  # noqa: S105  its name
OF_PROVIDER = ("Provider", "Order", "Fulfillment", "Item")

ratings = sa.table("ratings", *(sa.column(name) for name in ("ref", "category", "subject", "value", "at")))
orders = sa.table("orders", *(sa.column(name) for name in ("ref", "provider_id", "phone")))
kept_secrets = sa.table("secrets", sa.column("name"), sa.column("value"))


def upgrade() -> None:
    reviews = op.create_table(
        "reviews",
        sa.Column("ref", sa.Text(), primary_key=True),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("rater_kind", sa.Text(), nullable=False),
        sa.Column("rated_at", sa.BigInteger(), nullable=False),
        sa.Column("aside", sa.Integer(), nullable=False),
    )
    op.create_index("ix_reviews_provider", "reviews", ["provider_id", "rated_at"])
    op.create_index("ix_reviews_rater", "reviews", ["rater", "provider_id"])
    op.create_table(
        "feedback_texts",
        sa.Column("ref", sa.Text(), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_table(
        "review_events",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
    )
    op.create_index("ix_review_events_ref", "review_events", ["ref", "seq"])
    voices = op.create_table(
        "rating_voices",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("rater", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "subject_id", "rater", name="pk_rating_voices"),
    )
    found = _reviews()
    if found:
        op.bulk_insert(reviews, [{key: value for key, value in one.items() if key != "values"} for one in found])
        op.bulk_insert(voices, list(_voices(found).values()))


def downgrade() -> None:
    for name in ("rating_voices", "review_events", "feedback_texts", "reviews"):
        op.drop_table(name)


def _reviews() -> list[dict[str, Any]]:
    """The reviews that the ratings of before make, oldest first."""
    connection = op.get_bind()
    values: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(sa.select(ratings)):
        values[row.ref].append(row)
    if not values:
        return []
    rows = connection.execute(sa.select(orders).where(orders.c.ref.in_(sa.select(ratings.c.ref)))).all()
    secret = _secret()
    found = [
        {
            "ref": row.ref,
            "of": "order",
            "provider_id": row.provider_id,
            "rater": _rater(secret, row.phone, row.ref),
            "rater_kind": "ondc",
            "rated_at": max(one.at for one in values[row.ref]),
            "aside": 0,
            "values": values[row.ref],
        }
        for row in rows
    ]
    return sorted(found, key=lambda one: (one["rated_at"], one["ref"]))


def _voices(reviews: list[dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The newest word of each rater on each provider and worker; a later review takes the place of one before."""
    voices = {}
    for one in reviews:
        said = {("worker", row.subject): row.value for row in one["values"] if row.category == "Agent"}
        for category in OF_PROVIDER:
            numbers = [row.value for row in one["values"] if row.category == category]
            if numbers:
                said["provider", one["provider_id"]] = (2 * sum(numbers) + len(numbers)) // (2 * len(numbers))
                break
        for (subject, subject_id), value in said.items():
            fields = {"subject": subject, "subject_id": subject_id, "rater": one["rater"]}
            voices[subject, subject_id, one["rater"]] = {**fields, "ref": one["ref"], "value": value}
    return voices


def _rater(secret: bytes, phone: str, ref: str) -> str:
    number = "".join(str(int(one)) for one in phone if one.isdecimal())[-10:]
    who = f"phone\n{number}" if number else f"ref\n{ref}"
    return hmac.new(secret, f"rater\n{who}".encode(), hashlib.sha256).hexdigest()


def _secret() -> bytes:
    """The secret that the server makes at its first start, made here where there is none."""
    connection = op.get_bind()
    query = sa.select(kept_secrets.c.value).where(kept_secrets.c.name == SECRET)
    value = connection.execute(query).scalar()
    if value is None:
        value = secrets.token_hex(32)
        op.bulk_insert(kept_secrets, [{"name": SECRET, "value": value}])
    return bytes.fromhex(value)

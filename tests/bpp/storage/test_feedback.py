"""Reviews in the database: they come back, their voices count as the pure rule says, and those of before are kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.orders.ratings import Rated, Review, rater_key
from bpp.storage.engine import upgrade
from bpp.storage.ports_feedback import ReviewEvent
from bpp.storage.revisions import alembic_config
from bpp.storage.tables import ratings, secrets
from catalog.load import CatalogData
from catalog.model import Rating
from catalog.snapshot import Ratings
from tests.support.catalog_builders import a_provider, a_worker
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import after, an_order


def rated(category, value, subject="X"):
    return Rated(category=category, subject=subject, value=value)


def a_review(ref="R1", *values, **changes):
    review = Review(
        ref=ref,
        of="order",
        provider_id="P1",
        rater="A",
        rater_kind="ondc",
        rated_at=NOW,
        values=values or (rated("Provider", 5, "P1"),),
    )
    return replace(review, **changes)


async def keep(storage, *reviews):
    for one in reviews:
        await storage.run(lambda work, one=one: work.feedback.keep(one))


async def counted(storage):
    return await storage.read(lambda work: work.directory.ratings())


async def test_a_review_comes_back_as_it_was_put_and_a_later_one_takes_its_place(storage):
    first = a_review("R1", rated("Agent", 4, "W1"), rated("Item", 2, "TAP"), text="धीमा काम")
    later = replace(first, values=(rated("Provider", 1, "P1"),), rated_at=after(days=1), text="", rater_kind="phone")
    await keep(storage, first)
    kept = await storage.read(lambda work: work.feedback.get("R1"))
    await keep(storage, later)

    assert kept == first
    assert await storage.read(lambda work: work.feedback.get("R1")) == later
    assert await storage.read(lambda work: work.feedback.get("R2")) is None


async def test_each_customer_has_one_voice_for_a_provider_and_for_each_worker(storage):
    await keep(
        storage,
        a_review("R1", rated("Provider", 5, "P1"), rated("Item", 1, "TAP"), rated("Agent", 5, "W1")),
        a_review("R2", rated("Order", 2, "O2"), rated("Agent", 3, "W2"), rated_at=after(days=1)),
        a_review("R3", rated("Item", 4, "TAP"), rated("Agent", 1, "W1"), rater="B"),
        a_review("R4", rated("Provider", 1, "P2"), provider_id="P2"),
    )

    assert await counted(storage) == Ratings(
        providers={"P1": Rating(sum=6, count=2), "P2": Rating(sum=1, count=1)},
        workers={"W1": Rating(sum=6, count=2), "W2": Rating(sum=3, count=1)},
    )


async def test_what_is_set_aside_does_not_count_and_leaves_the_word_before_it(storage):
    newest = a_review("R2", rated("Provider", 1, "P1"), rated_at=after(days=1))
    await keep(storage, a_review("R1"), newest, replace(newest, aside=True))
    aside = await counted(storage)
    await keep(storage, newest)

    assert aside == Ratings(providers={"P1": Rating(sum=5, count=1)})
    assert await counted(storage) == Ratings(providers={"P1": Rating(sum=1, count=1)})


async def test_the_catalog_has_the_voices_of_its_providers_and_workers(storage):
    data = CatalogData(providers=(a_provider(), a_provider(id="P2")), offerings=(), workers=(a_worker(),))
    await storage.run(lambda work: work.directory.seed(data))
    await keep(storage, a_review("R1", rated("Provider", 5, "P1"), rated("Agent", 1, "W1")))

    loaded = await storage.read(lambda work: work.directory.load())

    assert {one.id: one.rating for one in loaded.providers} == {"P1": Rating(sum=5, count=1), "P2": Rating()}
    assert [one.rating for one in loaded.workers] == [Rating(sum=1, count=1)]


async def test_the_reviews_of_a_provider_or_worker_come_in_pages_newest_first_and_say_which_count(storage):
    await keep(
        storage,
        a_review("R1", rated("Provider", 5, "P1"), rated("Agent", 2, "W1")),
        a_review("R2", rated("Agent", 4, "W1"), rated_at=after(days=1), rater="B"),
        a_review("R3", rated("Order", 3, "O3"), rated_at=after(days=2)),
        a_review("R4", rated("Item", 1, "TAP"), rated_at=after(days=2), rater="C", aside=True),
    )

    async def listed(subject, key, cursor=None, limit=10):
        found = await storage.read(lambda work: work.feedback.of_subject(subject, key, cursor, limit))
        return [(one.review.ref, one.value, one.counts) for one in found]

    assert await listed("provider", "P1") == [("R4", 1, False), ("R3", 3, True), ("R1", 5, False)]
    assert await listed("provider", "P1", "R3") == [("R1", 5, False)]
    assert await listed("provider", "P1", None, 1) == [("R4", 1, False)]
    assert await listed("worker", "W1") == [("R2", 4, True), ("R1", 2, True)]
    assert await listed("worker", "W9") == []


async def test_a_reviews_life_is_kept_in_order(storage):
    steps = [
        ReviewEvent(ref="R1", at=NOW, action="given", by="buyer.example.in", detail={"values": [["Order", "O1", 5]]}),
        ReviewEvent(ref="R1", at=NOW, action="set_aside", by="officer:1", detail={"reason": "अभद्र"}),
    ]
    for one in steps:
        await storage.run(lambda work, one=one: work.feedback.record(one))

    assert await storage.read(lambda work: work.feedback.events("R1")) == steps
    assert await storage.read(lambda work: work.feedback.events("R2")) == []


async def test_reviews_of_one_customer_at_the_same_moment_leave_one_voice(storages):
    here, there = storages(), storages()
    await asyncio.gather(
        *(keep(one, a_review(f"R{n}", rated("Provider", 1 + n % 5, "P1"))) for n, one in enumerate([here, there] * 4))
    )

    assert await counted(here) == Ratings(providers={"P1": Rating(sum=3, count=1)})  # R7, by ref at equal times


@pytest.mark.parametrize("known", [True, False], ids=["of a server that ran", "of one that never made its secret"])
async def test_ratings_of_before_become_reviews_of_their_customers(database, storage, known):
    other = an_order(3, billing={"name": "Other Demo", "phone": "9876543299"})
    for order in (an_order(1), an_order(2), other):
        await storage.run(lambda work, order=order: work.orders.add(order, NOW))
    await asyncio.to_thread(command.downgrade, alembic_config(database), "0009")
    secret = bytes(range(32))
    rows = [
        ("R1", "Provider", "P1", 1, NOW),
        ("R1", "Agent", "W1", 4, NOW),
        ("R2", "Item", "TAP", 4, after(days=1)),
        ("R2", "Item", "FAN", 5, after(days=1)),
        ("R3", "Order", "O3", 2, NOW),
    ]
    engine = create_async_engine(database)
    async with engine.begin() as connection:
        for row in rows:
            await connection.execute(insert(ratings).values(row))
        if known:
            await connection.execute(insert(secrets).values(name="tokens and documents", value=secret.hex()))

    await upgrade(database)

    async with engine.begin() as connection:
        if not known:
            secret = bytes.fromhex((await connection.execute(select(secrets.c.value))).scalar_one())
    await engine.dispose()
    review = await storage.read(lambda work: work.feedback.get("R2"))
    assert review == a_review(
        "R2",
        rated("Item", 5, "FAN"),
        rated("Item", 4, "TAP"),
        rater=rater_key(secret, "9876543210", "R2"),
        rated_at=after(days=1),
    )
    before = await counted(storage)
    assert before == Ratings(
        providers={"P1": Rating(sum=7, count=2)},  # 5 of R2, the newest of the one customer, and 2 of the other
        workers={"W1": Rating(sum=4, count=1)},
    )
    await keep(storage, review)
    assert await counted(storage) == before


async def test_a_forgotten_review_goes_on_counting_for_whom_it_counted_and_for_nobody_else(storage):
    await keep(
        storage,
        a_review("R1", rated("Provider", 5, "P1"), rated("Agent", 2, "W1"), text="Asha was here"),
        a_review("R2", rated("Provider", 1, "P1"), rated_at=after(days=1)),
        a_review("R3", rated("Provider", 3, "P1"), rater="B", aside=True),
    )
    reason = ReviewEvent(ref="R1", at=NOW, action="restored", by="officer:1", detail={"reason": "she is Asha"})
    await storage.run(lambda work: work.feedback.record(reason))
    before = await counted(storage)

    for ref in ("R1", "R3", "R4"):
        await storage.run(lambda work, ref=ref: work.feedback.forget(ref, NOW))
    left = await storage.read(lambda work: work.feedback.get("R1"))
    assert left is not None
    for aside in (True, False):  # an officer's change of mind brings no second voice
        await keep(storage, replace(left, aside=aside))

    assert await counted(storage) == before
    assert (left.text, left.values) == ("", (rated("Agent", 2, "W1"),))
    assert left.rater != a_review("R1").rater
    assert await storage.read(lambda work: work.feedback.get("R3")) is None
    assert [one.detail for one in await storage.read(lambda work: work.feedback.events("R1"))] == [{}]

"""Drafts and orders: kept whole, changed by one at a time, found by what an operator knows of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bpp.errors import OrderBusy
from bpp.orders.cancellation import Cancellation
from bpp.orders.states import Stage
from bpp.storage.ports import OrderEvent, OrderFilter, OrderRow, VersionConflict
from bpp.storage.ports_orders import VisitsOf
from catalog.model import Slot
from catalog.money import Money
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import BAP, a_draft, a_peer, a_quote, a_seller, a_visit, after, an_order


async def add(storage, order, now=NOW):
    return await storage.run(lambda work: work.orders.add(order, now))


async def get(storage, ref="R1"):
    return await storage.run(lambda work: work.orders.get(ref))


async def find(storage, **which):
    return await storage.read(lambda work: work.orders.find(OrderFilter(**which)))


async def test_an_order_comes_back_equal(storage):
    order = an_order(
        channel="call_centre",
        peer=None,
        cancellation=Cancellation(cancelled_by="SELLER", reason="998", fee=Money(0)),
        fulfillments=(
            a_visit(stage=Stage.COMPLETED, started_at=after(hours=4), completed_at=after(hours=5), otp=None),
        ),
    )
    assert await add(storage, order)
    assert await add(storage, an_order(2))

    assert await get(storage) == order
    assert await get(storage, "R2") == an_order(2)
    assert await get(storage, "R3") is None


async def test_an_order_can_be_read_without_a_wish_to_change_it(storage):
    await add(storage, an_order())

    assert await storage.read(lambda work: work.orders.get("R1")) == an_order()
    assert await storage.read(lambda work: work.orders.by_network_id(BAP, "O1")) == an_order()


async def test_a_draft_can_be_read_without_a_wish_to_change_it(storage):
    await storage.run(lambda work: work.orders.save_draft(a_draft(), NOW))

    assert await storage.read(lambda work: work.orders.draft(BAP, "T1")) == a_draft()


async def test_an_order_id_belongs_to_its_buyer_app(storage):
    theirs = an_order(2, order_id="O1", peer=a_peer(bap_id="other.example.in"))

    assert await add(storage, an_order())
    assert not await add(storage, an_order(3, order_id="O1"))
    assert await add(storage, theirs)
    assert await storage.run(lambda work: work.orders.by_network_id("other.example.in", "O1")) == theirs
    assert await storage.run(lambda work: work.orders.by_network_id("third.example.in", "O1")) is None
    assert await get(storage, "R3") is None


async def test_a_saved_order_has_the_next_version(storage):
    await add(storage, an_order())
    saved = await storage.run(lambda work: work.orders.save(replace(an_order(), acknowledged=True)))

    assert saved.version == 1
    assert await get(storage) == replace(an_order(), acknowledged=True, version=1)


async def test_a_change_of_an_old_version_is_refused(storage):
    await add(storage, an_order())
    await storage.run(lambda work: work.orders.save(an_order(acknowledged=True)))

    async def save_twice(work):
        with pytest.raises(VersionConflict, match="R1"):
            await work.orders.save(an_order(confirm_message_id="lost"))
        with pytest.raises(VersionConflict, match="R9"):
            await work.orders.save(an_order(9))

    await storage.run(save_twice)
    assert await get(storage) == an_order(acknowledged=True, version=1)
    with pytest.raises(OrderBusy):
        await storage.run(lambda work: work.orders.save(an_order(confirm_message_id="lost")))


async def test_a_new_draft_replaces_the_one_before_in_the_same_transaction(storage):
    async def draft(bap_id=BAP, transaction_id="T1"):
        return await storage.run(lambda work: work.orders.draft(bap_id, transaction_id))

    assert await draft() is None
    await storage.run(lambda work: work.orders.save_draft(a_draft(), NOW))
    assert await draft() == a_draft()
    newer = a_draft(quote=a_quote("299.00"), billing={"name": "मीरा"}, initialised=True)
    await storage.run(lambda work: work.orders.save_draft(newer, after(minutes=1)))
    other = a_draft(ref="R2", peer=a_peer(transaction_id="T2"))
    await storage.run(lambda work: work.orders.save_draft(other, NOW))

    assert await draft() == newer
    assert await draft(transaction_id="T2") == other
    assert await draft("other.example.in") is None


async def test_a_draft_is_found_by_our_reference_until_another_takes_its_place(storage):
    async def draft_of(ref):
        return await storage.read(lambda work: work.orders.draft_of(ref))

    await storage.run(lambda work: work.orders.save_draft(a_draft(), NOW))
    other = a_draft(ref="R2", peer=a_peer(transaction_id="T2"))
    await storage.run(lambda work: work.orders.save_draft(other, NOW))
    assert [await draft_of(ref) for ref in ("R1", "R2", "R3")] == [a_draft(), other, None]
    await storage.run(lambda work: work.orders.save_draft(a_draft(ref="R4"), NOW))

    assert [await draft_of(ref) for ref in ("R1", "R4")] == [None, a_draft(ref="R4")]


async def test_drafts_of_other_channels_do_not_replace_each_other(storage):
    for number in (1, 2):
        draft = a_draft(ref=f"R{number}", channel="portal", peer=None)
        await storage.run(lambda work, draft=draft: work.orders.save_draft(draft, NOW))

    assert (await storage.run(lambda work: work.orders.draft("", "R1"))).ref == "R1"
    assert (await storage.run(lambda work: work.orders.draft("", "R2"))).ref == "R2"


async def test_a_list_shows_what_an_order_is_now(storage):
    await add(storage, an_order(), after(seconds=1))
    visit = a_visit(stage=Stage.EN_ROUTE)
    changed = an_order(fulfillments=(visit,), quotes=(a_quote(), a_quote("249.50")), updated_at=after(hours=1))
    await storage.run(lambda work: work.orders.save(changed))
    (row,) = await find(storage)

    assert (row.ref, row.bap_id, row.order_id, row.transaction_id) == ("R1", BAP, "O1", "T1")
    assert (row.state, row.order_status, row.provider_id, row.worker_id) == ("EN_ROUTE", "IN-PROGRESS", "P1", "W1")
    assert (row.total, row.channel, row.slot_start) == ("249.50", "ondc", visit.slot.start)
    assert (row.created_at, row.updated_at) == (after(seconds=1), after(hours=1))


async def test_an_order_without_worker_and_buyer_app_is_listed_too(storage):
    await add(storage, an_order(peer=None, fulfillments=(a_visit(stage=Stage.PENDING, assignee=None),), billing={}))
    (row,) = await find(storage, phone="")

    assert (row.bap_id, row.transaction_id, row.worker_id, row.state) == ("", "", "", "PENDING")


@pytest.mark.parametrize(
    ("which", "refs"),
    [
        ({}, ["R3", "R1", "R2"]),
        ({"stages": frozenset({Stage.PENDING})}, ["R3"]),
        ({"stages": frozenset({Stage.COMPLETED})}, []),
        ({"waiting": True}, ["R3"]),
        ({"first": after(hours=5)}, ["R1", "R2"]),
        ({"last": after(hours=5)}, ["R3"]),
        ({"limit": 1}, ["R3"]),
        ({"provider_id": "P2"}, ["R4"]),
    ],
)
async def test_the_visits_of_a_provider_are_found_by_their_time_and_state(storage, which, refs):
    early = a_visit(stage=Stage.PENDING, slot=Slot(start=after(hours=4), end=after(hours=5)))
    late = a_visit(slot=Slot(start=after(hours=6), end=after(hours=7)))
    await add(storage, an_order(1, fulfillments=(late,)))
    await add(storage, an_order(2, fulfillments=(late,)))
    await add(storage, an_order(3, fulfillments=(early,), accepted=False))
    await add(storage, an_order(4, seller=replace(a_seller(), provider_id="P2")))
    asked = {"provider_id": "P1", "first": after(hours=0), "last": after(hours=24), **which}

    found = await storage.read(lambda work: work.orders.visits_of(VisitsOf(**asked)))

    assert [one.ref for one in found] == refs


@pytest.mark.parametrize(
    ("which", "refs"),
    [
        ({}, ["R3", "R2", "R1"]),
        ({"bap_id": BAP}, ["R2", "R1"]),
        ({"order_id": "O2"}, ["R2"]),
        ({"transaction_id": "T3"}, ["R3"]),
        ({"phone": "9000000000"}, ["R2"]),
        ({"state": "PENDING"}, ["R3"]),
        ({"state": "ASSIGNED", "phone": "9876543210"}, ["R1"]),
        ({"state": "COMPLETED"}, []),
        ({"limit": 1}, ["R3"]),
        ({"after": "R3", "limit": 1}, ["R2"]),
        ({"after": "R9"}, []),
    ],
)
async def test_orders_are_found_by_what_is_known_of_them(storage, which, refs):
    await add(storage, an_order(1), after(seconds=1))
    await add(storage, an_order(2, billing={"phone": "9000000000"}), after(seconds=2))
    third = a_peer(bap_id="other.example.in", transaction_id="T3")
    await add(storage, an_order(3, peer=third, fulfillments=(a_visit(stage=Stage.PENDING),)), after(seconds=3))

    assert [row.ref for row in await find(storage, **which)] == refs


async def test_pages_of_many_orders_show_each_once_newest_first(storage):
    async def fill(work):
        for number in range(25):  # several at the same moment
            await work.orders.add(an_order(number + 10), after(seconds=number // 4))

    await storage.run(fill)
    seen: list[OrderRow] = []
    while page := await find(storage, limit=4, after=seen[-1].ref if seen else None):
        assert len(page) <= 4
        seen += page

    assert len(seen) == 25 == len({row.ref for row in seen})
    assert seen == sorted(seen, key=lambda row: (row.created_at, row.ref), reverse=True)


async def test_the_life_of_an_order_is_told_in_order(storage):
    events = [
        OrderEvent(
            at=after(seconds=n),
            ref="R1",
            fulfillment_id="F1",
            event="assign",
            actor="seller",
            source="PENDING",
            target="ASSIGNED",
            detail={"by": "नीता", "n": n},
        )
        for n in range(3)
    ]
    for event in [*events, replace(events[0], ref="R2")]:
        await storage.run(lambda work, event=event: work.orders.record(event))

    assert await storage.read(lambda work: work.orders.events("R1")) == events


async def test_orders_are_counted_by_their_stage(storage):
    for number, stage in enumerate((Stage.PENDING, Stage.ASSIGNED, Stage.ASSIGNED)):
        await add(storage, an_order(number, fulfillments=(a_visit(stage=stage),), seller=a_seller()))

    assert await storage.read(lambda work: work.orders.counts()) == {Stage.PENDING: 1, Stage.ASSIGNED: 2}

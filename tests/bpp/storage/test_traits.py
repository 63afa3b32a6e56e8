"""What peers showed of their dialect: one value for each trait, the newest, in every process the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bpp.orders.model import Peer
from bpp.storage.ports_traits import LearnedTrait
from bpp.storage.types import decode
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import BAP, after

TITLE = LearnedTrait(peer=BAP, trait="status_case", value="title", at=NOW, action="confirm", transaction_id="T1")
UPPER = replace(TITLE, value="upper", at=after(minutes=1), transaction_id="T2")


async def learn(storage, *traits):
    for one in traits:
        await storage.run(lambda work, one=one: work.traits.learn(one))


async def stored(storage):
    return {(one.peer, one.trait): one for one in await storage.read(lambda work: work.traits.all())}


async def of(storage, peer=BAP):
    return await storage.read(lambda work: work.traits.of(peer))


async def test_a_trait_is_kept_with_the_message_that_showed_it(storage, storages):
    await learn(storage, TITLE)

    assert await stored(storages()) == {(BAP, "status_case"): TITLE}
    assert await of(storages()) == {"status_case": "title"}
    assert await of(storage, "another.example.in") == {}


async def test_another_value_takes_the_place_of_the_one_before_and_is_counted(storage):
    await learn(storage, TITLE, UPPER, replace(TITLE, at=after(minutes=2)))

    assert await stored(storage) == {(BAP, "status_case"): replace(TITLE, at=after(minutes=2), changes=2)}


async def test_the_same_value_again_changes_nothing(storage):
    await learn(storage, TITLE, replace(TITLE, at=after(days=1), transaction_id="T9"))

    assert await stored(storage) == {(BAP, "status_case"): TITLE}


async def test_traits_and_peers_do_not_disturb_each_other(storage):
    fee = replace(TITLE, trait="finder_fee", value="Buyer_finder_fee")
    theirs = replace(UPPER, peer="another.example.in")
    await learn(storage, TITLE, fee, theirs)

    assert await of(storage) == {"status_case": "title", "finder_fee": "Buyer_finder_fee"}
    assert await of(storage, theirs.peer) == {"status_case": "upper"}


async def test_two_processes_that_learn_at_the_same_moment_leave_one_value(storage, storages):
    other = storages()
    await asyncio.gather(*(learn(one, value) for one in (storage, other) for value in (TITLE, UPPER) for _ in range(5)))
    found = (await stored(storage))[BAP, "status_case"]

    assert await stored(other) == {(BAP, "status_case"): found}
    assert found in {replace(one, changes=found.changes) for one in (TITLE, UPPER)}
    assert 1 <= found.changes <= 19


async def test_what_a_unit_learned_is_gone_when_the_unit_fails(storage):
    async def unit(work):
        await work.traits.learn(TITLE)
        raise RuntimeError("later")

    failed = await asyncio.gather(storage.run(unit), return_exceptions=True)

    assert isinstance(failed[0], RuntimeError)
    assert await stored(storage) == {}


def test_a_buyer_app_stored_before_there_were_dialects_is_read():
    text = '{"bap_id":"B","bap_uri":"U","transaction_id":"T","domain":"D","location":{},"status_case":"title"}'
    peer = decode(Peer, text)

    assert (peer.status_case, peer.cancelled_by, peer.finder_fee) == ("title", None, "Buyer_Finder_Fee")

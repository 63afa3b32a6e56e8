from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bpp.errors import Unavailable
from bpp.network.keyring import Keyring, KeyringLimits
from signing.errors import KeyFormatError
from signing.header import KeyId
from signing.keys import SigningKey, encode_public_key
from tests.support.fake_registry import FakeRegistry, a_record

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
OLD, NEW = SigningKey(b"\x01" * 32), SigningKey(b"\x02" * 32)
KEY_ID = KeyId("buyer.example.in", "k1")
STRANGER = KeyId("stranger.example.in", "k1")


def after(**passed: float) -> datetime:
    return START + timedelta(**passed)


def keys(records) -> list[str]:
    return [record.signing_public_key for record in records]


@pytest.fixture
def registry():
    return FakeRegistry(a_record(key=OLD))


@pytest.fixture
def keyring(registry):
    return Keyring(registry)


async def test_a_known_key_is_asked_for_once_an_hour(keyring, registry):
    for minutes in (0, 30, 59):
        assert keys(await keyring.records(KEY_ID, after(minutes=minutes), action="select")) == [encode_public_key(OLD)]
    assert len(registry.lookups) == 1

    await keyring.records(KEY_ID, after(minutes=60), action="select")
    assert len(registry.lookups) == 2


async def test_an_unknown_key_is_asked_for_once_a_minute(keyring, registry):
    for seconds in (0, 59):
        assert await keyring.records(STRANGER, after(seconds=seconds), action="select") == ()
    assert len(registry.lookups) == 1

    registry.records.append(a_record("stranger.example.in", key=NEW))
    assert await keyring.records(STRANGER, after(seconds=60), action="select")


async def test_no_cached_copy_outlives_the_key(keyring, registry):
    registry.records = [a_record(key=OLD, valid_until="2026-01-01T12:10:00Z")]
    await keyring.records(KEY_ID, START, action="select")
    registry.records = [a_record(key=OLD)]

    await keyring.records(KEY_ID, after(minutes=9), action="select")
    assert len(registry.lookups) == 1
    (renewed,) = await keyring.records(KEY_ID, after(minutes=10), action="select")
    assert keyring.is_active(renewed, after(minutes=11))


async def test_an_expired_key_is_not_looked_up_with_every_message(keyring, registry):
    registry.records = [a_record(key=OLD, valid_until="2025-06-01T00:00:00Z")]

    for seconds in range(30):
        (record,) = await keyring.records(KEY_ID, after(seconds=seconds), action="select")
        assert not keyring.is_active(record, START)
        assert await keyring.refetch(KEY_ID, (record,), after(seconds=seconds)) is None
    assert len(registry.lookups) == 1


async def test_keys_are_never_mixed_up_within_a_subscriber(keyring, registry):
    registry.records.append(a_record(unique_key_id="k2", key=NEW))

    assert keys(await keyring.records(KEY_ID, START, action="select")) == [encode_public_key(OLD)]
    assert keys(await keyring.records(KeyId("buyer.example.in", "k2"), START, action="select")) == [
        encode_public_key(NEW)
    ]


async def test_concurrent_messages_share_one_lookup(keyring, registry):
    registry.hold()
    waiting = [asyncio.create_task(keyring.records(KEY_ID, START, action="select")) for _ in range(50)]
    await asyncio.sleep(0)
    registry.release()

    assert all(await asyncio.gather(*waiting))
    assert len(registry.lookups) == 1


async def test_whoever_is_cancelled_while_asking_passes_the_turn_on(keyring, registry):
    registry.hold()
    first = asyncio.create_task(keyring.records(KEY_ID, START, action="select"))
    second = asyncio.create_task(keyring.records(KEY_ID, START, action="select"))
    await asyncio.sleep(0)
    first.cancel()
    registry.release()

    assert await second
    assert len(registry.lookups) == 2


async def test_an_outage_is_shared_by_all_who_wait(keyring, registry):
    registry.down = True
    registry.hold()
    waiting = [asyncio.create_task(keyring.records(KEY_ID, START, action="select")) for _ in range(10)]
    await asyncio.sleep(0)
    registry.release()

    assert all(isinstance(answer, Unavailable) for answer in await asyncio.gather(*waiting, return_exceptions=True))
    assert len(registry.lookups) == 1


async def test_after_an_outage_the_next_message_finds_the_key(keyring, registry):
    registry.down = True
    with pytest.raises(Unavailable):
        await keyring.records(KEY_ID, START, action="select")
    registry.down = False

    assert await keyring.records(KEY_ID, after(seconds=5), action="select")


@pytest.mark.parametrize(
    ("action", "hours", "served"),
    [("select", 2, True), ("select", 24, True), ("select", 25, False), ("confirm", 2, False), ("cancel", 2, False)],
)
async def test_a_stale_key_serves_a_day_of_outage_but_binds_nobody(keyring, registry, action, hours, served):
    await keyring.records(KEY_ID, START, action=action)
    registry.down = True

    if served:
        assert await keyring.records(KEY_ID, after(hours=hours), action=action)
    else:
        with pytest.raises(Unavailable):
            await keyring.records(KEY_ID, after(hours=hours), action=action)


async def test_a_fresh_copy_serves_confirm_during_an_outage(keyring, registry):
    await keyring.records(KEY_ID, START, action="select")
    registry.down = True

    assert await keyring.records(KEY_ID, after(minutes=59), action="confirm")


async def test_a_stale_key_is_not_used_beyond_its_validity(keyring, registry):
    registry.records = [a_record(key=OLD, valid_until="2026-01-01T13:30:00Z")]
    await keyring.records(KEY_ID, START, action="select")
    registry.down = True

    assert await keyring.records(KEY_ID, after(minutes=80), action="select")
    with pytest.raises(Unavailable):
        await keyring.records(KEY_ID, after(minutes=91), action="select")


async def test_a_negative_answer_is_never_served_stale(keyring, registry):
    await keyring.records(STRANGER, START, action="select")
    registry.down = True

    with pytest.raises(Unavailable):
        await keyring.records(STRANGER, after(minutes=2), action="select")


async def test_a_failed_verification_fetches_again_however_fresh_the_copy(keyring, registry):
    tried = await keyring.records(KEY_ID, START, action="select")
    registry.records = [a_record(key=NEW)]

    renewed = await keyring.refetch(KEY_ID, tried, after(seconds=1))

    assert keys(renewed) == [encode_public_key(NEW)]
    assert keys(await keyring.records(KEY_ID, after(seconds=2), action="select")) == [encode_public_key(NEW)]


async def test_refetches_are_at_most_one_per_key_and_minute(keyring, registry):
    tried = await keyring.records(KEY_ID, START, action="select")

    for seconds in range(60):
        assert await keyring.refetch(KEY_ID, tried, after(seconds=seconds)) is None
    assert len(registry.lookups) == 2

    registry.records = [a_record(key=NEW)]
    assert await keyring.refetch(KEY_ID, tried, after(seconds=60))


async def test_many_messages_with_a_rotated_key_share_one_refetch_and_all_get_it(keyring, registry):
    tried = await keyring.records(KEY_ID, START, action="select")
    registry.records = [a_record(key=NEW)]
    registry.hold()
    waiting = [asyncio.create_task(keyring.refetch(KEY_ID, tried, after(seconds=1))) for _ in range(50)]
    await asyncio.sleep(0)
    registry.release()

    assert all(keys(renewed) == [encode_public_key(NEW)] for renewed in await asyncio.gather(*waiting))
    assert len(registry.lookups) == 2


async def test_who_tried_the_old_copy_after_the_renewal_gets_the_new_one(keyring, registry):
    tried = await keyring.records(KEY_ID, START, action="select")
    registry.records = [a_record(key=NEW)]
    await keyring.refetch(KEY_ID, tried, after(seconds=1))

    late = await keyring.refetch(KEY_ID, tried, after(seconds=2))

    assert keys(late) == [encode_public_key(NEW)]
    assert len(registry.lookups) == 2


async def test_when_nobody_can_say_whether_the_key_rotated_the_sender_shall_try_again(keyring, registry):
    tried = await keyring.records(KEY_ID, START, action="select")
    registry.down = True

    for seconds in (1, 30):
        with pytest.raises(Unavailable):
            await keyring.refetch(KEY_ID, tried, after(seconds=seconds))
    assert len(registry.lookups) == 2


async def test_a_changed_file_voids_what_was_known_and_unknown(keyring, registry):
    await keyring.records(KEY_ID, START, action="select")
    await keyring.records(STRANGER, START, action="select")
    registry.change(a_record(key=NEW), a_record("stranger.example.in", key=OLD))

    assert keys(await keyring.records(KEY_ID, after(seconds=1), action="select")) == [encode_public_key(NEW)]
    assert await keyring.records(STRANGER, after(seconds=1), action="select")


async def test_an_answer_from_before_a_change_is_not_kept(keyring, registry):
    registry.hold()
    early = asyncio.create_task(keyring.records(STRANGER, START, action="select"))
    await asyncio.sleep(0)
    registry.change(a_record("stranger.example.in", key=NEW))
    assert await_nothing(early)
    other = asyncio.create_task(keyring.records(KEY_ID, START, action="select"))
    await asyncio.sleep(0)
    registry.release()
    await asyncio.gather(early, other)

    assert await keyring.records(STRANGER, after(seconds=1), action="select")


def await_nothing(task: asyncio.Task[object]) -> bool:
    return not task.done()


async def test_invented_key_ids_cost_a_bounded_number_of_lookups(registry):
    keyring = Keyring(registry, limits=KeyringLimits(unknown_per_minute=10))
    refused = 0
    for number in range(50):
        try:
            assert await keyring.records(KeyId("nobody.example.in", str(number)), START, action="search") == ()
        except Unavailable:
            refused += 1

    assert (len(registry.lookups), refused) == (10, 40)
    assert await keyring.records(KeyId("nobody.example.in", "x"), after(seconds=60), action="search") == ()


async def test_good_keys_cost_nothing_of_the_budget_for_unknown_ones():
    registry = FakeRegistry(*[a_record(unique_key_id=str(number), key=OLD) for number in range(50)])
    keyring = Keyring(registry, limits=KeyringLimits(unknown_per_minute=1))

    for number in range(50):
        assert await keyring.records(KeyId("buyer.example.in", str(number)), START, action="search")


async def test_a_flood_of_invented_ids_does_not_stop_a_peer_from_rotating(registry):
    keyring = Keyring(registry, limits=KeyringLimits(unknown_per_minute=10))
    await keyring.records(KEY_ID, START, action="search")
    for number in range(50):
        with_luck = keyring.records(KeyId(f"nobody{number}.example.in", "k"), START, action="search")
        await asyncio.gather(with_luck, return_exceptions=True)
    registry.records.append(a_record(unique_key_id="k2", key=NEW))

    assert await keyring.records(KeyId("buyer.example.in", "k2"), START, action="search")


async def test_an_unknown_key_pays_again_for_every_lookup(registry):
    keyring = Keyring(registry, limits=KeyringLimits(unknown_per_minute=1, negative=timedelta(seconds=1)))
    await keyring.records(STRANGER, START, action="search")

    with pytest.raises(Unavailable):
        await keyring.records(STRANGER, after(seconds=2), action="search")


async def test_lookups_under_way_are_bounded_and_a_stale_key_is_not_the_way_out(registry):
    keyring = Keyring(registry, limits=KeyringLimits(outstanding=2))
    await keyring.records(KEY_ID, START, action="search")
    registry.hold()
    waiting = [
        asyncio.create_task(keyring.records(KeyId("nobody.example.in", str(number)), START, action="search"))
        for number in range(2)
    ]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable):
        await keyring.records(STRANGER, START, action="search")
    with pytest.raises(Unavailable):
        await keyring.records(KEY_ID, after(hours=2), action="search")
    registry.release()
    assert await asyncio.gather(*waiting) == [(), ()]
    assert await keyring.records(KEY_ID, after(hours=2), action="search")


async def test_memory_is_bounded_and_the_least_used_key_is_forgotten(registry):
    registry.records = [a_record(unique_key_id=str(number), key=OLD) for number in range(4)]
    keyring = Keyring(registry, limits=KeyringLimits(entries=3))
    for number in (0, 1, 2, 0, 3, 0):
        await keyring.records(KeyId("buyer.example.in", str(number)), START, action="search")
    assert len(registry.lookups) == 4

    await keyring.records(KeyId("buyer.example.in", "1"), START, action="search")
    assert len(registry.lookups) == 5


async def test_a_sandbox_key_does_not_exist_elsewhere(registry):
    keyring = Keyring(registry, refused_keys=frozenset({encode_public_key(OLD)}))

    assert await keyring.records(KEY_ID, START, action="select") == ()


def test_a_refused_key_that_is_no_key_is_a_mistake_at_start(registry):
    with pytest.raises(KeyFormatError):
        Keyring(registry, refused_keys=frozenset({"typo"}))


async def test_a_grace_lets_a_key_begin_early(registry):
    registry.records = [a_record(key=OLD, valid_from="2026-01-01T17:30:00Z")]
    keyring = Keyring(registry, limits=KeyringLimits(valid_from_grace=timedelta(hours=5, minutes=30)))
    (record,) = await keyring.records(KEY_ID, START, action="select")

    assert keyring.is_active(record, START)
    assert not record.is_active(START)


async def test_an_outage_says_nothing_of_the_registry_to_the_peer(keyring, registry):
    registry.down = True

    with pytest.raises(Unavailable) as refused:
        await keyring.records(KEY_ID, START, action="select")

    assert "scripted" not in str(refused.value)
    assert "scripted outage" in refused.value.reason

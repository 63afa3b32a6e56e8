"""Keys change while buyers book: ours, step by step, and the registry's. Nothing is lost, each signature is believed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from bpp.keys.model import KeyPair, KeySet
from bpp.keys.moves import abandon, begin, distrust, expire, registered, switch, trust
from bpp.keys.own import changing
from bpp.sandbox import journey
from bpp.sandbox.exchange import Answer, Callback, nacked
from bpp.sandbox.identities import BPP, BUYER, GATEWAY, SECOND_BUYER, Participant, registry_records, write_registry
from signing.challenge import make_challenge
from signing.header import SignatureHeader
from signing.keys import EncryptionKey, encode_public_key, generate_encryption_key, generate_signing_key
from signing.sandbox_keys import sandbox_encryption_key
from signing.signature import sign_text
from tests.support.clock import FakeClock
from tests.support.conversation import check_conversation
from tests.support.deliveries import judged
from tests.support.fake_registry import RegistryServer
from tests.support.network import Network, otp_of, running_network

GRACE = timedelta(days=7)
NEXT = "key-2"
ANSWER = "6f1c1c1e-0b3a-4b58-9a55-5a3c1b0d7c11"
REGISTRY = sandbox_encryption_key("registry")


@pytest.fixture
async def network(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """A seller that follows a key file, which is not there yet."""
    async with running_network(sqlite_url, tmp_path, clock, BPP_KEY_FILE=str(tmp_path / "keys.json")) as running:
        yield running
        check_conversation(running)


def change(network: Network, move: Callable[[KeySet], KeySet]) -> KeySet:
    """One step of a rotation, as `bpp keys rotate` writes it."""
    with changing(network.settings) as changed:
        changed.put(move(changed.keys))
        return changed.keys


def begun(network: Network, key_id: str = NEXT) -> KeyPair:
    """A new pair, known to the server alone."""
    keys = change(
        network,
        lambda keys: begin(
            keys,
            unique_key_id=key_id,
            signing_key=generate_signing_key(),
            encryption_key=generate_encryption_key(),
            request_id=f"request of {key_id}",
            now=network.clock(),
            valid_for=timedelta(days=1095),
        ),
    )
    assert keys.coming is not None
    return keys.coming


def seller_with(network: Network, pair: KeyPair) -> Participant:
    """Ourselves as the registry has us with a pair."""
    return replace(
        BPP.at(network.url),
        unique_key_id=pair.unique_key_id,
        key=pair.signing_key,
        encryption_key=pair.encryption_key,
    )


def publish(network: Network, *sellers: Participant) -> None:
    """What the registry shows from now on."""
    buyers = (BUYER.at(network.buyer.url), SECOND_BUYER.at(network.second_buyer.url))
    write_registry(network.registry, (*sellers, *buyers, GATEWAY))


def switched(network: Network, pair: KeyPair) -> None:
    """The registry shows the pair beside the old one, and we sign with it."""
    publish(network, BPP.at(network.url), seller_with(network, pair))
    change(network, lambda keys: switch(keys, network.clock()))


def signed_with(callback: Callback) -> str:
    """The unique key id of a callback's signature, which held."""
    assert not callback.problem
    return SignatureHeader.parse(callback.headers["Authorization"]).key_id.unique_key_id


async def challenged(network: Network, own: EncryptionKey, registry: EncryptionKey = REGISTRY) -> int:
    """The status of our answer to a challenge; if it is 200, the answer was right."""
    body = {"subscriber_id": BPP.subscriber_id, "challenge": make_challenge(ANSWER, registry, own.public_key)}
    async with network.session.post(f"{network.url}/on_subscribe", json=body) as answer:
        assert answer.status != 200 or await answer.json() == {"answer": ANSWER}
        return answer.status


async def page(network: Network) -> str:
    async with network.session.get(f"{network.url}/ondc-site-verification.html") as answer:
        return await answer.text()


async def test_a_booking_goes_on_through_every_step_of_a_rotation(network: Network) -> None:
    """Each callback bears the key that the registry shows for it at that moment."""
    ready = await network.initialised()
    assert signed_with(ready) == BPP.unique_key_id

    pair = begun(network)
    confirmed = (await journey.confirm(network.buyer, ready)).callback
    assert signed_with(confirmed) == BPP.unique_key_id  # the registry does not show the new one yet
    change(network, lambda keys: registered(keys, network.clock()))
    assert signed_with(await network.pushed(confirmed, "depart")) == BPP.unique_key_id

    switched(network, pair)
    arrived = await network.pushed(confirmed, "arrive")
    assert signed_with(arrived) == NEXT
    assert signed_with(await network.pushed(confirmed, "start", otp=otp_of(arrived))) == NEXT

    publish(network, seller_with(network, pair))  # the old record has ended
    network.clock.tick(days=8)
    change(network, lambda keys: expire(keys, network.clock(), GRACE))
    assert signed_with(await network.pushed(confirmed, "complete")) == NEXT


async def test_the_page_of_what_we_support_names_the_key_that_signs(network: Network) -> None:
    async def named() -> dict[str, str]:
        async with network.session.get(f"{network.url}/docs.json") as answer:
            return {row["what"]: row["value"] for row in (await answer.json())["identity"]["rows"]}

    before = await named()
    assert before["unique_key_id"] == BPP.unique_key_id
    pair = begun(network)
    assert await named() == before

    switched(network, pair)

    changed = {"unique_key_id": NEXT, "signing_public_key": encode_public_key(pair.signing_key)}
    assert await named() == before | changed


async def test_many_bookings_under_way_at_once_lose_nothing_while_keys_change(network: Network) -> None:
    async def booked(number: int) -> Callback:
        return await network.booked(buyer=(network.buyer, network.second_buyer)[number % 2], slot=number)

    def came() -> int:
        return len(network.buyer.callbacks) + len(network.second_buyer.callbacks)

    async def rotated() -> None:
        for number in range(3):
            pair = begun(network, f"key-{number}")
            while came() < 4 + 8 * number:  # noqa: ASYNC110  of 32: some go out between the steps
                await asyncio.sleep(0.005)
            change(network, lambda keys: registered(keys, network.clock()))
            before = [seller_with(network, one) for one in network.context.keys.current().pairs]
            publish(network, *before)
            change(network, lambda keys: switch(keys, network.clock()))
            assert pair.unique_key_id == network.context.keys.current().signing.unique_key_id
            # What is on its way was signed before: something is signed with each key, however quickly the next comes.
            assert signed_with((await network.offers())[0]) == pair.unique_key_id

    *confirmed, _ = await asyncio.gather(*map(booked, range(8)), rotated())

    assert [one.order["status"] for one in confirmed if one] == ["ACCEPTED"] * 8
    await network.settled()
    callbacks = [*network.buyer.callbacks, *network.second_buyer.callbacks]
    assert {signed_with(one) for one in callbacks} == {BPP.unique_key_id, "key-0", "key-1", "key-2"}
    assert len({one.message_id for one in callbacks}) == len(callbacks)  # none was repeated


async def test_a_retry_after_the_change_is_the_same_bytes_signed_by_the_new_key(network: Network) -> None:
    confirmed = await network.booked()
    network.buyer.script("on_status", Answer(status=503))
    await network.event(confirmed, "depart")
    first = await network.buyer.next_callback(confirmed.transaction_id, "on_status")
    assert signed_with(first) == BPP.unique_key_id
    assert (await judged(network, "on_status")).state == "pending"

    switched(network, begun(network))
    network.clock.tick(minutes=5)
    second = await network.buyer.next_callback(confirmed.transaction_id, "on_status")

    assert (signed_with(second), second.body) == (NEXT, first.body)


async def test_a_buyer_app_that_learns_of_the_new_key_late_gets_what_it_refused(network: Network) -> None:
    confirmed = await network.booked()
    switched(network, begun(network))
    network.buyer.script("on_status", nacked("20001", "Invalid Signature", status=401), Answer(status=401))
    await network.event(confirmed, "depart")
    bodies = []
    for attempt, state in enumerate(("pending", "pending", "delivered"), 1):
        bodies.append((await network.buyer.next_callback(confirmed.transaction_id, "on_status")).body)
        assert (await judged(network, "on_status", attempt)).state == state
        network.clock.tick(minutes=5)

    assert len(set(bodies)) == 1


async def test_long_after_a_change_a_refused_signature_is_final_again(network: Network) -> None:
    confirmed = await network.booked()
    switched(network, begun(network))
    network.clock.tick(days=2)
    network.buyer.script("on_status", Answer(status=401))

    await network.event(confirmed, "depart")

    assert (await judged(network, "on_status")).state == "refused"


async def test_challenges_for_the_old_and_for_the_new_key_are_answered_during_a_change(network: Network) -> None:
    stranger = generate_encryption_key()
    pair = begun(network)
    old, new = BPP.encryption_key, pair.encryption_key
    assert [await challenged(network, one) for one in (old, new, stranger)] == [200, 200, 400]

    switched(network, pair)
    assert [await challenged(network, one) for one in (old, new)] == [200, 200]
    network.clock.tick(days=8)
    change(network, lambda keys: expire(keys, network.clock(), GRACE))
    assert [await challenged(network, one) for one in (old, new)] == [400, 200]


async def test_the_site_page_is_signed_by_the_pair_that_is_announced_with_its_own_request_id(network: Network) -> None:
    usual = sign_text(network.settings.site_request_id, BPP.key)
    assert usual in await page(network)

    pair = begun(network)
    announced = sign_text(f"request of {NEXT}", pair.signing_key)
    assert announced in await page(network)
    change(network, abandon)
    assert usual in await page(network)
    pair = begun(network)
    switched(network, pair)
    assert sign_text(f"request of {NEXT}", pair.signing_key) in await page(network)


async def test_the_registrys_own_key_changes_while_we_run(network: Network) -> None:
    new = generate_encryption_key()
    assert await challenged(network, BPP.encryption_key, new) == 400

    change(network, lambda keys: trust(keys, new.public_key))
    assert await challenged(network, BPP.encryption_key, new) == 200
    assert await challenged(network, BPP.encryption_key, REGISTRY) == 200
    change(network, lambda keys: distrust(keys, REGISTRY.public_key))
    assert await challenged(network, BPP.encryption_key, new) == 200
    assert await challenged(network, BPP.encryption_key, REGISTRY) == 400


async def test_look_ups_of_a_live_registry_are_signed_by_the_key_of_the_moment(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    records = registry_records((BPP, BUYER, SECOND_BUYER, GATEWAY))
    async with (
        RegistryServer(*records, caller_public_key=BPP.key.public_key) as registry,
        running_network(
            sqlite_url, tmp_path, clock, BPP_REGISTRY=registry.url, BPP_KEY_FILE=str(tmp_path / "keys.json")
        ) as network,
    ):
        ready = await network.initialised()
        pair = begun(network)
        new = registry_records((seller_with(network, pair),))
        registry.records = [*new, *(one for one in records if one["subscriber_id"] != BPP.subscriber_id)]
        registry.forget_caller()  # the old key is unknown to it from now on
        switched(network, pair)
        clock.tick(hours=2)  # what was cached of the buyer app is asked for again
        asked = len(registry.requests)

        found, _ = await network.offers()

        assert signed_with(found) == NEXT
        assert len(registry.requests) > asked
        assert signed_with(ready) == BPP.unique_key_id
        check_conversation(network)


async def test_a_key_file_that_is_broken_or_gone_leaves_the_last_good_keys_in_force(network: Network) -> None:
    switched(network, begun(network))
    path = Path(network.settings.key_file)
    good = path.read_bytes()
    document = orjson.loads(good)
    assert signed_with((await network.offers())[0]) == NEXT
    twice = orjson.dumps(document | {"pairs": document["pairs"] * 2})

    for broken in (b"", b"{", b"[]", twice):
        path.write_bytes(broken)
        found, _ = await network.offers()
        assert signed_with(found) == NEXT
    path.unlink()
    assert signed_with((await network.offers())[0]) == NEXT
    path.write_bytes(good)
    assert signed_with((await network.offers())[0]) == NEXT

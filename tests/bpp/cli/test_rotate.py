"""`bpp keys rotate` and `bpp keys registry` against a running server and a registry that onboards as ONDC's does."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bpp.app import prepare, with_operator_token
from bpp.sandbox.identities import BPP, registry_records
from bpp.serve import listening
from bpp.settings import load_settings
from signing.challenge import make_challenge
from signing.keys import encode_public_key, generate_encryption_key, load_encryption_key, load_signing_key
from tests.bpp.cli.conftest import Bpp, Said
from tests.support.fake_registry import OnboardingRegistry
from tests.support.network import free_port

ENTITY = {
    "gst": {"business_address": "1 Artificial Road, Lucknow 226010", "city_code": ["std:0522"]},
    "pan": {"name_as_per_pan": "ARTIFICIAL SELLER", "pan_no": "AAAAA0000A", "date_of_incorporation": "01/01/2020"},
    "name_of_authorised_signatory": "A Person",
    "address_of_authorised_signatory": "1 Artificial Road, Lucknow 226010",
    "mobile_no": 9999999999,
}


@dataclass
class Ground:
    """The registry, the server that runs, and the program."""

    registry: OnboardingRegistry
    url: str
    keys: Path
    entity: Path
    bpp: Callable[..., Awaitable[Said]]

    async def challenged(self) -> int:
        """The status of the answer to a challenge of the registry to the sandbox's key."""
        body = {
            "subscriber_id": BPP.subscriber_id,
            "challenge": make_challenge("plain", self.registry.key, BPP.encryption_key.public_key),
        }
        async with aiohttp.ClientSession() as session, session.post(f"{self.url}/on_subscribe", json=body) as answer:
            return answer.status


@pytest.fixture
async def ground(environment: pytest.MonkeyPatch, bpp: Bpp, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Ground]:
    port, keys, entity = free_port(), tmp_path / "keys.json", tmp_path / "entity.json"
    url = f"http://127.0.0.1:{port}"
    entity.write_text(json.dumps(ENTITY))
    records = registry_records((BPP.at(url),))
    async with OnboardingRegistry(*records, caller_public_key=BPP.key.public_key) as registry:
        registry.places[BPP.subscriber_id] = url
        fields = {
            "BPP_PORT": str(port),
            "BPP_SUBSCRIBER_URI": url,
            "BPP_REGISTRY": registry.url.rstrip("/"),
            "BPP_DATABASE_URL": sqlite_url,
            "BPP_KEY_FILE": str(keys),
        }
        for name, value in fields.items():
            environment.setenv(name, value)
        settings, _ = with_operator_token(load_settings(fields))
        await prepare(settings)

        async def command(*line: str) -> Said:
            return await asyncio.to_thread(bpp, *line)

        async with listening(settings):
            yield Ground(registry=registry, url=url, keys=keys, entity=entity, bpp=command)


async def stages(ground: Ground) -> dict[str, str]:
    said = await ground.bpp("keys", "show", "--json")
    assert said.status == 0, said
    return {pair["unique_key_id"]: pair["stage"] for pair in said.json["pairs"]}


async def test_a_rotation_goes_from_a_new_pair_to_an_old_one_that_is_gone(ground: Ground) -> None:
    made = await ground.bpp("keys", "rotate", "--new", "--id", "key-2", "--json")
    assert made.status == 0, made
    assert await stages(ground) == {"sandbox-bpp-1": "signing", "key-2": "made"}
    assert stat.S_IMODE(ground.keys.stat().st_mode) == 0o600
    assert "--subscribe" in made.json["next"]

    early = await ground.bpp("keys", "rotate", "--json")
    assert early.json["waits_for"] == ["ukId: the registry has sandbox-bpp-1, and not key-2"]
    assert await stages(ground) == {"sandbox-bpp-1": "signing", "key-2": "made"}

    ground.registry.publishes = False
    line = ("--entity", str(ground.entity), "--subscribe", f"{ground.registry.url}subscribe")
    sent = await ground.bpp("keys", "rotate", *line)
    assert sent.status == 0, sent
    assert "the registry: ukId" in sent.out
    assert await stages(ground) == {"sandbox-bpp-1": "signing", "key-2": "registered"}

    ground.registry.publish()
    seen = await ground.bpp("keys", "rotate")
    assert seen.status == 0, seen
    assert await stages(ground) == {"sandbox-bpp-1": "retired", "key-2": "signing"}
    assert "removes what is retired" in seen.out

    kept = await ground.bpp("keys", "rotate")
    assert "removes what is retired" in kept.out
    gone = await ground.bpp("keys", "rotate", "--grace", "PT0S")
    assert "--new begins one" in gone.out
    assert await stages(ground) == {"key-2": "signing"}


async def test_a_registry_that_drops_the_old_key_at_once_is_asked_with_the_new_one(ground: Ground) -> None:
    ground.registry.replaces = True
    await ground.bpp("keys", "rotate", "--new", "--id", "key-2")
    line = ("--entity", str(ground.entity), "--subscribe", f"{ground.registry.url}subscribe")

    sent = await ground.bpp("keys", "rotate", *line)

    assert sent.status == 0, sent
    assert await stages(ground) == {"sandbox-bpp-1": "retired", "key-2": "signing"}


async def test_no_private_key_is_ever_printed_and_none_is_in_the_payload(ground: Ground, tmp_path: Path) -> None:
    payload = tmp_path / "subscribe.json"
    said = [
        await ground.bpp("keys", "rotate", "--new"),
        await ground.bpp("keys", "rotate", "--entity", str(ground.entity), "--payload", str(payload), "--json"),
        await ground.bpp("keys", "show"),
        await ground.bpp("config"),
    ]

    document = json.loads(ground.keys.read_bytes())
    private = [pair[name] for pair in document["pairs"] for name in ("signing_key", "encryption_key")]
    everything = payload.read_text() + "".join(one.out + one.err for one in said)
    assert len(private) == 4
    assert not [key for key in private if key in everything]
    entity = json.loads(payload.read_text())["message"]["entity"]
    assert entity["unique_key_id"] == document["pairs"][1]["unique_key_id"]


async def test_a_pair_that_was_announced_by_hand_signs_when_the_registry_shows_it(ground: Ground) -> None:
    await ground.bpp("keys", "rotate", "--new", "--id", "key-2")
    by_hand = await ground.bpp("keys", "rotate", "--registered")
    assert by_hand.status == 0
    assert await stages(ground) == {"sandbox-bpp-1": "signing", "key-2": "registered"}

    shown = (await ground.bpp("keys", "show", "--json")).json
    assert shown["ukId"] == "sandbox-bpp-1"
    pair = json.loads(ground.keys.read_bytes())["pairs"][1]
    new = replace(BPP.at(ground.url), unique_key_id="key-2")
    ground.registry.records += registry_records((new,))  # with the old key: not ours
    wrong = await ground.bpp("keys", "rotate", "--json")
    assert {one.partition(":")[0] for one in wrong.json["waits_for"]} == {"signing_public_key", "encr_public_key"}
    assert pair["stage"] == "registered"


async def test_what_the_registry_refuses_is_said_with_its_number_and_nothing_moves(ground: Ground) -> None:
    await ground.bpp("keys", "rotate", "--new", "--id", "key-2")
    address = ("--subscribe", f"{ground.registry.url}subscribe")
    before = ground.keys.read_bytes()

    short = await ground.bpp("keys", "rotate", *address)
    assert (short.status, "151" in short.err, "gst.city_code" in short.err) == (1, True, True)

    ground.registry.key = generate_encryption_key()  # ours does not know it yet
    challenge = await ground.bpp("keys", "rotate", "--entity", str(ground.entity), *address)
    assert (challenge.status, "132: Encryption verification" in challenge.err) == (1, True)

    ground.registry.places.clear()
    unknown = await ground.bpp("keys", "rotate", "--entity", str(ground.entity), *address, "--json")
    assert (unknown.status, "132: Subscriber Id is not whitelisted" in unknown.json["problem"]) == (1, True)
    nobody = await ground.bpp(
        "keys", "rotate", "--entity", str(ground.entity), "--subscribe", f"http://127.0.0.1:{free_port()}/subscribe"
    )
    assert (nobody.status, "Cannot connect" in nobody.err) == (1, True)
    assert ground.keys.read_bytes() == before


async def test_what_is_wrong_with_our_record_beside_the_key_does_not_keep_a_new_key_back(ground: Ground) -> None:
    """A key that ends tonight must not wait for an address or a domain that nobody asked for."""
    old = [{**one, "subscriber_url": "https://elsewhere.example"} for one in ground.registry.records[:2]]
    ground.registry.records[:] = old
    assert (await ground.bpp("keys", "rotate", "--new", "--id", "key-2")).status == 0
    pair = json.loads(ground.keys.read_bytes())["pairs"][1]
    public = {
        "signing_public_key": encode_public_key(load_signing_key(pair["signing_key"])),
        "encr_public_key": encode_public_key(load_encryption_key(pair["encryption_key"])),
    }
    first, second = ({**one, "ukId": "key-2", "br_id": "key-2", **public} for one in old)

    ground.registry.records.append(first)
    half = await ground.bpp("keys", "rotate", "--json")
    assert [one.partition(":")[0] for one in half.json["waits_for"]] == ["domain"]
    ground.registry.records.append(second)

    assert (await ground.bpp("keys", "rotate")).status == 0
    assert await stages(ground) == {"sandbox-bpp-1": "retired", "key-2": "signing"}


async def test_the_first_registration_needs_no_key_file_and_has_an_end(
    ground: Ground, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("BPP_KEY_FILE")
    ground.registry.records.clear()
    line = ("--entity", str(ground.entity), "--subscribe", f"{ground.registry.url}subscribe", "--ops-no", "2")

    sent = await ground.bpp("keys", "rotate", *line, "--valid-for", "P30D")

    assert sent.status == 0, sent
    shown = ground.registry.records[0]
    assert shown["ukId"] == BPP.unique_key_id
    until, begin = (datetime.fromisoformat(shown[name]) for name in ("valid_until", "valid_from"))
    assert until - begin == timedelta(days=30)


async def test_an_entity_that_is_no_object_is_misuse(ground: Ground) -> None:
    for wrong in ("[]", '{"gst": []}'):
        ground.entity.write_text(wrong)
        said = await ground.bpp("keys", "rotate", "--entity", str(ground.entity), "--payload", "/dev/null")
        assert (said.status, "a JSON object is expected" in said.err) == (2, True)


async def test_a_second_rotation_does_not_begin_before_the_first_has_ended_or_was_given_up(ground: Ground) -> None:
    await ground.bpp("keys", "rotate", "--new", "--id", "key-2")
    again = await ground.bpp("keys", "rotate", "--new")
    assert (again.status, "key-2 is made" in again.err) == (1, True)

    assert (await ground.bpp("keys", "rotate", "--abandon")).status == 0
    assert await stages(ground) == {"sandbox-bpp-1": "signing"}
    none = await ground.bpp("keys", "rotate", "--abandon")
    assert (none.status, "no rotation" in none.err) == (1, True)


async def test_a_change_under_way_is_not_written_over(ground: Ground) -> None:
    ground.keys.with_name("keys.json.new").touch()

    said = await ground.bpp("keys", "rotate", "--new")

    assert (said.status, "another change is under way" in said.err) == (2, True)
    assert not ground.keys.exists()


async def test_the_running_server_answers_with_a_key_of_the_registry_that_was_added_and_not_with_one_dropped(
    ground: Ground,
) -> None:
    assert await ground.challenged() == 200
    old, ground.registry.key = ground.registry.key, generate_encryption_key()
    assert await ground.challenged() == 400

    added = await ground.bpp("keys", "registry", encode_public_key(ground.registry.key), "--json")
    assert (added.status, len(added.json["registry_encryption_keys"])) == (0, 2)
    assert await ground.challenged() == 200

    assert (await ground.bpp("keys", "registry", encode_public_key(old), "--drop")).status == 0
    last = await ground.bpp("keys", "registry", encode_public_key(ground.registry.key), "--drop")
    assert (last.status, "last" in last.err) == (1, True)
    assert (await ground.bpp("keys", "registry", "nonsense")).status == 2
    assert await ground.challenged() == 200


def test_without_a_key_file_a_rotation_says_what_it_needs(bpp: Bpp) -> None:
    for line in (("rotate", "--new"), ("registry", encode_public_key(generate_encryption_key()))):
        said = bpp("keys", *line)
        assert (said.status, "BPP_KEY_FILE" in said.err) == (2, True)

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from beckn_schemas.registry import RegistryFileError, Role, Subscriber, parse_lookup, parse_registry_file
from bpp.network.keyring import Keyring
from bpp.network.registry import FileRegistry, HttpRegistry, RegistryUnavailable
from signing.header import KeyId
from signing.keys import SigningKey, encode_public_key
from signing.signature import sign
from tests.support.fake_registry import RegistryServer, a_record

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEY, OTHER = SigningKey(b"\x01" * 32), SigningKey(b"\x02" * 32)
OWN = SigningKey(b"\x03" * 32)
SPKI = "MCowBQYDK2VwAyEA" + encode_public_key(KEY)[:-1]


# --- records


@pytest.mark.parametrize("name", ["ukId", "ukid", "unique_key_id", "key_id", "br_id"])
def test_the_key_id_is_read_under_every_name_it_goes_by(name):
    (record,) = parse_lookup([{"subscriber_id": "a.in", name: "207", "signing_public_key": "x"}])

    assert record.unique_key_id == "207"


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("BAP", Role.BAP),
        ("buyerApp", Role.BAP),
        ("BPP", Role.BPP),
        ("sellerApp", Role.BPP),
        ("BG", Role.BG),
        ("gateway", Role.BG),
    ],
)
def test_roles_are_read_in_both_spellings(text, role):
    assert Subscriber.model_validate(a_record(key=KEY, role=text)).role is role


@pytest.mark.parametrize("text", ["REGISTRY", "", None])
def test_an_unknown_role_is_no_role(text):
    assert Subscriber.model_validate(a_record(key=KEY, type=text)).role is None


def test_the_few_fields_of_a_workbench_record_suffice():
    (record,) = parse_lookup(
        [{"subscriber_id": "a.in", "ukId": "k1", "signing_public_key": "x", "encr_public_key": "", "type": "BAP"}]
    )

    assert record.is_active(NOW)


def test_null_and_numbers_are_read_as_registries_write_them():
    record = Subscriber.model_validate(
        a_record(key=KEY, ukId=207, subscriber_url=None, status=None, city=["std:080", "std:0522"], domain=None)
    )

    assert (record.unique_key_id, record.status, record.city) == ("207", "SUBSCRIBED", ("std:080", "std:0522"))


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("2026-01-01T12:00:00.101Z", 101000),
        ("2026-01-01T12:00:00Z", 0),
        ("2026-01-01T12:00:00.470618Z3", 470618),
        ("2026-01-01T12:00:00.4706189Z", 470618),
        ("2026-01-01T17:30:00+05:30", 0),
        ("2026-01-01T12:00:00", 0),
        ("2026-01-01 12:00:00.5", 500000),
    ],
)
def test_times_are_read_as_registries_write_them(text, microsecond):
    record = Subscriber.model_validate(a_record(key=KEY, valid_from=text))

    assert record.valid_from == NOW.replace(microsecond=microsecond)


def test_records_that_cannot_be_read_are_left_out():
    good = a_record(key=KEY)

    assert len(parse_lookup([good, None, 1, {}, good | {"valid_until": "soon"}, good | {"subscriber_id": ""}])) == 1


@pytest.mark.parametrize("answer", [None, {}, "x", {"message": {"ack": {"status": "NACK"}}}])
def test_an_answer_that_is_no_array_is_no_answer(answer):
    with pytest.raises(ValueError, match="array"):
        parse_lookup(answer)


# --- the file


def file_of(*records: object) -> bytes:
    return json.dumps(records).encode()


@pytest.mark.parametrize(
    ("data", "mistake"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "array"),
        (file_of({}), r"\[0\].subscriber_id"),
        (file_of(a_record(key=KEY, signing_public_key="AAAA")), "32 bytes"),
        (file_of(a_record(key=KEY, signing_public_key="%%")), "32 bytes"),
        (file_of(a_record(key=KEY, signing_public_key=SPKI)), "32 bytes"),
        (file_of(a_record(key=KEY, role="RIDER")), r"\[0\].type"),
        (file_of(a_record(key=KEY, valid_until="2025-01-01T00:00:00Z")), "valid_until"),
        (file_of(a_record(key=KEY), a_record(key=OTHER)), r"\[1\].*another key"),
    ],
)
def test_a_registry_file_with_a_mistake_is_refused_as_a_whole(data, mistake):
    with pytest.raises(RegistryFileError, match=mistake):
        parse_registry_file(data)


def test_all_mistakes_of_a_file_are_told_at_once():
    with pytest.raises(RegistryFileError, match=r"\[0\].*\[1\]"):
        parse_registry_file(file_of(a_record(key=KEY, signing_public_key="x"), {}))


def test_the_same_key_may_serve_several_domains_and_roles():
    records = [
        a_record(key=KEY),
        a_record(key=KEY, domain="ONDC:RET10"),
        a_record(key=KEY, role="BPP"),
        a_record(key=KEY),
    ]

    assert len(parse_registry_file(file_of(*records))) == 3


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "registry.json"
    path.write_bytes(file_of(a_record(key=KEY)))
    return path


async def test_the_file_answers_for_exact_keys_only(path):
    registry = FileRegistry(path)

    assert len(await registry.lookup("buyer.example.in", "k1")) == 1
    assert await registry.lookup("buyer.example.in", "k2") == ()
    assert await registry.lookup("BUYER.example.in", "k1") == ()
    assert len(registry.records()) == 1


async def test_a_changed_file_is_followed_without_a_restart(path):
    registry = FileRegistry(path)
    before = registry.version()
    path.write_bytes(file_of(a_record(key=KEY), a_record(unique_key_id="k2", key=OTHER)))

    assert await registry.lookup("buyer.example.in", "k2")
    assert registry.version() != before


async def test_a_file_replaced_with_one_of_the_same_size_and_time_is_followed(path):
    registry = FileRegistry(path)
    stat = path.stat()
    other = path.with_suffix(".new")
    other.write_bytes(file_of(a_record(key=OTHER)))
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(path)

    assert (await registry.lookup("buyer.example.in", "k1"))[0].signing_public_key == encode_public_key(OTHER)


@pytest.mark.parametrize("broken", [b"", b"[{]", file_of({}), None])
async def test_a_broken_file_leaves_the_last_good_records_and_is_followed_once_mended(path, broken):
    registry = FileRegistry(path)
    before = registry.version()
    if broken is None:
        path.unlink()
    else:
        path.write_bytes(broken)

    assert await registry.lookup("buyer.example.in", "k1")
    assert registry.version() == before

    path.write_bytes(file_of(a_record(unique_key_id="k2", key=OTHER)))
    assert await registry.lookup("buyer.example.in", "k2")
    assert registry.version() != before


@pytest.mark.parametrize("broken", [b"[{]", None])
def test_the_first_reading_must_succeed(path, broken):
    if broken is None:
        path.unlink()
    else:
        path.write_bytes(broken)

    with pytest.raises((RegistryFileError, OSError)):
        FileRegistry(path)


async def test_a_key_added_to_the_file_is_found_though_it_was_unknown_a_moment_ago(path):
    keyring = Keyring(FileRegistry(path))
    key_id = KeyId("new.example.in", "k1")
    assert await keyring.records(key_id, NOW, action="search") == ()
    path.write_bytes(file_of(a_record("new.example.in", key=KEY), a_record(key=KEY)))

    assert await keyring.records(key_id, NOW, action="search")


# --- the network


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def server():
    async with RegistryServer(a_record(key=KEY), caller_public_key=OWN.public_key) as server:
        yield server


def a_registry(
    server: RegistryServer, session: aiohttp.ClientSession, key: SigningKey = OWN, patience: float = 30.0
) -> HttpRegistry:
    return HttpRegistry(
        base_url=server.url,
        session=session,
        signer=lambda body: sign(body, key, KeyId("bpp.example.in", "s1"), NOW),
        timeout=timedelta(seconds=patience),
    )


async def test_a_signed_lookup_brings_the_records(server, session):
    (record,) = await a_registry(server, session).lookup("buyer.example.in", "k1")

    assert record.signing_public_key == encode_public_key(KEY)
    assert server.requests == [{"subscriber_id": "buyer.example.in", "ukId": "k1", "country": "IND"}]


async def test_a_lookup_without_a_match_is_an_answer(server, session):
    assert await a_registry(server, session).lookup("buyer.example.in", "k2") == ()


async def test_other_keys_of_an_ignored_filter_are_dropped(server, session):
    server.ignores_key_filter = True
    server.records.append(a_record(unique_key_id="k2", key=OTHER))

    (record,) = await a_registry(server, session).lookup("buyer.example.in", "k2")

    assert record.signing_public_key == encode_public_key(OTHER)
    assert await a_registry(server, session).lookup("buyer.example.in", "k3") == ()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"message":{"ack":{"status":"NACK"}},"error":{"code":"151"}}'),
        (200, b"<html>"),
        (200, b""),
        (200, b"[" + b" " * (1 << 20) + b"]"),
        (302, b"[]"),
        (401, b"[]"),
        (404, b"[]"),
        (429, b"[]"),
        (500, b"[]"),
    ],
)
async def test_anything_but_200_with_an_array_is_an_outage_and_no_unknown_key(server, session, status, body):
    server.answer = (status, body, 0)

    with pytest.raises(RegistryUnavailable):
        await a_registry(server, session).lookup("buyer.example.in", "k1")


async def test_a_registry_that_does_not_answer_in_time_is_unavailable(server, session):
    server.answer = (200, b"[]", 5)

    with pytest.raises(RegistryUnavailable, match="in time"):
        await a_registry(server, session, patience=0.5).lookup("buyer.example.in", "k1")


async def test_a_registry_that_does_not_know_us_is_unavailable(server, session):
    with pytest.raises(RegistryUnavailable, match="401"):
        await a_registry(server, session, key=OTHER).lookup("buyer.example.in", "k1")


async def test_a_registry_that_is_not_there_is_unavailable(server, session, unused_tcp_port):
    registry = HttpRegistry(base_url=f"http://127.0.0.1:{unused_tcp_port}", session=session, signer=lambda _: "x")

    with pytest.raises(RegistryUnavailable):
        await registry.lookup("buyer.example.in", "k1")


async def test_the_keyring_stands_before_a_live_registry_as_before_a_file(server, session):
    keyring = Keyring(a_registry(server, session))
    key_id = KeyId("buyer.example.in", "k1")

    for _ in range(3):
        assert await keyring.records(key_id, NOW, action="confirm")
    assert len(server.requests) == 1


def test_records_that_are_no_objects_are_told_as_mistakes():
    with pytest.raises(RegistryFileError, match=r"\[0\]"):
        parse_registry_file(b"[1]")

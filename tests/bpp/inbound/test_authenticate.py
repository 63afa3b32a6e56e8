from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from multidict import CIMultiDict

from beckn_schemas.registry import Role
from bpp.errors import InvalidSignature, Unavailable
from bpp.inbound.authenticate import Sender, authenticate, challenge_headers
from bpp.network.keyring import Keyring
from signing.header import KeyId
from signing.keys import SigningKey
from signing.signature import sign
from tests.support.fake_registry import FakeRegistry, a_record

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
BODY = b'{"context":{}}'
BUYER, GATEWAY, OTHER = (SigningKey(bytes([number]) * 32) for number in (1, 2, 3))
BUYER_ID, GATEWAY_ID = KeyId("buyer.example.in", "k1"), KeyId("gateway.example.in", "g1")


def a_registry() -> FakeRegistry:
    return FakeRegistry(
        a_record(key=BUYER),
        a_record("gateway.example.in", "g1", key=GATEWAY, role="BG"),
        a_record("seller.example.in", "s1", key=OTHER, role="BPP"),
    )


def by_buyer(body: bytes = BODY, now: datetime = NOW) -> str:
    return sign(body, BUYER, BUYER_ID, now)


def by_gateway(body: bytes = BODY) -> str:
    return sign(body, GATEWAY, GATEWAY_ID, NOW)


async def the_sender(headers, registry=None, *, action="search", **options):
    keyring = Keyring(registry or a_registry())
    return await authenticate(
        CIMultiDict(headers), BODY, keyring=keyring, now=NOW, skew=timedelta(seconds=5), action=action, **options
    )


async def from_keyring(keyring: Keyring, authorization: str) -> Sender:
    headers = CIMultiDict({"Authorization": authorization})
    return await authenticate(headers, BODY, keyring=keyring, now=NOW, skew=timedelta(seconds=5), action="select")


async def refused(headers, registry=None, **options) -> InvalidSignature:
    with pytest.raises(InvalidSignature) as refusal:
        await the_sender(headers, registry, **options)
    return refusal.value


async def test_a_signed_message_has_a_sender():
    authorization = by_buyer()
    sender = await the_sender({"authorization": authorization})

    assert sender.subscriber_id == "buyer.example.in"
    assert sender.key_id == BUYER_ID
    assert sender.gateway is None
    assert sender.signature in authorization
    assert sender.subscriber_urls == {"https://buyer.example.in/ondc"}


@pytest.mark.parametrize("name", ["X-Gateway-Authorization", "x-gateway-authorization", "Proxy-Authorization"])
async def test_a_search_that_came_through_a_gateway_names_it(name):
    sender = await the_sender({"Authorization": by_buyer(), name: by_gateway()})

    assert sender.gateway == "gateway.example.in"


async def test_a_proxys_basic_credentials_are_ignored():
    sender = await the_sender({"Authorization": by_buyer(), "Proxy-Authorization": "Basic dTpw"})

    assert sender.gateway is None


async def test_the_new_gateway_header_hides_the_old_one():
    headers = {
        "Authorization": by_buyer(),
        "X-Gateway-Authorization": by_gateway(),
        "Proxy-Authorization": "Signature x",
    }

    assert (await the_sender(headers)).gateway == "gateway.example.in"


@pytest.mark.parametrize(
    ("headers", "reason", "gateway"),
    [
        ([], "missing_authorization", False),
        ([("Authorization", by_buyer()), ("authorization", by_buyer())], "multiple_authorization", False),
        ([("Authorization", f"{by_buyer()}, {by_buyer()}")], "malformed_header", False),
        ([("Authorization", by_gateway())], "wrong_role", False),
        ([("Authorization", sign(BODY, OTHER, KeyId("seller.example.in", "s1"), NOW))], "wrong_role", False),
        ([("Authorization", sign(BODY, OTHER, BUYER_ID, NOW))], "signature_mismatch", False),
        ([("Authorization", by_buyer(b"{}"))], "signature_mismatch", False),
        ([("Authorization", sign(BODY, BUYER, KeyId("buyer.example.in", "k2"), NOW))], "unknown_key", False),
        ([("X-Gateway-Authorization", by_gateway())], "missing_authorization", False),
        ([("Authorization", by_buyer()), ("X-Gateway-Authorization", by_buyer())], "gateway_wrong_role", True),
        ([("Authorization", "rubbish"), ("X-Gateway-Authorization", "rubbish")], "gateway_bad_scheme", True),
        ([("Authorization", by_buyer()), ("X-Gateway-Authorization", "")], "gateway_bad_scheme", True),
        (
            [("Authorization", by_buyer()), *[("X-Gateway-Authorization", by_gateway())] * 2],
            "gateway_multiple_authorization",
            True,
        ),
    ],
)
async def test_a_message_without_good_signatures_is_refused_by_the_header_that_failed(headers, reason, gateway):
    refusal = await refused(headers)

    assert (refusal.reason, refusal.gateway, refusal.http_status) == (reason, gateway, 401)
    assert str(refusal) == "Invalid Signature"


async def test_a_gateway_header_is_verified_on_every_action():
    refusal = await refused({"Authorization": by_buyer(), "X-Gateway-Authorization": by_buyer()}, action="select")

    assert refusal.gateway


async def test_a_gateway_may_be_required_for_search_and_only_for_search():
    headers = {"Authorization": by_buyer()}

    assert (await refused(headers, require_gateway=True)).gateway
    assert (await the_sender(headers, require_gateway=True, action="select")).gateway is None


async def test_another_role_may_be_admitted_for_an_action():
    headers = {"Authorization": sign(BODY, OTHER, KeyId("seller.example.in", "s1"), NOW)}
    sender = await the_sender(headers, action="on_settle", roles=frozenset({Role.BPP}))

    assert sender.subscriber_id == "seller.example.in"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer x",
        by_buyer(now=NOW - timedelta(hours=1)),
        by_buyer(now=NOW + timedelta(hours=1)),
        "Signature " + "x" * 5000,
    ],
)
async def test_the_registry_is_not_asked_about_nonsense(header):
    registry = a_registry()

    await refused({"Authorization": header}, registry)

    assert registry.lookups == []


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "UNSUBSCRIBED"},
        {"status": "WHITELISTED"},
        {"valid_until": "2025-12-31T00:00:00Z"},
        {"valid_from": "2026-01-02T00:00:00Z"},
    ],
)
async def test_a_key_that_the_registry_does_not_vouch_for_now_is_refused(changes):
    refusal = await refused({"Authorization": by_buyer()}, FakeRegistry(a_record(key=BUYER, **changes)))

    assert refusal.reason == "key_not_active"


async def test_a_key_counts_in_any_of_its_records():
    registry = FakeRegistry(
        a_record(key=BUYER, role="BPP"),
        a_record(key=OTHER, domain="ONDC:RET10"),
        a_record(key=BUYER, domain="ONDC:SRV11"),
    )
    sender = await the_sender({"Authorization": by_buyer()}, registry)

    assert [record.domain for record in sender.records] == ["ONDC:SRV11"]


@pytest.mark.parametrize("public_key", ["AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "not base64", "AAAA"])
async def test_an_unusable_key_in_the_registry_verifies_nothing(public_key):
    registry = FakeRegistry(a_record(key=BUYER, signing_public_key=public_key))

    assert (await refused({"Authorization": by_buyer()}, registry)).reason == "signature_mismatch"


async def test_without_a_registry_the_sender_shall_try_again():
    registry = a_registry()
    registry.down = True

    with pytest.raises(Unavailable) as refusal:
        await the_sender({"Authorization": by_buyer()}, registry)

    assert refusal.value.http_status == 503


async def test_a_key_rotated_under_its_old_id_costs_no_request():
    registry = a_registry()
    keyring = Keyring(registry)
    await from_keyring(keyring, by_buyer())
    registry.records = [a_record(key=OTHER)]

    rotated = sign(BODY, OTHER, BUYER_ID, NOW)

    assert (await from_keyring(keyring, rotated)).subscriber_id == "buyer.example.in"


async def test_a_role_added_to_a_known_key_costs_no_request():
    registry = FakeRegistry(a_record(key=BUYER, role="BPP"))
    keyring = Keyring(registry)
    await keyring.records(BUYER_ID, NOW, action="select")
    registry.records.append(a_record(key=BUYER, role="BAP"))

    assert await from_keyring(keyring, by_buyer())


async def test_a_key_that_vanished_from_the_registry_is_unknown_after_the_refetch():
    registry = a_registry()
    keyring = Keyring(registry)
    await keyring.records(BUYER_ID, NOW, action="select")
    registry.records = []

    with pytest.raises(InvalidSignature) as refusal:
        await from_keyring(keyring, by_buyer(b"{}"))

    assert refusal.value.reason == "unknown_key"


@pytest.mark.parametrize(("gateway", "name"), [(False, "WWW-Authenticate"), (True, "Proxy-Authenticate")])
def test_the_401_says_how_to_sign(gateway, name):
    headers = challenge_headers(InvalidSignature("expired", gateway=gateway), "bpp.example.in")

    assert headers == {name: 'Signature realm="bpp.example.in",headers="(created) (expires) digest"'}

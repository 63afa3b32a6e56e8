from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from beckn_schemas.registry import RegistryFileError, Role
from bpp.sandbox.directory import Directory
from bpp.sandbox.identities import BPP, BUYER, PARTICIPANTS, registry_records, write_registry
from signing.errors import SignatureError
from signing.header import KeyId
from signing.signature import sign

NOW = datetime(2026, 2, 2, 5, tzinfo=UTC)
BODY = b'{"context":{}}'
OURS = sign(BODY, BPP.key, BPP.key_id, NOW)


@pytest.fixture
def path(tmp_path):
    write_registry(tmp_path / "registry.json", PARTICIPANTS)
    return tmp_path / "registry.json"


def changed(path, **values):
    """The registry file with values replaced in every record of the seller app."""
    records = [one | values if one["type"] == "BPP" else one for one in registry_records()]
    path.write_bytes(orjson.dumps(records))


def test_a_signature_that_holds_names_its_signer(path):
    assert Directory(path).signer([OURS], BODY, Role.BPP, NOW) == BPP.subscriber_id


@pytest.mark.parametrize(
    ("headers", "body", "role", "now", "reason"),
    [
        ([], BODY, Role.BPP, NOW, "missing_authorization"),
        ([OURS, OURS], BODY, Role.BPP, NOW, "multiple_authorization"),
        (["Basic abc"], BODY, Role.BPP, NOW, "bad_scheme"),
        ([OURS], BODY + b" ", Role.BPP, NOW, "signature_mismatch"),
        ([OURS], BODY, Role.BAP, NOW, "wrong_role"),
        ([OURS], BODY, Role.BPP, NOW + timedelta(hours=1), "expired"),
        ([OURS], BODY, Role.BPP, NOW - timedelta(minutes=1), "not_yet_valid"),
        ([sign(BODY, BPP.key, KeyId("stranger.example", "k"), NOW)], BODY, Role.BPP, NOW, "unknown_key"),
        ([sign(BODY, BUYER.key, BPP.key_id, NOW)], BODY, Role.BPP, NOW, "signature_mismatch"),
    ],
)
def test_a_signature_that_does_not_hold_is_refused_with_its_reason(path, headers, body, role, now, reason):
    with pytest.raises(SignatureError) as refused:
        Directory(path).signer(headers, body, role, now)

    assert refused.value.reason == reason


def test_a_key_that_was_struck_off_the_file_is_refused_without_a_restart(path):
    directory = Directory(path)
    assert directory.signer([OURS], BODY, Role.BPP, NOW)

    changed(path, status="UNSUBSCRIBED")

    with pytest.raises(SignatureError, match="key_not_active"):
        directory.signer([OURS], BODY, Role.BPP, NOW)


@pytest.mark.parametrize(
    ("change", "domain", "city", "found"),
    [
        ({}, "ONDC:SRV11", "std:0522", True),
        ({}, "ONDC:SRV11", "*", True),
        ({}, "ONDC:RET10", "std:0522", False),
        ({"city": "std:0512"}, "ONDC:SRV11", "std:0522", False),
        ({"city": "std:0512"}, "ONDC:SRV11", "std:0512", True),
        ({"status": "UNDER_SUBSCRIPTION"}, "ONDC:SRV11", "std:0522", False),
        ({"valid_until": "2026-01-02T00:00:00.000Z"}, "ONDC:SRV11", "std:0522", False),
    ],
)
def test_a_search_goes_to_the_sellers_of_its_domain_and_city(path, change, domain, city, found):
    changed(path, **change)

    assert Directory(path).sellers(domain, city, NOW) == (("http://127.0.0.1:8080",) if found else ())


def test_a_file_that_is_no_registry_is_refused_at_the_start(tmp_path):
    (tmp_path / "registry.json").write_text("{}")

    with pytest.raises(RegistryFileError):
        Directory(tmp_path / "registry.json")


def test_a_participant_that_the_registry_does_not_know_has_no_address(path):
    assert Directory(path).url_of("stranger.example") is None
    assert Directory(path).url_of(BUYER.subscriber_id) == "http://127.0.0.1:8081"

"""`bpp auth`: what it signs our own door lets in, and of what does not hold it says where and why."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from bpp.keys.model import key_file
from bpp.keys.moves import begin, registered, switch
from bpp.keys.own import keys_of
from bpp.sandbox.identities import BPP, BUYER, GATEWAY, write_registry
from bpp.settings import load_settings
from signing.keys import encode_private_key, encode_public_key, generate_encryption_key, generate_signing_key
from signing.signature import sign
from tests.support.clock import MONDAY_MORNING

NOW = MONDAY_MORNING.isoformat()


@pytest.fixture
def message(tmp_path: Path, environment: pytest.MonkeyPatch) -> Path:
    """A select of the sandbox's buyer in a file; the registry of the settings knows everybody."""
    write_registry(tmp_path / "registry.json", (BPP, BUYER, GATEWAY))
    environment.setenv("BPP_REGISTRY", str(tmp_path / "registry.json"))
    path = tmp_path / "select.json"
    context = {"action": "select", "bap_id": BUYER.subscriber_id, "bpp_id": BPP.subscriber_id}
    path.write_bytes(orjson.dumps({"context": context, "message": {}}))
    return path


def signed(path: Path, who=BUYER) -> str:
    return sign(path.read_bytes(), who.key, who.key_id, MONDAY_MORNING)


def test_what_is_signed_for_a_participant_is_verified(bpp, message):
    who = ("--as", BUYER.subscriber_id, "--key-id", BUYER.unique_key_id, "--key", encode_private_key(BUYER.key))
    line = bpp("auth", "sign", "--body", str(message), *who).out.strip()
    assert line.startswith("Authorization: Signature ")

    found = bpp("auth", "verify", "--header", line, "--body", str(message))

    assert found.status == 0
    assert f"holds: signed by {BUYER.subscriber_id}|{BUYER.unique_key_id}|ed25519" in found.out


def test_by_default_the_key_of_the_settings_signs_and_a_callback_wants_a_seller(bpp, message):
    message.write_bytes(message.read_bytes().replace(b'"select"', b'"on_select"'))
    value = bpp("auth", "sign", "--body", str(message), "--json").json["Authorization"]

    assert bpp("auth", "verify", "--header", value, "--body", str(message)).status == 0


def test_after_a_rotation_the_new_key_signs(bpp, message, environment, tmp_path):
    environment.setenv("BPP_KEY_FILE", str(tmp_path / "keys.json"))
    keys = keys_of(load_settings(os.environ))
    signing, now = generate_signing_key(), MONDAY_MORNING
    made = begin(
        keys,
        signing_key=signing,
        encryption_key=generate_encryption_key(),
        unique_key_id="key-2",
        request_id="one",
        now=now,
        valid_for=timedelta(days=1095),
    )
    coming = registered(made, now)
    (tmp_path / "keys.json").write_bytes(key_file(switch(coming, now)))

    message.write_bytes(message.read_bytes().replace(b'"select"', b'"on_select"'))
    line = bpp("auth", "sign", "--body", str(message)).out.strip()

    assert f'keyId="{BPP.subscriber_id}|key-2|ed25519"' in line
    public = encode_public_key(signing)
    assert bpp("auth", "verify", "--header", line, "--body", str(message), "--public-key", public).status == 0


def test_a_body_that_was_written_anew_is_found_out(bpp, message):
    value = signed(message)
    message.write_text(json.dumps(json.loads(message.read_text()), indent=2))

    found = bpp("auth", "verify", "--header", value, "--body", str(message), "--at", NOW, "--json")

    assert found.status == 1
    assert found.json["failed_step"] == "signature"
    assert found.json["reason"] == "signature_mismatch"
    assert "the same JSON without white space" in found.json["cause"]
    assert found.json["signing_string"].endswith(f"digest: BLAKE-512={found.json['digest']}")
    assert [one["outcome"] for one in found.json["steps"]].count("FAILS") == 1


def test_a_public_key_stands_in_for_a_registry(bpp, message, tmp_path):
    at = ("--body", str(message), "--at", str(int(MONDAY_MORNING.timestamp())))
    headers = tmp_path / "headers.txt"
    headers.write_text(f"> POST /select HTTP/1.1\n> Authorization: {signed(message)}\n> Accept: */*\n")

    right = bpp("auth", "verify", "--header", f"@{headers}", *at, "--public-key", encode_public_key(BUYER.key))
    wrong = bpp("auth", "verify", "--header", f"@{headers}", *at, "--public-key", encode_public_key(BPP.key))

    assert right.status == 0
    assert wrong.status == 1
    assert "signature_mismatch" in wrong.out


def test_a_gateways_header_is_judged_alone_or_with_the_originators(bpp, message):
    asked = ("--body", str(message), "--at", NOW)
    theirs = f"X-Gateway-Authorization: {signed(message, GATEWAY)}"
    assert bpp("auth", "verify", "--gateway", "--header", signed(message, GATEWAY), *asked).status == 0
    assert bpp("auth", "verify", "--header", theirs, "--header", signed(message), *asked).status == 0
    swapped = bpp("auth", "verify", "--header", theirs.replace(signed(message, GATEWAY), signed(message)), *asked)
    assert swapped.status == 1
    assert "wrong_role: BAP, expected BG" in swapped.out


def test_whoever_speaks_for_another_and_whom_it_is_not_for_is_told(bpp, message):
    value = signed(message)
    other = bpp("auth", "verify", "--header", value, "--body", str(message), "--at", NOW, "--to", "other.example.in")
    assert "wrong_recipient" in other.out
    message.write_bytes(message.read_bytes().replace(BUYER.subscriber_id.encode(), b"somebody.else"))
    found = bpp("auth", "verify", "--header", signed(message), "--body", str(message), "--at", NOW)
    assert "identity_mismatch: context.bap_id is somebody.else, signed by buyer.sandbox.example" in found.out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--at", "yesterday"), "a time such as"),
        (("--public-key", "AAAA"), "--public-key"),
        (("--registry", "https://registry.example.in"), "a live registry is not asked here"),
    ],
)
def test_what_cannot_be_judged_is_misuse(bpp, message, more, said):
    found = bpp("auth", "verify", "--header", "x", "--body", str(message), *more)

    assert found.status == 2
    assert said in found.err


def test_a_key_that_cannot_sign_is_misuse(bpp, message):
    assert bpp("auth", "sign", "--body", str(message), "--key", "AAAA").status == 2
    assert bpp("auth", "sign", "--body", str(message), "--as", "a b").status == 2
    assert bpp("auth", "sign", "--body", str(message) + ".not").status == 1

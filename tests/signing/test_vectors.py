"""The signing layer against vectors on which independent implementations agree (third-party data, read in place)."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from signing.challenge import answer_challenge, make_challenge, site_verification_html
from signing.errors import ChallengeError, KeyFormatError
from signing.header import SignatureHeader
from signing.keys import (
    load_encryption_key,
    load_encryption_public_key,
    load_signing_key,
    load_signing_public_key,
)
from signing.signature import digest, sign_text, signing_string, verify

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"


def load(name: str) -> dict[str, Any]:
    path = REFERENCE / name
    return json.loads(path.read_text()) if path.exists() else {}


SIGNING = load("signing_vectors.json")
ONBOARDING = load("onboarding_vectors.json")

pytestmark = pytest.mark.skipif(not (SIGNING and ONBOARDING), reason="the reference vectors are not on this machine")


def of(vectors: dict[str, Any], name: str) -> list[Any]:
    return [pytest.param(item, id=str(item.get("id", number))) for number, item in enumerate(vectors.get(name, []))]


def body_of(vector: dict[str, Any]) -> bytes:
    return base64.b64decode(vector["body_b64"]) if "body_b64" in vector else vector["body_utf8"].encode()


def public_key(name: str) -> bytes:
    return load_signing_public_key(SIGNING["keys"][name]["public_b64"])


@pytest.mark.parametrize("vector", of(SIGNING, "vectors"))
def test_the_digest_of_every_body_is_the_published_one(vector):
    assert digest(body_of(vector)) == vector["digest_b64"]


@pytest.mark.parametrize(
    "vector",
    [
        pytest.param(vector, id=vector["id"])
        for vector in SIGNING.get("vectors", [])
        if (vector["expect"]["decision"] == "accept" or vector.get("crypto_only")) and "signer" in vector
    ],
)
def test_the_signature_of_every_good_vector_verifies(vector):
    header = SignatureHeader.parse(next(v for k, v in vector["headers"].items() if k.lower() == "authorization"))

    verify(header, body_of(vector), public_key(vector["signer"]["key"]))
    assert signing_string(body_of(vector), header.created, header.expires).decode() == vector["signing_string"]


@pytest.mark.parametrize("vector", of(SIGNING, "callback_signing") + of(SIGNING, "registry_lookup_v2_request"))
def test_our_own_messages_are_signed_as_everybody_signs_them(vector):
    key = load_signing_key(SIGNING["keys"]["bpp"]["seed32_b64"])
    text = signing_string(body_of(vector), vector["created"], vector["expires"])
    signature = base64.b64encode(key.sign(text)).decode()

    assert signature == vector["signature_b64"]
    expected = vector["headers"]["Authorization"]
    header = SignatureHeader.parse(expected)
    assert str(SignatureHeader(header.key_id, vector["created"], vector["expires"], signature)) == expected


@pytest.mark.parametrize("vector", of(SIGNING, "vlookup_signatures"))
def test_a_bare_text_is_signed_as_everybody_signs_it(vector):
    key = load_signing_key(SIGNING["keys"][vector["key"]]["seed32_b64"])

    assert sign_text(vector["string_to_sign"], key) == vector["signature_b64"]


@pytest.mark.parametrize("vector", of(SIGNING, "beckn_v2_response_signing"))
def test_four_lines_are_joined_as_beckn_v2_joins_them(vector):
    text = signing_string(body_of(vector), vector["created"], vector["expires"], vector["request_signature"])

    assert text.decode() == vector["signing_string"]


@pytest.mark.parametrize("vector", of(SIGNING, "private_key_formats"))
def test_every_private_key_format_signs_alike_and_a_mismatched_pair_is_refused(vector):
    keys = SIGNING["keys"][vector["key"]]

    assert len({load_signing_key(keys[name]) for name in vector["same_from"]}) == 1
    with pytest.raises(KeyFormatError):
        load_signing_key(vector["mismatched_private64_b64"])


@pytest.mark.parametrize("name", sorted(SIGNING.get("keys", {})))
def test_both_forms_of_every_public_key_are_the_same(name):
    keys = SIGNING["keys"][name]

    if "public_spki_der_b64" in keys:
        assert load_signing_public_key(keys["public_spki_der_b64"]) == load_signing_public_key(keys["public_b64"])


@pytest.mark.parametrize("vector", of(ONBOARDING, "on_subscribe"))
def test_every_challenge_is_answered_or_refused_as_published(vector):
    own, registry = challenge_keys(vector)
    challenge = vector.get("challenge") or vector.get("request", {}).get("challenge")

    if vector["expect"]["http"] == 200:
        assert answer_challenge(challenge, [own], registry) == vector["expect"]["body"]["answer"]
    elif vector["id"] != "X6":  # another subscriber's id: the endpoint's question
        with pytest.raises(ChallengeError):
            answer_challenge(challenge, [own], registry)


def challenge_keys(vector: dict[str, Any]) -> tuple[Any, list[bytes]]:
    keys = ONBOARDING["keys"]
    own = load_encryption_key(vector.get("np_private_pkcs8_der_b64") or keys["np"]["private_pkcs8_version1_b64"])
    published = vector.get("registry_public_spki_der_b64")
    texts = vector.get("configured_registry_public_keys") or [published or keys["registry"]["public_spki_der_b64"]]
    return own, [load_encryption_public_key(text) for text in texts]


@pytest.mark.parametrize("vector", [v for v in ONBOARDING.get("on_subscribe", []) if "registry_key" in v])
def test_our_sandbox_registry_makes_the_challenges_that_the_real_one_makes(vector):
    registry = load_encryption_key(ONBOARDING["keys"][vector["registry_key"]]["private_raw_b64"])
    own = load_encryption_public_key(ONBOARDING["keys"][vector["np_key"]]["public_spki_der_b64"])

    assert make_challenge(vector["answer"], registry, own) == vector["challenge"]


@pytest.mark.parametrize("vector", of(ONBOARDING, "private_key_formats"))
def test_every_encryption_key_format_met_in_the_field_is_read(vector):
    key = load_encryption_key(vector["value_b64"])

    assert base64.b64encode(key.raw).decode() == vector["raw32_b64"]
    assert base64.b64encode(key.public_key).decode() == vector["public_raw_b64"]


@pytest.mark.parametrize("vector", of(ONBOARDING, "public_key_formats"))
def test_public_keys_are_read_raw_and_as_spki(vector):
    read = load_encryption_public_key if vector["key"].startswith("X25519") else load_signing_public_key

    assert read(vector["spki_der_b64"]) == read(vector["raw_b64"]) == base64.b64decode(vector["raw_b64"])


@pytest.mark.parametrize("vector", of(ONBOARDING, "ondc_registry_public_keys"))
def test_the_published_registry_keys_are_read(vector):
    assert load_encryption_public_key(vector["spki_der_b64"]) == base64.b64decode(vector["raw_b64"])


@pytest.mark.parametrize("vector", of(ONBOARDING, "site_verification"))
def test_the_site_verification_page_is_the_published_one(vector):
    key = load_signing_key(vector["signing_private64_b64"])

    assert site_verification_html(vector["request_id"], key) == vector["html"]


def test_both_sides_of_the_documented_key_exchange_agree():
    pair = ONBOARDING["documented_shared_key_pair"]
    first = load_encryption_key(pair["np1_private"]).exchange(load_encryption_public_key(pair["np2_public"]))
    second = load_encryption_key(pair["np2_private"]).exchange(load_encryption_public_key(pair["np1_public"]))

    assert base64.b64encode(first).decode() == base64.b64encode(second).decode() == pair["np1_side_b64"]

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.challenge import answer_challenge, make_challenge, site_verification_html
from signing.errors import ChallengeError
from signing.keys import (
    EncryptionKey,
    SigningKey,
    generate_encryption_key,
    load_encryption_key,
    load_encryption_public_key,
)

OWN = EncryptionKey(bytes(range(32)))
REGISTRY = EncryptionKey(bytes(range(32, 64)))


def test_the_published_challenge_of_the_live_registry_is_answered():
    # ONDC-Official/reference-implementations, utilities/signing_and_verification/python/cryptkey.py
    own = load_encryption_key("MC4CAQAwBQYDK2VuBCIEIKh1Dq7Fu82lqQdBQJTHTvBTxtD6hLconopqvVLVy81s")
    registry = load_encryption_public_key("MCowBQYDK2VuAyEAa9Wbpvd9SsrpOZFcynyt/TO3x0Yrqyys4NUGIvyxX2Q=")
    challenge = "TaaRFx6fxSbFJO2Lp9Kbap1rZTjAAveAeASr19G7iXI8Meaz6Ok6B4C709pC3GpR"

    assert answer_challenge(challenge, [own], [registry]) == "BCA53D77-A9F5-4C6B-829E-B5A93CC9BF43"


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=128))
def test_any_printable_challenge_is_answered_letter_for_letter(text):
    assert answer_challenge(make_challenge(text, REGISTRY, OWN.public_key), [OWN], [REGISTRY.public_key]) == text


@pytest.mark.parametrize("old_side", ["ours", "theirs"])
def test_after_a_rotation_the_old_keys_still_open_the_challenge(old_side):
    new_own, new_registry = generate_encryption_key(), generate_encryption_key()
    own, registry = ([new_own, OWN], [REGISTRY]) if old_side == "ours" else ([OWN], [new_registry, REGISTRY])

    challenge = make_challenge("5E1B6E0C", REGISTRY, OWN.public_key)

    assert answer_challenge(challenge, own, [key.public_key for key in registry]) == "5E1B6E0C"


def test_a_wrong_registry_key_never_yields_an_answer():
    challenge = make_challenge("27baa06d-f90a-486c-85e5-cc621b787f04", REGISTRY, OWN.public_key)
    # One wrong key in 256 passes the padding check by luck; none of a thousand yields readable text.
    wrong = [EncryptionKey(number.to_bytes(32, "big")).public_key for number in range(1, 1001)]

    with pytest.raises(ChallengeError):
        answer_challenge(challenge, [OWN], wrong)


@pytest.mark.parametrize(
    "challenge",
    [
        None,
        12345,
        ["x"],
        "",
        "%%%not-base64%%%",
        "नमस्ते",
        base64.b64encode(bytes(15)).decode(),
        base64.b64encode(bytes(1040)).decode(),
        "A" * 100_000,
        make_challenge("", REGISTRY, OWN.public_key),
        make_challenge("two\nlines", REGISTRY, OWN.public_key),
        make_challenge("x" * 129, REGISTRY, OWN.public_key),
    ],
)
def test_a_challenge_that_is_none_is_refused_in_one_way(challenge):
    with pytest.raises(ChallengeError):
        answer_challenge(challenge, [OWN], [REGISTRY.public_key])


def test_an_unusable_registry_key_among_good_ones_does_no_harm():
    challenge = make_challenge("answer", REGISTRY, OWN.public_key)

    assert answer_challenge(challenge, [OWN], [bytes(32), REGISTRY.public_key]) == "answer"


def test_the_verification_page_carries_the_signed_request_id():
    page = site_verification_html("bpp-example-000001", SigningKey(bytes(range(32))))

    # Ed25519 over the bare text with the seed 00..1f, as nine implementations compute it.
    assert "content='b7QkMgWuRIXHuNO7AKePliLMF9Q2CHi8QyMFAHHY5N9JRQBmIaL7D1VnBTE89DAqITIR096z3HFcuQBkVKLUBw=='" in page

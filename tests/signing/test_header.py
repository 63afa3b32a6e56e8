from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import SignatureError
from signing.header import KeyId, SignatureHeader, has_signature_scheme

SIGNATURE = base64.b64encode(bytes(range(64))).decode()
GOOD = str(SignatureHeader(KeyId("buyer.example.in", "207"), 1767225600, 1767225900, SIGNATURE))

PARTS = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"\\|'), min_size=1, max_size=80
)
HEADERS = st.builds(
    SignatureHeader,
    st.builds(KeyId, PARTS, PARTS),
    st.integers(1, 10**12 - 1),
    st.integers(1, 10**12 - 1),
    st.binary(min_size=64, max_size=64).map(lambda raw: base64.b64encode(raw).decode()),
)


def reason_of(text: str) -> str:
    with pytest.raises(SignatureError) as refused:
        SignatureHeader.parse(text)
    return refused.value.reason


@given(HEADERS)
def test_what_is_written_is_read_back_unchanged(header):
    assert SignatureHeader.parse(str(header)) == header


@given(st.one_of(st.text(), st.text().map(lambda tail: "Signature " + tail), st.text(alphabet='Signature ,="|keyId')))
def test_reading_any_text_raises_nothing_but_a_signature_error(text):
    with contextlib.suppress(SignatureError):
        SignatureHeader.parse(text)


@given(st.integers(0, len(GOOD)), st.characters())
def test_reading_a_header_with_one_character_inserted_raises_nothing_but_a_signature_error(position, character):
    with contextlib.suppress(SignatureError):
        SignatureHeader.parse(GOOD[:position] + character + GOOD[position:])


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace(",", ", "),
        GOOD.replace(",", " ,\t"),
        GOOD.replace("Signature ", "signature   "),
        f"  {GOOD}  ",
        GOOD.replace('created="1767225600"', "created=1767225600").replace(
            'expires="1767225900"', "expires=1767225900"
        ),
        GOOD.replace("(created) (expires) digest", "(created)(expires)digest"),
        GOOD + ',opaque="anything, with a comma"',
        "Signature " + ",".join(reversed(GOOD.removeprefix("Signature ").split(","))),
        GOOD.replace('keyId="', 'keyId = "'),
    ],
)
def test_spellings_seen_on_the_network_are_read(text):
    assert SignatureHeader.parse(text) == SignatureHeader.parse(GOOD)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "bad_scheme"),
        ("Signature", "malformed_header"),
        ("Signature ", "malformed_header"),
        ("Bearer abc", "bad_scheme"),
        (GOOD.removeprefix("Signature "), "bad_scheme"),
        (f'"{GOOD}"', "bad_scheme"),
        (GOOD + ",", "malformed_header"),
        (GOOD + ",,", "malformed_header"),
        (GOOD[:-1], "malformed_header"),
        (GOOD.replace("buyer", "buyér"), "malformed_header"),
        (GOOD.replace("buyer", "buy\udcc3\udca9r"), "malformed_header"),  # as aiohttp hands on such bytes
        (GOOD.replace("buyer", "buy\\er"), "malformed_header"),
        (GOOD.replace("buyer", "buy\x00er"), "malformed_header"),
        (GOOD + f',opaque="{"x" * 4096}"', "malformed_header"),
        (GOOD.replace('algorithm="ed25519"', "algorithm=ed25519"), "malformed_header"),
        (GOOD + ',created="1767225600"', "duplicate_param"),
        (GOOD + ',opaque="1",opaque="2"', "duplicate_param"),
        (GOOD.replace("keyId=", "keyid="), "missing_param"),
        (GOOD.replace(SIGNATURE, ""), "missing_param"),
        (GOOD.replace(',algorithm="ed25519"', ""), "missing_param"),
        (GOOD.replace("|207|", "|"), "bad_key_id"),
        (GOOD.replace("|207|", "||"), "bad_key_id"),
        (GOOD.replace("|207|", "|2 07|"), "bad_key_id"),
        (GOOD.replace("|207|", "|207|x|"), "bad_key_id"),
        (GOOD.replace("|ed25519", "|rsa"), "algorithm_mismatch"),
        (GOOD.replace('="ed25519"', '="hs2019"'), "algorithm_mismatch"),
        (GOOD.replace('="ed25519"', '="ED25519"'), "algorithm_mismatch"),
        (GOOD.replace("(created) (expires) digest", "(created) digest"), "bad_headers_param"),
        (GOOD.replace("(created) (expires) digest", "(expires) (created) digest"), "bad_headers_param"),
        *[
            (GOOD.replace('expires="1767225900"', f'expires="{odd}"'), "bad_timestamp")
            for odd in (
                "-1",
                "+1",
                " 1767225900",
                "01767225900",
                "1_7",
                "1.0",
                "1767225900000",
                "2026-01-01T00:00:00Z",
                "0",
            )
        ],
        (GOOD.replace(SIGNATURE, SIGNATURE.rstrip("=")), "bad_signature_encoding"),
        (GOOD.replace(SIGNATURE, SIGNATURE[:-3] + "x=="), "bad_signature_encoding"),
        (GOOD.replace(SIGNATURE, SIGNATURE[:40] + " " + SIGNATURE[40:]), "bad_signature_encoding"),
        (GOOD.replace(SIGNATURE, base64.b64encode(bytes(63)).decode()), "bad_signature_encoding"),
        (GOOD.replace(SIGNATURE, bytes(64).hex()), "bad_signature_encoding"),
    ],
)
def test_a_header_outside_the_grammar_is_refused_for_its_reason(text, reason):
    assert reason_of(text) == reason


@pytest.mark.parametrize(
    ("subscriber_id", "unique_key_id"),
    [("pramaan.ondc.org/beta/preprod/mock/seller", "207"), ("localhost:8080", "66fe660998f25"), ("a_b-c.in", "key/1")],
)
def test_subscribers_with_paths_and_short_key_ids_are_taken(subscriber_id, unique_key_id):
    key_id = KeyId.parse(f"{subscriber_id}|{unique_key_id}|ed25519")

    assert (key_id.subscriber_id, key_id.unique_key_id) == (subscriber_id, unique_key_id)


@pytest.mark.parametrize("part", ["", "a b", 'a"b', "a|b", "a\\b", "ä", "a\n"])
def test_a_key_id_that_the_header_cannot_carry_is_never_made(part):
    with pytest.raises(SignatureError):
        KeyId(part, "k1")


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("Signature keyId=...", True),
        ("  sIgNaTuRe x", True),
        ("Basic abc", False),
        ("", False),
        ("SignatureX y", False),
    ],
)
def test_a_proxys_own_credentials_are_told_from_a_signature(text, is_ours):
    assert has_signature_scheme(text) is is_ours


@pytest.mark.parametrize(("created", "expires"), [(0, 1), (-1, 1), (1, 10**12)])
def test_times_that_the_grammar_cannot_write_are_never_in_a_header(created, expires):
    with pytest.raises(SignatureError, match="bad_timestamp"):
        SignatureHeader(KeyId("a.in", "k1"), created, expires, SIGNATURE)

"""What signers do wrong is found out by trying it; what nobody is known to do is not guessed at."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from signing.causes import cause_in_header, cause_of_mismatch, cause_of_time
from signing.header import KeyId, SignatureHeader
from signing.keys import SigningKey
from signing.sandbox_keys import sandbox_signing_key
from signing.signature import digest, signing_string

KEY = sandbox_signing_key("buyer")
KEY_ID = KeyId("buyer.example.in", "k1")
CREATED, EXPIRES = 1_767_225_600, 1_767_225_900
MESSAGE = {"context": {"bap_uri": "https://buyer.example.in/ondc", "action": "search"}, "message": {"name": "नल"}}
BODY = json.dumps(MESSAGE, ensure_ascii=False, separators=(",", ":")).encode()


def header_over(text: bytes, key: SigningKey = KEY) -> SignatureHeader:
    return SignatureHeader(KEY_ID, CREATED, EXPIRES, base64.b64encode(key.sign(text)).decode())


def over(body: bytes) -> bytes:
    return signing_string(body, CREATED, EXPIRES)


HEX = hashlib.blake2b(BODY).hexdigest()


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (over(BODY + b"\n"), "with a newline at its end"),
        (over(BODY + b"\r\n"), "with a carriage return and a newline at its end"),
        (over(b"\xef\xbb\xbf" + BODY), "with a byte order mark"),
        (over(b""), "an empty body"),
        (over(json.dumps(MESSAGE).encode()), 'with ", " and ": " between its parts, letters beyond ASCII escaped'),
        (over(json.dumps(MESSAGE, indent=2, ensure_ascii=False).encode()), "indented by two"),
        (over(json.dumps(MESSAGE, indent=4, ensure_ascii=False).encode() + b"\n"), "indented by four, with a newline"),
        (
            over(json.dumps(MESSAGE, sort_keys=True, separators=(",", ":")).encode()),
            "keys sorted, letters beyond ASCII",
        ),
        (over(BODY.replace(b"/", b"\\/")), "slashes escaped"),
        (over(BODY).replace(b": ", b":"), "lacks the space after a colon"),
        (over(BODY) + b"\n", "ends in a newline"),
        (over(BODY).replace(b"\n", b"\r\n"), "CRLF"),
        (over(BODY).replace(b"\n", b"\\n"), "a backslash and an n"),
        (over(BODY).replace(digest(BODY).encode(), HEX.encode()), "in hexadecimal"),
        (signing_string(BODY, CREATED * 1000, EXPIRES * 1000), "milliseconds"),
        (signing_string(BODY, CREATED, CREATED + 3600), f"expires was {CREATED + 3600}"),
        (signing_string(BODY, CREATED - 1, EXPIRES - 1), f"created was {CREATED - 1}"),
        (hashlib.blake2b(over(BODY)).digest(), "hashed with BLAKE2b before it was signed"),
        (BODY, "the body was signed in the place of the signing string"),
    ],
)
def test_what_was_signed_instead_is_named(text, cause):
    assert cause in cause_of_mismatch(header_over(text), BODY, KEY.public_key)


def test_a_signature_by_another_known_key_names_its_owner():
    others = {"buyer.example.in|k1": KEY.public_key, "buyer.example.in|k0": sandbox_signing_key("gateway").public_key}
    header = header_over(over(BODY), sandbox_signing_key("gateway"))

    assert "the key of buyer.example.in|k0" in cause_of_mismatch(header, BODY, KEY.public_key, others)


def test_the_wrong_half_of_a_long_private_key_is_recognised():
    header = header_over(over(BODY), SigningKey(KEY.public_key))

    assert "the second half of a 64-byte private key" in cause_of_mismatch(header, BODY, KEY.public_key)


def test_a_changed_body_and_a_strangers_key_have_no_cause_that_we_know():
    changed = BODY.replace(b"search", b"select")

    assert cause_of_mismatch(header_over(over(BODY)), changed, KEY.public_key) == ""
    assert cause_of_mismatch(header_over(over(BODY), sandbox_signing_key("bpp")), BODY, KEY.public_key) == ""


def test_a_body_that_is_no_json_is_tried_as_bytes_only():
    header = header_over(over(b"\xff\xfe broken"))

    assert "without the white space" in cause_of_mismatch(header, b"\xff\xfe broken  ", KEY.public_key)
    assert cause_of_mismatch(header, b"\xff other", KEY.public_key) == ""


GOOD = str(header_over(over(BODY)))
SIGNATURE = header_over(over(BODY)).signature


@pytest.mark.parametrize(
    ("text", "reason", "cause"),
    [
        (f'"{GOOD}"', "bad_scheme", "stands in quotes"),
        (GOOD.removeprefix("Signature "), "bad_scheme", '"Signature" and a space'),
        ("Bearer x", "bad_scheme", ""),
        (f"{GOOD},", "malformed_header", "a comma after the last"),
        (GOOD.replace("keyId", "keyid"), "missing_param", "keyid is written keyId"),
        (GOOD.replace(str(CREATED), f"{CREATED}000"), "bad_timestamp", "created is in milliseconds"),
        (GOOD.replace(str(EXPIRES), "2026-01-01T00:00:00Z"), "bad_timestamp", "expires is a date"),
        (GOOD.replace(SIGNATURE, SIGNATURE.rstrip("=")), "bad_signature_encoding", "without its =="),
        (GOOD.replace(SIGNATURE, "x" * 12), "bad_signature_encoding", ""),
        ("Signature nothing", "missing_param", ""),
    ],
)
def test_what_is_odd_in_a_header_is_named(text, reason, cause):
    found = cause_in_header(text, reason, BODY, KEY.public_key)

    assert cause in found
    assert bool(cause) is bool(found)


def test_indian_time_taken_for_utc_is_recognised():
    header = header_over(over(BODY))

    assert "Indian time" in cause_of_time(header, CREATED - 19_800 + 5)
    assert cause_of_time(header, CREATED - 3600) == ""

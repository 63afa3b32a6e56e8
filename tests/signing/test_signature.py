from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import SignatureError
from signing.header import KeyId, SignatureHeader
from signing.keys import SigningKey, generate_signing_key, load_signing_key
from signing.signature import check_window, digest, sign, sign_text, signing_string, verify

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEY_ID = KeyId("bpp.example.in", "bpp-key-1")
SKEW = timedelta(seconds=5)

# The key pair that BECKN-006 Draft 04 prints for its example buyer app (tests only).
BECKN_006_KEY = "lP3sHA+9gileOkXYJXh4Jg8tK0gEEMbf9yCPnFpbldhrAY+NErqL9WD+Vav7TE5tyVXGXBle9ONZi2W7o144eQ=="


def a_header(created: int, expires: int) -> SignatureHeader:
    return SignatureHeader(KEY_ID, created, expires, base64.b64encode(bytes(64)).decode())


def test_the_digest_is_blake2b_with_64_bytes():
    # The well-known check value of BLAKE2b-512, in base64.
    expected = "qK3Uvd39k+SHfSdG5igXsRY2Sh+nvBSNlQkLxzM7NnP4JAHPeqLkyx7NkCluPxTLVBP47Xe+cwRbE5FM3NapGA=="

    assert digest(b"The quick brown fox jumps over the lazy dog") == expected


def test_the_signing_string_has_three_lines_and_no_final_newline():
    text = signing_string(b"{}", 1641287875, 1641291475).decode()

    assert text == f"(created): 1641287875\n(expires): 1641291475\ndigest: BLAKE-512={digest(b'{}')}"


def test_the_published_example_key_signs_for_its_published_public_half():
    # BECKN-006 Draft 04, key pair of the buyer app.
    key = load_signing_key(BECKN_006_KEY)

    assert base64.b64encode(key.public_key).decode() == "awGPjRK6i/Vg/lWr+0xObclVxlwZXvTjWYtlu6NeOHk="


def test_a_text_is_signed_without_a_hash():
    # The triple published in ONDC-Official/verification-logs issue 3.
    key = load_signing_key("8pPXr0Y4iwG590D9h2XJ+LAk2vXiOAVS0If7ep1FAqc=")
    expected = "BcJeNC7OWGvLKsmdSKmn43O1WNrmT4zDsH3nkAsRTCEs6C7RQ9FVEEqC+dmhUYlCiRsjGKkybQ6N5j7O0mPkBw=="

    assert sign_text("27baa06d-f90a-486c-85e5-cc621b787f04", key) == expected


@given(st.binary(max_size=300), st.binary(min_size=32, max_size=32))
def test_what_was_signed_verifies(body, seed):
    key = SigningKey(seed)
    header = SignatureHeader.parse(sign(body, key, KEY_ID, NOW))

    check_window(header, NOW, SKEW)
    verify(header, body, key.public_key)


@given(st.binary(min_size=1, max_size=60), st.data())
def test_any_flipped_bit_of_body_signature_or_time_is_caught(body, data):
    key = SigningKey(bytes(range(32)))
    header = SignatureHeader.parse(sign(body, key, KEY_ID, NOW))
    where = data.draw(st.sampled_from(["body", "signature", "created", "expires"]))
    if where == "body":
        body = flipped(body, data)
    elif where == "signature":
        changed = base64.b64encode(flipped(header.signature_bytes, data)).decode()
        header = SignatureHeader(header.key_id, header.created, header.expires, changed)
    else:
        bit = 1 << data.draw(st.integers(0, 20))
        created = header.created ^ (bit if where == "created" else 0)
        expires = header.expires ^ (bit if where == "expires" else 0)
        header = SignatureHeader(header.key_id, created, expires, header.signature)

    with pytest.raises(SignatureError, match="signature_mismatch"):
        verify(header, body, key.public_key)


def flipped(raw: bytes, data: st.DataObject) -> bytes:
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_another_key_does_not_verify():
    header = SignatureHeader.parse(sign(b"{}", generate_signing_key(), KEY_ID, NOW))

    with pytest.raises(SignatureError, match="signature_mismatch"):
        verify(header, b"{}", generate_signing_key().public_key)


@pytest.mark.parametrize("public_key", [b"", bytes(31), bytes(33), bytes(32), b"\x01" + bytes(31)])
def test_a_public_key_that_is_none_verifies_nothing(public_key):
    header = SignatureHeader(KEY_ID, 1, 2, base64.b64encode(b"\x01" + bytes(63)).decode())

    with pytest.raises(SignatureError, match="signature_mismatch"):
        verify(header, b"{}", public_key)


def test_the_fourth_line_binds_an_answer_to_its_request():
    key = generate_signing_key()
    request = base64.b64encode(bytes(64)).decode()
    signature = base64.b64encode(key.sign(signing_string(b"{}", 1, 2, request))).decode()
    header = SignatureHeader(KEY_ID, 1, 2, signature)

    verify(header, b"{}", key.public_key, request)
    with pytest.raises(SignatureError):
        verify(header, b"{}", key.public_key)


def test_own_signatures_are_backdated_and_live_five_minutes():
    header = SignatureHeader.parse(sign(b"{}", generate_signing_key(), KEY_ID, NOW))

    assert header.created == int(NOW.timestamp()) - 5
    assert header.expires == header.created + 300


def test_a_signature_does_not_outlive_its_key():
    end = NOW + timedelta(seconds=30)
    header = SignatureHeader.parse(sign(b"{}", generate_signing_key(), KEY_ID, NOW, valid_until=end))

    assert header.expires == int(end.timestamp())


@pytest.mark.parametrize(
    ("created", "expires", "reason"),
    [
        (0, 300, None),
        (-300, 0, None),
        (5, 300, None),
        (-600_000, 1, None),
        (6, 300, "not_yet_valid"),
        (-300, -1, "expired"),
        (0, 0, "bad_window"),
        (10, 5, "bad_window"),
    ],
)
def test_the_window_holds_from_created_with_tolerance_to_expires_without(created, expires, reason):
    now = int(NOW.timestamp())
    header = a_header(now + created, now + expires)

    if reason is None:
        check_window(header, NOW, SKEW)
    else:
        with pytest.raises(SignatureError, match=reason):
            check_window(header, NOW, SKEW)


def test_a_cap_on_the_window_is_kept_if_it_is_asked_for():
    now = int(NOW.timestamp())
    header = a_header(now, now + 3601)

    check_window(header, NOW, SKEW)
    with pytest.raises(SignatureError, match="bad_window"):
        check_window(header, NOW, SKEW, max_window=timedelta(hours=1))

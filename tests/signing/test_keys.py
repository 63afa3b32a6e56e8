from __future__ import annotations

import base64

import pytest

from signing.errors import KeyFormatError
from signing.keys import (
    EncryptionKey,
    SigningKey,
    encode_private_key,
    encode_public_key,
    generate_encryption_key,
    generate_signing_key,
    load_encryption_key,
    load_encryption_public_key,
    load_signing_key,
    load_signing_public_key,
)

SIGNING = SigningKey(bytes(range(32)))
ENCRYPTION = EncryptionKey(bytes(range(32)))
ED25519, X25519 = b"\x2b\x65\x70", b"\x2b\x65\x6e"


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def pkcs8(oid: bytes, raw: bytes, *, version: int = 0, tail: bytes = b"") -> str:
    inner = b"\x02\x01" + bytes([version]) + b"\x30\x05\x06\x03" + oid + b"\x04\x22\x04\x20" + raw + tail
    return b64(b"\x30" + bytes([len(inner)]) + inner)


def with_public(public: bytes) -> bytes:
    return b"\x81\x21\x00" + public


@pytest.mark.parametrize(
    "text",
    [
        b64(SIGNING.seed),
        b64(SIGNING.seed + SIGNING.public_key),
        pkcs8(ED25519, SIGNING.seed),
        pkcs8(ED25519, SIGNING.seed, version=1),
        pkcs8(ED25519, SIGNING.seed, version=1, tail=with_public(SIGNING.public_key)),
        f"-----BEGIN PRIVATE KEY-----\n{pkcs8(ED25519, SIGNING.seed)}\n-----END PRIVATE KEY-----\n",
        f"\n {b64(SIGNING.seed)} \n",
    ],
)
def test_every_form_of_a_signing_key_is_the_same_key(text):
    assert load_signing_key(text) == SIGNING


@pytest.mark.parametrize(
    "text",
    [
        b64(ENCRYPTION.raw),
        pkcs8(X25519, ENCRYPTION.raw),
        pkcs8(X25519, ENCRYPTION.raw, version=1),
        pkcs8(X25519, ENCRYPTION.raw, version=1, tail=with_public(ENCRYPTION.public_key)),
    ],
)
def test_every_form_of_an_encryption_key_is_the_same_key(text):
    assert load_encryption_key(text) == ENCRYPTION


def test_a_64_byte_key_with_a_foreign_public_half_is_refused():
    with pytest.raises(KeyFormatError, match="another private key"):
        load_signing_key(b64(SIGNING.seed + generate_signing_key().public_key))


def test_a_pkcs8_key_with_a_foreign_public_half_is_refused():
    foreign = pkcs8(X25519, ENCRYPTION.raw, version=1, tail=with_public(generate_encryption_key().public_key))

    with pytest.raises(KeyFormatError, match="another private key"):
        load_encryption_key(foreign)


@pytest.mark.parametrize(
    ("load", "text"),
    [
        (load_signing_key, encode_private_key(ENCRYPTION)),
        (load_encryption_key, encode_private_key(SIGNING)),
        (load_signing_public_key, encode_public_key(ENCRYPTION)),
        (load_encryption_public_key, b64(b"\x30\x2a\x30\x05\x06\x03" + ED25519 + b"\x03\x21\x00" + SIGNING.public_key)),
    ],
)
def test_swapped_signing_and_encryption_keys_are_called_swapped(load, text):
    with pytest.raises(KeyFormatError, match="swapped"):
        load(text)


@pytest.mark.parametrize(
    "load", [load_signing_key, load_encryption_key, load_signing_public_key, load_encryption_public_key]
)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "%%%",
        "ключ",
        b64(bytes(31)),
        b64(bytes(33)),
        b64(bytes(48)),
        pkcs8(ED25519, SIGNING.seed)[:-4],
        pkcs8(X25519, SIGNING.seed, tail=b"\x00"),
        pkcs8(ED25519, SIGNING.seed, tail=b"\x00"),
    ],
)
def test_what_is_no_key_is_refused_with_a_text(load, text):
    with pytest.raises(KeyFormatError) as refused:
        load(text)

    assert str(refused.value)


def test_keys_survive_being_written_and_read():
    signing, encryption = generate_signing_key(), generate_encryption_key()

    assert load_signing_key(encode_private_key(signing)) == signing
    assert load_encryption_key(encode_private_key(encryption)) == encryption
    assert load_signing_public_key(encode_public_key(signing)) == signing.public_key
    assert load_encryption_public_key(encode_public_key(encryption)) == encryption.public_key


def test_the_registry_gets_the_signing_key_raw_and_the_encryption_key_as_spki():
    assert len(base64.b64decode(encode_public_key(SIGNING))) == 32
    assert encode_public_key(ENCRYPTION).startswith("MCowBQYDK2VuAyEA")


def test_a_private_key_is_not_shown():
    shown = repr(SIGNING) + repr(ENCRYPTION)

    assert repr(SIGNING.seed) not in shown
    assert repr(ENCRYPTION.raw) not in shown


@pytest.mark.parametrize("make", [SigningKey, EncryptionKey])
def test_a_key_of_another_length_is_never_made(make):
    with pytest.raises(KeyFormatError):
        make(bytes(31))


@pytest.mark.parametrize("public", [bytes(32), bytes(31)])
def test_no_secret_is_shared_with_an_unusable_key(public):
    with pytest.raises(KeyFormatError):
        ENCRYPTION.exchange(public)

"""Key formats met on the network: load, generate, encode Ed25519 (signing) and X25519 (encryption) keys.

Private keys come as base64 of the raw 32 bytes, of libsodium's 64 bytes, or of PKCS#8 in three flavours, one of which
(version 1 without a public key, written by ONDC's Go and PHP utilities) current OpenSSL bindings refuse: therefore the
few fixed bytes of PKCS#8 are read here. Every loader raises ``KeyFormatError`` with a text for the operator.

Source: RFC 8410, RFC 5958; formats seen: ONDC-Official/reference-implementations utilities/signing_and_verification
and utilities/on_subscribe-service, ONDC-Official/developer-docs registry/encryption_and_decryption.md.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from nacl import bindings

from signing.errors import KeyFormatError

KEY_SIZE = 32

_NAMES = {b"\x2b\x65\x70": "Ed25519 (signing)", b"\x2b\x65\x6e": "X25519 (encryption)"}
_ED25519, _X25519 = _NAMES
_SPKI = re.compile(rb"\x30\x2a\x30\x05\x06\x03(?P<oid>\x2b\x65[\x6e\x70])\x03\x21\x00(?P<key>.{32})", re.DOTALL)
_PKCS8 = re.compile(
    rb"\x30(?P<length>.)\x02\x01(?P<version>[\x00\x01])\x30\x05\x06\x03(?P<oid>\x2b\x65[\x6e\x70])"
    rb"\x04\x22\x04\x20(?P<key>.{32})(?P<rest>.*)",
    re.DOTALL,
)
_PEM = re.compile(r"-----BEGIN [A-Z ]+-----(?P<body>.*?)-----END [A-Z ]+-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 private key: ``seed`` is its 32 bytes. Never shown by ``repr``."""

    seed: bytes = field(repr=False)
    public_key: bytes = field(init=False)
    """32 raw bytes."""
    _expanded: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.seed) != KEY_SIZE:
            raise KeyFormatError(f"an Ed25519 seed has {KEY_SIZE} bytes, this one has {len(self.seed)}")
        public_key, expanded = bindings.crypto_sign_seed_keypair(self.seed)
        object.__setattr__(self, "public_key", public_key)
        object.__setattr__(self, "_expanded", expanded)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature over the message itself."""
        return bindings.crypto_sign(message, self._expanded)[: bindings.crypto_sign_BYTES]


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """An X25519 private key: ``raw`` is its 32 bytes. Never shown by ``repr``."""

    raw: bytes = field(repr=False)
    public_key: bytes = field(init=False)
    """32 raw bytes."""

    def __post_init__(self) -> None:
        if len(self.raw) != KEY_SIZE:
            raise KeyFormatError(f"an X25519 key has {KEY_SIZE} bytes, this one has {len(self.raw)}")
        public_key = X25519PrivateKey.from_private_bytes(self.raw).public_key().public_bytes_raw()
        object.__setattr__(self, "public_key", public_key)

    def exchange(self, public_key: bytes) -> bytes:
        """The 32-byte secret shared with the holder of that key. Raises ``KeyFormatError`` for an unusable key."""
        try:
            return X25519PrivateKey.from_private_bytes(self.raw).exchange(X25519PublicKey.from_public_bytes(public_key))
        except ValueError as problem:
            raise KeyFormatError("the X25519 public key is unusable (wrong length, or of small order)") from problem


_Key = TypeVar("_Key", SigningKey, EncryptionKey)


def generate_signing_key() -> SigningKey:
    """A new Ed25519 key from the system's randomness."""
    return SigningKey(bindings.randombytes(KEY_SIZE))


def generate_encryption_key() -> EncryptionKey:
    """A new X25519 key from the system's randomness."""
    return EncryptionKey(bindings.randombytes(KEY_SIZE))


def load_signing_key(text: str) -> SigningKey:
    """An Ed25519 private key: base64 of the seed, of the 64-byte form, or of PKCS#8 (PEM, too).

    The 64-byte form carries its public half. libsodium signs with whatever stands there, and such signatures never
    verify, so a foreign half is refused.
    """
    data = _decoded(text)
    if len(data) == KEY_SIZE:
        return SigningKey(data)
    if len(data) == 2 * KEY_SIZE:
        return _checked_half(SigningKey(data[:KEY_SIZE]), data[KEY_SIZE:])
    private, public = _pkcs8(data, _ED25519)
    return _checked_half(SigningKey(private), public)


def load_encryption_key(text: str) -> EncryptionKey:
    """An X25519 private key: base64 of the raw 32 bytes or of PKCS#8 with or without its public key (PEM, too)."""
    data = _decoded(text)
    if len(data) == KEY_SIZE:
        return EncryptionKey(data)
    private, public = _pkcs8(data, _X25519)
    return _checked_half(EncryptionKey(private), public)


@lru_cache(maxsize=1024)  # one key verifies many messages
def load_signing_public_key(text: str) -> bytes:
    """The 32 raw bytes of an Ed25519 public key, from base64 of the raw form (registry) or of SPKI."""
    return _public(text, _ED25519)


def load_encryption_public_key(text: str) -> bytes:
    """The 32 raw bytes of an X25519 public key, from base64 of SPKI (registry) or of the raw form."""
    return _public(text, _X25519)


def encode_private_key(key: SigningKey | EncryptionKey) -> str:
    """Base64 of PKCS#8 version 0, which every implementation reads and which says what kind of key it is."""
    oid, raw = (_ED25519, key.seed) if isinstance(key, SigningKey) else (_X25519, key.raw)
    der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03" + oid + b"\x04\x22\x04\x20" + raw
    return base64.b64encode(der).decode()


def encode_public_key(key: SigningKey | EncryptionKey) -> str:
    """The public half as the registry wants it: raw for Ed25519, SPKI for X25519, each in base64."""
    if isinstance(key, SigningKey):
        return base64.b64encode(key.public_key).decode()
    return base64.b64encode(b"\x30\x2a\x30\x05\x06\x03" + _X25519 + b"\x03\x21\x00" + key.public_key).decode()


def _decoded(text: str) -> bytes:
    armoured = _PEM.search(text)
    compact = "".join((armoured["body"] if armoured else text).split())
    if not compact:
        raise KeyFormatError("the key is empty")
    try:
        return base64.b64decode(compact.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as problem:
        raise KeyFormatError("the key is not standard base64") from problem


def _public(text: str, wanted: bytes) -> bytes:
    data = _decoded(text)
    if len(data) == KEY_SIZE:
        return data
    spki = _SPKI.fullmatch(data)
    if spki is None:
        raise KeyFormatError(f"neither {KEY_SIZE} raw bytes nor an SPKI public key: {len(data)} bytes")
    _right_kind(spki["oid"], wanted)
    return spki["key"]


def _pkcs8(data: bytes, wanted: bytes) -> tuple[bytes, bytes | None]:
    """The private key and, where the structure carries one, the public key."""
    found = _PKCS8.fullmatch(data)
    if found is None or found["length"][0] != len(data) - 2:
        raise KeyFormatError(f"not a private key in a known form: {len(data)} bytes")
    _right_kind(found["oid"], wanted)
    rest = found["rest"]
    if rest and len(rest) < KEY_SIZE:
        raise KeyFormatError("a PKCS#8 private key with an unknown tail")
    return found["key"], rest[-KEY_SIZE:] if rest else None


def _right_kind(oid: bytes, wanted: bytes) -> None:
    if oid != wanted:
        raise KeyFormatError(
            f"this is a key for {_NAMES[oid]} where {_NAMES[wanted]} belongs: signing and encryption keys are swapped"
        )


def _checked_half(key: _Key, public: bytes | None) -> _Key:
    if public is not None and public != key.public_key:
        raise KeyFormatError("the public half belongs to another private key: signatures made with it never verify")
    return key

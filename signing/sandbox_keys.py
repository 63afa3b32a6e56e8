"""The published key pairs of the sandbox: derived from their names, so that nobody can take them for secrets.

Everybody knows them. They are refused outside the sandbox, as our own keys and as a peer's (decision 24).
"""

from __future__ import annotations

import hashlib

from signing.keys import EncryptionKey, SigningKey, encode_public_key

ROLES = ("bpp", "buyer", "second-buyer", "gateway", "registry", "agency")


def sandbox_signing_key(role: str) -> SigningKey:
    """The Ed25519 key of a sandbox participant."""
    return SigningKey(_derived(role, "signing"))


def sandbox_encryption_key(role: str) -> EncryptionKey:
    """The X25519 key of a sandbox participant."""
    return EncryptionKey(_derived(role, "encryption"))


def sandbox_data_key() -> bytes:
    """The key for data at rest of the sandbox's own server."""
    return _derived("bpp", "data")


def sandbox_public_keys() -> frozenset[str]:
    """The public signing keys of every sandbox participant, in base64, to be refused elsewhere."""
    return frozenset(encode_public_key(sandbox_signing_key(role)) for role in ROLES)


def _derived(role: str, use: str) -> bytes:
    return hashlib.sha256(f"sewamitra-bpp published sandbox key: {role} {use}".encode()).digest()

"""Encryption at rest of what nobody shall read in a stolen database: AES-256-GCM, each value bound to whose it is.

The theory. A value is sealed with a key of the settings and a fresh nonce; the owner goes into the associated data, so
that a row copied to another owner does not open. The key's short id is stored beside it, so that earlier keys open
what they sealed until it has been sealed anew.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bpp.errors import Unavailable
from bpp.setting_types import DataKey

NONCE = 12  # bytes, NIST SP 800-38D 8.2.2: random, of 96 bits


class SealBroken(Exception):
    """A sealed value that no key opens: moved to another owner, changed, or its key is not in the settings."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value as it is stored: the id of the key, and nonce with ciphertext."""

    key_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Vault:
    """The keys: the first seals, all of them open. Without any, nothing can be sealed or opened."""

    keys: tuple[DataKey, ...] = ()

    @property
    def key_id(self) -> str:
        """The id of the key that seals; raises Unavailable without one."""
        return self._key.id

    def seal(self, owner: tuple[str, str], value: bytes) -> Sealed:
        """Encrypt a value for its owner, a kind and an id; raises Unavailable without a key."""
        nonce = secrets.token_bytes(NONCE)
        return Sealed(self.key_id, nonce + AESGCM(self._key.value).encrypt(nonce, value, _bound(owner)))

    def open(self, owner: tuple[str, str], sealed: Sealed) -> bytes:
        """The value of its owner; raises SealBroken for any other owner, for what was changed, and for a lost key."""
        key = next((one for one in self.keys if one.id == sealed.key_id), None)
        if key is None:
            raise SealBroken(
                f"the details of {owner[0]} {owner[1]} were sealed with key {sealed.key_id}, which is not set"
            )
        nonce, data = sealed.data[:NONCE], sealed.data[NONCE:]
        try:
            return AESGCM(key.value).decrypt(nonce, data, _bound(owner))
        except (InvalidTag, ValueError) as problem:
            raise SealBroken(f"the details of {owner[0]} {owner[1]} are not what was sealed for it") from problem

    @property
    def _key(self) -> DataKey:
        if not self.keys:
            raise Unavailable("no key for data at rest is set")
        return self.keys[0]


NO_KEYS = Vault()
"""A vault that seals and opens nothing."""


def _bound(owner: tuple[str, str]) -> bytes:
    """The associated data: unambiguous, since no kind or id holds a line feed."""
    return "\n".join(("sewamitra bank details 1", *owner)).encode()

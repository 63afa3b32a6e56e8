"""Our key pairs as they are at one moment, and the key file that says so.

A pair has one unique key id: an Ed25519 key that signs and an X25519 key that opens the registry's challenges. Exactly
one pair signs; at most one is on its way to do so; those that did before still open challenges.

Source: security.md 1.8, 4.1, 4.3; pitfall 12 of 5.1 (two live ukIds); decision 24.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, ValidationError, model_validator

from bpp.setting_types import OwnEncryptionKey, OwnEncryptionKeys, OwnSigningKey, PublicKeys
from signing.errors import SignatureError
from signing.header import KeyId
from signing.keys import EncryptionKey, encode_private_key


class Stage(StrEnum):
    """Where a pair stands on its way; ``bpp.keys.moves`` has the steps."""

    MADE = "made"
    """Known to the server alone. It opens challenges and signs the site verification page, nothing else."""
    REGISTERED = "registered"
    """The registry has acknowledged it; peers may not see it yet."""
    SIGNING = "signing"
    """It signs whatever we send."""
    RETIRED = "retired"
    """It signed before; it still opens challenges, since the registry makes them with the key that it knew."""


COMING = (Stage.MADE, Stage.REGISTERED)
SETTLING = timedelta(days=1)
"""How long after a change peers may hold what they knew before: ONDC's caches last hours to a day (security.md 3.4)."""


class KeyFileError(ValueError):
    """A key file with mistakes; the text names them and never shows a key."""


def _key_id(text: str) -> str:
    try:
        KeyId("subscriber", text)
    except SignatureError as problem:
        raise ValueError("a text without white space and | is expected") from problem
    return text


class KeyPair(BaseModel):
    """One pair. ``since`` is when it came to its stage; ``request_id`` that of the /subscribe that announces it.

    ``valid_from`` and ``valid_until`` are what the registry is told; None where we do not know.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)

    unique_key_id: Annotated[str, AfterValidator(_key_id)]
    stage: Stage
    signing_key: OwnSigningKey
    encryption_key: OwnEncryptionKey
    request_id: str
    since: AwareDatetime
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None


class KeySet(BaseModel):
    """All pairs, encryption keys of earlier ones, and the registry's own public encryption keys (32 raw bytes each)."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)

    pairs: tuple[KeyPair, ...]
    previous_encryption_keys: OwnEncryptionKeys = ()
    registry_encryption_keys: PublicKeys

    @model_validator(mode="after")
    def _one_of_each(self) -> KeySet:
        if len({pair.unique_key_id for pair in self.pairs}) < len(self.pairs):
            raise ValueError("two pairs have one unique_key_id")
        if sum(pair.stage is Stage.SIGNING for pair in self.pairs) != 1:
            raise ValueError("exactly one pair is expected to be signing")
        if sum(pair.stage in COMING for pair in self.pairs) > 1:
            raise ValueError("at most one pair is expected to be made or registered")
        return self

    @property
    def signing(self) -> KeyPair:
        """The pair that signs."""
        return next(pair for pair in self.pairs if pair.stage is Stage.SIGNING)

    @property
    def coming(self) -> KeyPair | None:
        """The pair that is to sign next, while a rotation is under way."""
        return next((pair for pair in self.pairs if pair.stage in COMING), None)

    @property
    def announced(self) -> KeyPair:
        """The pair of the next /subscribe: its key signs the site verification page (security.md 4.1)."""
        return self.coming or self.signing

    def rotating(self, now: datetime) -> bool:
        """Whether a peer may not believe the key that signs, though it is a good one.

        A pair is announced, and the registry may show it in the place of that one already; or a pair was made or moved
        on so lately that peers hold what they knew before.
        """
        announced = self.coming is not None and self.coming.stage is Stage.REGISTERED
        return announced or any(now - pair.since < SETTLING for pair in self.pairs)

    @property
    def encryption_keys(self) -> tuple[EncryptionKey, ...]:
        """All that may open a challenge, the signing pair's first; a rotation is challenged with the old one."""
        ordered = (self.signing, *(pair for pair in self.pairs if pair is not self.signing))
        return tuple(dict.fromkeys((*(pair.encryption_key for pair in ordered), *self.previous_encryption_keys)))


def parse_key_file(data: bytes) -> KeySet:
    """The keys of a key file, which is refused as a whole if anything in it is wrong. Raises ``KeyFileError``."""
    try:
        return KeySet.model_validate(orjson.loads(data))
    except orjson.JSONDecodeError as problem:
        raise KeyFileError("not JSON") from problem
    except ValidationError as invalid:
        wrong = (f"{'.'.join(map(str, one['loc'])) or 'keys'}: {one['msg']}" for one in invalid.errors())
        raise KeyFileError("; ".join(wrong)) from invalid


def key_file(keys: KeySet) -> bytes:
    """The key file that says this. It holds private keys."""
    return orjson.dumps(
        {
            "pairs": [_document(pair) for pair in keys.pairs],
            "previous_encryption_keys": _encoded(keys.previous_encryption_keys),
            "registry_encryption_keys": [base64.b64encode(key).decode() for key in keys.registry_encryption_keys],
        },
        option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
    )


def _document(pair: KeyPair) -> dict[str, Any]:
    times: dict[str, datetime | None] = {"valid_from": pair.valid_from, "valid_until": pair.valid_until}
    return {
        "unique_key_id": pair.unique_key_id,
        "stage": pair.stage.value,
        "since": pair.since.isoformat(),
        "request_id": pair.request_id,
        "signing_key": encode_private_key(pair.signing_key),
        "encryption_key": encode_private_key(pair.encryption_key),
        **{name: time.isoformat() for name, time in times.items() if time is not None},
    }


def _encoded(keys: Iterable[EncryptionKey]) -> list[str]:
    return [encode_private_key(key) for key in keys]

"""Types of settings: what the text of a variable, or a value of a file, is read as; each raises ValueError.

And which settings have no default outside the sandbox.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import isodate
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from beckn_schemas.spellings import Spelling
from signing.errors import KeyFormatError
from signing.keys import (
    EncryptionKey,
    SigningKey,
    load_encryption_key,
    load_encryption_public_key,
    load_signing_key,
)

ROLES_OF_OPERATORS = frozenset({"operator", "supervisor", "engineer", "accountant", "officer"})
_DATA_KEY_BYTES = 32  # AES-256
OUTSIDE_SANDBOX = (
    "registry",
    "subscriber_id",
    "subscriber_uri",
    "unique_key_id",
    "signing_key",
    "encryption_key",
    "data_key",
    "database_url",
    "registry_encryption_keys",
    "site_request_id",
    "settlement_beneficiary",
    "settlement_account",
    "settlement_ifsc",
    "settlement_upi",
    "settlement_bank",
    "gstin",
    "support_email",
    "gro_name",
    "gro_phone",
    "gro_email",
)
"""What has no default in preprod and prod."""

IN_KEY_FILE = frozenset({"unique_key_id", "signing_key", "encryption_key", "registry_encryption_keys"})
"""What a key file holds instead, once it is there."""
PerSecond = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]
AtOnce = Annotated[int, Field(ge=1, le=1_000_000)]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key of 32 bytes for data at rest; it never shows itself. ``id`` tells keys apart without telling them."""

    value: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Eight figures of a digest of the key."""
        return hashlib.sha256(b"sewamitra-bpp data key id\n" + self.value).hexdigest()[:8]


class Rate(BaseModel):
    """Requests a second on the average, and how many may come at once; nobody has none and nobody has all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: PerSecond
    burst: AtOnce


def _data_key(value: object) -> DataKey:
    if isinstance(value, DataKey):
        return value
    try:
        key = base64.b64decode(_text_of(value), validate=True)
    except (binascii.Error, ValueError, OSError) as problem:
        raise ValueError("base64 of 32 bytes, or file:PATH of it, is expected") from problem
    if len(key) != _DATA_KEY_BYTES:
        raise ValueError(f"a key of {_DATA_KEY_BYTES} bytes in base64 is expected, found {len(key)} bytes")
    return DataKey(key)


def _data_keys(value: object) -> tuple[DataKey, ...]:
    return tuple(_data_key(one) for one in _list(value))


def _text_of(value: object) -> str:
    """A key's own text, or that of the file it names with ``file:PATH``."""
    text = str(value).strip()
    return Path(text.removeprefix("file:")).read_text().strip() if text.startswith("file:") else text


def read_signing_key(value: object) -> SigningKey:
    """A key, its base64, or ``file:PATH`` of it. Raises ValueError that says what is wrong with it."""
    try:
        return value if isinstance(value, SigningKey) else load_signing_key(_text_of(value))
    except (KeyFormatError, OSError) as problem:
        raise ValueError(str(problem)) from problem


def _encryption_key(value: object) -> EncryptionKey:
    try:
        return value if isinstance(value, EncryptionKey) else load_encryption_key(_text_of(value))
    except (KeyFormatError, OSError) as problem:
        raise ValueError(str(problem)) from problem


def _parsed(value: object) -> Any:
    """A table or list: as it stands in a file, or as JSON in a variable."""
    return json.loads(value) if isinstance(value, str) else value


def _signing_keys(value: object) -> Mapping[str, SigningKey]:
    found = _parsed(value)
    if not isinstance(found, Mapping):
        raise ValueError("a table of unique key ids and their keys is expected")  # noqa: TRY004  for pydantic
    return {str(name): read_signing_key(key) for name, key in found.items()}


def _encryption_keys(value: object) -> tuple[EncryptionKey, ...]:
    return tuple(_encryption_key(one) for one in _list(value))


def _public_keys(value: object) -> tuple[bytes, ...]:
    try:
        return tuple(one if isinstance(one, bytes) else load_encryption_public_key(one) for one in _list(value))
    except KeyFormatError as problem:
        raise ValueError(str(problem)) from problem


def _list(value: object) -> list[Any]:
    """A JSON list, or values separated by commas."""
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            found = json.loads(value)
            return found if isinstance(found, list) else [found]
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value) if isinstance(value, (list, tuple)) else [value]


def duration(value: object) -> timedelta:
    """An ISO-8601 duration without months and years."""
    if isinstance(value, timedelta):
        return value
    try:
        parsed = isodate.parse_duration(str(value))
    except (isodate.ISO8601Error, ValueError) as problem:
        raise ValueError("an ISO-8601 duration such as PT10M is expected") from problem
    if not isinstance(parsed, timedelta) or parsed < timedelta():
        raise ValueError("a duration in weeks, days, hours, minutes or seconds is expected")
    return parsed


def _duration_or_off(value: object) -> timedelta | None:
    return None if value is None or str(value).strip() == "off" else duration(value)


def _duration_text(text: str) -> str:
    duration(text)
    return text


def _networks(value: object) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(str(one), strict=False) for one in _list(value))


def _roles(value: object) -> Mapping[str, str]:
    found = _parsed(value)
    if not isinstance(found, Mapping):
        raise ValueError("a table of tokens and their roles is expected")  # noqa: TRY004  pydantic wants ValueError
    unknown = sorted({str(role) for role in found.values()} - ROLES_OF_OPERATORS)
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: roles are {', '.join(sorted(ROLES_OF_OPERATORS))}")
    return {str(token): str(role) for token, role in found.items()}


LOGS_KEPT = timedelta(days=180)
"""For so long the logs of systems are kept. Source: CERT-In Directions of 28-Apr-2022 (network.md 6)."""


def _long_enough(value: timedelta) -> timedelta:
    if value < LOGS_KEPT:
        raise ValueError(f"logs are kept for {LOGS_KEPT.days} days at least")
    return value


PeerId = Annotated[str, Field(min_length=1)]
Duration = Annotated[timedelta, BeforeValidator(duration)]
LogsKept = Annotated[Duration, AfterValidator(_long_enough)]
DurationOrOff = Annotated[timedelta | None, BeforeValidator(_duration_or_off)]
OwnSigningKey = Annotated[Any, BeforeValidator(read_signing_key)]
OwnEncryptionKey = Annotated[Any, BeforeValidator(_encryption_key)]
OwnSigningKeys = Annotated[Mapping[str, Any], BeforeValidator(_signing_keys)]
OwnEncryptionKeys = Annotated[tuple[Any, ...], BeforeValidator(_encryption_keys)]
OwnDataKey = Annotated[DataKey, BeforeValidator(_data_key)]
OwnDataKeys = Annotated[tuple[DataKey, ...], BeforeValidator(_data_keys)]
PublicKeys = Annotated[tuple[bytes, ...], BeforeValidator(_public_keys)]
DurationText = Annotated[str, AfterValidator(_duration_text)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(_networks)]
Roles = Annotated[Mapping[str, str], BeforeValidator(_roles)]
Names = Annotated[tuple[str, ...], BeforeValidator(_list)]
AlsoTold = Annotated[tuple[Literal["search", "rating", "support"], ...], BeforeValidator(_list)]
Rates = Annotated[Mapping[PeerId, Rate], BeforeValidator(_parsed)]
Spellings = Annotated[Mapping[PeerId, Spelling], BeforeValidator(_parsed)]


class SettlementSettings(BaseModel):
    """How orders are settled with buyer apps; a part of the settings."""

    settlement: Literal["off", "messages", "files"] = "off"
    settlement_agency_id: str = ""
    settlement_agency_uri: str = ""
    settlement_from: date | None = None
    settlement_window: Duration = timedelta(days=1)
    settlement_order_amount: Literal["a", "b", "c"] = "b"
    settlement_taxes_by_collector: bool = False
    settlement_nil: bool = False
    settlement_agency_wait: Duration = timedelta(hours=6)
    settlement_counterparty_wait: Duration = timedelta(days=1)
    settlement_tries: Annotated[int, Field(ge=1, le=100)] = 3

    def unnamed(self) -> list[str]:
        """The settings of the agency that are missing where it is spoken to."""
        names = ("settlement_agency_id", "settlement_agency_uri") if self.settlement == "messages" else ()
        return [name for name in names if not getattr(self, name)]

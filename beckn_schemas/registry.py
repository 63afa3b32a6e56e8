"""Subscriber records: what the network's registry says of a participant's key, and the registry file of the same shape.

Reading a registry's answer is tolerant, since four spellings of one field are about and most fields are optional;
reading our own registry file is strict, since an operator wrote it and wants to hear of every mistake.

Source: ONDC /v2.0/lookup and the registry's OpenAPI 2.0.5; beckn registry.yaml 1.1.1 (``key_id``).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

SUBSCRIBED = "SUBSCRIBED"
KEY_SIZE = 32

_KEY_ID_NAMES = ("ukId", "ukid", "unique_key_id", "key_id", "br_id")
# Swagger examples end in junk ("...470618Z3") and carry any number of decimals.
_TIME = re.compile(
    r"(?P<second>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?P<fraction>[0-9]+))?"
    r"(?P<offset>[+-][0-9]{2}:?[0-9]{2})?"
)


class Role(StrEnum):
    """What a participant is on the network: buyer app, seller app or gateway."""

    BAP = "BAP"
    BPP = "BPP"
    BG = "BG"


_ROLES = {
    "bap": Role.BAP,
    "buyerapp": Role.BAP,
    "bpp": Role.BPP,
    "sellerapp": Role.BPP,
    "bg": Role.BG,
    "gateway": Role.BG,
}


def _role(value: object) -> object:
    return _ROLES.get(value.lower()) if isinstance(value, str) else value


def _time(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _TIME.match(value.strip())
    if found is None:
        raise ValueError("a date and time is expected, as in 2026-01-01T00:00:00.000Z")
    text = f"{found['second']}.{(found['fraction'] or '0')[:6]:0<6}{found['offset'] or '+00:00'}"
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def _cities(value: object) -> object:
    return (value,) if isinstance(value, str) else value or ()


Time = Annotated[datetime | None, BeforeValidator(_time)]


class Subscriber(BaseModel):
    """One record of the registry: a key of a participant, in one role, for one domain.

    A participant has several records, normally with the same key; collect them. ``role`` is None when the registry
    names none that we know. ``signing_public_key`` is base64 as it came (32 raw bytes, or SPKI in some records).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    subscriber_id: str = Field(min_length=1)
    unique_key_id: str = Field(min_length=1)
    signing_public_key: str = Field(min_length=1)
    encr_public_key: str | None = None
    role: Annotated[Role | None, BeforeValidator(_role)] = Field(default=None, validation_alias="type")
    status: str = SUBSCRIBED
    subscriber_url: str | None = None
    domain: str | None = None
    country: str | None = None
    city: Annotated[tuple[str, ...], BeforeValidator(_cities)] = ()
    valid_from: Time = None
    valid_until: Time = None

    @model_validator(mode="before")
    @classmethod
    def _one_name_for_the_key(cls, record: object) -> object:
        if not isinstance(record, Mapping):
            return record
        named = {name: value for name, value in record.items() if value is not None}
        key_id = next((named[name] for name in _KEY_ID_NAMES if named.get(name) not in (None, "")), None)
        if key_id is not None:
            named["unique_key_id"] = key_id
        return named

    def is_active(self, now: datetime, valid_from_grace: timedelta = timedelta()) -> bool:
        """Whether the registry lets this key sign at ``now``: subscribed, and inside its validity.

        Records without a status come from interfaces that return live ones only. ``valid_from_grace`` lets a key
        begin early: an ONDC utility writes Indian time with a "Z", five and a half hours in the future.
        """
        return (
            self.status == SUBSCRIBED
            and (self.valid_from is None or self.valid_from - valid_from_grace <= now)
            and (self.valid_until is None or now <= self.valid_until)
        )


class RegistryFileError(ValueError):
    """A registry file with mistakes; the text lists all of them."""


def parse_lookup(answer: object) -> tuple[Subscriber, ...]:
    """The records of a lookup's JSON answer; one that cannot be read is left out, as if the registry had not had it.

    Raises ``ValueError`` if the answer is not an array: then the registry did not answer the question.
    """
    if not isinstance(answer, list):
        raise ValueError("a lookup answers with an array")  # noqa: TRY004  # a bad value from outside, no programming error
    records = []
    for item in answer:
        try:
            records.append(Subscriber.model_validate(item))
        except ValidationError:
            continue
    return tuple(records)


def parse_registry_file(data: bytes) -> tuple[Subscriber, ...]:
    """The records of a registry file, which is refused as a whole if anything in it is wrong.

    Wrong are: no array of records, a missing id, key or known type, a signing key that is not 32 bytes, an empty
    validity, and two records of the same subscriber, key id, domain and type with different keys. Raises
    ``RegistryFileError``.
    """
    try:
        items = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise RegistryFileError(f"not JSON: {problem}") from problem
    if not isinstance(items, list):
        raise RegistryFileError("an array of subscriber records is expected")
    mistakes: list[str] = []
    records: dict[tuple[object, ...], Subscriber] = {}
    for number, item in enumerate(items):
        try:
            record = Subscriber.model_validate(item)
        except ValidationError as problem:
            mistakes += [f"[{number}].{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in problem.errors()]
            continue
        mistakes += [f"[{number}].{mistake}" for mistake in _mistakes(record)]
        name = (record.subscriber_id, record.unique_key_id, record.domain, record.role)
        earlier = records.setdefault(name, record)
        if earlier.signing_public_key != record.signing_public_key:
            mistakes.append(f"[{number}]: same subscriber_id, ukId, domain and type as another record, another key")
    if mistakes:
        raise RegistryFileError("; ".join(mistakes))
    return tuple(records.values())


def _mistakes(record: Subscriber) -> list[str]:
    mistakes = []
    if record.role is None:
        mistakes.append("type: BAP, BPP or BG is expected")
    try:
        size = len(base64.b64decode(record.signing_public_key, validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if size != KEY_SIZE:
        mistakes.append("signing_public_key: base64 of 32 bytes is expected")
    if record.valid_from and record.valid_until and record.valid_until <= record.valid_from:
        mistakes.append("valid_until: a time after valid_from is expected")
    return mistakes

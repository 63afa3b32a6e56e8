"""What buyer and gateway know of their peers: the registry file, and whose signature a message bears.

Source: security.md 1.6 (who signs what; the id in the context must be the signer's), 1.9 (time, then key, then role).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from beckn_schemas.registry import Role, Subscriber, parse_registry_file
from signing.errors import SignatureError
from signing.header import SIGNED_HEADERS, SignatureHeader
from signing.keys import load_signing_public_key
from signing.signature import check_window, verify

SKEW = timedelta(seconds=5)
ANY = "*"


class Directory:
    """The registry file, read again whenever it changed. Raises ``RegistryFileError`` or ``OSError`` at the start."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._records: tuple[Subscriber, ...] = ()
        self.records()

    def records(self) -> tuple[Subscriber, ...]:
        """Every record as the file has them now."""
        status = self._path.stat()
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        if stamp != self._stamp:
            self._records = parse_registry_file(self._path.read_bytes())
            self._stamp = stamp
        return self._records

    def url_of(self, subscriber_id: str) -> str | None:
        """Where a participant is reached, without a final slash; None where the registry says nothing."""
        urls = (one.subscriber_url for one in self.records() if one.subscriber_id == subscriber_id)
        return next((url.rstrip("/") for url in urls if url), None)

    def sellers(self, domain: str, city: str, now: datetime) -> tuple[str, ...]:
        """The URLs of the seller apps that are registered for a domain and a city, each once."""
        urls = (
            one.subscriber_url.rstrip("/")
            for one in self.records()
            if one.role is Role.BPP
            and one.is_active(now)
            and one.subscriber_url
            and one.domain in (domain, ANY, None)
            and (city == ANY or not one.city or {city, ANY} & {*one.city})
        )
        return tuple(dict.fromkeys(urls))

    def signer(self, authorization: Sequence[str], body: bytes, role: Role, now: datetime) -> str:
        """The subscriber_id whose signature over exactly this body holds. Raises ``SignatureError``."""
        return signer_of(self.records(), authorization, body, role, now)


def signer_of(
    records: Sequence[Subscriber], authorization: Sequence[str], body: bytes, role: Role, now: datetime
) -> str:
    """The subscriber_id whose signature over exactly this body holds, by a key that these records give the role.

    ``authorization`` are all values of the header. Raises ``SignatureError`` with its reason.
    """
    if len(authorization) != 1:
        raise SignatureError("multiple_authorization" if authorization else "missing_authorization")
    header = SignatureHeader.parse(authorization[0])
    check_window(header, now, SKEW)
    wanted = (header.key_id.subscriber_id, header.key_id.unique_key_id)
    known = [one for one in records if (one.subscriber_id, one.unique_key_id) == wanted]
    if not known:
        raise SignatureError("unknown_key")
    active = [one for one in known if one.is_active(now)]
    if not active:
        raise SignatureError("key_not_active")
    entitled = [one for one in active if one.role is role]
    if not entitled:
        raise SignatureError("wrong_role")
    verify(header, body, load_signing_public_key(entitled[0].signing_public_key))
    return header.key_id.subscriber_id


def challenge(realm: str) -> dict[str, str]:
    """The header of a 401 that says how to sign (BECKN-006)."""
    return {"WWW-Authenticate": f'Signature realm="{realm}",headers="{SIGNED_HEADERS}"'}

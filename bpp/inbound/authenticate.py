"""Who sent this: from headers and raw bytes to a ``Sender``, before anything is parsed.

The order is the network's: a gateway header, if there is one, is verified first and must belong to a gateway; then the
``Authorization`` of the originator, which is always required and must belong to a buyer app. Form and time are checked
before the registry is asked, so that nonsense costs us no look-up. Nothing in a request relaxes a check.

Source: BECKN-006 Draft 04; security.md 1.5, 1.6, 1.7, 1.9; ONDC registry-gateway guide ("verify both signatures").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from multidict import CIMultiDict, CIMultiDictProxy

from beckn_schemas.registry import Role, Subscriber
from bpp.errors import InvalidSignature
from bpp.network.keyring import Keyring, Records
from signing.errors import KeyFormatError, SignatureError
from signing.header import SIGNED_HEADERS, KeyId, SignatureHeader, has_signature_scheme
from signing.keys import load_signing_public_key
from signing.signature import check_window, digest, verify_digest

Headers = CIMultiDictProxy[str] | CIMultiDict[str]

AUTHORIZATION = "Authorization"
GATEWAY = "X-Gateway-Authorization"
LEGACY_GATEWAY = "Proxy-Authorization"

BUYERS = frozenset({Role.BAP})
GATEWAYS = frozenset({Role.BG})
AGENCIES = frozenset({Role.BAP, Role.BPP})
"""A settlement agency: the registry has no role of its own for it. Which one is meant, what was filed says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whose signature held. ``signature`` is evidence, and what an answer in Beckn v2 would have to name.

    ``digest`` is that of the body which it covers. ``gateway`` is the subscriber_id of the gateway that passed the
    message on, None if it came directly. ``records`` are the registry's records of the key, all active and of a
    permitted role: one per domain.
    """

    key_id: KeyId
    signature: str
    digest: str = ""
    gateway: str | None = None
    records: Records = field(default=(), repr=False)

    @property
    def subscriber_id(self) -> str:
        """The network participant that ``context.bap_id`` must name."""
        return self.key_id.subscriber_id

    @property
    def subscriber_urls(self) -> frozenset[str]:
        """The URLs that the registry knows of the sender."""
        return frozenset(record.subscriber_url for record in self.records if record.subscriber_url)


async def authenticate(
    headers: Headers,
    body: bytes,
    *,
    keyring: Keyring,
    now: datetime,
    skew: timedelta,
    action: str,
    require_gateway: bool = False,
    roles: frozenset[Role] = BUYERS,
) -> Sender:
    """Verify the signatures over ``body``, the bytes exactly as they came.

    ``action`` is that of the path; ``require_gateway`` refuses a ``search`` that no gateway passed on; ``roles`` are
    those that may send this action. Raises ``InvalidSignature`` with its reason, and ``Unavailable`` when the registry
    cannot be asked about a key that matters.
    """
    check = _Check(body=body, keyring=keyring, now=now, skew=skew, action=action)
    try:
        gateway = await _gateway(headers, check, required=require_gateway and action == "search")
    except SignatureError as problem:
        raise InvalidSignature(f"gateway_{problem.reason}", gateway=True) from problem
    try:
        header, records = await _verified(_single(headers.getall(AUTHORIZATION, [])), check, roles)
    except SignatureError as problem:
        raise InvalidSignature(problem.reason) from problem
    return Sender(
        key_id=header.key_id, signature=header.signature, digest=check.digest, gateway=gateway, records=records
    )


def challenge_headers(error: InvalidSignature, realm: str) -> dict[str, str]:
    """The header of the 401 that says how to sign; ``realm`` is our subscriber_id (BECKN-006)."""
    name = "Proxy-Authenticate" if error.gateway else "WWW-Authenticate"
    return {name: f'Signature realm="{realm}",headers="{SIGNED_HEADERS}"'}


@dataclass(frozen=True, kw_only=True)
class _Check:
    body: bytes
    keyring: Keyring
    now: datetime
    skew: timedelta
    action: str

    @cached_property
    def digest(self) -> str:
        """That of the body: made once, and only for a header that may be good."""
        return digest(self.body)


async def _gateway(headers: Headers, check: _Check, *, required: bool) -> str | None:
    """The gateway's subscriber_id, None where no gateway passed the message on."""
    values = gateway_values(headers)
    if not values and not required:
        return None
    header, _ = await _verified(_single(values), check, GATEWAYS)
    return header.key_id.subscriber_id


def gateway_values(headers: Headers) -> list[str]:
    """The gateway's headers. The old name counts only if it holds a signature: proxies use it, too."""
    return headers.getall(GATEWAY, []) or [
        value for value in headers.getall(LEGACY_GATEWAY, []) if has_signature_scheme(value)
    ]


def _single(values: list[str]) -> str:
    """More than one header is refused: different programs would believe different ones."""
    match values:
        case [value]:
            return value
        case []:
            raise SignatureError("missing_authorization")
        case _:
            raise SignatureError("multiple_authorization", f"one is expected, these are {len(values)}")


async def _verified(text: str, check: _Check, roles: frozenset[Role]) -> tuple[SignatureHeader, Records]:
    header = SignatureHeader.parse(text)
    check_window(header, check.now, check.skew)
    key_id = header.key_id
    records = await check.keyring.records(key_id, check.now, action=check.action)
    if not records:
        raise SignatureError("unknown_key")
    try:
        return header, _matching(header, records, check, roles)
    except SignatureError:
        # The peer may have changed its key or its role since we looked: ask once more before refusing.
        renewed = await check.keyring.refetch(key_id, records, check.now)
        if renewed is None:
            raise
    if not renewed:
        raise SignatureError("unknown_key")
    return header, _matching(header, renewed, check, roles)


def _matching(header: SignatureHeader, records: Records, check: _Check, roles: frozenset[Role]) -> Records:
    """The records whose key made the signature."""
    active = [record for record in records if check.keyring.is_active(record, check.now)]
    if not active:
        raise SignatureError("key_not_active", "; ".join(dict.fromkeys(map(_validity, records))))
    entitled = [record for record in active if record.role in roles]
    if not entitled:
        found, expected = ({str(one) for one in several} for several in ({one.role for one in active}, roles))
        raise SignatureError("wrong_role", f"{', '.join(sorted(found))}, expected {', '.join(sorted(expected))}")
    for public_key in dict.fromkeys(record.signing_public_key for record in entitled):
        if _holds(header, check.digest, public_key):
            return tuple(record for record in entitled if record.signing_public_key == public_key)
    raise SignatureError("signature_mismatch")


def _validity(record: Subscriber) -> str:
    since, until = (when.isoformat() if when else "any time" for when in (record.valid_from, record.valid_until))
    return f"{record.status}, valid from {since} until {until}"


def _holds(header: SignatureHeader, digest: str, public_key: str) -> bool:
    try:
        verify_digest(header, digest, load_signing_public_key(public_key))
    except (SignatureError, KeyFormatError):
        return False
    return True

"""Who takes part in the sandbox, with keys that everybody knows, and the registry file that lists them.

The keys come from ``signing.sandbox_keys`` and are refused outside the sandbox (decision 24). The registry file has
the shape of the network's ``v2.0/lookup``: one record for each participant and domain (contract.md, "Registry file").
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from beckn_schemas.registry import Role
from signing.header import KeyId
from signing.keys import EncryptionKey, SigningKey, encode_public_key
from signing.sandbox_keys import sandbox_encryption_key, sandbox_signing_key

DOMAINS = ("ONDC:SRV10", "ONDC:SRV11", "ONDC:SRV12")
"""The domains in which buyers and sellers of the sandbox are registered; the gateway serves all (``*``)."""

RECON_DOMAIN, FOREIGN_DOMAIN = "ONDC:NTS10", "ONDC:RET10"
"""Where participants agree upon what they owe each other; and one in which no seller of services is registered."""

VALID_FROM = "2026-01-01T00:00:00.000Z"
VALID_UNTIL = "2036-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A member of the sandbox network: ``url`` is where the registry says it is reached, without a final slash.

    ``domains`` are those in which it is registered.
    """

    subscriber_id: str
    unique_key_id: str
    role: Role
    url: str
    key: SigningKey = field(repr=False)
    encryption_key: EncryptionKey = field(repr=False)
    domains: tuple[str, ...] = DOMAINS

    @property
    def key_id(self) -> KeyId:
        """What its signatures name as their key."""
        return KeyId(self.subscriber_id, self.unique_key_id)

    def at(self, url: str) -> Participant:
        """The same participant at another address."""
        return replace(self, url=url.rstrip("/"))


def _participant(
    name: str, unique_key_id: str, role: Role, port: int, domains: tuple[str, ...] = DOMAINS
) -> Participant:
    return Participant(
        subscriber_id=f"{name}.sandbox.example",
        unique_key_id=unique_key_id,
        role=role,
        url=f"http://127.0.0.1:{port}",
        key=sandbox_signing_key(name),
        encryption_key=sandbox_encryption_key(name),
        domains=domains,
    )


BPP = _participant("bpp", "sandbox-bpp-1", Role.BPP, 8080)
BUYER = _participant("buyer", "sandbox-buyer-1", Role.BAP, 8081)
SECOND_BUYER = _participant("second-buyer", "sandbox-buyer-2", Role.BAP, 8083)
GATEWAY = _participant("gateway", "sandbox-gateway-1", Role.BG, 8082, ("*",))
AGENCY = _participant("agency", "sandbox-agency-1", Role.BPP, 8084, (RECON_DOMAIN,))
"""The settlement agency, for runs in which one takes part; the registry has no role of its own for it."""

PARTICIPANTS = (BPP, BUYER, SECOND_BUYER, GATEWAY)
"""Everybody in the repository's own registry file, at their addresses there."""


def registry_records(participants: Sequence[Participant] = PARTICIPANTS) -> list[dict[str, Any]]:
    """The registry's records of these participants."""
    return [
        record(
            one.subscriber_id,
            one.unique_key_id,
            url=one.url,
            role=one.role,
            domain=domain,
            signing_public_key=encode_public_key(one.key),
            encr_public_key=encode_public_key(one.encryption_key),
        )
        for one in participants
        for domain in one.domains
    ]


def record(
    subscriber_id: str, unique_key_id: str, *, url: str, role: Role, domain: str, signing_public_key: str, **more: str
) -> dict[str, Any]:
    """One record of the registry: a participant in one domain. ``more`` are further fields."""
    return {
        "subscriber_id": subscriber_id,
        "ukId": unique_key_id,
        "br_id": unique_key_id,
        "subscriber_url": url,
        "type": role.value,
        "domain": domain,
        "country": "IND",
        "city": "*",
        "signing_public_key": signing_public_key,
        **more,
        "valid_from": VALID_FROM,
        "valid_until": VALID_UNTIL,
        "status": "SUBSCRIBED",
    }


def write_registry(path: Path, participants: Sequence[Participant] = PARTICIPANTS) -> None:
    """Write a registry file in one step, so that a reader sees the old or the new one and never a part.

    For other ports: ``write_registry(path, (BPP.at(url), BUYER.at(buyer.url), GATEWAY.at(gateway.url)))``.
    """
    write_records(path, registry_records(participants))


def write_records(path: Path, records: Sequence[dict[str, Any]]) -> None:
    """The same for records as they are."""
    draft = path.with_name(path.name + ".new")
    draft.write_bytes(orjson.dumps(records, option=orjson.OPT_INDENT_2))
    os.replace(draft, path)  # noqa: PTH105  # says what it does on both systems: replace

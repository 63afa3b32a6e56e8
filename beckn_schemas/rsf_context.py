"""The contexts of reconciliation and settlement: who stands in bap_id and bpp_id, by direction (network.md 2.1).

To the agency the participant that calls is the bap, even if it is a seller app. Between participants both stand as in
the order, whoever calls, so that a recon of ours is posted to ``bap_uri``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from beckn_schemas.rsf_sent import DOMAIN, TTL, VERSION


@dataclass(frozen=True, slots=True)
class Participant:
    """A subscriber and the address that its messages are posted to."""

    id: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The ids and the time of one message; ``at`` is a time of the wire."""

    transaction_id: str
    message_id: str
    at: str


def to_agency(
    action: Literal["settle", "report"], we: Participant, agency: Participant, envelope: Envelope
) -> dict[str, Any]:
    """We ask the settlement agency: we are the bap, it is the bpp."""
    return _context(action, we, agency, envelope)


def to_participant(bap: Participant, bpp: Participant, envelope: Envelope) -> dict[str, Any]:
    """A recon, whoever of the two sends it."""
    return _context("recon", bap, bpp, envelope)


def answering(asked: Mapping[str, Any], at: str) -> dict[str, Any]:
    """The context of an on_recon: both ids, both addresses and both ids of the message as they were asked."""
    bap = Participant(asked["bap_id"], asked["bap_uri"])
    bpp = Participant(asked["bpp_id"], asked["bpp_uri"])
    ids = Envelope(transaction_id=asked["transaction_id"], message_id=asked["message_id"], at=at)
    return _context("on_recon", bap, bpp, ids)


def _context(action: str, bap: Participant, bpp: Participant, envelope: Envelope) -> dict[str, Any]:
    return {
        "domain": DOMAIN,
        "location": {"country": {"code": "IND"}, "city": {"code": "*"}},
        "action": action,
        "version": VERSION,
        "bap_id": bap.id,
        "bap_uri": bap.uri,
        "bpp_id": bpp.id,
        "bpp_uri": bpp.uri,
        "transaction_id": envelope.transaction_id,
        "message_id": envelope.message_id,
        "timestamp": envelope.at,
        "ttl": TTL,
    }

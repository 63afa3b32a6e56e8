"""Contexts of grievances that we send: the shape that came is echoed exactly (network reference 1.2).

Flat country, city and ``core_version``, or ``location`` and ``version``, or a mixture: an answer has what its request
had, with another action and time, another message id where nobody asked, and the one lifetime that is in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from beckn_schemas.context import CORE_VERSION, DEFAULT_TTL
from beckn_schemas.nulls import without_nulls

ECHOED: Final = (
    "domain",
    "location",
    "country",
    "city",
    "version",
    "core_version",
    "bap_id",
    "bap_uri",
    "bpp_id",
    "bpp_uri",
    "transaction_id",
)
"""What of a context is said again; the rest of it is this message's own."""


def echo_of(context: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be kept of a context that came, for every message that follows in the same issue."""
    return {key: without_nulls(context[key]) for key in ECHOED if context.get(key) is not None}


def context_for(echo: Mapping[str, Any], *, action: str, message_id: str, timestamp: str) -> dict[str, Any]:
    """Our context out of the one that came, or of ``echo_of`` it; ``timestamp`` in the wire's form."""
    return {**echo_of(echo), "action": action, "message_id": message_id, "timestamp": timestamp, "ttl": DEFAULT_TTL}


def own_echo(
    *,
    domain: str,
    location: Mapping[str, Any],
    bap_id: str,
    bap_uri: str,
    bpp_id: str,
    bpp_uri: str,
    transaction_id: str,
) -> dict[str, Any]:
    """What every context has of an issue that we raise: the services' shape, location and version (1.2)."""
    return {
        "domain": domain,
        "location": dict(location),
        "version": CORE_VERSION,
        "bap_id": bap_id,
        "bap_uri": bap_uri,
        "bpp_id": bpp_id,
        "bpp_uri": bpp_uri,
        "transaction_id": transaction_id,
    }

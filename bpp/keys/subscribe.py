"""The registry's ``/subscribe``: what announces a pair of ours. Pure.

Source: security.md 4.1, field notes and ``subscribe_request_example``; ops_no 2 registers a seller app, ops_no 6
changes the keys of one (registry OpenAPI 2.0.5, on_subscribe). The payload of ops_no 6 is not documented apart, so it
is that of the registration with the new key pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bpp.keys.model import KeyPair
from signing.keys import encode_public_key

REGISTER = 2
CHANGE_KEYS = 6

REQUIRED = (
    ("gst", "legal_entity_name"),
    ("gst", "business_address"),
    ("gst", "city_code"),
    ("gst", "gst_no"),
    ("pan", "name_as_per_pan"),
    ("pan", "pan_no"),
    ("pan", "date_of_incorporation"),
    ("name_of_authorised_signatory",),
    ("address_of_authorised_signatory",),
    ("email_id",),
    ("mobile_no",),
)
"""What the registry wants to know of the legal entity; our settings know a part of it."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Who subscribes. ``entity`` is as much of the registry's ``message.entity`` as is known of the legal entity."""

    subscriber_id: str
    subscriber_uri: str
    domains: Sequence[str]
    entity: Mapping[str, Any]


def missing(entity: Mapping[str, Any]) -> list[str]:
    """The fields of the legal entity that are not there; the registry refuses a payload without them with 151."""
    return [".".join(path) for path in REQUIRED if not _at(entity, path)]


def subscribe_payload(seller: Seller, pair: KeyPair, now: datetime, *, operation: int) -> Json:
    """What is posted to the registry. ``operation`` is its ``ops_no``."""
    place = relative_path(seller.subscriber_uri, seller.subscriber_id)
    cities = _at(seller.entity, ("gst", "city_code")) or []
    return {
        "context": {"operation": {"ops_no": operation}},
        "message": {
            "request_id": pair.request_id,
            "timestamp": _time(now),
            "entity": {
                **seller.entity,
                "country": "IND",
                "subscriber_id": seller.subscriber_id,
                "unique_key_id": pair.unique_key_id,
                "callback_url": place,
                "key_pair": {
                    "signing_public_key": encode_public_key(pair.signing_key),
                    "encryption_public_key": encode_public_key(pair.encryption_key),
                    "valid_from": _time(pair.valid_from or now),
                    "valid_until": _time(pair.valid_until) if pair.valid_until else None,
                },
            },
            "network_participant": [
                {"subscriber_url": place, "domain": domain, "type": "sellerApp", "msn": False, "city_code": cities}
                for domain in seller.domains
            ],
        },
    }


def relative_path(subscriber_uri: str, subscriber_id: str) -> str:
    """What, put after ``https://<subscriber_id>``, is our subscriber URI; "/" where nothing needs to be put."""
    parts = urlsplit(subscriber_uri)
    whole = f"{parts.netloc}{parts.path}".rstrip("/")
    rest = whole.removeprefix(subscriber_id) if whole.startswith(subscriber_id) else parts.path.rstrip("/")
    return rest or "/"


def _at(entity: Mapping[str, Any], path: Sequence[str]) -> Any:
    found: Any = entity
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

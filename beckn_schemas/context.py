"""The context of every message, and the envelope of a message that was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from typing_extensions import TypedDict

from beckn_schemas.base import Id, Label, Lifetime, Moment, Uri, Wire, parse_duration

CORE_VERSION = "2.0.0"
DEFAULT_TTL = "PT30S"
MOST_AHEAD = timedelta(minutes=1)
"""How far a sender's clock may go before ours: how far a time may lie after the message's own, or after now."""


class Code(TypedDict, total=False):
    """``{code, name}`` of a city, a state or a country."""

    code: Label | None
    name: Label | None


class ContextLocation(TypedDict, total=False):
    """Where the buyer is: ``city.code`` such as ``std:0522``, ``country.code`` ``IND``."""

    city: Code | None
    country: Code | None


class Context(Wire):
    """Who says what to whom, and when (protocol, 1.0).

    ``timestamp`` is aware and in UTC; ``ttl`` the text that came. Both are bounded, so that their sum is a time too.
    """

    domain: Id
    action: Id
    version: Id
    bap_id: Id
    bap_uri: Uri
    bpp_id: Id | None = None
    bpp_uri: Uri | None = None
    transaction_id: Id
    message_id: Id
    timestamp: Moment
    ttl: Lifetime = DEFAULT_TTL
    location: ContextLocation | None = None

    @property
    def lifetime(self) -> timedelta:
        """``ttl`` for arithmetic."""
        return parse_duration(self.ttl)

    @property
    def city(self) -> str:
        """The code of the city, or an empty text."""
        return _code((self.location or {}).get("city"))

    @property
    def country(self) -> str:
        """The code of the country, or an empty text."""
        return _code((self.location or {}).get("country"))


def _code(place: Code | None) -> str:
    return (place or {}).get("code") or ""


MessageT_co = TypeVar("MessageT_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Envelope(Generic[MessageT_co]):
    """A message that was read: its context and its typed content."""

    context: Context
    message: MessageT_co

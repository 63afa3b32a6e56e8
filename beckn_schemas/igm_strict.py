"""What both versions of grievances have in common where we send them. Strict: no keys beyond these.

Times and durations that came are sent back in their own text, so a time is any of RFC 3339 here; ours are written with
milliseconds. Source: network reference 1.2 to 1.4.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictStr

from beckn_schemas.strict_base import Coded, Echo, Instant, Prose, Span, Strict, Text, Url, Word

Said = Annotated[
    str,
    Text(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})",
        "timestamp",
        "an RFC 3339 time with a zone, such as 2026-01-31T09:30:00.000Z",
    ),
]
Phone = Annotated[StrictStr, Field(min_length=1, max_length=32)]


EchoLabel = Annotated[StrictStr, Field(max_length=255)]


class EchoPlace(Echo):
    """The city and the country, as far as the other side says them."""


class IgmContext(Strict):
    """The context in whatever shape the transaction has; that it says a version at all is a rule."""

    domain: Annotated[StrictStr, Field(pattern=r"^ONDC:[A-Z]{2,5}[0-9]{1,4}$")]
    location: EchoPlace | None = None
    country: EchoLabel | None = None
    city: EchoLabel | None = None
    version: Word | None = None
    core_version: Word | None = None
    action: Word
    bap_id: Word
    bap_uri: Url
    bpp_id: Word
    bpp_uri: Url
    transaction_id: Word
    message_id: Word
    timestamp: Instant
    ttl: Literal["PT30S"]


class IgmError(Strict):
    """Why an issue is refused: a code of the family, or one that all families share."""

    code: Annotated[StrictStr, Field(pattern=r"^(?:IGM[0-9]{3}|[0-9]{5})$")]
    message: Prose


class Lasting(Strict):
    """``{duration}``."""

    duration: Span


class Organized(Strict):
    """``subscriber::domain``."""

    name: Annotated[StrictStr, Field(pattern=r"^[^:\s]+::ONDC:[A-Z]{2,5}[0-9]{1,4}$")]


class Named(Strict):
    """Somebody by name."""

    name: Word


class Reachable(Strict):
    """Telephone and e-mail; both, since a contact that is none helps nobody."""

    phone: Phone
    email: Word


class EchoContact(Echo):
    """What the other side gave of somebody."""

    phone: StrictStr | None = None
    email: StrictStr | None = None


class Picture(Strict):
    """A picture by its address."""

    url: Url
    size_type: Word | None = None


class MoreText(Strict):
    """A longer description elsewhere."""

    url: Url
    content_type: Word | None = None


class CodedValue(Strict):
    """One coded value of a tag."""

    descriptor: Coded
    value: StrictStr


class CodedList(Strict):
    """A tag: a coded list of coded values."""

    descriptor: Coded
    list: Annotated[tuple[CodedValue, ...], Field(min_length=1)]


class IssueStatus(Strict):
    """Which issue we ask after."""

    issue_id: Word

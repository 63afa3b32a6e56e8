"""What a handler is given and gives back.

A reply is one of three (decision 11): an answer now, silence (search alone), or deferred until an event brings it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from beckn_schemas.context import Context, Envelope
from beckn_schemas.nulls import without_nulls
from beckn_schemas.rsf_codes import FROM_AGENCY
from bpp.core.world import World
from bpp.domains.dialect import Dialect
from bpp.domains.sightings import Sighting
from bpp.errors import BusinessError
from bpp.storage.ports import Work
from bpp.storage.ports_demand import Unserved

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A trusted, typed message.

    ``raw`` is its normalised JSON; ``original`` is what came, for what is echoed untouched. ``shown`` is what it shows
    of its sender's ``dialect``. ``search`` is what a select follows, as it came, where that is known. ``nulls`` is
    False where there is none in it for certain.
    """

    envelope: Envelope[Any]
    raw: Mapping[str, Any]
    original: Mapping[str, Any]
    dialect: Dialect
    shown: tuple[Sighting, ...] = ()
    search: bytes | None = None
    nulls: bool = True

    def echoed(self, part: Any) -> Any:
        """A part of it as it is echoed: without nulls; the part itself where there are none to look for."""
        return without_nulls(part) if self.nulls else part

    @property
    def context(self) -> Context:
        """Who says what to whom."""
        return self.envelope.context

    @property
    def sender(self) -> str:
        """Whose signature it bears: the bap, but for a settlement agency's answers."""
        context = self.context
        return (context.bpp_id or "") if context.action in FROM_AGENCY else context.bap_id

    @property
    def sender_uri(self) -> str:
        """Where the sender says that it is reached."""
        context = self.context
        return (context.bpp_uri or "") if context.action in FROM_AGENCY else context.bap_uri

    @property
    def message(self) -> Any:
        """The typed message; each handler knows its type."""
        return self.envelope.message


class Wire(Protocol):
    """A message in bytes that was checked when its parts were made; true of any moment before ``until``."""

    @property
    def until(self) -> datetime:
        """The moment from which it is not true any more."""

    def body(self, context: bytes) -> bytes:
        """The whole callback with a context in JSON."""

    def digest(self, context: bytes) -> str:
        """The network's digest of that body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer now: as much of the message as is true, an error beside it, or both.

    ``wire`` stands for a message that was written and checked before, part by part.
    """

    message: Json | None = None
    error: BusinessError | None = None
    order_ref: str = ""
    updated_at: datetime | None = None
    wire: Wire | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nothing to say: an ACK and no callback. ``unserved`` is what is counted of a search that found nothing."""

    unserved: Unserved | None = None


class Deferred:
    """The callback comes later, brought by an event within the confirm window."""


Outcome = Reply | Silence | Deferred
Handler = Callable[[Request, Work, World], Awaitable[Outcome]]

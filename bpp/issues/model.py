"""The issue: one model for both versions, which is that of 2.0.0; frozen, stored whole as one document.

An issue only grows: actions are appended and never changed. Times and durations that came keep their own text beside
the moment that is reckoned with, since they are sent back. Source: network reference 1.4, 1.5 and 1.9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args

from beckn_schemas.base import parse_timestamp
from beckn_schemas.igm_codes import V2, ComplainantCode, IgmVersion
from catalog.moments import wire_time
from catalog.money import Money

Json = Mapping[str, Any]

PARENT = "PARENT"
"""The code of what holds the remedies of one proposal together."""
RESOLUTIONS = "RESOLUTIONS"
"""The type of a reference from an action to a resolution."""


class Side(StrEnum):
    """Who does something: whoever complains, or whoever is to answer for it."""

    COMPLAINANT = "complainant"
    RESPONDENT = "respondent"


class Status(StrEnum):
    """Where an issue stands."""

    OPEN = "OPEN"
    PROCESSING = "PROCESSING"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"


class Level(StrEnum):
    """Who deals with it: the desk, the grievance officer, or somebody outside (1.5)."""

    ISSUE = "ISSUE"
    GRIEVANCE = "GRIEVANCE"
    DISPUTE = "DISPUTE"


class Code(StrEnum):
    """What may be done in an issue, as 2.0.0 spells it."""

    OPEN = "OPEN"
    INFO_PROVIDED = "INFO_PROVIDED"
    INFO_NOT_AVAILABLE = "INFO_NOT_AVAILABLE"
    RESOLUTION_ACCEPTED = "RESOLUTION_ACCEPTED"
    RESOLUTION_REJECTED = "RESOLUTION_REJECTED"
    ESCALATED = "ESCALATED"
    CLOSED = "CLOSED"
    PROCESSING = "PROCESSING"
    INFO_REQUESTED = "INFO_REQUESTED"
    RESOLUTION_PROPOSED = "RESOLUTION_PROPOSED"
    RESOLUTION_CASCADED = "RESOLUTION_CASCADED"
    CASCADED = "CASCADED"
    RESOLVED = "RESOLVED"

    @property
    def side(self) -> Side:
        """Whose action it is: each belongs to one side alone."""
        return Side.COMPLAINANT if self.value in get_args(ComplainantCode) else Side.RESPONDENT


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time: the text of the wire, and the moment that it means."""

    text: str
    at: datetime

    @classmethod
    def of(cls, moment: datetime) -> Stamp:
        """A time of ours, to the millisecond, as it goes out."""
        return cls.read(wire_time(moment))

    @classmethod
    def read(cls, text: str) -> Stamp:
        """A time that came; raises ValueError for what is none."""
        return cls(text, parse_timestamp(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of an organisation, ``subscriber::domain``, and how to reach him or her."""

    org: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who we are in every issue: the desk that answers, and the grievance officer above it."""

    subscriber_id: str
    agent: Person
    officer: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody in the issue, by an id that means something in it alone."""

    id: str
    type: str
    person: Person = field(default_factory=Person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """What the issue is about; ``count`` of an item."""

    ref_type: str
    ref_id: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture by its address."""

    url: str
    size_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What is complained of. ``code`` is 2.0.0's; ``category`` and ``sub_category`` are 1.0.0's where it came so."""

    code: str
    short_desc: str = ""
    long_desc: str = ""
    category: str = ""
    sub_category: str = ""
    url: str = ""
    content_type: str = ""
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step. ``name`` is what is asked for (INFO001), or the remedy of a RESOLVED; ``ref_id`` what it belongs to."""

    id: str
    code: Code
    at: Stamp
    by: str
    person: str = ""
    short_desc: str = ""
    name: str = ""
    ref_id: str = ""
    ref_type: str = ""
    images: tuple[Image, ...] = ()
    rating: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """A remedy that is proposed or imposed; ``PARENT`` holds those of one proposal together.

    ``item_id`` and ``amount`` are those of a refund. Codes of others that nobody has published are kept as they came.
    """

    id: str
    code: str
    at: Stamp
    by: str
    parent_id: str = ""
    short_desc: str = ""
    long_desc: str = ""
    item_id: str = ""
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue with all that has happened to it.

    ``we`` is our side of it. ``echo`` is what every context of it repeats (``beckn_schemas.igm_context``).
    ``level_from`` is the moment from which the times of the present level are reckoned. ``order_ref`` is our key of the
    order, empty until it is found.
    """

    id: str
    version: IgmVersion = V2
    we: Side = Side.RESPONDENT
    echo: Json
    order_ref: str = ""
    status: Status = Status.OPEN
    level: Level = Level.ISSUE
    created: Stamp
    level_from: datetime
    expected_response: str = ""
    expected_resolution: str = ""
    refs: tuple[Ref, ...]
    actors: tuple[Actor, ...] = ()
    source_id: str = ""
    complainant_id: str = ""
    respondent_ids: tuple[str, ...] = ()
    resolver_ids: tuple[str, ...] = ()
    complaint: Complaint
    actions: tuple[Action, ...] = ()
    resolutions: tuple[Resolution, ...] = ()

    @property
    def bap_id(self) -> str:
        """The buyer app: with the id, the key of the issue."""
        return str(self.echo["bap_id"])

    @property
    def order_id(self) -> str:
        """The order complained of, by the buyer app's id."""
        return next(iter(self.referred("ORDER")), "")

    @property
    def last(self) -> Action:
        """The action that was done last."""
        return self.actions[-1]

    @property
    def updated(self) -> Stamp:
        """The time of the latest action: the last one's, unless clocks of the two sides differ."""
        return max((one.at for one in self.actions), key=lambda stamp: stamp.at, default=self.created)

    @property
    def domain(self) -> str:
        """The domain of the order."""
        return str(self.echo["domain"])

    def referred(self, ref_type: str) -> tuple[str, ...]:
        """The ids of what the issue is about, of one type."""
        return tuple(one.ref_id for one in self.refs if one.ref_type == ref_type)

    def action(self, action_id: str) -> Action | None:
        """An action by its id."""
        return next((one for one in self.actions if one.id == action_id), None)

    def resolution(self, resolution_id: str) -> Resolution | None:
        """A resolution by its id."""
        return next((one for one in self.resolutions if one.id == resolution_id), None)

    def asked(self) -> tuple[Action, ...]:
        """The requests for information that nobody has answered, oldest first."""
        told = {one.ref_id for one in self.actions if one.code in _INFORMING}
        return tuple(one for one in self.actions if one.code is Code.INFO_REQUESTED and one.id not in told)

    def proposed(self) -> tuple[Resolution, ...]:
        """The remedies of the last proposal while it waits for an answer, else none."""
        for one in reversed(self.actions):
            if one.code is Code.RESOLUTION_PROPOSED:
                return tuple(each for each in self.resolutions if each.parent_id == one.ref_id)
            if one.code in _ANSWERS or one.code is Code.ESCALATED:
                break
        return ()

    def accepted(self) -> Resolution | None:
        """The remedy that was taken, or imposed by its RESOLVED, last; None once the issue went on after it."""
        for one in reversed(self.actions):
            if one.code in {Code.RESOLUTION_ACCEPTED, Code.RESOLVED}:
                return self.resolution(one.ref_id)
            if one.code in {Code.RESOLUTION_REJECTED, Code.RESOLUTION_PROPOSED, Code.ESCALATED}:
                break
        return None


_INFORMING = frozenset({Code.INFO_PROVIDED, Code.INFO_NOT_AVAILABLE})
_ANSWERS = frozenset({Code.RESOLUTION_ACCEPTED, Code.RESOLUTION_REJECTED, Code.RESOLVED})

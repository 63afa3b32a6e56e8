"""The smaller values a provider and a worker are made of: places, terms, hours, papers, ratings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Literal

from catalog.money import Money

AreaKind = Literal["10", "11", "12", "13"]
EngagementMode = Literal["government", "industry", "citizen"]


@dataclass(frozen=True, slots=True)
class Gps:
    """A point on the earth in degrees. On the wire ``"lat,lon"``; GeoJSON has it the other way round."""

    lat: float
    lon: float

    def __str__(self) -> str:
        return f"{self.lat:.6f},{self.lon:.6f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place of business of a provider. ``std`` is the telephone code, ``district`` the LGD code."""

    id: str
    gps: Gps
    address: str
    city: str
    std: str
    area_code: str
    district: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where a provider serves, as the serviceability tag says it.

    ``kind`` 10: ``val`` kilometres round the location; 11: ``val`` pincodes separated by commas;
    12: ``val`` a country (``IND``) or, inside ours, a state (``IN-UP``); 13: ``val`` a GeoJSON
    FeatureCollection as text, coordinates longitude first. ``category`` is a code or a wildcard ``SRV11-*``.
    Source: ONDC services specification 2.0.0, tag ``serviceability``.
    """

    location_id: str
    category: str
    kind: AreaKind
    val: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationTerm:
    """What cancelling costs in one fulfillment state: an amount or a percentage of the quote, not both.

    ``state`` is the wire code (``Pending``, ``In-Transit``, ``At-Location``); ``cancel_by`` the lead time
    before the slot as ISO-8601 text. ``penalty`` or ``penalty_percentage`` is what the provider owes when it cancels
    then, not less than the fee; without either as much as the fee.
    """

    state: str
    cancel_by: str
    fee: Money | None = None
    percentage: Decimal | None = None
    reason_required: bool = True
    penalty: Money | None = None
    penalty_percentage: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleTerm:
    """Whether and until when a booking may be moved, and the fee. ``within`` is ISO-8601 text."""

    state: str
    eligible: bool
    fee: Money
    within: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of a provider, snapshotted into each order when it is made."""

    cancellation: tuple[CancellationTerm, ...]
    reschedule: tuple[RescheduleTerm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Working hours in Asia/Kolkata: ISO weekdays (1 Monday to 7 Sunday), opening and closing, dates without work."""

    days: tuple[int, ...]
    opens: time
    closes: time
    holidays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A certificate or permission shown to the buyer."""

    id: str
    type: str
    desc: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """The sum and number of a subject's ratings of 1 to 5."""

    sum: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """A contract that takes a worker out of the pool from ``first`` to ``last``, both days included (rules R27, R28).

    ``ended`` is the last day of one that either side ended early, ``ended_by`` who did.
    """

    id: str
    mode: EngagementMode
    employer: str
    first: date
    last: date
    ended: date | None = None
    ended_by: Literal["worker", "employer", "provider", ""] = ""

    @property
    def until(self) -> date:
        """The last day on which the worker is engaged."""
        return self.last if self.ended is None else min(self.last, self.ended)

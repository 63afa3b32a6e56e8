"""A visit and the workers sent to it: the parts of an order that the state table moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bpp.orders.assignment import AskedGender
from bpp.orders.otp import Otp
from bpp.orders.states import WIRE_CODE, Stage
from bpp.orders.whereabouts import Whereabouts
from catalog.model import Credential, Gps, Slot

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignee:
    """The worker sent, as the buyer is told: rule R1 keeps the provider the seller.

    ``shares_location``: he or she agreed, when sent, that the buyer is told where about on the way. ``creds`` are the
    papers by which the customer knows that the right person has come (rules R11, R21).
    """

    worker_id: str
    name: str
    phone: str
    email: str
    photo: str
    gps: Gps
    shares_location: bool = False
    creds: tuple[Credential, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulfillment:
    """One visit. ``assignee`` leads it; ``crew`` are further workers of a job done in parallel.

    ``minutes`` is how much of each worker's time it takes, less than the length of a slot that spans closed hours; 0 in
    documents of before it was kept.
    ``customer`` is the end stop's location, contact and person as they came; ``tags`` are echoed. ``whereabouts`` is
    where the worker was last, while the provider and the worker let it be told.
    ``gender`` is that of the worker asked for, any where empty; a mere wish where it is not ``gender_required``.
    ``dropped`` are workers who had the visit and could not go: none of them is chosen for it again.
    ``sent_at`` is when a worker was sent in the place of another, ``team_size`` how many go together where none is
    there for the moment; ``otp_after`` is the last serial of a token that was out for a worker before,
    ``left_in`` the state's code in which the last one dropped out.
    """

    id: str
    slot: Slot
    minutes: int = 0
    stage: Stage = Stage.PENDING
    assignee: Assignee | None = None
    crew: tuple[Assignee, ...] = ()
    customer: Json = field(default_factory=dict)
    gps: Gps | None = None
    area_code: str = ""
    district: str | None = None
    tags: tuple[Json, ...] = ()
    departed_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    otp: Otp | None = None
    whereabouts: Whereabouts | None = None
    gender: AskedGender = ""
    gender_required: bool = True
    dropped: tuple[str, ...] = ()
    sent_at: datetime | None = None
    team_size: int = 0
    otp_after: int = 0
    left_in: str = ""

    @property
    def abandoned(self) -> bool:
        """Whether who was to come dropped out, and nobody else is to come so far."""
        return self.stage is Stage.PENDING and bool(self.dropped)

    @property
    def code(self) -> str:
        """The state's code on the wire."""
        return WIRE_CODE[self.stage]

"""What is known of providers and workers beside the catalog: applications, agreements, and what happened to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from bpp.parties.states import State
from catalog.model import Credential, Gps

Json = Mapping[str, Any]
Subject = Literal["empanelment", "provider", "worker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A request for empanelment (rule R3): who applies, for which districts (LGD codes) and services, by what papers.

    ``contact`` is the person to talk to; ``papers`` are for the Samiti, not for buyers. ``reason`` is that of a
    refusal, ``provider_id`` the provider that an approval made.
    """

    id: str
    kind: Literal["firm", "individual"]
    name: str
    name_hi: str
    short_desc: str
    contact: str
    phone: str
    email: str
    address: str
    city: str
    area_code: str
    gps: Gps
    districts: tuple[str, ...]
    services: tuple[str, ...]
    papers: tuple[Credential, ...] = ()
    gstin: str = ""
    has_pan: bool = True
    state: State = State.REQUESTED
    reason: str = ""
    provider_id: str = ""
    requested_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """An agreement between the Samiti and a provider (rule R2): its number, and its first and last day."""

    number: str
    provider_id: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyEvent:
    """One step in the life of an application, a provider or a worker; rows are added, never changed.

    ``actor`` is who did it, by the name of the token; ``detail`` holds no personal data.
    """

    at: datetime
    subject: Subject
    subject_id: str
    event: str
    actor: str
    source: str = ""
    target: str = ""
    reason: str = ""
    detail: Json = field(default_factory=dict)

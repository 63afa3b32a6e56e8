"""What is known of storing empanelment and bank details of providers and workers; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bpp.parties.model import Agreement, Application, PartyEvent, Subject
from bpp.parties.states import State
from bpp.parties.vault import Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedDetails:
    """Sealed bank details with whose they are: ``party`` is provider or worker."""

    party: str
    party_id: str
    sealed: Sealed


class Parties(Protocol):
    """What is known of providers and workers beside the catalog. Agreements and events are added, never changed."""

    async def add_application(self, application: Application) -> None: ...
    async def move_application(self, application: Application, source: State) -> None: ...
    async def application(self, application_id: str) -> Application | None: ...
    async def applications(self, state: State | None, after: str, limit: int) -> Sequence[Application]: ...
    async def add_agreement(self, agreement: Agreement) -> bool: ...
    async def agreements(self, provider_id: str) -> Sequence[Agreement]: ...
    async def record(self, event: PartyEvent) -> None: ...
    async def history(self, subject: Subject, subject_id: str) -> Sequence[PartyEvent]: ...
    async def put_bank(self, details: SealedDetails, at: datetime) -> None: ...
    async def bank(self, party: str, party_id: str) -> Sealed | None: ...
    async def sealed_otherwise(self, key_id: str, limit: int) -> Sequence[SealedDetails]: ...

"""Empanelment and bank details of providers and workers, on a database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, select, update

from bpp.parties.model import Agreement, Application, PartyEvent, Subject
from bpp.parties.states import State
from bpp.parties.vault import Sealed
from bpp.storage.changes import words_taken
from bpp.storage.connection import Connection
from bpp.storage.dialects import insert
from bpp.storage.ports import VersionConflict
from bpp.storage.ports_parties import SealedDetails
from bpp.storage.tables_parties import agreements, bank_details, empanelments, party_events
from bpp.storage.types import decode, encode


class SqlParties:
    """See ``bpp.storage.ports_parties.Parties``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def add_application(self, application: Application) -> None:
        """Store a new application."""
        await self._connection.execute(
            empanelments.insert().values(
                id=application.id,
                state=application.state.value,
                requested_at=application.requested_at,
                doc=encode(application),
            )
        )

    async def move_application(self, application: Application, source: State) -> None:
        """Store an application that was in a state; raises VersionConflict where another has moved it since."""
        statement = (
            update(empanelments)
            .where(empanelments.c.id == application.id, empanelments.c.state == source.value)
            .values(state=application.state.value, doc=encode(application))
        )
        if (await self._connection.execute(statement)).rowcount != 1:
            raise VersionConflict(application.id)

    async def application(self, application_id: str) -> Application | None:
        """The application of an id, or None."""
        query = select(empanelments.c.doc).where(empanelments.c.id == application_id)
        doc = (await self._connection.execute(query)).scalar()
        return None if doc is None else decode(Application, doc)

    async def applications(self, state: State | None, after: str, limit: int) -> Sequence[Application]:
        """Applications in a state, or all, by id from ``after`` on."""
        query = select(empanelments.c.doc).where(empanelments.c.id > after).order_by(empanelments.c.id).limit(limit)
        if state is not None:
            query = query.where(empanelments.c.state == state.value)
        return [decode(Application, doc) for doc in (await self._connection.execute(query)).scalars()]

    async def add_agreement(self, agreement: Agreement) -> bool:
        """Store an agreement; False where its number is given already."""
        statement = (
            insert(self._connection, agreements)
            .values(
                number=agreement.number,
                provider_id=agreement.provider_id,
                first=agreement.first.isoformat(),
                last=agreement.last.isoformat(),
            )
            .on_conflict_do_nothing()
        )
        return (await self._connection.execute(statement)).rowcount == 1

    async def agreements(self, provider_id: str) -> Sequence[Agreement]:
        """The agreements of a provider, in their order."""
        query = select(agreements).where(agreements.c.provider_id == provider_id)
        return [
            Agreement(
                number=row.number,
                provider_id=row.provider_id,
                first=date.fromisoformat(row.first),
                last=date.fromisoformat(row.last),
            )
            for row in await self._connection.execute(query.order_by(agreements.c.first, agreements.c.number))
        ]

    async def record(self, event: PartyEvent) -> None:
        """Append to the life of an application, a provider or a worker."""
        await self._connection.execute(
            party_events.insert().values(
                subject=event.subject,
                subject_id=event.subject_id,
                at=event.at,
                event=event.event,
                actor=event.actor,
                source=event.source,
                target=event.target,
                reason=event.reason,
                detail=json.dumps(dict(event.detail), ensure_ascii=False),
            )
        )

    async def history(self, subject: Subject, subject_id: str) -> Sequence[PartyEvent]:
        """The life of an application, a provider or a worker, in order."""
        query = select(party_events).where(party_events.c.subject == subject, party_events.c.subject_id == subject_id)
        return [
            PartyEvent(
                at=row.at,
                subject=row.subject,
                subject_id=row.subject_id,
                event=row.event,
                actor=row.actor,
                source=row.source,
                target=row.target,
                reason=row.reason,
                detail=json.loads(row.detail),
            )
            for row in await self._connection.execute(query.order_by(party_events.c.seq))
        ]

    async def drop_applications(self, before: datetime) -> int:
        """Delete the applications that came to nothing before a moment; how many. Their history stays."""
        ends = (State.REFUSED.value, State.WITHDRAWN.value)
        over = select(party_events.c.subject_id).where(
            party_events.c.subject == "empanelment", party_events.c.target.in_(ends), party_events.c.at < before
        )
        gone = delete(empanelments).where(empanelments.c.state.in_(ends), empanelments.c.id.in_(over))
        return int((await self._connection.execute(gone)).rowcount)

    async def erase_reasons(self, before: datetime, now: datetime) -> int:
        """Take out of histories the words that were given as reasons before a moment; how many."""
        old = update(party_events).where(party_events.c.at < before, party_events.c.reason != "")
        bare = old.values(reason="").returning(party_events.c.seq)
        numbers = (await self._connection.execute(bare)).scalars().all()
        await words_taken(self._connection, party_events.name, dict.fromkeys(numbers, ("",)), now)
        return len(numbers)

    async def put_bank(self, details: SealedDetails, at: datetime) -> None:
        """Store sealed details in the place of those before."""
        values = {"key_id": details.sealed.key_id, "sealed": details.sealed.data, "at": at}
        statement = insert(self._connection, bank_details).values(
            party=details.party, party_id=details.party_id, **values
        )
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["party", "party_id"], set_=values)
        )

    async def bank(self, party: str, party_id: str) -> Sealed | None:
        """The sealed details of a provider or worker, or None."""
        query = select(bank_details.c.key_id, bank_details.c.sealed).where(
            bank_details.c.party == party, bank_details.c.party_id == party_id
        )
        row = (await self._connection.execute(query)).first()
        return None if row is None else Sealed(row.key_id, row.sealed)

    async def sealed_otherwise(self, key_id: str, limit: int) -> Sequence[SealedDetails]:
        """Details that another key than this one sealed; so many at most."""
        query = select(bank_details).where(bank_details.c.key_id != key_id).limit(limit)
        return [
            SealedDetails(party=row.party, party_id=row.party_id, sealed=Sealed(row.key_id, row.sealed))
            for row in await self._connection.execute(query)
        ]

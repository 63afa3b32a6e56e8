"""Who signs in to the console, on a database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Row, Select, delete, func, or_, select, update

from bpp.people.door import CODE_WHILE
from bpp.people.model import SIGNED_IN, Code, Person, Role, Session, SignInEvent, Step
from bpp.storage.changes import rows_dropped
from bpp.storage.connection import Connection
from bpp.storage.dialects import insert, transaction_lock
from bpp.storage.ports_people import EventFilter, PersonFilter
from bpp.storage.tables_people import people, sessions, sign_in_codes, sign_in_events

_PERSON = tuple(one.name for one in fields(Person))
_SESSION = tuple(one.name for one in fields(Session))
_APART = LABEL_STYLE_TABLENAME_PLUS_COL  # both tables have a created_at


class SqlPeople:
    """See ``bpp.storage.ports_people.People``."""

    def __init__(self, connection: Connection, *, locking: bool = True) -> None:
        """On the unit's connection; ``locking``: a person that is read stays as it is until the unit ends."""
        self._connection = connection
        self._locking = locking

    async def add(self, person: Person) -> bool:
        """Store a new person; False where the id or the login is taken."""
        statement = insert(self._connection, people).values(_values(person)).on_conflict_do_nothing()
        return (await self._connection.execute(statement)).rowcount == 1

    async def save(self, person: Person) -> None:
        """Store a changed person, which this unit has read."""
        await self._connection.execute(update(people).where(people.c.id == person.id).values(_values(person)))

    async def set_language(self, person_id: str, language: str) -> None:
        """Remember the language of a person."""
        await self._connection.execute(update(people).where(people.c.id == person_id).values(language=language))

    async def get(self, person_id: str) -> Person | None:
        """The person of an id, locked, or None."""
        return await self._one(select(people).where(people.c.id == person_id))

    async def by_login(self, login: str) -> Person | None:
        """The person of a login, locked, or None."""
        return await self._one(select(people).where(people.c.login == login))

    async def listed(self, which: PersonFilter) -> Sequence[Person]:
        """People that fit, by login."""
        query = select(people).where(people.c.login > which.after).order_by(people.c.login).limit(which.limit)
        if which.role is not None:
            query = query.where(people.c.role == which.role.value)
        if which.provider_id is not None:
            query = query.where(people.c.provider_id == which.provider_id)
        if which.text:
            part = which.text.casefold()
            query = query.where(
                or_(
                    func.lower(people.c.login).contains(part, autoescape=True),
                    func.lower(people.c.name).contains(part, autoescape=True),
                )
            )
        return [_person(row) for row in await self._connection.execute(query)]

    async def known(self, person_ids: Collection[str]) -> Mapping[str, Person]:
        """Those of some ids who are known here."""
        rows = await self._connection.execute(select(people).where(people.c.id.in_(person_ids)))
        return {row.id: _person(row) for row in rows}

    async def administrators(self) -> Sequence[Person]:
        """Who is an administrator and not disabled; nobody else becomes or ceases to be one until the unit ends."""
        if self._locking:
            await transaction_lock(self._connection, "administrators")
        query = select(people).where(people.c.role == Role.ADMIN.value, people.c.disabled.is_(False))
        return [_person(row) for row in await self._connection.execute(query.order_by(people.c.login))]

    async def signed_in(self, person_ids: Collection[str]) -> Mapping[str, datetime]:
        """When each of some people was let in last, as far as it is still known."""
        events = sign_in_events.c
        query = select(events.person_id, func.max(events.at)).where(
            events.person_id.in_(person_ids), events.event == SIGNED_IN
        )
        rows = await self._connection.execute(query.group_by(events.person_id))
        return {row[0]: row[1] for row in rows}

    async def sealed_otherwise(self, key_id: str, limit: int) -> Sequence[Person]:
        """People whose second factor another key than this one sealed; so many at most."""
        query = select(people).where(people.c.totp.is_not(None), people.c.totp_key != key_id).limit(limit)
        return [_person(row) for row in await self._connection.execute(self._locked(query))]

    async def open_session(self, session: Session) -> None:
        """Store a session, in place of an earlier one of the same token."""
        values = {**asdict(session), "step": session.step.value}
        await self._connection.execute(delete(sessions).where(sessions.c.digest == session.digest))
        await self._connection.execute(sessions.insert().values(values))

    async def session(self, digest: str) -> tuple[Session, Person] | None:
        """The session of a token and whose it is, or None."""
        query = select(sessions, people).join(people, people.c.id == sessions.c.person_id)
        row = (await self._connection.execute(query.where(sessions.c.digest == digest).set_label_style(_APART))).first()
        if row is None:
            return None
        values = {name: getattr(row, f"sessions_{name}") for name in _SESSION}
        return Session(**{**values, "step": Step(values["step"])}), _person(row, "people_")

    async def seen(self, digest: str, at: datetime) -> None:
        """Note when a session was seen last."""
        await self._connection.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=at))

    async def sessions(self, person_id: str) -> Sequence[Session]:
        """The sessions of a person, the one seen last first."""
        query = select(sessions).where(sessions.c.person_id == person_id).order_by(sessions.c.seen_at.desc())
        rows = await self._connection.execute(query)
        return [Session(**{**row._asdict(), "step": Step(row.step)}) for row in rows]

    async def end_session(self, digest: str) -> None:
        """Forget a session."""
        await self._connection.execute(delete(sessions).where(sessions.c.digest == digest))

    async def end_sessions(self, person_id: str, but: str = "") -> int:
        """Forget the sessions of a person, but for one; how many."""
        others = delete(sessions).where(sessions.c.person_id == person_id, sessions.c.digest != but)
        return (await self._connection.execute(others)).rowcount

    async def code(self, phone: str) -> Code | None:
        """The last code that was sent to a telephone, or None; nobody else asks for one or tries it until we end."""
        if self._locking:
            await transaction_lock(self._connection, f"sign-in code\n{phone}")
        query = select(sign_in_codes).where(sign_in_codes.c.phone == phone)
        row = (await self._connection.execute(query)).first()
        return None if row is None else Code(**row._asdict())

    async def put_code(self, code: Code) -> None:
        """Store a code in place of the last one; the unit has asked for that."""
        await self.drop_code(code.phone)
        await self._connection.execute(sign_in_codes.insert().values(asdict(code)))

    async def drop_code(self, phone: str) -> None:
        """Forget the code of a telephone."""
        await self._connection.execute(delete(sign_in_codes).where(sign_in_codes.c.phone == phone))

    async def record(self, event: SignInEvent) -> None:
        """Append to the audit of the door."""
        await self._connection.execute(sign_in_events.insert().values(asdict(event)))

    async def events(self, which: EventFilter) -> Sequence[tuple[int, SignInEvent]]:
        """What happened, newest first, each with its number."""
        known = sign_in_events.c
        query = select(sign_in_events).order_by(known.seq.desc()).limit(which.limit)
        if which.person_id is not None:
            query = query.where(known.person_id == which.person_id)
        if which.event is not None:
            query = query.where(known.event == which.event)
        if which.since is not None:
            query = query.where(known.at >= which.since)
        if which.until is not None:
            query = query.where(known.at < which.until)
        if which.before is not None:
            query = query.where(known.seq < which.before)
        return [
            (row.seq, SignInEvent(at=row.at, person_id=row.person_id, event=row.event, by=row.by, detail=row.detail))
            for row in await self._connection.execute(query)
        ]

    async def drop_ended(self, now: datetime) -> int:
        """Forget sessions and codes whose time is over; how many."""
        ended = await self._connection.execute(delete(sessions).where(sessions.c.ends_at <= now))
        stale = await self._connection.execute(
            delete(sign_in_codes).where(sign_in_codes.c.valid_until <= now - CODE_WHILE)
        )
        return ended.rowcount + stale.rowcount

    async def drop_events(self, before: datetime, now: datetime) -> int:
        """Forget what happened at the door before a moment, but for the newest of all (``drop_reads``); how many."""
        number = sign_in_events.c.seq
        old = (sign_in_events.c.at < before, number < select(func.max(number)).scalar_subquery())
        gone = delete(sign_in_events).where(*old).returning(number)
        numbers = (await self._connection.execute(gone)).scalars().all()
        await rows_dropped(self._connection, sign_in_events.name, numbers, now)
        return len(numbers)

    async def _one(self, query: Select[Any]) -> Person | None:
        row = (await self._connection.execute(self._locked(query))).first()
        return None if row is None else _person(row)

    def _locked(self, query: Select[Any]) -> Select[Any]:
        return query.with_for_update() if self._locking else query


def _values(person: Person) -> dict[str, Any]:
    return {**asdict(person), "role": person.role.value}


def _person(row: Row[Any], prefix: str = "") -> Person:
    values = {name: getattr(row, f"{prefix}{name}") for name in _PERSON}
    return Person(**{**values, "role": Role(values["role"])})

"""What the administrator's pages show: who may sign in, one of them, what happened at the door, who read what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from bpp.console.account import EVENTS
from bpp.console.language import msg
from bpp.console.page import Day, Visit
from bpp.core.world import World
from bpp.operator.audit import ReadQuery, list_reads
from bpp.operator.deliveries import LARGEST
from bpp.operator.routes import Query
from bpp.people.accounts import BY_PASSWORD
from bpp.people.door import alive, locked
from bpp.people.model import Person, Role
from bpp.people.passwords import made_up
from bpp.storage.ports import Work
from bpp.storage.ports_people import EventFilter, PersonFilter
from catalog.availability import KOLKATA
from catalog.places import district, districts

PAGE = 50
SHOWN = 20
KINDS: Mapping[str, str] = {
    "order": msg("Booking"),
    "worker": msg("Sewamitra"),
    "bank": msg("Bank details"),
    "feedback": msg("Review"),
    "complaint": msg("Complaint"),
    "project": msg("Project work"),
    "application": msg("Application for empanelment"),
    "person": msg("All that is held of a person"),
    "erasure": msg("A person who was forgotten"),
    "message": msg("Message of a buyer app"),
}
"""What a record is called that was read in full."""


class PeopleQuery(Query):
    """Whom to list."""

    role: Role | None = None
    provider_id: str | None = None
    text: Annotated[str, Field(max_length=100)] = ""
    after: Annotated[str, Field(max_length=100)] = ""


class DoorQuery(Query):
    """Which events at the door; ``until`` is the last day."""

    login: Annotated[str, Field(max_length=100)] = ""
    event: str | None = None
    since: Day | None = None
    until: Day | None = None
    cursor: Annotated[int, Field(ge=1, le=LARGEST)] | None = None


async def read_people(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """Who may sign in, by login: whose data each sees, how it stands, when last let in."""
    query: PeopleQuery = visit.query
    which = PersonFilter(
        role=query.role, provider_id=query.provider_id, text=query.text, after=query.after, limit=PAGE + 1
    )
    found = await work.people.listed(which)
    page = found[:PAGE]
    signed_in = await work.people.signed_in([one.id for one in page])
    return {
        "query": query,
        "people": [{**_shown(one, world), "signed_in": signed_in.get(one.id)} for one in page],
        "following": page[-1].login if len(found) > PAGE else "",
    }


async def read_new_person(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The form for somebody new."""
    del work
    return {**_choices(world), "made": visit.typed.get("password") or made_up()}


async def read_person(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """Somebody who may sign in, and what happened to him or her at the door of late."""
    person = await work.people.get(visit.path["person"])
    if person is None:
        raise web.HTTPNotFound
    events = await work.people.events(EventFilter(person_id=person.id, limit=SHOWN))
    signed_in = await work.people.signed_in([person.id])
    return {
        **_choices(world),
        **_shown(person, world),
        "signed_in": signed_in.get(person.id),
        "sessions": [one for one in await work.people.sessions(person.id) if alive(one, person, world.now)],
        "events": [event for _, event in events],
        "event_words": EVENTS,
        "made": visit.typed.get("password") or made_up(),
    }


async def read_door(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """What happened at the door, newest first."""
    del world
    query: DoorQuery = visit.query
    person = await work.people.by_login(query.login.casefold()) if query.login else None
    which = EventFilter(
        person_id=person.id if person is not None else query.login or None,
        event=query.event,
        since=_midnight(query.since),
        until=_midnight(query.until + timedelta(days=1)) if query.until else None,
        before=query.cursor,
        limit=PAGE + 1,
    )
    found = await work.people.events(which)
    page = found[:PAGE]
    return {
        "query": query,
        "events": [event for _, event in page],
        "people": await work.people.known({event.person_id for _, event in page}),
        "event_words": EVENTS,
        "following": page[-1][0] if len(found) > PAGE else None,
    }


async def read_reads(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """Who saw which record with the personal data in it, newest first."""
    query: ReadQuery = visit.query
    answer = await list_reads(visit.call(query=query), work, world)
    return {"query": query, "reads": answer.content, "kinds": KINDS}


def _shown(one: Person, world: World) -> Mapping[str, Any]:
    """Somebody, with whose data he or she sees, and whether the door is locked."""
    return {
        "one": one,
        "provider": world.catalog.providers.get(one.provider_id),
        "district": district(one.district),
        "locked": one.locked_until if locked(one, world.now) and not one.disabled else None,
    }


def _choices(world: World) -> Mapping[str, Any]:
    """What somebody can be, and whose data can be given to see."""
    providers: Sequence[Any] = sorted(world.catalog.providers.values(), key=lambda one: one.id)
    return {"given_roles": BY_PASSWORD, "providers": providers, "districts": tuple(districts().values())}


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), KOLKATA)

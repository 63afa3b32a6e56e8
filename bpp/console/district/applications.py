"""Applications for empanelment: who wants to serve the district, and what the officer decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal

from bpp.console.district.bounds import district_of
from bpp.console.district.words import APPLICATIONS, HAPPENED, KINDS, who
from bpp.console.page import Done, Form, Visit, outcome
from bpp.core.world import World
from bpp.operator import parties
from bpp.operator.party_models import Approve, Id, Label, Reason, Refuse, Review
from bpp.operator.problems import not_found
from bpp.operator.routes import Body, Query
from bpp.orders.assignment import local_day
from bpp.parties.model import Application
from bpp.parties.states import EMPANELMENT, NotPossible, State, allowed
from bpp.storage.ports import Work
from catalog.places import districts
from catalog.services import SERVICES

OPEN = (State.REQUESTED, State.UNDER_REVIEW)
"""Where an application stands that waits for somebody, and where one that does not any more."""
DECIDED = (State.APPROVED, State.REFUSED, State.WITHDRAWN)
AT_ONCE = 500
A_YEAR = timedelta(days=364)


class ApplicationsQuery(Query):
    """Which applications: those that wait for a decision, or those that were decided."""

    which: Literal["waiting", "decided"] = "waiting"


class Approval(Form):
    """The agreement of a new provider; its id is named so that it is not taken for one that is there already."""

    new_provider: Id
    number: Label
    first: date
    until: date


class Refusal(Form):
    """Why it is not taken."""

    reason: Reason


async def waiting(district: str, work: Work) -> list[Application]:
    """The applications for a district that wait for a decision, the oldest first."""
    return await _of_district(district, OPEN, work)


async def read_applications(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The applications of a district; those to talk to stand on the page of each."""
    del world
    place = district_of(visit)
    query: ApplicationsQuery = visit.query
    found = await _of_district(place.lgd, OPEN if query.which == "waiting" else DECIDED, work)
    return {"district": place, "applications": found, "which": query.which, "states": APPLICATIONS, "kinds": KINDS}


async def read_application(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """One application in full, which leaves a row, and what may be done with it now."""
    place = district_of(visit)
    one = await _application(visit, work)
    told = await parties.get_application(visit.call(id=one.id), work, world)
    today = local_day(world.now)
    return {
        "district": place,
        "one": told.content,
        "states": APPLICATIONS,
        "kinds": KINDS,
        "steps": allowed(one.state, EMPANELMENT),
        "services": [SERVICES[key] for key in one.services],
        "districts": [districts()[key] for key in one.districts],
        "happened": HAPPENED,
        "who": who,
        "history": await work.parties.history("empanelment", one.id),
        "first": today,
        "until": today + A_YEAR,
    }


async def review(visit: Visit, work: Work, world: World) -> Done:
    """Begin to look into an application."""
    return await _decide(visit, Review(event="review"), work, world)


async def approve(visit: Visit, work: Work, world: World) -> Done:
    """Make a provider of the applicant."""
    form: Approval = visit.form
    body = Approve(
        event="approve", provider_id=form.new_provider, number=form.number, first=form.first, until=form.until
    )
    try:
        return await _decide(visit, body, work, world)
    except NotPossible as problem:
        field = "new_provider" if problem.path == "provider_id" else problem.path
        raise NotPossible(str(problem), path=field, allowed=problem.allowed) from problem


async def refuse(visit: Visit, work: Work, world: World) -> Done:
    """Do not take the applicant."""
    return await _decide(visit, Refuse(event="refuse", reason=visit.form.reason), work, world)


async def _decide(visit: Visit, body: Body, work: Work, world: World) -> Done:
    one = await _application(visit, work)
    answer = await parties.decide(visit.call(body=body, id=one.id), work, world)
    return outcome(answer, f"/console/district/{visit.path['district']}/applications/{one.id}")


async def _application(visit: Visit, work: Work) -> Application:
    """The application of the path, if it is for the district of the path."""
    one = await work.parties.application(visit.path["application"])
    if one is None or visit.path["district"] not in one.districts:
        raise not_found("application", visit.path["application"])
    return one


async def _of_district(district: str, states: Sequence[State], work: Work) -> list[Application]:
    found: list[Application] = []
    for state in states:
        after, more = "", True
        while more:
            page = await work.parties.applications(state, after, AT_ONCE)
            found += [one for one in page if district in one.districts]
            more, after = len(page) == AT_ONCE, page[-1].id if page else ""
    return sorted(found, key=lambda one: one.requested_at)

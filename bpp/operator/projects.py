"""Project work: publish a requirement, bid, select, agree, report and accept milestones, rate; and what was bought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal

from pydantic import Field, TypeAdapter

from bpp.core.projects import do, publish, rate_project
from bpp.core.purchases import purchases
from bpp.core.rate import Teller
from bpp.core.world import World
from bpp.errors import BppError
from bpp.operator.auth import ACCOUNTANT, DESK, OFFICER, check_look_up
from bpp.operator.feedback import REFUSED, REVIEW, PageQuery, Text, Value
from bpp.operator.feedback import shown as review_shown
from bpp.operator.problems import CONFLICT, ApiProblem, invalid, not_found, of_error
from bpp.operator.project_requests import NewProject, ProjectEventRequest, act_of
from bpp.operator.project_views import (
    ProjectPage,
    ProjectShown,
    PurchaseReport,
    listed,
    report_of,
    shown,
)
from bpp.operator.routes import Answer, Body, Call, Query, Route
from bpp.projects.checks import day, may_bid
from bpp.projects.model import Project, Unacceptable
from bpp.projects.moves import possible
from bpp.projects.states import NotPossible, Stage
from bpp.storage.ports import Work
from bpp.storage.ports_projects import ProjectFilter
from catalog.availability import KOLKATA
from catalog.money import total


class ProjectQuery(PageQuery):
    """Which projects; what is left out does not filter."""

    stage: Stage | None = None
    kind: Literal["citizen", "department", "company"] | None = None
    district: str | None = Field(default=None, description="LGD code")
    service_id: str | None = None
    provider_id: str | None = Field(default=None, description="whose bid was selected")
    phone: str | None = Field(default=None, description="the consumer's telephone")


class PeriodQuery(Query):
    """A period, and whose purchases."""

    first: date = Field(description="its first day")
    last: date = Field(description="its last day")
    department: str | None = None


class ProjectRating(Body):
    """What the consumer says of the provider of a completed project."""

    rater: Literal["phone", "portal"]
    provider: Value
    feedback: Text = ""


async def post_project(call: Call, work: Work, world: World) -> Answer:
    """Publish a requirement."""
    try:
        project = await publish(call.body.requirement(), call.caller.name, work, world)
    except Unacceptable as problem:
        raise invalid(problem.message, path=problem.path) from problem
    return Answer(content=await shown(project, work, world, reader=call.caller.reader), status=201)


async def list_projects(call: Call, work: Work, world: World) -> Answer:
    """Projects that fit, newest first."""
    del world
    query: ProjectQuery = call.query
    check_look_up(query.phone, call.caller)
    which = ProjectFilter(
        stage=query.stage,
        kind=query.kind,
        district=query.district,
        service_id=query.service_id,
        provider_id=query.provider_id,
        phone=query.phone,
        after=query.cursor,
        limit=query.limit + 1,
    )
    found = await work.projects.find(which)
    return _page(found[: query.limit], found, query)


async def list_for_provider(call: Call, work: Work, world: World) -> Answer:
    """The requirements that a provider may bid on now: those of a page of what is open; it may hold fewer."""
    provider = world.catalog.providers.get(call.path["id"])
    if provider is None:
        raise not_found("provider", call.path["id"])
    query: PageQuery = call.query
    found = await work.projects.find(ProjectFilter(stage=Stage.OPEN, after=query.cursor, limit=query.limit + 1))
    today = day(world.now)
    fitting = [
        one
        for one in found[: query.limit]
        if one.requirement.bids_until > world.now and may_bid(provider, one.requirement, world.catalog, today)
    ]
    return _page(fitting, found, query)


async def get_project(call: Call, work: Work, world: World) -> Answer:
    """One project with its bids, MOU, milestones and history."""
    return Answer(content=await shown(await _project(call, work), work, world, reader=call.caller.reader))


async def post_event(call: Call, work: Work, world: World) -> Answer:
    """Do something about a project."""
    project = await _project(call, work)
    act = act_of(call.body, call.caller.name, world)
    try:
        changed = await do(project, act, work, world)
    except NotPossible as problem:
        allowed = problem.allowed or possible(project, world.now)
        raise ApiProblem(CONFLICT, "not_allowed", problem.message, path="event", allowed=allowed) from problem
    except Unacceptable as problem:
        raise invalid(problem.message, path=problem.path) from problem
    return Answer(content=await shown(changed, work, world, reader=call.caller.reader, own=act.provider_id))


async def post_rating(call: Call, work: Work, world: World) -> Answer:
    """Keep what the consumer of a completed project says; a later word corrects it."""
    project, body = await _project(call, work), call.body
    teller = Teller(kind=body.rater, by=call.caller.name)
    try:
        review = await rate_project(project, body.provider, teller, work, world, text=body.feedback)
    except BppError as problem:
        raise of_error(problem) from problem
    return Answer(content=await review_shown(review, work, world, reader=call.caller.reader))


async def get_purchases(call: Call, work: Work, world: World) -> Answer:
    """What departments bought in a period, by department and service."""
    del world
    query: PeriodQuery = call.query
    if query.last < query.first:
        raise invalid("a day not before first is expected", path="last")
    first, end = (datetime.combine(one, time(), KOLKATA) for one in (query.first, query.last + timedelta(days=1)))
    orders, projects = await work.projects.orders_of_departments(first), await work.projects.of_departments(first)
    rows = purchases(orders, projects, first, end)
    rows = tuple(one for one in rows if query.department in (None, one.department))
    whole = str(total(one.total for one in rows))
    return Answer(content=report_of(rows, query.first, query.last, whole))


async def _project(call: Call, work: Work) -> Project:
    project = await work.projects.get(call.path["id"])
    if project is None:
        raise not_found("project", call.path["id"])
    return project


def _page(items: Sequence[Project], found: Sequence[Project], query: PageQuery) -> Answer:
    """A page of ``items`` out of ``found``, which has one more than the limit where there is another page."""
    more = found[query.limit - 1].id if len(found) > query.limit else None
    return Answer(content=ProjectPage(items=[listed(one) for one in items], next=more))


PROJECT: TypeAdapter[ProjectShown] = TypeAdapter(ProjectShown)
PARTIES = frozenset({*DESK, OFFICER, ACCOUNTANT})
"""Who enters what the two sides say; that money has come in is an accountant's to say, too."""
ROUTES = (
    Route(
        method="GET",
        path="/projects",
        name="list-projects",
        tag="projects",
        summary="Find project work",
        handler=list_projects,
        query=ProjectQuery,
        answer=TypeAdapter(ProjectPage),
    ),
    Route(
        method="POST",
        path="/projects",
        name="publish-project",
        tag="projects",
        summary="Publish a requirement to the providers that are on sale in the district with the service",
        handler=post_project,
        body=TypeAdapter(NewProject),
        answer=PROJECT,
        status=201,
        problems={422: "a field is wrong, or refers to nothing"},
        roles=PARTIES,
    ),
    Route(
        method="GET",
        path="/projects/{id}",
        name="get-project",
        tag="projects",
        summary="One project with its bids, MOU, milestones and history",
        handler=get_project,
        answer=PROJECT,
        problems={404: "no such project"},
        audited=True,
    ),
    Route(
        method="POST",
        path="/projects/{id}/events",
        name="post-project-event",
        tag="projects",
        summary="Bid, select, accept the MOU, report, accept, dispute and pay milestones, cancel",
        handler=post_event,
        body=TypeAdapter(ProjectEventRequest),
        tagged=True,
        answer=PROJECT,
        problems={
            404: "no such project",
            409: "the state tables or a term forbid it; `allowed` names what is possible",
            422: "no such event, or a field is wrong",
        },
        roles=PARTIES,
    ),
    Route(
        method="POST",
        path="/projects/{id}/rating",
        name="rate-project",
        tag="ratings",
        summary="What the consumer says of the provider of a completed project",
        handler=post_rating,
        body=TypeAdapter(ProjectRating),
        answer=REVIEW,
        problems={404: "no such project", 409: REFUSED},
        roles=DESK,
    ),
    Route(
        method="GET",
        path="/providers/{id}/projects",
        name="provider-projects",
        tag="projects",
        summary="The requirements that a provider may bid on now",
        handler=list_for_provider,
        query=PageQuery,
        answer=TypeAdapter(ProjectPage),
        problems={404: "no such provider"},
    ),
    Route(
        method="GET",
        path="/purchases",
        name="purchases",
        tag="projects",
        summary="What departments bought through Sewamitra in a period",
        handler=get_purchases,
        query=PeriodQuery,
        answer=TypeAdapter(PurchaseReport),
        problems={422: "a field is wrong"},
        roles=frozenset({ACCOUNTANT, OFFICER}),
    ),
)

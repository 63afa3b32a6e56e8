"""Empanelment and standing of providers: applications, agreements, suspension, and what is about to lapse."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter

from bpp.core.empanelment import apply, approve, renew, restore, step, suspend
from bpp.core.privacy import history_as_seen, note_read
from bpp.core.world import World
from bpp.operator.auth import OFFICERS, STAFF
from bpp.operator.bank import ROUTES as OF_BANK
from bpp.operator.catalog_checks import checked_provider
from bpp.operator.party_models import (
    AgreementView,
    ApplicationPage,
    ApplicationRequest,
    ApplicationView,
    Approve,
    Decision,
    Happened,
    History,
    ProviderStanding,
    Refuse,
    Renew,
    Restore,
    Standing,
    Suspend,
    Withdraw,
)
from bpp.operator.problems import invalid, not_found
from bpp.operator.routes import Answer, Call, Query, Route, check_role
from bpp.operator.workers import ROUTES as OF_WORKERS
from bpp.orders.assignment import local_day
from bpp.parties.expiry import Kind, lapsing
from bpp.parties.masking import without_contact
from bpp.parties.model import Agreement, Application
from bpp.parties.states import State, Step
from bpp.storage.ports import Work
from catalog.load_fields import gps, one_district
from catalog.places import districts
from catalog.snapshot import on_sale


class ApplicationQuery(Query):
    """Which applications."""

    state: State | None = None
    limit: Annotated[int, Field(ge=1, le=500, description="most items of a page")] = 50
    cursor: str | None = Field(default=None, description="`next` of the page before")


class ExpiryQuery(Query):
    """How far to look ahead, and where."""

    days: Annotated[int, Field(ge=0, le=3660)] = 30
    district: str | None = Field(default=None, description="LGD code or name; all where left out")
    lapsed: bool = Field(default=False, description="also what has lapsed already")


class LapsingView(BaseModel):
    """A paper and its last day."""

    district: str = Field(description="LGD code")
    district_name: str
    until: date
    kind: Kind
    provider_id: str
    worker_id: str
    service_id: str


class LapsingList(BaseModel):
    """By district and day."""

    items: list[LapsingView]


async def list_applications(call: Call, work: Work, world: World) -> Answer:
    """Applications by id, with those to talk to in part."""
    del world
    query: ApplicationQuery = call.query
    rows = await work.parties.applications(query.state, query.cursor or "", query.limit + 1)
    page = [ApplicationView.of(without_contact(one)) for one in rows[: query.limit]]
    return Answer(content=ApplicationPage(items=page, next=page[-1].id if len(rows) > len(page) else None))


async def get_application(call: Call, work: Work, world: World) -> Answer:
    """One application."""
    return await _told(await _application(call, work), call, work, world)


async def request(call: Call, work: Work, world: World) -> Answer:
    """Take an application in."""
    body: ApplicationRequest = call.body
    fields = {name: getattr(body, name) for name in ApplicationRequest.model_fields}
    application = Application(
        **{
            **fields,
            "gps": gps(body.gps),
            "districts": tuple(dict.fromkeys(body.districts)),
            "services": tuple(dict.fromkeys(body.services)),
            "papers": tuple(one.credential for one in body.papers),
        },
        id=world.new_id(),
        requested_at=world.now,
    )
    made = await apply(application, call.caller.name, work, world)
    return await _told(made, call, work, world, status=201)


async def decide(call: Call, work: Work, world: World) -> Answer:
    """Review, approve, refuse or withdraw an application; that an applicant withdraws, any of our staff may enter."""
    body = call.body
    if not isinstance(body, Withdraw):
        check_role(OFFICERS, call.caller)
    application = await _application(call, work)
    if isinstance(body, Approve):
        return await _told(await _approved(application, body, call, work, world), call, work, world)
    reason = body.reason if isinstance(body, Refuse | Withdraw) else ""
    moved = await step(application, Step(body.event), call.caller.name, work, world, reason=reason)
    return await _told(moved, call, work, world)


async def _told(application: Application, call: Call, work: Work, world: World, *, status: int = 200) -> Answer:
    """An application in full, which leaves a row."""
    await note_read(call.caller.reader, "application", application.id, work, world)
    return Answer(content=ApplicationView.of(application), status=status)


async def _approved(application: Application, body: Approve, call: Call, work: Work, world: World) -> Application:
    agreement = Agreement(number=body.number, provider_id=body.provider_id, first=body.first, last=body.until)
    approved, provider = await approve(application, agreement, call.caller.name, work, world)
    await work.directory.put_provider(checked_provider(provider, world.catalog))
    return approved


async def stand(call: Call, work: Work, world: World) -> Answer:
    """Suspend or restore a provider, or renew its agreement."""
    provider = world.catalog.providers.get(call.path["id"])
    if provider is None:
        raise not_found("provider", call.path["id"])
    match call.body:
        case Suspend(reason=reason):
            after = await suspend(provider, reason, call.caller.name, work, world)
        case Restore(reason=reason):
            after = await restore(provider, reason, call.caller.name, work, world)
        case Renew() as body:
            agreement = Agreement(number=body.number, provider_id=provider.id, first=body.first, last=body.until)
            after = await renew(provider, agreement, call.caller.name, work, world)
    content = ProviderStanding(
        id=after.id,
        status=after.status,
        agreement_from=after.agreement_from,
        agreement_until=after.agreement_until,
        on_sale=on_sale(after, local_day(world.now)),
    )
    return Answer(content=content)


async def provider_history(call: Call, work: Work, world: World) -> Answer:
    """The agreements and the history of a provider."""
    provider_id = call.path["id"]
    if provider_id not in world.catalog.providers:
        raise not_found("provider", provider_id)
    agreements = [AgreementView.of(one) for one in await work.parties.agreements(provider_id)]
    happened = history_as_seen(await work.parties.history("provider", provider_id), call.caller.reader)
    events = [Happened.of(one) for one in happened]
    return Answer(content=History(agreements=agreements, events=events))


async def expiring(call: Call, work: Work, world: World) -> Answer:
    """Agreements, verifications and certificates that are about to lapse."""
    del work
    query: ExpiryQuery = call.query
    wanted = _district(query.district)
    rows = lapsing(world.catalog, local_day(world.now), query.days, lapsed=query.lapsed)
    items = [
        LapsingView(
            district=one.district,
            district_name=districts()[one.district].name_en,
            until=one.until,
            kind=one.kind,
            provider_id=one.provider_id,
            worker_id=one.worker_id,
            service_id=one.service_id,
        )
        for one in rows
        if wanted in (None, one.district)
    ]
    return Answer(content=LapsingList(items=items))


def _district(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return one_district(text)
    except ValueError as problem:
        raise invalid(str(problem), path="district") from problem


async def _application(call: Call, work: Work) -> Application:
    found = await work.parties.application(call.path["id"])
    if found is None:
        raise not_found("application", call.path["id"])
    return found


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/empanelments",
        name="list-empanelments",
        tag="parties",
        summary="Applications for empanelment",
        handler=list_applications,
        query=ApplicationQuery,
        answer=TypeAdapter(ApplicationPage),
        roles=STAFF,
    ),
    Route(
        method="POST",
        path="/empanelments",
        name="request-empanelment",
        tag="parties",
        summary="Apply for empanelment",
        handler=request,
        body=TypeAdapter(ApplicationRequest),
        answer=TypeAdapter(ApplicationView),
        status=201,
        roles=STAFF,
    ),
    Route(
        method="GET",
        path="/empanelments/{id}",
        name="get-empanelment",
        tag="parties",
        summary="One application",
        handler=get_application,
        answer=TypeAdapter(ApplicationView),
        problems={404: "no such application"},
        roles=STAFF,
        audited=True,
    ),
    Route(
        method="POST",
        path="/empanelments/{id}/events",
        name="decide-empanelment",
        tag="parties",
        summary="Review, approve, refuse or withdraw an application",
        handler=decide,
        body=TypeAdapter(Decision),
        alters_catalog=True,
        tagged=True,
        answer=TypeAdapter(ApplicationView),
        problems={404: "no such application", 409: "its state does not allow it; `allowed` says what it does"},
        roles=STAFF,
    ),
    Route(
        method="POST",
        path="/providers/{id}/events",
        name="provider-standing",
        tag="parties",
        summary="Suspend or restore a provider, or renew its agreement",
        handler=stand,
        body=TypeAdapter(Standing),
        alters_catalog=True,
        tagged=True,
        answer=TypeAdapter(ProviderStanding),
        problems={404: "no such provider", 409: "its standing does not allow it; `allowed` says what it does"},
        roles=OFFICERS,
    ),
    Route(
        method="GET",
        path="/providers/{id}/history",
        name="provider-history",
        tag="parties",
        summary="Agreements and history of a provider",
        handler=provider_history,
        answer=TypeAdapter(History),
        problems={404: "no such provider"},
    ),
    Route(
        method="GET",
        path="/expiring",
        name="list-expiring",
        tag="parties",
        summary="Agreements, verifications and certificates about to lapse, by district",
        handler=expiring,
        query=ExpiryQuery,
        answer=TypeAdapter(LapsingList),
    ),
    *OF_WORKERS,
    *OF_BANK,
)

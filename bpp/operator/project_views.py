"""Project work as the API shows it. Bids that are sealed are shown to nobody, but its own to who has just bid."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from bpp.core.privacy import PersonalData, Reader, read_project
from bpp.core.projects import mou_url
from bpp.core.purchases import Purchases
from bpp.core.world import World
from bpp.operator.order_models import Moment
from bpp.orders.masking import hidden_detail
from bpp.projects.masking import without_consumer
from bpp.projects.model import Bid, Milestone, Mou, Project
from bpp.projects.moves import possible
from bpp.projects.states import Event
from bpp.storage.ports import Work
from bpp.storage.ports_projects import ProjectEvent
from catalog.services import SERVICES

OF_BIDS = {Event.BID, Event.WITHDRAW_BID}


class ProjectSummary(BaseModel):
    """A project in a list."""

    id: str
    stage: str
    kind: Literal["citizen", "department", "company"]
    party: str = Field(description="the department, the company, or the citizen")
    title: str
    service_id: str
    district: str
    budget: str
    bids_until: Moment
    bid_count: int
    provider_id: str | None
    charge: str | None = Field(description="of the bid selected, tax included")
    created_at: Moment
    updated_at: Moment


class ProjectPage(BaseModel):
    """Projects, newest first."""

    items: list[ProjectSummary]
    next: str | None


class PlannedShown(BaseModel):
    """A milestone of a bid."""

    title: str
    due: date
    share: str


class BidShown(BaseModel):
    """A bid."""

    id: str
    provider_id: str
    provider_name: str
    state: Literal["open", "withdrawn", "selected", "declined"]
    charge: str = Field(description="tax included")
    tax: str
    tax_rate: str
    over_budget: bool
    finish_by: date
    late: bool = Field(description="it would end after the day wanted")
    details: str
    milestones: list[PlannedShown]
    changed_at: Moment


class AcceptanceShown(BaseModel):
    """A side's yes."""

    side: str
    name: str
    at: Moment


class MouShown(BaseModel):
    """The MOU: its page, and who has accepted it."""

    url: str | None = Field(description="null for those who need not know the consumer, whom the page names")
    digest: str = Field(description="SHA-256 of the text; named with every acceptance")
    drawn_at: Moment
    acceptances: list[AcceptanceShown]


class MilestoneShown(BaseModel):
    """A milestone that was agreed on."""

    number: int
    title: str
    due: date
    amount: str
    tax: str = Field(description="in the amount")
    stage: Literal["PLANNED", "REPORTED", "DISPUTED", "ACCEPTED", "PAID"]
    dispute: str
    collected_by: str | None
    transaction_id: str


class StepShown(BaseModel):
    """One step of a project's history."""

    at: Moment
    event: str
    side: str
    source: str
    target: str
    detail: dict[str, Any]


class ProjectShown(ProjectSummary):
    """A project with everything about it."""

    name: str = Field(description="the person who speaks for the consumer")
    phone: str
    email: str
    gstin: str
    details: str
    place: str
    start: date
    finish_by: date
    decide_by: Moment
    attachments: list[str]
    sealed: bool = Field(description="bids are not shown yet")
    bids: list[BidShown]
    mou: MouShown | None
    milestones: list[MilestoneShown]
    completed_at: Moment | None
    allowed_events: list[str]
    history: list[StepShown]


class PurchaseRow(BaseModel):
    """What one department bought of one service."""

    department: str
    service_id: str
    service: str
    service_hi: str
    bookings: int
    booked: str
    projects: int
    milestones: int
    accepted: str
    total: str


class PurchaseReport(BaseModel):
    """What departments bought through Sewamitra, in rupees, tax included."""

    first: date
    last: date
    items: list[PurchaseRow]
    total: str


def listed(one: Project) -> ProjectSummary:
    """A project in a list, which names no citizen in full."""
    return ProjectSummary(**_summary(without_consumer(one)))


def _summary(one: Project) -> dict[str, Any]:
    wanted = one.requirement
    return {
        "id": one.id,
        "stage": one.stage.value,
        "kind": wanted.consumer.kind,
        "party": wanted.consumer.party,
        "title": wanted.title,
        "service_id": wanted.service_id,
        "district": wanted.district,
        "budget": str(wanted.budget),
        "bids_until": wanted.bids_until,
        "bid_count": len(one.open_bids),
        "provider_id": one.contractor.provider_id if one.contractor else None,
        "charge": str(one.bid.charge) if one.bid else None,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


async def shown(project: Project, work: Work, world: World, *, reader: Reader, own: str = "") -> ProjectShown:
    """A project as it is now, and as the reader may see it; ``own`` is the provider that has just bid."""
    one, whole = await read_project(project, reader, work, world), reader.sees(PersonalData.CONSUMER)
    wanted, hidden = one.requirement, one.bids_hidden(world.now)
    consumer = wanted.consumer
    return ProjectShown(
        **_summary(one),
        name=consumer.name,
        phone=consumer.phone,
        email=consumer.email,
        gstin=consumer.gstin,
        details=wanted.details,
        place=wanted.place,
        start=wanted.start,
        finish_by=wanted.finish_by,
        decide_by=wanted.decide_by,
        attachments=list(wanted.attachments),
        sealed=hidden,
        bids=[_bid(bid, one) for bid in one.bids if not hidden or bid.provider_id == own],
        mou=_mou(one, one.mou, world, whole=whole) if one.mou else None,
        milestones=[_milestone(step) for step in one.milestones],
        completed_at=one.completed_at,
        allowed_events=list(possible(one, world.now)),
        history=[_step(step, hidden=hidden, whole=whole) for step in await work.projects.events(one.id)],
    )


def report_of(rows: tuple[Purchases, ...], first: date, last: date, total: str) -> PurchaseReport:
    """The report of purchases."""
    return PurchaseReport(first=first, last=last, items=[_row(one) for one in rows], total=total)


def _bid(bid: Bid, project: Project) -> BidShown:
    return BidShown(
        id=bid.id,
        provider_id=bid.provider_id,
        provider_name=bid.provider_name,
        state=bid.state,
        charge=str(bid.charge),
        tax=str(bid.tax),
        tax_rate=f"{bid.tax_rate:f}",
        over_budget=bid.charge > project.requirement.budget,
        finish_by=bid.finish_by,
        late=bid.finish_by > project.requirement.finish_by,
        details=bid.details,
        milestones=[PlannedShown(title=step.title, due=step.due, share=f"{step.share:f}") for step in bid.milestones],
        changed_at=bid.changed_at,
    )


def _mou(project: Project, mou: Mou, world: World, *, whole: bool) -> MouShown:
    return MouShown(
        url=mou_url(project, mou, world) if whole and not project.forgotten else None,
        digest=mou.digest,
        drawn_at=mou.drawn_at,
        acceptances=[AcceptanceShown(side=yes.side, name=yes.name, at=yes.at) for yes in mou.acceptances],
    )


def _milestone(one: Milestone) -> MilestoneShown:
    return MilestoneShown(
        number=one.number,
        title=one.title,
        due=one.due,
        amount=str(one.amount),
        tax=str(one.tax),
        stage=one.stage.value,
        dispute=one.dispute,
        collected_by=one.collected_by,
        transaction_id=one.transaction_id,
    )


def _step(one: ProjectEvent, *, hidden: bool, whole: bool) -> StepShown:
    told = dict(one.detail) if whole else hidden_detail(one.detail)
    detail = {} if hidden and one.event in OF_BIDS else told
    return StepShown(at=one.at, event=one.event, side=one.side, source=one.source, target=one.target, detail=detail)


def _row(one: Purchases) -> PurchaseRow:
    service = SERVICES.get(one.service_id)
    return PurchaseRow(
        department=one.department,
        service_id=one.service_id,
        service=service.name_en if service else "",
        service_hi=service.name_hi if service else "",
        bookings=one.bookings,
        booked=str(one.booked),
        projects=one.projects,
        milestones=one.milestones,
        accepted=str(one.accepted),
        total=str(one.total),
    )

"""Project work, whatever the channel (rules R12 to R16): publish a requirement, and everything done about it.

What an act does is decided in ``bpp.projects.moves``; here it is loaded, saved, recorded, booked and timed.
"""

from __future__ import annotations

from dataclasses import replace

from bpp.core.accounts import rates_of
from bpp.core.project_money import milestone_posting, payment_posting
from bpp.core.rate import Occasion, Teller, doers_of, keep_review
from bpp.core.world import World
from bpp.errors import InvalidRating
from bpp.orders.otp import document_key
from bpp.orders.ratings import Rated, Review
from bpp.projects.checks import check_requirement, day, may_bid
from bpp.projects.model import Contractor, Mou, Project, Requirement
from bpp.projects.moves import Act, Happened, Moved, move
from bpp.projects.states import OVER, Event, NotPossible, Side, Stage
from bpp.storage.ports import Timer, TimerKind, Work
from bpp.storage.ports_projects import ProjectEvent
from catalog.moments import later_than

TIMER: TimerKind = "project"


async def publish(wanted: Requirement, by: str, work: Work, world: World) -> Project:
    """A requirement that willing providers may bid on from now on. Raises Unacceptable."""
    check_requirement(wanted, world.now)
    project = Project(id=world.new_id(), requirement=wanted, created_at=world.now, updated_at=world.now)
    await work.projects.add(project)
    published = Happened(
        event=Event.PUBLISH, side=Side.CONSUMER, source=Stage.OPEN, target=Stage.OPEN, detail={"by": by}
    )
    await _record(project, published, work, world)
    await work.timers.set(Timer(kind=TIMER, subject=project.id, due_at=wanted.bids_until))
    return project


async def do(project: Project, act: Act, work: Work, world: World) -> Project:
    """One thing done to a project. Raises NotPossible, and Unacceptable for a bad bid."""
    now = later_than(project.updated_at, world.now)
    moved = move(project, await _informed(project, act, work, world), now)
    saved = await work.projects.save(moved.project)
    for happened in moved.history:
        await _record(saved, happened, work, world)
    await _book(moved, act, work, world)
    if saved.stage is Stage.AGREED or saved.stage in OVER:
        await work.timers.cancel(TIMER, saved.id)
    return saved


async def project_due(timer: Timer, work: Work, world: World) -> None:
    """The time for bids is over, and later that for the MOU: without one the requirement lapses."""
    project = await work.projects.get(timer.subject)
    if project is None or project.stage not in {Stage.OPEN, Stage.SELECTED}:
        await work.timers.cancel(timer.kind, timer.subject)
        return
    decide_by = project.requirement.decide_by
    if world.now < decide_by and (project.open_bids or project.stage is Stage.SELECTED):
        await work.timers.set(replace(timer, due_at=decide_by))
        return
    reason = "no MOU in time" if world.now >= decide_by else "no bids in time"
    await do(project, Act(event=Event.LAPSE, side=Side.SYSTEM, by="timer", reason=reason), work, world)


async def rate_project(
    project: Project, value: int, teller: Teller, work: Work, world: World, *, text: str = ""
) -> Review:
    """Keep the consumer's rating of the provider of a completed project (rule R15). Raises InvalidRating."""
    if project.stage is not Stage.COMPLETED or project.contractor is None or project.completed_at is None:
        raise InvalidRating("only a completed project can be rated")
    provider_id = project.contractor.provider_id
    occasion = Occasion(
        ref=project.id,
        of="project",
        provider_id=provider_id,
        done_at=project.completed_at,
        customers=(project.requirement.consumer.phone,),
        doers=(project.contractor.phone, *doers_of(provider_id, world)),
    )
    rated = Rated(category="Provider", subject=provider_id, value=value)
    return await keep_review(occasion, (rated,), teller, work, world, text=text)


def mou_url(project: Project, mou: Mou, world: World) -> str:
    """The page of an MOU. Nobody can guess it, and that of one that was declined answers no more."""
    key = document_key(world.otp_secret, project.id, of_mou(mou))
    return f"{world.identity.subscriber_uri.rstrip('/')}/mou/{project.id}/{key}"


def of_mou(mou: Mou) -> str:
    """What the key of an MOU's page is made for."""
    return f"mou\n{mou.digest}"


async def _informed(project: Project, act: Act, work: Work, world: World) -> Act:
    """The act with what catalog and rates say: of its provider, who must be one that the requirement is published to.

    What each acceptance of the MOU brings is the rates of its day, so that those of the last one stay.
    """
    if act.event is Event.BID:
        _willing(project, act.provider_id, world)
    if act.event is Event.SELECT:
        bid = next((one for one in project.open_bids if one.id == act.bid_id), None)
        if bid is not None:
            contractor = _willing(project, bid.provider_id, world)
            return replace(act, contractor=contractor, samiti=world.identity.legal_name)
    if act.event is Event.ACCEPT_MOU and project.bid and project.contractor:
        seller, services = project.contractor, (project.requirement.service_id,)
        _willing(project, seller.provider_id, world)  # suspended or lapsed since: it takes no new work
        rates = await rates_of(seller.provider_id, seller.gstin, services, day(world.now), work, world)
        return replace(act, rates=rates.for_price(project.bid.charge))
    return act


def _willing(project: Project, provider_id: str, world: World) -> Contractor:
    provider, wanted = world.catalog.providers.get(provider_id), project.requirement
    if provider is None or not may_bid(provider, wanted, world.catalog, day(world.now)):
        text = f"{provider_id} is not on sale with {wanted.service_id} in the district {wanted.district}"
        raise NotPossible(text)
    return Contractor(
        provider_id=provider.id,
        name=provider.name,
        name_hi=provider.name_hi,
        phone=provider.phone,
        email=provider.email,
        gstin=provider.gstin,
    )


async def _record(project: Project, one: Happened, work: Work, world: World) -> None:
    await work.projects.record(
        ProjectEvent(
            at=world.now,
            project_id=project.id,
            event=one.event,
            side=one.side,
            source=one.source,
            target=one.target,
            detail=one.detail,
        )
    )


async def _book(moved: Moved, act: Act, work: Work, world: World) -> None:
    if act.event in {Event.ACCEPT, Event.PAY}:
        milestone = moved.project.milestones[act.milestone - 1]
        posting = milestone_posting if act.event is Event.ACCEPT else payment_posting
        await work.ledger.post(posting(moved.project, milestone, world.now))

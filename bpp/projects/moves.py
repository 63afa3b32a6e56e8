"""What an act does to a project: one function for each event, by the state tables. Pure.

``move`` is the only maker of new stages. It tells what happened, in order: an act may lead to what time and the rules
do by themselves, such as the agreement when both sides have accepted the MOU.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bpp.orders.rates import OrderRates
from bpp.projects.checks import check_bid
from bpp.projects.model import Acceptance, Bid, BidState, Collector, Contractor, Milestone, Project
from bpp.projects.money import milestones_of
from bpp.projects.mou import draw_up, unchanged
from bpp.projects.states import (
    MILESTONE,
    PROJECT,
    Event,
    NotPossible,
    Side,
    Stage,
    events_of,
    follow,
)

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who does what; each event reads the fields it needs. ``by`` is the caller, ``name`` the person of the side.

    ``bid`` is a bid as it would stand, ``contractor`` the provider whose bid is selected, ``samiti`` the name under
    which the MOU is drawn up, ``rates`` those of fees and taxes of the day, kept with an acceptance of the MOU.
    """

    event: Event
    side: Side
    by: str
    name: str = ""
    provider_id: str = ""
    bid_id: str = ""
    bid: Bid | None = None
    contractor: Contractor | None = None
    samiti: str = ""
    rates: OrderRates | None = None
    digest: str = ""
    milestone: int = 0
    reason: str = ""
    collected_by: Collector | None = None
    transaction_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One entry of a project's history. ``bid_id`` and ``milestone`` say of what, where the event is of one."""

    event: Event
    side: Side
    source: Stage
    target: Stage
    detail: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A project after an act, and what happened, in order."""

    project: Project
    history: tuple[Happened, ...]


def move(project: Project, act: Act, now: datetime) -> Moved:
    """Do one thing to a project. Raises NotPossible for what a table or a term forbids, Unacceptable for a bad bid."""
    target = follow(PROJECT, project.stage, act.event, act.side)
    changed, detail = MOVES[act.event](project, act, now)
    changed = replace(changed, stage=target, updated_at=now)
    detail = {key: value for key, value in {"by": act.by, "name": act.name, **detail}.items() if value != ""}
    happened = Happened(event=act.event, side=act.side, source=project.stage, target=target, detail=detail)
    followed = _what_follows(changed, now)
    more = followed.history if followed else ()
    return Moved(project=followed.project if followed else changed, history=(happened, *more))


def possible(project: Project, now: datetime) -> tuple[Event, ...]:
    """What somebody may do to a project now: the table's events, as far as there is something for them to act on."""
    wanted, stages = project.requirement, {one.stage for one in project.milestones}
    idle = set()
    if now >= wanted.bids_until:
        idle |= {Event.BID, Event.WITHDRAW_BID}
    if not project.open_bids:
        idle |= {Event.WITHDRAW_BID, Event.SELECT}
    if project.bids_hidden(now):
        idle.add(Event.SELECT)
    for rule in {rule.event for rule in MILESTONE}:
        if not stages & {one.source for one in MILESTONE if one.event is rule}:
            idle.add(rule)
    return tuple(event for event in events_of(PROJECT, project.stage) if event not in idle)


def _what_follows(project: Project, now: datetime) -> Moved | None:
    """The agreement when both sides have accepted, the end when every milestone is; else nothing."""
    if project.stage is Stage.SELECTED and _accepted(project):
        return move(project, Act(event=Event.AGREE, side=Side.SYSTEM, by=""), now)
    if project.stage is Stage.AGREED and project.done:
        return move(project, Act(event=Event.COMPLETE, side=Side.SYSTEM, by=""), now)
    return None


def _bid(project: Project, act: Act, now: datetime) -> tuple[Project, Json]:
    """A provider's bid, or another in the place of the open one it has, while bids are taken."""
    _before_the_end_of_bids(project, now)
    assert act.bid is not None  # noqa: S101  whoever makes a bid says it
    check_bid(act.bid, project.requirement)
    mine = next((one for one in project.open_bids if one.provider_id == act.bid.provider_id), None)
    bid = replace(act.bid, id=mine.id, made_at=mine.made_at) if mine else act.bid
    bids = tuple(bid if one is mine else one for one in project.bids) if mine else (*project.bids, bid)
    detail = {"bid_id": bid.id, "charge": str(bid.charge), "finish_by": bid.finish_by.isoformat()}
    return replace(project, bids=bids), detail


def _withdraw_bid(project: Project, act: Act, now: datetime) -> tuple[Project, Json]:
    _before_the_end_of_bids(project, now)
    bid = next((one for one in project.open_bids if one.provider_id == act.provider_id), None)
    if bid is None:
        raise NotPossible("this provider has no open bid", (one.provider_id for one in project.open_bids))
    return _with_bid(project, bid, "withdrawn", now), {"bid_id": bid.id}


def _select(project: Project, act: Act, now: datetime) -> tuple[Project, Json]:
    """The consumer takes a bid: the MOU is drawn up, for both sides to accept. Sealed bids have to be opened first."""
    if project.bids_hidden(now):
        raise NotPossible("the bids are sealed until the time for them is over")
    bid = next((one for one in project.open_bids if one.id == act.bid_id), None)
    if bid is None:
        raise NotPossible(f"no open bid {act.bid_id!r}", (one.id for one in project.open_bids))
    assert act.contractor is not None  # noqa: S101  whoever selects says with whom the MOU is made
    mou = draw_up(project, bid, act.contractor, act.samiti, now)
    selected = _with_bid(project, bid, "selected", now)
    detail = {"bid_id": bid.id, "charge": str(bid.charge), "digest": mou.digest}
    return replace(selected, bid_id=bid.id, contractor=act.contractor, mou=mou), detail


def _accept_mou(project: Project, act: Act, now: datetime) -> tuple[Project, Json]:
    """A side accepts exactly the text that it names the digest of, once."""
    mou = project.mou
    assert mou is not None  # noqa: S101  there is one as soon as a bid is selected
    if not unchanged(mou) or not hmac.compare_digest(mou.digest.encode(), act.digest.encode()):
        raise NotPossible("this is not the digest of the MOU as it was drawn up", (mou.digest,))
    if any(one.side is act.side for one in mou.acceptances):
        raise NotPossible(f"the {act.side} has accepted the MOU already")
    yes = Acceptance(side=act.side, name=act.name, by=act.by, at=now)
    accepted = replace(mou, acceptances=(*mou.acceptances, yes))
    return replace(project, mou=accepted, rates=act.rates), {"digest": mou.digest}


def _decline_mou(project: Project, act: Act, now: datetime) -> tuple[Project, Json]:
    """A side does not want it after all: the bid is out, the others can still be selected."""
    bid, mou = project.bid, project.mou
    assert bid is not None  # noqa: S101  there is one as soon as it is selected
    assert mou is not None  # noqa: S101  and the MOU with it
    declined = replace(_with_bid(project, bid, "declined", now), bid_id="", contractor=None, mou=None)
    return declined, {"bid_id": bid.id, "digest": mou.digest, "reason": act.reason}


def _agree(project: Project, act: Act, now: datetime) -> tuple[Project, Json]:
    del act, now
    if not _accepted(project) or project.bid is None:
        raise NotPossible("both sides have to accept the MOU first")
    return replace(project, milestones=milestones_of(project.bid)), {"charge": str(project.bid.charge)}


def _report(project: Project, act: Act, now: datetime) -> tuple[Project, Json]:
    del now
    return _with_milestone(project, act, {"dispute": ""}), {"milestone": act.milestone}


def _accept(project: Project, act: Act, now: datetime) -> tuple[Project, Json]:
    accepted = _with_milestone(project, act, {"accepted_at": now, "dispute": ""})
    amount = str(accepted.milestones[act.milestone - 1].amount)
    return accepted, {"milestone": act.milestone, "amount": amount}


def _dispute(project: Project, act: Act, now: datetime) -> tuple[Project, Json]:
    del now
    return _with_milestone(project, act, {"dispute": act.reason}), {"milestone": act.milestone, "reason": act.reason}


def _pay(project: Project, act: Act, now: datetime) -> tuple[Project, Json]:
    del now
    fields = {"collected_by": act.collected_by, "transaction_id": act.transaction_id}
    return _with_milestone(project, act, fields), {"milestone": act.milestone, **fields}


def _complete(project: Project, act: Act, now: datetime) -> tuple[Project, Json]:
    del act
    if not project.done:
        raise NotPossible("every milestone has to be accepted first")
    return replace(project, completed_at=now), {}


def _end(project: Project, act: Act, now: datetime) -> tuple[Project, Json]:
    """It is given up or lapses; milestones that are accepted stay due, the others fall away."""
    del now
    return project, {"reason": act.reason}


MOVES: Mapping[Event, Callable[[Project, Act, datetime], tuple[Project, Json]]] = {
    Event.BID: _bid,
    Event.WITHDRAW_BID: _withdraw_bid,
    Event.SELECT: _select,
    Event.ACCEPT_MOU: _accept_mou,
    Event.DECLINE_MOU: _decline_mou,
    Event.AGREE: _agree,
    Event.REPORT: _report,
    Event.ACCEPT: _accept,
    Event.DISPUTE: _dispute,
    Event.PAY: _pay,
    Event.COMPLETE: _complete,
    Event.CANCEL: _end,
    Event.LAPSE: _end,
}


def _accepted(project: Project) -> bool:
    """Whether both sides have accepted the MOU."""
    given = {one.side for one in project.mou.acceptances} if project.mou else set()
    return given == {Side.CONSUMER, Side.PROVIDER}


def _before_the_end_of_bids(project: Project, now: datetime) -> None:
    if now >= project.requirement.bids_until:
        raise NotPossible("the time for bids is over")


def _with_bid(project: Project, bid: Bid, state: BidState, now: datetime) -> Project:
    changed = replace(bid, state=state, changed_at=now)
    return replace(project, bids=tuple(changed if one is bid else one for one in project.bids))


def _with_milestone(project: Project, act: Act, fields: Json) -> Project:
    """The project with one milestone moved by its own table."""
    milestone = _milestone(project, act.milestone)
    changed = replace(milestone, stage=follow(MILESTONE, milestone.stage, act.event, act.side), **fields)
    return replace(project, milestones=tuple(changed if one is milestone else one for one in project.milestones))


def _milestone(project: Project, number: int) -> Milestone:
    for one in project.milestones:
        if one.number == number:
            return one
    raise NotPossible(f"there is no milestone {number}", (str(one.number) for one in project.milestones))

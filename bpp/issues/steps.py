"""What we do in an issue, on either side: each step is the issue after it, or refused by the state table.

Source: network reference 1.4, "Action bodies" and Flow 1. Words come from ``bpp.issues.words`` or from a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bpp.issues.model import PARENT, Action, Actor, Code, Desk, Image, Issue, Level, Person, Resolution, Side, Stamp
from bpp.issues.states import advance
from catalog.moments import later_than
from catalog.money import Money

AGENT_TYPES = {Side.RESPONDENT: "COUNTERPARTY_NP", Side.COMPLAINANT: "INTERFACING_NP"}
"""As what we stand among the actors, by our side of the issue; the officer's type ends in ``_GRO``."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What a step says: in short, and where there is room for it at length."""

    short_desc: str
    long_desc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """When we act, as whom, and where new ids come from."""

    now: datetime
    desk: Desk
    new_id: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A remedy that we offer: a code such as REFUND, and with that an amount and the item it is for."""

    code: str
    saying: Saying
    amount: Money | None = None
    item_id: str = ""


def process(issue: Issue, saying: Saying, acting: Acting) -> Issue:
    """We are at it."""
    return _done(issue, Code.PROCESSING, saying, acting)


def ask(issue: Issue, wanted: Iterable[tuple[str, Saying]], acting: Acting) -> Issue:
    """One request for each thing that is wanted: a code (INFO001 a picture, INFO002 an invoice), and in words."""
    for name, saying in wanted:
        issue = _done(issue, Code.INFO_REQUESTED, saying, acting, name=name)
    return issue


def propose(issue: Issue, options: Iterable[Option], saying: Saying, acting: Acting) -> Issue:
    """Remedies for the complainant to choose from. 1.0.0 knows no proposals: there a remedy is imposed."""
    parent = _parent(issue, saying, acting)
    remedies = tuple(_resolution(issue, one, parent, acting) for one in options)
    return _done(issue, Code.RESOLUTION_PROPOSED, saying, acting, ref_id=parent.id, resolutions=(parent, *remedies))


def impose(issue: Issue, option: Option, acting: Acting) -> Issue:
    """A remedy without asking: all that 1.0.0 knows, and in 2.0.0 how a complaint is refused."""
    parent = _parent(issue, option.saying, acting)
    remedy = _resolution(issue, option, parent, acting)
    return _done(
        issue,
        Code.RESOLVED,
        option.saying,
        acting,
        name=remedy.code,
        ref_id=remedy.id,
        resolutions=(parent, remedy),
    )


def resolve(issue: Issue, saying: Saying, acting: Acting) -> Issue:
    """What was accepted is done. Raises NotPossible where nothing is accepted."""
    remedy = issue.accepted()
    code, ref_id = (remedy.code, remedy.id) if remedy else ("", "")
    return _done(issue, Code.RESOLVED, saying, acting, name=code, ref_id=ref_id)


def raised(issue: Issue, saying: Saying, acting: Acting) -> Issue:
    """A complaint of ours, out of what it is about: created now, and opened with the first action at that moment."""
    now = Stamp.of(acting.now)
    begun_ = with_us(replace(issue, we=Side.COMPLAINANT, created=now, level_from=now.at), acting.desk, officer=False)
    own = own_actor_id(begun_, acting.desk)
    begun_ = replace(begun_, complainant_id=own, source_id=begun_.source_id or own)
    return _done(begun_, Code.OPEN, saying, acting, at=now)


def provide(
    issue: Issue, saying: Saying, acting: Acting, *, request_id: str = "", images: tuple[Image, ...] = ()
) -> Issue:
    """What was asked for; the first request that waits where none is named."""
    return _done(issue, Code.INFO_PROVIDED, saying, acting, ref_id=request_id, images=images)


def have_not(issue: Issue, saying: Saying, acting: Acting, *, request_id: str = "") -> Issue:
    """What was asked for is not to be had."""
    return _done(issue, Code.INFO_NOT_AVAILABLE, saying, acting, ref_id=request_id)


def accept(issue: Issue, resolution_id: str, saying: Saying, acting: Acting) -> Issue:
    """We take one of the remedies."""
    return _done(issue, Code.RESOLUTION_ACCEPTED, saying, acting, ref_id=resolution_id)


def reject(issue: Issue, saying: Saying, acting: Acting) -> Issue:
    """We take none of the remedies."""
    return _done(issue, Code.RESOLUTION_REJECTED, saying, acting)


def escalate(issue: Issue, saying: Saying, acting: Acting) -> Issue:
    """To the other side's grievance officer."""
    return _done(with_us(issue, acting.desk, officer=True), Code.ESCALATED, saying, acting)


def close(issue: Issue, saying: Saying, acting: Acting, *, rating: str = "") -> Issue:
    """The complaint is over, which its complainant alone says; ``rating`` THUMBS_UP or THUMBS_DOWN."""
    return _done(issue, Code.CLOSED, saying, acting, rating=rating)


def own_actor_id(issue: Issue, desk: Desk) -> str:
    """Our id among the actors: the one that the other side has given us, else our subscriber id."""
    known = {one.id: one.type for one in issue.actors}
    named = [actor_id for actor_id, kind in known.items() if kind == AGENT_TYPES[issue.we]]
    if issue.we is Side.RESPONDENT:
        named += [actor_id for actor_id in issue.respondent_ids if actor_id not in known]
    return named[0] if named else desk.subscriber_id


def _done(
    issue: Issue,
    code: Code,
    saying: Saying,
    acting: Acting,
    *,
    at: Stamp | None = None,
    resolutions: tuple[Resolution, ...] = (),
    name: str = "",
    ref_id: str = "",
    images: tuple[Image, ...] = (),
    rating: str = "",
) -> Issue:
    issue = with_us(issue, acting.desk, officer=bool(resolutions) or issue.level is not Level.ISSUE)
    action = Action(
        id=acting.new_id(),
        code=code,
        at=at or _next(issue, acting),
        by=own_actor_id(issue, acting.desk),
        person=acting.desk.agent.name,
        short_desc=saying.short_desc,
        name=name,
        ref_id=ref_id,
        images=images,
        rating=rating,
    )
    return advance(issue, action, resolutions=resolutions)


def _next(issue: Issue, acting: Acting) -> Stamp:
    """A moment after all that was done, by whichever clock."""
    return Stamp.of(later_than(issue.updated.at, acting.now))


def _parent(issue: Issue, saying: Saying, acting: Acting) -> Resolution:
    return Resolution(
        id=acting.new_id(),
        code=PARENT,
        at=_next(issue, acting),
        by=own_actor_id(issue, acting.desk),
        short_desc=saying.short_desc,
    )


def _resolution(issue: Issue, option: Option, parent: Resolution, acting: Acting) -> Resolution:
    return Resolution(
        id=acting.new_id(),
        code=option.code,
        at=parent.at,
        by=own_actor_id(issue, acting.desk),
        parent_id=parent.id,
        short_desc=option.saying.short_desc,
        long_desc=option.saying.long_desc,
        item_id=option.item_id,
        amount=option.amount,
    )


def with_us(issue: Issue, desk: Desk, *, officer: bool = False) -> Issue:
    """The issue with us among its actors, as we are, whatever the other side says of us, under however many ids."""
    kind, own = AGENT_TYPES[issue.we], own_actor_id(issue, desk)
    we = {kind: _of(desk.agent, desk, issue), f"{kind}_GRO": _of(desk.officer, desk, issue)}
    ours = [Actor(id=own, type=kind, person=we[kind])]
    if officer or any(one.type == f"{kind}_GRO" for one in issue.actors):
        officer_id = next((one.id for one in issue.actors if one.type == f"{kind}_GRO"), f"{own}-GRO")
        ours.append(Actor(id=officer_id, type=f"{kind}_GRO", person=we[f"{kind}_GRO"]))
    known = {one.id for one in ours}
    others = (replace(one, person=we.get(one.type, one.person)) for one in issue.actors if one.id not in known)
    issue = replace(issue, actors=(*others, *ours))
    if issue.we is Side.COMPLAINANT:
        return issue
    resolvers = (own,) if len(ours) > 1 else issue.resolver_ids
    return replace(issue, respondent_ids=tuple(dict.fromkeys((*issue.respondent_ids, own))), resolver_ids=resolvers)


def _of(person: Person, desk: Desk, issue: Issue) -> Person:
    return replace(person, org=f"{desk.subscriber_id}::{issue.domain}")

"""Version 1.0.0 on the wire: one side's actions, read into the model and written out of it.

What 2.0.0 says with a code of its own is told here by what comes when: extra information is another /issue after
NEED-MORE-INFO. Actions have no ids, so one is known by what it is and when. Source: network reference 1.3 and 1.8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from beckn_schemas import igm_v1 as wire
from beckn_schemas.igm_codes import V1
from beckn_schemas.igm_v2 import Complaint as WireComplaint
from bpp.issues.categories import code_of
from bpp.issues.model import (
    RESOLUTIONS,
    Action,
    Actor,
    Code,
    Issue,
    Json,
    Level,
    Person,
    Ref,
    Resolution,
    Side,
    Stamp,
    Status,
)
from bpp.issues.v2 import lasting, person_of, read_amount, read_complaint
from catalog.moments import wire_time

COMPLAINANT: Final[Mapping[str, Code]] = MappingProxyType(
    {"OPEN": Code.OPEN, "ESCALATE": Code.ESCALATED, "CLOSE": Code.CLOSED}
)
RESPONDENT: Final[Mapping[str, Code]] = MappingProxyType(
    {
        "PROCESSING": Code.PROCESSING,
        "NEED-MORE-INFO": Code.INFO_REQUESTED,
        "CASCADED": Code.CASCADED,
        "RESOLVED": Code.RESOLVED,
    }
)
"""The actions of this version and what they are in the model (1.8)."""
CONSUMER: Final = "CONSUMER"
INTERFACING: Final = "INTERFACING_NP"
COUNTERPARTY: Final = "COUNTERPARTY_NP"
"""Ids and types of the actors at once: this version has none."""


def said_v1(issue: wire.Issue, echo: Json, we: Side, before: Issue | None) -> Issue:
    """The issue as its sender tells it; ``before`` is what is stored, whose history the delta does not repeat."""
    created = Stamp.read(issue.created_at)
    complaint = before.complaint if before else None
    if issue.description is not None or complaint is None:
        complaint = read_complaint(
            issue.description or WireComplaint(),
            code=code_of(issue.category or "", issue.sub_category or ""),
            category=issue.category or "",
            sub_category=issue.sub_category or "",
        )
    actions, resolutions = _respondents(issue) if we is Side.COMPLAINANT else (_complainants(issue, before), ())
    return Issue(
        id=issue.id,
        version=V1,
        we=we,
        echo=echo,
        status=Status.OPEN,
        level=Level(issue.issue_type),
        created=created,
        level_from=created.at,
        expected_response=lasting(issue.expected_response_time),
        expected_resolution=lasting(issue.expected_resolution_time),
        refs=_refs(issue.order_details) if issue.order_details else (before.refs if before else ()),
        actors=_actors(issue, we),
        source_id=CONSUMER if issue.complainant_info else INTERFACING,
        complainant_id=INTERFACING,
        complaint=complaint,
        actions=actions,
        resolutions=resolutions,
    )


def _refs(details: wire.OrderDetails) -> tuple[Ref, ...]:
    refs = [Ref(ref_type="ORDER", ref_id=details.id)]
    refs += [Ref(ref_type="PROVIDER", ref_id=details.provider_id)] if details.provider_id else []
    refs += [Ref(ref_type="FULFILLMENT", ref_id=one.id) for one in details.fulfillments]
    refs += [Ref(ref_type="ITEM", ref_id=one.id, count=one.quantity or 1) for one in details.items]
    return tuple(refs)


def _actors(issue: wire.Issue, we: Side) -> tuple[Actor, ...]:
    """The people of the side that speaks."""
    said: Iterable[wire.ComplainantAction | wire.RespondentAction]
    if we is Side.COMPLAINANT:
        said, kind = issue.issue_actions.respondent_actions, COUNTERPARTY
    else:
        said, kind = issue.issue_actions.complainant_actions, INTERFACING
    desk = next((_person(one.updated_by) for one in said if one.updated_by), Person())
    actors = [Actor(id=kind, type=kind, person=desk)]
    if issue.complainant_info is not None:
        actors.insert(0, Actor(id=CONSUMER, type=CONSUMER, person=_person(issue.complainant_info)))
    return tuple(actors)


def _person(said: wire.Somebody | None) -> Person:
    return person_of(said.org, said.person, said.contact) if said else Person()


def _complainants(issue: wire.Issue, before: Issue | None) -> tuple[Action, ...]:
    """The complainant's actions; another OPEN, or an /issue without a new one, gives what was asked for."""
    known = {one.id for one in before.actions} if before else set()
    actions: list[Action] = []
    for one in issue.issue_actions.complainant_actions:
        action = _told(COMPLAINANT[one.complainant_action], one, issue)
        if action.code is Code.OPEN and (actions or (known and action.id not in known)):
            action = _told(Code.INFO_PROVIDED, one, issue)
        actions.append(action)
    if before is not None and before.asked() and all(one.id in known for one in actions):
        told = actions[-1]
        at = Stamp.read(issue.updated_at)
        if at.at > told.at.at:
            actions.append(_action(Code.INFO_PROVIDED, at, told.by, told.person, _words(issue)))
    return tuple(actions)


def _told(code: Code, said: wire.ComplainantAction, issue: wire.Issue) -> Action:
    name = _person(said.updated_by).name
    rating = (issue.rating or "").replace("-", "_") if code is Code.CLOSED else ""
    return _action(code, Stamp.read(said.updated_at), INTERFACING, name, said.short_desc or "", rating=rating)


def _words(issue: wire.Issue) -> str:
    return (issue.description.long_desc or issue.description.short_desc or "") if issue.description else ""


def _action(code: Code, at: Stamp, by: str, person: str, short_desc: str, *, rating: str = "") -> Action:
    return Action(
        id=f"{code}/{wire_time(at.at)}", code=code, at=at, by=by, person=person, short_desc=short_desc, rating=rating
    )


def _respondents(issue: wire.Issue) -> tuple[tuple[Action, ...], tuple[Resolution, ...]]:
    """The respondent's actions, and the remedy of the last RESOLVED."""
    remedy = _remedy(issue)
    said = issue.issue_actions.respondent_actions
    actions = [
        _action(
            RESPONDENT[one.respondent_action],
            Stamp.read(one.updated_at),
            COUNTERPARTY,
            _person(one.updated_by).name,
            one.short_desc or "",
        )
        for one in said
    ]
    if remedy is None:
        return tuple(actions), ()
    last = _last_resolved(said)
    actions[last] = replace(actions[last], ref_id=remedy.id, ref_type=RESOLUTIONS, name=remedy.code)
    return tuple(actions), (remedy,)


def _last_resolved(said: tuple[wire.RespondentAction, ...]) -> int:
    return max((place for place, one in enumerate(said) if one.respondent_action == "RESOLVED"), default=-1)


def _remedy(issue: wire.Issue) -> Resolution | None:
    said = issue.resolution
    place = _last_resolved(issue.issue_actions.respondent_actions)
    if said is None or place < 0:
        return None
    at = Stamp.read(issue.issue_actions.respondent_actions[place].updated_at)
    return Resolution(
        id=f"RESOLUTION/{wire_time(at.at)}",
        code=said.action_triggered.replace("-", "_"),
        at=at,
        by=COUNTERPARTY,
        short_desc=said.short_desc or "",
        long_desc=said.long_desc or "",
        amount=read_amount(said.refund_amount or ""),
    )

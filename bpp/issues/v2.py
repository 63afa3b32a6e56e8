"""Version 2.0.0 on the wire: the whole issue, read into the model and written of it. Source: network reference 1.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from isodate import duration_isoformat

from beckn_schemas import igm_v2 as wire
from beckn_schemas.base import parse_duration
from beckn_schemas.common import Contact
from beckn_schemas.common import Person as WirePerson
from beckn_schemas.igm_codes import V2
from beckn_schemas.strict_base import DURATION
from beckn_schemas.tags import TagGroup, tag_code, tag_value
from bpp.issues.model import (
    PARENT,
    Action,
    Actor,
    Code,
    Complaint,
    Image,
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
from catalog.money import Money

SENT_REFS: Final = frozenset({"ORDER", "PROVIDER", "FULFILLMENT", "ITEM"})
"""All that every known reader takes (1.4, Validator points); other references are kept and not sent."""
_INTERFACING: Final = "INTERFACING_NP"
_BY_SIDE: Final = {Side.COMPLAINANT: _INTERFACING, Side.RESPONDENT: "COUNTERPARTY_NP"}
"""As what somebody acts whom nobody has described."""
TARGET: Final = {"path": "issue.actions", "action": "APPENDED"}


def said_v2(issue: wire.Issue, echo: Json, we: Side) -> Issue:
    """The issue as its sender tells it, before it is put to what is stored (``history.told``)."""
    created = Stamp.read(issue.created_at)
    own = issue.actions[0].action_by if we is Side.RESPONDENT else ""
    answering = (one.action_by for one in issue.actions if Code(one.descriptor.code).side is Side.RESPONDENT)
    proposer = next(answering, "")
    return Issue(
        id=issue.id,
        version=V2,
        we=we,
        echo=echo,
        status=Status(issue.status) if issue.status in set(Status) else Status.OPEN,
        level=Level(issue.level),
        created=created,
        level_from=created.at,
        expected_response=lasting(issue.expected_response_time),
        expected_resolution=lasting(issue.expected_resolution_time),
        refs=tuple(Ref(ref_type=one.ref_type, ref_id=one.ref_id, count=one.count) for one in issue.refs),
        actors=_everybody(issue),
        source_id=issue.source_id or issue.complainant_id or own,
        complainant_id=issue.complainant_id or own,
        respondent_ids=issue.respondent_ids,
        resolver_ids=issue.resolver_ids,
        complaint=read_complaint(issue.descriptor),
        actions=tuple(_action(one) for one in issue.actions),
        resolutions=tuple({one.id: _resolution(one, proposer) for one in issue.resolutions}.values()),
    )


def read_complaint(said: wire.Complaint, *, code: str = "", category: str = "", sub_category: str = "") -> Complaint:
    """What is complained of; the code where the description of this version has none."""
    more = said.additional_desc
    return Complaint(
        code=code or said.code or "",
        short_desc=said.short_desc or "",
        long_desc=said.long_desc or "",
        category=category,
        sub_category=sub_category,
        url=(more.url if more else None) or "",
        content_type=(more.content_type if more else None) or "",
        images=_images(said.images),
    )


def person_of(org: wire.Organization | None, person: WirePerson | None, contact: Contact | None) -> Person:
    """Somebody, from the parts of the wire."""
    contact = contact or {}
    return Person(
        org=(org.name if org else None) or "",
        name=(person or {}).get("name") or "",
        phone=contact.get("phone") or "",
        email=contact.get("email") or "",
    )


def lasting(said: wire.Expected | None) -> str:
    """A duration in the text that came; one that only a lenient reader takes (``P30S``) as it is written properly.

    Empty where none came. Decision 21: odd ones are read, and never emitted.
    """
    if said is None or DURATION.fullmatch(said.duration):
        return said.duration if said else ""
    return str(duration_isoformat(parse_duration(said.duration)))


def _everybody(issue: wire.Issue) -> tuple[Actor, ...]:
    """The actors, and those who are named and not described: whoever is spoken of is one (1.4)."""
    actors = list({one.id: _actor(one) for one in issue.actors}.values())
    known = {one.id for one in actors}
    named = [(issue.complainant_id, _INTERFACING), (issue.source_id, "CONSUMER")]
    named += [(one.action_by, _BY_SIDE[Code(one.descriptor.code).side]) for one in issue.actions]
    named += [(one.proposed_by, _BY_SIDE[Side.RESPONDENT]) for one in issue.resolutions]
    for actor_id, kind in named:
        if actor_id and actor_id not in known:
            actors.append(Actor(id=actor_id, type=kind))
            known.add(actor_id)
    return tuple(actors)


def _actor(said: wire.Actor) -> Actor:
    info = said.info
    return Actor(
        id=said.id, type=said.type, person=person_of(info.org, info.person, info.contact) if info else Person()
    )


def _images(said: Iterable[wire.Image]) -> tuple[Image, ...]:
    return tuple(Image(url=one.url, size_type=one.size_type or "") for one in said)


def _action(said: wire.Action) -> Action:
    descriptor = said.descriptor
    return Action(
        id=said.id,
        code=Code(descriptor.code),
        at=Stamp.read(said.updated_at),
        by=said.action_by,
        person=(said.actor_details or {}).get("name") or "",
        short_desc=descriptor.short_desc or "",
        name=descriptor.name or "",
        ref_id=said.ref_id or "",
        ref_type=said.ref_type or "",
        images=_images((*descriptor.images, *descriptor.media)),
        rating=_tagged(said.tags, "CLOSURE_DETAILS").get("RATING", "").replace("-", "_"),
    )


def _resolution(said: wire.Resolution, proposer: str) -> Resolution:
    """A remedy; of the ``proposer`` where that is not said."""
    details = _tagged(said.tags, "RESOLUTION_DETAILS")
    return Resolution(
        id=said.id,
        code=said.descriptor.code,
        at=Stamp.read(said.updated_at),
        by=said.proposed_by or proposer,
        parent_id=said.ref_id or "",
        short_desc=said.descriptor.short_desc or "",
        long_desc=said.descriptor.long_desc or "",
        item_id=details.get("ITEM", ""),
        amount=read_amount(details.get("REFUND_AMOUNT", "")),
    )


def read_amount(text: str) -> Money | None:
    """An amount that somebody else proposes, or None where it is none to the paisa."""
    try:
        return Money.parse(text)
    except ValueError:
        return None


def _tagged(groups: Iterable[TagGroup], code: str) -> dict[str, str]:
    """The texts of the tag of a code."""
    for group in groups:
        if tag_code(group) == code:
            names = [tag_code(tag) for tag in group.get("list", ())]
            return {name: value for name in names if (value := tag_value(group, name)) is not None}
    return {}


def on_issue_v2(issue: Issue) -> dict[str, Any]:
    """The message of an on_issue: an answer to an /issue, or news."""
    return {"update_target": [TARGET], "issue": whole(issue)}


def on_issue_status_v2(issue: Issue) -> dict[str, Any]:
    """The message of an on_issue_status: how the issue stands, and no new action."""
    return {"issue": whole(issue)}


def issue_v2(issue: Issue) -> dict[str, Any]:
    """The message of an /issue of ours: the complaint, or what we add to it."""
    return {"issue": whole(issue)} if len(issue.actions) == 1 else on_issue_v2(issue)


def whole(issue: Issue) -> dict[str, Any]:
    """The issue with everything so far, in this version's form."""
    known = {one.id for one in issue.actors}
    return filled(
        {
            "id": issue.id,
            "status": issue.status.value,
            "level": issue.level.value,
            "created_at": issue.created.text,
            "updated_at": issue.updated.text,
            "expected_response_time": {"duration": issue.expected_response},
            "expected_resolution_time": {"duration": issue.expected_resolution},
            "refs": [_ref(one) for one in issue.refs if one.ref_type in SENT_REFS],
            "actors": [{"id": one.id, "type": one.type, "info": info(one.person)} for one in issue.actors],
            "source_id": issue.source_id,
            "complainant_id": issue.complainant_id,
            "respondent_ids": [one for one in issue.respondent_ids if one in known],
            "resolver_ids": [one for one in issue.resolver_ids if one in known],
            "descriptor": {
                "code": issue.complaint.code,
                "short_desc": issue.complaint.short_desc,
                **filled({"long_desc": issue.complaint.long_desc, "images": pictures(issue.complaint.images)}),
                **more_text(issue.complaint),
            },
            "last_action_id": issue.last.id,
            "actions": [_written(one) for one in issue.actions],
            "resolutions": [_proposal(one) for one in issue.resolutions],
        }
    )


def filled(parts: Mapping[str, Any]) -> dict[str, Any]:
    """The parts without those that are empty: no key says nothing."""
    return {key: part for key, part in parts.items() if part not in ("", [], {}, None)}


def info(person: Person) -> dict[str, Any]:
    """Somebody, as far as known."""
    return filled(
        {
            "org": filled({"name": person.org}),
            "person": filled({"name": person.name}),
            "contact": filled({"phone": person.phone, "email": person.email}),
        }
    )


def more_text(complaint: Complaint) -> dict[str, Any]:
    """Where a longer description is."""
    if not complaint.url:
        return {}
    return {"additional_desc": filled({"url": complaint.url, "content_type": complaint.content_type})}


def pictures(images: Iterable[Image]) -> list[dict[str, Any]]:
    """Pictures as objects."""
    return [filled({"url": one.url, "size_type": one.size_type}) for one in images]


def _ref(one: Ref) -> dict[str, Any]:
    ref: dict[str, Any] = {"ref_id": one.ref_id, "ref_type": one.ref_type}
    if one.ref_type == "ITEM":
        ref["tags"] = [_tag("message.order.items", {"quantity.selected.count": str(one.count)})]
    return ref


def _tag(code: str, values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "descriptor": {"code": code},
        "list": [{"descriptor": {"code": name}, "value": value} for name, value in values.items()],
    }


def _written(one: Action) -> dict[str, Any]:
    return {
        "id": one.id,
        "descriptor": {
            "code": one.code.value,
            "short_desc": one.short_desc,
            **filled({"name": one.name, "images": pictures(one.images)}),
        },
        "updated_at": one.at.text,
        "action_by": one.by,
        "actor_details": {"name": one.person},
        **filled({"ref_id": one.ref_id, "ref_type": one.ref_type}),
        **({"tags": [_tag("CLOSURE_DETAILS", {"RATING": one.rating})]} if one.rating else {}),
    }


def _proposal(one: Resolution) -> dict[str, Any]:
    details = filled({"ITEM": one.item_id, "REFUND_AMOUNT": str(one.amount) if one.amount is not None else ""})
    return {
        "id": one.id,
        **({"ref_id": one.parent_id, "ref_type": PARENT} if one.code != PARENT and one.parent_id else {}),
        "descriptor": {"code": one.code, "short_desc": one.short_desc, **filled({"long_desc": one.long_desc})},
        "updated_at": one.at.text,
        "proposed_by": one.by,
        **({"tags": [_tag("RESOLUTION_DETAILS", details)]} if details else {}),
    }

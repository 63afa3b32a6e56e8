"""Version 2.0.0 of grievances as we send it: the whole issue, ours or the other side's. Source: network reference 1.4.

Only what every known reader takes: references to order, provider, fulfillment and item, levels ISSUE and GRIEVANCE.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictStr

from beckn_schemas.igm_codes import ActionCode, Status
from beckn_schemas.igm_strict import CodedList, EchoContact, Lasting, MoreText, Picture, Said
from beckn_schemas.strict_base import Echo, Prose, Strict, Word

Tags = Annotated[tuple[CodedList, ...], Field(min_length=1)]


class Target(Strict):
    """Actions are added, never changed."""

    path: Literal["issue.actions"]
    action: Literal["APPENDED"]


class Ref(Strict):
    """The order, its provider, a visit or an item; an item has tags that say how many, which is a rule."""

    ref_id: Word
    ref_type: Literal["ORDER", "PROVIDER", "FULFILLMENT", "ITEM"]
    tags: Tags | None = None


class EchoOrganization(Echo):
    """``subscriber::domain``; of our own actors that is a rule."""

    name: StrictStr | None = None


class EchoPerson(Echo):
    """Somebody by name."""

    name: StrictStr | None = None


class ActorInfo(Echo):
    """Who somebody is; what the other side said of its own people is sent back as it is."""

    org: EchoOrganization | None = None
    person: EchoPerson | None = None
    contact: EchoContact | None = None


class Actor(Strict):
    """Somebody in the issue. The types that we speak for are a rule; the other side's are sent back as they came."""

    id: Word
    type: Word
    info: ActorInfo


class Description(Strict):
    """What is complained of."""

    code: Word
    short_desc: StrictStr
    long_desc: StrictStr | None = None
    additional_desc: MoreText | None = None
    images: Annotated[tuple[Picture, ...], Field(min_length=1)] | None = None


class ActionDescriptor(Strict):
    """What was done."""

    code: ActionCode
    name: Word | None = None
    short_desc: StrictStr
    images: Annotated[tuple[Picture, ...], Field(min_length=1)] | None = None


class Person(Strict):
    """The person who did it."""

    name: StrictStr


class Action(Strict):
    """One step, and to which earlier one or to which resolution it belongs."""

    id: Word
    descriptor: ActionDescriptor
    updated_at: Said
    action_by: Word
    actor_details: Person
    ref_id: Word | None = None
    ref_type: Word | None = None
    tags: Tags | None = None


class ResolutionDescriptor(Strict):
    """The remedy, and in words."""

    code: Word
    short_desc: StrictStr
    long_desc: Prose | None = None


class Resolution(Strict):
    """A proposal, or the ``PARENT`` of several."""

    id: Word
    ref_id: Word | None = None
    ref_type: Literal["PARENT"] | None = None
    descriptor: ResolutionDescriptor
    updated_at: Said
    proposed_by: Word
    tags: Tags | None = None


class Issue(Strict):
    """The whole issue with all of its actions so far."""

    id: Word
    status: Status
    level: Literal["ISSUE", "GRIEVANCE"]
    created_at: Said
    updated_at: Said
    expected_response_time: Lasting
    expected_resolution_time: Lasting
    refs: Annotated[tuple[Ref, ...], Field(min_length=1)]
    actors: Annotated[tuple[Actor, ...], Field(min_length=1)]
    source_id: Word
    complainant_id: Word
    respondent_ids: Annotated[tuple[Word, ...], Field(min_length=1)]
    resolver_ids: Annotated[tuple[Word, ...], Field(min_length=1)] | None = None
    descriptor: Description
    last_action_id: Word
    actions: Annotated[tuple[Action, ...], Field(min_length=1)]
    resolutions: Annotated[tuple[Resolution, ...], Field(min_length=1)] | None = None


class TargetedMessage(Strict):
    """``issue``, and what of it is new."""

    update_target: Annotated[tuple[Target, ...], Field(min_length=1, max_length=1)]
    issue: Issue


class IssueMessage(Strict):
    """``issue``; what is new of it, where it is not the first."""

    update_target: Annotated[tuple[Target, ...], Field(min_length=1, max_length=1)] | None = None
    issue: Issue


class SnapshotMessage(Strict):
    """``issue`` as it stands."""

    issue: Issue

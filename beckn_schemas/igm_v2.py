"""Grievances of version 2.0.0 as they come: the whole issue with all of its actions. Source: network reference 1.4.

Read tolerantly, after ``igm_spellings``. Times and durations stay the text that came, since they are sent back with
the whole issue.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from beckn_schemas.base import Few, Id, Label, Lifetime, Stamp, Text, Uri, Wire
from beckn_schemas.common import Contact, Person
from beckn_schemas.igm_codes import V2, ActionCode, IgmVersion, Level
from beckn_schemas.tags import TagGroup, tag_value

MAX_ACTIONS = 200


class Expected(Wire):
    """``{duration}``."""

    duration: Lifetime


class Image(Wire):
    """A picture by its address."""

    url: Uri
    size_type: Label | None = None


class MoreText(Wire):
    """A longer description elsewhere."""

    url: Uri | None = None
    content_type: Label | None = None


class Complaint(Wire):
    """What is complained of: the category's code, in words, with pictures."""

    code: Label | None = None
    name: Label | None = None
    short_desc: Text | None = None
    long_desc: Text | None = None
    additional_desc: MoreText | None = None
    images: Few[Image] = ()


class Organization(Wire):
    """``subscriber::domain``."""

    name: Label | None = None


class ActorInfo(Wire):
    """Who somebody is."""

    org: Organization | None = None
    person: Person | None = None
    contact: Contact | None = None


class Actor(Wire):
    """Somebody in the issue. Which types there are is not judged: who acts is known by the action's code."""

    id: Id
    type: Id
    info: ActorInfo | None = None


class Ref(Wire):
    """What the issue is about."""

    ref_id: Id
    ref_type: Label
    tags: Few[TagGroup] = ()

    @property
    def count(self) -> int:
        """How many of an item are meant; one where nothing is said."""
        for group in self.tags:
            said = tag_value(group, "quantity.selected.count")
            if said is not None and said.isdecimal() and len(said) <= 6:  # noqa: PLR2004 - as the counts of orders
                return int(said)
        return 1


class ActionDescriptor(Wire):
    """What was done, in words, with pictures."""

    code: ActionCode
    name: Label | None = None
    short_desc: Text | None = None
    long_desc: Text | None = None
    images: Few[Image] = ()
    media: Few[Image] = ()


class Action(Wire):
    """One step: who did it, when, and to which earlier one it belongs."""

    id: Id
    descriptor: ActionDescriptor
    updated_at: Stamp
    action_by: Id
    actor_details: Person | None = None
    ref_id: Id | None = None
    ref_type: Label | None = None
    tags: Few[TagGroup] = ()


class ResolutionDescriptor(Wire):
    """The remedy. Codes that nobody has published are taken as well: a person will read them."""

    code: Id
    short_desc: Text | None = None
    long_desc: Text | None = None


class Resolution(Wire):
    """One proposal, or the ``PARENT`` that holds several together."""

    id: Id
    ref_id: Id | None = None
    ref_type: Label | None = None
    descriptor: ResolutionDescriptor
    updated_at: Stamp
    proposed_by: Id | None = None
    tags: Few[TagGroup] = ()


class Issue(Wire):
    """The whole issue. ``actions`` are in the order in which they were done."""

    id: Id
    status: Label | None = None
    level: Level = "ISSUE"
    created_at: Stamp
    updated_at: Stamp
    expected_response_time: Expected | None = None
    expected_resolution_time: Expected | None = None
    refs: Annotated[tuple[Ref, ...], Field(min_length=1, max_length=100)]
    actors: Few[Actor] = ()
    source_id: Id | None = None
    complainant_id: Id | None = None
    respondent_ids: Few[Id] = ()
    resolver_ids: Few[Id] = ()
    descriptor: Complaint
    last_action_id: Id | None = None
    actions: Annotated[tuple[Action, ...], Field(min_length=1, max_length=MAX_ACTIONS)]
    resolutions: Annotated[tuple[Resolution, ...], Field(max_length=MAX_ACTIONS)] = ()

    @property
    def order_id(self) -> str:
        """The order that the issue is about; ``parse_igm`` refuses an issue without one."""
        return next(one.ref_id for one in self.refs if one.ref_type == "ORDER")


class IssueV2Message(Wire):
    """``issue``; ``update_target`` is not relied on, since the whole issue comes."""

    issue: Issue

    @property
    def version(self) -> IgmVersion:
        """The version of its shape."""
        return V2

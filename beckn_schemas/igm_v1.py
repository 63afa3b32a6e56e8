"""Grievances of version 1.0.0 as they come: what one side says, with its own actions. Source: network reference 1.3.

Read tolerantly, after ``igm_spellings``. A complaint is whole when it is opened; what follows may be its id and the new
actions alone. Times and durations stay the text that came.
"""

from __future__ import annotations

from pydantic import Field

from beckn_schemas.base import AmountText, Count, Few, Id, Label, Stamp, Text, Wire
from beckn_schemas.common import Contact, Person
from beckn_schemas.igm_codes import (
    V1,
    ComplainantActionV1,
    IgmVersion,
    Level,
    RespondentActionV1,
    StatusV1,
    TriggeredV1,
)
from beckn_schemas.igm_v2 import MAX_ACTIONS, Complaint, Expected, Organization


class Somebody(Wire):
    """A person of an organisation, and how to reach him or her."""

    org: Organization | None = None
    person: Person | None = None
    contact: Contact | None = None


class OrderedItem(Wire):
    """How many of an item are meant."""

    id: Id
    quantity: Count | None = None


class OrderedFulfillment(Wire):
    """A visit by its id."""

    id: Id
    state: Label | None = None


class OrderDetails(Wire):
    """The order complained of, and what of it."""

    id: Id
    state: Label | None = None
    items: Few[OrderedItem] = ()
    fulfillments: Few[OrderedFulfillment] = ()
    provider_id: Id | None = None


class Source(Wire):
    """Through whom the complaint comes."""

    network_participant_id: Label | None = None
    type: Label | None = None


class ComplainantAction(Wire):
    """What the complainant did."""

    complainant_action: ComplainantActionV1
    short_desc: Text | None = None
    updated_at: Stamp
    updated_by: Somebody | None = None


class RespondentAction(Wire):
    """What the respondent did."""

    respondent_action: RespondentActionV1
    short_desc: Text | None = None
    updated_at: Stamp
    updated_by: Somebody | None = None
    cascaded_level: Count | None = None


class Actions(Wire):
    """The actions of both sides; each message carries those of its sender."""

    complainant_actions: tuple[ComplainantAction, ...] = Field(default=(), max_length=MAX_ACTIONS)
    respondent_actions: tuple[RespondentAction, ...] = Field(default=(), max_length=MAX_ACTIONS)


class Resolution(Wire):
    """The remedy that the respondent imposes."""

    action: Label | None = None
    short_desc: Text | None = None
    long_desc: Text | None = None
    action_triggered: TriggeredV1
    refund_amount: AmountText | None = None


class Issue(Wire):
    """An issue, or what is new of it."""

    id: Id
    category: Label | None = None
    sub_category: Label | None = None
    complainant_info: Somebody | None = None
    order_details: OrderDetails | None = None
    description: Complaint | None = None
    source: Source | None = None
    expected_response_time: Expected | None = None
    expected_resolution_time: Expected | None = None
    status: StatusV1 | None = None
    issue_type: Level = "ISSUE"
    issue_actions: Actions
    rating: Label | None = None
    resolution: Resolution | None = None
    created_at: Stamp
    updated_at: Stamp


class IssueV1Message(Wire):
    """``issue``."""

    issue: Issue

    @property
    def version(self) -> IgmVersion:
        """The version of its shape."""
        return V1

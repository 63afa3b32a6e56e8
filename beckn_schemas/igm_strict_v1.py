"""Version 1.0.0 of grievances as we send it. Source: network reference 1.3.

As the respondent we send our own actions and nothing of the complainant's; as the complainant the same the other way.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictStr

from beckn_schemas.igm_codes import ComplainantActionV1, RatingV1, ResolutionV1, RespondentActionV1, SourceV1, StatusV1
from beckn_schemas.igm_codes import TriggeredV1 as Triggered
from beckn_schemas.igm_strict import EchoContact, Lasting, MoreText, Named, Organized, Reachable, Said
from beckn_schemas.strict_base import Money, Prose, Strict, Units, Url, Word

Counterparty = Literal["TRANSACTION-COUNTERPARTY-NP"]


class UpdatedBy(Strict):
    """Who of us did it."""

    org: Organized
    contact: Reachable
    person: Named


class RespondentAction(Strict):
    """All five keys, each time (1.3: required by the certification's checks)."""

    respondent_action: RespondentActionV1
    short_desc: Prose
    updated_at: Said
    updated_by: UpdatedBy
    cascaded_level: Annotated[Units, Field(ge=1)]


class ComplainantAction(Strict):
    """What we did as the complainant."""

    complainant_action: ComplainantActionV1
    short_desc: Prose
    updated_at: Said
    updated_by: UpdatedBy


class RespondentActions(Strict):
    """Our actions so far."""

    respondent_actions: Annotated[tuple[RespondentAction, ...], Field(min_length=1)]


class ComplainantActions(Strict):
    """Our actions so far."""

    complainant_actions: Annotated[tuple[ComplainantAction, ...], Field(min_length=1)]


class Officer(Strict):
    """A grievance officer."""

    person: Named
    contact: Reachable
    gro_type: Literal["TRANSACTION-COUNTERPARTY-NP-GRO"]


class Support(Strict):
    """Whom to turn to with the resolution, and above them the officers."""

    contact: Reachable
    gros: Annotated[tuple[Officer, ...], Field(min_length=1)]


class Respondent(Strict):
    """Who resolves."""

    type: Counterparty
    organization: UpdatedBy
    resolution_support: Support


class Provider(Strict):
    """Who gives the resolution; beside a resolution alone."""

    respondent_info: Respondent


class Resolution(Strict):
    """What is done about it. ``refund_amount`` with a refund, and only with it: a rule."""

    action: ResolutionV1
    short_desc: Prose
    long_desc: Prose
    action_triggered: Triggered
    refund_amount: Money | None = None


class OnIssue(Strict):
    """An answer: never a status, which the buyer app keeps."""

    id: Word
    issue_actions: RespondentActions
    created_at: Said
    updated_at: Said


class OnIssueStatus(OnIssue):
    """An answer or news, with the resolution once there is one."""

    resolution_provider: Provider | None = None
    resolution: Resolution | None = None


class OnIssueMessage(Strict):
    """``issue``."""

    issue: OnIssue


class OnIssueStatusMessage(Strict):
    """``issue``."""

    issue: OnIssueStatus


class Complainant(Strict):
    """For whom we complain."""

    person: Named
    contact: EchoContact


class OrderedItem(Strict):
    """How many of an item are meant: a number (1.3, Rules)."""

    id: Word
    quantity: Units


class OrderedFulfillment(Strict):
    """A visit and its state."""

    id: Word
    state: Word


class OrderDetails(Strict):
    """The order complained of, and what of it."""

    id: Word
    state: Word
    items: Annotated[tuple[OrderedItem, ...], Field(min_length=1)] | None = None
    fulfillments: Annotated[tuple[OrderedFulfillment, ...], Field(min_length=1)] | None = None
    provider_id: Word


class Description(Strict):
    """What is complained of, in words and pictures."""

    short_desc: Prose
    long_desc: Prose
    additional_desc: MoreText | None = None
    images: Annotated[tuple[Url, ...], Field(min_length=1)] | None = None


class Source(Strict):
    """Through whom: us."""

    network_participant_id: Word
    type: SourceV1


class Issue(Strict):
    """A complaint of ours. Other categories than these two the certification's reader does not take (1.6)."""

    id: Word
    category: Literal["ITEM", "FULFILLMENT"]
    sub_category: Annotated[StrictStr, Field(pattern=r"^[A-Z]{3}[0-9]{2,3}$")]
    complainant_info: Complainant
    order_details: OrderDetails
    description: Description
    source: Source
    expected_response_time: Lasting
    expected_resolution_time: Lasting
    status: StatusV1
    issue_type: Literal["ISSUE", "GRIEVANCE"]
    issue_actions: ComplainantActions
    rating: RatingV1 | None = None
    created_at: Said
    updated_at: Said


class IssueMessage(Strict):
    """``issue``."""

    issue: Issue

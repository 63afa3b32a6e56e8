"""The four messages of grievances that we receive, and how to read one. Source: network reference 1.1 to 1.4.

``issue`` and ``issue_status`` come where a buyer complains, ``on_issue`` and ``on_issue_status`` where we do. The
version is told by each message itself; an ``issue_status`` has the version that is stored with its issue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from beckn_schemas import igm_v1, igm_v2
from beckn_schemas.base import Id, Label, SchemaViolation, Wire, parse_timestamp, read
from beckn_schemas.context import MOST_AHEAD, Context, Envelope
from beckn_schemas.igm_codes import IGM_ACTIONS, V1, IgmVersion
from beckn_schemas.igm_spellings import normalized, version_of
from beckn_schemas.igm_v1 import IssueV1Message
from beckn_schemas.igm_v2 import IssueV2Message
from beckn_schemas.replies import ReplyError
from beckn_schemas.requests import part_of

ASKED: Final = frozenset({"issue", "issue_status"})


class IssueStatusMessage(Wire):
    """Which issue is asked after."""

    issue_id: Id

    @property
    def version(self) -> IgmVersion | None:
        """It does not say."""
        return None


class NoMessage(Wire):
    """Nothing beside an error."""

    @property
    def version(self) -> IgmVersion | None:
        """It does not say."""
        return None


class FlatContext(Wire):
    """What a context of 1.x says in keys of its own, and every answer repeats (1.2)."""

    country: Label | None = None
    city: Label | None = None
    core_version: Id | None = None


IgmMessage = IssueV1Message | IssueV2Message | IssueStatusMessage | NoMessage


@dataclass(frozen=True, slots=True)
class IgmEnvelope(Envelope[IgmMessage]):
    """A message that was read, and the ``error`` beside it, which only callbacks have.

    The context is in the core's one shape, whatever shape it came in: what is answered echoes the payload's own.
    """

    error: ReplyError | None = None


def parse_igm(action: str, payload: Mapping[str, Any]) -> IgmEnvelope:
    """Read a message of grievances as it came.

    Raises SchemaViolation with the JSON path and what was expected: for shapes, for times that lie after the message,
    and where the parts of an issue contradict one another. Whether order and issue are known is not judged here.
    """
    if action not in IGM_ACTIONS:
        raise SchemaViolation("context.action", f"one of {', '.join(IGM_ACTIONS)}")
    part_of(payload, "context")
    read(FlatContext, payload["context"], "context")
    issue = _issue_of(payload)
    version = version_of(issue) if issue is not None else None
    plain = normalized(payload, version)
    context = read(Context, plain["context"], "context")
    if context.bpp_id is None or context.bpp_uri is None:
        raise SchemaViolation("context.bpp_id" if context.bpp_id is None else "context.bpp_uri", "a value here")
    error = read(ReplyError, plain["error"], "error") if plain.get("error") and action not in ASKED else None
    if action == "issue_status":
        return IgmEnvelope(context, read(IssueStatusMessage, part_of(plain, "message"), "message"))
    if error is not None and version is None:
        return IgmEnvelope(context, NoMessage(), error)
    message = part_of(plain, "message")
    if version is None:
        raise SchemaViolation("message.issue", "an issue of version 1.0.0 or 2.0.0")
    if version == V1:
        old = read(IssueV1Message, message, "message")
        _first(_contradictions_v1(action, old.issue, context.timestamp))
        return IgmEnvelope(context, old, error)
    new = read(IssueV2Message, message, "message")
    _first(_contradictions_v2(new.issue, context.timestamp))
    return IgmEnvelope(context, new, error)


def _issue_of(payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    message = payload.get("message")
    issue = message.get("issue") if isinstance(message, dict) else None
    return issue if isinstance(issue, dict) else None


def _first(found: Iterator[tuple[str, str]]) -> None:
    for path, expected in found:
        raise SchemaViolation(f"message.issue.{path}", expected)


def _contradictions_v2(issue: igm_v2.Issue, said_at: datetime) -> Iterator[tuple[str, str]]:
    if not any(one.ref_type == "ORDER" for one in issue.refs):
        yield "refs", "a reference of type ORDER"
    if not issue.descriptor.code:
        yield "descriptor.code", "the code of what is complained of"
    seen: set[str] = set()
    for place, one in enumerate(issue.actions):
        if one.id in seen:
            yield f"actions[{place}].id", "an id of its own"
        seen.add(one.id)
    if issue.last_action_id not in (None, issue.actions[-1].id):
        yield "last_action_id", "the id of the last action"
    yield from _late("created_at", issue.created_at, parse_timestamp(issue.updated_at))
    stamps = [("updated_at", issue.updated_at)]
    stamps += [(f"actions[{place}].updated_at", one.updated_at) for place, one in enumerate(issue.actions)]
    stamps += [(f"resolutions[{place}].updated_at", one.updated_at) for place, one in enumerate(issue.resolutions)]
    for path, stamp in stamps:
        yield from _late(path, stamp, said_at + MOST_AHEAD)


def _contradictions_v1(action: str, issue: igm_v1.Issue, said_at: datetime) -> Iterator[tuple[str, str]]:
    side = "complainant_actions" if action in ASKED else "respondent_actions"
    said: tuple[igm_v1.ComplainantAction | igm_v1.RespondentAction, ...] = getattr(issue.issue_actions, side)
    if not said:
        yield f"issue_actions.{side}", "at least one action of the sender"
    if action in ASKED and all(one.complainant_action == "OPEN" for one in issue.issue_actions.complainant_actions):
        yield from _missing_v1(issue)
    yield from _late("created_at", issue.created_at, parse_timestamp(issue.updated_at))
    stamps = [("updated_at", issue.updated_at)]
    stamps += [(f"issue_actions.{side}[{place}].updated_at", one.updated_at) for place, one in enumerate(said)]
    for path, stamp in stamps:
        yield from _late(path, stamp, said_at + MOST_AHEAD)
    resolution = issue.resolution
    if resolution is not None and resolution.action_triggered == "REFUND" and resolution.refund_amount is None:
        yield "resolution.refund_amount", "the amount of the refund"


def _missing_v1(issue: igm_v1.Issue) -> Iterator[tuple[str, str]]:
    """What a complaint must say when it is opened (1.3, Rules)."""
    for name in ("category", "sub_category", "order_details", "description"):
        if getattr(issue, name) is None:
            yield name, "a value here"
    details = issue.order_details
    if details is not None and issue.category == "ITEM" and not details.items:
        yield "order_details.items", "the items meant, in the category ITEM"
    if details is not None and issue.category == "FULFILLMENT" and not details.fulfillments:
        yield "order_details.fulfillments", "the fulfillments meant, in the category FULFILLMENT"


def _late(path: str, stamp: str, latest: datetime) -> Iterator[tuple[str, str]]:
    if parse_timestamp(stamp) > latest:
        yield path, "a time that is not after those that follow it"

"""What sellers do wrong in grievances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpp.conformance.checks.issue_parts import closing, last_code
from bpp.conformance.record import Flow, Record
from tests.conformance.altered import Altered, acked, answered, further, moved, replied, reusing, says, silent
from tests.support.json_edit import DELETE

NACK = {"message": {"ack": {"status": "NACK"}}}
OTHER_ID = "4f2c1b1e-0000-4000-8000-000000000001"
_ISSUE = "message.issue"
_ACTIONS = f"{_ISSUE}.actions"
_OLD_ACTIONS = f"{_ISSUE}.issue_actions.respondent_actions"
_LATE, _EARLY = "2099-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z"


def _is(code: str) -> Callable[[Record], bool]:
    return lambda one: last_code(one) == code


def _row(name: str, check: str, alter: Callable[[Flow], Flow], scenario: str = "issue_resolved") -> Altered:
    return Altered(name=name, check=check, scenario=scenario, alter=alter)


def _told(path: str, value: Any, code: str = "PROCESSING", **more: Any) -> Callable[[Flow], Flow]:
    """Another value in an on_issue whose last action is this."""
    return says("on_issue", path, value, _is(code), **more)


def _resolved(path: str, value: Any) -> Callable[[Flow], Flow]:
    """Another value where a complaint of 1.0.0 is resolved."""
    return says("on_issue_status", path, value, _is("RESOLVED"), nth=0)


def _without_last(actions: list[Any]) -> list[Any]:
    return actions[:-1]


def _last(**changes: Any) -> Callable[[list[Any]], list[Any]]:
    """The last action with other keys."""
    return lambda actions: [*actions[:-1], {**actions[-1], **changes}]


def _one_more(actions: list[Any]) -> list[Any]:
    """The last action a second time, under an id of its own."""
    return [*actions, {**actions[-1], "id": "A-more"}]


def _renamed(kind: str, name: str) -> Callable[[list[Any]], list[Any]]:
    """Actors of a type with another organization."""

    def change(actors: list[Any]) -> list[Any]:
        return [
            {**one, "info": {**one["info"], "org": {"name": name}}} if one["type"] == kind else one for one in actors
        ]

    return change


def _without(kind: str, key: str = "type") -> Callable[[list[Any]], list[Any]]:
    return lambda all_: [one for one in all_ if one[key] != kind]


_OLD, _SELLERS, _REFUSED = "issue_1_resolved", "issue_by_seller", "issue_refused"
_CODES = (
    ("issue_without_refs", ""),
    ("issue_of_unknown_order", "IGM001"),
    ("issue_of_unknown_visit", "IGM002"),
    ("issue_of_unknown_item", "IGM003"),
    ("issue_status_of_none", "IGM006"),
    ("issue_status_of_another", "IGM005"),
    ("issue_as_dispute", "IGM008"),
    ("issue_twice", "IGM007"),
    ("issue_of_other_transaction", "IGM002"),
)

ALTERED: tuple[Altered, ...] = (
    _row("says nothing", "issue_answered", silent("on_issue_status")),
    _row("another message_id", "issue_answered", says("on_issue_status", "context.message_id", OTHER_ID)),
    _row("refuses to close", "issue_closed", replied(closing, 200, NACK)),
    _row("answers a closing", "issue_closing_silence", further("on_issue", closing)),
    _row("another place", "issue_context", _told("context.location.city.code", "std:080")),
    _row("context of 1.x", "issue_context", _told("context.core_version", "1.0.0")),
    _row("context of 2.x", "issue_context", says("on_issue", "context.version", "2.0.0"), _OLD),
    _row("no version of its own", "issue_own_context", says("issue", "context.version", DELETE), _SELLERS),
    _row("an hour to live", "issue_ttl", _told("context.ttl", "PT1H")),
    _row("news as an answer to a poll", "issue_news", moved("on_issue", "on_issue_status", _is("RESOLUTION_PROPOSED"))),
    _row("news as an answer", "issue_news", moved("on_issue_status", "on_issue", _is("RESOLVED"), nth=0), _OLD),
    _row("id of a message before", "unsolicited_message_id", reusing("on_issue", _is("INFO_REQUESTED"))),
    _row("another complaint", "issue_named", says("on_issue_status", f"{_ISSUE}.id", "I-2")),
    _row("a new complaint", "issue_created_at", _told(f"{_ISSUE}.created_at", _EARLY)),
    _row("a new complaint of 1.0.0", "issue_created_at", _resolved(f"{_ISSUE}.created_at", _EARLY), _OLD),
    _row("does nothing", "issue_processing", _told(_ACTIONS, _without_last)),
    _row("asks at once", "issue_processing", _told(f"{_ACTIONS}[1].descriptor.code", "INFO_REQUESTED", nth=0)),
    _row("no action of 1.0.0", "issue_processing", says("on_issue", _OLD_ACTIONS, []), _OLD),
    _row("too late at it", "issue_response_time", _told(f"{_ACTIONS}[1].updated_at", _LATE)),
    _row("too late resolved", "issue_resolution_time", _resolved(f"{_OLD_ACTIONS}[1].updated_at", _LATE), _OLD),
    _row("forgets", "issue_actions_kept", _told(_ACTIONS, lambda all_: all_[1:])),
    _row("writes anew", "issue_actions_kept", _told(f"{_ACTIONS}[0].updated_at", _EARLY)),
    _row("forgets its own", "issue_actions_kept", _resolved(_OLD_ACTIONS, lambda all_: all_[1:]), _OLD),
    _row(
        "acts when asked",
        "issue_status_adds_nothing",
        says("on_issue_status", _ACTIONS, _one_more),
    ),
    _row(
        "another time when asked", "issue_status_adds_nothing", says("on_issue_status", f"{_ISSUE}.updated_at", _LATE)
    ),
    _row("refunds in silence", "issue_refund_told", silent("on_update")),
    _row("no level", "issue_2_keys", _told(f"{_ISSUE}.level", DELETE)),
    _row("nobody's action", "issue_2_keys", _told(f"{_ACTIONS}[1].action_by", DELETE)),
    _row("no words", "issue_1_keys", says("on_issue", f"{_OLD_ACTIONS}[0].short_desc", DELETE), _OLD),
    _row("says the status", "issue_1_respondent_only", says("on_issue", f"{_ISSUE}.status", "OPEN"), _OLD),
    _row(
        "no officer",
        "issue_1_officer",
        _resolved(f"{_ISSUE}.resolution_provider.respondent_info.resolution_support.gros", DELETE),
        _OLD,
    ),
    _row(
        "no officer",
        "issue_2_officer",
        _told(f"{_ISSUE}.actors", _without("COUNTERPARTY_NP_GRO"), "RESOLUTION_PROPOSED"),
    ),
    _row("no target", "issue_2_update_target", _told("message.update_target", DELETE)),
    _row("other words", "issue_2_complaint_kept", _told(f"{_ISSUE}.descriptor.short_desc", "All is well")),
    _row("forgets the item", "issue_2_complaint_kept", _told(f"{_ISSUE}.refs", _without("ITEM", "ref_type"))),
    _row("changed tomorrow", "issue_times", _told(f"{_ISSUE}.updated_at", _LATE)),
    _row("changed before", "issue_1_updated_at", _resolved(f"{_ISSUE}.updated_at", _EARLY), _OLD),
    _row(
        "a name alone",
        "issue_1_organization",
        _resolved(f"{_OLD_ACTIONS}[0].updated_by.org.name", "seller.example"),
        _OLD,
    ),
    _row("a second level", "issue_1_cascaded_level", _resolved(f"{_OLD_ACTIONS}[0].cascaded_level", 2), _OLD),
    _row("no resolution", "issue_1_resolution", _resolved(f"{_ISSUE}.resolution", DELETE), _OLD),
    _row("no amount", "issue_1_resolution", _resolved(f"{_ISSUE}.resolution.refund_amount", DELETE), _OLD),
    _row("RESOLVED in on_issue", "issue_1_resolution", moved("on_issue_status", "on_issue", _is("RESOLVED")), _OLD),
    _row("changed later", "issue_2_opened", says("issue", f"{_ISSUE}.updated_at", _LATE, nth=0), _SELLERS),
    _row("another time", "issue_2_updated_at", _told(f"{_ISSUE}.updated_at", _EARLY)),
    _row("leaves the mark", "issue_2_last_action_id", _told(f"{_ISSUE}.last_action_id", "A-1")),
    _row("one id for two", "issue_2_ids", _told(_ACTIONS, lambda all_: [*all_, all_[-1]])),
    _row("somebody else", "issue_2_actors", _told(f"{_ACTIONS}[1].action_by", "NP9")),
    _row(
        "a name alone",
        "issue_2_organization",
        _told(f"{_ISSUE}.actors", _renamed("COUNTERPARTY_NP", "seller.example")),
    ),
    _row("is nobody", "issue_2_own_actor", _told(f"{_ISSUE}.actors", _without("COUNTERPARTY_NP"))),
    _row("no order", "issue_2_refs", _told(f"{_ISSUE}.refs", _without("ORDER", "ref_type"))),
    _row("no visit", "issue_2_refs", says("issue", f"{_ISSUE}.refs", _without("FULFILLMENT", "ref_type")), _SELLERS),
    _row(
        "a refund of nothing",
        "issue_2_resolutions",
        _told(f"{_ISSUE}.resolutions[1].tags", DELETE, "RESOLUTION_PROPOSED"),
    ),
    _row("alone", "issue_2_resolutions", _told(f"{_ISSUE}.resolutions[1].ref_id", "R-9", "RESOLUTION_PROPOSED")),
    _row("proposes nothing", "issue_2_references", _told(_ACTIONS, _last(ref_id="R-9"), "RESOLUTION_PROPOSED")),
    _row("asks for something", "issue_2_names", _told(f"{_ACTIONS}[2].descriptor.name", DELETE, "INFO_REQUESTED")),
    _row("still at it", "issue_2_status", _told(f"{_ISSUE}.status", "PROCESSING", "RESOLVED")),
    _row("no grievance", "issue_2_status", _told(f"{_ISSUE}.level", "ISSUE"), "issue_escalated"),
    _row("takes it", "issue_without_refs", acked("issue_without_refs"), _REFUSED),
    *(_row("another code", probe, answered(probe, "error.code", code), _REFUSED) for probe, code in _CODES if code),
    _row("takes it", "issue_out_of_order", acked("issue_out_of_order"), _REFUSED),
    _row(
        "acts again",
        "issue_told_again",
        answered("issue_told_again", _ACTIONS, _one_more),
        _REFUSED,
    ),
    _row(
        "took what it refused",
        "issue_refused_effect",
        answered("issue_status_after_all", _ACTIONS, _one_more),
        _REFUSED,
    ),
)

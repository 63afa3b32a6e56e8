"""What the files of a flow are called: by action, and by what tells one from another of the same action.

As in ONDC's own folders: ``on_status`` by the state it tells, ``issue`` and ``on_issue`` by the last action in it, a
refused and a confirmed time in ``select_reject.json`` and ``on_select_confirm.json``; probes by their name; and what is
still alike, by number.
"""

from __future__ import annotations

import re

from bpp.conformance.record import Flow, Record
from bpp.sandbox.exchange import Json, part
from bpp.sandbox.offers import otp, state, stop

LONGEST = 80
COMPLETED = "Completed"
_SIDES = ("respondent_actions", "complainant_actions")
ISSUES = frozenset({"issue", "on_issue", "on_issue_status"})
NO_SUCH_TIME = "90001"
"""The error of a time that is not free (protocol 1.4)."""


def file_names(flow: Flow) -> tuple[str, ...]:
    """A name for each message of a flow, in its order; each once, whatever a file system takes for the same."""
    taken: set[str] = set()
    names = []
    for one in flow.records:
        stem = _plain("_".join(filter(None, (one.action or "message", _manner(flow, one)))))
        name, count = stem, 1
        while name in taken:
            count += 1
            name = f"{stem}_{count}"
        taken.add(name)
        names.append(f"{name}.json")
    return tuple(names)


def folder_name(name: str) -> str:
    """A scenario's, domain's or participant's name as one of a folder."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[:LONGEST] or "unnamed"


def _manner(flow: Flow, one: Record) -> str:
    asked = one if one.sent else flow.request_of(one)
    if asked is not None and asked.probe not in ("", asked.action):
        return asked.probe.removeprefix(f"{asked.action}_")
    if one.action in ISSUES:
        return _last_action(one)
    if one.action == "on_status":
        return _state(flow, one)
    if one.action in ("select", "on_select"):
        return _choice(flow, one)
    return ""


def _last_action(one: Record) -> str:
    """The code of the last action: of 2.0.0 in one list, of 1.0.0 in that of whoever speaks."""
    issue = part(one.message, "issue")
    old = part(issue, "issue_actions")
    told = next((each for each in (issue.get("actions"), *(old.get(key) for key in _SIDES)) if each), None)
    last = told[-1] if isinstance(told, list) and isinstance(told[-1], dict) else {}
    code = part(last, "descriptor").get("code") or last.get("respondent_action") or last.get("complainant_action")
    return str(code or "")


def _state(flow: Flow, one: Record) -> str:
    """``started`` is no code of the network: a second At-Location, whose one-time password is used up."""
    visit = _under_way(one)
    code = _code(visit)
    if code != "At-Location" or one.error_code or otp(_alone(visit)):
        return code
    waited = any(
        otp(_alone(_under_way(before))) and _under_way(before).get("id") == visit.get("id")
        for before in flow.records[: one.number - 1]
        if before.action == "on_status" and before.transaction_id == one.transaction_id
    )
    return "started" if waited else code


def _under_way(one: Record) -> Json:
    """The visit that a message tells of: the first that is not completed, else the last (protocol 1.9, a requote)."""
    fulfillments = one.order.get("fulfillments")
    visits = [each for each in fulfillments if isinstance(each, dict)] if isinstance(fulfillments, list) else []
    return next((each for each in visits if _code(each) != COMPLETED), visits[-1] if visits else {})


def _code(visit: Json) -> str:
    return state(_alone(visit))


def _alone(visit: Json) -> Json:
    """An order of this visit only."""
    return {"fulfillments": [visit]}


def _choice(flow: Flow, one: Record) -> str:
    """``reject`` or ``confirm`` in a transaction in which a time was refused."""
    answers = [
        other for other in flow.callbacks if other.action == "on_select" and other.transaction_id == one.transaction_id
    ]
    if not any(_refused(other) for other in answers):
        return ""
    answer = one if not one.sent else next((other for other in flow.answers_to(one)), None)
    if answer is None or (answer.error_code and not _refused(answer)):
        return ""
    return "reject" if _refused(answer) else "confirm"


def _refused(answer: Record) -> bool:
    label = part(stop(answer.order, "end"), "time").get("label")
    return answer.error_code == NO_SUCH_TIME or label == "rejected"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:LONGEST] or "message"

"""A seller that serves grievances and reconciliation, which ours does not yet, and its faults."""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bpp.sandbox.identities import BPP
from tests.conformance.faulty_seller import Honest, Json, Outgoing, Reply, Story
from tests.conformance.planted import Planted
from tests.support.json_edit import edited

SERVED = ("issue", "issue_status", "recon")
PROCESSING: Json = {"respondent_action": "PROCESSING", "short_desc": "Being looked into", "cascaded_level": 1}
AMOUNTS = ("amount", "commission", "withholding_amount", "tcs", "tds")
Change = Callable[[Json], Json | None]


class Serves(Honest):
    """Answers complaints and reconciliations itself. ``change`` is the fault: another callback, or none."""

    def __init__(self, change: Change = lambda document: document) -> None:
        self._change = change

    def pass_on(self, action: str, body: bytes, story: Story) -> bool:
        """All but what the real server does not serve."""
        return action not in SERVED

    async def besides(self, action: str, request: Json, send: Any) -> None:
        """The callback, except to a complaint that is closed."""
        if action not in SERVED or request["message"].get("issue", {}).get("status") == "CLOSED":
            return
        context = request["context"] | {
            "action": f"on_{action}",
            "bpp_id": BPP.subscriber_id,
            "bpp_uri": request["context"]["bpp_uri"],
        }
        changed = self._change({"context": context, "message": _message(action, request["message"])})
        if changed is not None:
            await send(Outgoing(changed))


class RefusesToClose(Serves):
    """Refuses the closing of a complaint."""

    def reply(self, action: str, request: Json, reply: Reply, story: Story) -> Reply:
        """NACK to that."""
        closing = request.get("message", {}).get("issue", {}).get("status") == "CLOSED"
        return Reply(200, {"message": {"ack": {"status": "NACK"}}}) if closing else reply


def _message(action: str, asked: Json) -> Json:
    if action == "recon":
        return {"orders": [_agreed(one) for one in asked["orders"]]}
    issue = asked.get("issue", {})
    if "actions" not in issue:
        issue_id = issue.get("id") or asked["issue_id"]
        return {"issue": {"id": issue_id, "issue_actions": {"respondent_actions": [PROCESSING]}}}
    answer = copy.deepcopy(issue)
    answer["actions"].append({"id": "A2", "descriptor": {"code": "PROCESSING"}, "action_by": "NP2"})
    answer["last_action_id"] = "A2"
    return {"update_target": [{"path": "issue.actions", "action": "APPENDED"}], "issue": answer}


def _agreed(asked: Json) -> Json:
    """Our figures: three per cent are the buyer app's; a difference is told beside each."""
    order = copy.deepcopy(asked)
    total = Decimal(order["amount"]["value"])
    fee = (total * 3 / 100).quantize(Decimal("0.01"))
    ours = dict.fromkeys(AMOUNTS, Decimal("0.00")) | {"amount": total - fee, "commission": fee}
    settlement = order["settlements"][0]
    off = {key: abs(Decimal(settlement[key]["value"]) - ours[key]) for key in AMOUNTS}
    order["recon_accord"] = not any(off.values())
    if order["recon_accord"]:
        settlement["due_date"] = "2026-11-30"
    else:
        for key in AMOUNTS:
            settlement[key] = {"currency": "INR", "value": f"{ours[key]:.2f}", "diff_value": f"{off[key]:.2f}"}
    return order


def _only(action: str, change: Callable[[Json], Json | None]) -> Change:
    return lambda document: change(document) if document["context"]["action"] == action else document


def _says(action: str, path: str, value: Any, *, second: bool = False) -> Serves:
    """Another value in the callbacks of an action; ``second``: only where the complaint is of version 2.0."""

    def change(document: Json) -> Json:
        fits = not second or "actions" in document["message"]["issue"]
        return edited(document, path, value) if fits else document

    return Serves(_only(action, change))


def _row(name: str, check: str, seller: Serves, scenario: str = "grievance", **more: Any) -> Planted:
    return Planted(name=name, check=check, seller=seller, scenario=scenario, **more)


def _disagreeing(document: Json) -> Json:
    """No difference beside the amounts of a disagreement."""
    for order in document["message"]["orders"]:
        for key in AMOUNTS:
            order["settlements"][0][key].pop("diff_value", None)
    return document


def _agrees(document: Json) -> Json:
    """Whatever the amounts are."""
    for order in document["message"]["orders"]:
        order["recon_accord"] = True
        order["settlements"][0]["due_date"] = "2026-11-30"
    return document


_ACTIONS = "message.issue.issue_actions.respondent_actions"
_ORDER = "message.orders[0]"

PLANTED: tuple[Planted, ...] = (
    _row("says nothing", "issue_answered", Serves(_only("on_issue_status", lambda _: None)), patience=0.5),
    _row(
        "another message_id",
        "issue_answered",
        _says("on_issue_status", "context.message_id", "4f2c1b1e-0000-4000-8000-000000000001"),
        patience=0.5,
    ),
    _row("no action", "issue_processing", _says("on_issue_status", _ACTIONS, [])),
    _row("another complaint", "issue_processing", _says("on_issue_status", "message.issue.id", "I-2")),
    _row("refuses to close", "issue_closed", RefusesToClose()),
    _row(
        "appends nothing",
        "issue_appended",
        _says("on_issue", "message.issue.actions", lambda all_: all_[:1], second=True),
    ),
    _row("forgets", "issue_appended", _says("on_issue", "message.issue.actions", lambda all_: all_[1:], second=True)),
    _row("leaves the mark", "issue_appended", _says("on_issue", "message.issue.last_action_id", "A1", second=True)),
    _row(
        "says nothing",
        "recon_answered",
        Serves(_only("on_recon", lambda _: None)),
        "reconciliation",
        patience=0.5,
    ),
    _row("another order", "recon_orders", _says("on_recon", f"{_ORDER}.id", "O-2"), "reconciliation"),
    _row("no word", "recon_accord", _says("on_recon", f"{_ORDER}.recon_accord", None), "reconciliation"),
    _row("no day", "recon_accord", _says("on_recon", f"{_ORDER}.settlements[0].due_date", None), "reconciliation"),
    _row("no difference", "recon_accord", Serves(_only("on_recon", _disagreeing)), "reconciliation"),
    _row(
        "parts that do not add up",
        "recon_sum",
        _says("on_recon", f"{_ORDER}.settlements[0].commission.value", "1.00"),
        "reconciliation",
    ),
    _row("agrees to anything", "recon_difference", Serves(_only("on_recon", _agrees)), "reconciliation"),
)

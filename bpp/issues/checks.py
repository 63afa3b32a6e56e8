"""What is refused of a message, with which code and by which door; in the order of network reference 1.9.3.

Signature and shape (IGM001) come before; then transaction IGM009, order IGM002, fulfillment IGM003, item IGM004,
duplicate IGM008, escalation IGM007. A message that contradicts what is stored (an action out of order or in another's
name, a history that is written anew) breaks the shape that an issue has, so it is IGM001 as well: a NACK, and nothing
is stored. Pure: the handler brings what it found of the order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from beckn_schemas.igm_codes import IGM_ERROR_CODES, V1
from bpp.issues.clock import DEFAULT, Expectations
from bpp.issues.facts import OrderFacts
from bpp.issues.history import Told, told
from bpp.issues.model import Code, Issue, Level, Side, Status
from bpp.issues.states import NotPossible

NOT_OFFERED: Final = "40001"
"""Disputes are settled by somebody outside, whom no participant's log shows so far (1.5): we are not part of it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is refused: the code, the JSON path, and what was expected there.

    ``nack``: it is the answer to the message itself; otherwise it travels as ``error`` of the callback.
    """

    code: str
    path: str
    expected: str

    @property
    def nack(self) -> bool:
        """Whether it leaves as a NACK."""
        known = IGM_ERROR_CODES.get(self.code)
        return known is not None and known.door == "nack"

    @property
    def text(self) -> str:
        """For the other side: the path and what was expected."""
        return f"{self.path}: {self.expected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is found of a message of ``issue``.

    ``orders`` are those of its buyer app and transaction, ``before`` the issue that is stored under its id, and
    ``others`` what else is stored of the same order. ``times`` are for an issue that sets none itself.
    """

    orders: tuple[OrderFacts, ...]
    before: Issue | None = None
    others: tuple[Issue, ...] = ()
    times: Expectations = DEFAULT


def judge_issue(said: Issue, known: Known) -> Told | Refusal:
    """The issue after an /issue of the complainant, or why it is refused.

    What was told before is told again without effect: ``new`` is empty then.
    """
    order = next((one for one in known.orders if one.order_id == said.order_id), None)
    if not known.orders:
        return Refusal("IGM009", "context.transaction_id", "the transaction of the order is expected")
    if order is None or (known.before is not None and known.before.order_id != order.order_id):
        return Refusal("IGM002", _place(said, "ORDER", 0), "an order of this transaction is expected")
    if (place := _unknown(said, "FULFILLMENT", {one.id for one in order.visits})) is not None:
        return Refusal("IGM003", _place(said, "FULFILLMENT", place), "a fulfillment of the order is expected")
    if (place := _unknown(said, "ITEM", order.item_ids)) is not None:
        return Refusal("IGM004", _place(said, "ITEM", place), "an item of the order is expected")
    if known.before is None and any(_alike(said, one) for one in known.others):
        return Refusal("IGM008", "message.issue", "the issue that is open about the same is expected to be continued")
    return _escalation(said, known.before) or _history(said, known.before, Side.COMPLAINANT, known.times)


def judge_answer(said: Issue, before: Issue | None) -> Told | Refusal:
    """The issue after an on_issue or on_issue_status to a complaint of ours, or why it is refused.

    Nobody answers what we have not asked: an issue that we did not raise is unknown, and so is another buyer app's.
    """
    if before is None or before.we is not Side.COMPLAINANT:
        return _unknown_issue("message.issue.id")
    return judge_status(before, said.bap_id) or _history(said, before, Side.RESPONDENT)


def judge_status(before: Issue | None, bap_id: str) -> Refusal | None:
    """Why an issue cannot be asked after, or None: it is unknown (IGM005), or another subscriber's (IGM006)."""
    if before is None:
        return _unknown_issue("message.issue_id")
    if before.bap_id != bap_id:
        return Refusal("IGM006", "context.bap_id", "the subscriber of the issue is expected")
    return None


def _unknown_issue(path: str) -> Refusal:
    return Refusal("IGM005", path, "the id of an issue that is known is expected")


def _unknown(said: Issue, ref_type: str, known: Iterable[str]) -> int | None:
    ids = set(known)
    return next((place for place, one in enumerate(said.referred(ref_type)) if one not in ids), None)


def _place(said: Issue, ref_type: str, nth: int) -> str:
    """Where a message names what is unknown, in the words of its version."""
    if said.version == V1:
        details = "message.issue.order_details"
        return {
            "ORDER": f"{details}.id",
            "FULFILLMENT": f"{details}.fulfillments[{nth}].id",
            "ITEM": f"{details}.items[{nth}].id",
        }[ref_type]
    places = [place for place, one in enumerate(said.refs) if one.ref_type == ref_type]
    return f"message.issue.refs[{places[nth]}].ref_id" if places else "message.issue.refs"


def _alike(said: Issue, other: Issue) -> bool:
    """Whether both are open about the same: item or fulfillment, category and sub-category (1.5, "Duplicate")."""
    return (
        other.id != said.id
        and other.we is Side.RESPONDENT
        and other.status is not Status.CLOSED
        and other.complaint.code == said.complaint.code
        and _about(other) == _about(said)
    )


def _about(issue: Issue) -> frozenset[tuple[str, str]]:
    return frozenset(
        (one.ref_type, one.ref_id) for one in issue.refs if one.ref_type in {"FULFILLMENT", "ITEM", "ORDER"}
    )


def _escalation(said: Issue, before: Issue | None) -> Refusal | None:
    """A level that is out of turn: the desk, then the officer, then somebody outside (1.5; IGM007)."""
    stored = {one.id for one in before.actions} if before else set()
    escalates = any(one.code is Code.ESCALATED and one.id not in stored for one in said.actions)
    level = before.level if before else Level.ISSUE
    path = "message.issue.issue_type" if said.version == V1 else "message.issue.level"
    if said.level is Level.DISPUTE:
        if level is not Level.GRIEVANCE:
            return Refusal("IGM007", path, "GRIEVANCE is expected before a dispute")
        return Refusal(NOT_OFFERED, path, "GRIEVANCE is expected: disputes are not settled by this seller")
    if escalates and level is not Level.ISSUE:
        return Refusal("IGM007", path, "an issue at the first level is expected, to be escalated")
    if said.level is Level.GRIEVANCE and level is Level.ISSUE and not escalates:
        return Refusal("IGM007", path, "an issue is expected to be escalated before it is a grievance")
    return None


def _history(said: Issue, before: Issue | None, by: Side, times: Expectations = DEFAULT) -> Told | Refusal:
    try:
        return told(before, said, by, times)
    except NotPossible as problem:
        side = f"issue_actions.{by}_actions" if said.version == V1 else "actions"
        path = problem.path.replace("actions", side, 1) if problem.path.startswith("actions") else problem.path
        return Refusal("IGM001", f"message.issue.{path}", str(problem))

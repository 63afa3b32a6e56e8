"""Grievances and reconciliation, of sellers that serve them. Source: assertions 56 and 57; protocol 1.11 and 1.12."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from bpp.conformance.check import Check, Fault, NotRun, Select, Subject
from bpp.conformance.checks.refusing import reply_to, said
from bpp.conformance.path import at
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import answered
from bpp.sandbox.exchange import Json, part

PROCESSING = "PROCESSING"
RECON_AMOUNTS = ("amount", "commission", "withholding_amount", "tcs", "tds")
_DEDUCTED = RECON_AMOUNTS[1:]


def _asked(*actions: str) -> Select:
    """Requests of these actions that a seller who serves them took: others are not served here."""

    def select(flow: Flow) -> Iterator[Subject]:
        for one in flow.requests:
            if one.action in actions and (one.reply is None or one.reply.acked):
                yield Subject(flow, one)

    return select


def _issue(record: Record) -> Json:
    return part(record.message, "issue")


def _closing(record: Record) -> bool:
    return str(_issue(record).get("status", "")).upper() == "CLOSED"


def _second_generation(record: Record) -> bool:
    return "actions" in _issue(record)


def _reply_comes(subject: Subject) -> Iterator[Fault | NotRun]:
    if _closing(subject.message):
        yield NotRun(f"{subject.message.name} closes: an ACK is enough")
    elif not subject.flow.answers_to(subject.message):
        yield Fault("time", f"on_{subject.message.action} with its message_id", "nothing came")


def _processing(subject: Subject) -> Iterator[Fault]:
    """Of version 1: the seller's own actions; the complaint is named by its id."""
    callback = subject.message
    actions = at(callback.message, "issue.issue_actions.respondent_actions")
    codes = [one.get("respondent_action") for one in actions] if isinstance(actions, list) else []
    if PROCESSING not in codes:
        yield Fault("message.issue.issue_actions.respondent_actions", f"one that is {PROCESSING}", codes)
    request = subject.request
    wanted = request and (_issue(request).get("id") or request.message.get("issue_id"))
    if _issue(callback).get("id") != wanted:
        yield Fault("message.issue.id", f"the complaint's: {wanted}", _issue(callback).get("id"))


def _appended(subject: Subject) -> Iterator[Fault]:
    """Of version 2: every action so far, one more, and last_action_id on it."""
    before = _issue(subject.asked)["actions"]
    after = _issue(subject.message).get("actions", [])
    if [one.get("id") for one in after[: len(before)]] != [one.get("id") for one in before]:
        yield Fault(
            "message.issue.actions", "every action of the request, in its order", [one.get("id") for one in after]
        )
    code = at(after[-1], "descriptor.code") if len(after) > len(before) else ""
    if code != PROCESSING:
        yield Fault("message.issue.actions", f"one more action, {PROCESSING}", code)
    elif _issue(subject.message).get("last_action_id") != after[-1].get("id"):
        found = _issue(subject.message).get("last_action_id")
        yield Fault("message.issue.last_action_id", f"the last action's: {after[-1].get('id')}", found)


def _closed(subject: Subject) -> Iterator[Fault]:
    reply = reply_to(subject)
    if not reply.acked:
        yield Fault("reply", "ACK", said(reply))


def _closings(flow: Flow) -> Iterator[Subject]:
    for one in flow.requests:
        if one.action == "issue" and one.reply is not None and _closing(one):
            yield Subject(flow, one)


def _versioned(*actions: str, second: bool) -> Select:
    """Answers to complaints of either generation; those to an issue_status are of the first here."""

    def select(flow: Flow) -> Iterator[Subject]:
        for one in answered(*actions)(flow):
            if one.request and _second_generation(one.request) == second and not _closing(one.request):
                yield one

    return select


def _settlements(record: Record) -> Iterator[tuple[str, Json, Json]]:
    for place, order in enumerate(record.message.get("orders", ())):
        for number, one in enumerate(order.get("settlements", ())):
            yield f"message.orders[{place}].settlements[{number}]", order, one


def _value(holder: Json, key: str) -> Decimal:
    return Decimal(str(part(holder, key)["value"]))


def _accord(subject: Subject) -> Iterator[Fault]:
    for place, order in enumerate(subject.message.message.get("orders", ())):
        if not isinstance(order.get("recon_accord"), bool):
            yield Fault(f"message.orders[{place}].recon_accord", "true or false", order.get("recon_accord"))
    for path, order, settlement in _settlements(subject.message):
        if order.get("recon_accord") is True and not settlement.get("due_date"):
            yield Fault(f"{path}.due_date", "the day of payment", settlement.get("due_date"))
        for key in RECON_AMOUNTS if order.get("recon_accord") is False else ():
            if "diff_value" not in part(settlement, key):
                yield Fault(f"{path}.{key}.diff_value", "the difference", settlement.get(key))


def _every_order(subject: Subject) -> Iterator[Fault]:
    """Every order of the question, and nothing agreed upon that differs."""
    asked = subject.asked.message["orders"]
    told = {one.get("id"): one for one in subject.message.message.get("orders", ())}
    for order in asked:
        if order["id"] not in told:
            yield Fault("message.orders", f"the order {order['id']}", sorted(map(str, told)))


def _adds_up(subject: Subject) -> Iterator[Fault]:
    for path, order, one in _settlements(subject.message):
        if len(order["settlements"]) != 1:
            continue
        parts = _value(one, "amount") + sum(_value(one, key) for key in _DEDUCTED if key in one)
        if parts != _value(order, "amount"):
            yield Fault(path, f"parts that add up to {_value(order, 'amount')}", parts)


def _disagrees(subject: Subject) -> Iterator[Fault | NotRun]:
    """A question whose amounts differ from those that were agreed upon before cannot be agreed upon, too."""
    before = subject.flow.before(subject.message, "on_recon")
    agreed = {order.get("id") for order in before.message["orders"] if order.get("recon_accord")} if before else set()
    if not agreed:
        yield NotRun("nothing was agreed upon before")
    for place, order in enumerate(subject.message.message["orders"]):
        found = order.get("recon_accord")
        if order.get("id") in agreed and found is True:
            yield Fault(f"message.orders[{place}].recon_accord", "false: the amounts differ", found)


def _second_recon(flow: Flow) -> Iterator[Subject]:
    yield from (one for one in answered("on_recon")(flow) if one.request and one.request.probe == "recon_wrong")


_GRIEVANCE = "complaint that the seller took (not served otherwise)"
_RECON = "reconciliation that the seller took (not served otherwise)"


def _check(name: str, title: str, number: int, of: Select, judge: Callable[[Subject], Iterator[Any]]) -> Check:
    """A row: assertion 56 is about grievances, 57 about reconciliation."""
    sources = {56: ("assertion 56", "protocol 1.11"), 57: ("assertion 57", "protocol 1.12")}[number]
    needs = {56: _GRIEVANCE, 57: _RECON}[number]
    return Check(name=name, title=title, sources=sources, of=of, needs=needs, judge=judge)


CHECKS: tuple[Check, ...] = (
    _check(
        "issue_answered",
        "A complaint, and a question about it, is answered under its message_id",
        56,
        _asked("issue", "issue_status"),
        _reply_comes,
    ),
    _check(
        "issue_processing",
        "The seller says PROCESSING to a complaint of version 1.0, and still when it is asked",
        56,
        _versioned("on_issue", "on_issue_status", second=False),
        _processing,
    ),
    _check("issue_closed", "The closing of a complaint is acknowledged", 56, _closings, _closed),
    _check(
        "issue_appended",
        "The seller appends PROCESSING to the actions of a complaint of version 2.0, and moves last_action_id",
        56,
        _versioned("on_issue", second=True),
        _appended,
    ),
    _check("recon_answered", "A reconciliation is answered under its message_id", 57, _asked("recon"), _reply_comes),
    _check("recon_orders", "on_recon lists every order of its recon", 57, answered("on_recon"), _every_order),
    _check(
        "recon_accord",
        "on_recon agrees with a due date, or disagrees with the difference of each amount",
        57,
        answered("on_recon"),
        _accord,
    ),
    _check(
        "recon_sum",
        "In on_recon an order's amount is its settlement and what was deducted",
        57,
        answered("on_recon"),
        _adds_up,
    ),
    _check(
        "recon_difference",
        "on_recon does not agree to other amounts than those that it agreed to",
        57,
        _second_recon,
        _disagrees,
    ),
)

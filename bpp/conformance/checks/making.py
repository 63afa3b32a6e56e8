"""What a confirm makes: the order's own id, time and status, and who comes. Source: protocol 1.6; assertions 29, 30."""

from __future__ import annotations

from beckn_schemas.base import parse_timestamp
from bpp.conformance.check import Check, Fault, NotRun, Said, Severity, Subject
from bpp.conformance.checks.ordered import stop_path
from bpp.conformance.path import ABSENT, at
from bpp.conformance.select import answered
from bpp.sandbox.exchange import part
from bpp.sandbox.offers import stop

_WORKER = (
    "person.name",
    "contact.phone",
    "contact.email",
    "location.id",
    "location.descriptor.name",
    "location.gps",
    "time.range.start",
    "time.range.end",
)
"""What an on_confirm says of who comes (assertion 30)."""


def _confirmed_as(subject: Subject) -> Said:
    request = subject.request
    if request is not None and request.order.get("id") != subject.message.order.get("id"):
        yield Fault("message.order.id", f"the confirm's: {request.order.get('id')}", subject.message.order.get("id"))


def _created_at(subject: Subject) -> Said:
    request = subject.request
    said = request.order.get("created_at") if request is not None else None
    found = subject.message.order.get("created_at")
    if said is None:
        yield NotRun("the confirm has no created_at")
    elif found is None or parse_timestamp(found) != parse_timestamp(said):
        yield Fault("message.order.created_at", f"the confirm's: {said}", found or ABSENT)


def _rateable(subject: Subject) -> Said:
    order = subject.message.order
    visits = order["fulfillments"]
    holders = [("provider", part(order, "provider"))]
    holders += [(f"fulfillments[{place}]", visit) for place, visit in enumerate(visits)]
    for path, holder in holders:
        if not isinstance(holder.get("rateable"), bool):
            yield Fault(f"message.order.{path}.rateable", "true or false", holder.get("rateable", ABSENT))


def _worker(subject: Subject) -> Said:
    shown = stop(subject.message.order, "start")
    for path in _WORKER:
        if at(shown, path) in (ABSENT, "", None):
            yield Fault(f"{stop_path(subject.message.order, 'start')}.{path}", "who comes, and from where", ABSENT)


def _status_case(subject: Subject) -> Said:
    confirm = subject.flow.before(subject.message, "confirm")
    said = str(confirm.order.get("status", "")) if confirm is not None else ""
    found = str(subject.message.order.get("status", ""))
    if not found:
        yield NotRun("the callback has no status")
    elif found != found.upper() and (not said or said == said.upper()):
        yield Fault("message.order.status", f"upper case, or the case of the confirm's {said or 'status'}", found)


_CONFIRM = "on_confirm without error"
_MADE = answered("on_confirm", where=lambda one: not one.error_code)

CHECKS: tuple[Check, ...] = (
    Check(
        name="confirmed_id",
        title="An order keeps the id of its confirm",
        sources=("assertion 29", "protocol 1.6"),
        of=answered("on_confirm"),
        needs="on_confirm",
        judge=_confirmed_as,
    ),
    Check(
        name="created_at",
        title="An order keeps the created_at of its confirm",
        sources=("assertion 29", "protocol 4.23"),
        of=_MADE,
        needs=_CONFIRM,
        judge=_created_at,
    ),
    Check(
        name="rateable",
        title="An on_confirm says whether provider and fulfillments can be rated",
        sources=("assertion 29",),
        of=_MADE,
        needs=_CONFIRM,
        judge=_rateable,
    ),
    Check(
        name="worker_named",
        title="An on_confirm says who comes, from where and when",
        sources=("assertion 30", "protocol 1.6", "protocol 7"),
        of=_MADE,
        needs=_CONFIRM,
        judge=_worker,
    ),
    Check(
        name="status_case",
        title="An order's status is in upper case, or in the case of the confirm's",
        sources=("protocol 4.18", "protocol 1.0"),
        of=answered("on_confirm"),
        needs="on_confirm",
        judge=_status_case,
        severity=Severity.WARNING,
    ),
)

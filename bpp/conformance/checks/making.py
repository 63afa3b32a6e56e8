"""What a confirm makes: the order's own id, time and status. Source: protocol 1.6; assertion 29."""

from __future__ import annotations

from beckn_schemas.base import parse_timestamp
from bpp.conformance.check import Check, Fault, NotRun, Said, Severity, Subject
from bpp.conformance.path import ABSENT
from bpp.conformance.select import answered


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
        name="status_case",
        title="An order's status is in upper case, or in the case of the confirm's",
        sources=("protocol 4.18", "protocol 1.0"),
        of=answered("on_confirm"),
        needs="on_confirm",
        judge=_status_case,
        severity=Severity.WARNING,
    ),
)

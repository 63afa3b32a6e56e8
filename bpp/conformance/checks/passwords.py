"""The one-time password that starts a service. Source: protocol 1.7, 4.24 to 4.26; assertions 40 and 41."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.checks.reading import AT_LOCATION, COMPLETED, history, state, stops, visit_states
from bpp.conformance.record import Flow, Record, last
from bpp.conformance.select import MADE, callbacks, whole_flow
from bpp.sandbox.exchange import Json, part

WRONG = "90002"
_TOKEN = re.compile(r"[0-9]{4,6}")


def _arrived(one: Record) -> bool:
    return AT_LOCATION in visit_states(one).values()


def _shown(subject: Subject) -> Iterator[Fault | NotRun]:
    if not history(subject):
        yield NotRun("the order was not shown before: the worker may have arrived long ago")
        return
    before = {visit for one in history(subject) for visit, now in visit_states(one).items() if now == AT_LOCATION}
    for path, stop, visit in stops(subject.message, "end"):
        if state(visit) == AT_LOCATION and str(visit["id"]) not in before and not part(stop, "authorization"):
            yield Fault(f"{path}.authorization", "a one-time password from the arrival on", "none")


def _form(subject: Subject) -> Iterator[Fault | NotRun]:
    found = [
        (path, stop["authorization"]) for path, stop, _ in stops(subject.message, "end") if "authorization" in stop
    ]
    if not found:
        yield NotRun("no one-time password is shown")
    for path, said in found:
        if said.get("type") != "OTP":
            yield Fault(f"{path}.authorization.type", "OTP", said.get("type"))
        if not _TOKEN.fullmatch(str(said.get("token", ""))):
            yield Fault(f"{path}.authorization.token", "four to six digits", said.get("token"))
        if said.get("status") != "valid":
            yield Fault(f"{path}.authorization.status", "valid", said.get("status"))


def _tokens(one: Record) -> dict[str, str]:
    return {
        str(visit["id"]): str(token)
        for _, stop, visit in stops(one, "end")
        if (token := part(stop, "authorization").get("token"))
    }


def _renewed(subject: Subject) -> Iterator[Fault]:
    old = {token for one in history(subject) for token in _tokens(one).values()}
    now = _tokens(subject.message)
    for path, _, visit in stops(subject.message, "end"):
        if state(visit) == AT_LOCATION and now.get(str(visit["id"]), "") in ("", *old):
            yield Fault(f"{path}.authorization.token", "another token than those before", now.get(str(visit["id"])))


def _deeds(flow: Flow, event: str, *, refused: bool) -> list[tuple[Json, Record | None]]:
    """What the seller's people did, with the callback that told it."""
    return [
        (one.value, last(said for said in flow.callbacks if said.message_id == one.value["told"]))
        for one in flow.notes
        if one.kind == "deed" and one.value["event"] == event and one.value["refused"] == refused
    ]


def _wrong_told(subject: Subject) -> Iterator[Fault | NotRun]:
    deeds = [one for one in subject.flow.notes if one.kind == "deed"]
    tried = [place for place, one in enumerate(deeds) if one.value["event"] == "start" and one.value["refused"]]
    if not tried:
        yield NotRun("nobody entered a wrong one-time password")
    for place in tried:
        begins = deeds[place - 1].after if place else 0
        ends = deeds[place + 1].after if place + 1 < len(deeds) else len(subject.flow.records)
        told = [one for one in subject.flow.callbacks if begins < one.number <= ends]
        if WRONG not in [one.error_code for one in told]:  # a new one may have been told by itself before
            yield Fault("error.code", WRONG, "no error", last(told))


def _right_told(subject: Subject) -> Iterator[Fault | NotRun]:
    tried = [told for _, told in _deeds(subject.flow, "start", refused=False) if told is not None]
    if not tried:
        yield NotRun("nobody entered a one-time password")
    for told in tried:
        if told.error_code or not _arrived(told):
            found = told.error_code or ", ".join(visit_states(told).values())
            yield Fault("message.order.fulfillments", "At-Location without an error", found, told)


def _completion_refused(subject: Subject) -> Iterator[Fault | NotRun]:
    tried = _deeds(subject.flow, "complete", refused=True)
    if not tried:
        yield NotRun("nobody tried to complete a service that was not started")
        return
    started = last(told for _, told in _deeds(subject.flow, "start", refused=False) if told is not None)
    for one in subject.flow.callbacks:
        early = started is None or one.number < started.number
        if early and one.action in MADE and COMPLETED in visit_states(one).values():
            yield Fault("message.order.fulfillments", "no completion before the one-time password", COMPLETED, one)
    if any(value["taken"] for value, _ in tried):
        yield Fault("time", "that a service that was not started cannot be completed", "it was")


CHECKS: tuple[Check, ...] = (
    Check(
        name="otp_shown",
        title="When the worker has arrived, the buyer app is shown a one-time password",
        sources=(
            "assertion 40",
            "protocol 1.7",
            "protocol 4.24",
            "protocol 4.25",
            "specification on_status message.order.fulfillments.stops.authorization",
        ),
        of=callbacks("on_status", where=_arrived),
        needs="on_status At-Location",
        judge=_shown,
    ),
    Check(
        name="otp_form",
        title="A one-time password has type OTP, four to six digits and status valid",
        sources=("assertion 40", "protocol 4.26"),
        of=callbacks(*MADE),
        needs="callback that shows an order",
        judge=_form,
    ),
    Check(
        name="otp_renewed",
        title="Beside 90002 another one-time password is shown",
        sources=("assertion 41", "protocol 2"),
        of=callbacks("on_status", where=lambda one: one.error_code == WRONG),
        needs="on_status with error 90002",
        judge=_renewed,
    ),
    Check(
        name="wrong_otp_told",
        title="A wrong one-time password is told the buyer app with error 90002",
        sources=("assertion 41", "protocol 2"),
        of=whole_flow,
        needs="flow",
        judge=_wrong_told,
    ),
    Check(
        name="right_otp_told",
        title="The right one-time password is told At-Location without an error",
        sources=("assertion 41", "protocol 1.7"),
        of=whole_flow,
        needs="flow",
        judge=_right_told,
    ),
    Check(
        name="completion_needs_otp",
        title="A service is not completed before its one-time password was entered",
        sources=("assertion 41",),
        of=whole_flow,
        needs="flow",
        judge=_completion_refused,
    ),
)

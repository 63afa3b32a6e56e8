"""Which starts can be had, and which are offered instead. Source: protocol 1.3, 1.4; assertions 16 and 17."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.conformance.check import Check, Fault, NotRun, Said, Severity, Subject
from bpp.conformance.checks.ordered import (
    alternatives,
    catalog_starts,
    ever_listed,
    label_of,
    sent_at,
    start_of,
    starts_told,
    stop_path,
)
from bpp.conformance.checks.probing import unprobed
from bpp.conformance.path import at
from bpp.conformance.record import Flow
from bpp.conformance.select import answered

NO_SLOT = "90001"
_LISTED = "its times are in no on_search of the transaction"


def _had(subject: Subject, *, where: str) -> Said:
    """A confirmation of what is on offer."""
    select, answer = subject.asked, subject.message
    if answer.error_code or label_of(answer.order) != "confirmed":
        found = answer.document.get("error") or label_of(answer.order) or "(no label)"
        yield Fault(
            f"{stop_path(subject.message.order, 'end')}.time.label", f"confirmed, without error: {where}", found
        )
    elif start_of(answer.order) != start_of(select.order):
        yield Fault(
            f"{stop_path(subject.message.order, 'end')}.time.range.start", "the selected start", start_of(answer.order)
        )


def _offered(subject: Subject) -> Said:
    select = subject.asked
    start, listed = start_of(select.order), catalog_starts(subject.flow, select)
    if listed is None:
        yield NotRun(_LISTED)
    elif start is None or start not in listed or start <= sent_at(select):
        yield NotRun("the selected time is not on offer, or past")
    elif len(select.order["items"]) > 1:
        yield NotRun("what is made to order may be had at some hours alone")
    else:
        yield from _had(subject, where="the catalog lists the start")


def _alternative(subject: Subject) -> Said:
    select = subject.asked
    start = start_of(select.order)
    if start is None or start not in starts_told(subject.flow, select) or start <= sent_at(select):
        yield NotRun("the selected time was not offered instead of another, or is past")
    else:
        yield from _had(subject, where="an answer before offered the start")


def _unavailable(subject: Subject) -> Said:
    select, answer = subject.asked, subject.message
    start, listed = start_of(select.order), catalog_starts(subject.flow, select)
    if start is None:
        yield NotRun("no time was selected")
        return
    if start <= sent_at(select):
        yield NotRun("the selected time is past: a matter of the check slot_future")
        return
    if listed is None:
        yield NotRun(_LISTED)
        return
    known = ever_listed(subject.flow, select) | starts_told(subject.flow, select)
    if start in known:
        yield NotRun("the selected time is on offer")
    elif not answer.error_code or label_of(answer.order) == "confirmed":
        yield Fault("error.code", f"{NO_SLOT} and label rejected: the start is not on offer", label_of(answer.order))


def _instead(subject: Subject) -> Said:
    answer = subject.message
    select = subject.asked
    others = alternatives(answer.order)
    start = start_of(select.order)
    free = {one for one in catalog_starts(subject.flow, select) or () if one > sent_at(select)} - {start}
    path = "message.order.items[0].time.schedule.times"
    if not any("time" in one for one in answer.order.get("items") or ()):
        yield NotRun("no times are shown at all: a matter of the check alternatives")
    elif not others and free:
        yield Fault(path, "starts that can be had instead: the catalog lists some", at(answer.document, path))
    elif not others:
        yield NotRun("nothing is known to be free instead")
    for one in others:
        if one <= sent_at(answer) or one == start:
            yield Fault(path, "later starts than now, without the refused one", f"{one:%Y-%m-%dT%H:%MZ}")
            return


def _priced(subject: Subject) -> Said:
    price = at(subject.message.document, "message.order.quote.price.value")
    if not float(price) > 0:
        yield Fault("message.order.quote.price.value", "the price at which another time can be had", price)


def _rejected(flow: Flow) -> Iterator[Subject]:
    return (one for one in answered("on_select", where=lambda one: one.error_code == NO_SLOT)(flow))


_SELECT = "on_select that answers a select"
_REFUSED = "on_select with error 90001"

CHECKS: tuple[Check, ...] = (
    Check(
        name="offered_slot_confirmed",
        title="A start that the catalog lists can be had",
        sources=("assertion 16", "protocol 1.3"),
        of=unprobed("on_select"),
        needs=_SELECT,
        judge=_offered,
    ),
    Check(
        name="unavailable_slot_rejected",
        title="A start that was never offered is rejected with 90001",
        sources=("assertion 17", "protocol 1.3"),
        of=answered("on_select"),
        needs=_SELECT,
        judge=_unavailable,
    ),
    Check(
        name="alternatives_offered",
        title="Where a start cannot be had, others that can be are offered",
        sources=("assertion 17", "protocol 1.4"),
        of=_rejected,
        needs=_REFUSED,
        judge=_instead,
    ),
    Check(
        name="alternative_confirmed",
        title="A start that was offered instead of another can be had",
        sources=("assertion 17", "protocol 1.3"),
        of=unprobed("on_select"),
        needs="select of a start that an answer offered",
        judge=_alternative,
    ),
    Check(
        name="rejected_but_priced",
        title="An on_select that rejects a start still shows the price",
        sources=("protocol 1.4",),
        of=_rejected,
        needs=_REFUSED,
        judge=_priced,
        severity=Severity.WARNING,
    ),
)

"""Select and its answer: echoes and slots. Source: protocol 1.3, 1.4; assertions 16 to 19 and 23."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.conformance.check import Check, Fault, NotRun, Severity, Subject
from bpp.conformance.checks import pricing, refusing
from bpp.conformance.checks.readings import (
    alternatives,
    base_item,
    catalog_starts,
    count_of,
    label_of,
    sent_at,
    start_of,
    starts_told,
    stop_path,
)
from bpp.conformance.path import at
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import answered
from bpp.sandbox.exchange import Json, part
from bpp.sandbox.offers import stop

Said = Iterator[Fault | NotRun]

NO_SLOT = "90001"
_ADDED = frozenset({"fulfillment_ids", "quantity", "time"})
"""What an answer adds to an item, or is compared by itself."""
_LISTED = "its times are in no on_search of the transaction"


def ordinary(flow: Flow) -> Iterator[Subject]:
    """The on_selects that answer a select which tries nothing."""
    for subject in answered("on_select")(flow):
        if subject.request is not None and not subject.request.probe:
            yield subject


def _asked(subject: Subject) -> Record:
    request = subject.request
    if request is None:
        raise LookupError("nobody asked")
    return request


def _items(subject: Subject) -> Said:
    selected = {str(one["id"]): one for one in _asked(subject).order["items"]}
    answer = subject.message.order.get("items") or ()
    shown = [str(one.get("id")) for one in answer]
    for missing in selected.keys() - {*shown}:
        yield Fault("message.order.items", f"the selected item {missing}", shown)
    for place, item in enumerate(answer):
        said = selected.get(str(item.get("id")))
        path = f"message.order.items[{place}]"
        if said is None:
            yield Fault(f"{path}.id", "an item that was selected", item.get("id"))
            continue
        if count_of(item) != count_of(said):
            yield Fault(f"{path}.quantity.selected.count", f"the selected {count_of(said)}", count_of(item))
        for key in said.keys() - _ADDED:
            if item.get(key) != said[key]:
                yield Fault(f"{path}.{key}", f"the selected {said[key]}", item.get(key))


def _provider(subject: Subject) -> Said:
    wanted = _asked(subject).order["provider"]["id"]
    found = part(subject.message.order, "provider").get("id")
    if found != wanted:
        yield Fault("message.order.provider.id", f"the selected {wanted}", found)


def _payment_type(subject: Subject) -> Said:
    selected = _asked(subject).order.get("payments") or [{}]
    wanted = selected[0].get("type")
    found = at(subject.message.document, "message.order.payments[0].type")
    if wanted is None:
        yield NotRun("no payment type was selected")
    elif found != wanted:
        yield Fault("message.order.payments[0].type", f"the selected {wanted}", found)


def _start(subject: Subject) -> Said:
    wanted = start_of(_asked(subject).order)
    if wanted is None:
        yield NotRun("no time was selected")
    elif start_of(subject.message.order) != wanted:
        found = part(part(stop(subject.message.order, "end"), "time"), "range").get("start")
        yield Fault(
            f"{stop_path(subject.message.order, 'end')}.time.range.start",
            f"the selected {wanted:%Y-%m-%dT%H:%MZ}",
            found,
        )


def _place(subject: Subject) -> Said:
    wanted = part(stop(_asked(subject).order, "end"), "location").get("area_code")
    found = part(stop(subject.message.order, "end"), "location").get("area_code")
    if wanted is None:
        yield NotRun("no area_code was selected")
    elif found != wanted:
        yield Fault(f"{stop_path(subject.message.order, 'end')}.location.area_code", f"the selected {wanted}", found)


def _tags(subject: Subject) -> Said:
    visits: list[Json] = _asked(subject).order.get("fulfillments") or [{}]
    tags = visits[0].get("tags")
    found = at(subject.message.document, "message.order.fulfillments[0].tags")
    if not tags:
        yield NotRun("the selected fulfillment has no tags")
    elif found != tags:
        yield Fault("message.order.fulfillments[0].tags", "the selected fulfillment's", found)


def _had(subject: Subject, *, where: str) -> Said:
    """A confirmation of what is on offer."""
    select, answer = _asked(subject), subject.message
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
    select = _asked(subject)
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
    select = _asked(subject)
    start = start_of(select.order)
    if start is None or start not in starts_told(subject.flow, select) or start <= sent_at(select):
        yield NotRun("the selected time was not offered instead of another, or is past")
    else:
        yield from _had(subject, where="an answer before offered the start")


def _unavailable(subject: Subject) -> Said:
    select, answer = _asked(subject), subject.message
    start, listed = start_of(select.order), catalog_starts(subject.flow, select)
    if start is None:
        yield NotRun("no time was selected")
        return
    past = start <= sent_at(select)
    if listed is None and not past:
        yield NotRun(_LISTED)
        return
    known = (listed or set()) | starts_told(subject.flow, select)
    if start in known and not past:
        yield NotRun("the selected time is on offer")
    elif not answer.error_code or label_of(answer.order) == "confirmed":
        why = "past" if past else "not on offer"
        yield Fault("error.code", f"{NO_SLOT} and label rejected: the start is {why}", label_of(answer.order))


def _instead(subject: Subject) -> Said:
    answer = subject.message
    select = _asked(subject)
    others = alternatives(answer.order)
    start = start_of(select.order)
    free = {one for one in catalog_starts(subject.flow, select) or () if one > sent_at(select)} - {start}
    path = "message.order.items[0].time.schedule.times"
    if not any("time" in one for one in answer.order.get("items") or ()):
        yield NotRun("no times are shown at all: a matter of the check alternatives")
    elif not others and free:
        yield Fault(path, "starts that can be had instead: the catalog lists some", at(answer.document, path))
    for one in others:
        if one <= sent_at(answer) or one == start:
            yield Fault(path, "later starts than now, without the refused one", f"{one:%Y-%m-%dT%H:%MZ}")
            return


def _priced(subject: Subject) -> Said:
    price = at(subject.message.document, "message.order.quote.price.value")
    if not float(price) > 0:
        yield Fault("message.order.quote.price.value", "the price at which another time can be had", price)


def _base(subject: Subject) -> Said:
    visits = {one.get("id") for one in subject.message.order["fulfillments"]}
    found = base_item(subject.message.order).get("fulfillment_ids")
    if not found or not {*found} <= visits:
        yield Fault("message.order.items[0].fulfillment_ids", "the ids of fulfillments of this order", found)


def _rejected(flow: Flow) -> Iterator[Subject]:
    return (one for one in answered("on_select", where=lambda one: one.error_code == NO_SLOT)(flow))


def _undisputed(flow: Flow) -> Iterator[Subject]:
    return (one for one in answered("on_select", where=lambda one: not one.error_code)(flow))


_SELECT = "on_select that answers a select"
_REFUSED = "on_select with error 90001"

CHECKS: tuple[Check, ...] = (
    Check(
        name="select_items",
        title="An on_select shows the selected items as they were selected",
        sources=("assertion 19", "protocol 1.4", "protocol 4.9", "protocol 4.12"),
        of=ordinary,
        needs=_SELECT,
        judge=_items,
    ),
    Check(
        name="select_provider",
        title="An on_select names the selected provider",
        sources=("assertion 19", "protocol 1.4"),
        of=ordinary,
        needs=_SELECT,
        judge=_provider,
    ),
    Check(
        name="select_payment_type",
        title="The first payment of an on_select has the selected type",
        sources=("assertion 19", "protocol 1.4"),
        of=ordinary,
        needs=_SELECT,
        judge=_payment_type,
    ),
    Check(
        name="select_start",
        title="An on_select repeats the selected start to the minute, confirmed or rejected",
        sources=("assertion 16", "protocol 1.4", "protocol 4.4"),
        of=answered("on_select"),
        needs=_SELECT,
        judge=_start,
    ),
    Check(
        name="select_place",
        title="An on_select repeats where the customer is",
        sources=("protocol 1.4",),
        of=ordinary,
        needs=_SELECT,
        judge=_place,
    ),
    Check(
        name="select_tags",
        title="The tags of a selected fulfillment come back",
        sources=("protocol 1.0", "protocol 1.4"),
        of=answered("on_select"),
        needs=_SELECT,
        judge=_tags,
        severity=Severity.WARNING,
    ),
    Check(
        name="select_fulfillment_ids",
        title="What was selected names the fulfillment that the seller app made for it",
        sources=("assertion 16", "protocol 1.4"),
        of=_undisputed,
        needs="on_select without error",
        judge=_base,
    ),
    Check(
        name="offered_slot_confirmed",
        title="A start that the catalog lists can be had",
        sources=("assertion 16", "protocol 1.3"),
        of=ordinary,
        needs=_SELECT,
        judge=_offered,
    ),
    Check(
        name="unavailable_slot_rejected",
        title="A start that is past or was never offered is rejected with 90001",
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
        of=ordinary,
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
    *refusing.SELECTS,
    *pricing.CHECKS,
)

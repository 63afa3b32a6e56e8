"""Select and its answer: echoes and slots. Source: protocol 1.3, 1.4; assertions 16 to 19 and 23."""

from __future__ import annotations

from bpp.conformance.check import Check, Fault, NotRun, Said, Severity, Subject
from bpp.conformance.checks import declining, pricing, slots
from bpp.conformance.checks.ordered import (
    count_of,
    start_of,
    stop_path,
)
from bpp.conformance.checks.probing import unprobed
from bpp.conformance.path import at
from bpp.conformance.select import answered
from bpp.sandbox.exchange import Json, part
from bpp.sandbox.offers import stop

NO_SLOT = "90001"
_ADDED = frozenset({"fulfillment_ids", "quantity", "time"})
"""What an answer adds to an item, or is compared by itself."""
_LISTED = "its times are in no on_search of the transaction"


def _items(subject: Subject) -> Said:
    selected = {str(one["id"]): one for one in subject.asked.order["items"]}
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
    wanted = subject.asked.order["provider"]["id"]
    found = part(subject.message.order, "provider").get("id")
    if found != wanted:
        yield Fault("message.order.provider.id", f"the selected {wanted}", found)


def _payment_type(subject: Subject) -> Said:
    selected = subject.asked.order.get("payments") or [{}]
    wanted = selected[0].get("type")
    found = at(subject.message.document, "message.order.payments[0].type")
    if wanted is None:
        yield NotRun("no payment type was selected")
    elif found != wanted:
        yield Fault("message.order.payments[0].type", f"the selected {wanted}", found)


def _start(subject: Subject) -> Said:
    wanted = start_of(subject.asked.order)
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
    wanted = part(stop(subject.asked.order, "end"), "location").get("area_code")
    found = part(stop(subject.message.order, "end"), "location").get("area_code")
    if wanted is None:
        yield NotRun("no area_code was selected")
    elif found != wanted:
        yield Fault(f"{stop_path(subject.message.order, 'end')}.location.area_code", f"the selected {wanted}", found)


def _tags(subject: Subject) -> Said:
    visits: list[Json] = subject.asked.order.get("fulfillments") or [{}]
    tags = visits[0].get("tags")
    found = at(subject.message.document, "message.order.fulfillments[0].tags")
    if not tags:
        yield NotRun("the selected fulfillment has no tags")
    elif found != tags:
        yield Fault("message.order.fulfillments[0].tags", "the selected fulfillment's", found)


_SELECT = "on_select that answers a select"
_REFUSED = "on_select with error 90001"

CHECKS: tuple[Check, ...] = (
    Check(
        name="select_items",
        title="An on_select shows the selected items as they were selected",
        sources=("assertion 19", "protocol 1.4", "protocol 4.9", "protocol 4.12"),
        of=unprobed("on_select"),
        needs=_SELECT,
        judge=_items,
    ),
    Check(
        name="select_provider",
        title="An on_select names the selected provider",
        sources=("assertion 19", "protocol 1.4"),
        of=unprobed("on_select"),
        needs=_SELECT,
        judge=_provider,
    ),
    Check(
        name="select_payment_type",
        title="The first payment of an on_select has the selected type",
        sources=("assertion 19", "protocol 1.4"),
        of=unprobed("on_select"),
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
        of=unprobed("on_select"),
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
    *slots.CHECKS,
    *declining.SELECTS,
    *pricing.CHECKS,
)

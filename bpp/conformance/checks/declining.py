"""What is tried with a select: oddly spelled ones that must be taken, and ones that must be refused, by their codes.

Source: protocol 1.3 and 4.7; assertions 17, 18 and 22 to 24.
"""

from __future__ import annotations

from bpp.conformance.check import Check, Fault, Said, Subject
from bpp.conformance.checks.ordered import base_item, count_of, label_of, start_of, stop_path
from bpp.conformance.checks.probing import Judge, accepted, refused
from bpp.conformance.select import probes
from bpp.sandbox.offers import state

_STATE = "message.order.fulfillments[0].state.descriptor.code"


def _one_unit(subject: Subject) -> Said:
    found = count_of(base_item(subject.message.order))
    if found != 1:
        yield Fault("message.order.items[0].quantity.selected.count", "1, as nothing else was said", found)


def _same_minute(subject: Subject) -> Said:
    request = subject.request
    if request is not None and start_of(subject.message.order) != start_of(request.order):
        yield Fault(
            f"{stop_path(subject.message.order, 'end')}.time", "the selected start", start_of(subject.message.order)
        )
    if label_of(subject.message.order) != "confirmed":
        yield Fault(
            f"{stop_path(subject.message.order, 'end')}.time", "label confirmed", label_of(subject.message.order)
        )


def _not_confirmed(subject: Subject) -> Said:
    if label_of(subject.message.order) == "confirmed":
        yield Fault(
            f"{stop_path(subject.message.order, 'end')}.time",
            "no confirmation of a time that nobody chose",
            "confirmed",
        )


def _non_serviceable(subject: Subject) -> Said:
    found = state(subject.message.order)
    if found != "Non-serviceable":
        yield Fault(_STATE, "Non-serviceable", found or "(absent)")


def _check(
    name: str, title: str, source: str, probe: str, judge: Judge, *more: str, scenario: str = "select_refusals"
) -> Check:
    return Check(
        name=name,
        title=title,
        sources=(source, *more),
        of=probes(probe),
        needs=f"select of the kind {probe.replace('_', ' ')}",
        judge=judge,
        scenarios=frozenset({scenario}),
    )


SELECTS: tuple[Check, ...] = (
    _check(
        "select_without_time",
        "A select without a time is refused with 90003, or answered with the free ones and 90001",
        "assertion 18",
        "no_time",
        refused("90003", "90001", also=_not_confirmed),
        "protocol 4.7",
        "protocol 1.3",
        scenario="schedule_not_provided",
    ),
    _check("unknown_provider", "An unknown provider is 30001", "assertion 22", "unknown_provider", refused("30001")),
    _check("unknown_item", "An unknown item is 30004", "assertion 22", "unknown_item", refused("30004")),
    _check(
        "count_beyond_maximum",
        "More than can be had is 40002 or 40009",
        "assertion 22",
        "too_many",
        refused("40002", "40009"),
    ),
    _check(
        "payment_type_unsupported",
        "A type of payment that the item is not sold with is 40004",
        "assertion 22",
        "unsupported_payment",
        refused("40004"),
    ),
    _check(
        "place_not_served",
        "A place that is not served is 30009 or 30010, and Non-serviceable where an on_select says it",
        "assertion 22",
        "not_served",
        refused("30009", "30010", also=_non_serviceable),
        "protocol 1.3",
    ),
    _check(
        "past_start_refused",
        "A start that is past is 90001",
        "assertion 17",
        "past_start",
        refused("90001"),
        "protocol 1.3",
    ),
    _check(
        "choice_missing_refused",
        "A select without a choice that must be made is refused",
        "assertion 24",
        "nothing_chosen",
        refused("40000", "30000", "30004", "40002"),
        scenario="choice_refusals",
    ),
    _check(
        "choice_exceeded_refused",
        "A select with more choices of a category than may be made is refused",
        "assertion 24",
        "too_much_chosen",
        refused("40009", "40000", "30000", "40002"),
        scenario="choice_refusals",
    ),
    Check(
        name="left_out_means_one",
        title="A quantity left out or put under the provider means one, a strange location id the only location",
        sources=("assertion 23", "protocol 1.0", "protocol 1.3"),
        of=probes("no_quantity", "quantity_of_provider", "unknown_location"),
        needs="select in the spelling of real buyer apps",
        judge=accepted(_one_unit),
        scenarios=frozenset({"select_variants"}),
    ),
    Check(
        name="start_to_the_minute",
        title="A start counts to the minute, and an end that is not after it is not believed",
        sources=("protocol 1.3", "protocol 4.4"),
        of=probes("seconds_of_start", "end_before_start"),
        needs="select with odd seconds or an odd end",
        judge=accepted(_same_minute),
        scenarios=frozenset({"select_variants"}),
    ),
)

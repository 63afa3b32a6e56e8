"""Words that receivers take in any spelling, and that are best sent in one. Source: protocol 1.0, 7; ADR 0033."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from beckn_schemas.invariants_base import entries
from beckn_schemas.spellings import FEE_CODES
from beckn_schemas.strict_catalog import tag_code
from bpp.conformance.check import Check, Fault, NotRun, Severity, Subject
from bpp.conformance.checks.plain_form import word
from bpp.conformance.checks.required import places, steps_of
from bpp.conformance.select import MADE, ORDERED, callbacks

STATES = ("Pending", "In-Transit", "At-Location", "Completed", "Cancelled", "Serviceable", "Non-serviceable")
_STATUSES = ("CREATED", "ACCEPTED", "IN-PROGRESS", "COMPLETED", "CANCELLED", "PENDING")
_STATE = "message.order.fulfillments[].state.descriptor.code"
_STATUS = "message.order.status"
_DOCUMENT = "message.order.documents[].label"
_LABELS = ("message.catalog.providers[].time.label", "message.catalog.providers[].items[].time.label")
_SCHEDULES = ("message.catalog.providers[].time.days", "message.catalog.providers[].items[].time.days")
_FEE = "message.order.payments[].tags[Buyer_Finder_Fee]"
_AREA = "message.catalog.providers[].tags[serviceability]"
Judge = Callable[[Subject], Iterator[Fault]]


def _standing(document: Any, path: str) -> Iterator[tuple[str, Any]]:
    parent, last = steps_of(path)
    return places(document, (*parent, *last))


def _states(subject: Subject) -> Iterator[Fault]:
    known = {word(one): one for one in STATES}
    for path, value in _standing(subject.message.document, _STATE):
        if word(value) in known and value != known[word(value)]:
            yield Fault(path, known[word(value)], value)


def _statuses(subject: Subject) -> Iterator[Fault]:
    known = {word(one): one for one in _STATUSES}
    for path, value in _standing(subject.message.document, _STATUS):
        spelled = known.get(word(value), value)
        if value not in {spelled, str(spelled).capitalize()}:
            yield Fault(path, f"{spelled} or {str(spelled).capitalize()}", value)


def _labels(subject: Subject) -> Iterator[Fault]:
    document = subject.message.document
    for place in _LABELS:
        for path, value in _standing(document, place):
            if value != "validity" and word(value) == "validity":
                yield Fault(path, "validity", value)
    for path, value in _standing(document, _DOCUMENT):
        if value != "INVOICE" and word(value) == word("INVOICE"):
            yield Fault(path, "INVOICE", value)


def _finder_fee(subject: Subject) -> Iterator[Fault]:
    wanted = FEE_CODES["Buyer_Finder_Fee"]
    for path, group in _standing(subject.message.document, _FEE):
        for index, entry in enumerate(group["list"]):
            code = str(tag_code(entry))
            fitting = next((one for one in wanted if word(one) == word(code)), code)
            if code != fitting:
                yield Fault(f"{path}.list[{index}].descriptor.code", fitting, code)


def _percent(subject: Subject) -> Iterator[Fault]:
    for path, group in _standing(subject.message.document, _FEE):
        kinds: Mapping[int, str] = {n: str(one.get("value")) for n, one in enumerate(group["list"])}
        yield from (
            Fault(f"{path}.list[{index}].value", "percent", value)
            for index, value in kinds.items()
            if word(value) == "percentage"
        )


def _days(subject: Subject) -> Iterator[Fault]:
    """The catalog's alone: those of a slot may be the buyer app's."""
    for place in _SCHEDULES:
        for path, value in _standing(subject.message.document, place):
            spelled = ",".join(one.strip().lstrip("0") for one in str(value).split(","))
            if value != spelled:
                yield Fault(path, spelled, value)


def _once(subject: Subject) -> Iterator[Fault]:
    """Areas that differ in their category alone are one area: a tag may name all categories of the domain."""
    for path, provider in places(subject.message.document, steps_of("message.catalog.providers[].id")[0]):
        seen: set[tuple[str | None, ...]] = set()
        for index, group in enumerate(provider["tags"]):
            said = entries(group) if tag_code(group) == "serviceability" else {}
            area = tuple(said.get(code) for code in ("location", "type", "val", "unit"))
            if said and area in seen:
                yield Fault(f"{path}.tags[{index}]", "one tag for this area", said.get("category"))
                return
            seen.add(area)


def _warning(name: str, title: str, of: tuple[str, ...], judge: Judge, paths: tuple[str, ...], *sources: str) -> Check:
    """A check of the spelling of what stands at ``paths``."""

    def spelled(subject: Subject) -> Iterator[Fault | NotRun]:
        if not any(True for path in paths for _ in _standing(subject.message.document, path)):
            yield NotRun("there is nothing that could be spelled so")
        yield from judge(subject)

    return Check(
        name=name,
        title=title,
        sources=sources,
        of=callbacks(*of),
        needs=" or ".join(of),
        judge=spelled,
        severity=Severity.WARNING,
    )


CHECKS: tuple[Check, ...] = (
    _warning(
        "state_spelling",
        "States are spelled Pending, In-Transit, At-Location, Completed, Cancelled, Serviceable, Non-serviceable",
        ORDERED,
        _states,
        (_STATE,),
        "protocol 1.0",
        "protocol 7",
    ),
    _warning(
        "status_spelling",
        "The order's status is spelled in capitals or with one capital letter, with the hyphen",
        MADE,
        _statuses,
        (_STATUS,),
        "protocol 1.0",
        "protocol 4.18",
        "protocol 7",
    ),
    _warning(
        "label_spelling",
        "Labels are spelled validity and INVOICE",
        ("on_search", *MADE),
        _labels,
        (*_LABELS, _DOCUMENT),
        "protocol 1.2",
        "protocol 1.7",
    ),
    _warning(
        "finder_fee_spelling",
        "The finder fee's codes are spelled Buyer_Finder_Fee_Type and Buyer_Finder_Fee_Amount",
        ("on_init", *MADE),
        _finder_fee,
        (_FEE,),
        "protocol 1.0",
    ),
    _warning(
        "finder_fee_percent",
        "A finder fee in per cent is of the type percent",
        ("on_init", *MADE),
        _percent,
        (_FEE,),
        "protocol 1.0",
        "protocol 4.16",
    ),
    _warning(
        "days_spelling",
        "Weekdays are spelled 1 to 7, without a zero before them and without spaces",
        ("on_search",),
        _days,
        _SCHEDULES,
        "protocol 1.2",
        "protocol 3",
    ),
    _warning(
        "serviceability_once",
        "A provider says in one tag what area it serves, and not once for each category",
        ("on_search",),
        _once,
        (_AREA,),
        "protocol 3",
    ),
)

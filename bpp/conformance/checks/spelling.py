"""Words that receivers take in any spelling, and that are best sent in one. Source: protocol 1.0, 7; ADR 0033."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from beckn_schemas.spellings import FEE_CODES
from beckn_schemas.strict_catalog import tag_code
from bpp.conformance.check import Check, Fault, Severity, Subject
from bpp.conformance.checks.plain_form import word
from bpp.conformance.checks.required import places, steps_of
from bpp.conformance.select import MADE, ORDERED, callbacks

STATES = ("Pending", "In-Transit", "At-Location", "Completed", "Cancelled", "Serviceable", "Non-serviceable")
_STATUSES = ("CREATED", "ACCEPTED", "IN-PROGRESS", "COMPLETED", "CANCELLED", "PENDING")
_FEE_TAG = "Buyer_Finder_Fee"


def _standing(document: Any, path: str) -> Iterator[tuple[str, Any]]:
    parent, last = steps_of(path)
    return places(document, (*parent, *last))


def _states(subject: Subject) -> Iterator[Fault]:
    known = {word(one): one for one in STATES}
    for path, value in _standing(subject.message.document, "message.order.fulfillments[].state.descriptor.code"):
        if word(value) in known and value != known[word(value)]:
            yield Fault(path, known[word(value)], value)


def _statuses(subject: Subject) -> Iterator[Fault]:
    known = {word(one): one for one in _STATUSES}
    for path, value in _standing(subject.message.document, "message.order.status"):
        spelled = known.get(word(value), value)
        if value not in {spelled, str(spelled).capitalize()}:
            yield Fault(path, f"{spelled} or {str(spelled).capitalize()}", value)


def _labels(subject: Subject) -> Iterator[Fault]:
    document = subject.message.document
    for place in ("message.catalog.providers[].time.label", "message.catalog.providers[].items[].time.label"):
        for path, value in _standing(document, place):
            if value != "validity" and word(value) == "validity":
                yield Fault(path, "validity", value)
    for path, value in _standing(document, "message.order.documents[].label"):
        if value != "INVOICE" and word(value) == word("INVOICE"):
            yield Fault(path, "INVOICE", value)


def _finder_fee(subject: Subject) -> Iterator[Fault]:
    wanted = FEE_CODES["Buyer_Finder_Fee"]
    for path, group in _standing(subject.message.document, f"message.order.payments[].tags[{_FEE_TAG}]"):
        for index, entry in enumerate(group["list"]):
            code = str(tag_code(entry))
            fitting = next((one for one in wanted if word(one) == word(code)), code)
            if code != fitting:
                yield Fault(f"{path}.list[{index}].descriptor.code", fitting, code)


def _percent(subject: Subject) -> Iterator[Fault]:
    for path, group in _standing(subject.message.document, f"message.order.payments[].tags[{_FEE_TAG}]"):
        kinds: Mapping[int, str] = {n: str(one.get("value")) for n, one in enumerate(group["list"])}
        yield from (
            Fault(f"{path}.list[{index}].value", "percent", value)
            for index, value in kinds.items()
            if word(value) == "percentage"
        )


def _warning(name: str, title: str, of: tuple[str, ...], judge: Any, *sources: str) -> Check:
    return Check(
        name=name,
        title=title,
        sources=sources,
        of=callbacks(*of),
        needs=" or ".join(of),
        judge=judge,
        severity=Severity.WARNING,
    )


CHECKS: tuple[Check, ...] = (
    _warning(
        "state_spelling",
        "States are spelled Pending, In-Transit, At-Location, Completed, Cancelled, Serviceable, Non-serviceable",
        ORDERED,
        _states,
        "protocol 1.0",
        "protocol 7",
    ),
    _warning(
        "status_spelling",
        "The order's status is spelled in capitals or with one capital letter, with the hyphen",
        MADE,
        _statuses,
        "protocol 1.0",
        "protocol 4.18",
        "protocol 7",
    ),
    _warning(
        "label_spelling",
        "Labels are spelled validity and INVOICE",
        ("on_search", *MADE),
        _labels,
        "protocol 1.2",
        "protocol 1.7",
    ),
    _warning(
        "finder_fee_spelling",
        "The finder fee's codes are spelled Buyer_Finder_Fee_Type and Buyer_Finder_Fee_Amount",
        ("on_init", *MADE),
        _finder_fee,
        "protocol 1.0",
    ),
    _warning(
        "finder_fee_percent",
        "A finder fee in per cent is of the type percent",
        ("on_init", *MADE),
        _percent,
        "protocol 1.0",
        "protocol 4.16",
    ),
)

"""Payments and fees of what is agreed. Source: protocol 1.0, 1.5, 4.13, 4.15, 4.16; assertions 27, 31."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from bpp.conformance.check import Check, Fault, NotRun, Said, Subject
from bpp.conformance.checks.ordered import money, tagged, total
from bpp.conformance.path import ABSENT, at
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import answered
from bpp.sandbox.exchange import Json, part

_FEE = "Buyer_Finder_Fee"
_TYPES = {"percentage": "percent"}
"""One word for two spellings (protocol 1.0, row "finder fee"; 4.16)."""


def _agreed(flow: Flow) -> Iterator[Subject]:
    yield from answered("on_init", "on_confirm", where=lambda one: not one.error_code)(flow)


def _confirmed(flow: Flow) -> Iterator[Subject]:
    yield from answered("on_confirm", where=lambda one: not one.error_code)(flow)


def _due(subject: Subject) -> Said:
    callback = subject.message
    earlier = subject.flow.before(callback, "on_select" if callback.action == "on_init" else "on_init")
    if earlier is None or earlier.error_code:
        yield NotRun("there is no quote before to compare with")
        return
    due = sum((money(one["params"]["amount"]) for one in callback.order["payments"]), Decimal())
    if due != total(earlier.order):
        path = "message.order.payments[0].params.amount"
        yield Fault(path, f"together what the {earlier.action} quotes: {total(earlier.order)}", str(due))


def _type(subject: Subject) -> Said:
    callback = subject.message
    earlier = subject.flow.before(callback, "init")
    said = at(earlier.document, "message.order.payments[0].type") if earlier is not None else ABSENT
    found = at(callback.document, "message.order.payments[0].type")
    if earlier is None or said == ABSENT:
        yield NotRun("no payment type was said before")
    elif found != said:
        yield Fault("message.order.payments[0].type", f"the init's: {said}", found)


def _echo(subject: Subject) -> Said:
    request = subject.request
    said: Json = (request.order.get("payments") or [{}])[0] if request is not None else {}
    shown: Json = (subject.message.order.get("payments") or [{}])[0]
    for key in ("id", "status"):
        if said.get(key) and shown.get(key) != said[key]:
            yield Fault(f"message.order.payments[0].{key}", f"the confirm's: {said[key]}", shown.get(key, ABSENT))
    paid = part(said, "params").get("transaction_id")
    if paid and part(shown, "params").get("transaction_id") != paid:
        path = "message.order.payments[0].params.transaction_id"
        yield Fault(path, f"the confirm's: {paid}", part(shown, "params").get("transaction_id", ABSENT))


def _fee(subject: Subject) -> Said:
    search = _search(subject)
    wanted = _fee_of(tagged(part(search.message, "intent"), "BAP_Terms")) if search is not None else None
    if wanted is None:
        yield NotRun("no search of this transaction says a fee")
        return
    for place, payment in enumerate(subject.message.order["payments"]):
        found = _fee_of(tagged(payment, _FEE))
        if found != wanted:
            path = f"message.order.payments[{place}].tags"
            yield Fault(path, f"{_FEE} as in the search: {wanted[0]} {wanted[1]}", _words(found))


def _search(subject: Subject) -> Record | None:
    return subject.flow.before(subject.message, "search")


def _fee_of(entries: Mapping[str, str]) -> tuple[str, Decimal] | None:
    """Type and amount of a fee, in any of the spellings."""
    codes = {code.casefold().removeprefix("buyer_"): value for code, value in entries.items()}
    kind, value = codes.get("finder_fee_type"), codes.get("finder_fee_amount")
    if kind is None or value is None:
        return None
    return _TYPES.get(kind.casefold(), kind.casefold()), money(value)


def _words(fee: tuple[str, Decimal] | None) -> str:
    return f"{fee[0]} {fee[1]}" if fee is not None else ABSENT


def _settlement(subject: Subject) -> Said:
    """Where the money goes is agreed in the on_init: an on_confirm says the same."""
    earlier = subject.flow.before(subject.message, "on_init")
    if earlier is None:
        yield NotRun("there is no on_init in this transaction")
        return
    for group in ("Settlement_Counterparty", "Settlement_Details"):
        wanted = tagged(earlier.order["payments"][0], group)
        found = tagged(subject.message.order["payments"][0], group)
        if not wanted:
            yield NotRun(f"the on_init has no {group}")
        elif found != wanted:
            yield Fault("message.order.payments[0].tags", f"{group} as in the on_init", found or ABSENT)


_ANSWER = "on_init or on_confirm without error"

CHECKS: tuple[Check, ...] = (
    Check(
        name="amount_due",
        title="The amounts of the payments sum to what was quoted before",
        sources=("assertion 27", "protocol 1.5", "protocol 4.13"),
        of=_agreed,
        needs=_ANSWER,
        judge=_due,
    ),
    Check(
        name="payment_type_stays",
        title="The type of payment of an init stays",
        sources=("assertion 42", "protocol 1.5"),
        of=answered("on_init", where=lambda one: not one.error_code),
        needs="on_init without error",
        judge=_type,
    ),
    Check(
        name="payment_echo",
        title="An on_confirm repeats id, status and transaction_id of the confirm's payment",
        sources=("assertion 31", "protocol 1.5", "protocol 1.6"),
        of=_confirmed,
        needs="on_confirm without error",
        judge=_echo,
    ),
    Check(
        name="finder_fee",
        title="The buyer app's fee in the payments is that of its search",
        sources=("assertion 27", "protocol 1.0", "protocol 4.16"),
        of=_agreed,
        needs=_ANSWER,
        judge=_fee,
    ),
    Check(
        name="agreed_settlement",
        title="An on_confirm names the settlement of the on_init",
        sources=("assertion 27", "protocol 4.15", "protocol 7"),
        of=_confirmed,
        needs="on_confirm without error",
        judge=_settlement,
    ),
)

"""Reconciliation: in which context it is answered, what is agreed to. Source: network 2.1 to 2.6; assertion 57."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from bpp.conformance.check import Check, Fault, NotRun, Said, Select, Severity, Subject
from bpp.conformance.checks.context import when
from bpp.conformance.checks.grievances import reply_comes, taken
from bpp.conformance.checks.probing import refused
from bpp.conformance.path import ABSENT, at
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import answered, callbacks, probes
from bpp.sandbox.exchange import Json, part

AMOUNTS = ("amount", "commission", "withholding_amount", "tcs", "tds")
PLAYED, REFUSED = frozenset({"reconciliation"}), frozenset({"recon_refused"})
_SAME = (
    "domain",
    "version",
    "location.country.code",
    "location.city.code",
    "bap_id",
    "bap_uri",
    "bpp_id",
    "bpp_uri",
    "transaction_id",
    "message_id",
)
_LIFETIME = "P1D"
_MONEY = re.compile(r"\d+\.\d{2}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SETTLED = "SETTLED"
_OF_A_QUESTION = ("payment_id", "updated_at")
_NEAR = Decimal("0.01")
"""By how much two amounts may differ and still be one (network 2.5)."""


def _told(flow: Flow) -> Iterator[Subject]:
    """Answers that are no error."""
    yield from answered("on_recon", where=lambda one: not one.error_code)(flow)


def _figures(flow: Flow) -> Iterator[Subject]:
    """The same, and what the seller app asks in recons of its own."""
    yield from callbacks("on_recon", "recon", where=lambda one: not one.error_code)(flow)


def _orders(record: Record) -> list[Json]:
    return list(record.message["orders"])


def _settlements(record: Record) -> Iterator[tuple[str, Json, Json]]:
    for place, order in enumerate(_orders(record)):
        for number, one in enumerate(order["settlements"]):
            yield f"message.orders[{place}].settlements[{number}]", order, one


def _value(holder: Json, key: str) -> Decimal:
    return Decimal(str(part(holder, key)["value"]))


def _context(subject: Subject) -> Said:
    callback, asked = subject.message.context, subject.asked
    for key in _SAME:
        if at(callback, key) != at(asked.context, key):
            yield Fault(f"context.{key}", f"the recon's: {at(asked.context, key)}", at(callback, key))
    if callback.get("ttl") != _LIFETIME:
        yield Fault("context.ttl", _LIFETIME, callback.get("ttl"))


def _later(subject: Subject) -> Said:
    asked = when(subject.asked)
    if when(subject.message) <= asked:
        yield Fault(
            "context.timestamp", f"later than the recon's: {asked.isoformat()}", subject.message.context["timestamp"]
        )


def _every_order(subject: Subject) -> Said:
    told = sorted(str(one.get("id")) for one in _orders(subject.message))
    wanted = sorted(str(one["id"]) for one in _orders(subject.asked))
    if told != wanted:
        yield Fault("message.orders", f"each order of the recon, once: {wanted}", told)


def _keys(subject: Subject) -> Said:
    for path, _, one in _settlements(subject.message):
        more = _OF_A_QUESTION if subject.message.action == "recon" else ()
        for key in ("id", "status", *(f"{name}.value" for name in AMOUNTS), *more):
            if at(one, key) in (ABSENT, None, ""):
                yield Fault(f"{path}.{key}", "a value", at(one, key))


def _money(subject: Subject) -> Said:
    """Two decimals, always: other receivers refuse any other form (network 2.2, "Strictness")."""
    holders: list[tuple[str, Json, tuple[str, ...]]]
    holders = [(f"message.orders[{place}]", one, ("amount",)) for place, one in enumerate(_orders(subject.message))]
    holders += [(path, one, AMOUNTS) for path, _, one in _settlements(subject.message)]
    for path, holder, names in holders:
        for name in names:
            for key, found in part(holder, name).items():
                if key != "currency" and not (isinstance(found, str) and _MONEY.fullmatch(found)):
                    yield Fault(f"{path}.{name}.{key}", "an amount with two decimals", found)


def _accord(subject: Subject) -> Said:
    for place, order in enumerate(_orders(subject.message)):
        if not isinstance(order.get("recon_accord"), bool):
            yield Fault(f"message.orders[{place}].recon_accord", "true or false", order.get("recon_accord"))
    for path, order, one in _settlements(subject.message):
        if order.get("recon_accord") is True and one.get("status") != _SETTLED and not one.get("due_date"):
            yield Fault(f"{path}.due_date", "the day of payment", one.get("due_date"))
        for key in AMOUNTS if order.get("recon_accord") is False else ():
            if "diff_value" not in part(one, key):
                yield Fault(f"{path}.{key}.diff_value", "the difference", one.get(key))


def _day(subject: Subject) -> Said:
    found = [(path, one["due_date"]) for path, _, one in _settlements(subject.message) if one.get("due_date")]
    if not found:
        yield NotRun("no day of payment was told")
    for path, day in found:
        if not (isinstance(day, str) and _DAY.fullmatch(day)):
            yield Fault(f"{path}.due_date", "a date such as 2026-01-31", day)


def _references(subject: Subject) -> Said:
    for path, _, one in _settlements(subject.message):
        if (one.get("status") == _SETTLED) != bool(one.get("settlement_ref_no")):
            yield Fault(
                f"{path}.settlement_ref_no", "a reference where SETTLED, else none", one.get("settlement_ref_no")
            )


def _adds_up(subject: Subject) -> Said:
    """An order's amount has three meanings in use; a refund turns the last settlement round (network 2.3)."""
    for place, order in enumerate(_orders(subject.message)):
        lines = order["settlements"]
        moved = sum((_value(one, "amount") for one in lines), Decimal())
        deducted = sum((_value(one, name) for one in lines for name in AMOUNTS[1:] if name in one), Decimal())
        meanings = {moved, moved + deducted, moved - 2 * _value(lines[-1], "amount")}
        if all(abs(_value(order, "amount") - one) > _NEAR for one in meanings):
            wanted = f"{moved}, or with what was deducted {moved + deducted}"
            yield Fault(f"message.orders[{place}].amount", wanted, part(order, "amount")["value"])


def _differences(subject: Subject) -> Said:
    """The seller's value and the absolute difference, of each amount, by place of its settlement."""
    asked = {path: one for path, _, one in _settlements(subject.asked)}
    disagreed = [
        (path, one) for path, order, one in _settlements(subject.message) if order.get("recon_accord") is False
    ]
    if not disagreed:
        yield NotRun("nothing differs")
    for path, one in disagreed:
        for name in AMOUNTS:
            off = abs(_value(one, name) - _value(asked[path], name))
            if Decimal(str(part(one, name)["diff_value"])) != off:
                yield Fault(f"{path}.{name}.diff_value", f"the difference: {off}", part(one, name)["diff_value"])


def _says(subject: Subject, *, accord: bool) -> Said:
    request = subject.message
    answer = next(iter(subject.flow.answers_to(request)), None)
    if answer is None:
        yield NotRun(f"{request.name} was not answered")
        return
    for place, order in enumerate(_orders(answer)):
        if order.get("recon_accord") is not accord:
            found = order.get("recon_accord")
            yield Fault(f"message.orders[{place}].recon_accord", str(accord).lower(), found, record=answer)


def check(
    name: str, title: str, of: Select, judge: Callable[[Subject], Said], *sources: str, needs: str = "", **more: Any
) -> Check:
    """A row; ``sources`` are sections of the network's reference."""
    return Check(
        name=name,
        title=title,
        sources=sources,
        of=of,
        needs=needs or "reconciliation that the seller took (not served otherwise)",
        judge=judge,
        **more,
    )


CHECKS: tuple[Check, ...] = (
    check(
        "recon_answered",
        "A reconciliation is answered under its message_id",
        taken("recon"),
        reply_comes,
        "assertion 57",
        "network 2.2",
    ),
    check(
        "recon_context",
        "on_recon has the recon's ids, addresses and place, and a day to live",
        answered("on_recon"),
        _context,
        "network 2.1",
        "network 2.2",
    ),
    check("recon_later", "on_recon is later than its recon", answered("on_recon"), _later, "network 2.2"),
    check(
        "recon_orders",
        "on_recon lists every order of its recon, once",
        _told,
        _every_order,
        "assertion 57",
        "network 2.2",
    ),
    check(
        "recon_keys",
        "recon and on_recon say id, status and all five amounts of a settlement, recon its payment and time as well",
        _figures,
        _keys,
        "network 2.2",
    ),
    check("recon_money", "Amounts of recon and on_recon are texts with two decimals", _figures, _money, "network 2.2"),
    check(
        "recon_accord",
        "on_recon agrees with a due date, or disagrees with the difference of each amount",
        _told,
        _accord,
        "assertion 57",
        "protocol 1.12",
        "network 2.2",
    ),
    check(
        "recon_due_date",
        "The day of payment is a date",
        _told,
        _day,
        "network 2.2",
        severity=Severity.WARNING,
    ),
    check(
        "recon_reference",
        "A recon or on_recon that says SETTLED says by which reference, and only then",
        _figures,
        _references,
        "network 2.2",
    ),
    check(
        "recon_sum",
        "An order's amount in recon and on_recon is what is settled, with or without what was deducted",
        _figures,
        _adds_up,
        "assertion 57",
        "network 2.2",
        "network 2.3",
    ),
    check(
        "recon_difference",
        "A difference is that of the seller's amount and the buyer app's, without a sign",
        _told,
        _differences,
        "network 2.2",
    ),
    check(
        "recon_differing",
        "on_recon does not agree to other amounts than the seller app's own",
        probes("recon_differing"),
        partial(_says, accord=False),
        "assertion 57",
        "network 2.5",
        scenarios=PLAYED,
    ),
    check(
        "recon_agreed",
        "on_recon agrees to the amounts that the seller app itself told",
        probes("recon_agreed"),
        partial(_says, accord=True),
        "assertion 57",
        "network 2.5",
        scenarios=PLAYED,
    ),
    *(
        check(
            probe,
            f"A reconciliation {of} is refused with {code}",
            probes(probe),
            refused(code),
            "network 2.6",
            scenarios=REFUSED,
        )
        for probe, of, code in (
            ("recon_of_unknown_order", "of an order of nobody", "70030"),
            ("recon_without_settlements", "that lacks its settlements", "70002"),
        )
    ),
)

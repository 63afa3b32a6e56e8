"""What a settle says: its keys, its amounts, what follows from a correction and from an accord.

Source: network 2.1 to 2.5; assertion 57.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial

from bpp.conformance.check import Check, Fault, NotRun, Said, Subject
from bpp.conformance.checks.reconciling import AMOUNTS, check
from bpp.conformance.path import at
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import callbacks
from bpp.sandbox.exchange import Json, part

NP_NP = "NP-NP"
KEYS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    NP_NP: (
        frozenset({"collector_app_id", "receiver_app_id", "settlement"}),
        frozenset({"id", "inter_participant", "collector", "provider", "self"}),
    ),
    "MISC": (frozenset({"settlement"}), frozenset({"provider", "self"})),
    "NIL": (frozenset({"settlement"}), frozenset()),
}
"""By type of a settle: the keys of its message, and of its orders. There may be no others (network 2.2)."""
_MAY_LACK = frozenset({"provider"})
_MONEY = re.compile(r"\d+(\.\d{1,2})?")
_DIGITS = re.compile(r"\d+")
_LEGS = ("inter_participant", "collector", "provider", "self")
_ORDERS = "message.settlement.orders"
_ANSWERS = frozenset({"on_settle", "on_report"})


def _settlement(record: Record) -> Json:
    return part(record.message, "settlement")


def _orders(record: Record) -> Sequence[Json]:
    return list(_settlement(record).get("orders") or ())


def _places(record: Record) -> Iterator[tuple[str, Json]]:
    yield from ((f"{_ORDERS}[{place}]", one) for place, one in enumerate(_orders(record)))


def _value(holder: Json, leg: str) -> Decimal:
    return Decimal(str(holder[leg]["amount"]["value"])) if leg in holder else Decimal()


def _keys(subject: Subject) -> Said:
    """The schema of settle allows none beyond (``additionalProperties: false``)."""
    this = subject.message
    kind = str(_settlement(this).get("type"))
    if kind not in KEYS:
        yield Fault("message.settlement.type", f"one of {', '.join(KEYS)}", kind)
        return
    of_message, of_order = KEYS[kind]
    shapes = [("message", this.message, of_message)]
    shapes += [
        ("message.settlement", _settlement(this), frozenset({"type"} if kind == "NIL" else {"type", "id", "orders"}))
    ]
    shapes += [(path, one, of_order) for path, one in _places(this)]
    for path, holder, wanted in shapes:
        for key in sorted(set(holder) - wanted):
            yield Fault(f"{path}.{key}", "no such key", holder[key])
        for key in sorted(wanted - set(holder) - _MAY_LACK):
            yield Fault(f"{path}.{key}", "a value", "(none)")


def _money(subject: Subject) -> Said:
    for path, order in _places(subject.message):
        for leg in _LEGS:
            found = at(order, f"{leg}.amount.value")
            if leg in order and not (isinstance(found, str) and _MONEY.fullmatch(found)):
                yield Fault(f"{path}.{leg}.amount.value", "a text with at most two decimals", found)
        account = at(order, "provider.bank_details.account_no")
        if "provider" in order and not (isinstance(account, str) and _DIGITS.fullmatch(account)):
            yield Fault(f"{path}.provider.bank_details.account_no", "digits alone", "something else")


def _once(subject: Subject) -> Said:
    ids = [str(one.get("id")) for one in _orders(subject.message)]
    for order_id in sorted({one for one in ids if ids.count(one) > 1}):
        yield Fault(_ORDERS, "each order once", order_id)


def _apps(subject: Subject) -> Said:
    """Collector and receiver are two, neither is the agency, and one of them files."""
    message, context = subject.message.message, subject.message.context
    apps = [message["collector_app_id"], message["receiver_app_id"]]
    if apps[0] == apps[1] or context.get("bpp_id") in apps:
        yield Fault("message.receiver_app_id", "another than the collector, and no agency", apps[1])
    if context.get("bap_id") not in apps:
        yield Fault("message.collector_app_id", f"one of both is who files: {context.get('bap_id')}", apps[0])


def _shares(subject: Subject) -> Said:
    """The receiver's own and the provider's are what moves, the collector's own is what it keeps.

    Of a refund nobody keeps anything: what moves goes back (network 2.4).
    """
    receives = subject.message.context.get("bap_id") == subject.message.message["receiver_app_id"]
    leg = "inter_participant" if receives else "collector"
    for path, one in _places(subject.message):
        own = _value(one, "self") + _value(one, "provider")
        if own != _value(one, leg) and (own or _value(one, "collector")):
            yield Fault(f"{path}.self.amount.value", f"{leg}, with the provider's: {_value(one, leg)}", own)


def _total(subject: Subject) -> Said:
    """What moves and what the collector keeps are together what the order costs."""
    judged = False
    for path, one in _places(subject.message):
        price = _price(subject, str(one.get("id")))
        moved, kept = _value(one, "inter_participant"), _value(one, "collector")
        judged = judged or price is not None
        if price is not None and moved + kept != price:
            yield Fault(f"{path}.inter_participant.amount.value", f"{price} less the collector's {kept}", moved)
    if not judged:
        yield NotRun("none of its orders is recorded")


def _price(subject: Subject, order_id: str) -> Decimal | None:
    """What an order costs, as it was shown last before."""
    told = [
        one.order["quote"]["price"]["value"]
        for one in subject.flow.callbacks
        if one.number < subject.message.number and one.order.get("id") == order_id and "quote" in one.order
    ]
    return Decimal(str(told[-1])) if told else None


def said_before(subject: Subject, *actions: str) -> list[Record]:
    """The messages of these actions before this one, either side's."""
    return [one for one in subject.flow.records if one.number < subject.message.number and one.action in actions]


def _ids(record: Record) -> set[str]:
    return {str(one.get("id")) for one in _orders(record)} - {"None"}


def _corrected(subject: Subject) -> Said:
    """A corrected settle keeps the settlement's id and the transaction, under another message_id."""
    this = subject.message
    for answer in reversed(said_before(subject, *_ANSWERS)):
        failed = {
            str(one.get("id"))
            for one in _orders(answer)
            if at(one, "inter_participant.status") == "NOT_SETTLED" or part(one, "error")
        }
        if not failed & _ids(this):
            continue
        for path, found, wanted in (
            ("message.settlement.id", _settlement(this).get("id"), _settlement(answer).get("id")),
            ("context.transaction_id", this.transaction_id, answer.transaction_id),
        ):
            if found != wanted:
                yield Fault(path, f"that of the settle that is corrected: {wanted}", found)
        others = [one for one in said_before(subject, "settle") if one.document != this.document]
        if this.message_id in {one.message_id for one in others}:
            yield Fault("context.message_id", "an id of its own", this.message_id)
        return
    yield NotRun("nothing in it was filed before and not settled")


def _agreed(subject: Subject) -> Said:
    """What both sides agreed upon is what is filed."""
    agreed = {
        str(order["id"]): order["settlements"][-1]
        for one in said_before(subject, "on_recon")
        for order in one.message.get("orders") or ()
        if order.get("recon_accord") is True
    }
    known = [
        (path, one, agreed[str(one.get("id"))]) for path, one in _places(subject.message) if one.get("id") in agreed
    ]
    if not known:
        yield NotRun("nothing in it was agreed upon")
    for path, one, line in known:
        amounts = {name: Decimal(str(line[name]["value"])) for name in AMOUNTS}
        for leg, wanted in (
            ("inter_participant", amounts["amount"]),
            ("collector", amounts["commission"] + amounts["tcs"] + amounts["tds"]),
        ):
            if _value(one, leg) != wanted:
                yield Fault(f"{path}.{leg}.amount.value", f"what was agreed upon: {wanted}", _value(one, leg))


def _np_np(flow: Flow) -> Iterator[Subject]:
    yield from callbacks("settle", where=lambda one: _settlement(one).get("type") == NP_NP)(flow)


NEEDS = "settle that reached the agency (not served otherwise)"
_SETTLE = callbacks("settle")
_check = partial(check, needs=NEEDS)

CHECKS: tuple[Check, ...] = (
    _check(
        "settle_keys", "A settle has the keys of its type, and no other", _SETTLE, _keys, "network 2.2", "network 2.4"
    ),
    _check(
        "settle_money",
        "Amounts of a settle are texts with at most two decimals, accounts are digits",
        _SETTLE,
        _money,
        "network 2.2",
    ),
    _check("settle_once", "A settle names each order once", _np_np, _once, "network 2.2"),
    _check(
        "settle_apps",
        "Collector and receiver are two, neither is the agency, one of them files",
        _np_np,
        _apps,
        "network 2.1",
        "network 2.2",
    ),
    _check(
        "settle_shares",
        "What is the filer's own is what it receives, or what it keeps",
        _np_np,
        _shares,
        "assertion 57",
        "network 2.3",
    ),
    _check(
        "settle_total",
        "What moves and what the collector keeps are together the order's price",
        _np_np,
        _total,
        "assertion 57",
        "network 2.3",
    ),
    _check(
        "settle_corrected",
        "A corrected settle keeps settlement id and transaction, and has a message_id of its own",
        _np_np,
        _corrected,
        "network 2.1",
        "network 2.4",
    ),
    _check("settle_agreed", "What was agreed upon is what is filed", _np_np, _agreed, "network 2.4", "network 2.5"),
)

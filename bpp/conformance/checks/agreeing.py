"""Init, confirm and their answers: what stays as it was said. Source: protocol 1.5, 1.6; assertions 25 to 30, 34."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bpp.conformance.check import Check, Fault, NotRun, Said, Subject
from bpp.conformance.checks import deciding, making, settling
from bpp.conformance.checks.ordered import count_of, line_type, minute, money, stop_path, total
from bpp.conformance.path import ABSENT, at
from bpp.conformance.record import Record
from bpp.conformance.select import answered
from bpp.sandbox.exchange import Json, part
from bpp.sandbox.offers import stop

_BEFORE = {"on_init": "on_select", "on_confirm": "on_init"}


def _earlier(subject: Subject) -> Record | None:
    """The callback that this one builds on: the last on_select before an on_init, the last on_init before a confirm.

    It has no error, and came in the same transaction.
    """
    callback, flow = subject.message, subject.flow
    found = None
    for one in flow.callbacks:
        fits = one.transaction_id == callback.transaction_id and one.action == _BEFORE[callback.action]
        if fits and one.number < callback.number and not one.error_code:
            found = one
    return found


def _answers_before(subject: Subject) -> Iterator[Record]:
    """What was answered before in this transaction without an error, the last first: some say less in on_init."""
    here = subject.message
    for one in reversed(subject.flow.callbacks):
        said = one.action in _BEFORE.values() and one.action != here.action and not one.error_code
        if said and one.number < here.number and one.transaction_id == here.transaction_id:
            yield one


def _differences(path: str, wanted: Any, found: Any) -> Iterator[Fault]:
    """Where ``found`` lacks or alters something of ``wanted``; what it has beside is none of our business."""
    if isinstance(wanted, dict):
        for key, value in wanted.items():
            yield from _differences(f"{path}.{key}", value, found.get(key) if isinstance(found, dict) else None)
    elif wanted not in (None, "") and found != wanted:
        yield Fault(path, f"as it was said: {wanted}", ABSENT if found is None else found)


def _billing(subject: Subject) -> Said:
    init = subject.flow.before(subject.message, "init")
    if init is None:
        yield NotRun("there is no init in this transaction")
        return
    yield from _differences("message.order.billing", init.order["billing"], subject.message.order.get("billing"))


def _items(subject: Subject) -> Said:
    earlier = _earlier(subject)
    if earlier is None:
        yield NotRun("there is no answer before to compare with")
        return
    wanted, found = (_counts(one.order) for one in (earlier, subject.message))
    if found != wanted:
        yield Fault("message.order.items", f"the items of the {earlier.action}: {dict(wanted)}", dict(found))


def _counts(order: Json) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in order.get("items") or ():
        counts[str(one["id"])] += count_of(one)
    return counts


def _provider(subject: Subject) -> Said:
    request = subject.request
    wanted = part(request.order, "provider").get("id") if request is not None else None
    found = part(subject.message.order, "provider").get("id")
    if found != wanted:
        yield Fault("message.order.provider.id", f"the request's {wanted}", found)


def _terms(subject: Subject) -> Said:
    earlier = _earlier(subject)
    if earlier is None or "cancellation_terms" not in earlier.order:
        yield NotRun("no on_init of this transaction shows terms")
    elif earlier.order.get("cancellation_terms") != subject.message.order.get("cancellation_terms"):
        path = "message.order.cancellation_terms"
        yield Fault(path, "those of the on_init", subject.message.order.get("cancellation_terms"))


def _quote(subject: Subject) -> Said:
    earlier = _earlier(subject)
    if earlier is None:
        yield NotRun("there is no answer before to compare with")
        return
    if total(subject.message.order) != total(earlier.order):
        path = "message.order.quote.price.value"
        yield Fault(path, f"that of the {earlier.action}: {total(earlier.order)}", str(total(subject.message.order)))
    if _lines(subject.message.order) != _lines(earlier.order):
        path = "message.order.quote.breakup"
        yield Fault(path, f"the lines of the {earlier.action}", at(subject.message.document, path))


def _lines(order: Json) -> Counter[tuple[Any, ...]]:
    return Counter(
        (one.get("title"), line_type(one), part(one, "item").get("id"), money(one["price"]["value"]))
        for one in order["quote"]["breakup"]
    )


def _slot(subject: Subject) -> Said:
    wanted = next((said for one in _answers_before(subject) if (said := _range(one.order))), {})
    if not wanted:
        yield NotRun("no answer before shows a slot")
        return
    found = _range(subject.message.order)
    for key in ("start", "end"):
        if key in wanted and (key not in found or minute(found[key]) != minute(wanted[key])):
            path = f"{stop_path(subject.message.order, 'end')}.time.range.{key}"
            yield Fault(path, f"the slot that was held: {wanted[key]}", found.get(key, ABSENT))


def _range(order: Json) -> Json:
    return part(part(stop(order, "end"), "time"), "range")


def _fulfillment_id(subject: Subject) -> Said:
    path = "message.order.fulfillments[0].id"
    found = at(subject.message.document, path)
    earlier = next((one for one in _answers_before(subject) if at(one.document, path) != ABSENT), None)
    if earlier is None:
        yield NotRun("no answer before shows a fulfillment")
    elif found != at(earlier.document, path):
        yield Fault(path, f"that of the {earlier.action}: {at(earlier.document, path)}", found)


def _customer(subject: Subject) -> Said:
    """Address and contact of the last message before that says them."""
    told = [one for one in ("confirm", "init") if _told(subject, one)]
    if not told:
        yield NotRun("no request says who the customer is and where")
        return
    said, shown = _told(subject, told[0]), stop(subject.message.order, "end")
    path = stop_path(subject.message.order, "end")
    for key, fields in (("location", ("address", "area_code")), ("contact", ("phone", "email"))):
        for name in fields:
            wanted, found = part(said, key).get(name), part(shown, key).get(name)
            if wanted and found != wanted:
                yield Fault(f"{path}.{key}.{name}", f"the customer's: {wanted}", found or ABSENT)


def _told(subject: Subject, action: str) -> Json:
    request = subject.flow.before(subject.message, action)
    said = stop(request.order, "end") if request is not None else {}
    return said if "contact" in said or "address" in part(said, "location") else {}


_READY = answered(*_BEFORE, where=lambda one: not one.error_code)
_CONFIRMED = answered("on_confirm", where=lambda one: not one.error_code)
_ANSWER = "on_init or on_confirm without error"
_CONFIRM = "on_confirm without error"


CHECKS: tuple[Check, ...] = (
    Check(
        name="billing",
        title="The billing of an init comes back field by field",
        sources=("assertion 26", "protocol 1.5", "protocol 1.6"),
        of=_READY,
        needs=_ANSWER,
        judge=_billing,
    ),
    Check(
        name="agreed_items",
        title="Items and counts stay what was selected, from on_select to on_confirm",
        sources=("protocol 4.12", "protocol 1.5", "protocol 1.6"),
        of=_READY,
        needs=_ANSWER,
        judge=_items,
    ),
    Check(
        name="agreed_provider",
        title="An on_init and an on_confirm name the provider of their request",
        sources=("protocol 1.5", "protocol 1.6"),
        of=_READY,
        needs=_ANSWER,
        judge=_provider,
    ),
    Check(
        name="agreed_terms",
        title="The cancellation terms of an on_confirm are those of the on_init",
        sources=("assertion 34",),
        of=_CONFIRMED,
        needs=_CONFIRM,
        judge=_terms,
    ),
    Check(
        name="agreed_quote",
        title="The quote of an on_init is the on_select's, that of an on_confirm the on_init's",
        sources=("assertion 34", "protocol 1.5"),
        of=_READY,
        needs=_ANSWER,
        judge=_quote,
    ),
    Check(
        name="held_slot",
        title="The slot that was selected stands, whatever range an init or confirm shows",
        sources=("assertion 25", "assertion 30", "protocol 1.6"),
        of=_READY,
        needs=_ANSWER,
        judge=_slot,
    ),
    Check(
        name="agreed_fulfillment",
        title="The fulfillment keeps its id",
        sources=("assertion 25", "protocol 1.5"),
        of=_READY,
        needs=_ANSWER,
        judge=_fulfillment_id,
    ),
    Check(
        name="customer_echoed",
        title="The customer's address and contact come back",
        sources=("assertion 30", "protocol 1.5"),
        of=_READY,
        needs=_ANSWER,
        judge=_customer,
    ),
    *making.CHECKS,
    *settling.CHECKS,
    *deciding.CHECKS,
)

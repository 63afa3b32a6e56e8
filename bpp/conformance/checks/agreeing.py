"""Init, confirm and their answers: what stays as it was said. Source: protocol 1.5, 1.6; assertions 25 to 30, 34."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from beckn_schemas.base import parse_timestamp
from bpp.conformance.check import Check, Fault, NotRun, Severity, Subject
from bpp.conformance.checks import deciding, settling
from bpp.conformance.checks.readings import amount, count_of, line_type, minute, stop_path, total
from bpp.conformance.path import ABSENT, at
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import answered
from bpp.sandbox.exchange import Json, part
from bpp.sandbox.offers import stop

Said = Iterator[Fault | NotRun]

AGREED = ("on_init", "on_confirm")
_BEFORE = {"on_init": ("on_select",), "on_confirm": ("on_init",)}
_WORKER = (
    "person.name",
    "contact.phone",
    "contact.email",
    "location.id",
    "location.descriptor.name",
    "location.gps",
    "time.range.start",
    "time.range.end",
)
"""What an on_confirm says of who comes (assertion 30)."""


def agreed(*actions: str) -> Any:
    """The answers to init and confirm that have no error."""
    return answered(*actions, where=lambda one: not one.error_code)


def _ready(flow: Flow) -> Iterator[Subject]:
    yield from agreed(*AGREED)(flow)


def before(subject: Subject) -> Record | None:
    """The callback that this one builds on: the last on_select before an on_init, the last on_init before a confirm.

    It has no error, and came in the same transaction.
    """
    callback, flow = subject.message, subject.flow
    found = None
    for one in flow.callbacks:
        fits = one.transaction_id == callback.transaction_id and one.action in _BEFORE[callback.action]
        if fits and one.number < callback.number and not one.error_code:
            found = one
    return found


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
    earlier = before(subject)
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


def _provider_location(subject: Subject) -> Said:
    for place in part(subject.message.order, "provider").get("locations") or ():
        if place.get("id"):
            return
    yield Fault("message.order.provider.locations", "the id of where the provider is", ABSENT)


def _order_location(subject: Subject) -> Said:
    if not at(subject.message.document, "message.order.locations[0].id") or not subject.message.order.get("locations"):
        yield Fault("message.order.locations", "the id of where the provider is", ABSENT)


def _terms_shown(subject: Subject) -> Said:
    if not subject.message.order.get("cancellation_terms"):
        yield Fault("message.order.cancellation_terms", "at least one", ABSENT)


def _terms(subject: Subject) -> Said:
    earlier = before(subject)
    if earlier is None:
        yield NotRun("there is no on_init in this transaction")
    elif earlier.order.get("cancellation_terms") != subject.message.order.get("cancellation_terms"):
        path = "message.order.cancellation_terms"
        yield Fault(path, "those of the on_init", subject.message.order.get("cancellation_terms"))


def _quote(subject: Subject) -> Said:
    earlier = before(subject)
    if earlier is None:
        yield NotRun("there is no answer before to compare with")
        return
    if total(subject.message.order) != total(earlier.order):
        path = "message.order.quote.price.value"
        yield Fault(path, f"that of the {earlier.action}: {total(earlier.order)}", total(subject.message.order))
    if _lines(subject.message.order) != _lines(earlier.order):
        path = "message.order.quote.breakup"
        yield Fault(path, f"the lines of the {earlier.action}", at(subject.message.document, path))


def _lines(order: Json) -> Counter[tuple[Any, ...]]:
    return Counter(
        (one.get("title"), line_type(one), part(one, "item").get("id"), amount(one["price"]["value"]))
        for one in order["quote"]["breakup"]
    )


def _slot(subject: Subject) -> Said:
    earlier = before(subject)
    wanted = _range(earlier.order) if earlier is not None else {}
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
    earlier = before(subject)
    if earlier is None:
        yield NotRun("there is no answer before to compare with")
        return
    path = "message.order.fulfillments[0].id"
    wanted, found = at(earlier.document, path), at(subject.message.document, path)
    if found != wanted:
        yield Fault(path, f"that of the {earlier.action}: {wanted}", found)


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


def _confirmed_as(subject: Subject) -> Said:
    request = subject.request
    if request is not None and request.order.get("id") != subject.message.order.get("id"):
        yield Fault("message.order.id", f"the confirm's: {request.order.get('id')}", subject.message.order.get("id"))


def _created_at(subject: Subject) -> Said:
    request = subject.request
    said = request.order.get("created_at") if request is not None else None
    found = subject.message.order.get("created_at")
    if said is None:
        yield NotRun("the confirm has no created_at")
    elif found is None or parse_timestamp(found) != parse_timestamp(said):
        yield Fault("message.order.created_at", f"the confirm's: {said}", found or ABSENT)


def _rateable(subject: Subject) -> Said:
    order = subject.message.order
    visits = order["fulfillments"]
    holders = [("provider", part(order, "provider"))]
    holders += [(f"fulfillments[{place}]", visit) for place, visit in enumerate(visits)]
    for path, holder in holders:
        if not isinstance(holder.get("rateable"), bool):
            yield Fault(f"message.order.{path}.rateable", "true or false", holder.get("rateable", ABSENT))


def _worker(subject: Subject) -> Said:
    shown = stop(subject.message.order, "start")
    for path in _WORKER:
        if at(shown, path) in (ABSENT, "", None):
            yield Fault(f"{stop_path(subject.message.order, 'start')}.{path}", "who comes, and from where", ABSENT)


def _status_case(subject: Subject) -> Said:
    confirm = subject.flow.before(subject.message, "confirm")
    said = str(confirm.order.get("status", "")) if confirm is not None else ""
    found = str(subject.message.order.get("status", ""))
    if not found:
        yield NotRun("the callback has no status")
    elif found != found.upper() and (not said or said == said.upper()):
        yield Fault("message.order.status", f"upper case, or the case of the confirm's {said or 'status'}", found)


_ANSWER = "on_init or on_confirm without error"
_INIT = "on_init without error"
_CONFIRM = "on_confirm without error"


def _check(name: str, title: str, *sources: str, of: Any, needs: str, judge: Any, warns: bool = False) -> Check:
    severity = Severity.WARNING if warns else Severity.ERROR
    return Check(name=name, title=title, sources=sources, of=of, needs=needs, judge=judge, severity=severity)


# fmt: off
CHECKS: tuple[Check, ...] = (
    _check("billing", "The billing of an init comes back field by field", "assertion 26", "protocol 1.5", "protocol 1.6",
           of=_ready, needs=_ANSWER, judge=_billing),
    _check("agreed_items", "Items and counts stay what was selected, from on_select to on_confirm", "protocol 4.12",
           "protocol 1.5", "protocol 1.6", of=_ready, needs=_ANSWER, judge=_items),
    _check("agreed_provider", "An on_init and an on_confirm name the provider of their request", "protocol 1.5",
           "protocol 1.6", of=_ready, needs=_ANSWER, judge=_provider),
    _check("provider_location", "An on_init names the location of the provider", "assertion 26", "protocol 7",
           of=agreed("on_init"), needs=_INIT, judge=_provider_location),
    _check("order_location", "An on_init shows order.locations, too", "assertion 26", "protocol 1.5",
           of=agreed("on_init"), needs=_INIT, judge=_order_location, warns=True),
    _check("init_terms", "An on_init shows at least one cancellation term", "assertion 26",
           of=agreed("on_init"), needs=_INIT, judge=_terms_shown),
    _check("agreed_terms", "The cancellation terms of an on_confirm are those of the on_init", "assertion 34",
           of=agreed("on_confirm"), needs=_CONFIRM, judge=_terms),
    _check("agreed_quote", "The quote of an on_init is the on_select's, that of an on_confirm the on_init's",
           "assertion 34", "protocol 1.5", of=_ready, needs=_ANSWER, judge=_quote),
    _check("held_slot", "The slot that was selected stands, whatever range an init or confirm shows", "assertion 25",
           "assertion 30", "protocol 1.6", of=_ready, needs=_ANSWER, judge=_slot),
    _check("agreed_fulfillment", "The fulfillment keeps its id", "assertion 25", "protocol 1.5",
           of=_ready, needs=_ANSWER, judge=_fulfillment_id),
    _check("customer_echoed", "The customer's address and contact come back", "assertion 30", "protocol 1.5",
           of=_ready, needs=_ANSWER, judge=_customer),
    _check("confirmed_id", "An order keeps the id of its confirm", "assertion 29", "protocol 1.6",
           of=answered("on_confirm"), needs="on_confirm", judge=_confirmed_as),
    _check("created_at", "An order keeps the created_at of its confirm", "assertion 29", "protocol 4.23",
           of=agreed("on_confirm"), needs=_CONFIRM, judge=_created_at),
    _check("rateable", "An on_confirm says whether provider and fulfillments can be rated", "assertion 29",
           of=agreed("on_confirm"), needs=_CONFIRM, judge=_rateable),
    _check("worker_named", "An on_confirm says who comes, from where and when", "assertion 30", "protocol 1.6",
           "protocol 7", of=agreed("on_confirm"), needs=_CONFIRM, judge=_worker),
    _check("status_case", "An order's status is in upper case, or in the case of the confirm's", "protocol 4.18",
           "protocol 1.0", of=answered("on_confirm"), needs="on_confirm", judge=_status_case, warns=True),
    *settling.CHECKS,
    *deciding.CHECKS,
)
# fmt: on

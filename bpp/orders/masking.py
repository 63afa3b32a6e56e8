"""Personal data of an order: shown in part to whoever need not know it, and forgotten when it was kept long enough.

What lies under a name that is not known to be harmless is personal: buyer apps send fields that nobody foresaw.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bpp.orders.model import Assignee, Fulfillment, Order
from catalog.model import Gps

HIDDEN = "***"
HARMLESS = frozenset({"area_code", "city", "code", "country", "state", "tax_id", "time", "time_range", "type"})
"""Names under which a billing or a customer says nothing that points to a person."""
PERSONAL = frozenset(
    {
        *("authorization", "billing", "contact", "customer", "location", "person"),
        *("actor_details", "agent", "agents", "bank_details", "callback_phone", "email", "instructions", "phone"),
    }
)
"""Names under which a message of the network says who and where somebody is, or what only the customer may tell."""
WRITTEN = frozenset({"additional_desc", "feedback", "images", "long_desc", "media", "remarks", "short_desc"})
"""Names under which somebody wrote in own words or shows something: complaints, reasons of a cancellation, reviews."""
TITLED = WRITTEN | {"name"}
OFFERED = frozenset({"catalog", "items", "provider", "providers"})
"""Names under which such words and pictures are a seller's, and for everybody; but in an issue."""
PAGES = frozenset({"documents"})
"""Names under which a message of the network has addresses of pages that name the consumer, open to who has them."""
PERSONAL_DETAILS = frozenset({"note", "override", "callback_phone", "name", "number"})
"""Details of events that somebody said or wrote in own words, or that name somebody or a paper of his or hers."""
COMPLAINT_DETAILS = frozenset({"complaint"})
"""Details of events that are what a customer complains of, in own words; complaints have tickets by now."""
VISIBLE_DIGITS = 4
Show = Callable[[str, str], str]


def partly(name: str, text: str) -> str:
    """A value as somebody sees it who must tell two apart but need not know them: ``******1234``, ``A***``."""
    if not text:
        return text
    match name:
        case "phone":
            return "*" * max(len(text) - VISIBLE_DIGITS, 0) + text[-VISIBLE_DIGITS:]
        case "name" | "email":
            return f"{text[0]}{HIDDEN}"
        case _:
            return HIDDEN


def nearby(point: Gps) -> Gps:
    """A point to about ten kilometres: the town, not the house."""
    return Gps(round(point.lat, 1), round(point.lon, 1))


def hidden(document: Mapping[str, Any], show: Show = partly) -> dict[str, Any]:
    """A billing or a customer with its personal values shown by ``show``, which gets the name and the text."""
    return {name: value if name in HARMLESS else _hidden(name, value, show) for name, value in document.items()}


def _hidden(name: str, value: Any, show: Show) -> Any:
    if isinstance(value, Mapping):
        return hidden(value, show)
    if isinstance(value, list | tuple):
        return [_hidden(name, one, show) for one in value]
    return value if value is None or isinstance(value, bool) else show(name, str(value))


def hidden_message(value: Any) -> Any:
    """A message of the network, of whatever family, with what it says of people and what they wrote masked.

    For whoever looks at how it was made, and what is kept of it when its time is over.
    """
    return _hidden_message(value, OFFERED, offered=False)


def _hidden_message(value: Any, sellers: Collection[str], *, offered: bool) -> Any:
    """``sellers``: the names under which what follows is ``offered`` to everybody."""
    if isinstance(value, Mapping):
        words = WRITTEN if offered or WRITTEN.isdisjoint(value) else TITLED  # a name beside words is one of them
        return {
            name: _hidden_part(name, one, words, () if name == "issue" else sellers, offered=offered or name in sellers)
            for name, one in value.items()
        }
    return [_hidden_message(one, sellers, offered=offered) for one in value] if isinstance(value, list) else value


def _hidden_part(name: str, value: Any, words: Collection[str], sellers: Collection[str], *, offered: bool) -> Any:
    if name in PERSONAL or (name in words and not offered):
        return _hidden(name, value, partly)
    if name in PAGES and isinstance(value, list):
        return [{**one, "url": HIDDEN} if isinstance(one, Mapping) and "url" in one else one for one in value]
    return _hidden_message(value, sellers, offered=offered)


def is_complaint(name: str) -> bool:
    """Whether a detail of an event is what a customer complains of."""
    return name in COMPLAINT_DETAILS


def is_of_consumer(name: str, value: Any) -> bool:
    """Whether a detail of an event may name somebody: a reason is in words, not as a code of the network."""
    return name in PERSONAL_DETAILS or (name == "reason" and not str(value).isdecimal())


def is_personal(name: str, value: Any) -> bool:
    """Whether a detail of an event is personal."""
    return is_complaint(name) or is_of_consumer(name, value)


def hidden_detail(detail: Mapping[str, Any], hides: Callable[[str, Any], bool] = is_personal) -> dict[str, Any]:
    """The details of an event with what is personal of them, or what ``hides`` says, masked."""
    return {name: partly(name, str(one)) if hides(name, one) else one for name, one in detail.items()}


def bare_detail(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The details of an event without what is personal of them."""
    return {name: one for name, one in detail.items() if not is_personal(name, one)}


def without_consumer(order: Order) -> Order:
    """The order as somebody sees it who need not know the consumer."""
    gone = order.cancellation
    return replace(
        order,
        billing=hidden(order.billing),
        cancellation=replace(gone, note=partly("note", gone.note)) if gone else None,
        fulfillments=tuple(replace(one, customer=hidden(one.customer)) for one in order.fulfillments),
        proposals=tuple(
            replace(one, visit=replace(one.visit, customer=hidden(one.visit.customer))) if one.visit else one
            for one in order.proposals
        ),
    )


def without_workers(order: Order) -> Order:
    """The order as somebody sees it who need not know the workers: their ids stay."""
    return replace(
        order,
        fulfillments=tuple(_of_visit(one) for one in order.fulfillments),
        proposals=tuple(replace(one, visit=_of_visit(one.visit)) if one.visit else one for one in order.proposals),
    )


def forgotten(order: Order, now: datetime) -> Order:
    """The order without anything personal: what it was, what it cost and who owes what stays.

    A department is no person: its name stays, for the report of what departments bought (rule R16).
    """
    bare = without_workers(order)
    gone = order.cancellation
    return replace(
        bare,
        billing={"name": order.billing.get("name", "")} if order.channel == "department" else {},
        items=tuple(replace(one, wire={}) for one in order.items),
        fulfillments=tuple(_bare(one) for one in bare.fulfillments),
        proposals=tuple(replace(one, visit=_bare(one.visit)) if one.visit else one for one in bare.proposals),
        cancellation=replace(gone, note="") if gone else None,
        forgotten_at=now,
    )


def _bare(visit: Fulfillment) -> Fulfillment:
    return replace(visit, customer={}, gps=None, tags=(), whereabouts=None)


def _of_visit(visit: Fulfillment) -> Fulfillment:
    lead = visit.assignee
    return replace(
        visit,
        assignee=_masked(lead) if lead else None,
        crew=tuple(_masked(one) for one in visit.crew),
    )


def _masked(one: Assignee) -> Assignee:
    return replace(
        one,
        name=partly("name", one.name),
        phone=partly("phone", one.phone),
        email=partly("email", one.email),
        photo="",
        gps=nearby(one.gps),
        creds=(),
    )

"""What each callback must hold: the table of required paths.

A path is demanded where its parent is there, and its parent is all before the last dot, or before ``/`` where one is
written: so an absent part is one finding, not one for each of its keys. ``[]`` is every element of a list, ``[end]``
those elements that are so called by their type, status or descriptor's code, ``[base]`` and ``[choice]`` the items that
are services and those that are customisations. A path that ends in ``tags[X]`` demands one such element where there are
tags.

ERROR: the specification's attributes call it mandatory or required, its own examples and a certified participant's
messages have it; or an assertion demands it. WARNING: they call it required although those leave it out; or only the
network's log checker (LVU) or simple buyer apps want it (ADR 0033).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bpp.conformance.check import Severity

SPECIFICATION = "specification"
"""Begins a source that is an attribute of the specification: the action and the path follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """A path that callbacks of ``action`` (empty: all) must have.

    ``echoed``: it is the buyer's to say, and is demanded only where the buyer app's request said it.
    """

    action: str
    path: str
    sources: tuple[str, ...]
    severity: Severity
    echoed: bool = False


_UNSPECIFIED = {"on_update": "protocol 1.9", "on_cancel": "protocol 1.8"}
"""Callbacks whose attributes the specification lists in part or not at all, and where they are described."""


def _own_sources(action: str, path: str) -> tuple[str, ...]:
    return (_UNSPECIFIED.get(action) or f"{SPECIFICATION} {action} {path.replace('/', '.')}",)


def _rows(
    action: str, prefix: str, tails: str, *sources: str, severity: Severity = Severity.ERROR, echoed: bool = False
) -> Iterator[Required]:
    for tail in tails.split():
        path = f"{prefix}.{tail}" if prefix else tail
        yield Required(
            action=action,
            path=path,
            sources=sources or _own_sources(action, path),
            severity=severity,
            echoed=echoed,
        )


_CONTEXT = """domain action version bap_id bap_uri bpp_id bpp_uri transaction_id message_id timestamp ttl location
    location.city location.city.code location.country location.country.code"""

_TERMS = """cancellation_terms[].fulfillment_state cancellation_terms[].fulfillment_state/descriptor.code
    cancellation_terms[].cancel_by cancellation_terms[].cancel_by.duration cancellation_terms[].cancellation_fee
    cancellation_terms[].reason_required"""
_AVAILABILITY = "label range range.start range.end schedule schedule.frequency"

_ITEMS = "items[].id items[].fulfillment_ids items[choice].parent_item_id"
_COUNT = "items[]/quantity.selected.count"
_QUOTE = """quote quote.price quote.price.value quote.price.currency quote.breakup quote.breakup[].title
    quote.breakup[].price quote.breakup[].price.currency quote.breakup[].price.value quote.breakup[].item
    quote.breakup[].item.id quote.breakup[].tags quote.breakup[].tags[title] quote.ttl"""
_PAID = "payments[].id payments[].params payments[].params.amount payments[].params.currency"
_ACCOUNT = "payments[].params.bank_account_number payments[].params.virtual_payment_address"
_FEE_TAG = "payments[].tags payments[].tags[Buyer_Finder_Fee]"
_SETTLEMENT = "payments[].tags[Settlement_Counterparty] payments[].tags[Settlement_Details]"
_BILLING = "billing billing.name billing.phone billing/state.name billing/city.name"
_VISIT = "fulfillments[].id fulfillments[].type fulfillments[].stops fulfillments[].stops[].type"
_END_TIME = "time time.label time.range.start time.range.end"
_ADDRESS = "location location.gps location.address location/city.name location/state.name location.area_code"
_AUTHORIZATION = "type token valid_from valid_to"
_START = """location location.id location/descriptor.name location.gps contact contact.phone time time.range
    time.range.start time.range.end"""
_END = "message.order.fulfillments[].stops[end]"


def _on_search() -> Iterator[Required]:
    def rows(prefix: str, tails: str, *sources: str, severity: Severity = Severity.ERROR) -> Iterator[Required]:
        return _rows("on_search", prefix, tails, *sources, severity=severity)

    catalog, provider = "message.catalog", "message.catalog.providers[]"
    base, lvu = f"{provider}.items[base]", Severity.WARNING
    yield from rows("", "message message.catalog", "protocol 1.2")
    yield from rows(
        catalog,
        """descriptor descriptor.name descriptor.short_desc fulfillments fulfillments[].id fulfillments[].type payments
        payments[].id payments[].type providers""",
    )
    yield from rows(catalog, "descriptor.long_desc descriptor.images", "protocol 1.2", severity=lvu)
    yield from rows(
        provider,
        """id descriptor descriptor.name tags items items[].id items[].descriptor items[].descriptor.images
        items[].category_ids items[].quantity.unitized.measure.unit""",
    )
    yield from rows(provider, "tags[serviceability]", "assertion 13", "protocol 3")
    yield from rows(
        provider,
        """descriptor.code descriptor.short_desc descriptor.long_desc ttl fulfillments fulfillments[].contact
        fulfillments[].contact.phone fulfillments[].contact.email""",
        "protocol 1.2",
        severity=lvu,
    )
    yield from rows(provider, "locations locations[].id", "protocol 7", severity=lvu)
    places = "gps address city/code city/name state/code country/code area_code"
    yield from rows(f"{provider}.locations[]", places.replace("/", "."), "protocol 1.2", severity=lvu)
    yield from rows(provider, "time", severity=lvu)
    yield from rows(f"{provider}.time", _AVAILABILITY)
    yield from rows(f"{provider}.time", "schedule.times", "protocol 7", severity=lvu)
    yield from rows(provider, "categories[].id categories[].descriptor")
    yield from rows(provider, "creds[].id creds[].type")
    yield from rows(
        f"{provider}.offers[]",
        "id descriptor descriptor.code location_ids category_ids item_ids time time.label time.range tags",
    )
    yield from rows(base, "fulfillment_ids location_ids cancellation_terms time time.range time.range.start")
    yield from rows(base, "time.range.end time.schedule time.schedule.frequency")
    yield from rows(base, "descriptor.name price price.value price.currency", "assertion 15", "protocol 4.40")
    yield from rows(base, f"tags tags[reschedule_terms] {_TERMS}", "assertion 15")
    yield from rows(base, "payment_ids", "assertion 12", "protocol 1.2", severity=lvu)
    yield from rows(
        base,
        "descriptor.code descriptor.short_desc descriptor.long_desc matched recommended",
        "assertion 15",
        "protocol 1.2",
        severity=lvu,
    )
    yield from rows(base, "parent_item_id", severity=lvu)
    yield from rows(base, "time.label", "protocol 1.2", "protocol 3", severity=lvu)
    yield from rows(base, "time.schedule.times", "protocol 3", "protocol 7", severity=lvu)
    yield from rows(f"{provider}.items[choice]", "parent_item_id", "assertion 12", "protocol 3")
    yield from rows(f"{provider}.items[choice]", "descriptor.name price price.value", "protocol 3")


def _ordered(action: str, section: str) -> Iterator[Required]:
    """What every callback with an order says of provider, items, visits, price and payments."""
    order, lvu = "message.order", Severity.WARNING
    yield from _rows(action, "", "message message.order", f"protocol {section}")
    yield from _rows(action, order, f"provider provider.id items {_ITEMS} fulfillments {_VISIT} {_QUOTE}")
    yield from _rows(action, order, _COUNT, *_own_sources(action, f"{order}.{_COUNT}"), "protocol 4.9")
    yield from _rows(action, order, "payments payments[].type payments[].collected_by")
    yield from _rows(action, order, "items[].location_ids items[].category_ids", severity=lvu, echoed=True)
    yield from _rows(action, order, "fulfillments[].tracking", f"protocol {section}", severity=lvu)
    yield from _rows(action, _END, "location location.gps", f"protocol {section}", echoed=True)
    yield from _rows(action, _END, _END_TIME)
    yield from _rows(action, _END, "time.range", echoed=action == "on_select")  # no time was chosen (protocol 4.7)


def _agreed(action: str, section: str) -> Iterator[Required]:
    """What is said from init on: billing, the whole address, and where the money goes."""
    order = "message.order"
    yield from _ordered(action, section)
    yield from _rows(action, order, f"{_PAID} {_FEE_TAG}")
    yield from _rows(action, order, _ACCOUNT, severity=_specified(action))
    yield from _rows(action, order, _SETTLEMENT, "assertion 27", "protocol 7")


def _whole(action: str, *, severity: Severity = Severity.ERROR) -> Iterator[Required]:
    """The buyer's own data, which the seller repeats: billing and address."""
    yield from _rows(action, "message.order", _BILLING, severity=severity, echoed=True)
    tails = _ADDRESS.removeprefix("location location.gps")
    yield from _rows(action, _END, f"{tails} contact contact.phone", severity=severity, echoed=True)
    yield from _rows(action, _END, "location/country.code", "protocol 4.39", severity=severity, echoed=True)


def _made(action: str, section: str) -> Iterator[Required]:
    """What is said of an order that was made."""
    order = "message.order"
    yield from _agreed(action, section)
    yield from _rows(action, order, "id status fulfillments[]/state.descriptor.code payments[].status")
    yield from _rows(action, order, "updated_at created_at", severity=_specified(action))
    yield from _rows(action, order, "payments[PAID].params.transaction_id")


def _specified(action: str) -> Severity:
    return Severity.WARNING if action in _UNSPECIFIED else Severity.ERROR


def _on_select() -> Iterator[Required]:
    lvu = Severity.WARNING
    yield from _ordered("on_select", "1.4")
    yield from _rows("on_select", "message.order", "provider.locations", "protocol 1.4", "protocol 7", severity=lvu)
    yield from _rows("on_select", _END, "time.days", severity=lvu, echoed=True)


def _on_init() -> Iterator[Required]:
    lvu = Severity.WARNING
    yield from _agreed("on_init", "1.5")
    yield from _whole("on_init")
    yield from _rows("on_init", "message.order", f"cancellation_terms {_TERMS}", "assertion 26", "protocol 1.5")
    yield from _rows(
        "on_init", "message.order", "provider.locations provider.locations[].id", "assertion 26", "protocol 7"
    )
    yield from _rows(
        "on_init", "message.order", "locations locations[].id", "assertion 26", "protocol 1.5", severity=lvu
    )
    yield from _rows("on_init", _END, "time.days", severity=lvu, echoed=True)


def _on_confirm() -> Iterator[Required]:
    lvu = Severity.WARNING
    order, visit = "message.order", "message.order.fulfillments[]"
    yield from _made("on_confirm", "1.6")
    yield from _whole("on_confirm")
    yield from _rows("on_confirm", order, "fulfillments[].rateable", "assertion 29", "protocol 1.6")
    yield from _rows("on_confirm", order, "provider.rateable", "assertion 29")
    yield from _rows("on_confirm", order, f"cancellation_terms {_TERMS}", "assertion 34", "protocol 1.6")
    yield from _rows("on_confirm", f"{visit}.stops[start]", f"{_START} person person.name")
    yield from _rows("on_confirm", f"{visit}.stops[start]", "contact.email", "assertion 30", severity=lvu)
    yield from _rows("on_confirm", _END, "person person.name", echoed=True)
    yield from _rows("on_confirm", visit, "stops[start] stops[end]", "assertion 30", "protocol 7")


def _on_status() -> Iterator[Required]:
    visit, lvu = "message.order.fulfillments[]", Severity.WARNING
    yield from _made("on_status", "1.7")
    yield from _whole("on_status")
    yield from _rows("on_status", "message.order", "fulfillments[].rateable", severity=lvu)
    yield from _rows("on_status", f"{visit}.stops[start]", _START, "protocol 1.7", severity=lvu)
    yield from _rows("on_status", f"{_END}.authorization", _AUTHORIZATION)
    yield from _rows("on_status", f"{_END}.authorization", "status", "assertion 40", "protocol 4.26", severity=lvu)
    yield from _rows("on_status", "message.order", "documents[].url documents[].label")


def _on_update() -> Iterator[Required]:
    yield from _made("on_update", "1.9")
    yield from _whole("on_update", severity=Severity.WARNING)
    yield from _rows("on_update", "message.order", "provider.locations", "protocol 7", echoed=True)


def _on_cancel() -> Iterator[Required]:
    yield from _made("on_cancel", "1.8")
    yield from _whole("on_cancel", severity=Severity.WARNING)
    cancellation = "cancellation cancellation.cancelled_by cancellation/reason.descriptor.code"
    yield from _rows("on_cancel", "message.order", cancellation, "assertion 49", "protocol 1.8")


def _others() -> Iterator[Required]:
    yield from _rows("on_track", "", "message message.tracking message.tracking.status", "assertion 55")
    yield from _rows("on_support", "", "message message.support", "assertion 55", "protocol 1.10")
    yield from _rows("on_support", "message.support", "ref_id phone email", "assertion 55", "protocol 1.10")
    yield from _rows("on_rating", "", "message", "assertion 54", "protocol 1.10")


REQUIRED: tuple[Required, ...] = (
    *_rows("", "", "context", "assertion 3", "protocol 1.0"),
    *_rows("", "context", _CONTEXT, "assertion 3", "protocol 1.0"),
    *_on_search(),
    *_on_select(),
    *_on_init(),
    *_on_confirm(),
    *_on_status(),
    *_on_update(),
    *_on_cancel(),
    *_others(),
)

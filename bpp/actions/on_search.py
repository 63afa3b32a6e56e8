"""The catalog of an on_search: what was found, as buyers read it. Source: protocol.md 1.2 and 3."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from beckn_schemas.callbacks import Violation
from bpp.actions.catalog_parts import categories, customizations, image, offers
from bpp.core.find import Bookable, Found
from bpp.core.world import Identity
from bpp.domains.dialect import Dialect
from bpp.orders.wire import CURRENCY, cancellation_term, reschedule_term, schedule, tag
from catalog.codes import wildcard_of
from catalog.model import Area, Location, Provider
from catalog.ranking import bayesian

Json = dict[str, Any]
FULFILLMENT_ID = "F1"
PAYMENT_IDS = {"PRE-FULFILLMENT": "1", "ON-FULFILLMENT": "2", "POST-FULFILLMENT": "3"}
UNITS = {"10": "km", "11": "pincode", "12": "country", "13": "geojson"}
STATE = "UP"
FAULTY = re.compile(r"message\.catalog\.providers\[(?P<index>\d+)\]")
COUNTRY = "IND"


def catalog(found: Sequence[Found], domain: str, identity: Identity, dialect: Dialect) -> Json:
    """``message`` of an on_search. Nothing in it refers outside of it."""
    used = {kind for one in found for item in one.items for kind in item.offering.payment_types}
    providers = [_provider(one, domain, identity, dialect) for one in found]
    return {"catalog": {**catalog_head(identity, used), "providers": providers}}


def catalog_head(identity: Identity, payment_types: Collection[str]) -> Json:
    """What stands before the providers: who we are, and what items refer to."""
    return {
        "descriptor": {
            "name": identity.legal_name,
            "short_desc": "Home services by verified workers",
            "long_desc": "Plumbers, electricians, cleaners, cooks and carers, police-verified and certified, "
            "sent by empanelled providers in Uttar Pradesh",
            "images": [{"url": f"{identity.subscriber_uri.rstrip('/')}/assets/sewamitra.svg"}],
        },
        "fulfillments": [{"id": FULFILLMENT_ID, "type": "Home-Service"}],
        "payments": [{"id": key, "type": kind} for kind, key in PAYMENT_IDS.items() if kind in payment_types],
    }


def without_faulty(message: Json, violations: Sequence[Violation]) -> Json | None:
    """The catalog without the providers that break a rule of the wire; None where none is left, or others are at fault.

    A second net behind the checks of import and operator API: one bad row must not hide everybody else.
    """
    faults = [FAULTY.match(one.path) for one in violations]
    if not all(faults):
        return None
    indexes = {int(fault["index"]) for fault in faults if fault}
    found = message["catalog"]
    providers = [one for index, one in enumerate(found["providers"]) if index not in indexes]
    return {"catalog": {**found, "providers": providers}} if providers else None


def _provider(one: Found, domain: str, identity: Identity, dialect: Dialect) -> Json:
    listed = one.listed
    wire: Json = {
        **provider_head(one.provider, identity),
        "time": provider_time(one),
        **provider_places(one.provider, domain, dialect),
        "items": [wire for item in one.items for wire in _with_choices(item, one, listed, identity, dialect)],
        **provider_contact(one.provider),
    }
    if groups := [group for item in one.items for group in categories(item.offering)]:
        wire["categories"] = groups
    if shown := offers(one, domain, dialect):
        wire["offers"] = shown
    return {**wire, **provider_standing(one.provider)}


def provider_head(provider: Provider, identity: Identity) -> Json:
    """Who a provider is."""
    return {
        "id": provider.id,
        "descriptor": {
            "name": provider.name,
            "code": provider.code,
            "short_desc": provider.short_desc,
            "long_desc": provider.long_desc,
            "images": [{"url": image(provider.image, identity)}],
        },
        "ttl": "P1D",
    }


def provider_time(one: Found) -> Json:
    """The starts that are open for every item.

    Where there is none, a buyer must look at the items: no times then, between the first and the last of theirs.
    """
    if one.starts:
        return schedule(one.starts)
    wire = schedule(sorted({start for item in one.items for start in item.starts}))
    return {**wire, "schedule": {**wire["schedule"], "times": []}}


def provider_places(provider: Provider, domain: str, dialect: Dialect) -> Json:
    """Where a provider is, and where it goes."""
    return {
        "locations": [_location(place) for place in provider.locations],
        "tags": [_serviceability(area, dialect) for area in _areas(provider, domain)],
    }


def provider_contact(provider: Provider) -> Json:
    """Whom to call."""
    return {"fulfillments": [{"contact": {"phone": provider.phone, "email": provider.email}}]}


def provider_standing(provider: Provider) -> Json:
    """The papers of a provider and how it is rated, where there are any."""
    wire: Json = {}
    if provider.creds:
        wire["creds"] = [
            {"id": cred.id, "type": cred.type, "desc": cred.desc, "url": cred.url} for cred in provider.creds
        ]
    if provider.rating.count:  # one without ratings publishes none (decision 20)
        wire["rating"] = f"{bayesian(provider.rating):.1f}"  # what the order of the results follows (ADR 0029)
    return wire


def _with_choices(
    item: Bookable, one: Found, listed: Collection[str], identity: Identity, dialect: Dialect
) -> list[Json]:
    own = {
        **item_head(item, one.provider, listed, identity, dialect),
        "time": schedule(item.starts),
        **item_tail(one.provider),
    }
    return [own, *customizations(item.offering, identity)]


def item_head(
    item: Bookable, provider: Provider, listed: Collection[str], identity: Identity, dialect: Dialect
) -> Json:
    """What an item is, and on which terms; a parent that is not among the ids ``listed`` is not named."""
    offering = item.offering
    price: Json = {"currency": CURRENCY, "value": str(item.price)}
    if offering.max_price is not None and offering.max_price > item.price:
        price["maximum_value"] = str(offering.max_price)
    return {
        "id": offering.id,
        "parent_item_id": offering.parent_item_id if offering.parent_item_id in listed else "",
        "descriptor": {
            "name": offering.name,
            "code": offering.sub_service_id,
            "short_desc": offering.short_desc,
            "long_desc": f"{offering.long_desc} ({offering.name_hi})",
            "images": [{"url": image(offering.image, identity)}],
        },
        "price": price,
        "quantity": {
            "unitized": {"measure": {"unit": offering.unit, "value": "1"}},
            "maximum": {"count": offering.max_count},
        },
        "category_ids": [dialect.spell_category(offering.category)],
        "fulfillment_ids": [FULFILLMENT_ID],
        "location_ids": list(offering.location_ids) or [place.id for place in provider.locations],
        "payment_ids": [PAYMENT_IDS[kind] for kind in offering.payment_types],
        "cancellation_terms": [cancellation_term(term) for term in provider.terms.cancellation],
        "tags": [reschedule_term(term) for term in provider.terms.reschedule],
    }


def item_tail(provider: Provider) -> Json:
    """What stands behind the times of an item."""
    return {
        "matched": True,
        "recommended": provider.rating.count > 0 and provider.rating.sum >= 4 * provider.rating.count,
    }


def _location(place: Location) -> Json:
    return {
        "id": place.id,
        "gps": str(place.gps),
        "address": place.address,
        "city": {"code": f"std:{place.std}", "name": place.city},
        "state": {"code": STATE},
        "country": {"code": COUNTRY},
        "area_code": place.area_code,
    }


def _areas(provider: Provider, domain: str) -> list[Area]:
    prefix = wildcard_of(domain).removesuffix("*")
    return [area for area in provider.areas if area.category.startswith(prefix)]


def _serviceability(area: Area, dialect: Dialect) -> Json:
    return tag(
        "serviceability",
        {
            "location": area.location_id,
            "category": dialect.spell_category(area.category),
            "type": area.kind,
            "val": COUNTRY if area.kind == "12" else area.val,  # the network has no word for a state
            "unit": UNITS[area.kind],
        },
    )

"""What a catalog says of customisation and of offers. Source: protocol.md 1.2, 3 and 4, row 17; ADR 0016."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bpp.core.find import Found
from bpp.core.world import Identity
from bpp.domains.dialect import Dialect
from bpp.orders.wire import CURRENCY, tag, time_range
from catalog.availability import Horizon
from catalog.codes import wildcard_of
from catalog.customization import Customization, CustomizationCategory, Offer
from catalog.discounts import applies
from catalog.model import Offering, Slot

Json = dict[str, Any]


def categories(offering: Offering) -> list[Json]:
    """The groups of choices of an offering in the order in which a buyer chooses, each before its parts."""
    seq = {one.id: one.seq for one in offering.categories}

    def order(one: CustomizationCategory) -> tuple[int, str, bool, int, str]:
        group = one.parent_category_id or one.id
        return seq[group], group, one.id != group, one.seq, one.id

    return [_category(one) for one in sorted(offering.categories, key=order)]


def customizations(offering: Offering, identity: Identity) -> list[Json]:
    """What can be chosen with an offering, each an item with a parent."""
    return [_customization(one, offering, identity) for one in offering.customizations if one.active]


def offers(found: Found, domain: str, dialect: Dialect) -> list[Json]:
    """The provider's offers that apply to something listed. One whose free item is not listed is left out."""
    prices = {item.offering.id: str(item.price) for item in found.items}
    for item in found.items:
        prices |= {one.id: str(one.price) for one in item.offering.customizations if one.active}
    rows = []
    for one in found.offers:
        meant = [item.offering.id for item in found.items if _applies(one, item.offering)]
        meant += [item_id for item_id in one.item_ids if item_id in prices and item_id not in meant]
        if meant and (not one.free_item_id or one.free_item_id in prices):
            rows.append(_offer(one, meant, found, domain, dialect, prices))
    return rows


def image(url: str, identity: Identity) -> str:
    """A picture by its own URL, or ours by its name."""
    return url if "://" in url else f"{identity.subscriber_uri.rstrip('/')}/assets/{url or 'service.svg'}"


def _category(one: CustomizationCategory) -> Json:
    wire: Json = {"id": one.id, "descriptor": {"name": one.name, "code": one.code, "short_desc": one.name_hi}}
    if one.parent_category_id:
        wire["parent_category_id"] = one.parent_category_id
    tags = []
    bounds = {"min_selection": one.min_selection, "max_selection": one.max_selection}
    known = {code: str(number) for code, number in bounds.items() if number is not None}
    if not one.parent_category_id or one.mandatory or known:
        rule = {"seq": str(one.seq), "mandatory_selection": "true" if one.mandatory else "false"}
        tags.append(tag("selection", rule | known))
    if hours := one.hours:
        clock = {"start_time": f"{hours.starts:%H:%M}", "end_time": f"{hours.ends:%H:%M}"}
        tags.append(tag("schedule", {**clock, "frequency": one.frequency}))
    return {**wire, "tags": tags} if tags else wire


def _customization(one: Customization, base: Offering, identity: Identity) -> Json:
    return {
        "id": one.id,
        "parent_item_id": base.id,
        "descriptor": {
            "name": one.name,
            "code": base.sub_service_id,
            "short_desc": one.short_desc,
            "long_desc": f"{one.short_desc} ({one.name_hi})",
            "images": [{"url": image(one.image or base.image, identity)}],
        },
        "price": {"currency": CURRENCY, "value": str(one.price)},
        "quantity": {
            "unitized": {"measure": {"unit": one.unit, "value": "1"}},
            "minimum": _bound(one.min_count),
            "maximum": _bound(one.max_count),
        },
        "category_ids": list(one.category_ids),
        "tags": [tag("attribute", {"type": one.type, **one.attributes})],
    }


def _bound(count: int) -> Json:
    """A number of units as the schema has it (``count``) and as the published examples do (``value``)."""
    return {"count": count, "value": str(count)}


def _applies(offer: Offer, offering: Offering) -> bool:
    return applies(offer, item_id=offering.id, parent_item_id="", category=offering.category)


def _offer(
    one: Offer, item_ids: list[str], found: Found, domain: str, dialect: Dialect, prices: Mapping[str, str]
) -> Json:
    days = Horizon(one.valid_from, (one.valid_until - one.valid_from).days + 1)
    prefix = wildcard_of(domain).removesuffix("*")
    return {
        "id": one.id,
        "descriptor": {
            "name": one.name,
            "code": one.kind,
            "short_desc": one.short_desc,
            "long_desc": f"{one.long_desc} ({one.name_hi})",
        },
        "location_ids": list(one.location_ids) or [place.id for place in found.provider.locations],
        "category_ids": [dialect.spell_category(code) for code in one.category_ids if code.startswith(prefix)],
        "item_ids": item_ids,
        "time": {
            "label": "validity",
            "range": time_range(Slot(start=days.start, end=days.end - timedelta(seconds=1))),
        },
        "tags": _offer_tags(one, prices),
    }


def _offer_tags(one: Offer, prices: Mapping[str, str]) -> list[Json]:
    """The tag ``offers_details`` of the services specification; what it has no codes for, by the network's retail ones.

    ``qualifier`` and ``benefit`` say how many units are bought and how many are free, ``meta`` whether the offer is
    applied by itself. ``additive`` is no: a line has one offer at most.
    """
    details = {"qualifier_min_value": str(one.min_value)}
    if one.max_benefit is not None:
        details["max_benefit"] = str(one.max_benefit)
    if one.percentage is not None:
        details |= {"discount_unit": "percent", "discount_value": f"{one.percentage:f}"}
    if one.amount is not None:
        details |= {"discount_unit": "amount", "discount_value": str(one.amount)}
    tags = [tag("offers_details", details)]
    if one.buy is not None and one.get is not None:
        tags.append(tag("qualifier", {"item_count": str(one.buy)}))
        tags.append(tag("benefit", {"item_count": str(one.get - one.buy)}))
    if one.free_item_id:
        free = {"item_count": "1", "item_id": one.free_item_id, "item_value": prices[one.free_item_id]}
        tags.append(tag("benefit", free))
    return [*tags, tag("meta", {"additive": "no", "auto": "yes" if one.auto else "no"})]

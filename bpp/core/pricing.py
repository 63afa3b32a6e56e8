"""The price of a selection: its items at the prices in force for a place, less the offers of their provider."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bpp.core.world import World
from bpp.errors import BelowMinimum, BusinessError, OfferInvalid, OfferNotApplicable
from bpp.orders.assignment import local_day
from bpp.orders.model import LineItem, Seller
from catalog.discounts import Applied, Charged, Refused, apply_offers
from catalog.model import Offering
from catalog.quote import Quote, Wanted, quote
from catalog.search import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A quote, and why the first named offer that is not in it is not; None where all are."""

    quote: Quote
    refused: BusinessError | None


def price(
    items: Sequence[LineItem],
    offerings: Sequence[Offering],
    place: Place,
    world: World,
    *,
    seller: Seller,
    offers: Iterable[str],
) -> Priced:
    """Price items, valid from now; ``offers`` are those that the buyer named, others are applied by themselves."""
    wanted = [
        Wanted(
            offering=offering,
            count=item.count,
            unit_price=offering.price_in(place.district),
            kind="customization" if item.parent_item_id else "item",
        )
        for item, offering in zip(items, offerings, strict=True)
    ]
    applied = _applied(items, wanted, world, seller=seller, named=offers)
    made = quote(
        wanted,
        ttl=world.rules.quote_ttl_text,
        valid_until=world.now + world.rules.quote_ttl,
        discounts=applied.discounts,
    )
    return Priced(quote=made, refused=_error(applied.refused[0]) if applied.refused else None)


def _applied(
    items: Sequence[LineItem], wanted: Sequence[Wanted], world: World, *, seller: Seller, named: Iterable[str]
) -> Applied:
    named, offers = tuple(named), world.catalog.providers[seller.provider_id].offers
    if not named and not offers:
        return Applied(discounts=(), refused=())
    charged = [
        Charged(
            item_id=item.item_id,
            parent_item_id=item.parent_item_id,
            category=item.category,
            count=item.count,
            unit_price=one.unit_price,
        )
        for item, one in zip(items, wanted, strict=True)
    ]
    return apply_offers(charged, offers, named, location_id=seller.location_id, today=local_day(world.now))


def _error(refused: Refused) -> BusinessError:
    match refused.reason:
        case "invalid":
            return OfferInvalid(f"there is no offer {refused.offer_id!r} of this provider now")
        case "below_minimum":
            return BelowMinimum(f"offer {refused.offer_id!r} needs items of {refused.min_value} or more")
        case _:
            return OfferNotApplicable(f"offer {refused.offer_id!r} applies to nothing selected that no other offer has")

"""What an init makes of a draft: who pays, where exactly, and how."""

from __future__ import annotations

from dataclasses import replace

from bpp.core.pay import due_payments
from bpp.core.wanted import Details
from bpp.core.world import World
from bpp.orders.model import Draft, Json
from catalog.geo import distance_km
from catalog.search import Place

SAME_PLACE_KM = 0.1  # coordinates are written anew between steps; closer than this is the same place


def merged_customer(before: Json, after: Json) -> Json:
    """The customer's stop of two messages, the later one counting: its parts replace those before.

    Of a place only what it says anew is replaced, so that an address without ``gps`` keeps the coordinates; with
    other coordinates it is another place, and nothing of the one before holds there.
    """
    old, new = before.get("location") or {}, after.get("location") or {}
    moved = new.get("gps", old.get("gps")) != old.get("gps")
    location = new if moved else {**old, **new}
    return {**before, **after, **({"location": location} if location else {})}


def with_details(draft: Draft, details: Details, place: Place, world: World) -> Draft:
    """The draft with who pays, where exactly and how."""
    visit = draft.fulfillments[0]
    moved = visit.gps is None or place.gps is None or distance_km(visit.gps, place.gps) > SAME_PLACE_KM
    visit = replace(
        visit,
        customer=merged_customer(visit.customer, details.customer),
        gps=place.gps if moved else visit.gps,
        area_code=place.area_code or visit.area_code,
        district=place.district or visit.district,
    )
    kind = details.payment_type or draft.payment_type
    payments = due_payments(
        kind,
        draft.quote.total,
        draft.advance,
        tuple(one.id for one in draft.payments),
        world,
        ourselves=details.we_collect or draft.peer is None,
    )
    return replace(
        draft,
        billing=details.billing,
        fulfillments=(visit, *draft.fulfillments[1:]),
        payment_type=kind,
        payments=payments,
    )

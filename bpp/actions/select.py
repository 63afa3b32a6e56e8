"""select: a price and a held slot; or what stands against it, with slots that can be booked instead."""

from __future__ import annotations

from beckn_schemas.requests import SelectMessage
from bpp.actions.contract import Json, Outcome, Reply, Request
from bpp.actions.reading import (
    customer_of,
    customer_stop,
    finder_fee_of,
    gender_of,
    lines_of,
    offers_of,
    payment_type_of,
    peer_of,
    require_gps,
    we_collect,
)
from bpp.core.draft import Selected, offer
from bpp.core.draft import select as choose
from bpp.core.pay import collector_of, falls_due
from bpp.core.wanted import Selection
from bpp.core.world import World
from bpp.errors import NotServiceable, ScheduleMissing, SlotUnavailable, TooFar, WorkerUnavailable
from bpp.orders import wire
from bpp.orders.model import Draft
from bpp.storage.ports import Work
from catalog.moments import minute


async def select(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_select.

    A select without a slot is refused with 90003, or answered with the free ones where the rules say so (protocol.md
    4, row 7).
    """
    message: SelectMessage = request.message
    order = message.order
    stop = customer_stop(order.fulfillments)
    place = require_gps(stop)
    window = stop[2].time.range if stop is not None and stop[2].time is not None else None
    start = window.start if window is not None else None
    if start is None and not world.rules.offer_slots:
        path = "message.order.fulfillments[0].stops[0].time.range.start"
        raise ScheduleMissing("a slot offered in on_search is expected", path=path)
    provider = world.catalog.providers.get(order.provider.id)
    known = tuple(one.id for one in provider.locations) if provider else ()
    wanted = Selection(
        channel="ondc",
        peer=peer_of(request),
        provider_id=order.provider.id,
        location_ids=tuple(one.id for one in order.provider.locations if one.id),
        lines=lines_of(order.items, request, known_locations=known),
        place=place,
        start=minute(start or world.now),
        end=minute(window.end) if start and window and window.end else None,
        payment_type=payment_type_of(order.payments[0].type if order.payments else None),
        customer=customer_of(request, stop),
        tags=_tags(request),
        finder_fee=finder_fee_of(request),
        offers=offers_of(order.offers),
        gender=gender_of(request),
    )
    result = await choose(wanted, work, world) if start else await offer(wanted, work, world)
    return on_select(result, ourselves=we_collect(order.payments))


def on_select(result: Selected, *, ourselves: bool) -> Reply:
    """The wire form of the answer to a selection; ``ourselves``: what is paid in advance is left to us."""
    draft, error = result.draft, result.error
    visit = draft.fulfillments[0]
    serviceable = not isinstance(error, (NotServiceable, TooFar))
    order: Json = {
        "provider": wire.provider(draft.seller),
        "items": items(result),
        "fulfillments": [
            wire.selected_fulfillment(
                visit,
                label="confirmed" if error is None else "rejected",
                serviceable=serviceable,
                dated=result.dated,
            )
        ],
        **wire.offers(draft.quote),
        "quote": wire.quote(draft.quote),
        "payments": payments(draft, ourselves=ourselves),
        "cancellation_terms": wire.terms(draft),
    }
    return Reply(message={"order": order}, error=error)


def items(result: Selected) -> list[Json]:
    """The items; where the slot cannot be booked, each with the starts that can, be there none at all."""
    visit = result.draft.fulfillments[0]
    rows = [wire.item(one, visit.id) for one in result.draft.items]
    if not isinstance(result.error, (SlotUnavailable, WorkerUnavailable)):
        return rows
    return [{**row, "time": wire.instead(result.alternatives, visit.slot)} for row in rows]


def payments(draft: Draft, *, ourselves: bool) -> list[Json]:
    """How a selection will be paid: one or more parts, the first of the type selected (assertion 19)."""
    split = falls_due(draft.payment_type, draft.quote.total, draft.advance)
    return [{"type": kind, "collected_by": collector_of(kind, ourselves=ourselves)} for kind, _ in split]


def _tags(request: Request) -> tuple[Json, ...]:
    fulfillments = request.raw["message"]["order"].get("fulfillments") or [{}]
    return tuple(request.echoed(fulfillments[0].get("tags") or ()))

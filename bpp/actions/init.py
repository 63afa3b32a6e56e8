"""init: who pays, where exactly and how; the slot held longer; payments with where they are settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isodate import duration_isoformat

from beckn_schemas.requests import InitMessage, InitOrder
from bpp.actions.contract import Json, Outcome, Reply, Request
from bpp.actions.dialects import in_dialect
from bpp.actions.reading import (
    customer_of,
    customer_stop,
    lines_of,
    offers_of,
    payment_type_of,
    place_of,
    we_collect,
)
from bpp.actions.select import items
from bpp.core.draft import Selected, initialise
from bpp.core.papers import payment_links
from bpp.core.wanted import Details
from bpp.core.world import Account, World
from bpp.errors import InvalidRequest, NotServiceable, TooFar
from bpp.orders import wire
from bpp.orders.model import Draft
from bpp.storage.ports import Work


async def init(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_init. Missing fulfillments mean those of the select (protocol.md 1.5)."""
    message: InitMessage = request.message
    order = message.order
    stop = customer_stop(order.fulfillments)
    selected = await work.orders.draft(request.context.bap_id, request.context.transaction_id)
    draft = in_dialect(selected, request.dialect)
    details = Details(
        lines=lines_of(order.items, request),
        provider_id=order.provider.id,
        billing=request.echoed(request.original["message"]["order"]["billing"]),
        customer=_reachable(customer_of(request, stop), order, draft),
        place=place_of(stop[2].location if stop else None),
        payment_type=payment_type_of(order.payments[0].type if order.payments else None),
        offers=offers_of(order.offers),
        we_collect=we_collect(order.payments),
    )
    return on_init(await initialise(draft, details, work, world), world)


def _reachable(customer: Mapping[str, Any], order: InitOrder, draft: Draft | None) -> Mapping[str, Any]:
    """The customer with a contact: of the stop, of the select, else of the billing (assertion 30).

    Raises InvalidRequest where none of them has a telephone number.
    """
    if "contact" in customer or (draft is not None and "contact" in draft.fulfillments[0].customer):
        return customer
    if not order.billing.phone:
        text = "a telephone number is expected here or at the customer's stop"
        raise InvalidRequest(text, path="message.order.billing.phone")
    contact = {"phone": order.billing.phone}
    if order.billing.email:
        contact["email"] = order.billing.email
    return {**customer, "contact": contact}


def on_init(result: Selected, world: World) -> Reply:
    """The wire form of a completed draft."""
    draft = result.draft
    dialect = world.dialects.kept(draft.peer)
    settlement = account(world.identity.account)
    label = "confirmed" if result.error is None else "rejected"
    visit = wire.selected_fulfillment(draft.fulfillments[0], label=label, serviceable=True)
    if isinstance(result.error, (NotServiceable, TooFar)):
        del visit["state"]  # on_init has no word for a place that is not served but the error
    order: Json = {
        "provider": wire.provider(draft.seller),
        "locations": [{"id": draft.seller.location_id}],
        "items": items(result),
        "billing": draft.billing,
        "fulfillments": [visit],
        **wire.offers(draft.quote),
        "quote": wire.quote(draft.quote),
        "cancellation_terms": wire.terms(draft),
        "payments": [wire.payment(one, settlement, draft.finder_fee, dialect.finder_fee) for one in draft.payments],
    }
    if result.error is None:
        order["payments"] = wire.with_links(order["payments"], payment_links(draft, world))
    return Reply(message={"order": order}, error=result.error)


def account(one: Account) -> dict[str, str]:
    """The settlement account as the wire functions take it."""
    return {
        "beneficiary": one.beneficiary,
        "account": one.account,
        "ifsc": one.ifsc,
        "upi": one.upi,
        "window": str(duration_isoformat(one.window)),
    }

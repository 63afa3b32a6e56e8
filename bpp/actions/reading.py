"""From a request's typed message to the core's values: places, slots, lines, fees. One reading for every handler."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from beckn_schemas.base import MAX_ID
from beckn_schemas.common import Fulfillment, Location, Offer, Payment, Stop
from beckn_schemas.requests import RequestItem, SearchMessage, count_of, parse_request
from bpp.actions.contract import Request
from bpp.core.command import Paid
from bpp.core.wanted import Line
from bpp.domains.normalize import normalize
from bpp.errors import (
    BusinessError,
    ConfirmUnderWay,
    FinderFeeUnacceptable,
    InvalidRequest,
    OrderNotFound,
    OrderTerminal,
    PaymentTypeUnsupported,
)
from bpp.orders.assignment import AskedGender
from bpp.orders.model import FinderFee, Order, Peer
from bpp.orders.states import Stage
from bpp.storage.ports import Work
from catalog.geo import parse_gps
from catalog.model import Gps, PaymentType
from catalog.money import Money
from catalog.search import Place

PAYMENT_TYPES = ("PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT")
BOM = b"\xef\xbb\xbf"
WHOLE = Decimal(100)
GENDERS: Mapping[str, AskedGender] = {"female": "female", "f": "female", "male": "male", "m": "male"}
ECHOED = ("parent_item_id", "location_ids", "category_ids", "tags")


def place_of(location: Location | None) -> Place:
    """Where a service is wanted, with its district."""
    if location is None:
        return Place()
    return Place.of(gps_of(location), location.area_code or "")


def gps_of(location: Location) -> Gps | None:
    """The coordinates of a place, or None where it says none."""
    return parse_gps(location.gps) if location.gps else None


def lines_of(
    items: tuple[RequestItem, ...], request: Request, *, known_locations: tuple[str, ...] = ()
) -> tuple[Line, ...]:
    """The wanted items with their counts, and what came of each, to be echoed.

    Buyer apps compare (assertion 19), so ids are echoed in the peer's own spelling. Where the provider has none of the
    location ids, its single place is meant, and named; of several none is.
    """
    raw = request.raw["message"]["order"]["items"]
    original = request.original["message"]["order"]["items"]
    return tuple(
        Line(
            item_id=item["id"],
            count=count_of(item),
            wire=_echo(request.echoed({key: wire[key] for key in ECHOED if key in wire}), as_came, known_locations),
            parent_item_id=item.get("parent_item_id") or "",
            category_ids=item.get("category_ids", ()),
        )
        for item, wire, as_came in zip(items, raw, original, strict=True)
    )


def offers_of(offers: tuple[Offer, ...]) -> tuple[str, ...]:
    """The ids of the offers that a message names."""
    return tuple(one.id for one in offers)


def customer_stop(fulfillments: tuple[Fulfillment, ...]) -> tuple[int, int, Stop] | None:
    """The customer's stop with its indexes: of type ``end``, else the first without a type."""
    for index, fulfillment in enumerate(fulfillments):
        for number, stop in enumerate(fulfillment.stops):
            if stop.type in ("end", None):
                return index, number, stop
    return None


def customer_of(request: Request, found: tuple[int, int, Stop] | None) -> Mapping[str, Any]:
    """Place, contact, person and instructions of the customer as they came.

    A contact without a telephone number is left out: nobody could ring at the door by it.
    """
    if found is None:
        return {}
    index, number, _ = found
    stop = request.raw["message"]["order"]["fulfillments"][index]["stops"][number]
    said = {key: request.echoed(stop.get(key)) for key in ("location", "contact", "person", "instructions")}
    kept = {key: part for key, part in said.items() if part}
    if not kept.get("contact", {}).get("phone"):
        kept.pop("contact", None)
    return kept


def gender_of(request: Request) -> AskedGender:
    """The gender of the worker asked for in the first fulfillment's ``agent``; empty where none, or another word, is.

    The specification has the place, an agent whom the customer wants, and leaves the words to a policy that there is
    not: what is neither of our two is no reason to refuse a select.
    """
    fulfillments = request.raw["message"]["order"].get("fulfillments") or [{}]
    match fulfillments[0]:
        case {"agent": {"person": {"gender": str(text)}}}:
            return GENDERS.get(text.strip().lower(), "")
    return ""


def payment_type_of(text: str | None) -> PaymentType | None:
    """A payment type by its name; None where none was said. Raises PaymentTypeUnsupported for an unknown one."""
    if text is None:
        return None
    if text not in PAYMENT_TYPES:
        raise PaymentTypeUnsupported(f"payment types are {', '.join(PAYMENT_TYPES)}")
    return cast("PaymentType", text)


def we_collect(payments: tuple[Payment, ...]) -> bool:
    """Whether a buyer app leaves to us what is paid in advance; it says so at the first payment (protocol.md 1.5)."""
    return bool(payments) and payments[0].collected_by == "BPP"


def peer_of(request: Request) -> Peer:
    """The buyer app as a draft keeps it."""
    context = request.context
    return Peer(
        bap_id=context.bap_id,
        bap_uri=context.bap_uri,
        transaction_id=context.transaction_id,
        domain=context.domain,
        location=request.raw["context"].get("location") or {},
    )


def finder_fee_of(request: Request) -> FinderFee:
    """The buyer app's fee as its search of the same transaction said; nothing said is 0 per cent.

    Read from the message log, so that a search, of which there are many, writes nothing for it. Raises
    FinderFeeUnacceptable for a percentage above a hundred. A flat fee may be more than a cheap visit costs: real buyer
    apps state one for whatever follows, and the work that is quoted after the visit may cover it.
    """
    if request.search is None:
        return FinderFee()
    search = normalize("search", json.loads(request.search.removeprefix(BOM)), request.dialect)
    fee = cast("SearchMessage", parse_request("search", search).message).intent.finder_fee
    if fee is None:
        return FinderFee()
    if fee.type == "percent" and Decimal(fee.amount) > WHOLE:
        raise FinderFeeUnacceptable(
            "a finder fee of at most 100 per cent is expected in the search of this transaction"
        )
    return FinderFee(type=fee.type, amount=fee.amount)


async def order_of(order_id: str, request: Request, work: Work, *, path: str = "message.order_id") -> Order:
    """The buyer app's order; raises OrderNotFound for an unknown one and for another buyer's (decision 1)."""
    order = await work.orders.by_network_id(request.context.bap_id, order_id)
    if order is None or order.forgotten_at is not None:
        raise OrderNotFound(f"no order {order_id!r} of this buyer app", path=path)
    return order


async def confirm_under_way(order: Order, work: Work) -> BusinessError | None:
    """31003 while on_confirm is tried again: until the buyer app has it nothing may change (network.md 5)."""
    if order.acknowledged or not await work.outbox.retrying(order.ref, "on_confirm"):
        return None
    return ConfirmUnderWay("the order's on_confirm has not been delivered yet; please ask again")


def over(order: Order) -> OrderTerminal:
    """What stands against a change of an order whose last visit is over, whatever is quoted for beside it."""
    what = "cancelled" if order.visit.stage is Stage.CANCELLED else "completed"
    return OrderTerminal(f"the order is {what}")


def paid_of(payments: tuple[Payment, ...]) -> tuple[Paid, ...]:
    """What a buyer app says of payments. Raises InvalidRequest for an amount that is none."""
    return tuple(
        Paid(
            id=one.id or "",
            type=one.type or "",
            status=one.status or "",
            amount=money_of(one.params.amount if one.params else None),
            transaction_id=(one.params.transaction_id if one.params else None) or "",
        )
        for one in payments
    )


def money_of(text: str | None) -> Money | None:
    """An amount, or None where none was said. Raises InvalidRequest for one that is not exact to the paisa."""
    if text is None:
        return None
    try:
        return Money.parse(text)
    except ValueError as problem:
        raise InvalidRequest("an amount in rupees, exact to the paisa, is expected", path="message.order") from problem


def require_gps(found: tuple[int, int, Stop] | None) -> Place:
    """The customer's place; raises InvalidRequest where it has no coordinates."""
    index, number, stop = found if found is not None else (0, 0, None)
    if stop is None or stop.location is None or not stop.location.gps:
        path = f"message.order.fulfillments[{index}].stops[{number}].location.gps"
        raise InvalidRequest('the customer\'s place as "lat,lon" is expected', path=path)
    return place_of(stop.location)


def _spelled_code(code: object) -> bool:
    return isinstance(code, str) and bool(code.strip()) and len(code) <= MAX_ID


def _echo(kept: dict[str, Any], as_came: Mapping[str, Any], known_locations: tuple[str, ...]) -> Mapping[str, Any]:
    if isinstance(as_came.get("parent_item_id"), str):
        kept["parent_item_id"] = as_came["parent_item_id"]
    codes = as_came.get("category_ids")
    if isinstance(codes, list) and codes and all(map(_spelled_code, codes)):
        kept["category_ids"] = codes
    if "location_ids" in kept:
        own = [one for one in kept["location_ids"] if one in known_locations]
        meant = own or (known_locations if len(known_locations) == 1 else ())
        kept["location_ids"] = list(meant)
        if not meant:
            del kept["location_ids"]
    return kept

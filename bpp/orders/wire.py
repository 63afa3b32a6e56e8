"""Drafts and orders as they stand on the wire: one function for each part, used by every callback.

Sources: protocol.md 1.4 to 1.9 (what to emit) and 7; the examples of the services specification 2.0.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

from beckn_schemas.spellings import FEE_CODES, FeeSpelling
from bpp.orders.model import Assignee, Draft, FinderFee, Fulfillment, LineItem, Order, Payment, Proposal, Seller
from bpp.orders.states import Stage
from bpp.orders.tracking import followed
from catalog.availability import FREQUENCY, KOLKATA, weekday
from catalog.model import CancellationTerm, RescheduleTerm, Slot
from catalog.moments import wire_time
from catalog.money import Money, total
from catalog.quote import LineKind, Quote, QuoteLine

Json = dict[str, Any]
CURRENCY = "INR"


def price(amount: Money) -> Json:
    """``{currency, value}``."""
    return {"currency": CURRENCY, "value": str(amount)}


def tag(code: str, entries: Mapping[str, str]) -> Json:
    """A tag group with a list of codes and values."""
    rows = [{"descriptor": {"code": name}, "value": value} for name, value in entries.items()]
    return {"descriptor": {"code": code}, "list": rows}


def provider(seller: Seller, *, rateable: bool | None = None) -> Json:
    """The seller with the place it serves from."""
    wire: Json = {"id": seller.provider_id, "locations": [{"id": seller.location_id}]}
    return wire if rateable is None else {**wire, "rateable": rateable}


def item(one: LineItem, fulfillment_id: str) -> Json:
    """What the buyer app sent of an item, with its count and its fulfillment."""
    wire: Json = {
        **one.wire,
        "id": one.item_id,
        "quantity": {"selected": {"count": one.count}},
        "fulfillment_ids": [fulfillment_id],
    }
    return {**wire, "payment_ids": list(one.payment_ids)} if one.payment_ids else wire


def quote(one: Quote) -> Json:
    """The price and its breakup."""
    wire: Json = {"price": price(one.total), "breakup": [_line(line) for line in one.lines], "ttl": one.ttl}
    return {"id": one.id, **wire} if one.id else wire


def open_quotes(proposals: Sequence[Proposal], base: Quote) -> list[Json]:
    """A tag for every quotation that waits: its id, the order's price with it, and until when it may be taken.

    The order has a place for one quote only, and a buyer who decides late must see them all (protocol.md 6, delayed
    decision).
    """
    return [
        tag(
            "open_quote",
            {
                "quote_id": one.id,
                "price": str(base.total + total(line.amount for line in one.lines)),
                "valid_until": wire_time(one.valid_until),
            },
        )
        for one in proposals
    ]


def offers(one: Quote) -> Json:
    """``offers`` of an order: the ids of those that its quote has applied; no key where there are none."""
    return {"offers": [{"id": offer_id} for offer_id in one.offer_ids]} if one.offer_ids else {}


def cancellation_term(one: CancellationTerm) -> Json:
    """One cancellation term: an amount or a percentage."""
    fee = {"amount": {"value": str(one.fee)}} if one.fee is not None else {"percentage": f"{one.percentage:f}"}
    return {
        "fulfillment_state": {"descriptor": {"code": one.state}},
        "reason_required": one.reason_required,
        "cancel_by": {"duration": one.cancel_by},
        "cancellation_fee": fee,
    }


def reschedule_term(one: RescheduleTerm) -> Json:
    """The tag ``reschedule_terms`` of an item."""
    return tag(
        "reschedule_terms",
        {
            "fulfillment_state": one.state,
            "reschedule_eligible": "true" if one.eligible else "false",
            "reschedule_fee": str(one.fee),
            "reschedule_within": one.within,
        },
    )


def time_range(slot: Slot) -> Json:
    """``{start, end}``."""
    return {"start": wire_time(slot.start), "end": wire_time(slot.end)}


def instead(starts: Sequence[datetime], asked: Slot) -> Json:
    """``time`` with the starts that can be booked instead of a slot; where there are none, said of its days."""
    if starts:
        return schedule(starts)
    later = range((asked.end - asked.start).days + 1)
    days = sorted({weekday(asked.start + timedelta(days=number)) for number in later})
    return {**schedule(()), "range": time_range(asked), "days": ",".join(days)}


def schedule(starts: Sequence[datetime]) -> Json:
    """``time`` with the starts that can be booked: label, range, days, frequency, times."""
    if not starts:
        return {"label": "validity", "schedule": {"frequency": FREQUENCY, "times": []}}
    days = sorted({weekday(start) for start in starts})
    last_day = starts[-1].astimezone(KOLKATA).replace(hour=23, minute=59, second=59, microsecond=0)
    return {
        "label": "validity",
        "range": {"start": wire_time(starts[0]), "end": wire_time(last_day)},
        "days": ",".join(days),
        "schedule": {"frequency": FREQUENCY, "times": [wire_time(start) for start in starts]},
    }


def end_stop(visit: Fulfillment, label: str, *, dated: bool = True) -> Json:
    """The customer's stop: echoed place, contact and person, and the slot where one was named (``dated``)."""
    when: Json = {"label": label}
    if dated:
        when |= {"range": time_range(visit.slot), "days": weekday(visit.slot.start)}
    return {"type": "end", **visit.customer, "time": when}


def selected_fulfillment(visit: Fulfillment, *, label: str, serviceable: bool, dated: bool = True) -> Json:
    """A fulfillment before the order: serviceable or not, slot confirmed or rejected, or never named."""
    wire: Json = {
        "id": visit.id,
        "type": "Home-Service",
        "tracking": False,
        "state": {"descriptor": {"code": "Serviceable" if serviceable else "Non-serviceable"}},
        "stops": [end_stop(visit, label, dated=dated)],
    }
    return {**wire, "tags": list(visit.tags)} if visit.tags else wire


def fulfillment(
    order: Order, visit: Fulfillment, *, token: str | None, rateable: bool | None = None, label: str = "confirmed"
) -> Json:
    """A fulfillment of an order: worker at the start stop, customer at the end stop, OTP where one is in force.

    ``label`` is that of the slot: ``confirmed``, or ``rejected`` in an order that could not be made.
    """
    start: Json = {"type": "start", "location": _start_place(order.seller), "time": {"range": time_range(visit.slot)}}
    if visit.departed_at is not None:
        start["time"]["timestamp"] = wire_time(visit.departed_at)
    person = visit.assignee or order.seller
    start["contact"] = {"phone": person.phone, "email": person.email}
    if visit.assignee is not None:
        start["person"] = _person(visit.assignee)
    end = end_stop(visit, label)
    if visit.stage is Stage.COMPLETED and visit.completed_at is not None:
        end["time"]["timestamp"] = wire_time(visit.completed_at)
    if token is not None and visit.otp is not None:
        end["authorization"] = {
            "type": "OTP",
            "token": token,
            "valid_from": wire_time(visit.otp.valid_from),
            "valid_to": wire_time(visit.otp.valid_to),
            "status": "valid",
        }
    wire: Json = {
        "id": visit.id,
        "type": "Home-Service",
        "tracking": followed(order.seller, visit),
        "state": {"descriptor": {"code": visit.code}},
        "stops": [start, end],
    }
    if rateable is not None:
        wire["rateable"] = rateable
    return {**wire, "tags": list(visit.tags)} if visit.tags else wire


def payment(
    one: Payment, account: Mapping[str, str], fee: FinderFee, spelling: FeeSpelling = "Buyer_Finder_Fee"
) -> Json:
    """A payment with where and when it is settled, and the buyer app's fee.

    ``account``: beneficiary, account, ifsc, upi, and ``window``, how long after the work it is settled (ISO 8601).
    """
    fee_type, fee_amount = FEE_CODES[spelling]
    params = {
        "amount": str(one.amount),
        "currency": CURRENCY,
        "bank_account_number": account["account"],
        "virtual_payment_address": account["upi"],
    }
    if one.transaction_id:
        params["transaction_id"] = one.transaction_id
    wire: Json = {
        "id": one.id,
        "type": one.type,
        "collected_by": one.collected_by,
        "params": params,
        "tags": [
            tag(
                "Settlement_Counterparty",
                {
                    "Counterparty": "BPP",
                    "Mode": "UPI",
                    "Beneficiary_Name": account["beneficiary"],
                    "Bank_Account_No": account["account"],
                    "Ifsc_Code": account["ifsc"],
                    "UPI_Address": account["upi"],
                },
            ),
            # "Witholding_Amount" is the protocol's own spelling.
            tag(
                "Settlement_Details",
                {
                    "Window": account["window"],
                    "Basis": "Completed",
                    "Witholding_Amount": "0.00",
                    "Phase": "sale-amount",
                },
            ),
            tag("Buyer_Finder_Fee", {fee_type: fee.type, fee_amount: fee.amount}),
        ],
    }
    return wire if one.status is None else {**wire, "status": one.status}


def with_links(payments: Sequence[Json], links: Mapping[str, str]) -> list[Json]:
    """Payments with ``url``, where there is a page to pay by; ``links`` by the payments' ids."""
    return [{**one, "url": links[one["id"]]} if one["id"] in links else one for one in payments]


def terms(one: Draft | Order) -> list[Json]:
    """The cancellation terms snapshotted into a draft or order."""
    return [cancellation_term(term) for term in one.terms.cancellation]


def _person(one: Assignee) -> Json:
    """The worker with photo and papers, where the schema of a person has places for them: ``image`` and ``creds``."""
    wire: Json = {"name": one.name}
    if one.photo:
        wire["image"] = {"url": one.photo}
    if one.creds:
        papers = ({"id": cred.id, "type": cred.type, "url": cred.url} for cred in one.creds)
        wire["creds"] = [{name: value for name, value in paper.items() if value} for paper in papers]
    return wire


def _start_place(seller: Seller) -> Json:
    return {"id": seller.location_id, "descriptor": {"name": seller.name}, "gps": str(seller.location_gps)}


def _line(line: QuoteLine) -> Json:
    item_wire: Json = {"id": line.item_id}
    if line.count is not None and line.unit_price is not None:
        item_wire["quantity"] = {"selected": {"count": line.count}}
        item_wire["price"] = price(line.unit_price)
    return {
        "title": line.title,
        "price": price(line.amount),
        "item": item_wire,
        "tags": _TITLES[line.kind],
    }


_TITLES: Mapping[str, list[Json]] = {kind: [tag("title", {"type": kind})] for kind in get_args(LineKind)}
"""The tags of a line by its kind. All lines share them: nobody changes what was made for the wire."""

"""An order and a conversation in plain words, for people."""

from __future__ import annotations

from decimal import Decimal

from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback, Json
from bpp.sandbox.moments import IST, in_words, wire_time
from bpp.sandbox.offers import Offer, otp, state, window, worker

STATES = {
    "Pending": "has not set off yet",
    "In-Transit": "is on the way",
    "At-Location": "is at the door or at work",
    "Completed": "has finished the work",
    "Cancelled": "will not come: the order was cancelled",
}


def told(callback: Callback, offer: Offer) -> Json:
    """An order in a sentence and in its main facts. Money is text in rupees."""
    order = callback.order
    when = window(order)
    paid = [one for one in order.get("payments", []) if one.get("status") == "PAID"]
    documents = order.get("documents") or [{}]
    total = Decimal(str(order.get("quote", {}).get("price", {}).get("value", "0")))
    facts: Json = {
        "order_id": order.get("id"),
        "transaction_id": callback.transaction_id,
        "status": order.get("status"),
        "state": state(order),
        "service": offer.item_name,
        "provider": offer.provider_name,
        "worker": worker(order) or None,
        "start": wire_time(when[0]) if when else None,
        "total": f"{total:.2f}",
        "paid": bool(paid),
        "otp": otp(order) or None,
        "invoice": documents[0].get("url"),
    }
    return {"in_words": _sentences(facts, callback), **facts}


def conversation(buyer: Buyer, transaction_id: str) -> list[Json]:
    """Every remembered message of a conversation with how it was answered, in order of time."""
    us = buyer.participant.subscriber_id
    said = [
        (
            one.request.at,
            {
                "at": wire_time(one.request.at),
                "from": us,
                "to": one.request.url,
                "action": one.request.action,
                "http_status": one.status,
                "answer": one.document,
                "document": one.request.document,
            },
        )
        for one in buyer.answers
        if one.request.transaction_id == transaction_id
    ] + [
        (
            one.at,
            {
                "at": wire_time(one.at),
                "from": one.context.get("bpp_id"),
                "to": one.url,
                "action": one.action,
                "http_status": one.answer.status,
                "signature": one.problem or "held",
                "document": one.document,
            },
        )
        for one in buyer.callbacks
        if one.transaction_id == transaction_id
    ]
    return [entry for _, entry in sorted(said, key=lambda pair: pair[0])]


def _sentences(facts: Json, callback: Callback) -> str:
    when = window(callback.order)
    time = f"{in_words(when[0])} to {when[1].astimezone(IST):%H:%M} Indian time" if when else "a time not told"
    who = facts["worker"] or "Somebody"
    doing = STATES.get(facts["state"], "is expected")
    sentences = [
        f"{facts['service']} by {facts['provider']}, {time}.",
        f"{who} {doing}.",
        _money(facts),
    ]
    if facts["status"] == "PENDING":
        sentences.append("The seller has quoted for more work: take it or refuse it.")
    if facts["otp"]:
        sentences.append(f"Tell the worker this code to start the work: {facts['otp']}.")
    if callback.error:
        sentences.append(f"Note: {callback.error.get('message')}.")
    if facts["invoice"]:
        sentences.append(f"The invoice is at {facts['invoice']}")
    return " ".join(sentences)


def _money(facts: Json) -> str:
    if facts["state"] == "Cancelled":  # the quote of a cancelled order is what the seller keeps (protocol 4, row 30)
        return f"The seller keeps ₹{facts['total']}; whatever was paid beyond that goes back."
    return f"Total ₹{facts['total']}, {'paid' if facts['paid'] else 'not paid yet'}."

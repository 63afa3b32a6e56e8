"""Trace: from a transaction, message or order id to everything that was said, without anybody's personal data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from bpp.console.engine.deliveries import SHOWN
from bpp.console.engine.reasons import WORDS, reason_words
from bpp.console.language import gettext, msg
from bpp.console.page import Visit
from bpp.core.world import World
from bpp.operator.order_views import summary
from bpp.operator.routes import Query
from bpp.orders.numbers import read_number
from bpp.storage.ports import OrderFilter, OrderRow, Work
from bpp.storage.ports_messages import Transcript
from bpp.storage.ports_traffic import Sent

NEWEST = 20_000
"""Messages among which a message id is looked for; a transaction and an order are found whatever their age."""
MOST = 20
LONGEST = 255


class TraceQuery(Query):
    """What somebody has in the hand."""

    q: str = Field(default="", max_length=LONGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One transaction with one buyer app: the log, the callbacks, the orders."""

    peer: str
    transaction_id: str
    said: Transcript
    callbacks: Sequence[Sent]
    orders: Sequence[OrderRow]


async def read_trace(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """Everything of what a number belongs to."""
    query: TraceQuery = visit.query
    asked = query.q.strip()
    orders = await _orders(asked, work) if asked else ()
    transactions = {one.transaction_id for one in orders if one.transaction_id}
    if asked and not orders:
        transactions = {asked} if await work.traffic.peers_of(asked) else set()
        transactions = transactions or set(await work.traffic.transactions_of(asked, NEWEST))
    found = [one for name in sorted(transactions)[:MOST] for one in await _conversations(name, work)]
    told = {order.ref for one in found for order in one.orders}
    return {
        "q": asked,
        "found": found,
        "own": [summary(one) for one in orders if one.ref not in told],
        "newest": NEWEST,
        "outcome_words": outcome_words,
        "asked_of": ASKED,
        "now": world.now,
        **SHOWN,
    }


ASKED = {"in": msg("from the buyer app"), "out": msg("to the buyer app")}


def outcome_words(message: Mapping[str, Any]) -> str:
    """What came of a message: ACK and NACK with their code as they are, the rest in words."""
    outcome: str = message["outcome"]
    if message["direction"] == "in":
        return outcome
    kind = outcome.partition(":")[0]
    if kind == "answered":
        return reason_words(f"http {message['http_status']}")
    if kind == "nacked":
        return "NACK"
    return gettext(WORDS[kind]) if kind in WORDS else kind


async def _orders(asked: str, work: Work) -> Sequence[OrderRow]:
    """By the id of the buyer app, by our number, by our reference."""
    number = read_number(asked)
    for wanted in dict.fromkeys((asked, number or asked)):
        if found := await work.orders.find(OrderFilter(order_id=wanted, limit=MOST)):
            return found
    order = await work.orders.get(asked)
    if order is None:
        return ()
    which = OrderFilter(bap_id=order.peer.bap_id if order.peer else "", order_id=order.order_id, limit=1)
    return await work.orders.find(which)


async def _conversations(transaction_id: str, work: Work) -> Sequence[Conversation]:
    found = []
    for peer in await work.traffic.peers_of(transaction_id):
        orders = await work.orders.find(OrderFilter(bap_id=peer, transaction_id=transaction_id, limit=MOST))
        answers = await work.traffic.answers_of(peer, transaction_id)
        found.append(
            Conversation(
                peer=peer,
                transaction_id=transaction_id,
                said=await work.messages.of_transaction(peer, transaction_id),
                callbacks=await work.traffic.sent_of(answers, [one.ref for one in orders]),
                orders=orders,
            )
        )
    return found

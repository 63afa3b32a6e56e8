"""Messages as they were sent: for engineers with what is personal in them masked, for administrators as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bpp.console.orders import words
from bpp.console.orders.messages import attempt_in_words, code_in_words
from bpp.console.orders.told import order_path
from bpp.console.orders.words_refused import OUTCOMES
from bpp.console.page import Done, Visit, outcome
from bpp.core.privacy import PersonalData, Reader, note_read
from bpp.core.world import World
from bpp.operator.deliveries import RETRIABLE, DeliveryDetail, get_delivery, retry, serial
from bpp.operator.orders import order_at
from bpp.operator.problems import not_found
from bpp.orders.masking import hidden_message
from bpp.orders.model import Order
from bpp.storage.ports import Callback, Work


async def read_message(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """One message of the order's transaction: both bodies, digests and the header of the signature."""
    order = await order_at(visit.call(), work)
    row = await _row(order, visit.path["number"], work)
    reader = visit.caller.reader
    bodies = await work.messages.bodies([row["body_digest"], row["answer_digest"]])
    if reader.sees(PersonalData.CONSUMER):
        await note_read(reader, "order", order.ref, work, world)
    incoming = row["direction"] == "in"
    table = words.ASKED if incoming else words.ANSWERED
    return {
        "number": order.order_id,
        "ref": order.ref,
        "row": row,
        "title_words": table.get(row["action"], words.UNKNOWN_MESSAGE),
        "incoming": incoming,
        "outcome": _outcome(row),
        "body": shown_body(bodies.get(row["body_digest"], b""), reader),
        "answer": shown_body(bodies.get(row["answer_digest"], b""), reader),
        "masked": not reader.sees(PersonalData.CONSUMER),
    }


async def _row(order: Order, number: str, work: Work) -> Mapping[str, Any]:
    found = await work.messages.logged(serial(number))
    peer = order.peer
    if found is None or peer is None or (found["peer"], found["transaction_id"]) != (peer.bap_id, peer.transaction_id):
        raise not_found("message", number)
    return found


def _outcome(row: Mapping[str, Any]) -> str:
    if row["direction"] == "out":
        return attempt_in_words(row["outcome"])
    code = row["outcome"].removeprefix("NACK ")
    return OUTCOMES["acked"] if row["outcome"] == "ACK" else code_in_words(code)


def shown_body(body: bytes, reader: Reader) -> str:
    """A body as a reader may see it: byte for byte, or masked and then only what is JSON."""
    if reader.sees(PersonalData.CONSUMER):
        return body.decode(errors="replace")
    try:
        read = json.loads(body)
    except ValueError:
        return ""
    return json.dumps(hidden_message(read), ensure_ascii=False, indent=1)


async def read_callback(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """An answer of ours with every attempt to deliver it, and whether it can be sent again."""
    order, callback = await _callback(visit, work)
    answer = await get_delivery(visit.call(id=str(callback.seq)), work, world)
    delivery = answer.content
    assert isinstance(delivery, DeliveryDetail)  # noqa: S101  what the call answers with
    return {
        "number": order.order_id,
        "ref": order.ref,
        "delivery": delivery,
        "title_words": words.ANSWERED.get(delivery.action, words.UNKNOWN_MESSAGE),
        "state_words": words.CALLBACK_STATES[delivery.state],
        "attempts": [
            (one, attempt_in_words(one.outcome), code_in_words(one.code) if one.code else "")
            for one in delivery.attempts
        ],
        "body": json.dumps(delivery.body, ensure_ascii=False, indent=1) if delivery.body is not None else "",
        "again": delivery.state in RETRIABLE and delivery.body is not None,
        "masked": not visit.caller.reader.sees(PersonalData.CONSUMER),
    }


async def replay(visit: Visit, work: Work, world: World) -> Done:
    """Send an answer again, byte for byte."""
    order, callback = await _callback(visit, work)
    return outcome(await retry(visit.call(id=str(callback.seq)), work, world), order_path(order.ref))


async def _callback(visit: Visit, work: Work) -> tuple[Order, Callback]:
    """The answer that a path names, if it is one about its order."""
    order = await order_at(visit.call(), work)
    number = visit.path["number"]
    found = await work.outbox.get(serial(number))
    if found is None or found.order_ref != order.ref:
        raise not_found("delivery", number)
    return order, found

"""The acts of the worker in the demonstration: setting off, arriving, the code at the door, the work done."""

from __future__ import annotations

import orjson

from bpp.sandbox import journey
from bpp.sandbox.demo_changes import more_work
from bpp.sandbox.demo_stage import BUYER_APP, SELLER_APP, WORKER, Stage, adds_up
from bpp.sandbox.exchange import Callback
from bpp.sandbox.narrate import Check, pick
from bpp.sandbox.offers import otp, state, stop, worker

UNAUTHORIZED = 401
UNPROCESSABLE = 422
FOUND = 200
WRONG_OTP = "90002"


async def visit(stage: Stage, confirmed: Callback) -> None:
    """Everything between booking and invoice."""
    ref = await _worker_named(stage, confirmed)
    await _forged(stage, confirmed)
    await _on_the_way(stage, confirmed, ref)
    await _at_the_door(stage, confirmed, ref)
    await more_work(stage, confirmed, ref)
    await _done(stage, confirmed, ref)


async def _worker_named(stage: Stage, confirmed: Callback) -> str:
    """Ask for the status; where nobody is assigned yet, an operator assigns somebody. Our side's ref of the order."""
    stage.narrator.chapter("Who comes?")
    stage.narrator.tell("The buyer app may ask at any time how the order stands.")
    found = await stage.field.find(bap_id=confirmed.context["bap_id"], order_id=confirmed.order["id"])
    ref = str(found["ref"])
    if not worker(confirmed.order):
        await stage.field.event(ref, "assign")
        await stage.told(confirmed, lambda one: bool(worker(one.order)))
    exchange = await journey.status(stage.buyer, confirmed)
    order = exchange.callback.order
    stage.narrator.message(BUYER_APP, "status", SELLER_APP, [("message.order_id", order.get("id"))])
    stage.narrator.message(
        SELLER_APP,
        "on_status",
        BUYER_APP,
        [("message.order.status", order.get("status")), ("state", state(order)), ("worker", worker(order))],
    )
    stage.check_exchange(
        exchange,
        Check(text="a worker is named", held=bool(worker(order))),
        Check(text="no code is given away before the worker is there", held=not otp(order)),
    )
    return ref


async def _forged(stage: Stage, confirmed: Callback) -> None:
    """A cancellation in the buyer app's name whose bytes are not those that were signed."""
    stage.narrator.chapter("Somebody tries to cancel in the customer's name")
    stage.narrator.tell(
        "A message was caught on its way and changed: a status question became a cancellation. The signature covers "
        "every byte, so the seller app refuses it, and nothing happens to the order."
    )
    buyer = stage.buyer
    context = journey.following(confirmed)
    asked = buyer.envelope(
        "status", {"order_id": confirmed.order["id"]}, transaction_id=confirmed.transaction_id, context=context
    )
    changed = asked | {
        "context": asked["context"] | {"action": "cancel"},
        "message": {"order_id": confirmed.order["id"], "cancellation_reason_id": "001"},
    }
    answer = await buyer.post(
        "cancel", orjson.dumps(changed), headers={"Authorization": buyer.authorization(orjson.dumps(asked))}
    )
    stage.narrator.message("Somebody", "cancel", SELLER_APP, [("message.order_id", confirmed.order["id"])])
    stage.narrator.message(
        SELLER_APP, "NACK", "Somebody", [("HTTP status", answer.status), ("error.code", answer.error_code)]
    )
    refused = answer.status == UNAUTHORIZED and not answer.acked
    stage.check("the forged message was refused", refused, f"HTTP {answer.status}")


async def _on_the_way(stage: Stage, confirmed: Callback, ref: str) -> None:
    stage.narrator.chapter("The worker sets off")
    stage.narrator.tell(
        "We do not wait for the hour. The worker presses a button. Nobody asked, yet the buyer app is told: such "
        "messages have an id of their own."
    )
    await stage.field.event(ref, "depart")
    told = await stage.told(confirmed, lambda one: state(one.order) == "In-Transit")
    departed = pick(stop(told.order, "start"), "time.timestamp")
    stage.narrator.message(WORKER, "depart", SELLER_APP)
    stage.narrator.message(
        SELLER_APP,
        "on_status",
        BUYER_APP,
        [("message.order.status", told.order.get("status")), ("state", state(told.order)), ("departure", departed)],
    )
    stage.check_unasked(
        told,
        stage.asked(confirmed.transaction_id),
        Check(text="the order is in progress", held=told.order.get("status") == "IN-PROGRESS"),
        Check(text="the time of departure is there", held=bool(departed)),
    )


async def _at_the_door(stage: Stage, confirmed: Callback, ref: str) -> None:
    stage.narrator.chapter("The worker is at the door: the code")
    stage.narrator.tell(
        "On arrival the customer's app shows a one-time password. The customer tells it to the worker, who types it "
        "in: so both know that the right person stands in front of them. Without it the work cannot start."
    )
    await stage.field.event(ref, "arrive")
    arrived = await stage.told(confirmed, lambda one: bool(otp(one.order)))
    shown = otp(arrived.order)
    stage.narrator.message(WORKER, "arrive", SELLER_APP)
    stage.narrator.message(SELLER_APP, "on_status", BUYER_APP, _door(arrived))
    stage.check_unasked(
        arrived,
        stage.asked(confirmed.transaction_id),
        Check(text="the code is shown to the customer", held=shown.isdigit(), detail=shown),
    )
    wrong = another(shown)
    status, answer = await stage.field.try_event(ref, "start", otp=wrong)
    again = await stage.told(confirmed, lambda one: one.error_code == WRONG_OTP)
    stage.narrator.message(WORKER, f"start with the wrong code {wrong}", SELLER_APP, [("HTTP status", status)])
    stage.narrator.message(
        SELLER_APP,
        "on_status",
        BUYER_APP,
        [("error.code", again.error_code), ("error.message", again.error.get("message")), *_door(again)],
    )
    stage.narrator.check(
        Check(text="the wrong code was refused", held=status == UNPROCESSABLE, detail=f"{status} {answer}"),
        Check(text="the work has not started", held=state(again.order) == "At-Location"),
        Check(text="a new code is there", held=_token(again) != _token(arrived)),
    )
    await stage.field.event(ref, "start", otp=otp(again.order))
    started = await stage.told(confirmed, lambda one: not otp(one.order) and not one.error)
    stage.narrator.message(WORKER, f"start with the code {otp(again.order)}", SELLER_APP)
    stage.narrator.message(SELLER_APP, "on_status", BUYER_APP, [("state", state(started.order))])
    stage.check_unasked(
        started,
        stage.asked(confirmed.transaction_id),
        Check(text="the work has started and the code is gone", held=state(started.order) == "At-Location"),
    )


async def _done(stage: Stage, confirmed: Callback, ref: str) -> None:
    stage.narrator.chapter("The tap is repaired")
    stage.narrator.tell("The worker reports the work done. With the last status comes the address of the invoice.")
    await stage.field.event(ref, "complete")
    told = await stage.told(confirmed, lambda one: state(one.order) == "Completed")
    order = told.order
    url = str(pick(order, "documents[0].url") or "")
    status = await stage.field.fetch(url) if url else 0
    stage.narrator.message(WORKER, "complete", SELLER_APP)
    stage.narrator.message(
        SELLER_APP,
        "on_status",
        BUYER_APP,
        [
            ("message.order.status", order.get("status")),
            ("state", state(order)),
            ("finished", pick(stop(order, "end"), "time.timestamp")),
            ("message.order.documents[0].label", pick(order, "documents[0].label")),
            ("message.order.documents[0].url", url),
        ],
    )
    stage.check_unasked(
        told,
        stage.asked(confirmed.transaction_id),
        adds_up(told),
        Check(text="the order is completed", held=order.get("status") == "COMPLETED"),
        Check(text="the invoice answers 200", held=status == FOUND, detail=f"{url or 'no address'}: {status}"),
    )


def another(token: str) -> str:
    """A code of the same length that is not this one."""
    digit = "0" if token[-1:] != "0" else "1"
    return token[:-1] + digit


def _door(callback: Callback) -> list[tuple[str, object]]:
    authorization = stop(callback.order, "end").get("authorization", {})
    return [
        ("state", state(callback.order)),
        ("authorization.token", authorization.get("token")),
        ("authorization.valid_to", authorization.get("valid_to")),
    ]


def _token(callback: Callback) -> tuple[object, object]:
    """A token with its beginning: two tokens may by chance have the same digits."""
    authorization = stop(callback.order, "end").get("authorization", {})
    return authorization.get("token"), authorization.get("valid_from")

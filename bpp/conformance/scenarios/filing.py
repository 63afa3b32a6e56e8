"""Settlement with an agency, and recons that the seller app begins. Source: network 2.1 to 2.5.

The runner is the agency as well as the buyer app, so it can say what the buyer app filed. A seller app that files with
no agency, or with another one, or not before a day is over, does not serve this here; then it is not played.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import orjson

from bpp.conformance.scenarios.booking import booked, carried_out, order_id
from bpp.conformance.scenarios.grieving import served
from bpp.conformance.scenarios.play import Broken, Impossible, Play
from bpp.conformance.scenarios.reconciling import AMOUNTS, OFF_BY, RSF_2, own_figures, recon, rupees
from bpp.conformance.scenarios.steps import Ask, Do, Expect, Scenario, Step, act
from bpp.conformance.seller import PAY_OUT, RECON, REPORT, SETTLE
from bpp.sandbox.exchange import Callback, Json, part
from bpp.sandbox.inbox import NoCallback
from bpp.sandbox.moments import IST, wire_time

PAUSES = (1.5, 3.0, 6.0, 12.0)
"""Seconds for which what a deed brings is awaited before it is asked for once more: it may have come too early."""
AT_ONCE = frozenset({RECON, PAY_OUT})
"""Deeds that bring it where they were taken: asked for once more, they are refused, or done twice."""
MISMATCH: Json = {"code": "70024", "message": "Interparticipant value mismatch"}
OWN = "100.00"
TO_COME = frozenset({"PENDING", "TO_BE_INITIATED"})
_TTL = "PT10M"
"""Of an agency's answer (network 2.1)."""


def seller_sends(
    event: str, action: str, *, name: str = "", wanted: Callable[[Play, Callback], bool] = lambda *_: True, **more: Any
) -> Do:
    """The seller's people have something filed or asked, and whoever is meant takes it."""

    async def does(play: Play) -> None:
        hearer = play.stage.buyer if action == "recon" else play.agency
        for number, pause in enumerate(PAUSES):
            if not number or event not in AT_ONCE:
                done = await act(play, event, more)
                if not done.taken:
                    raise Impossible(f"not served: the seller's side does not {event}: {done.detail}")
            try:
                told = await hearer.next_callback(action=action, timeout=pause, where=lambda one: wanted(play, one))
            except NoCallback:
                continue
            play.recorder.begin(told.transaction_id)
            play.hear(told, name)
            return
        raise Impossible(f"no {action} came: the seller app has no {event} to make yet, or makes it elsewhere")

    return Do(name=name or event, does=does, waits_for=action, within=sum(PAUSES))


def _of_the_order(play: Play, settle: Callback) -> bool:
    orders = part(settle.message, "settlement").get("orders") or ()
    return any(one.get("id") == order_id(play) for one in orders)


def _own_payout(_: Play, settle: Callback) -> bool:
    return bool(part(settle.message, "settlement").get("type") == "MISC")


def _about_the_settle(play: Play, report: Callback) -> bool:
    return bool(report.message.get("ref_message_id") == play.got("settle").message_id)


def files(**more: Any) -> Do:
    """The order is filed."""
    return seller_sends(SETTLE, "settle", wanted=_of_the_order, **more)


def agency_says(action: str, change: Callable[[Play, Json], Json] = lambda _, order: order, probe: str = "") -> Do:
    """The agency answers the last settle: all of it is settled, but what ``change`` makes of the order.

    With a ``probe`` it answers what was never filed.
    """

    async def does(play: Play) -> None:
        settle, asked = play.got("settle"), play.got("settle" if action == "on_settle" else "report")
        now = wire_time(play.agency.clock())
        ids = {"message_id": asked.message_id}
        if probe:
            ids = {"message_id": play.agency.new_id(), "transaction_id": play.agency.new_id()}
            play.recorder.begin(ids["transaction_id"])
        context = settle.context | {"action": action, "timestamp": now, "ttl": _TTL} | ids
        filed = part(settle.message, "settlement")
        orders = [_settled(one) for one in filed.get("orders") or ()]
        orders = [change(play, one) if one.get("id") == order_id(play) else one for one in orders]
        message = {**settle.message, "settlement": {**filed, "orders": orders}}
        body = orjson.dumps({"context": context, "message": message})
        answer = await play.send(action, body, buyer=play.agency, probe=probe)
        if not (answer.acked or probe):
            raise Broken(f"{action}: ACK was expected, HTTP {answer.status} {answer.error_code} came: {answer.error}")

    return Do(name=probe or action, does=does, waits_for="NACK" if probe else "ACK")


def _settled(order: Json) -> Json:
    """Every leg of it is."""
    legs = {key: {**one, "status": "SETTLED", "reference_no": f"UTR-{key}"} for key, one in order.items() if _leg(one)}
    if "inter_participant" in legs:
        legs["inter_participant"]["settled_amount"] = legs["inter_participant"]["amount"]
    return order | {key: one for key, one in legs.items() if key != "collector"}


def _leg(value: Any) -> bool:
    return isinstance(value, dict) and "amount" in value


def _mismatched(_: Play, order: Json) -> Json:
    """The buyer app filed another amount."""
    leg = {"amount": order["inter_participant"]["amount"], "status": "NOT_SETTLED", "error": MISMATCH}
    return order | {"inter_participant": leg, "error": MISMATCH}


def buyer_answers(change: Callable[[Play, Json], Json], *, name: str, probe: str = "") -> Ask:
    """The on_recon of the buyer app to the seller app's recon; with a ``probe``, to one that was never sent."""

    def build(play: Play) -> Json:
        return {"orders": [change(play, one) for one in play.got("recon").message["orders"]]}

    def in_its_context(play: Play, envelope: Json) -> Json:
        context = play.got("recon").context | {"action": "on_recon", "timestamp": envelope["context"]["timestamp"]}
        if probe:
            context |= {"message_id": play.stage.buyer.new_id()}
        return {**envelope, "context": context}

    return Ask(action="on_recon", name=name, build=build, twist=in_its_context, expects=Expect.ACK, probe=probe)


def _agrees(play: Play, order: Json) -> Json:
    """Today: then it may be filed at once."""
    day = {"due_date": f"{play.stage.buyer.clock().astimezone(IST):%Y-%m-%d}"}
    lines = [one | (day if one["status"] in TO_COME else {}) for one in order["settlements"]]
    return {**order, "recon_accord": True, "settlements": lines}


def _disagrees(_: Play, order: Json) -> Json:
    """The buyer app's fee is higher by some rupees."""
    off = {"amount": -OFF_BY, "commission": OFF_BY}

    def apart(line: Json) -> Json:
        return {name: _theirs(line[name], off.get(name, Decimal())) for name in AMOUNTS}

    return {**order, "recon_accord": False, "settlements": [one | apart(one) for one in order["settlements"]]}


def _theirs(ours: Json, off: Decimal) -> Json:
    return rupees(Decimal(ours["value"]) + off) | {"diff_value": f"{abs(off):.2f}"}


def _recon_of_what_was_settled(play: Play) -> Json:
    """The buyer app compares what the agency moved, as it was filed."""
    message = own_figures(play)
    filed = next(one for one in play.got("filed").message["settlement"]["orders"] if one.get("id") == order_id(play))
    shares: Mapping[str, Json] = {"amount": filed["inter_participant"], "commission": filed["collector"]}
    amounts = {name: one["amount"] for name, one in shares.items()}
    (line,) = message["orders"][0]["settlements"]
    message["orders"][0]["settlements"] = [
        line | amounts | {"status": "SETTLED", "settlement_ref_no": "UTR-inter_participant"}
    ]
    return message


def _flow(name: str, title: str, *steps: Step) -> Scenario:
    return Scenario(name=name, title=title, steps=(*booked(), *carried_out(), *steps), once=True, apis=RSF_2)


SCENARIOS: tuple[Scenario, ...] = (
    _flow(
        "reconciliation_by_seller",
        "The seller app compares: the buyer app has other figures, then the same",
        served(recon(own_figures)),
        seller_sends(RECON, "recon"),
        buyer_answers(_disagrees, name="on_recon_disputed"),
        seller_sends(RECON, "recon"),
        buyer_answers(_agrees, name="on_recon_of_none", probe="on_recon_of_none"),
        buyer_answers(_agrees, name="on_recon_agreed"),
    ),
    _flow(
        "settlement",
        "Both sides filed the same: an order is settled, and a payout of the seller app's own",
        files(name="filed"),
        agency_says("on_settle", probe="on_settle_of_none"),
        agency_says("on_settle"),
        recon(_recon_of_what_was_settled),
        seller_sends(PAY_OUT, "settle", wanted=_own_payout, amount=OWN),
        agency_says("on_settle"),
    ),
    _flow(
        "settlement_corrected",
        "The agency is silent, then tells a mismatch; the two sides compare and agree, and the order is filed again",
        files(),
        seller_sends(REPORT, "report", wanted=_about_the_settle),
        agency_says("on_report", _mismatched),
        seller_sends(RECON, "recon"),
        buyer_answers(_agrees, name="on_recon_agreed"),
        files(name="filed_again"),
        agency_says("on_settle"),
    ),
)

"""Two sides of settlement: our books with what follows from them, a buyer app with books of its own, an agency.

The buyer app and the agency know nothing of ``bpp.settlement``: their arithmetic and their messages are their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from beckn_schemas.base import parse_timestamp
from beckn_schemas.rsf_check import check_rsf
from beckn_schemas.rsf_context import Envelope, Participant, answering, to_agency, to_participant
from beckn_schemas.rsf_received import parse_rsf
from bpp.ledger.booked import PartLine
from bpp.ledger.model import Account, Line, balances
from bpp.ledger.receipts import Receipt, posting_of
from bpp.ledger.standing import standing
from bpp.orders.model import FinderFee, Order
from bpp.orders.rates import OrderRates
from bpp.orders.states import Stage
from bpp.settlement.amounts import done_at, due_of, effective
from bpp.settlement.judge import OrderVerdict
from bpp.settlement.model import Filing, Settlement
from bpp.settlement.plan import OrderDue
from bpp.settlement.receipts import came
from bpp.settlement.wire import (
    Meaning,
    on_recon_message,
    read_answer,
    recon_message,
    report_message,
    settle_message,
)
from catalog.moments import later_than, wire_time
from catalog.money import Money
from tests.support.clock import MONDAY_MORNING
from tests.support.order_builders import BAP, a_quote, a_visit, an_order

WE = Participant("seller.example.in", "https://seller.example.in/ondc")
BUYER = Participant(BAP, f"https://{BAP}/ondc")
AGENCY = Participant("agency.example.in", "https://agency.example.in/nocs")
DONE_AT = MONDAY_MORNING + timedelta(hours=5)
WINDOW = timedelta(days=1)
OVER = DONE_AT + WINDOW
NO_TAX = OrderRates(day=MONDAY_MORNING.date())

Json = dict[str, Any]


def sold(number: int, total: str, fee: str, *, collected_by: Any = "BAP", rates: OrderRates = NO_TAX) -> Order:
    """An order that was done and paid: its price with tax, the buyer app's finder fee in rupees without."""
    order = an_order(number)
    payment = replace(
        order.payments[0],
        amount=Money.parse(total),
        collected_by=collected_by,
        type="PRE-FULFILLMENT" if collected_by == "BAP" else "POST-FULFILLMENT",
    )
    return replace(
        order,
        quotes=(a_quote(total),),
        payments=(payment,),
        fulfillments=(a_visit(stage=Stage.COMPLETED, completed_at=DONE_AT),),
        finder_fee=FinderFee(type="amount", amount=fee),
        rates=rates,
    )


def taxed(gst_on_finder_fee: str = "18") -> OrderRates:
    """Rates of a day with GST on the finder fee."""
    return replace(NO_TAX, gst_on_finder_fee=Decimal(gst_on_finder_fee))


def booked(order: Order) -> tuple[PartLine, ...]:
    """The lines that an order has in the books."""
    return tuple(PartLine(part, line.account, line.amount) for part, lines in standing(order).items() for line in lines)


def entered(lines: Iterable[PartLine], *receipts: Receipt | None) -> Mapping[Account, Money]:
    """The balances of an order's lines with the postings of receipts."""
    posted = [line for one in receipts if one is not None for line in posting_of(one).lines]
    return balances([*(Line(one.account, one.amount) for one in lines), *posted])


def order_due(order: Order, lines: Iterable[PartLine] | None = None, **more: Any) -> OrderDue:
    """What an order is to be settled for, by its lines or by those given."""
    done = done_at(order)
    assert done is not None
    assert order.peer is not None
    return OrderDue(
        ref=order.ref,
        order_id=order.order_id,
        bap_id=order.peer.bap_id,
        payment_id=order.payments[0].id,
        due=due_of(booked(order) if lines is None else lines, order.peer.bap_id, **more),
        ready_at=done + WINDOW,
    )


def left_open(one: Settlement) -> Money:
    """What a settlement leaves owed to us by the buyer app (below zero: by us) of what was filed for it, or is to be.

    All of it until it is settled; then what moved otherwise, and what is withheld for a time.
    """
    counted = effective(one)
    return counted.balance + counted.withheld - came(one)


class Ids:
    """Ids that can be read: N1, N2, ..."""

    def __init__(self) -> None:
        self.given = 0

    def __call__(self) -> str:
        self.given += 1
        return f"N{self.given}"


def envelope(transaction_id: str, message_id: str, at: datetime) -> Envelope:
    """Ids and a time of the wire."""
    return Envelope(transaction_id=transaction_id, message_id=message_id, at=wire_time(at))


def settle_payload(filing: Filing, we: Participant, agency: Participant) -> Json:
    """A settle of ours, whole."""
    ids = envelope(filing.transaction_id, filing.message_id, filing.at)
    return {"context": to_agency("settle", we, agency, ids), "message": settle_message(filing, we.id)}


def report_payload(filing: Filing, message_id: str, now: datetime, we: Participant, agency: Participant) -> Json:
    """A report of ours, whole."""
    ids = envelope(filing.transaction_id, message_id, now)
    return {"context": to_agency("report", we, agency, ids), "message": report_message(filing)}


def recon_payload(
    orders: Iterable[Sequence[Settlement]], ids: Envelope, bap: Participant, bpp: Participant, meaning: Meaning = "b"
) -> Json:
    """A recon of ours, whole."""
    return {"context": to_participant(bap, bpp, ids), "message": recon_message(orders, meaning)}


def on_recon_payload(
    asked: Mapping[str, Any], verdicts: Sequence[OrderVerdict], now: datetime, meaning: Meaning = "b"
) -> Json:
    """An on_recon of ours, whole."""
    at = later_than(parse_timestamp(asked["timestamp"]), now)
    return {"context": answering(asked, wire_time(at)), "message": on_recon_message(verdicts, at, meaning)}


def inr(value: str) -> Json:
    """An amount of the wire."""
    return {"currency": "INR", "value": value}


def sound(payload: Json, asked: Json | None = None) -> Json:
    """What we send, after all our rules; a test fails by what is wrong with it."""
    assert check_rsf(payload, asked) == []
    return payload


def said_by(payload: Json) -> Any:
    """An on_settle or on_report as our side reads it."""
    context = payload["context"]
    return read_answer(parse_rsf(context["action"], payload), context["transaction_id"], context["message_id"])


@dataclass
class Agency:
    """Matches what the two sides filed, order by order, by ``inter_participant`` and ``collector``."""

    filed: dict[tuple[str, str], Json] = field(default_factory=dict)
    moved: list[tuple[str, str, str]] = field(default_factory=list)

    def take(self, payload: Json) -> None:
        """A settle of either side, acknowledged."""
        who = payload["context"]["bap_id"]
        for order in payload["message"]["settlement"].get("orders", ()):
            if "id" in order:
                self.filed[who, order["id"]] = order

    def forget(self, order_id: str) -> None:
        """What was filed for an order is used up."""
        self.filed = {key: order for key, order in self.filed.items() if key[1] != order_id}

    def on_settle(self, payload: Json, other: str, *, action: str = "on_settle") -> Json:
        """The answer to a settle: each order against what the other side filed."""
        message = payload["message"]
        orders = [self._judged(one, other) for one in message["settlement"].get("orders", ())]
        settlement = {**message["settlement"], "orders": orders}
        return {
            "context": {**payload["context"], "action": action, "ttl": "PT10M"},
            "message": {**message, "settlement": settlement},
        }

    def _judged(self, order: Json, other: str) -> Json:
        if "id" not in order:
            return {**order, "self": {**order["self"], "status": "SETTLED", "reference_no": "UTR-M"}}
        theirs = self.filed.get((other, order["id"]))
        refund = order["self"]["amount"]["value"] == order["collector"]["amount"]["value"] == "0.00"
        code = "" if refund else _mismatch(order, theirs)
        if code:
            leg = {**order["inter_participant"], "status": "NOT_SETTLED"}
            return {**order, "inter_participant": leg, "error": {"code": code, "message": "mismatch"}}
        amount = order["inter_participant"]["amount"]
        reference = f"UTR-{len(self.moved) + 1}"
        self.moved.append((order["id"], amount["value"], "back" if refund else "forth"))
        leg = {**order["inter_participant"], "settled_amount": amount, "status": "SETTLED", "reference_no": reference}
        return {**order, "inter_participant": leg, "self": {**order["self"], "status": "SETTLED"}}


def _mismatch(order: Json, theirs: Json | None) -> str:
    if theirs is None:
        return "70022"
    if theirs["inter_participant"]["amount"]["value"] != order["inter_participant"]["amount"]["value"]:
        return "70024"
    return "" if theirs["collector"]["amount"]["value"] == order["collector"]["amount"]["value"] else "70023"


def buyers_settle(order_id: str, moves: str, keeps: str, at: datetime, *, ids: str = "B") -> Json:
    """What the buyer app files of an order whose money it collected."""
    context = sound_context("settle", BUYER, AGENCY, at, ids)
    order = {
        "id": order_id,
        "inter_participant": {"amount": inr(moves)},
        "collector": {"amount": inr(keeps)},
        "self": {"amount": inr(keeps)},
    }
    settlement = {"type": "NP-NP", "id": f"{ids}-settlement", "orders": [order]}
    return {
        "context": context,
        "message": {"collector_app_id": BUYER.id, "receiver_app_id": WE.id, "settlement": settlement},
    }


def buyers_recon(order_id: str, amount: str, lines: Iterable[Mapping[str, str]], at: datetime, ids: str = "B") -> Json:
    """A recon of the buyer app about one order; each line: id, status, and amounts that are not 0.0."""
    names = ("amount", "commission", "withholding_amount", "tcs", "tds")
    settlements = []
    for line in lines:
        one: Json = {
            "id": line.get("id", f"{ids}-settlement"),
            "payment_id": "pay",
            "status": line.get("status", "PENDING"),
            "updated_at": wire_time(at),
            **{name: inr(line.get(name, "0.0")) for name in names},
        }
        if one["status"] == "SETTLED":
            one["settlement_ref_no"] = "UTR-1"
        settlements.append(one)
    context = sound_context("recon", BUYER, WE, at, ids)
    order = {"id": order_id, "amount": inr(amount), "recon_accord": False, "settlements": settlements}
    return {"context": context, "message": {"orders": [order]}}


def sound_context(action: str, bap: Participant, bpp: Participant, at: datetime, ids: str) -> Json:
    """A context of the family, as any participant writes it."""
    return {
        "domain": "ONDC:NTS10",
        "location": {"country": {"code": "IND"}, "city": {"code": "*"}},
        "action": action,
        "version": "2.0.0",
        "bap_id": bap.id,
        "bap_uri": bap.uri,
        "bpp_id": bpp.id,
        "bpp_uri": bpp.uri,
        "transaction_id": f"{ids}-transaction",
        "message_id": f"{ids}-message",
        "timestamp": wire_time(at),
        "ttl": "P1D",
    }


def buyers_on_recon(
    asked: Json, at: datetime, values: Mapping[str, str] | None = None, due: str = "2026-11-26"
) -> Json:
    """The buyer app's answer to a recon of ours about one order: yes, or its own amounts where ``values`` are given."""
    order = asked["message"]["orders"][0]
    line = dict(order["settlements"][-1])
    others = [dict(one) for one in order["settlements"][:-1]]
    accord = values is None
    if accord:
        line["due_date"] = due
    for name, value in (values or {}).items():
        apart = abs(Decimal(line[name]["value"]) - Decimal(value))
        line[name] = {**inr(value), "diff_value": str(apart)}
    answered = {**order, "recon_accord": accord, "settlements": [*others, line]}
    context = {**asked["context"], "action": "on_recon", "timestamp": wire_time(at)}
    return {"context": context, "message": {"orders": [answered]}}


def by_id(settlements: Iterable[Settlement]) -> dict[str, Settlement]:
    """Settlements by their id."""
    return {one.id: one for one in settlements}

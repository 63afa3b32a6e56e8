"""Reconciliation of a completed order with the buyer app that collected for it. Source: network 2.1 to 2.3, 2.6.

It begins with a recon that a seller who does not serve it refuses, or answers with HTTP 404; then it is not played. The
buyer app's first figures are its own; the seller's may differ by taxes, so what is agreed upon is the seller's figures.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bpp.conformance.scenarios.booking import booked, carried_out, order_id
from bpp.conformance.scenarios.grieving import served
from bpp.conformance.scenarios.play import Play
from bpp.conformance.scenarios.steps import Ask, Expect, Scenario
from bpp.conformance.scenarios.trying import Tries
from bpp.sandbox.exchange import Json, part
from bpp.sandbox.identities import RECON_DOMAIN
from bpp.sandbox.messages import FEE_AMOUNT
from bpp.sandbox.moments import wire_time

RSF_2 = "rsf-2.0.0"
PAISA = Decimal("0.01")
OFF_BY = Decimal(20)
"""By how many rupees a wrong recon differs."""
AMOUNTS = ("amount", "commission", "withholding_amount", "tcs", "tds")
_OF_THE_ANSWER = frozenset({"due_date", "settlement_ref_no"})


def in_its_context(_: Play, envelope: Json) -> Json:
    """The context of a reconciliation: a domain of its own, every city, a day to answer."""
    place = {"country": {"code": "IND"}, "city": {"code": "*"}}
    return {**envelope, "context": envelope["context"] | {"domain": RECON_DOMAIN, "location": place, "ttl": "P1D"}}


def own_figures(play: Play) -> Json:
    """The order's total and its parts: the buyer app's fee, and the rest for the seller app."""
    order = play.got("on_confirm").order
    total = Decimal(order["quote"]["price"]["value"])
    fee = (total * Decimal(FEE_AMOUNT) / 100).quantize(PAISA)
    settlement = {
        "id": play.stage.buyer.new_id(),
        "payment_id": order["payments"][0].get("id", ""),
        "status": "PENDING",
        "amount": rupees(total - fee),
        "commission": rupees(fee),
        **{name: rupees(Decimal()) for name in AMOUNTS[2:]},
        "updated_at": wire_time(play.stage.buyer.clock()),
    }
    return {"orders": [{"id": order_id(play), "amount": rupees(total), "settlements": [settlement]}]}


def _as_answered(*, off_by: Decimal = Decimal(0)) -> Callable[[Play], Json]:
    """The figures of the seller's answer, less ``off_by`` for it and as much more for the buyer app."""

    def build(play: Play) -> Json:
        orders = copy.deepcopy(play.got("recon").message["orders"])
        for order in orders:
            order.pop("recon_accord", None)
            order["settlements"] = [_asked_again(one, off_by, play) for one in order["settlements"]]
            parts = [Decimal(one[name]["value"]) for one in order["settlements"] for name in AMOUNTS]
            order["amount"] = rupees(sum(parts, Decimal()))
        return {"orders": orders}

    return build


def _asked_again(answered: Json, off_by: Decimal, play: Play) -> Json:
    asked = {key: value for key, value in answered.items() if key not in _OF_THE_ANSWER}
    off = {"amount": -off_by, "commission": off_by}
    amounts = {name: rupees(Decimal(part(answered, name)["value"]) + off.get(name, 0)) for name in AMOUNTS}
    return asked | amounts | {"updated_at": wire_time(play.stage.buyer.clock())}


def _of_nothing(play: Play) -> Json:
    message = own_figures(play)
    message["orders"][0]["id"] = f"O-{play.stage.buyer.new_id()}"
    return message


def _without_settlements(play: Play) -> Json:
    message = own_figures(play)
    del message["orders"][0]["settlements"]
    return message


def rupees(amount: Decimal) -> Json:
    """An amount of the wire."""
    return {"currency": "INR", "value": f"{amount:.2f}"}


def recon(build: Callable[[Play], Json], probe: str = "", **more: Any) -> Ask:
    """The buyer app compares."""
    return Ask(action="recon", name=probe, build=build, probe=probe, twist=in_its_context, **more)


def _tries(build: Callable[[Play], Json], probe: str) -> Tries:
    return Tries(name=probe, tries=(recon(build, probe, expects=Expect.ANYTHING, errors=None),))


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="reconciliation",
        title="What is owed for a completed order: figures that differ, and the same that are agreed upon",
        steps=(
            *booked(),
            *carried_out(),
            served(recon(own_figures)),
            _tries(_as_answered(off_by=OFF_BY), "recon_differing"),
            _tries(_as_answered(), "recon_agreed"),
        ),
        once=True,
        apis=RSF_2,
    ),
    Scenario(
        name="recon_refused",
        title="Reconciliations that nobody can answer",
        steps=(
            *booked(),
            served(recon(own_figures, errors=None)),
            _tries(_of_nothing, "recon_of_unknown_order"),
            _tries(_without_settlements, "recon_without_settlements"),
        ),
        once=True,
    ),
)

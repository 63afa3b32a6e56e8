"""A machine without rules: what buyers say and sellers do in a town, and the look at everything after it."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine
from structlog.testing import capture_logs

from beckn_schemas.invariants import check_callback
from bpp.core.command import Command
from bpp.core.otp import OverrideNeeded
from bpp.errors import BppError, ProtocolError, Unavailable
from bpp.orders.model import Order
from bpp.orders.states import Actor, Event, IllegalTransition, Stage
from bpp.storage.ports import Timer
from tests.machine.buyer import DEALS, Deal, message
from tests.machine.town import Town
from tests.machine.watch import check, check_message

REFUSED_YET_CHANGED = {"90002", "40003", "30019"}  # a wrong OTP, a lapsed quotation, an order that was declined


class Watched(RuleBasedStateMachine):
    """What can be done in a town; after each step every promise is looked at."""

    template: Path
    at_once = False

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="bpp-machine-"))
        self.logs = capture_logs()
        self.logs.__enter__()
        self.town = Town(self.template, self.folder, at_once=self.at_once)
        self.before = self.town.stored()
        self.seq = 0
        self.claimed: list[Timer] = []
        self.last: dict[Deal, tuple[str, dict[str, Any]]] = {}
        self.requests: set[tuple[str, str, str]] = set()
        self.told: dict[str, str] = {}
        self.initialised: dict[Deal, dict[str, Any]] = {}

    def teardown(self) -> None:
        self.town.close()
        self.logs.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    # What is done, and what is looked at after it.

    def say(self, action: str, deal: Deal, content: dict[str, Any], ahead: float = 0, message_id: str = "") -> None:
        """A buyer app's message: taken and answered, or refused without any effect."""
        said_at = self.town.clock() + timedelta(seconds=ahead)
        payload = message(action, deal, said_at, message_id or self.town.new_id(), content)
        self.send(action, deal, payload)

    def send(self, action: str, deal: Deal, payload: dict[str, Any]) -> None:
        effects = self.town.effects()
        refusal = self.town.say(action, payload)
        message_id = payload["context"]["message_id"]
        if refusal is not None:
            if not isinstance(refusal, ProtocolError) or isinstance(refusal, Unavailable):
                raise refusal
            assert "another change" not in refusal.message
            assert self.town.effects() == effects, "a refused message has changed something"
            return
        known = (deal.transaction_id, message_id, action) in self.requests
        self.requests.add((deal.transaction_id, message_id, action))
        self.last[deal] = (action, payload)
        if known:
            again = self.town.effects()
            assert {name: rows for name, rows in again.items() if name != "outbox"} == {
                name: rows for name, rows in effects.items() if name != "outbox"
            }
            assert len(again["outbox"]) == len(effects["outbox"])
        orders, booked = self.before.orders, self.before.booked
        answer = self.look(action, message_id)
        if answer is None:
            assert known or action == "confirm", "no answer"
        elif "error" in answer and answer["error"]["code"] not in REFUSED_YET_CHANGED:
            assert self.before.orders == orders, "a refusal has changed an order"
            assert self.before.booked == booked, "a refusal has changed what is booked"

    def do(self, order: Order, event: Event, actor: Actor = Actor.SELLER, **more: Any) -> None:
        """An event of the seller's side."""
        effects = self.town.effects()
        done = self.town.do(order.ref, Command(event=event, actor=actor, by="desk", **more))
        if isinstance(done, Exception):
            if not isinstance(done, BppError | IllegalTransition | OverrideNeeded) or isinstance(done, Unavailable):
                raise done
            assert self.town.effects() == effects, "a refused event has changed something"
            return
        orders = self.before.orders
        self.look()
        if done.advanced.refused and done.advanced.error and done.advanced.error.code not in REFUSED_YET_CHANGED:
            assert self.before.orders == orders, "a refusal has changed an order"

    def look(self, action: str = "", message_id: str = "") -> dict[str, Any] | None:
        """Compare everything with what it was; returns the callback that answers a message."""
        now = self.town.stored()
        check(self.before, now)
        answer = None
        fresh = self.town.callbacks(self.seq)
        for row, body in fresh:
            self.seq = row.seq
            solicited = (row.transaction_id, row.message_id, row.action.removeprefix("on_")) in self.requests
            assert check_callback(body, unsolicited=not solicited) == []
            assert body["context"]["message_id"] == row.message_id
            assert body["context"]["transaction_id"] == row.transaction_id
            assert solicited or row.action in {"on_status", "on_update", "on_cancel"}
            if not solicited:
                assert row.message_id not in {one for _, one, _ in self.requests}
            if (row.message_id, row.action) == (message_id, f"on_{action}"):
                answer = body
            updated_at = body["message"].get("order", {}).get("updated_at")
            if updated_at and row.order_ref:
                assert self.told.get(row.order_ref, "") <= updated_at
                self.told[row.order_ref] = updated_at
        if fresh:
            row, body = fresh[-1]
            check_message(body, now.orders.get(row.order_ref))
        self.before = now
        return answer

    def order(self, which: int) -> Order:
        orders = list(self.before.orders.values())
        return orders[which % len(orders)]

    def live(self, which: int, *stages: Stage) -> Order:
        """An order that is not cancelled, in one of the stages, if there is one."""
        orders = [one for one in self.before.orders.values() if one.cancellation is None]
        orders = [one for one in orders if one.visit.stage in stages] or orders
        return orders[which % len(orders)] if orders else self.order(which)

    def deal_of(self, order: Order, stranger: int = 0) -> Deal:
        """The transaction of an order; for a ``stranger`` another one."""
        place = next(
            place for place, one in enumerate(DEALS) if order.peer and one.transaction_id == order.peer.transaction_id
        )
        return DEALS[(place + stranger) % len(DEALS)]

    def free(self, which: int) -> Deal:
        """A transaction without an order, while there is one."""
        free = [one for one in DEALS if self.theirs(one) is None] or DEALS
        return free[which % len(free)]

    def theirs(self, deal: Deal) -> Order | None:
        return next(
            (
                one
                for one in self.before.orders.values()
                if one.peer is not None and one.peer.transaction_id == deal.transaction_id
            ),
            None,
        )


def has_orders(machine: Watched) -> bool:
    return bool(machine.before.orders)


def has_quotations(machine: Watched) -> bool:
    return any(order.open_proposals for order in machine.before.orders.values())


def at_the_door(machine: Watched) -> bool:
    return any(order.visit.stage is Stage.ARRIVED for order in machine.before.orders.values())


def all_done(machine: Watched) -> bool:
    return any(order.visit.stage is Stage.COMPLETED for order in machine.before.orders.values())

"""What happens after the order beside the flows: refusals, ratings, tracking, support. Source: assertions 36 to 55."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from beckn_schemas.base import parse_timestamp
from bpp.conformance.scenarios.booking import (
    anew,
    booked,
    cancel,
    carried_out,
    confirm,
    init,
    order_id,
    search,
    select,
    start,
    status,
)
from bpp.conformance.scenarios.changing import (
    answer_quote,
    choose_far_ahead,
    move,
    moved_a_little,
    moved_to,
    never_offered,
    requote,
)
from bpp.conformance.scenarios.play import PATIENCE, Impossible, Play
from bpp.conformance.scenarios.steps import Act, Ask, Scenario, Step
from bpp.sandbox import messages, offers
from bpp.sandbox.exchange import Json

REASONS = ("cancel", "002", "01", "012")
"""Reason ids that real buyer apps and the specification's examples send (protocol 1.8)."""
ON_SITE = "ON-FULFILLMENT"


def look_again(wish: str) -> Ask:
    """Search in a transaction of its own for what was booked, to see which times are free now."""
    return Ask(action="search", name="search_again", build=search(wish).build, anew=True, gateway=True)


def _rate(category: str = "Provider", value: str = "5", key: str = "rating_category", **more: Any) -> Ask:
    def build(play: Play) -> Json:
        provider_id = str(play.got("on_confirm").order["provider"]["id"])
        rating = messages.rating_message(category, provider_id, value)["ratings"][0]
        return {"ratings": [{key: category} | {name: rating[name] for name in ("id", "value")}]}

    return Ask(action="rating", build=build, **more)


def _track() -> Ask:
    return Ask(action="track", errors=None, build=lambda play: messages.track_message(order_id(play)), probe="track")


def _support() -> Ask:
    return Ask(action="support", build=lambda play: messages.support_message(order_id(play)))


def _select_on_site() -> Ask:
    def build(play: Play) -> Json:
        if ON_SITE not in play.wanted.payment_types:
            raise Impossible(f"{play.wanted.item_id} is not sold with payment {ON_SITE}")
        return messages.select_message(play.wanted, play.begins, play.stage.plan.place, payment_type=ON_SITE)

    return Ask(action="select", build=build)


def _altered_move() -> Ask:
    """Move the visit with a copy of the order whose items and payments are other ones."""
    ordinary = move()

    def build(play: Play) -> Json:
        message = copy.deepcopy(ordinary.build(play))
        order = message["order"]
        order["items"][0]["quantity"] = {"selected": {"count": 7}}
        order["payments"][0]["params"] = {**order["payments"][0].get("params", {}), "amount": "1.00"}
        return message

    return Ask(action="update", name="altered_move", build=build, probe="altered_move", errors=None)


def _answer_with_another_time() -> Ask:
    """Pay for the quotation with a copy of the order whose visit is at another time."""
    ordinary = answer_quote(takes=True)

    def build(play: Play) -> Json:
        message = ordinary.build(play)
        begins = moved_to(play)
        moved = messages.reschedule_message(message["order"], begins, begins + play.wanted.slot)
        return {**message, "order": {**message["order"], "fulfillments": moved["order"]["fulfillments"]}}

    return Ask(action="update", build=build, probe="answer_with_another_time", within=PATIENCE)


def _of_another_booking(play: Play) -> datetime:
    """The time of the first visit that was booked in this scenario."""
    first, *_ = (one for one in play.flow("").callbacks if one.action == "on_confirm")
    return parse_timestamp(offers.stop(first.order, "end")["time"]["range"]["start"])


def booked_far_ahead(wish: str = "service") -> tuple[Step, ...]:
    """From search to on_confirm, at a time at which the visit may still be moved."""
    return search(wish), choose_far_ahead(), select(), init(), confirm()


def _unknown(play: Play) -> Json:
    return messages.status_message(f"O-{play.stage.buyer.new_id()}")


def _status(probe: str, build: Any = None, **more: Any) -> Ask:
    return Ask(
        action="status",
        name=probe,
        build=build or (lambda play: messages.status_message(order_id(play))),
        probe=probe,
        errors=None,
        **more,
    )


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="questions",
        title="Questions about an order, in every state, by its own buyer app and by others; ratings at the end",
        steps=(
            *booked(),
            _status("unknown_order", _unknown),
            _status("foreign_order", second=True),
            _track(),
            _support(),
            Act(event="depart"),
            status(),
            _track(),
            Act(event="arrive"),
            status(),
            start(),
            status(),
            Act(event="complete"),
            status(),
            _rate(),
            _rate(key="ratingCategory"),
            _rate(value="6", probe="rating_value_6"),
            _rate(category="Weather", probe="rating_of_weather"),
            cancel(probe="cancel_completed"),
            _status("own_order"),
        ),
    ),
    Scenario(
        name="cancel_reasons",
        title="Every reason that is in use cancels an order; none at all only where the terms say so",
        steps=(
            *(step for reason in REASONS for step in (*booked(), cancel(reason, probe="cancel_reason"), anew())),
            *booked(),
            cancel("", probe="cancel_without_reason"),
            cancel(probe="cancel_after_all"),
        ),
        once=True,
    ),
    Scenario(
        name="cancel_under_way",
        title="Cancelling costs what the terms say of each state, and only once",
        steps=(
            *booked(),
            Act(event="depart"),
            cancel(),
            cancel(probe="cancel_again"),
            status(),
            anew(),
            *booked(),
            Act(event="depart"),
            Act(event="arrive"),
            cancel(),
        ),
    ),
    Scenario(
        name="payment_on_site",
        title="What is paid on site is paid when the work is done",
        steps=(search(), _select_on_site(), init(), confirm(), *carried_out()),
    ),
    Scenario(
        name="reschedule_refused",
        title="Another time that was never on offer, or when the worker has set off, is refused; copies change nothing",
        steps=(
            *booked_far_ahead(),
            move(never_offered, name="move_never_offered", probe="move_never_offered", errors=None),
            status(),
            _altered_move(),
            Act(event="depart"),
            move(moved_a_little, name="move_too_late", probe="move_too_late", errors=None),
            status(),
        ),
    ),
    Scenario(
        name="quotation_and_time",
        title="Paying for a quotation with a copy of another time moves nothing",
        steps=(
            *booked_far_ahead("survey"),
            requote(),
            _answer_with_another_time(),
            status(),
        ),
    ),
    Scenario(
        name="freed_times",
        title="A time that was given up is free again, one that was taken is not",
        steps=(
            *booked_far_ahead("scarce"),
            anew(),
            *booked_far_ahead("scarce"),
            move(_of_another_booking, name="move_to_taken", probe="move_to_taken", errors=None),
            look_again("scarce"),
            move(),
            look_again("scarce"),
            cancel(),
            look_again("scarce"),
        ),
    ),
)

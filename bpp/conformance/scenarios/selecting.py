"""Choosing: another time, no time, choices, what cannot be had. Source: protocol 1.3, 1.4; assertions 16 to 24."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bpp.conformance.scenarios.booking import carried_out, confirm, init, search, select, status
from bpp.conformance.scenarios.changing import never_offered
from bpp.conformance.scenarios.choices import chooses, nothing_chosen, provider, too_much_chosen
from bpp.conformance.scenarios.play import Impossible, Play
from bpp.conformance.scenarios.steps import Ask, Scenario
from bpp.conformance.scenarios.trying import in_order, tries
from bpp.sandbox.exchange import Callback, Json, part
from bpp.sandbox.moments import wire_time
from bpp.sandbox.offers import HOUR, stop

UNKNOWN = "never-heard-of-0000"
"""An id that no seller app has given to anything."""
TOO_MANY = 99
PAYMENT_TYPES = ("POST-FULFILLMENT", "ON-FULFILLMENT", "PRE-FULFILLMENT")
"""The types of payment that the services specification knows, the rarest first."""


def select_in_vain() -> Ask:
    """Choose a time that was never offered; the first of those offered instead is chosen next."""

    def choose(play: Play, refused: Callback) -> None:
        play.start = next(alternatives(refused), None)

    return select(name="select_in_vain", errors=True, twist=in_order(_never_offered), after=choose)


def alternatives(refused: Callback) -> Iterator[datetime]:
    """The starts that an answer offers instead, in its order."""
    for item in refused.order.get("items") or ():
        for text in part(part(item, "time"), "schedule").get("times") or ():
            yield datetime.fromisoformat(text)


def _never_offered(play: Play, order: Json) -> None:
    _at(order, never_offered(play))


def _yesterday(play: Play, order: Json) -> None:
    _at(order, play.begins - timedelta(days=(play.begins - play.stage.buyer.clock()).days + 2))


def _no_time(_: Play, order: Json) -> None:
    del stop(order, "end")["time"]


def _unknown_provider(_: Play, order: Json) -> None:
    order["provider"]["id"] = UNKNOWN


def _unknown_item(_: Play, order: Json) -> None:
    order["items"][0]["id"] = UNKNOWN


def _too_many(_: Play, order: Json) -> None:
    order["items"][0]["quantity"]["selected"]["count"] = TOO_MANY


def _two(_: Play, order: Json) -> None:
    order["items"][0]["quantity"]["selected"]["count"] = 2


def _unsupported_payment(play: Play, order: Json) -> None:
    unsupported = [one for one in PAYMENT_TYPES if one not in play.wanted.payment_types]
    if not unsupported:
        raise Impossible("the service is sold with every type of payment")
    order["payments"] = [{"type": unsupported[0]}]


def _elsewhere(play: Play, order: Json) -> None:
    place = play.stage.plan.elsewhere
    stop(order, "end")["location"] = {"gps": place.gps, "area_code": place.area_code}


def _no_quantity(_: Play, order: Json) -> None:
    del order["items"][0]["quantity"]


def _quantity_of_provider(_: Play, order: Json) -> None:
    order["provider"]["quantity"] = order["items"][0].pop("quantity")


def _unknown_location(play: Play, order: Json) -> None:
    if len(provider(play).get("locations") or ()) > 1:
        raise Impossible("the provider has several locations")
    order["provider"]["locations"] = [{"id": UNKNOWN}]
    order["items"][0]["location_ids"] = [UNKNOWN]


def _with_seconds(play: Play, order: Json) -> None:
    start = play.begins + timedelta(seconds=11, milliseconds=613)
    stop(order, "end")["time"]["range"] = {"start": wire_time(start), "end": wire_time(start + play.wanted.slot)}


def _inverted(play: Play, order: Json) -> None:
    stop(order, "end")["time"]["range"]["end"] = wire_time(play.begins - timedelta(days=1))


def _tagged(play: Play, order: Json) -> None:
    """The tag that a certified buyer app sends with its fulfillments."""
    row = {"descriptor": {"code": "ITEM_IDS"}, "value": play.wanted.item_id}
    order["fulfillments"][0]["tags"] = [{"descriptor": {"code": "SELECTION"}, "list": [row]}]


def _at(order: Json, start: datetime) -> None:
    stop(order, "end")["time"]["range"] = {"start": wire_time(start), "end": wire_time(start + HOUR)}


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="schedule_reselection",
        title="The wanted time cannot be had, one of those offered instead is booked",
        core=True,
        steps=(search(), select_in_vain(), select(), init(), confirm(), status(), *carried_out()),
    ),
    Scenario(
        name="schedule_not_provided",
        title="A select without a time, then one with",
        steps=(search(), tries(select(), "no_time", _no_time), select(), init(), confirm()),
    ),
    Scenario(
        name="cook_on_demand",
        title="A service made to the customer's choice, such as a cook on demand",
        core=True,
        steps=(search("customised"), chooses(), select(), init(), confirm(), status(), *carried_out()),
    ),
    Scenario(
        name="select_variants",
        title="Selects as real buyer apps spell them",
        once=True,
        steps=(
            search(),
            select(),
            tries(select(), "count_two", _two),
            tries(select(), "no_quantity", _no_quantity),
            tries(select(), "quantity_of_provider", _quantity_of_provider),
            tries(select(), "seconds_of_start", _with_seconds),
            tries(select(), "end_before_start", _inverted),
            tries(select(), "tagged_fulfillment", _tagged),
            tries(select(), "unknown_location", _unknown_location),
        ),
    ),
    Scenario(
        name="select_refusals",
        title="Selects of what is not sold",
        once=True,
        steps=(
            search(),
            tries(select(), "unknown_provider", _unknown_provider),
            tries(select(), "unknown_item", _unknown_item),
            tries(select(), "too_many", _too_many),
            tries(select(), "not_served", _elsewhere),
            tries(select(), "past_start", _yesterday),
            tries(select(), "never_offered", _never_offered),
            tries(select(), "unsupported_payment", _unsupported_payment),
        ),
    ),
    Scenario(
        name="choice_refusals",
        title="Choices that are missing, and too many of them",
        once=True,
        steps=(
            search("customised"),
            chooses(),
            tries(select(), "nothing_chosen", nothing_chosen),
            tries(select(), "too_much_chosen", too_much_chosen),
        ),
    ),
)

"""Steps that change a booking: another time before and after the order, a further quotation and the word on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from beckn_schemas.base import parse_duration
from beckn_schemas.invariants_base import INDIA, entries
from beckn_schemas.strict_catalog import tag_code
from bpp.conformance.scenarios.play import Impossible, Play
from bpp.conformance.scenarios.steps import Act, Ask, Do
from bpp.sandbox import messages
from bpp.sandbox.exchange import Json

NIGHT = time(2, 30)
"""An hour in India at which nobody offers home services."""
ODD_MINUTES = timedelta(minutes=17)
SOON = timedelta(hours=1)
"""Notice beside that of the terms, so that a run need not hurry."""
MOVED_BY = 2
"""How many offered starts a visit is moved on."""


def never_offered(play: Play) -> datetime:
    """A start that the catalog does not offer: in the night after the chosen one, or at an odd minute of it."""
    night = datetime.combine(play.begins.astimezone(INDIA).date() + timedelta(days=1), NIGHT, INDIA).astimezone(UTC)
    for one in (night, night + ODD_MINUTES):
        if one not in play.wanted.starts:
            return one
    raise Impossible("the service is offered at every minute of the night")


def choose_far_ahead() -> Do:
    """Want a time so far ahead that the catalog's terms let the visit be moved; Impossible where there is none."""

    def choose(play: Play) -> None:
        earliest = play.stage.buyer.clock() + _notice(play) + SOON
        late = [one for one in play.wanted.starts if one > earliest]
        if len(late) <= MOVED_BY:
            raise Impossible("no two times are free far enough ahead for the terms of rescheduling")
        play.start = late[0]

    return Do(name="choose a time far ahead", does=choose)


def _notice(play: Play) -> timedelta:
    """The lead time that the item's reschedule terms want of a visit that is Pending (protocol 1.2)."""
    for provider in play.got("on_search").message["catalog"]["providers"]:
        for item in provider["items"] if provider["id"] == play.wanted.provider_id else ():
            if item["id"] == play.wanted.item_id:
                return max((_within(one) for one in item.get("tags", ())), default=timedelta())
    return timedelta()


def _within(group: Mapping[str, Any]) -> timedelta:
    said = entries(group) if tag_code(group) == "reschedule_terms" else {}
    pending = said.get("fulfillment_state") == "Pending" and "reschedule_within" in said
    return parse_duration(said["reschedule_within"]) if pending else timedelta()


def moved_to(play: Play, by: int = MOVED_BY) -> datetime:
    """An offered start some time after the chosen one."""
    later = [one for one in play.wanted.starts if one > play.begins]
    if len(later) < by:
        raise Impossible("no later time is free")
    return later[by - 1]


def moved_a_little(play: Play) -> datetime:
    """The next offered start after the chosen one."""
    return moved_to(play, 1)


def move(start: Callable[[Play], datetime] = moved_to, *, order: str = "on_confirm", **more: Any) -> Ask:
    """Ask for another time of the visit; ``order`` names the callback whose order is copied."""

    def build(play: Play) -> Json:
        begins = start(play)
        return messages.reschedule_message(play.got(order).order, begins, begins + play.wanted.slot)

    return Ask(action="update", build=build, **more)


def moved_far(place: int) -> Callable[[Play], datetime]:
    """The offered start at this place from the first, or the last one where there are fewer."""

    def start(play: Play) -> datetime:
        starts = play.wanted.starts
        return starts[min(place, len(starts) - 1)]

    return start


def requote() -> Act:
    """The seller quotes for more work, as the plan's survey says."""

    def details(play: Play) -> Mapping[str, Any]:
        quoted = play.wishes.survey.quoted
        line = {"title": quoted.get("title", "Further work"), "price": quoted.get("price", "500.00"), "count": 1}
        return {"lines": [line], "valid_for": "PT1H"}

    return Act(event="requote", tells="on_update", details=details)


def answer_quote(*, takes: bool) -> Ask:
    """The buyer's word on the further quotation of the last on_update: yes pays what is due in advance."""

    def build(play: Play) -> Json:
        payment_id = f"UPI-{play.stage.buyer.new_id()}"
        return messages.quote_answer_message(play.got("requote").order, takes=takes, payment_id=payment_id)

    return Ask(action="update", build=build)

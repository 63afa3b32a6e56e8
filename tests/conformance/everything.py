"""One conversation in which every callback is heard, with everything that a callback may hold."""

from __future__ import annotations

from bpp.conformance.scenarios.booking import anew, booked, carried_out, confirm, init, order_id, search, select, status
from bpp.conformance.scenarios.play import Play
from bpp.conformance.scenarios.steps import Ask, Build, Do, Scenario
from bpp.sandbox import messages
from bpp.sandbox.exchange import Json


def _everything(play: Play) -> Json:
    return messages.search_message(category=f"{play.domain.removeprefix('ONDC:')}-*", place=play.stage.plan.place)


def _on_the_last_day(play: Play) -> None:
    play.start = play.wanted.starts[-1]


def _another_time(play: Play) -> Json:
    start = play.wanted.starts[-2]
    return messages.reschedule_message(play.got("on_confirm").order, start, start + play.wanted.slot)


def _ask(action: str, build: Build) -> Ask:
    return Ask(action=action, build=build, errors=None)


EVERYTHING = Scenario(
    name="everything",
    title="Two bookings, one carried out and one given up, with every question that can be asked",
    steps=(
        Ask(action="search", name="everything", build=_everything),
        anew(),
        *booked("customised"),
        status(),
        _ask("track", lambda play: messages.track_message(order_id(play))),
        _ask("support", lambda play: messages.support_message(order_id(play))),
        *carried_out(),
        _ask("rating", lambda play: messages.rating_message("Order", order_id(play), 5)),
        anew(),
        search("customised"),
        Do(name="on the last day", does=_on_the_last_day),
        select(),
        init(),
        confirm(),
        _ask("update", _another_time),
        _ask("cancel", lambda play: messages.cancel_message(order_id(play), "001")),
    ),
)

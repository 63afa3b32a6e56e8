"""Searches of every kind, and what they must and must not find. Source: protocol 1.1, 3; assertions 7 to 11, 60."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from beckn_schemas.base import parse_timestamp
from bpp.conformance.checks.catalog import PROVIDER_TIME
from bpp.conformance.checks.searches import ELSEWHERE, PLACE_ALONE, UNKNOWN_NAME
from bpp.conformance.path import at
from bpp.conformance.scenarios.booking import anew
from bpp.conformance.scenarios.play import Impossible, Play
from bpp.conformance.scenarios.steps import Ask, Expect, Listen, Scenario
from bpp.sandbox.exchange import Callback, Json, part
from bpp.sandbox.messages import search_message, select_message
from bpp.sandbox.offers import Offer, read_offers

NOTHING_HAS_THIS_NAME = "qzxvw jkqpt"


def _everything(play: Play) -> Json:
    return search_message(category=f"{play.domain.removeprefix('ONDC:')}-*", place=play.stage.plan.place)


def _choose(play: Play, found: Callback) -> None:
    """A service with customisations if there is one, since a search for it must bring them."""
    play.offers = tuple(one for one in read_offers(found.message) if one.starts)
    play.offer = next((one for one in play.offers if one.choices), play.offers[0])


def _wide(**more: Any) -> Ask:
    return Ask(action="search", name="search for everything", build=_everything, after=_choose, gateway=True, **more)


def _for_words(name: str, spelled: Any = str) -> Ask:
    return Ask(
        action="search",
        name=name,
        build=lambda play: search_message(words=spelled(play.wanted.item_name), place=play.stage.plan.place),
        gateway=True,
    )


def _for_a_category(play: Play) -> Json:
    """The category of a service that is not sold under a wildcard, if there is one."""
    codes = [play.wanted.category_id, *(one.category_id for one in play.offers)]
    code = next((one for one in codes if not one.endswith("-*")), codes[0])
    return search_message(category=code, place=play.stage.plan.place)


def _in_time(play: Play) -> Json:
    start = play.wanted.starts[len(play.wanted.starts) // 2]
    return search_message(
        category=play.wanted.category_id, place=play.stage.plan.place, range_=(start, start + play.wanted.slot)
    )


def _place_alone(play: Play) -> Json:
    found = search_message(place=play.stage.plan.place)
    del found["intent"]["tags"]
    return found


def _at_provider_time(play: Play) -> Json:
    """The last time that a provider lists for all it sells, for an item of it that lists others of its own."""
    listed = [
        (one, when)
        for one in play.offers
        if not one.choices
        for when in _times_of_provider(part(play.got("on_search").message, "catalog"), one)
    ]
    if not listed:
        raise Impossible("no provider lists times for all it sells")
    offer, when = next((one for one in listed if one[1] not in one[0].starts), listed[-1])
    return select_message(offer, when, play.stage.plan.place)


def _times_of_provider(catalog: Json, offer: Offer) -> list[datetime]:
    provider = next(one for one in catalog["providers"] if one.get("id") == offer.provider_id)
    times = at(provider, "time.schedule.times")
    return [parse_timestamp(one) for one in times] if isinstance(times, list) else []


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="searching",
        title="Searches for everything, a category, a name, a time, and for what nobody offers",
        steps=(
            _wide(),
            anew(),
            Ask(action="search", name="search for a category", build=_for_a_category, gateway=True),
            anew(),
            _for_words("search for a name"),
            anew(),
            _for_words("search for a name in capitals", str.upper),
            anew(),
            Ask(action="search", name="search for a time", build=_in_time, gateway=True),
            anew(),
            Ask(action="search", name="search at a place", build=_place_alone, probe=PLACE_ALONE, gateway=True),
            anew(),
            Ask(
                action="search",
                name="search for what nothing is called",
                build=lambda play: search_message(words=NOTHING_HAS_THIS_NAME, place=play.stage.plan.place),
                probe=UNKNOWN_NAME,
                expects=Expect.ACK,
            ),
            anew(),
            Ask(
                action="search",
                name="search where nobody serves",
                build=lambda play: search_message(place=play.stage.plan.elsewhere),
                probe=ELSEWHERE,
                expects=Expect.ACK,
            ),
            Listen(),
        ),
    ),
    Scenario(
        name="times_of_a_provider",
        title="A service chosen at a time that its provider lists for all it sells",
        steps=(_wide(), Ask(action="select", build=_at_provider_time, probe=PROVIDER_TIME, errors=None)),
        once=True,
    ),
)

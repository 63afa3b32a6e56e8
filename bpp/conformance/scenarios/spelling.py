"""Requests in the odd spellings of real buyer apps, which a seller takes. Source: assertion 6; protocol 1.0 and 7."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from yarl import URL

from bpp.conformance.scenarios.booking import booked, search, search_for
from bpp.conformance.scenarios.changing import move, moved_far
from bpp.conformance.scenarios.play import Impossible, Play
from bpp.conformance.scenarios.steps import Ask, Do, Scenario, Twist
from bpp.conformance.scenarios.trying import Tries, says, tries
from bpp.sandbox.exchange import Json

LOCALHOST = "127.0.0.1"


def _intent(change: Callable[[Json], object]) -> Callable[[Play], Json]:
    """A search whose intent is changed."""

    def build(play: Play) -> Json:
        message = search_for(play)
        change(message["intent"])
        return message

    return build


def _rounded(intent: Json) -> None:
    place = intent["fulfillment"]["stops"][0]["location"]
    place["gps"] = ",".join(f"{float(part):.5f}" for part in place["gps"].split(","))


def _noise(intent: Json) -> None:
    intent["unknown"] = {"deep": [{"er": 1}]}


def _searched(probe: str, **more: Any) -> Ask:
    fields: dict[str, Any] = {"build": search_for} | more
    return Ask(probe=probe, action="search", anew=True, **fields)


def _header(name: str, value: str) -> Any:
    return lambda _, body: (body, {name: value})


SEARCHES: tuple[Ask, ...] = (
    _searched("ttl_misspelt", twist=says(ttl="P30S")),
    _searched("no_ttl", twist=says(ttl=None)),
    _searched("no_tags", build=_intent(lambda intent: intent.pop("tags"))),
    _searched("extra_keys", build=_intent(_noise), twist=says(key="unknown")),
    _searched("short_gps", build=_intent(_rounded)),
    _searched("query", query="?scenario=ordinary"),
    _searched("empty_header", wire=_header("environment", "")),
    _searched("charset", wire=_header("Content-Type", "application/json; charset=utf-8")),
)


def _bap_uri(change: Callable[[str], str]) -> Twist:
    return lambda play, envelope: says(bap_uri=change(play.stage.buyer.url))(play, envelope)


def _by_another_name(url: str) -> str:
    """The same address under a host name. Raises ``Impossible`` where we know of none."""
    address = URL(url)
    if address.host != LOCALHOST:
        raise Impossible("the buyer app has one name only")
    return str(address.with_host("localhost").origin())


ADDRESSES: tuple[Ask, ...] = (
    _searched("final_slash", twist=_bap_uri(lambda url: f"{url.rstrip('/')}/")),
    _searched("other_host", twist=_bap_uri(_by_another_name)),
)


def _registry(play: Play) -> None:
    """What the registry says of the seller that answered."""
    bpp_id = str(play.last.context["bpp_id"])
    url = play.stage.buyer.directory.url_of(bpp_id)
    play.note("registered", {bpp_id: url} if url else {"": ""})


def _moved(probe: str, place: int, target: object) -> Ask:
    ordinary = move(moved_far(place))
    return tries(replace(ordinary, build=lambda play: {**ordinary.build(play), "update_target": target}), probe)


UPDATES: tuple[Ask, ...] = (
    _moved("update_target_text", 3, "fulfillments"),
    _moved("update_target_list", 4, ["fulfillments"]),
)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="callback_address",
        title="Callbacks go to bap_uri, however it is written",
        steps=(search(), Do(name="look into the registry", does=_registry), Tries(name="addresses", tries=ADDRESSES)),
        once=True,
    ),
    Scenario(
        name="odd_searches",
        title="Searches as real buyer apps spell them",
        steps=(Tries(name="searches", tries=SEARCHES),),
        once=True,
    ),
    Scenario(
        name="odd_updates",
        title="Updates as real buyer apps spell them",
        steps=(*booked(), Tries(name="updates", tries=UPDATES)),
        once=True,
    ),
)

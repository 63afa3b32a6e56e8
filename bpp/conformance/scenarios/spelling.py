"""Requests in the odd spellings of real buyer apps, which a seller takes. Source: assertion 6; protocol 1.0 and 7."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from yarl import URL

from bpp.conformance.scenarios.booking import booked, confirm_order, init, search, search_for, select
from bpp.conformance.scenarios.play import Impossible, Play
from bpp.conformance.scenarios.steps import Do, Scenario, Step, Twist
from bpp.conformance.scenarios.trying import Tries, Try, says
from bpp.sandbox import messages
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


def _searched(probe: str, **more: Any) -> Try:
    fields: dict[str, Any] = {"build": search_for} | more
    return Try(probe=probe, action="search", anew=True, **fields)


def _header(name: str, value: str) -> Any:
    return lambda _, body: (body, {name: value})


SEARCHES: tuple[Try, ...] = (
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


ADDRESSES: tuple[Try, ...] = (
    _searched("final_slash", twist=_bap_uri(lambda url: f"{url.rstrip('/')}/")),
    _searched("other_host", twist=_bap_uri(_by_another_name)),
)


def _registry(play: Play) -> None:
    """What the registry says of the seller that answered."""
    bpp_id = str(play.last.context["bpp_id"])
    url = play.stage.buyer.directory.url_of(bpp_id)
    play.note("registered", {bpp_id: url} if url else {"": ""})


def _status(code: str) -> Callable[[Json], object]:
    return lambda order: order.update(status=code)


def _junk_payment(order: Json) -> None:
    order["payments"].append({"params": {"transaction_id": str(uuid4())}, "status": "NOT-PAID"})


def _other_location(order: Json) -> None:
    order["provider"]["locations"] = [{"id": str(uuid4())}]


def _bare_items(order: Json) -> None:
    for item in order["items"]:
        item.pop("location_ids", None)
        item.pop("parent_item_id", None)


CONFIRMS: dict[str, Callable[[Json], object]] = {
    "status_title_case": _status("Accepted"),
    "status_upper_case": _status("ACCEPTED"),
    "junk_payment": _junk_payment,
    "other_location": _other_location,
    "bare_items": _bare_items,
}


def _confirmed(probe: str, change: Callable[[Json], object]) -> Try:
    def build(play: Play) -> Json:
        message = confirm_order(play)
        change(message["order"])
        return message

    return Try(probe=probe, action="confirm", build=build)


def _rescheduled(probe: str, place: int, target: object) -> Try:
    def build(play: Play) -> Json:
        starts = play.wanted.starts
        start = starts[min(place, len(starts) - 1)]
        message = messages.reschedule_message(play.got("on_confirm").order, start, start + play.wanted.slot)
        return {**message, "update_target": target}

    return Try(probe=probe, action="update", build=build)


UPDATES: tuple[Try, ...] = (
    _rescheduled("update_target_text", 3, "fulfillments"),
    _rescheduled("update_target_list", 4, ["fulfillments"]),
)


def _confirmed_otherwise() -> tuple[Step, ...]:
    steps: list[Step] = []
    for probe, change in CONFIRMS.items():
        again = Do(name="another transaction", does=lambda play: play.anew())
        steps += [again, search(), select(), init(), Tries(name=probe, tries=(_confirmed(probe, change),))]
    return tuple(steps)


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
    Scenario(
        name="odd_confirms",
        title="Confirms as real buyer apps spell them",
        steps=_confirmed_otherwise(),
        once=True,
    ),
)

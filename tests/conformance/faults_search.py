"""Faults of catalogs and searches."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from dataclasses import replace

from beckn_schemas.strict_catalog import is_customization
from bpp.conformance.checks.intent import Intent, intent_of
from bpp.conformance.record import Record
from tests.conformance.faulty_seller import Honest, Json, Outgoing, Reply, Story
from tests.conformance.planted import Changes, Planted

Of = Callable[[Intent], bool]
FAR = "28.600000,77.200000"


def asked(request: Json) -> Intent:
    """The intent of a search."""
    return intent_of(Record(number=0, sent=True, action="search", document=request, body=b""))


def any_search(_: Intent) -> bool:
    """Every search."""
    return True


class Finds(Changes):
    """Changes the catalogs that answer some searches; ``change`` alters a copy of the catalog."""

    def __init__(self, of: Of, change: Callable[[Json], object]) -> None:
        def changed(document: Json, story: Story) -> Json:
            if not of(asked(story.request("search"))):
                return document
            found = copy.deepcopy(document)
            change(found["message"]["catalog"])
            return found

        super().__init__("on_search", changed)


class Talks(Honest):
    """Answers some searches that can find nothing with what it said before."""

    def __init__(self, of: Of) -> None:
        self._of = of
        self._said: Json = {}

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """The callback; a catalog is remembered."""
        if document["context"]["action"] == "on_search":
            self._said = document
        return [Outgoing(document)]

    async def besides(self, action: str, request: Json, send: Callable[[Outgoing], Awaitable[None]]) -> None:
        """The catalog that was asked for before."""
        if action == "search" and self._of(asked(request)):
            context = {key: request["context"][key] for key in ("transaction_id", "message_id", "timestamp")}
            await send(Outgoing(self._said | {"context": self._said["context"] | context}))


class Refuses(Honest):
    """Refuses some searches."""

    def __init__(self, of: Of) -> None:
        self._of = of

    def pass_on(self, action: str, body: bytes, story: Story) -> bool:
        """Whether it is none of them."""
        return action != "search" or not self._of(asked(story.request("search")))

    def reply(self, action: str, request: Json, reply: Reply, story: Story) -> Reply:
        """NACK to them."""
        if action != "search" or not self._of(asked(request)):
            return reply
        refusal = {"type": "DOMAIN-ERROR", "code": "30004", "message": "Item not found"}
        return replace(reply, document={"message": {"ack": {"status": "NACK"}}, "error": refusal})


class Slow(Honest):
    """Takes its time for a catalog."""

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """The on_search, late."""
        return [Outgoing(document, delay=0.5 if document["context"]["action"] == "on_search" else 0.0)]


def _first_service(catalog: Json) -> Json:
    return next(one for one in catalog["providers"][0]["items"] if not is_customization(one))


def _another_category(catalog: Json) -> None:
    _first_service(catalog)["category_ids"] = ["SRV11-9999"]


def _one_more(catalog: Json) -> None:
    _first_service(catalog)["id"] = "FOUND-NOWHERE-ELSE"


def _stranger(catalog: Json) -> None:
    stranger = copy.deepcopy(_first_service(catalog))
    words = dict.fromkeys(("name", "code", "short_desc", "long_desc"), "Zoo visit")
    stranger |= {"id": "STRANGER", "category_ids": ["SRV11-9999"], "descriptor": stranger["descriptor"] | words}
    catalog["providers"][0]["items"].append(stranger)


def _nobody(catalog: Json) -> None:
    catalog["providers"] = []


def _far_away(catalog: Json) -> None:
    provider = catalog["providers"][0]
    provider["locations"][0]["gps"] = FAR
    for entry in provider["tags"][0]["list"]:
        entry["value"] = {"type": "10", "val": "5", "unit": "km"}.get(entry["descriptor"]["code"], entry["value"])


def _much_later(catalog: Json) -> None:
    schedule = _first_service(catalog)["time"]["schedule"]
    schedule["times"] = ["2036-11-24T04:30:00.000Z"]


def _without_choices(catalog: Json) -> None:
    for provider in catalog["providers"]:
        provider["items"] = [one for one in provider["items"] if not is_customization(one)]


def _unmatched(catalog: Json) -> None:
    for provider in catalog["providers"]:
        for item in provider["items"]:
            item["matched"] = False


def _huge(catalog: Json) -> None:
    _first_service(catalog)["descriptor"]["long_desc"] = "very " * 250_000


def _rejected(document: Json, story: Story) -> Json:
    return document | {"error": {"code": "90001", "message": "Schedule not available"}}


def _row(check: str, name: str, seller: Honest, scenario: str = "searching", budget: float | None = None) -> Planted:
    return Planted(check=check, name=name, seller=seller, scenario=scenario, budget=budget)


PLANTED: tuple[Planted, ...] = (
    _row("search_exact_category", "another category", Finds(lambda one: one.exact, _another_category)),
    _row("search_within_wildcard", "a service of one category alone", Finds(lambda one: one.exact, _one_more)),
    _row("search_nothing_unrelated", "a stranger", Finds(lambda one: bool(one.words), _stranger)),
    _row("search_whatever_case", "nothing in capitals", Finds(lambda one: one.words.isupper(), _nobody)),
    _row("search_unknown_name", "something by any name", Talks(lambda one: one.words.startswith("qzx"))),
    _row("search_elsewhere", "everywhere at home", Talks(lambda one: one.area_code == "560001")),
    _row("search_only_who_serves", "somebody from afar", Finds(lambda one: one.exact, _far_away)),
    _row("search_slot_in_range", "another time", Finds(lambda one: bool(one.start), _much_later)),
    _row("search_place_alone", "a place is not enough", Refuses(lambda one: one.wide and not one.category)),
    _row("search_brings_choices", "no customisations", Finds(lambda one: bool(one.words), _without_choices)),
    _row("search_matched", "nothing matched", Finds(lambda one: bool(one.words), _unmatched)),
    _row("catalog_size", "a megabyte of words", Finds(any_search, _huge), "times_of_a_provider"),
    _row("catalog_in_time", "a slow catalog", Slow(), "times_of_a_provider", 0.5),
    _row("provider_time_taken", "a listed time refused", Changes("on_select", _rejected), "times_of_a_provider"),
)

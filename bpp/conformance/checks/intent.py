"""What a search asks for, and what an on_search offers, as checks compare them. Source: protocol 1.1, 1.2, 3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from beckn_schemas.base import parse_duration, parse_timestamp
from beckn_schemas.strict_catalog import is_customization
from bpp.conformance.path import ABSENT, at
from bpp.conformance.record import Flow, Record
from bpp.sandbox.exchange import Json, part
from bpp.sandbox.offers import HOUR

_HEX = re.compile(r"(SRV[0-9]{2}-)([0-9A-F]*[A-F][0-9A-F]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Category, words, place and time of a search; empty where it names none."""

    category: str
    words: str
    gps: str
    area_code: str
    start: str
    end: str

    @property
    def wide(self) -> bool:
        """Whether everything of the domain is asked for."""
        return not self.words and not self.start and (not self.category or self.category.endswith("-*"))

    @property
    def exact(self) -> bool:
        """Whether one category is asked for, and nothing else but the place."""
        return bool(self.category) and not self.wide and not self.words and not self.start

    @property
    def place(self) -> tuple[str, str]:
        """Where."""
        return self.gps, self.area_code


def intent_of(request: Record) -> Intent:
    """The intent of a search, in the forms that participants use."""
    intent = part(request.message, "intent")
    item = part(intent, "item")
    visits = intent.get("fulfillments") or [part(intent, "fulfillment")]
    stop: Json = next((one for one in visits[0].get("stops") or () if one.get("type") == "end"), {})
    times = part(part(stop, "time"), "range")
    categories = item.get("category_ids") or [part(item, "category").get("id", "")]
    return Intent(
        category=str(part(intent, "category").get("id") or categories[0] or ""),
        words=str(part(item, "descriptor").get("name") or ""),
        gps=str(part(stop, "location").get("gps") or ""),
        area_code=str(part(stop, "location").get("area_code") or ""),
        start=str(times.get("start") or ""),
        end=str(times.get("end") or ""),
    )


def searches(flow: Flow) -> Iterator[tuple[Intent, Record]]:
    """The answered searches of a flow, with their on_search."""
    for one in flow.callbacks:
        asked = flow.request_of(one)
        if one.action == "on_search" and asked is not None:
            yield intent_of(asked), one


def providers(found: Record) -> Iterator[tuple[str, Json]]:
    """The providers of an on_search, with their paths."""
    for index, one in enumerate(part(found.message, "catalog").get("providers") or ()):
        yield f"message.catalog.providers[{index}]", one


def services(found: Record) -> Iterator[tuple[str, Json, Json]]:
    """The items that are no customisations, with their paths and their providers."""
    for path, provider in providers(found):
        for index, item in enumerate(provider["items"]):
            if not is_customization(item):
                yield f"{path}.items[{index}]", item, provider


def keys(found: Record) -> set[tuple[str, str]]:
    """The services of an on_search by the ids of provider and item, as receivers key them (protocol 1.0)."""
    return {(provider["id"], item["id"]) for _, item, provider in services(found)}


def choices(found: Record) -> dict[tuple[str, str], set[str]]:
    """The customisations of each service that has any."""
    made: dict[tuple[str, str], set[str]] = {}
    for _, provider in providers(found):
        for item in provider["items"]:
            if is_customization(item):
                made.setdefault((provider["id"], item["parent_item_id"]), set()).add(item["id"])
    return made


def category(code: str) -> str:
    """A category's code in decimal: some participants count from 1000 in hexadecimal (protocol 1.0)."""
    found = _HEX.fullmatch(code)
    return f"{found[1]}{1000 + int(found[2], 16) - 0x1000}" if found else code


def slots(item: Json, provider: Json) -> list[tuple[datetime, datetime]]:
    """The times at which a service can be had: its own, else its provider's."""
    time: Any = item.get("time") or provider.get("time") or {}
    starts = at(time, "schedule.times")
    length: timedelta = HOUR if (named := at(time, "schedule.frequency")) == ABSENT else parse_duration(named)
    when = [parse_timestamp(one) for one in (starts if isinstance(starts, list) else ())]
    return [(start, start + length) for start in when]

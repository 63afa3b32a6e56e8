"""What rules across the parts of a callback are made of: the view they read, the row they stand in, small readings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from beckn_schemas.strict_base import MONEY
from beckn_schemas.strict_catalog import is_customization, tag_code

INDIA: Final = ZoneInfo("Asia/Kolkata")
_UUID4: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

Json = Any
Finding = tuple[str, str]
"""A path and what was expected there."""

ORDERED: Final = frozenset({"on_select", "on_init", "on_confirm", "on_status", "on_update", "on_cancel"})
MADE: Final = frozenset({"on_confirm", "on_status", "on_update", "on_cancel"})
SEARCHED: Final = frozenset({"on_search"})
ANY: Final = ORDERED | SEARCHED | {"on_track", "on_rating", "on_support"}


Row = TypeVar("Row")
UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What reading a part raises where its shape is wrong."""


class Kept(Generic[Row]):
    """A view of a callback that is made once and read by every rule.

    Where a part of it cannot be read it is made anew for each rule, so that the rule says what it finds before that
    part, and then raises one of UNREADABLE.
    """

    def __init__(self, make: Callable[[Callback], Iterator[Row]]) -> None:
        self.make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, _: type, name: str) -> None:
        self.name = name

    def __get__(self, callback: Callback, _: type) -> Iterable[Row]:
        try:
            rows = tuple(self.make(callback))
        except UNREADABLE:
            return self.make(callback)
        callback.__dict__[self.name] = rows  # found before this descriptor from now on
        return rows


@dataclass(frozen=True)
class Callback:
    """A callback as rules read it. Parts that are not there are empty.

    ``body`` is the JSON that the payload is sent as, where it is made already.
    """

    payload: Mapping[str, Json]
    unsolicited: bool
    body: bytes | None = None
    context: Mapping[str, Json] = field(init=False)
    action: str = field(init=False)
    order: Mapping[str, Json] = field(init=False)
    catalog: Mapping[str, Json] = field(init=False)
    error_code: str = field(init=False)

    def __post_init__(self) -> None:
        message = mapping(self.payload.get("message"))
        parts = self.__dict__
        parts["context"] = context = mapping(self.payload.get("context"))
        parts["action"] = str(context.get("action", ""))
        parts["order"] = mapping(message.get("order"))
        parts["catalog"] = mapping(message.get("catalog"))
        parts["error_code"] = str(mapping(self.payload.get("error")).get("code", ""))

    @property
    def now(self) -> datetime:
        """``context.timestamp``."""
        return instant(self.context["timestamp"])

    @property
    def status(self) -> str:
        """The order's status in upper case, or an empty text."""
        return str(self.order.get("status", "")).upper()

    @property
    def prefix(self) -> str:
        """The domain's prefix of category codes, such as ``SRV11-``."""
        return f"{str(self.context['domain']).removeprefix('ONDC:')}-"

    @Kept
    def items(self) -> Iterator[Part]:
        """Each item of the order, with its path."""
        for place, item in enumerate(self.order.get("items", ())):
            yield f"message.order.items[{place}]", item

    @Kept
    def visits(self) -> Iterator[Part]:
        """Each fulfillment of the order, with its path."""
        for place, visit in enumerate(self.order.get("fulfillments", ())):
            yield f"message.order.fulfillments[{place}]", visit

    @Kept
    def payments(self) -> Iterator[Part]:
        """Each payment of the order, with its path."""
        for place, payment in enumerate(self.order.get("payments", ())):
            yield f"message.order.payments[{place}]", payment

    @Kept
    def starts(self) -> Iterator[Stop]:
        """Each stop of type start, with its path and its fulfillment."""
        return _stops(self, "start")

    @Kept
    def ends(self) -> Iterator[Stop]:
        """Each stop of type end, with its path and its fulfillment."""
        return _stops(self, "end")

    @Kept
    def lines(self) -> Iterator[Line]:
        """Each line of the quote, with its path, the codes of its tags, and its type: item, tax and so on."""
        for place, line in enumerate(self.order.get("quote", {}).get("breakup", ())):
            codes = [tag_code(group) for group in line["tags"]]
            kind = entries(line["tags"][codes.index("title")]).get("type", "") if "title" in codes else ""
            yield f"message.order.quote.breakup[{place}]", line, codes, kind

    @Kept
    def providers(self) -> Iterator[Part]:
        """Each provider of a catalog, with its path."""
        for place, provider in enumerate(self.catalog.get("providers", ())):
            yield f"message.catalog.providers[{place}]", provider

    @Kept
    def offered(self) -> Iterator[Offered]:
        """Each item of a catalog, with its path, its provider, and whether it customises another."""
        for path, provider in self.providers:
            for place, item in enumerate(provider["items"]):
                yield f"{path}.items[{place}]", item, provider, is_customization(item)

    @Kept
    def schedules(self) -> Iterator[Schedule]:
        """Each list of starts that can be booked, of catalog and order, with its path and the ``time`` it is in."""
        holders = (self.providers, (one[:2] for one in self.offered), self.items)
        for path, holder in chain.from_iterable(holders):
            if "time" in holder:
                time = holder["time"]
                yield f"{path}.time.schedule.times", time, [instant(text) for text in time["schedule"]["times"]]


Part = tuple[str, Mapping[str, Json]]
Stop = tuple[str, Mapping[str, Json], Mapping[str, Json]]
Line = tuple[str, Mapping[str, Json], list[str | None], str]
Offered = tuple[str, Mapping[str, Json], Mapping[str, Json], bool]
Schedule = tuple[str, Mapping[str, Json], list[datetime]]


def _stops(callback: Callback, kind: str) -> Iterator[Stop]:
    for path, visit in callback.visits:
        for place, stop in enumerate(visit["stops"]):
            if stop["type"] == kind:
                yield f"{path}.stops[{place}]", stop, visit


def mapping(value: Json) -> Mapping[str, Json]:
    """An object of JSON, or an empty one where there is none."""
    return value if isinstance(value, (dict, Mapping)) else {}  # a dict is known as such at once


Check = Callable[[Callback], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule, the actions it speaks of, where it comes from, and how it is checked.

    ``source`` lists places of the protocol reference with ``; `` between them: ``assertion 13``, ``protocol 1.2``, a
    row ``protocol 4.5`` of its section 4, or ``specification`` with a path.
    """

    name: str
    actions: frozenset[str]
    source: str
    check: Check


@lru_cache(4096)
def instant(text: str) -> datetime:
    """A time of the wire; raises ValueError for none and for a naive one."""
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError("a naive time")
    return when


@lru_cache(4096)
def paise(text: str) -> int:
    """An amount of the wire in paise; raises ValueError for none."""
    if not MONEY.fullmatch(text):
        raise ValueError("not an amount")
    return int(text.replace(".", ""))


@lru_cache(4096)
def weekday(when: datetime) -> str:
    """The ISO weekday in India: days and holidays are the customer's, not UTC's."""
    return str(when.astimezone(INDIA).isoweekday())


def state(visit: Mapping[str, Json]) -> str:
    """The state's code of a fulfillment, or an empty text."""
    return str(mapping(mapping(visit.get("state")).get("descriptor")).get("code", ""))


def entries(group: Mapping[str, Json]) -> dict[str, str]:
    """The entries of a tag group by code."""
    return {str(tag_code(entry)): entry["value"] for entry in group["list"]}


def ids(parts: Iterable[Mapping[str, Json]]) -> set[str]:
    """The ids of parts."""
    return {part["id"] for part in parts}


def repeated(parts: Iterable[Mapping[str, Json]]) -> Iterator[int]:
    """The places of parts whose id came before."""
    seen: set[str] = set()
    for place, part in enumerate(parts):
        if part["id"] in seen:
            yield place
        seen.add(part["id"])


def unresolved(path: str, part: Mapping[str, Json], key: str, known: set[str]) -> Iterator[Finding]:
    """The elements of ``part[key]`` that are not known ids."""
    for place, reference in enumerate(part.get(key, ())):
        if reference not in known:
            yield f"{path}.{key}[{place}]", "the id of something in this message"


def is_uuid4(text: object) -> bool:
    """Whether a text is a random UUID in its usual form."""
    return isinstance(text, str) and _UUID4.fullmatch(text) is not None

"""What rules across the parts of a callback are made of: the view they read, the row they stand in, small readings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from beckn_schemas.strict_base import MONEY
from beckn_schemas.strict_catalog import tag_code

INDIA: Final = ZoneInfo("Asia/Kolkata")
_UUID4: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

Json = Any
Finding = tuple[str, str]
"""A path and what was expected there."""

ORDERED: Final = frozenset({"on_select", "on_init", "on_confirm", "on_status", "on_update", "on_cancel"})
MADE: Final = frozenset({"on_confirm", "on_status", "on_update", "on_cancel"})
SEARCHED: Final = frozenset({"on_search"})
ANY: Final = ORDERED | SEARCHED | {"on_track", "on_rating", "on_support"}


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback as rules read it. Parts that are not there are empty."""

    payload: Mapping[str, Json]
    unsolicited: bool
    context: Mapping[str, Json] = field(init=False)
    action: str = field(init=False)
    order: Mapping[str, Json] = field(init=False)
    catalog: Mapping[str, Json] = field(init=False)
    error_code: str = field(init=False)

    def __post_init__(self) -> None:
        message = _mapping(self.payload.get("message"))
        object.__setattr__(self, "context", _mapping(self.payload.get("context")))
        object.__setattr__(self, "action", str(self.context.get("action", "")))
        object.__setattr__(self, "order", _mapping(message.get("order")))
        object.__setattr__(self, "catalog", _mapping(message.get("catalog")))
        object.__setattr__(self, "error_code", str(_mapping(self.payload.get("error")).get("code", "")))

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

    def parts(self, key: str) -> Iterator[tuple[str, Mapping[str, Json]]]:
        """Each element of a list of the order, with its path."""
        for place, part in enumerate(self.order.get(key, ())):
            yield f"message.order.{key}[{place}]", part

    def stops(self, kind: str) -> Iterator[tuple[str, Mapping[str, Json], Mapping[str, Json]]]:
        """Each stop of a type, with its path and its fulfillment."""
        for path, visit in self.parts("fulfillments"):
            for place, stop in enumerate(visit["stops"]):
                if stop["type"] == kind:
                    yield f"{path}.stops[{place}]", stop, visit


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


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


def instant(text: str) -> datetime:
    """A time of the wire; raises ValueError for none and for a naive one."""
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError("a naive time")
    return when


def paise(text: str) -> int:
    """An amount of the wire in paise; raises ValueError for none."""
    if not MONEY.fullmatch(text):
        raise ValueError("not an amount")
    return int(text.replace(".", ""))


def weekday(when: datetime) -> str:
    """The ISO weekday in India: days and holidays are the customer's, not UTC's."""
    return str(when.astimezone(INDIA).isoweekday())


def state(visit: Mapping[str, Json]) -> str:
    """The state's code of a fulfillment, or an empty text."""
    return str(_mapping(_mapping(visit.get("state")).get("descriptor")).get("code", ""))


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

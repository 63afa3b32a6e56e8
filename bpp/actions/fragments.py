"""The parts of a catalog as JSON bytes, made and checked once and joined for each search.

The theory. Nearly all of an on_search is said of a provider or an item as it is in this version of the catalog; only
free times, and which items are listed, belong to the moment. So each part is written once, in each spelling that peers
want, and kept by the shelf that it was written from: a provider that changes has a new shelf, hence new parts. Times
are few: many offerings have the same starts open. A part is checked against our own schemas and rules (``wire_faults``)
in the first catalog it appears in; what is joined of checked parts is not checked again. The joined bytes are those of
the plain rendering (``on_search.catalog``), which says what a catalog is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol, TypeVar, cast

import orjson

from bpp.actions.catalog_parts import categories, customizations, offers
from bpp.actions.on_search import (
    Json,
    catalog_head,
    item_head,
    item_tail,
    provider_contact,
    provider_head,
    provider_places,
    provider_standing,
    provider_time,
)
from bpp.core.find import Bookable, Found
from bpp.core.world import Identity
from bpp.domains.dialect import CANONICAL, Dialect
from bpp.orders.wire import schedule
from catalog.availability import Horizon
from catalog.shelf import Shelf

LAST_SECOND = timedelta(seconds=1)  # an offer's range ends that long before the day does


class Sized(Protocol):
    """Something made of so many bytes."""

    @property
    def size(self) -> int:
        """So many."""


T = TypeVar("T", bound=Sized)


@dataclass(slots=True, eq=False)
class Part:
    """What stands before and behind the times of a provider or an item; ``checked`` once it stood in a sound catalog.

    ``ids`` are those of items, ``groups`` categories of choices with ``group_ids``, ``payment_types`` what is referred
    to.
    """

    before: bytes
    behind: bytes
    ids: tuple[str, ...] = ()
    groups: bytes = b""
    group_ids: tuple[str, ...] = ()
    payment_types: frozenset[str] = frozenset()
    checked: bool = False
    size: int = field(init=False)

    def __post_init__(self) -> None:
        """Its size is that of its bytes and of what holds them."""
        self.size = len(self.before) + len(self.behind) + len(self.groups) + 500


@dataclass(slots=True, eq=False)
class Times:
    """``time`` of whatever has these starts open; ``first`` is the earliest."""

    wire: bytes
    first: datetime
    checked: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A provider as it stands in a catalog.

    True of any moment before ``until``, the first start shown or the end of an offer. ``choices``: items have some.
    """

    wire: bytes
    ids: tuple[str, ...]
    choices: bool
    payment_types: frozenset[str]
    until: datetime
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """As whom we speak, in which domain, in which spelling of categories: all that parts depend on beside the shelf."""

    identity: Identity
    domain: str
    dialect: Dialect


@lru_cache(maxsize=256)
def voice(identity: Identity, domain: str, dialect: Dialect) -> Voice:
    """The one voice of these; dialects that spell categories alike have the same."""
    spelled = replace(CANONICAL, category_form=dialect.category_form, hex_letters=dialect.hex_letters)
    return Voice(identity, domain, dialect) if spelled == dialect else voice(identity, domain, spelled)


class Kept:
    """Values by their keys up to a number of bytes; who was asked for longest ago goes first."""

    def __init__(self, most: int) -> None:
        """Empty."""
        self._most = most
        self._size = 0
        self._values: OrderedDict[Hashable, Sized] = OrderedDict()

    def get(self, key: Hashable) -> Sized | None:
        """The value of a key, or None."""
        found = self._values.get(key)
        if found is not None:
            self._values.move_to_end(key)
        return found

    def put(self, key: Hashable, value: T) -> T:
        """Keep a value that had no place here; one that is too large by itself is not kept."""
        if value.size > self._most // 8:
            return value
        self._values[key] = value
        self._size += value.size
        while self._size > self._most:
            self._size -= self._values.popitem(last=False)[1].size
        return value

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made where it is not kept; each key has values of one type."""
        found = self.get(key)
        return cast("T", found) if found is not None else self.put(key, make())


KEPT = Kept(128 << 20)
"""All parts of this process: the items of a state are half of it in one spelling."""


@dataclass(slots=True)
class Draft:
    """A sheet in the making: its parts, and what of the provider was never checked."""

    head: Part
    items: Sequence[tuple[Bookable, Part, Times]]
    common: Times | None
    found: Found
    voice: Voice

    @property
    def fresh(self) -> Found | None:
        """The provider with what of it has to be checked; None where all of it was."""
        if self.found.offers or _repeated(self.ids) or _repeated(self.group_ids):
            return self.found
        fresh = [item for item, part, times in self.items if not (part.checked and times.checked)]
        if not fresh and self.head.checked and self.common is not None and self.common.checked:
            return None
        return replace(self.found, items=tuple(fresh or [item for item, _, _ in self.items]))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all its items, choices among them."""
        return tuple(one for _, part, _ in self.items for one in part.ids)

    @property
    def group_ids(self) -> tuple[str, ...]:
        """The ids of its categories of choices."""
        return tuple(one for _, part, _ in self.items for one in part.group_ids)

    def approve(self) -> None:
        """All of it stood in a sound catalog."""
        self.head.checked = True
        if self.common is not None:
            self.common.checked = True
        for _, part, times in self.items:
            part.checked = times.checked = True

    def sheet(self) -> Sheet:
        """The bytes of the provider."""
        one, head = self.found, self.head
        pieces = [head.before, self.common.wire if self.common else orjson.dumps(provider_time(one)), head.groups]
        for _, part, times in self.items:
            pieces += (part.before, times.wire, part.behind, b",")
        pieces[-1] = b"]," + _members(provider_contact(one.provider))
        if groups := b",".join(part.groups for _, part, _ in self.items if part.groups):
            pieces += (b',"categories":[', groups, b"]")
        if shown := offers(one, self.voice.domain, self.voice.dialect):
            pieces += (b',"offers":', orjson.dumps(shown))
        pieces.append(head.behind)
        wire = b"".join(pieces)
        ends = [Horizon(offer.valid_until, 1).end - LAST_SECOND for offer in one.offers]
        return Sheet(
            wire=wire,
            ids=self.ids,
            choices=any(len(part.ids) > 1 for _, part, _ in self.items),
            payment_types=frozenset().union(*(part.payment_types for _, part, _ in self.items)),
            until=min([*(times.first for _, _, times in self.items), *ends]),
            size=len(wire) + 2_000,
        )


class Timetable:
    """The written times of one message: many of its items have the very same starts open."""

    def __init__(self) -> None:
        """None is looked up yet."""
        self._known: dict[int, Times] = {}

    def of(self, starts: tuple[datetime, ...]) -> Times:
        """The times of some starts, which live as long as the message is made."""
        known = self._known.get(id(starts))
        if known is None:
            known = self._known[id(starts)] = _times(starts)
        return known


def sheet_key(one: Found, shelf: Shelf, spoken: Voice, times: Timetable) -> Hashable:
    """What a provider's bytes depend on."""
    rows = tuple([(item.offering.id, item.price.paise, times.of(item.starts)) for item in one.items])
    return "sheet", shelf, spoken, rows, tuple([offer.id for offer in one.offers])


def draft(one: Found, shelf: Shelf, spoken: Voice, times: Timetable) -> Draft:
    """A provider in parts, which are written where they are not known yet."""
    listed, starts = one.listed, one.starts
    items = [(item, _item(item, shelf, listed, spoken), times.of(item.starts)) for item in one.items]
    head = KEPT.once(("provider", shelf, spoken), lambda: _head(shelf, spoken))
    return Draft(head, items, _times(starts) if starts else None, one, spoken)


@lru_cache(maxsize=256)
def opening(spoken: Voice, payment_types: frozenset[str]) -> bytes:
    """A body up to its first provider."""
    return b'{"message":{"catalog":{' + _members(catalog_head(spoken.identity, payment_types)) + b',"providers":['


def _item(item: Bookable, shelf: Shelf, listed: frozenset[str], spoken: Voice) -> Part:
    offering = item.offering
    key = ("item", shelf, spoken, offering.id, item.price.paise, offering.parent_item_id in listed)
    return KEPT.once(key, lambda: _item_part(item, shelf, listed, spoken))


def _item_part(item: Bookable, shelf: Shelf, listed: frozenset[str], spoken: Voice) -> Part:
    offering = item.offering
    head = item_head(item, shelf.provider, listed, spoken.identity, spoken.dialect)
    choices = customizations(offering, spoken.identity)
    groups = categories(offering)
    return Part(
        before=b"{" + _members(head) + b',"time":',
        behind=b",".join([b"," + _members(item_tail(shelf.provider)) + b"}", *map(orjson.dumps, choices)]),
        ids=(offering.id, *(one["id"] for one in choices)),
        groups=b",".join(map(orjson.dumps, groups)),
        group_ids=tuple(one["id"] for one in groups),
        payment_types=frozenset(offering.payment_types),
    )


def _head(shelf: Shelf, spoken: Voice) -> Part:
    provider = shelf.provider
    places = _members(provider_places(provider, spoken.domain, spoken.dialect))
    standing = provider_standing(provider)
    return Part(
        before=b"{" + _members(provider_head(provider, spoken.identity)) + b',"time":',
        groups=b"," + places + b',"items":[',
        behind=(b"," + _members(standing) if standing else b"") + b"}",
    )


@lru_cache(maxsize=4096)
def _times(starts: tuple[datetime, ...]) -> Times:
    return Times(orjson.dumps(schedule(starts)), starts[0])


def _members(wire: Json) -> bytes:
    """An object without its braces."""
    return orjson.dumps(wire)[1:-1]


def _repeated(ids: tuple[str, ...]) -> bool:
    return len(set(ids)) < len(ids)

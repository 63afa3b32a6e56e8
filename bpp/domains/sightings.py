"""What a message shows of its sender's dialect: the table SIGNS, place by place.

The raw message is looked at, before ``normalize`` gives everything one spelling. Buyer apps copy parts of our callbacks
into their next message, so a place where a copy of our own words may stand is marked: there only what we did not say
ourselves is evidence (``bpp.actions.dialects`` knows what we said).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from beckn_schemas.spellings import FEE_CODES
from bpp.domains.normalize import parts
from bpp.domains.normalize_fixes import FEE_GROUPS, squeezed
from bpp.domains.peers import KNOWN, Trait
from catalog.codes import ondc_codes, to_decimal

Json = Any
Read = Callable[[Json], Iterator[str]]

_LETTER = re.compile(r"[^\W\d_]")
_FEE_OF_CODE: Final = {code: spelling for spelling, codes in FEE_CODES.items() for code in codes}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A trait of the sender as one message shows it; ``copied``: it may be a copy of what we said."""

    trait: Trait
    value: str
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """Where messages of ``actions`` show a trait; ``[]`` in ``path`` is each element of a list."""

    trait: Trait
    actions: frozenset[str]
    path: str
    read: Read
    copied: bool = False


def _case(status: Json) -> Iterator[str]:
    if isinstance(status, str) and _LETTER.search(status):
        yield "upper" if status.isupper() else "title"


def _seller(actor: Json) -> Iterator[str]:
    if isinstance(actor, str) and squeezed(actor) in KNOWN["cancelled_by"]:
        yield squeezed(actor)


def _fee(group: Json) -> Iterator[str]:
    """The spellings of the codes in a tag group of finder fee terms."""
    if squeezed(_code(group)) not in FEE_GROUPS:
        return
    entries = group.get("list")
    for entry in entries if isinstance(entries, list) else ():
        if spelling := _FEE_OF_CODE.get(_code(entry)):
            yield spelling


def _code(part: Json) -> str:
    descriptor = part.get("descriptor") if isinstance(part, dict) else None
    code = descriptor.get("code") if isinstance(descriptor, dict) else None
    return code if isinstance(code, str) else ""


def _numbering(code: Json) -> Iterator[str]:
    """The form of a category code that has only one: a letter is hexadecimal, and some digits can only be decimal."""
    if not isinstance(code, str) or "*" in code:
        return
    readings = {form for form, text in (("decimal", _decimal(code)), ("hex", _hex(code))) if text in ondc_codes()}
    if len(readings) == 1:
        yield from readings


def _decimal(code: str) -> str:
    return code.strip().upper()


def _hex(code: str) -> str:
    try:
        return to_decimal(code, "hex")
    except ValueError:
        return ""


_SEARCH, _CONFIRM, _UPDATE = frozenset({"search"}), frozenset({"confirm"}), frozenset({"update"})
_PAYING = frozenset({"init", "confirm", "update"})
_CATEGORIES = ("category.id", "category.code", "item.category.id", "item.category.code", "item.category_ids[]")

SIGNS: Final[tuple[Sign, ...]] = (
    Sign("status_case", _CONFIRM, "message.order.status", _case),
    Sign("status_case", _UPDATE, "message.order.status", _case, copied=True),
    Sign("cancelled_by", _UPDATE, "message.order.cancellation.cancelled_by", _seller, copied=True),
    Sign("finder_fee", _PAYING, "message.order.payments[].tags[]", _fee, copied=True),
    Sign("search_finder_fee", _SEARCH, "message.intent.tags[]", _fee),
    # Codes of ordered items are those of our own catalog.
    *(Sign("categories", _SEARCH, f"message.intent.{place}", _numbering) for place in _CATEGORIES),
)
"""Sources: protocol 1.0, rows "order.status", "finder fee", "category ids"; 1.8 for ``cancelled_by``."""

_PATHS: Final = {
    action: tuple((sign, tuple(sign.path.replace("[]", ".[]").split("."))) for sign in SIGNS if action in sign.actions)
    for action in frozenset().union(*(sign.actions for sign in SIGNS))
}


def sightings(action: str, payload: Mapping[str, Json]) -> tuple[Sighting, ...]:
    """What a message shows, each trait at most once: one that it spells in two ways shows nothing."""
    if action not in _PATHS:
        return ()
    found: dict[tuple[Trait, bool], set[str]] = defaultdict(set)
    for sign, path in _PATHS[action]:
        for value in parts(payload, path):
            found[sign.trait, sign.copied].update(sign.read(value))
    return tuple(
        Sighting(trait, value, copied)
        for (trait, copied), values in found.items()
        if len(values) == 1
        for value in values
    )

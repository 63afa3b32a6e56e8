"""Whether services have to do with the words that were searched for, as far as their texts tell.

A seller may know more than its texts say (synonyms, other languages), so only what shares neither a word nor a
category with anything that does is called unrelated, and where no text shares a word nothing is said at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from bpp.sandbox.exchange import Json, part

Service = tuple[str, Json, Json]
"""A path, the item and its provider."""

_WORD = re.compile(r"\w{3,}")
_STEM = 4
_ALIKE = 0.8


def related(words: str, found: Sequence[Service]) -> list[tuple[str, Json]] | None:
    """The unrelated services with their paths; None where no text tells."""
    wanted = _words(words)
    named = [item for _, item, provider in found if _shares(wanted, _texts(item, provider))]
    if not named:
        return None
    categories = {code for item in named for code in item.get("category_ids") or ()}
    families = {item["id"] for item in named} | {item.get("parent_item_id") for item in named} - {"", None}
    return [
        (path, item)
        for path, item, _ in found
        if item not in named
        and categories.isdisjoint(item.get("category_ids") or ())
        and families.isdisjoint({item["id"], item.get("parent_item_id")})
    ]


def _words(text: str) -> set[str]:
    return {one.casefold() for one in _WORD.findall(text)}


def _texts(item: Json, provider: Json) -> set[str]:
    groups = {one.get("id"): part(one, "descriptor") for one in provider.get("categories") or ()}
    held = [part(item, "descriptor"), part(part(item, "creator"), "descriptor")]
    held += [groups[one] for one in item.get("category_ids") or () if one in groups]
    return _words(" ".join(_strings(held)))


def _strings(descriptors: Sequence[Json]) -> Iterator[str]:
    for one in descriptors:
        yield from (str(one[key]) for key in ("name", "code", "short_desc", "long_desc") if key in one)


def _shares(wanted: set[str], texts: set[str]) -> bool:
    return not wanted.isdisjoint(texts) or any(_alike(one, other) for one in wanted for other in texts)


def _alike(one: str, other: str) -> bool:
    stem = len(one) >= _STEM and len(other) >= _STEM and (one.startswith(other) or other.startswith(one))
    return stem or SequenceMatcher(None, one, other).ratio() >= _ALIKE

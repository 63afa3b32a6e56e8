"""Remembers what was worked out of a message: many checks ask the same of a catalog of a megabyte."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")
_KEPT = 64


def remembered(function: Callable[[Any], T]) -> Callable[[Any], T]:
    """The same function of a document, which is not worked out again for the documents asked for last.

    A document is known by its identity, and held so that no other can take it; nobody changes it meanwhile.
    """
    known: OrderedDict[int, tuple[Any, T]] = OrderedDict()

    @wraps(function)
    def recall(document: Any) -> T:
        key = id(document)
        if key not in known:
            known[key] = (document, function(document))
            if len(known) > _KEPT:
                known.popitem(last=False)
        return known[key][1]

    return recall

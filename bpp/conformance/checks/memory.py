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

    What it raised is raised again. A document is known by its identity, and held so that no other can take it; nobody
    changes it meanwhile.
    """
    known: OrderedDict[int, tuple[Any, Callable[[], T]]] = OrderedDict()

    @wraps(function)
    def recall(document: Any) -> T:
        key = id(document)
        if key not in known:
            known[key] = (document, _worked_out(function, document))
            if len(known) > _KEPT:
                known.popitem(last=False)
        return known[key][1]()

    return recall


def _worked_out(function: Callable[[Any], T], document: Any) -> Callable[[], T]:
    try:
        found = function(document)
    except Exception as raised:  # noqa: BLE001  whatever it is, it is raised again
        problem = raised.with_traceback(None)

        def fail() -> T:
            raise problem.with_traceback(None)

        return fail
    return lambda: found

"""JSON paths as checks write them: ``message.order.items[0].id``."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
ABSENT = "(absent)"


def at(document: Any, path: str) -> Any:
    """What stands at a path; ``ABSENT`` where nothing does."""
    found = document
    for key, place in _STEP.findall(path):
        try:
            found = found[key] if key else found[int(place)]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return found


def schematic(path: str) -> str:
    """The path without the numbers of elements: ``message.order.items[].id``."""
    return re.sub(r"\[\d+\]", "[]", path)

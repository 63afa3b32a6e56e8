"""Edit one place of a JSON value by its path, such as ``message.order.items[0].id``."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any


class Edit(Enum):
    """What is done to a value other than putting another in its place."""

    DELETE = "delete"


DELETE: object = Edit.DELETE


def edited(value: Any, path: str, new: Any) -> Any:
    """A copy of ``value`` with ``new`` at ``path``; DELETE removes the key or element."""
    result = copy.deepcopy(value)
    _edit(result, path, new)
    return result


def without(value: Any, paths: Iterable[str]) -> Any:
    """A copy of ``value`` without what stands at some paths, taken away one after the other."""
    result = copy.deepcopy(value)
    for path in paths:
        _edit(result, path, DELETE)
    return result


def paths(value: Any, path: str) -> Iterator[str]:
    """The path of each place below a JSON value that stands at ``path``."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        below = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}"
        yield below
        yield from paths(value[key], below)


def _edit(result: Any, path: str, new: Any) -> None:
    steps = [int(part[1:-1]) if part.startswith("[") else part for part in re.findall(r"\[\d+\]|[^.\[\]]+", path)]
    holder = result
    for step in steps[:-1]:
        holder = holder[step]
    if new is DELETE and isinstance(holder, dict):
        holder.pop(steps[-1], None)
    elif new is DELETE:
        del holder[steps[-1]]
    else:
        holder[steps[-1]] = new(holder[steps[-1]]) if callable(new) else new

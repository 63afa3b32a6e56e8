"""A seller that loses required paths: each of its callbacks is said with paths lost, and then once whole.

What lacks is said in a conversation that never began, so that the booking goes on undisturbed. Paths of which one
holds the other, or is that by which the other is found, are lost in different messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from bpp.conformance.checks.required import name_of, places, steps_of
from bpp.conformance.checks.required_paths import REQUIRED, Required
from tests.conformance.faulty_seller import Honest, Json, Outgoing, Story
from tests.support.json_edit import without

KILLED_TOGETHER = frozenset(name_of(row) for row in REQUIRED)
"""The checks that ``test_required_paths`` kills in one conversation, and one at a time in a recorded one."""
_FOUND_BY = frozenset({"type", "status"})
"""Keys by which other paths find their elements."""


def rows_of(action: str) -> tuple[Required, ...]:
    """What callbacks of an action must have."""
    return tuple(row for row in REQUIRED if row.action in {"", action})


def standing(document: Json, row: Required) -> list[str]:
    """What is to be taken away so that a required path lacks in one place: of a list, all that is so called."""
    parent, demanded = steps_of(row.path)
    found = [path for path, _ in places(document, (*parent, *demanded))]
    if demanded[-1][1] is None:
        return found[:1]
    holder = found[0].rpartition("[")[0] if found else ""
    return [path for path in found if path.rpartition("[")[0] == holder][::-1]


def names_elements(row: Required) -> bool:
    """Whether other paths find their elements by this one."""
    return re.split(r"[./]", row.path)[-1] in _FOUND_BY


def layers(rows: Sequence[Required]) -> Iterator[list[Required]]:
    """The rows in groups whose paths do not disturb one another."""
    rest = sorted(rows, key=lambda row: (names_elements(row), len(row.path)))
    while rest:
        layer: list[Required] = []
        for row in rest:
            if all(_apart(row, other) for other in layer):
                layer.append(row)
        rest = [row for row in rest if row not in layer]
        yield layer


def _apart(row: Required, other: Required) -> bool:
    one, two = (re.sub(r"\[[^\]]*\]", "", path.path.replace("/", ".")) + "." for path in (row, other))
    return not one.startswith(two) and not two.startswith(one) and names_elements(row) == names_elements(other)


class LosesPaths(Honest):
    """Says every callback with required paths lost before it says it whole."""

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """Its copies, and then the callback: when it is heard, they were."""
        said = []
        for layer in layers(rows_of(document["context"]["action"])):
            paths = sorted({path for row in layer for path in standing(document, row)}, key=_place, reverse=True)
            stray: dict[str, Any] = document["context"] | {"transaction_id": str(uuid4())}
            said.append(
                Outgoing(without(document | {"context": stray}, paths), path=f"/{document['context']['action']}")
            )
        return [*said, Outgoing(document)]


def _place(path: str) -> list[tuple[str, int]]:
    return [(key, int(index or 0)) for key, index in re.findall(r"([^.\[\]]+)(?:\[(\d+)\])?", path)]

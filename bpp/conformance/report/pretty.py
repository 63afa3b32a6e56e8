"""How JSON is laid out for reading: what fits into a line stands in one, so that a page holds twice as much."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bpp.conformance.record import Record

WIDTH = 100
INDENT = "  "
DEEPEST = 40
"""Levels that are laid out; what is nested deeper stands in one line, since margins would grow without bound."""


def readable(record: Record) -> str:
    """The message laid out; the text of its body where that is no JSON object, or is nested too deeply for ``json``."""
    if record.document:
        try:
            return laid_out(record.document)
        except RecursionError:
            pass
    return record.body.decode(errors="replace")


def laid_out(value: Any) -> str:
    """JSON over as many lines as needed, each about ``WIDTH`` long at most. Raises ``RecursionError``."""
    return "".join(_parts(value, ""))


def _parts(value: Any, margin: str) -> Iterator[str]:
    flat = json.dumps(value, ensure_ascii=False)
    deepest = len(margin) >= DEEPEST * len(INDENT)
    if len(margin) + len(flat) <= WIDTH or deepest or not isinstance(value, dict | list) or not value:
        yield flat
        return
    inner = margin + INDENT
    members: Iterable[tuple[str, Any]] = (
        ((f"{json.dumps(key, ensure_ascii=False)}: ", one) for key, one in value.items())
        if isinstance(value, dict)
        else (("", one) for one in value)
    )
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield opening
    for number, (label, one) in enumerate(members):
        yield f"{',' if number else ''}\n{inner}{label}"
        yield from _parts(one, inner)
    yield f"\n{margin}{closing}"


def allowance(lengths: Iterable[int], total: int, most: int) -> int:
    """How many characters of each text may be shown, so that all of them together are at most ``total``.

    Short texts leave what they do not need to the long ones; no text gets more than ``most``.
    """
    ordered = sorted(lengths)
    left = total
    for place, length in enumerate(ordered):
        share = left // (len(ordered) - place)
        if length > share:
            return min(share, most)
        left -= length
    return most

"""At which lines of the program a server can be made to die: those of the functions on a message's way."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from tests.chaos.dying import statements
from tests.support.server import ROOT

ON_THE_WAY = (
    "bpp/inbound/receive.py",
    "bpp/actions/execute.py",
    "bpp/storage/door.py",
    "bpp/delivery/loop.py",
    "bpp/storage/outbox.py",
    "bpp/storage/messages.py",
    "bpp/core/book.py",
    "bpp/core/accounts.py",
)
"""From the socket to the commit, from the commit to the callback's record, and what a booking writes in between."""


POINTS: Mapping[str, tuple[str, str]] = {
    "a unit under way, its effect written and not committed": (
        "bpp/actions/execute.py",
        "await work.messages.accept(key, received.digest, world.now, seq)",
    ),
    "after the commit, before the ACK": ("bpp/inbound/receive.py", "return await acknowledged("),
    "after the ACK, before its callback is let go": ("bpp/inbound/receive.py", "context.release(seq)"),
    "while a lease is held, before the post": ("bpp/delivery/loop.py", "outcome = await self._transport.post("),
    "after the post, before it is recorded": ("bpp/delivery/loop.py", "verdict = judge("),
}
"""Boundaries that matter, and the text of the line at which each lies."""


def points() -> tuple[str, ...]:
    """``path:line`` of each boundary. Raises ValueError where a text does not stand exactly once in its module."""
    found = []
    for path, text in POINTS.values():
        places = [number for number, line in enumerate((ROOT / path).read_text().splitlines(), 1) if text in line]
        if len(places) != 1:
            raise ValueError(f"{text!r} stands {len(places)} times in {path}")
        found.append(f"{path}:{places[0]}")
    return tuple(found)


def lines_of(path: str) -> Iterator[str]:
    """``path:line`` of each statement inside a function of a module of ours."""
    tree = ast.parse((ROOT / path).read_text())
    for line in sorted({body[place].lineno for body, place in statements(tree)}):
        yield f"{path}:{line}"


def every_line() -> tuple[str, ...]:
    """All of them, module by module."""
    return tuple(line for path in ON_THE_WAY for line in lines_of(path))

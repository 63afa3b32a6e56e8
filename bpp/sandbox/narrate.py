"""How the demonstration speaks: plain text of 100 columns, colour only where a terminal shows it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

WIDTH = 100
INDENT = "      "
_STEP = re.compile(r"([A-Za-z_]+)|\[([0-9]+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something that must hold, and whether it did. ``detail`` says what was seen instead."""

    text: str
    held: bool
    detail: str = ""


class Narrator:
    """Tells a story to ``out`` and keeps the checks. ``colour`` None means: where ``out`` is a terminal."""

    def __init__(self, out: TextIO, *, colour: bool | None = None) -> None:
        self._out = out
        self._colour = out.isatty() if colour is None else colour
        self._chapters = 0
        self.checks: list[Check] = []
        self._tick, self._cross, self._arrow = ("✓", "✗", "──▶") if _writes(out, "✓✗─▶") else ("+", "!", "-->")

    def title(self, text: str) -> None:
        """The first line."""
        self._line(self._paint("1", text))
        self._line("=" * len(text))

    def chapter(self, text: str) -> None:
        """A numbered heading."""
        self._chapters += 1
        heading = f"{self._chapters}. {text}"
        self._line("")
        self._line(self._paint("1", heading))
        self._line("-" * len(heading))

    def tell(self, text: str) -> None:
        """A paragraph."""
        for line in textwrap.wrap(" ".join(text.split()), WIDTH):
            self._line(line)

    def message(self, sender: str, action: str, receiver: str, facts: Iterable[tuple[str, object]] = ()) -> None:
        """A message on its way, with its key lines (path, value)."""
        self._line("")
        self._line(f"  {sender} {self._arrow} {self._paint('36', action)} {self._arrow} {receiver}")
        rows = [(path, str(value)) for path, value in facts if value not in (None, "")]
        column = max((len(path) for path, _ in rows), default=0) + 2
        for path, value in rows:
            label = self._paint("2", path.ljust(column))
            if len(INDENT) + column + len(value) <= WIDTH:
                self._line(f"{INDENT}{label}{value}")
                continue
            self._line(f"{INDENT}{label.rstrip()}")
            for line in textwrap.wrap(value, WIDTH - 2 * len(INDENT), break_long_words=False, break_on_hyphens=False):
                self._line(f"{INDENT}{INDENT}{line}")

    def check(self, *checks: Check) -> None:
        """What held and what did not; several on one line where they fit."""
        self.checks.extend(checks)
        line = " "
        for one in checks:
            mark = self._tick if one.held else self._cross
            text = one.text if one.held or not one.detail else f"{one.text}: {one.detail}"
            if len(line) > 1 and len(line) + len(text) + 4 > WIDTH:
                self._marked(line)
                line = " "
            line += f" {mark} {text} "
        self._marked(line)

    def _marked(self, line: str) -> None:
        painted = line.rstrip().replace(self._tick, self._paint("32", self._tick))
        self._line(painted.replace(self._cross, self._paint("31", self._cross)))

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def _line(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()


def pick(document: Mapping[str, Any], path: str) -> Any:
    """The value at a path such as ``message.order.items[0].id``; None where there is none."""
    value: Any = document
    for name, index in _STEP.findall(path):
        if name:
            value = value.get(name) if isinstance(value, Mapping) else None
        else:
            known = isinstance(value, Sequence) and not isinstance(value, str) and int(index) < len(value)
            value = value[int(index)] if known else None
    return value


def lines(document: Mapping[str, Any], *paths: str) -> list[tuple[str, object]]:
    """Paths with their values, as ``Narrator.message`` takes them."""
    return [(path, pick(document, path)) for path in paths]


def _writes(out: TextIO, text: str) -> bool:
    try:
        text.encode(getattr(out, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True

"""What a run is doing, told while it does it: a line per step, on a terminal always the same one."""

from __future__ import annotations

import shutil
from typing import TextIO

from bpp.conformance.report.edition import counted, ending
from bpp.conformance.report.text import printable
from bpp.conformance.runner import Began, Event, Played, Takes, Took

_BACK = "\r\N{ESCAPE}[K"
"""To the beginning of the line, which is wiped."""


class Progress:
    """Tells ``out`` the events of a run; ``rewrites`` where it is a terminal.

    A terminal keeps one line for each flow that is over, and shows the step under way below it. Anything else, such as
    a build server's log, gets each step as a line of its own.
    """

    def __init__(self, out: TextIO, *, rewrites: bool | None = None) -> None:
        self._out = out
        self._total = 0
        self._rewrites = out.isatty() if rewrites is None else rewrites
        self._number = 0
        self._open = False

    def expect(self, total: int) -> None:
        """So many flows will be played."""
        self._total = total

    def show(self, event: Event) -> None:
        """Tell one event."""
        match event:
            case Began():
                self._number += 1
                if not self._rewrites:
                    self.say(f"[{self._number}/{self._total}] {event.scenario.name} {event.domain}")
            case Takes():
                self._step(event)
            case Took() if not self._rewrites:
                problem = f": {event.problem}" if event.problem else ""
                self._write(f"{printable(f' {event.seconds:.2f} s{problem}')}\n")
                self._open = False
            case Played():
                self._over(event)
            case _:
                pass

    def say(self, text: str) -> None:
        """A line of its own, whatever was being written."""
        self._close()
        self._write(f"{printable(text)}\n")

    def _step(self, event: Takes) -> None:
        waits = f", waits for {event.waits_for} (up to {event.within:g} s)" if event.waits_for else ""
        if self._rewrites:
            where = f"[{self._number}/{self._total}] {event.scenario.name} {event.domain}: "
            width = shutil.get_terminal_size().columns - 1
            self._write(f"{_BACK}{printable(f'{where}{event.step}{waits}')[:width]}")
        else:
            self._write(printable(f"  {event.step}{waits}"))
        self._open = True

    def _over(self, event: Played) -> None:
        ended = ending(event.flow)
        if self._rewrites or ended:
            mark = "-" if event.flow.not_played else "✗" if event.flow.ended else "✓"
            told = f"{event.flow.title}: {counted(len(event.flow.records), 'message')}"
            self.say(f"{mark} {told}{f'; {ended}' if ended else ''}")

    def _close(self) -> None:
        if self._open:
            self._write(_BACK if self._rewrites else "\n")
            self._open = False

    def _write(self, text: str) -> None:
        encoding = self._out.encoding or "utf-8"
        self._out.write(text.encode(encoding, "replace").decode(encoding))
        self._out.flush()

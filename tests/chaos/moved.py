"""A clock that is moved from outside: eight bytes in a file, the seconds by which it is off."""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

OFFSET = struct.Struct("=d")
CLOCK = "CHAOS_CLOCK"
"""Names the file in the environment."""


class MovedClock:
    """The machine's clock and as much as the file says, looked at whenever somebody asks what time it is."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), OFFSET.size, access=mmap.ACCESS_READ)

    def __call__(self) -> datetime:
        """Now, as this server believes."""
        (seconds,) = OFFSET.unpack(self._memory[: OFFSET.size])
        return datetime.now(UTC) + timedelta(seconds=seconds)


def move(path: Path, seconds: float) -> None:
    """Set by how much the clock that reads this file is off."""
    with path.open("r+b" if path.exists() else "wb") as file:
        file.write(OFFSET.pack(seconds))

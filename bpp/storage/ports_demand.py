"""What the rest of the program knows of storing unserved demand; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from typing import Protocol


class Demand(Protocol):
    """Searches that nobody could serve."""

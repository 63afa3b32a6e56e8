"""What the rest of the program knows of storing ratings and feedback; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from typing import Protocol


class Feedback(Protocol):
    """What consumers said."""

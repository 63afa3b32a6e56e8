"""What is known of storing the choices of workers, with their reasons; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from typing import Protocol


class Assignments(Protocol):
    """Why which worker was chosen."""

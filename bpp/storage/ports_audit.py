"""What is known of storing reads of full records, and retention; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from typing import Protocol


class Audit(Protocol):
    """Who read what."""

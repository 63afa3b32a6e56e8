"""What is known of storing empanelment and bank details of providers and workers; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from typing import Protocol


class Parties(Protocol):
    """What is known of providers and workers beside the catalog."""

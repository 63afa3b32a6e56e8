"""What is known of storing project work: requirements, bids, agreements, milestones."""

from __future__ import annotations

from typing import Protocol


class Projects(Protocol):
    """Project work."""

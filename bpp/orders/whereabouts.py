"""Where about a worker on the way was. What may be told of it is ``bpp.orders.tracking``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.model import Gps


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where about a worker was (``bpp.orders.tracking.coarse``), and when."""

    gps: Gps
    at: datetime

"""Which messages are told to network observability, and under which names. Pure.

Source: ONDC's description of network observability (network.md 3.1): from on_search on every request and its
synchronous answer, sent and received, with grievances and settlement. ``search`` is allowed and not asked for; rating
and support are not among the documented names, so that a setting decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

CORE: Final = ("select", "init", "confirm", "status", "track", "cancel", "update")
GRIEVANCES: Final = ("issue", "issue_status")
SETTLEMENT: Final = ("settle", "report", "recon")
ALWAYS: Final = frozenset(
    {"on_search", *(name for one in (*CORE, *GRIEVANCES, *SETTLEMENT) for name in (one, f"on_{one}"))}
)
"""Actions that are told whatever the settings say."""
CHOSEN: Final[Mapping[str, frozenset[str]]] = {
    "search": frozenset({"search"}),
    "rating": frozenset({"rating", "on_rating"}),
    "support": frozenset({"support", "on_support"}),
}
"""What the setting ``BPP_OBSERVABILITY_ALSO`` may name, and the actions that are then told as well."""
ANSWER: Final = "_response"


def told(also: Collection[str]) -> frozenset[str]:
    """The actions that are told, with those that a setting names. Raises KeyError for a name not in ``CHOSEN``."""
    return ALWAYS.union(*(CHOSEN[name] for name in also))


def answer_to(action: str) -> str:
    """The type of the synchronous answer to a message: ``on_select_response``."""
    return f"{action}{ANSWER}"

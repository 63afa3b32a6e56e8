"""What rules across the parts of a grievance message read, and the row that such a rule stands in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from beckn_schemas.invariants_base import Finding, mapping


@dataclass(frozen=True)
class Sent:
    """A message that we are about to send. Parts that are not there are empty."""

    payload: Mapping[str, Any]
    unsolicited: bool
    context: Mapping[str, Any] = field(init=False)
    action: str = field(init=False)
    issue: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        parts = self.__dict__
        parts["context"] = mapping(self.payload.get("context"))
        parts["action"] = str(self.context.get("action", ""))
        parts["issue"] = mapping(mapping(self.payload.get("message")).get("issue"))

    @property
    def is_answer(self) -> bool:
        """Whether we are the respondent, so that the other side's parts are echoed."""
        return self.action.startswith("on_")

    @property
    def own_organization(self) -> str:
        """Ours, as ``subscriber::domain`` (1.4, Validator points): we are the seller's side in every message."""
        return f"{self.context['bpp_id']}::{self.context['domain']}"


@dataclass(frozen=True, slots=True)
class IgmRule:
    """A named rule, the place of the network reference that it comes from, and how it is checked."""

    name: str
    source: str
    check: Callable[[Sent], Iterable[Finding]]

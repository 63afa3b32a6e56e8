"""Something that may be answered in a complaint, as a value: a page that asks, and the deed of its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bpp.console.language import msg
from bpp.console.orders.asking import Asked
from bpp.console.page import Form, Visit
from bpp.core.world import World
from bpp.issues.ticket import Ticket
from bpp.orders.model import Order
from bpp.people.model import Role

OUR_ANSWER, CUSTOMERS_ANSWER, OUR_COMPLAINT, AMONG_US = (
    msg("Our answer"),
    msg("What the customer says"),
    msg("In our complaint"),
    msg("Among ourselves"),
)
Possible = Callable[[Ticket, Order, World], bool]
Asking = Callable[[Visit, Ticket, Order, World], Asked]
Body = Callable[[Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. ``body`` makes of its form what the operator API takes; ``says`` are the templates that it fills.

    A template is shown beforehand in both languages.
    """

    name: str
    title: str
    sure: str
    said: str
    roles: frozenset[Role]
    possible: Possible
    ask: Asking
    form: type[Form]
    body: Body
    group: str = OUR_ANSWER
    says: tuple[str, ...] = ()
    danger: bool = False

    @property
    def page(self) -> str:
        """The name of the page that asks."""
        return f"ticket-{self.name}-form"

    @property
    def deed(self) -> str:
        """The name of what its form does."""
        return f"ticket-{self.name}"

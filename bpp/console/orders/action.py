"""Something that may be done to an order, as a value; and when it is possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bpp.console.language import msg
from bpp.console.orders.asking import Asking, nothing
from bpp.console.page import Acting, Form, NoFields
from bpp.core.advance import allowed_events
from bpp.core.world import World
from bpp.orders.model import Order
from bpp.orders.states import Actor, Event, Stage
from bpp.people.model import Role

CUSTOMERS_SIDE, PROVIDERS_SIDE = msg("For the customer"), msg("For the provider and the worker")
CUSTOMERS_WORD = frozenset({Role.OPERATOR})
"""Who speaks for a customer. A provider does not: it would agree with itself."""
Possible = Callable[[Order, World], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that may be done to an order: a page that asks, and the deed of its form."""

    name: str
    title: str
    sure: str
    said: str
    roles: frozenset[Role]
    possible: Possible
    act: Acting
    ask: Asking = nothing
    form: type[Form] = NoFields
    danger: bool = False
    group: str = PROVIDERS_SIDE

    @property
    def page(self) -> str:
        """The name of the page that asks."""
        return f"order-{self.name}-form"

    @property
    def deed(self) -> str:
        """The name of what its form does."""
        return f"order-{self.name}"


def allowed_by_table(name: Event, actor: Actor = Actor.SELLER) -> Possible:
    """Whether the state table allows an event now."""
    return lambda order, _world: name in allowed_events(order, actor)


def otp_of_ours(order: Order, world: World) -> bool:
    """Whether there is an OTP that no buyer app shows."""
    del world
    return order.peer is None and order.visit.otp is not None


def of_buyer_app(order: Order, world: World) -> bool:
    """Whether a buyer app brought it, and somebody still knows for whom."""
    return order.peer is not None and remembered(order, world)


def rateable(order: Order, world: World) -> bool:
    """Whether there is work to be rated, and still time for it."""
    done = [one.completed_at for one in order.fulfillments if one.stage is Stage.COMPLETED and one.completed_at]
    return order.cancellation is None and bool(done) and world.now <= max(done) + world.rules.rating_window


def remembered(order: Order, world: World) -> bool:
    """Whether it was not forgotten: of one that was, nobody is known who could complain."""
    del world
    return order.forgotten_at is None

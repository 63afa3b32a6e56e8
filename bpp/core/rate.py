"""Rate: a buyer's rating of a visit that was made, counted for the provider and, where named, the worker."""

from __future__ import annotations

from dataclasses import dataclass

from bpp.core.world import World
from bpp.errors import InvalidRating, ItemNotFound, RatingCategoryUnsupported
from bpp.orders.model import Order
from bpp.orders.states import Stage
from bpp.storage.ports import Work

CATEGORIES = {name.lower(): name for name in ("Item", "Order", "Fulfillment", "Provider", "Agent")}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRating:
    """One rating as it came: what is rated, its id, and the value as text."""

    category: str
    subject: str
    value: str


async def rate(order: Order, given: tuple[GivenRating, ...], work: Work, world: World) -> None:
    """Keep the ratings of an order; all of them or none.

    Raises RatingCategoryUnsupported for a subject we take no ratings of, InvalidRating for a value that is not 1 to 5
    or an order that was given up or of which no visit is done, ItemNotFound for a subject that is not of this order.
    """
    kept = [_checked(order, one) for one in given]
    # Not by the order's status: work that is quoted for or to come takes nothing from the visit that was made.
    done = any(one.stage is Stage.COMPLETED for one in order.fulfillments)
    if order.cancellation is not None or not done:
        raise InvalidRating("only an order of which a visit is completed, and that was not cancelled, can be rated")
    for category, subject, value in kept:
        await work.orders.rate(order.ref, category, subject, value, world.now)
    await work.directory.rated()


def _checked(order: Order, one: GivenRating) -> tuple[str, str, int]:
    category = CATEGORIES.get(one.category.lower())
    if category is None:
        known = ", ".join(CATEGORIES.values())
        raise RatingCategoryUnsupported(f"ratings are taken of {known}")
    if one.value not in {"1", "2", "3", "4", "5"}:
        raise InvalidRating("a rating is a whole number from 1 to 5")
    subject = _subjects(order)[category].get(one.subject)
    if subject is None:
        raise ItemNotFound(f"the order has no {category} of that id", path="message.ratings")
    return category, subject, int(one.value)


def _subjects(order: Order) -> dict[str, dict[str, str]]:
    """What of an order can be rated: for each category the ids a buyer app may name, and the one we count by.

    The wire has no id of a worker, only a name, so that names the worker too.
    """
    sent = [worker for visit in order.fulfillments for worker in (visit.assignee, *visit.crew) if worker]
    return {
        "Item": {item.item_id: item.item_id for item in order.items},
        "Order": {order.order_id: order.order_id},
        "Fulfillment": {one.id: one.id for one in order.fulfillments},
        "Provider": {order.seller.provider_id: order.seller.provider_id},
        "Agent": {
            **{one.name: one.worker_id for one in reversed(sent)},
            **{one.worker_id: one.worker_id for one in sent},
        },
    }

"""Rate: what a customer says of work that was done, by whatever channel, counted for provider and workers.

One review for each order, changeable while the window is open; nobody rates his or her own work (ADR 0029).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bpp.core.world import World
from bpp.errors import InvalidRating, ItemNotFound, RatingCategoryUnsupported
from bpp.orders.model import Assignee, Order
from bpp.orders.ratings import (
    AGENT,
    LONGEST_FEEDBACK,
    Rated,
    RaterKind,
    Review,
    Reviewed,
    merged,
    phone_number,
    rater_key,
)
from bpp.orders.states import Stage
from bpp.storage.ports import Work
from bpp.storage.ports_feedback import ReviewAction, ReviewEvent

CATEGORIES = {name.lower(): name for name in ("Item", "Order", "Fulfillment", "Provider", AGENT)}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRating:
    """One rating as it came: what is rated, its id, and the value as text."""

    category: str
    subject: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Through whom a review came: the kind is kept with it, the name is for the audit trail."""

    kind: RaterKind
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a review is of: an order or project, when it was done, and who is on which side.

    ``customers`` are the customer's telephone numbers, the one that tells raters apart first; ``doers`` those of the
    provider and of its workers.
    """

    ref: str
    of: Reviewed
    provider_id: str
    done_at: datetime
    customers: tuple[str, ...]
    doers: tuple[str, ...]


async def rate(
    order: Order, given: tuple[GivenRating, ...], teller: Teller, work: Work, world: World, *, text: str = ""
) -> Review:
    """Keep the ratings of an order; all of them or none. A free text replaces the one before, none leaves it.

    Raises RatingCategoryUnsupported for a subject we take no ratings of, InvalidRating for a value that is not 1 to 5,
    an order that was given up or of which no visit is done, after the window, and for the provider's or a worker's
    own telephone, ItemNotFound for a subject that is not of this order.
    """
    values = tuple(_checked(order, one) for one in given)
    # Not by the order's status: work that is quoted for or to come takes nothing from the visit that was made.
    done = [one.completed_at or order.updated_at for one in order.fulfillments if one.stage is Stage.COMPLETED]
    if order.cancellation is not None or not done:
        raise InvalidRating("only an order of which a visit is completed, and that was not cancelled, can be rated")
    occasion = Occasion(
        ref=order.ref,
        of="order",
        provider_id=order.seller.provider_id,
        done_at=max(done),
        customers=_customers(order),
        doers=(order.seller.phone, *(one.phone for one in _sent(order)), *doers_of(order.seller.provider_id, world)),
    )
    return await keep_review(occasion, values, teller, work, world, text=text)


async def keep_review(
    occasion: Occasion, values: Iterable[Rated], teller: Teller, work: Work, world: World, *, text: str = ""
) -> Review:
    """Keep what was said on an occasion, and let it count from the next search on. Raises InvalidRating."""
    if world.now > occasion.done_at + world.rules.rating_window:
        raise InvalidRating("the time in which this could be rated is over")
    if len(text) > LONGEST_FEEDBACK:
        raise InvalidRating(f"at most {LONGEST_FEEDBACK} characters are expected", path="feedback")
    numbers = {number for one in occasion.customers if (number := phone_number(one))}
    if numbers & {phone_number(one) for one in occasion.doers}:
        raise InvalidRating("the provider and its workers cannot rate their own work")
    before = await work.feedback.get(occasion.ref)
    phone = occasion.customers[0] if occasion.customers else ""
    said = tuple(values)
    review = Review(
        ref=occasion.ref,
        of=occasion.of,
        provider_id=occasion.provider_id,
        rater=before.rater if before else rater_key(world.otp_secret, phone, occasion.ref),
        rater_kind=teller.kind,
        rated_at=world.now,
        values=merged(before.values if before else (), said),
        text=text or (before.text if before else ""),
        aside=before.aside if before else False,
    )
    detail = {"rater_kind": teller.kind, "values": [[one.category, one.subject, one.value] for one in said]}
    await _kept(review, "changed" if before else "given", teller.by, detail, work, world)
    return review


async def moderate(review: Review, *, aside: bool, by: str, reason: str, work: Work, world: World) -> Review:
    """Set a review aside, so that it is kept and does not count, or restore it; the reason goes into its life."""
    changed = replace(review, aside=aside)
    await _kept(changed, "set_aside" if aside else "restored", by, {"reason": reason}, work, world)
    return changed


def doers_of(provider_id: str, world: World) -> tuple[str, ...]:
    """The telephone numbers of a provider and of all its workers, as far as the catalog has them now."""
    provider = world.catalog.providers.get(provider_id)
    team = world.catalog.workers_of.get(provider_id, ())
    return (*((provider.phone,) if provider else ()), *(one.phone for one in team))


async def _kept(
    review: Review, action: ReviewAction, by: str, detail: dict[str, Any], work: Work, world: World
) -> None:
    await work.feedback.keep(review)
    await work.feedback.record(ReviewEvent(ref=review.ref, at=world.now, action=action, by=by, detail=detail))
    await work.directory.rated()


def _checked(order: Order, one: GivenRating) -> Rated:
    category = CATEGORIES.get(one.category.lower())
    if category is None:
        known = ", ".join(CATEGORIES.values())
        raise RatingCategoryUnsupported(f"ratings are taken of {known}")
    if one.value not in {"1", "2", "3", "4", "5"}:
        raise InvalidRating("a rating is a whole number from 1 to 5")
    subject = _subjects(order)[category].get(one.subject)
    if subject is None:
        raise ItemNotFound(f"the order has no {category} of that id", path="message.ratings")
    return Rated(category=category, subject=subject, value=int(one.value))


def _subjects(order: Order) -> Mapping[str, Mapping[str, str]]:
    """What of an order can be rated: for each category the ids a buyer app may name, and the one we count by.

    The wire has no id of a worker, only a name, so that names the worker too.
    """
    sent = _sent(order)
    return {
        "Item": {item.item_id: item.item_id for item in order.items},
        "Order": {order.order_id: order.order_id},
        "Fulfillment": {one.id: one.id for one in order.fulfillments},
        "Provider": {order.seller.provider_id: order.seller.provider_id},
        AGENT: {
            **{one.name: one.worker_id for one in reversed(sent)},
            **{one.worker_id: one.worker_id for one in sent},
        },
    }


def _sent(order: Order) -> list[Assignee]:
    return [worker for visit in order.fulfillments for worker in (visit.assignee, *visit.crew) if worker]


def _customers(order: Order) -> tuple[str, ...]:
    """The customer's telephone numbers: of the bill, then of the visits."""
    of_visits = (str((one.customer.get("contact") or {}).get("phone") or "") for one in order.fulfillments)
    return tuple(one for one in (str(order.billing.get("phone") or ""), *of_visits) if one)

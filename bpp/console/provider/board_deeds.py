"""What the board of orders is for: take an order, refuse it, send somebody."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bpp.console.language import msg
from bpp.console.page import Deed, Done, Form, Visit, outcome
from bpp.console.provider.board import BOARD
from bpp.console.provider.common import SELLERS, address, provider_of
from bpp.core.world import World
from bpp.operator.order_events import Accept, Assign, Decline
from bpp.operator.orders import order_at, post_event
from bpp.operator.problems import CONFLICT, ApiProblem, not_found
from bpp.operator.routes import Body
from bpp.storage.ports import Work

When = Literal["today", "coming", "past"]


class Taking(Form):
    """Who is to go; empty: whoever was chosen, or the best who is free. ``when`` is the board it came from."""

    worker_id: str = Field(default="", max_length=64)
    when: When = "today"


class Refusing(Form):
    """Why."""

    reason: Literal["002", "024", "018", "023", "016", "022", "005"]
    note: str = Field(default="", max_length=200)
    when: When = "today"


async def accept(visit: Visit, work: Work, world: World) -> Done:
    """Take the order; with a worker named send this one, or do neither."""
    await _check_owner(visit, work, world)
    taken = await _perform(Accept(event="accept"), visit, work, world)
    if taken.refused is not None or not visit.form.worker_id:
        return taken
    sent = await _perform(Assign(event="assign", worker_id=visit.form.worker_id), visit, work, world)
    if sent.refused is not None:  # raised, so that the order is not accepted either
        raise ApiProblem(CONFLICT, sent.refused.code, sent.refused.message, path="worker_id")
    return Done(to=sent.to, released=(*taken.released, *sent.released))


async def refuse(visit: Visit, work: Work, world: World) -> Done:
    """Refuse the order. Words are kept beside the code of a reason that has none of its own."""
    await _check_owner(visit, work, world)
    form: Refusing = visit.form
    reason = form.note if form.reason == "005" and form.note else form.reason
    return await _perform(Decline(event="decline", reason=reason), visit, work, world)


async def send(visit: Visit, work: Work, world: World) -> Done:
    """Send a worker, or another one."""
    await _check_owner(visit, work, world)
    return await _perform(Assign(event="assign", worker_id=visit.form.worker_id), visit, work, world)


async def _perform(event: Body, visit: Visit, work: Work, world: World) -> Done:
    call = visit.call(body=event, ref=visit.path["ref"])
    return outcome(await post_event(call, work, world), address(visit, "orders", when=visit.form.when))


async def _check_owner(visit: Visit, work: Work, world: World) -> None:
    """Raise ApiProblem 404 where the order is not of the provider that the path names."""
    order = await order_at(visit.call(), work)
    if order.seller.provider_id != provider_of(visit, world).id:
        raise not_found("order", order.ref)


DEEDS = (
    Deed(
        path=f"{BOARD}/{{ref}}/accept",
        name="provider-accept",
        roles=SELLERS,
        act=accept,
        page="provider-orders",
        said=msg("The order is accepted."),
        form=Taking,
    ),
    Deed(
        path=f"{BOARD}/{{ref}}/refuse",
        name="provider-refuse",
        roles=SELLERS,
        act=refuse,
        page="provider-orders",
        said=msg("The order is refused."),
        form=Refusing,
    ),
    Deed(
        path=f"{BOARD}/{{ref}}/send",
        name="provider-send",
        roles=SELLERS,
        act=send,
        page="provider-orders",
        said=msg("The worker is sent."),
        form=Taking,
    ),
)

"""The big buttons: what a worker says of a job, by the same calls as an operator would."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bpp.console.money.fields import Fee
from bpp.console.page import Done, Form, Visit, outcome
from bpp.console.worker.whose import path_to, team
from bpp.core.world import World
from bpp.operator.bookings_fields import Coordinates
from bpp.operator.order_events import Arrive, Complete, Depart, Reassign, Requote, RequoteLine, Start
from bpp.operator.orders import Position, order_at, post_event, post_location
from bpp.operator.problems import CONFLICT, ApiProblem, not_found
from bpp.operator.routes import Body
from bpp.storage.ports import Work

MOST_TRIED = 16
SIGNS = ("₹", "Rs.", "Rs", ",", " ")
"""What people write around a number."""


def bare(text: Any) -> Any:
    """A number as it is typed in any script, with spaces or a sign of money, in plain figures."""
    if not isinstance(text, str):
        return text
    for sign in SIGNS:
        text = text.replace(sign, "")
    return "".join(str(int(one)) if one.isdecimal() else one for one in text)


class Otp(Form):
    """What the customer tells at the door."""

    otp: Annotated[str, BeforeValidator(bare), Field(max_length=MOST_TRIED)]


class ExtraWork(Form):
    """More work, or parts, that the customer shall agree to."""

    title: Annotated[str, Field(max_length=200)]
    price: Annotated[Fee, BeforeValidator(bare)]
    count: Annotated[int, BeforeValidator(bare), Field(ge=1, le=999)] = 1


class CannotCome(Form):
    """Why somebody cannot go, in the words of ``Reassign``; ``visit_id`` is one of the order in the path."""

    reason: Literal["ill", "late", "declined"]
    visit_id: str = ""


class Where(Form):
    """Where the worker's telephone is."""

    gps: Coordinates


async def depart(visit: Visit, work: Work, world: World) -> Done:
    """On the way."""
    return await _say(visit, Depart(event="depart"), work, world)


async def arrive(visit: Visit, work: Work, world: World) -> Done:
    """At the door."""
    return await _say(visit, Arrive(event="arrive"), work, world)


async def start(visit: Visit, work: Work, world: World) -> Done:
    """The customer has told the OTP."""
    form: Otp = visit.form
    return await _say(visit, Start(event="start", otp=form.otp), work, world)


async def complete(visit: Visit, work: Work, world: World) -> Done:
    """The work is done."""
    return await _say(visit, Complete(event="complete"), work, world)


async def ask_extra(visit: Visit, work: Work, world: World) -> Done:
    """More work is quoted for; the customer's word on it comes by the app or by telephone."""
    form: ExtraWork = visit.form
    line = RequoteLine(title=form.title, price=form.price, count=form.count)
    return await _say(visit, Requote(event="requote", lines=(line,)), work, world)


async def cannot_come(visit: Visit, work: Work, world: World) -> Done:
    """Somebody else has to go, as the rules of a reassignment choose."""
    form: CannotCome = visit.form
    order = await order_at(visit.call(), work)
    worker_id = visit.path["worker"]
    meant = [one for one in order.fulfillments if one.id == (form.visit_id or order.visit.id)]
    if not any(worker_id in team(one) for one in meant):
        raise not_found("job", form.visit_id)
    body = Reassign(event="reassign", reason=form.reason, worker_id=worker_id, fulfillment_id=meant[0].id)
    return outcome(await post_event(visit.call(body=body), work, world), path_to("today", worker_id))


async def tell_where(visit: Visit, work: Work, world: World) -> Done:
    """Where the worker is, on the way and as far as everybody agreed to it."""
    await _check_own(visit, work)
    form: Where = visit.form
    body = Position(gps=form.gps)
    return outcome(await post_location(visit.call(body=body), work, world), path_to("today", visit.path["worker"]))


async def _say(visit: Visit, body: Body, work: Work, world: World) -> Done:
    """An event of the visit under way, where that is the worker's."""
    await _check_own(visit, work)
    return outcome(await post_event(visit.call(body=body), work, world), path_to("today", visit.path["worker"]))


async def _check_own(visit: Visit, work: Work) -> None:
    """Raise ApiProblem 409 where the visit under way is somebody else's by now."""
    order = await order_at(visit.call(), work)
    if visit.path["worker"] not in team(order.visit):
        raise ApiProblem(CONFLICT, "not_allowed", "another worker has this visit now")

"""What each form does to an order, over the calls of the operator API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter

from bpp.console.orders.asking_complaint import Against
from bpp.console.orders.told import order_path, ticket_path
from bpp.console.page import Acting, Done, Visit, outcome
from bpp.core.tickets import in_short
from bpp.core.world import World
from bpp.operator.bookings_terms import post_otp
from bpp.operator.feedback import NewReview, post_rating
from bpp.operator.order_events import EventRequest, Side
from bpp.operator.orders import post_event
from bpp.operator.ticket_models import NewTicket, TicketDetail
from bpp.operator.tickets import post_ticket
from bpp.orders.states import Event
from bpp.storage.ports import Work

REQUEST: TypeAdapter[Any] = TypeAdapter(EventRequest)
Fields = Callable[[Any], dict[str, Any]]


def given(form: Any) -> dict[str, Any]:
    """What was filled in, under the names of the operator API."""
    return dict(form.model_dump(exclude_unset=True))


def on_behalf_of(side: Side) -> Fields:
    """The fields of a change that has a charge."""

    def fields(form: Any) -> dict[str, Any]:
        kept = {name: value for name, value in given(form).items() if name not in {"reason", "own_words"}}
        return {**kept, "on_behalf_of": side, **({"reason": form.said} if hasattr(form, "said") else {})}

    return fields


def reason_said(form: Any) -> dict[str, Any]:
    """Only the reason."""
    return {"reason": form.said}


def overridden(form: Any) -> dict[str, Any]:
    """The reason in the place of the OTP."""
    return {"override": form.reason}


def quoted(form: Any) -> dict[str, Any]:
    """Lines, validity and time."""
    return {"lines": form.lines, "valid_for": form.valid_for, "minutes": form.minutes}


def event(name: Event, fields: Fields = given) -> Acting:
    """Cause an event of the state table."""

    async def act(visit: Visit, work: Work, world: World) -> Done:
        body = REQUEST.validate_python({"event": name.value, **fields(visit.form)})
        return outcome(await post_event(visit.call(body=body), work, world), order_path(visit.path["ref"]))

    return act


async def tell_otp(visit: Visit, work: Work, world: World) -> Done:
    """Have the OTP shown on the order's page, for a customer whom no buyer app shows it."""
    return outcome(await post_otp(visit.call(), work, world), order_path(visit.path["ref"]))


async def rate(visit: Visit, work: Work, world: World) -> Done:
    """Keep what the customer says by telephone."""
    form = visit.form
    workers = {form.worker_id: form.worker_stars} if form.worker_id and form.worker_stars else {}
    body = NewReview(rater="phone", provider=form.provider_stars, workers=workers, feedback=form.feedback)
    return outcome(await post_rating(visit.call(body=body), work, world), order_path(visit.path["ref"]))


def complain(against: Against) -> Acting:
    """Take a complaint down, or send one of ours: a ticket, whose page is shown then."""

    async def act(visit: Visit, work: Work, world: World) -> Done:
        form = visit.form
        short, long = in_short(form.complaint), form.complaint
        body = NewTicket(against=against, code=form.code, short_desc=short, long_desc=long, language=visit.language)
        answer = await post_ticket(visit.call(body=body), work, world)
        assert isinstance(answer.content, TicketDetail)  # noqa: S101  the call gives nothing else
        return outcome(answer, ticket_path(answer.content.ref))

    return act

"""A booking: the quote whose time is kept, the caller's name, telephone and address, and what is read out at last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from bpp.console.desk.choices import items_of
from bpp.console.desk.look import CallQuery
from bpp.console.desk.offer import DESK, GONE, PLACE, by_day, checked, kept, others
from bpp.console.page import Done, Form, Visit
from bpp.core.channel import quoted
from bpp.core.world import World
from bpp.operator.bookings_fields import Amount, Phone, Text
from bpp.operator.bookings_lookup import booked_words, told
from bpp.operator.bookings_models import BookingRequest
from bpp.operator.bookings_order_models import Booking
from bpp.operator.bookings_quote import post_booking, quote_words
from bpp.operator.orders import order_at
from bpp.operator.problems import CONFLICT, ApiProblem, not_found
from bpp.orders.model import Draft
from bpp.storage.ports import Work
from catalog.ranking import bayesian

LONGEST_NAME, LONGEST_NOTE = 100, 500


class BookForm(Form):
    """Who books, and where; ``total`` and ``said`` are the price and the time that were read out.

    ``start`` is another time in the place of a lost one.
    """

    name: Annotated[str, StringConstraints(max_length=LONGEST_NAME)]
    phone: Annotated[str, checked("phone", Phone)]
    address: Text
    pincode: Annotated[str, PLACE]
    instructions: str = Field(default="", max_length=LONGEST_NOTE)
    total: Amount
    said: AwareDatetime
    start: AwareDatetime | None = None


class TextForm(Form):
    """In which language the caller is sent a text message."""

    language: Literal["hi", "en"]


async def read_quote(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The price and the time as they are read out, until when it is kept, and what is still to be asked."""
    draft = await _quoted(visit, work)
    query: CallQuery = visit.query
    provider = world.catalog.providers.get(draft.seller.provider_id)
    first = draft.items[0].item_id
    return {
        "draft": draft,
        "visit_slot": draft.fulfillments[0].slot,
        "provider": provider,
        "rating": f"{bayesian(provider.rating):.1f}" if provider and provider.rating.count else "",
        "held_until": (until := await work.slots.held_until(draft.ref)),
        "held": until is not None and until > world.now,
        "words": quote_words(draft, until if until and until > world.now else None, world.catalog),
        "order": await work.orders.get(draft.ref),
        "days": by_day(others(visit)),
        "pincode": draft.fulfillments[0].area_code,
        "call": {**query.known, "pincode": draft.fulfillments[0].area_code, "quote": draft.ref},
        "offering": first if first in world.catalog.offerings else "",
    }


async def book(visit: Visit, work: Work, world: World) -> Done:
    """Make the order, at another time where one was chosen since the first was lost.

    What was quoted anew since it was read out, as from another window, is read out again first.
    """
    form: BookForm = visit.form
    draft = await _quoted(visit, work)
    if (form.total, form.said) != (str(draft.quote.total), draft.fulfillments[0].slot.start):
        raise ApiProblem(CONFLICT, "quote_changed", "the price or the time is another than was read out")
    if form.start is not None:
        items, place = items_of(draft, world.catalog), draft.fulfillments[0].area_code
        await kept(draft.seller.provider_id, items, form.start, draft.ref, place, visit, work, world)
    body = BookingRequest(
        quote=draft.ref,
        name=form.name,
        phone=form.phone,
        address=form.address,
        pincode=form.pincode,
        instructions=form.instructions,
        total=form.total,
    )
    try:
        answer = await post_booking(visit.call(body=body), work, world)
    except ApiProblem as refused:
        raise _of_form(refused) from refused
    assert isinstance(answer.content, Booking)  # noqa: S101  this is what it answers
    return Done(to=f"{DESK}/booked/{answer.content.ref}", released=answer.released)


async def let_go(visit: Visit, work: Work, world: World) -> Done:
    """Let others have the time of a quote; what was booked stays."""
    del world
    draft = await _quoted(visit, work)
    if await work.orders.get(draft.ref) is not None:
        raise ApiProblem(CONFLICT, "already_booked", "this quote is booked already")
    await work.slots.release(draft.ref)
    return Done(to=DESK)


async def read_booked(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """What is read out to whoever has booked, in both languages: the caller's need not be the operator's."""
    order = await order_at(visit.call(), work)
    return {"order": order, "words": booked_words(order, world), "told": told(order)}


async def send_confirmation(visit: Visit, work: Work, world: World) -> Done:
    """Send the caller the same as a text message."""
    form: TextForm = visit.form
    order = await order_at(visit.call(), work)
    phone = str(order.billing.get("phone") or "")
    if not phone:
        raise ApiProblem(CONFLICT, "not_allowed", "the order has no telephone number any more")
    words = booked_words(order, world)
    text = words.hi if form.language == "hi" else words.en
    return Done(to=f"{DESK}/booked/{order.ref}", texts=((phone, text),))


def _of_form(refused: ApiProblem) -> ApiProblem:
    """A refusal with the field of the form that answers it: another time for one that cannot be had, else none."""
    error = refused.answer.error
    path = "start" if error.code == GONE and error.allowed else ""
    return ApiProblem(refused.status, error.code, error.message, path=path, allowed=error.allowed)


async def _quoted(visit: Visit, work: Work) -> Draft:
    ref = visit.path["quote"]
    draft = await quoted(ref, work)
    if draft is None:
        raise not_found("quote", ref)
    return draft

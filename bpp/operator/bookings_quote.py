"""Quote and book for somebody who has no buyer app: the engine is the network's, the words are for a telephone."""

from __future__ import annotations

import re
from datetime import datetime

from bpp.core.channel import Asked, BookedHere, Consumer, Department, book_quote, quote, quoted, with_channel
from bpp.core.draft import Selected
from bpp.core.naming import hindi_names
from bpp.core.wanted import Line
from bpp.core.world import World
from bpp.errors import BppError
from bpp.operator.auth import Caller
from bpp.operator.bookings_find import in_words, where
from bpp.operator.bookings_lookup import booking_detail
from bpp.operator.bookings_models import Against, BookingRequest, QuoteAnswer, QuoteRequest
from bpp.operator.order_views import quote_view
from bpp.operator.problems import CONFLICT, ApiProblem, invalid, not_found, of_error, word_of
from bpp.operator.routes import Answer, Call
from bpp.orders.model import Draft
from bpp.orders.words import Words, priced, slot_kept
from bpp.storage.ports import Work
from catalog.geo import parse_gps
from catalog.moments import minute, wire_time
from catalog.money import Money
from catalog.search import Place
from catalog.snapshot import Catalog

PATHS = (
    (re.compile(r"message\.order\.items\[(\d+)\].*"), r"items[\1].item_id"),
    (re.compile(r"message\.order\.offers\[(\d+)\].*"), r"offers[\1]"),
    (re.compile(r"message\.order\.provider.*"), "provider_id"),
    (re.compile(r"(message|context)\..*"), ""),
)
"""Our fields for those of the wire, which the core names."""


async def post_quote(call: Call, work: Work, world: World) -> Answer:
    """A price and, for a start, the slot held for the caller; or what stands against it, and what can be had."""
    asked: QuoteRequest = call.body
    wish = Asked(
        channel=asked.channel,
        session=session_of(call.caller, asked.session),
        provider_id=asked.provider_id,
        lines=tuple(
            Line(item_id=one.item_id, count=one.count, wire={}, category_ids=one.category_ids) for one in asked.items
        ),
        place=where(asked.pincode, asked.gps),
        start=minute(asked.start) if asked.start else None,
        payment_type=asked.payment_type,
        offers=asked.offers,
        replaces=asked.replaces,
        gender=asked.gender,
        gender_required=asked.gender_required,
    )
    try:
        selected = await quote(wish, work, world)
    except BppError as problem:
        raise of_error(problem, path=_ours(problem.path)) from problem
    return Answer(content=await _quoted(selected, work, world))


def session_of(caller: Caller, seat: str = "") -> str:
    """Who asks, as far as it is counted what one may hold at once: a caller of ours, or one of its seats."""
    return f"{caller.name} {seat}".strip()


async def post_booking(call: Call, work: Work, world: World) -> Answer:
    """The order of a quote. A lost slot, or another price than was said, is a 409 and changes nothing."""
    asked: BookingRequest = call.body
    draft = await quoted(asked.quote, work)
    if draft is None:
        raise not_found("quote", asked.quote)
    existing = await work.orders.get(draft.ref)
    if existing is not None:
        text = f"this quote is booked already: order {existing.order_id}"
        raise ApiProblem(CONFLICT, "already_booked", text, path="quote", allowed=[existing.order_id])
    draft = with_channel(draft, asked.channel)
    if draft.channel == "department" and asked.department is None:
        raise invalid("the department's name, GSTIN and purchase order are expected", path="department")
    try:
        booked = await book_quote(
            draft, _consumer(asked), work, world, payment_type=asked.payment_type, total=_said(asked)
        )
    except BppError as problem:
        raise of_error(problem, path=problem.path if problem.path == "total" else "quote") from problem
    if booked.order is None:
        raise _refusal(booked)
    return Answer(content=await booking_detail(booked.order, work, world, reader=call.caller.reader), status=201)


def _consumer(asked: BookingRequest) -> Consumer:
    buyer = asked.department
    return Consumer(
        name=asked.name,
        phone=asked.phone,
        address=asked.address,
        email=asked.email,
        place=Place(gps=parse_gps(asked.gps) if asked.gps else None, area_code=asked.pincode or ""),
        instructions=asked.instructions,
        department=Department(name=buyer.name, gstin=buyer.gstin, purchase_order=buyer.purchase_order)
        if buyer
        else None,
    )


def _said(asked: BookingRequest) -> Money | None:
    return Money.parse(asked.total) if asked.total else None


def _refusal(booked: BookedHere) -> ApiProblem:
    """Why there is no order; ``allowed`` are starts that can be booked instead."""
    error = booked.error
    assert error is not None  # noqa: S101  there is no order
    return of_error(error, allowed=[wire_time(start) for start in booked.alternatives], path="quote")


def _ours(path: str) -> str:
    for pattern, field in PATHS:
        if pattern.fullmatch(path):
            return pattern.sub(field, path)
    return path


def quote_words(draft: Draft, held_until: datetime | None, catalog: Catalog) -> Words:
    """A quote as it is read out: the price, and until when the slot is kept, if it is."""
    words = priced(draft.items, draft.seller.name, draft.quote.total, hindi_names(draft, catalog))
    return words if held_until is None else words + slot_kept(draft.fulfillments[0].slot.start, held_until)


async def _quoted(selected: Selected, work: Work, world: World) -> QuoteAnswer:
    draft, error = selected.draft, selected.error
    visit = draft.fulfillments[0]
    kept = await quoted(draft.ref, work)
    held_until = world.now + world.rules.slot_hold if error is None else None
    return QuoteAnswer(
        ref=draft.ref if kept is not None and kept.fulfillments[0].id == visit.id else None,
        channel=draft.channel,
        provider_id=draft.seller.provider_id,
        provider=draft.seller.name,
        held=held_until is not None,
        held_until=held_until,
        start=visit.slot.start if selected.dated else None,
        end=visit.slot.end if selected.dated else None,
        worker=visit.assignee.name if visit.assignee else None,
        total=str(draft.quote.total),
        valid_until=draft.quote.valid_until,
        lines=quote_view(draft.quote).lines,
        payment_type=draft.payment_type,
        against=Against(code=word_of(error), message=error.message) if error else None,
        alternatives=list(selected.alternatives),
        words=in_words(quote_words(draft, held_until, world.catalog)),
    )

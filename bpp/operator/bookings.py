"""Bookings in every channel: find, quote, book, look up, and what a change would cost. The table of these calls."""

from __future__ import annotations

from pydantic import TypeAdapter

from bpp.operator.auth import DESK
from bpp.operator.bookings_find import find_services
from bpp.operator.bookings_lookup import get_booking, list_bookings
from bpp.operator.bookings_models import BookingRequest, FindAnswer, FindQuery, QuoteAnswer, QuoteRequest
from bpp.operator.bookings_order_models import (
    Booking,
    BookingPage,
    BookingQuery,
    CancellationQuery,
    CancellationQuote,
    OtpTold,
    SlotsAnswer,
    SlotsQuery,
)
from bpp.operator.bookings_quote import post_booking, post_quote
from bpp.operator.bookings_terms import get_cancellation, get_slots, post_otp
from bpp.operator.routes import Nothing, Route

NO_ORDER = {404: "no such order"}

ROUTES = (
    Route(
        method="GET",
        path="/find",
        name="find-services",
        tag="bookings",
        summary="Who can do what a caller says, where; or why nobody can",
        handler=find_services,
        query=FindQuery,
        answer=TypeAdapter(FindAnswer),
        audited=True,
    ),
    Route(
        method="POST",
        path="/quotes",
        name="post-quote",
        tag="bookings",
        summary="A price, with the slot held for the caller",
        handler=post_quote,
        body=TypeAdapter(QuoteRequest),
        answer=TypeAdapter(QuoteAnswer),
        roles=DESK,
    ),
    Route(
        method="POST",
        path="/bookings",
        name="post-booking",
        tag="bookings",
        summary="The order of a quote",
        handler=post_booking,
        body=TypeAdapter(BookingRequest),
        answer=TypeAdapter(Booking),
        status=201,
        problems={404: "no such quote", 409: "slot or price is gone, or the quote is booked; `allowed`: free starts"},
        roles=DESK,
    ),
    Route(
        method="GET",
        path="/bookings",
        name="list-bookings",
        tag="bookings",
        summary="A caller's orders by telephone, number or transaction, in words",
        handler=list_bookings,
        query=BookingQuery,
        answer=TypeAdapter(BookingPage),
    ),
    Route(
        method="GET",
        path="/bookings/{ref}",
        name="get-booking",
        tag="bookings",
        summary="One order with everything, in words too",
        handler=get_booking,
        answer=TypeAdapter(Booking),
        audited=True,
        problems=NO_ORDER,
    ),
    Route(
        method="GET",
        path="/orders/{ref}/cancellation",
        name="get-order-cancellation",
        tag="bookings",
        summary="What cancelling would cost now",
        handler=get_cancellation,
        query=CancellationQuery,
        answer=TypeAdapter(CancellationQuote),
        problems={**NO_ORDER, 409: "it cannot be cancelled any more"},
    ),
    Route(
        method="GET",
        path="/orders/{ref}/slots",
        name="get-order-slots",
        tag="bookings",
        summary="When a visit could be instead, and what moving it would cost",
        handler=get_slots,
        query=SlotsQuery,
        answer=TypeAdapter(SlotsAnswer),
        problems={**NO_ORDER, 409: "state or terms do not let it be moved"},
    ),
    Route(
        method="POST",
        path="/orders/{ref}/otp",
        name="post-order-otp",
        tag="bookings",
        summary="The OTP for a customer whom no buyer app shows it; noted in the order's life",
        handler=post_otp,
        body=TypeAdapter(Nothing),
        answer=TypeAdapter(OtpTold),
        problems={**NO_ORDER, 409: "there is none now, or the buyer app shows it"},
        roles=DESK,
        secret=True,
    ),
)

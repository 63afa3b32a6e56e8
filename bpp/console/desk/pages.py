"""The call-centre cockpit: its pages, what its forms do, and its entry of the menu."""

from __future__ import annotations

from bpp.console.desk.booking import (
    BookForm,
    TextForm,
    book,
    let_go,
    read_booked,
    read_quote,
    send_confirmation,
)
from bpp.console.desk.look import CallQuery, read_desk, read_find
from bpp.console.desk.offer import HoldForm, OfferQuery, hold, read_offer
from bpp.console.language import msg
from bpp.console.menu import Entry
from bpp.console.page import Deed, Page
from bpp.people.model import Role

ROLES = frozenset({Role.OPERATOR, Role.ADMIN})

PAGES: tuple[Page, ...] = (
    Page(
        path="/desk",
        name="desk",
        title=msg("Call desk"),
        roles=ROLES,
        read=read_desk,
        template="desk.html",
        query=CallQuery,
        audited=True,
    ),
    Page(
        path="/desk/find",
        name="desk-find",
        title=msg("Call desk"),
        roles=ROLES,
        read=read_find,
        template="desk_found.html",
        query=CallQuery,
        part=True,
    ),
    Page(
        path="/desk/offer",
        name="desk-offer",
        title=msg("Fee and time"),
        roles=ROLES,
        read=read_offer,
        template="desk_offer.html",
        query=OfferQuery,
    ),
    Page(
        path="/desk/quotes/{quote}",
        name="desk-quote",
        title=msg("Book for the caller"),
        roles=ROLES,
        read=read_quote,
        template="desk_quote.html",
        query=CallQuery,
    ),
    Page(
        path="/desk/booked/{ref}",
        name="desk-booked",
        title=msg("Booked"),
        roles=ROLES,
        read=read_booked,
        template="desk_booked.html",
    ),
)
DEEDS: tuple[Deed, ...] = (
    Deed(
        path="/desk/offer",
        name="desk-hold",
        roles=ROLES,
        act=hold,
        page="desk-offer",
        said=msg("The time is kept for the caller."),
        form=HoldForm,
    ),
    Deed(
        path="/desk/quotes/{quote}",
        name="desk-book",
        roles=ROLES,
        act=book,
        page="desk-quote",
        said=msg("The booking is made."),
        form=BookForm,
    ),
    Deed(
        path="/desk/quotes/{quote}/let-go",
        name="desk-let-go",
        roles=ROLES,
        act=let_go,
        page="desk-quote",
        said=msg("The time is free for others again."),
    ),
    Deed(
        path="/desk/booked/{ref}/text",
        name="desk-text",
        roles=ROLES,
        act=send_confirmation,
        page="desk-booked",
        said=msg("The text message is on its way."),
        form=TextForm,
    ),
)
ENTRIES: tuple[Entry, ...] = (Entry(page="desk", title=msg("Call desk"), roles=ROLES),)

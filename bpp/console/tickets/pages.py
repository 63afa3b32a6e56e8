"""What this part of the console has: its pages, what its forms do, and its entry of the menu."""

from __future__ import annotations

from bpp.console.language import msg
from bpp.console.menu import Entry
from bpp.console.page import Deed, Page
from bpp.console.tickets import ask
from bpp.console.tickets.inbox import TicketsQuery, read_tickets
from bpp.console.tickets.rows import READERS
from bpp.console.tickets.ticket import read_ticket

PAGES: tuple[Page, ...] = (
    Page(
        path="/tickets",
        name="tickets",
        title=msg("Complaints"),
        roles=READERS,
        read=read_tickets,
        template="tickets.html",
        query=TicketsQuery,
    ),
    Page(
        path="/tickets/{ticket}",
        name="ticket",
        title=msg("Complaint"),
        roles=READERS,
        read=read_ticket,
        template="ticket.html",
        audited=True,
    ),
    *ask.PAGES,
)
DEEDS: tuple[Deed, ...] = ask.DEEDS
ENTRIES: tuple[Entry, ...] = (Entry(page="tickets", title=msg("Complaints"), roles=READERS),)

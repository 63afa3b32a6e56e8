"""A complaint by whoever shows to be the customer: the number of the order and the telephone number of its booking fit.

What does not fit is one answer, after the same questions to the database, whether there is such an order or not.
"""

from __future__ import annotations

from bpp.core.tickets import by_customer, keep, take_down
from bpp.core.world import World
from bpp.issues.clock import runs
from bpp.issues.model import Complaint
from bpp.issues.ticket import Ticket
from bpp.issues.words import Language
from bpp.orders.numbers import read_number
from bpp.storage.ports import OrderFilter, Work

CUSTOMERS_NOTE = "customer"
"""Who adds to a complaint on the public page."""
MOST_NOTES = 20
"""Notes that a customer may add to a ticket: beyond that somebody plays."""


def numbers_meant(text: str) -> tuple[str, ...]:
    """The numbers of an order that a text may mean: a buyer app's as it stands, ours however it is typed."""
    return tuple(dict.fromkeys((text.strip(), read_number(text) or text.strip())))


async def complain(
    number: str, phone: str, complaint: Complaint, language: Language, work: Work, world: World
) -> Ticket | None:
    """The ticket of a complaint about the order of that number and telephone; None where the two do not fit.

    While one about the same is to be resolved it is that one, with what is new in the words as a note.
    """
    ref = await fitting(number, phone, work)
    order = await work.orders.get(ref) if ref else None  # locked: the same form may come twice at once
    if order is None or order.forgotten_at is not None:
        return None
    for ticket in await work.issues.of_order(order.ref):
        if not ticket.peer and runs(ticket.issue) and ticket.issue.complaint.code == complaint.code:
            return await _added(ticket, complaint.long_desc, work, world)
    return await take_down(by_customer(order, complaint, world), order, work, world, language)


async def fitting(number: str, phone: str, work: Work) -> str:
    """Our reference of the newest order that fits, empty where none does: a look that takes no lock."""
    for meant in numbers_meant(number):
        for row in await work.orders.find(OrderFilter(order_id=meant, phone=phone, limit=1)):
            return row.ref
    return ""


async def _added(ticket: Ticket, text: str, work: Work, world: World) -> Ticket:
    theirs = [one.text for one in ticket.notes if one.by == CUSTOMERS_NOTE]
    if text in (ticket.issue.complaint.long_desc, *theirs) or len(theirs) >= MOST_NOTES:
        return ticket
    return await keep(ticket.noted(world.now, CUSTOMERS_NOTE, text), work, world)

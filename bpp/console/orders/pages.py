"""What this part of the console has: its pages, what its forms do, and its entries of the menu."""

from __future__ import annotations

from bpp.console.language import msg
from bpp.console.menu import Entry
from bpp.console.orders import ask
from bpp.console.orders.look_up import OrdersQuery, read_orders
from bpp.console.orders.order import RAW, read_order
from bpp.console.orders.raw import read_callback, read_message, replay
from bpp.console.page import EVERYBODY, Deed, Page
from bpp.people.model import Role

LISTED = EVERYBODY - {Role.WORKER}
"""A worker's own page has the jobs that are his or hers."""
PAGES: tuple[Page, ...] = (
    Page(
        path="/orders",
        name="orders",
        title=msg("Orders"),
        roles=LISTED,
        read=read_orders,
        template="orders_list.html",
        query=OrdersQuery,
    ),
    Page(
        path="/orders/{ref}",
        name="order",
        title=msg("Order"),
        roles=EVERYBODY,
        read=read_order,
        template="order.html",
        audited=True,
    ),
    Page(
        path="/orders/{ref}/messages/{number}",
        name="order-message",
        title=msg("Message"),
        roles=RAW,
        read=read_message,
        template="order_message.html",
        audited=True,
    ),
    Page(
        path="/orders/{ref}/callbacks/{number}",
        name="order-callback",
        title=msg("Answer to the buyer app"),
        roles=RAW,
        read=read_callback,
        template="order_callback.html",
        audited=True,
    ),
    *ask.PAGES,
)
DEEDS: tuple[Deed, ...] = (
    Deed(
        path="/orders/{ref}/callbacks/{number}/again",
        name="order-replay",
        roles=RAW,
        act=replay,
        page="order-callback",
        said=msg("It is being sent again now."),
    ),
    *ask.DEEDS,
)
ENTRIES: tuple[Entry, ...] = (Entry(page="orders", title=msg("Orders"), roles=LISTED - {Role.OFFICER}),)
"""A district officer has the orders of the district in a list of their own."""

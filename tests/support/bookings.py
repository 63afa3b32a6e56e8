"""A booking made by the core alone, without the wire: seeded catalog, selection, initialisation, confirmation."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from bpp.actions.on_order import on_confirm
from bpp.actions.outgoing import Addressee, Dispatch, callback_for
from bpp.actions.schedule import SCHEDULES
from bpp.core.book import Confirmation, book
from bpp.core.catalogs import Worlds
from bpp.core.command import Paid
from bpp.core.draft import initialise, select
from bpp.core.wanted import Details, Line, Selection
from bpp.orders.model import FinderFee, Order
from bpp.storage.ports import MessageKey, Storage, Work
from catalog.load import CatalogData
from catalog.search import Place
from tests.support.catalog_builders import LUCKNOW, a_provider, a_worker, an_offering
from tests.support.order_builders import BAP, a_peer, after

LINES = (Line(item_id="TAP", count=1, wire={"id": "TAP"}),)
PLACE = Place.of(LUCKNOW, "226001")
CUSTOMER = {
    "location": {
        "gps": str(LUCKNOW),
        "address": "Demo Lane 5, Lucknow",
        "city": {"name": "Lucknow"},
        "country": {"code": "IND"},
        "area_code": "226001",
        "state": {"name": "Uttar Pradesh"},
    },
    "contact": {"phone": "9876543210", "email": "meera@example.in"},
    "person": {"name": "Meera Demo"},
}
BILLING = {
    "name": "Meera Demo",
    "address": "Demo Lane 5, Lucknow",
    "state": {"name": "Uttar Pradesh"},
    "city": {"name": "Lucknow"},
    "email": "meera@example.in",
    "phone": "9876543210",
}


async def seed(storage: Storage, *, acceptance: Literal["auto", "manual"] = "auto") -> None:
    """One provider with one offering and one worker."""
    provider = a_provider(acceptance=acceptance)
    data = CatalogData(providers=(provider,), offerings=(an_offering(),), workers=(a_worker(),))
    await storage.run(lambda work: work.directory.seed(data))


async def booked(storage: Storage, worlds: Worlds, bap_uri: str) -> Order:
    """The order O1 of the buyer app for eleven o'clock, paid in advance, as a confirm makes it."""
    peer = replace(a_peer(), bap_uri=bap_uri)
    selection = Selection(
        channel="ondc",
        peer=peer,
        provider_id="P1",
        location_ids=("L1",),
        lines=LINES,
        place=PLACE,
        start=after(hours=2),
        end=None,
        payment_type="PRE-FULFILLMENT",
        customer=CUSTOMER,
        tags=(),
        finder_fee=FinderFee(type="percent", amount="3.00"),
    )
    details = Details(
        lines=LINES,
        provider_id="P1",
        billing=BILLING,
        customer=CUSTOMER,
        place=PLACE,
        payment_type="PRE-FULFILLMENT",
    )
    paid = Paid(id="PAY1", type="PRE-FULFILLMENT", status="PAID", amount=None, transaction_id="UPI-1")

    async def unit(work: Work) -> Order:
        world = await worlds.current(work)
        chosen = await select(selection, work, world)
        assert chosen.error is None, chosen.error
        ready = await initialise(chosen.draft, details, work, world)
        assert ready.error is None, ready.error
        confirmation = Confirmation(
            order_id="O1",
            provider_id="P1",
            lines=LINES,
            total=ready.draft.quote.total,
            payments=(paid,),
            customer={},
            place=Place(),
            created_at="2026-11-23T03:30:00.000Z",
            said_at=world.now,
            message_id="M-confirm",
        )
        await work.messages.accept(confirm_key(), "digest of the confirm", world.now)
        order = (await book(ready.draft, confirmation, work, world)).order
        assert order is not None
        return order

    return await storage.run(unit)


def confirm_key() -> MessageKey:
    """The identity of the confirm that made the order."""
    return MessageKey(bap_id=BAP, transaction_id="T1", message_id="M-confirm", action="confirm")


async def confirm_answered(storage: Storage, worlds: Worlds, order: Order) -> int:
    """Store the on_confirm of an order, due now; its number."""

    async def unit(work: Work) -> int:
        world = await worlds.current(work)
        assert order.peer is not None
        to = Addressee.of_peer(order.peer)
        dispatch = Dispatch(
            kind="confirm", now=world.now, grace=world.now - world.now, window=SCHEDULES["confirm"].window
        )
        reply = on_confirm(order, world)
        return await work.outbox.enqueue(callback_for(reply, to, "on_confirm", "M-confirm", world.identity, dispatch))

    return await storage.run(unit)

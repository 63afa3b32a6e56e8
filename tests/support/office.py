"""Bookings and what becomes of them by the core alone, in whatever channel: for tests of money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

from bpp.core.advance import advance
from bpp.core.book import Confirmation, book
from bpp.core.catalogs import Worlds
from bpp.core.command import Advanced, Command, Paid, Quotation, QuotedLine, QuotedPayment
from bpp.core.draft import initialise, select
from bpp.core.wanted import Details, Line, Selection
from bpp.ledger.model import Account, Posting, balances
from bpp.orders.model import Channel, FinderFee, Order
from bpp.orders.states import Actor, Event, Stage
from bpp.storage.ports import Storage, Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.availability import KOLKATA
from catalog.model import PaymentType
from catalog.money import Money
from catalog.search import Place
from tests.support.bookings import BILLING, CUSTOMER, PLACE
from tests.support.clock import FakeClock
from tests.support.order_builders import a_peer

ALL = AccountFilter()
ONWARDS = {
    Stage.PENDING: Event.ASSIGN,
    Stage.ASSIGNED: Event.DEPART,
    Stage.EN_ROUTE: Event.ARRIVE,
    Stage.ARRIVED: Event.START,
    Stage.STARTED: Event.COMPLETE,
}
THREE_PER_CENT = FinderFee(type="percent", amount="3")


@dataclass(kw_only=True)
class Office:
    """Books for buyers and does what the seller's side does. Each provider's visits follow one another by the hour."""

    storage: Storage
    worlds: Worlds
    clock: FakeClock
    booked: int = 0
    taken: dict[str, datetime] = field(default_factory=dict)

    async def book(
        self,
        item: str = "TAP",
        *,
        provider: str = "P1",
        count: int = 1,
        kind: PaymentType = "PRE-FULFILLMENT",
        fee: FinderFee = THREE_PER_CENT,
        channel: Channel = "ondc",
        paid: bool = True,
        we_collect: bool = False,
        hours: int = 1,
        times: int = 1,
    ) -> Order:
        """An order for the provider's next free hour. Without a buyer app we collect what is paid in advance.

        The item stands in so many lines as ``times`` says.
        """
        self.booked += 1
        number = self.booked
        peer = a_peer(transaction_id=f"T{number}") if channel == "ondc" else None
        lines = (Line(item_id=item, count=count, wire={"id": item}),) * times
        selection = Selection(
            channel=channel,
            peer=peer,
            provider_id=provider,
            location_ids=("L1",),
            lines=lines,
            place=PLACE,
            start=self._next(provider, hours),
            end=None,
            payment_type=kind,
            customer=CUSTOMER,
            tags=(),
            finder_fee=fee,
        )
        details = Details(
            lines=lines,
            provider_id=provider,
            billing=BILLING,
            customer=CUSTOMER,
            place=PLACE,
            payment_type=kind,
            we_collect=we_collect or peer is None,
        )

        async def unit(work: Work) -> Order:
            world = await self.worlds.current(work)
            chosen = await select(selection, work, world)
            if chosen.alternatives:  # a visit that was quoted for has that hour
                chosen = await select(replace(selection, start=chosen.alternatives[0]), work, world)
            assert chosen.error is None, chosen.error
            ready = await initialise(chosen.draft, details, work, world)
            assert ready.error is None, ready.error
            said = tuple(
                Paid(id=one.id, type=one.type, status="PAID" if paid else "NOT-PAID", amount=None, transaction_id="UPI")
                for one in ready.draft.payments
            )
            confirmation = Confirmation(
                order_id=f"O{number}",
                provider_id=provider,
                lines=lines,
                total=None,
                payments=said,
                customer={},
                place=Place(),
                created_at=world.now.isoformat(),
                said_at=world.now,
                message_id=f"M{number}",
            )
            made = await book(ready.draft, confirmation, work, world)
            assert made.error is None, made.error
            return made.order

        return await self.storage.run(unit)

    async def do(self, ref: str, event: Event, actor: Actor = Actor.SELLER, **more: Any) -> Advanced:
        """One event of an order."""
        command = Command(event=event, actor=actor, by="desk", **more)

        async def unit(work: Work) -> Advanced:
            order = await work.orders.get(ref)
            assert order is not None
            return await advance(order, command, work, await self.worlds.current(work))

        return await self.storage.run(unit)

    async def bring_to(self, ref: str, stage: Stage) -> Order:
        """The visit under way, moved on until it is there."""
        order = await self.order(ref)
        visit_id = order.visit.id
        while (visit := next(one for one in order.fulfillments if one.id == visit_id)).stage is not stage:
            done = await self.do(ref, ONWARDS[visit.stage], override="known to us")
            order = done.order
        return order

    async def complete(self, ref: str) -> Order:
        """The visit under way, done."""
        return await self.bring_to(ref, Stage.COMPLETED)

    async def quote_and_take(
        self, ref: str, price: Money, *, visit: bool = False, kinds: tuple[PaymentType, ...] = ()
    ) -> Order:
        """Further work is quoted for and taken, in the visit under way or in another one."""
        parts = tuple(
            QuotedPayment(type=kind, amount=Money(price.paise // len(kinds) + (price.paise % len(kinds)) * (not place)))
            for place, kind in enumerate(kinds)
        )
        quotation = Quotation(
            lines=(QuotedLine(title="More", price=price),),
            valid_for=timedelta(minutes=30),
            ttl="PT30M",
            minutes=60 if visit else 0,
            payments=parts,
        )
        await self.do(ref, Event.REQUOTE, quotation=quotation)
        return (await self.do(ref, Event.ACCEPT_QUOTE, Actor.BUYER)).order

    async def receive(self, order: Order, *payment_ids: str, actor: Actor = Actor.SELLER) -> Order:
        """Somebody says that payments are made; without ids all that are not."""
        due = payment_ids or tuple(one.id for one in order.payments if one.status != "PAID")
        said = tuple(Paid(id=one, type="", status="PAID", amount=None, transaction_id="UPI-2") for one in due)
        return (await self.do(order.ref, Event.PAY, actor, paid=said)).order

    async def order(self, ref: str) -> Order:
        """As it is stored."""
        found = await self.storage.read(lambda work: work.orders.get(ref))
        assert found is not None
        return found

    async def postings(self, ref: str) -> list[Posting]:
        """Of an order, oldest first."""
        return list(await self.storage.read(lambda work: work.ledger.of_order(ref)))

    async def balances_of(self, ref: str) -> Mapping[Account, Money]:
        """What an order's postings come to."""
        return balances(line for one in await self.postings(ref) for line in one.lines)

    async def balances(self) -> Mapping[Account, Money]:
        """Of the whole books."""
        return await self.storage.read(lambda work: work.ledger.balances(ALL))

    def _next(self, provider: str, hours: int) -> datetime:
        """The next hour of a working day that no visit of the provider has; the clock moves on when none is on offer."""
        earliest = max(self.clock(), self.taken.get(provider, self.clock()))
        day = earliest.astimezone(KOLKATA).date()
        starts = (
            datetime.combine(day + timedelta(days=days), time(hour), KOLKATA)
            for days in range(3)
            for hour in range(9, 19 - hours)
        )
        start = next(one for one in starts if one > self.clock() and one >= earliest)
        if start - self.clock() > timedelta(days=4):
            self.clock.set(start - timedelta(days=1))
        self.taken[provider] = start + timedelta(hours=hours)
        return start.astimezone(self.clock().tzinfo)

"""Redress after work that was done badly: money back, or the work done again without charge.

Both answer a complaint, or stand alone where the Samiti or the provider makes something good of its own accord. What
they change is told by on_update.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bpp.core.command import Advanced, Command, Quotation, QuotedLine
from bpp.core.record import save, touched
from bpp.core.requote import free_starts, further_visit, no_visit, priced_item
from bpp.core.reschedule import visit_meant
from bpp.core.world import World
from bpp.errors import OrderInvalid, SlotUnavailable, UpdateNotPossible, WorkerUnavailable
from bpp.orders.model import Fulfillment, Order
from bpp.orders.proposals import MOST_ITEMS, room_for
from bpp.orders.redress import refundable
from bpp.orders.refund import Refund
from bpp.storage.ports import Work
from catalog.money import ZERO, Money
from catalog.quote import lessened


async def refund(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """Give back an amount of the price of an item that was done.

    Raises OrderInvalid for no amount, an item that was not done, and more than is left of its price.
    """
    left = refundable(order)
    item_id = command.item_id or next((one for one, amount in left.items() if amount > ZERO), "")
    if item_id not in left:
        raise OrderInvalid("an item of a visit that was completed is expected", path="item_id")
    amount = command.amount
    if amount is None or not ZERO < amount <= left[item_id]:
        raise OrderInvalid(f"an amount above 0.00 and up to {left[item_id]} is expected", path="amount")
    given = Refund(id=world.new_id(), at=world.now, item_id=item_id, amount=amount, issue_id=command.issue_id)
    changed = replace(
        order,
        refunds=(*order.refunds, given),
        quotes=(*order.quotes, lessened(order.quote, item_id, amount)),
    )
    more = _told(command, amount)
    saved = await save(touched(changed, world), order, command, work, world, visit_id=_visit_of(order, item_id), **more)
    return Advanced(order=saved, callback="on_update")


async def redo(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """Do a visit's work again without charge, at the start named or the first that is free.

    Where nobody can, that comes back in ``error`` with starts at which somebody can.
    """
    visit = visit_meant(order, command.fulfillment_id)
    if not room_for(order, items=1):
        raise UpdateNotPossible(f"an order has at most {MOST_ITEMS} items")
    wanted = _again(order, visit, command.start)
    try:
        again = await further_visit(order, wanted, work, world, trigger="redo")
    except (SlotUnavailable, WorkerUnavailable) as problem:
        return await no_visit(order, wanted, problem, work, world)
    await work.slots.book(again.id, world.now)
    changed = touched(_with_visit_again(order, wanted.lines[0], again, world), world)
    saved = await save(changed, order, command, work, world, visit_id=visit.id, **_told(command))
    return Advanced(order=saved, callback="on_update")


async def redo_starts(order: Order, visit: Fulfillment, work: Work, world: World, *, most: int) -> tuple[datetime, ...]:
    """When the work of a visit could be done again: the first of the starts."""
    return await free_starts(order, _again(order, visit, None), work, world, most=most)


def _again(order: Order, visit: Fulfillment, start: datetime | None) -> Quotation:
    """A visit's work as a quotation of nothing, for which nobody's word is awaited: the first free start will do."""
    line = QuotedLine(title=order.of_visit(visit)[0].name, price=ZERO)
    return Quotation(lines=(line,), valid_for=timedelta(), ttl="PT0S", minutes=visit.minutes, start=start)


def _with_visit_again(order: Order, line: QuotedLine, again: Fulfillment, world: World) -> Order:
    item, lines = priced_item(line, order, again.id, world)
    quote = replace(order.quote, lines=(*order.quote.lines, *lines))
    return replace(
        order,
        items=(*order.items, item),
        quotes=(*order.quotes, quote),
        fulfillments=(*order.fulfillments, again),
    )


def _visit_of(order: Order, item_id: str) -> str:
    return next(one.id for one in order.fulfillments if any(item.item_id == item_id for item in order.of_visit(one)))


def _told(command: Command, amount: Money | None = None) -> dict[str, str]:
    """What the event of redress says beside by whom and why."""
    said = {"issue_id": command.issue_id, "amount": str(amount) if amount is not None else ""}
    return {name: value for name, value in said.items() if value}

"""Requote: a further quotation for extra work or parts, and the buyer's word on it.

The worker looks at the job, the provider quotes, the buyer takes or refuses. What is quoted stands beside the order as
a ``Proposal`` until then: the order's own quote, items and payments do not change before it is taken. Several open
quotations are alternatives: taking one withdraws the others. Each ends at its own moment.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from bpp.core.command import Advanced, Command, Quotation, QuotedLine
from bpp.core.pay import part_payments
from bpp.core.reassign import reassign
from bpp.core.record import save, touched
from bpp.core.roster import Visit
from bpp.core.selection import assignee, place_of, selling, who_may_not_go
from bpp.core.slots import ALTERNATIVES, alternatives, first_free, hold
from bpp.core.world import World
from bpp.errors import BusinessError, OrderInvalid, QuoteExpired, SlotUnavailable, UpdateNotPossible, WorkerUnavailable
from bpp.orders.choice import Trigger
from bpp.orders.model import Fulfillment, LineItem, Order, Proposal
from bpp.orders.proposals import MOST_ITEMS, MOST_PAYMENTS, MOST_WAITING, room_for, taken
from bpp.orders.states import TERMINAL, Actor, Event, Stage
from bpp.storage.ports import Timer, Work
from catalog.model import Slot
from catalog.money import total
from catalog.quote import QuoteLine, priced_lines

LEAST_MINUTES = 60
Closed = Literal["rejected", "expired"]


async def requote(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """Offer a further quotation to the buyer.

    Where a visit is wanted that nobody can make, that comes back in ``error`` with starts at which somebody can.
    Raises UpdateNotPossible for a visit that ended too long ago and OrderInvalid for payments that do not add up to
    the lines.
    """
    quotation = command.quotation
    if quotation is None:
        raise OrderInvalid("the lines of the quotation are expected", path="lines")
    done = order.visit.completed_at
    if done is not None and world.now > done + world.rules.requote_window:
        raise UpdateNotPossible("the work ended too long ago to be quoted for again; it needs an order of its own")
    if len(order.open_proposals) >= MOST_WAITING:
        raise UpdateNotPossible(f"{MOST_WAITING} quotations wait already for the buyer's word")
    parts = len(quotation.payments) or 1
    if not room_for(order, items=len(quotation.lines), payments=parts):
        raise UpdateNotPossible(f"an order has at most {MOST_ITEMS} items and {MOST_PAYMENTS} payments")
    # Where a start is named, or the visit is over, the work takes another visit.
    if not quotation.minutes and (quotation.start or order.visit.stage is Stage.COMPLETED):
        minutes = max(LEAST_MINUTES, sum(one.minutes for one in order.of_visit(order.visit)))
        quotation = replace(quotation, minutes=minutes)
    try:
        proposal = await _proposal(order, quotation, work, world)
    except (SlotUnavailable, WorkerUnavailable) as problem:
        return await no_visit(order, quotation, problem, work, world)
    changed = touched(replace(order, proposals=(*order.proposals, proposal)), world)
    await _watch(changed, work)
    saved = await save(changed, order, command, work, world, quote_id=proposal.id)
    return Advanced(order=saved, callback="on_update")


async def no_visit(order: Order, quotation: Quotation, problem: BusinessError, work: Work, world: World) -> Advanced:
    """Nobody can make the visit that is wanted: why, with starts at which somebody can."""
    found = await free_starts(order, quotation, work, world)
    return Advanced(order=order, callback=None, error=problem, refused=True, alternatives=found)


async def free_starts(
    order: Order, quotation: Quotation, work: Work, world: World, *, most: int = ALTERNATIVES
) -> tuple[datetime, ...]:
    """When a further visit could begin: the first of the starts."""
    wanted, earliest = _wanted(order, quotation, world), _earliest(order, world)
    return await alternatives(wanted, work, world, ref="", earliest=earliest, most=most)


async def accept_quote(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """The buyer takes a quotation: its items, lines, payments and visit become the order's.

    Raises OrderInvalid where no such quotation waits. One whose time is up comes back in ``error`` and is closed; its
    time is up, too, where its visit is held no longer, by whatever clock.
    """
    proposal = proposal_meant(order, command.proposal_id)
    valid = proposal.valid_until > world.now
    if not valid or (proposal.visit is not None and not await work.slots.book(proposal.visit.id, world.now)):
        lapse = replace(command, event=Event.EXPIRE_QUOTE, actor=Actor.SYSTEM)
        gone = await _close(order, proposal, "expired", lapse, work, world)
        error = QuoteExpired("the quotation is no longer valid; another one may be asked for")
        return replace(gone, error=error, refused=True)
    for other in order.open_proposals:
        if other.visit is not None and other.id != proposal.id:
            await work.slots.release(other.visit.id)
    changed = touched(taken(order, proposal), world)
    await _watch(changed, work)
    saved = await save(changed, order, command, work, world, quote_id=proposal.id)
    if proposal.visit is not None:
        saved = await _with_who_may_go(saved, proposal.visit, command, work, world)
    return Advanced(order=saved, callback="on_update")


async def _with_who_may_go(order: Order, visit: Fulfillment, command: Command, work: Work, world: World) -> Order:
    """The order with another worker, or none, for a visit just taken whose worker may not go any more (rule R11)."""
    provider = world.catalog.providers.get(order.seller.provider_id)
    if provider is None or not who_may_not_go(order, provider, visit, world):
        return order
    relief = Command(
        event=Event.REASSIGN, actor=Actor.SYSTEM, by=command.by, fulfillment_id=visit.id, reason="may not go any more"
    )
    return (await reassign(order, relief, work, world)).order


async def reject_quote(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """The buyer refuses a quotation: the order goes on at its scope and price (assertion 48)."""
    return await _close(order, proposal_meant(order, command.proposal_id), "rejected", command, work, world)


async def ask_quote(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """The buyer wants a quotation, or another one: noted for the provider, who answers with ``requote``."""
    return Advanced(order=await save(order, order, command, work, world), callback=None)


async def expire_quotes(order: Order, command: Command, work: Work, world: World) -> Advanced | None:
    """The time of quotations is up; None where none has lapsed, as when a timer is out of date."""
    lapsed = [one for one in order.open_proposals if one.valid_until <= world.now]
    if not lapsed:
        return None
    advanced = None
    for one in lapsed:
        advanced = await _close(advanced.order if advanced else order, one, "expired", command, work, world)
    return advanced


async def withdraw(order: Order, visit: Fulfillment, work: Work) -> Order:
    """The order without the open quotations for work in a visit that ends now; those for another visit stay."""
    first = order.fulfillments[0].id
    changed = replace(
        order,
        proposals=tuple(
            replace(one, state="withdrawn")
            if one.state == "open" and (one.items[0].fulfillment_id or first) == visit.id
            else one
            for one in order.proposals
        ),
    )
    if changed.proposals != order.proposals:
        await _watch(changed, work)
    return changed


def proposal_meant(order: Order, proposal_id: str) -> Proposal:
    """The open quotation of that id, the newest for an empty one; raises OrderInvalid where none waits."""
    for one in reversed(order.open_proposals):
        if proposal_id in ("", one.id):
            return one
    raise OrderInvalid("no quotation waits for the buyer's word", path="quote_id")


async def _close(
    order: Order, proposal: Proposal, state: Closed, command: Command, work: Work, world: World
) -> Advanced:
    if proposal.visit is not None:
        await work.slots.release(proposal.visit.id)
    closed = tuple(replace(one, state=state) if one.id == proposal.id else one for one in order.proposals)
    changed = touched(replace(order, proposals=closed), world)
    await _watch(changed, work)
    saved = await save(changed, order, command, work, world, quote_id=proposal.id)
    return Advanced(order=saved, callback="on_update")


async def _watch(order: Order, work: Work) -> None:
    """One timer for the first quotation that lapses."""
    if order.open_proposals:
        due = min(one.valid_until for one in order.open_proposals)
        # The serial, which every change moves, tells a timer that was claimed from the one set in its place since.
        serial = sum(1 if one.state == "open" else 2 for one in order.proposals)
        await work.timers.set(Timer(kind="quote", subject=order.ref, due_at=due, serial=serial))
    else:
        await work.timers.cancel("quote", order.ref)


async def _proposal(order: Order, quotation: Quotation, work: Work, world: World) -> Proposal:
    valid_until, ttl = world.now + quotation.valid_for, quotation.ttl
    visit = None
    if quotation.minutes:
        visit = await further_visit(order, quotation, work, world)
        if visit.slot.start < valid_until:  # what was to be done then cannot be taken later
            valid_until = visit.slot.start
            ttl = f"PT{(valid_until - world.now) // timedelta(minutes=1)}M"
        await work.slots.renew(visit.id, valid_until, world.now)
    where = visit.id if visit else (order.visit.id if order.visit.id != order.fulfillments[0].id else "")
    priced = [priced_item(line, order, where, world) for line in quotation.lines]
    lines = tuple(line for _, both in priced for line in both)
    payments = part_payments(order, quotation.payments, total(line.amount for line in lines), where, world)
    return Proposal(
        id=world.new_id(),
        items=tuple(replace(item, payment_ids=tuple(one.id for one in payments)) for item, _ in priced),
        lines=lines,
        payments=payments,
        visit=visit,
        offered_at=world.now,
        ttl=ttl,
        valid_until=valid_until,
    )


_SHARED = ("location_ids", "category_ids")
"""What a quoted item says as the ordered one does: the specification requires both in on_update and on_status."""


def priced_item(
    line: QuotedLine, order: Order, where: str, world: World
) -> tuple[LineItem, tuple[QuoteLine, QuoteLine]]:
    """A quoted line as an item of its own and its two lines of the quote, at the order's own rate of tax."""
    like = order.items[0]
    rate = line.tax_rate if line.tax_rate is not None else like.tax_rate
    item = LineItem(
        item_id=world.new_id(),
        count=line.count,
        service_id=like.service_id,
        name=line.title,
        category=like.category,
        unit_price=line.price,
        tax_rate=rate,
        sac=like.sac,
        minutes=0,
        wire={key: like.wire[key] for key in _SHARED if key in like.wire},
        fulfillment_id=where,
    )
    both = priced_lines(title=line.title, item_id=item.item_id, unit_price=line.price, count=line.count, tax_rate=rate)
    return item, both


def _wanted(order: Order, quotation: Quotation, world: World) -> Visit:
    """What a further visit needs of a worker's time."""
    return Visit(
        provider=selling(order.seller.provider_id, world),
        service_ids=frozenset(item.service_id for item in order.items),
        place=place_of(order.visit),
        minutes=quotation.minutes,
        gender=order.visit.gender,
        gender_required=order.visit.gender_required,
    )


def _earliest(order: Order, world: World) -> datetime:
    """When another visit may begin: what is quoted for later is done after what was agreed on before."""
    return max((one.slot.end for one in order.fulfillments if one.stage not in TERMINAL), default=world.now)


async def further_visit(
    order: Order, quotation: Quotation, work: Work, world: World, *, trigger: Trigger = "requote"
) -> Fulfillment:
    """A visit to come for further work, its slot held; the worker who was there goes if he or she can.

    The provider holds it, so it does not count against what the buyer app may hold.
    """
    before = order.visit
    wanted = _wanted(order, quotation, world)
    visit_id = world.new_id()
    earliest = _earliest(order, world)
    if quotation.start is not None and quotation.start < earliest:
        raise SlotUnavailable("another visit cannot begin before those to come are over")
    decided = world.now + quotation.valid_for
    start = quotation.start or await first_free(
        wanted, work, world, ref=visit_id, earliest=earliest, after=max(earliest, decided)
    )
    held = await hold(
        wanted,
        start,
        work,
        world,
        ref=visit_id,
        bap_id="",
        prefer=(before.assignee.worker_id,) if before.assignee else (),
        capped=False,
        trigger=trigger,
        order_ref=order.ref,
    )
    return Fulfillment(
        id=visit_id,
        slot=Slot(start=held.slot.start, end=held.slot.end),
        minutes=quotation.minutes,
        stage=Stage.ASSIGNED,
        assignee=assignee(held.workers[0], order.seller),
        customer=before.customer,
        gps=before.gps,
        area_code=before.area_code,
        district=before.district,
        tags=before.tags,
        gender=before.gender,
        gender_required=before.gender_required,
    )

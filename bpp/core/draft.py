"""Quote and hold: a selection becomes a draft with price and slot; init completes it with the customer's details."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bpp.core.details import with_details
from bpp.core.pricing import price
from bpp.core.roster import Visit
from bpp.core.selection import (
    build_draft,
    known,
    payment_refused,
    place_of,
    refusal,
    selling,
    still_known,
    unserved,
    visit_of,
    visit_wanted,
    who_may_not_go,
    with_workers,
)
from bpp.core.slots import alternatives, hold
from bpp.core.wanted import Details, Selection, check_same_items, check_same_offers, holder_of
from bpp.core.world import World
from bpp.errors import BusinessError, OrderInvalid, QuoteExpired, SlotUnavailable
from bpp.orders.choice import Trigger
from bpp.orders.model import Draft
from bpp.storage.ports import Work
from catalog.availability import horizon
from catalog.model import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The answer to a selection: the draft as far as it is true, and what stands against it.

    ``alternatives`` are bookable starts when the slot is not. ``dated``: a slot was named at all; else the draft's is
    the whole stretch for which slots are offered.
    """

    draft: Draft
    error: BusinessError | None = None
    alternatives: tuple[datetime, ...] = ()
    dated: bool = True


async def select(wanted: Selection, work: Work, world: World) -> Selected:
    """Price a selection and hold its slot; the draft replaces the one before in the same transaction.

    Raises what ``known`` raises for what we do not know or do not sell. A business refusal comes back in ``error``
    beside the priced draft and has no effect, but that a lost slot leaves the draft to be tried again.
    """
    before = await _before(wanted, work)
    draft, visit, error = _priced(wanted, before, world)
    if error is not None:
        return Selected(draft=draft, error=error)
    try:
        held = await hold(
            visit,
            wanted.start,
            work,
            world,
            ref=draft.ref,
            bap_id=holder_of(wanted),
            trigger="select",
            fresh=before is None,
        )
    except BusinessError as problem:
        await work.orders.save_draft(draft, world.now)
        return Selected(draft=draft, error=problem, alternatives=await alternatives(visit, work, world, ref=draft.ref))
    draft = with_workers(draft, held.workers, held.slot)
    await work.orders.save_draft(draft, world.now)
    return Selected(draft=draft)


async def offer(wanted: Selection, work: Work, world: World) -> Selected:
    """Price a selection that names no slot, with the starts to choose from; ``wanted.start`` is the moment of asking.

    Raises as ``select`` does. Nothing is held or kept, and the error is SlotUnavailable unless more stands against it:
    a slot that nobody chose is never confirmed (assertion 18).
    """
    draft, visit, error = _priced(wanted, await _before(wanted, work), world)
    free = () if error else await alternatives(visit, work, world, ref=draft.ref)
    stretch = Slot(start=wanted.start, end=horizon(world.now, world.rules.horizon_days).end)
    draft = replace(draft, fulfillments=(replace(draft.fulfillments[0], slot=stretch),))
    error = error or SlotUnavailable("no slot was chosen; please select one of those that are free")
    return Selected(draft=draft, error=error, alternatives=free, dated=False)


def _priced(wanted: Selection, before: Draft | None, world: World) -> tuple[Draft, Visit, BusinessError | None]:
    """The draft of a selection, its visit, and what stands against it besides its slot."""
    provider, offerings = known(wanted, world)
    ref = before.ref if before else world.new_id()
    visit = visit_wanted(wanted, provider, offerings, world)
    draft, refused_offer = build_draft(wanted, visit, offerings, ref=ref, world=world)
    return draft, visit, refusal(wanted, visit, offerings, world) or refused_offer


async def _before(wanted: Selection, work: Work) -> Draft | None:
    """The draft that a selection replaces: of its transaction; in a channel of ours the one that it names.

    None where there is none, and where the one named has become an order, whose slot stays its own. Raises OrderInvalid
    for an unknown one.
    """
    if wanted.peer is not None:
        return await work.orders.draft(wanted.peer.bap_id, wanted.peer.transaction_id)
    if not wanted.replaces:
        return None
    named = await work.orders.draft("", wanted.replaces)
    if named is None:
        raise OrderInvalid(f"there is no quote {wanted.replaces!r}", path="replaces")
    return None if _was_confirmed(named) else named


async def initialise(draft: Draft | None, details: Details, work: Work, world: World) -> Selected:
    """Complete a draft: hold its slot again or longer, fix its price and its payments.

    Raises OrderInvalid when nothing was selected, or nothing since the confirm, or other items than now. A lapsed
    quote is renewed at the same price, or refused with QuoteExpired when the price has changed since. In another
    district than the selected one the price may be another, too, and the workers are chosen anew.
    """
    if draft is None:
        raise OrderInvalid("nothing was selected in this transaction", path="context.transaction_id")
    if _was_confirmed(draft):
        text = "this transaction was confirmed already; select again"
        raise OrderInvalid(text, path="context.transaction_id")
    check_same_items(draft.items, draft.seller, details.provider_id, details.lines)
    check_same_offers(draft.quote, details.offers)
    provider, offerings = still_known(draft, world)
    selected_for = place_of(draft.fulfillments[0])
    place = details.place if details.place.known else selected_for
    draft = with_details(draft, details, place, world)
    for error in unserved(provider, offerings, place):
        if error:
            return Selected(draft=draft, error=error)
    payment_type = draft.payment_type
    if any(payment_type not in offering.payment_types for offering in offerings):
        return Selected(draft=draft, error=payment_refused())
    lapsed, moved = draft.quote.valid_until <= world.now, place.district != selected_for.district
    if lapsed or moved:
        fresh = price(draft.items, offerings, place, world, seller=draft.seller, offers=draft.quote.offer_ids).quote
        if fresh.total != draft.quote.total:
            problem = QuoteExpired("the price is another now, or at this place; please select again")
            return Selected(draft=draft, error=problem)
        draft = replace(draft, quote=fresh) if lapsed else draft
    if moved:
        await work.slots.release(draft.ref)
    return await keep_slot(replace(draft, initialised=True), work, world, trigger="init")


def _was_confirmed(draft: Draft) -> bool:
    """Whether a draft is what ``book`` left of it: an order has its slot, and no hold may be had for it once more.

    A draft gets its payments when it is initialised, and it is never otherwise that it has some and is not: a new
    select makes one without.
    """
    return bool(draft.payments) and not draft.initialised


async def keep_slot(draft: Draft, work: Work, world: World, *, trigger: Trigger) -> Selected:
    """Renew the draft's hold, or hold the slot again; SlotUnavailable with alternatives when it is gone or past.

    Rule R11 counts at every step: a worker who may not be sent any more is exchanged for another.
    """
    start = draft.fulfillments[0].slot.start
    provider = selling(draft.seller.provider_id, world)
    kept = start > world.now and not who_may_not_go(draft, provider, draft.fulfillments[0], world)
    if kept and await work.slots.renew(draft.ref, world.now + world.rules.slot_hold, world.now):
        await work.orders.save_draft(draft, world.now)
        return Selected(draft=draft)
    visit = visit_of(draft, provider)
    try:
        held = await hold(visit, start, work, world, ref=draft.ref, bap_id=holder_of(draft), trigger=trigger)
    except BusinessError as problem:
        return Selected(draft=draft, error=problem, alternatives=await alternatives(visit, work, world, ref=draft.ref))
    draft = with_workers(draft, held.workers, held.slot)
    await work.orders.save_draft(draft, world.now)
    return Selected(draft=draft)

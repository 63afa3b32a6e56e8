"""Exchanging what a visit has booked of workers' time: for another slot, or for another worker in the same one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bpp.core.roster import Visit
from bpp.core.slots import Held, hold
from bpp.core.world import World
from bpp.errors import SlotUnavailable, WorkerUnavailable
from bpp.orders.assignment import latest_arrival
from bpp.storage.ports import VersionConflict, Work
from catalog.availability import CELL


async def move(
    visit: Visit,
    start: datetime,
    work: Work,
    world: World,
    *,
    ref: str,
    bap_id: str,
    team: Collection[str],
    order_ref: str = "",
) -> Held:
    """Book another offered slot for what ``ref`` has booked, freeing the old one; the same ``team`` goes if it can.

    Raises as ``hold`` does, and then ``ref`` has what it had. Old and new are exchanged in one transaction, so that
    nobody else can take the old one in between.
    """
    before = await work.slots.held_by(ref)
    try:
        held = await hold(
            visit,
            start,
            work,
            world,
            ref=ref,
            bap_id=bap_id,
            prefer=team,
            capped=False,
            trigger="reschedule",
            order_ref=order_ref,
        )
    except (SlotUnavailable, WorkerUnavailable):
        await _put_back(before, work, world, ref=ref, bap_id=bap_id)
        raise
    await work.slots.book(ref, world.now)
    return held


async def relieve(
    visit: Visit,
    start: datetime,
    work: Work,
    world: World,
    *,
    ref: str,
    bap_id: str,
    order_ref: str,
    staying: Collection[str] = (),
    or_keep: bool = False,
) -> Held | None:
    """Book others in the place of those whom ``visit`` goes ``without``, from the ``start`` of its slot or from now.

    The best go who are free for as long as the work takes and can be there in time (``latest_arrival``); those who are
    ``staying`` are there already. None where nobody can: then nothing is booked any more, or with ``or_keep`` what was.
    The slot that was told is not moved here: another time is for the customer to agree to.
    """
    begin = max(start, start + (world.now - start) // CELL * CELL)
    wanted = replace(setting_off_now(visit, start, world), underway=frozenset(staying))
    before = await work.slots.held_by(ref)
    try:
        held = await hold(
            wanted,
            begin,
            work,
            world,
            ref=ref,
            bap_id=bap_id,
            prefer=staying,
            again=True,
            trigger="reassign",
            order_ref=order_ref,
        )
    except (SlotUnavailable, WorkerUnavailable):
        await work.slots.release(ref)
        if or_keep:
            await _put_back(before, work, world, ref=ref, bap_id=bap_id)
        return None
    await work.slots.book(ref, world.now)
    return held


def setting_off_now(visit: Visit, start: datetime, world: World) -> Visit:
    """The visit for those who can still be there in time for its slot, setting off at this moment."""
    return replace(visit, leaves_at=world.now, there_by=latest_arrival(start, visit.minutes))


async def _put_back(
    before: Mapping[str, Sequence[datetime]], work: Work, world: World, *, ref: str, bap_id: str
) -> None:
    """Book again what was booked a moment ago in this very unit."""
    expiry = world.now + world.rules.slot_hold
    for worker_id, cells in before.items():
        if not await work.slots.hold(worker_id, cells, ref, bap_id, expiry, world.now):
            raise VersionConflict(ref)  # cannot be: the cells were ours
    await work.slots.book(ref, world.now)

"""What a delivery causes, by what was delivered: one function a row, in the unit that records the attempt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from beckn_schemas.igm_codes import IGM_ACTIONS
from bpp.actions.events import confirmed, not_confirmed
from bpp.actions.grievances import not_told
from bpp.actions.settlement import recon_refused, settle_refused
from bpp.core.catalogs import Worlds
from bpp.storage.ports import Callback, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the tries of a message ended: taken, or not and why.

    ``why`` is the peer's code, or where it never ``answered``, why we gave up.
    """

    taken: bool
    why: str = ""
    answered: bool = True


FollowUp = Callable[[Callback, Ended, Work, Worlds], Awaitable[int | None]]
"""The number of the message that follows, if one does."""


async def confirm_ended(callback: Callback, ended: Ended, work: Work, worlds: Worlds) -> int | None:
    """on_confirm taken: the provider may be told; not to be delivered: cancelled with 998."""
    order = await work.orders.get(callback.order_ref) if callback.order_ref else None
    if order is None:
        return None
    if ended.taken:
        await confirmed(order, work)
        return None
    return await not_confirmed(order, work, await worlds.current(work))


async def settle_ended(callback: Callback, ended: Ended, work: Work, worlds: Worlds) -> int | None:
    """A settle that was refused, or could not be delivered: what was filed by it was not settled."""
    if not ended.taken:
        await settle_refused(callback, ended.why if ended.answered else "", work, await worlds.current(work))
    return None


async def recon_ended(callback: Callback, ended: Ended, work: Work, worlds: Worlds) -> int | None:
    """A recon that was refused, or could not be delivered: there is none, and there may be another."""
    if not ended.taken:
        await recon_refused(callback, ended.why if ended.answered else "", work, await worlds.current(work))
    return None


async def issue_ended(callback: Callback, ended: Ended, work: Work, worlds: Worlds) -> int | None:
    """What we said in a complaint was refused or not delivered; of the answer to a poll nobody needs to know that."""
    if not ended.taken and callback.kind == "state":
        await not_told(callback, ended.why, work, await worlds.current(work))
    return None


FOLLOW_UPS: Mapping[str, FollowUp] = {
    **dict.fromkeys(IGM_ACTIONS, issue_ended),
    "on_confirm": confirm_ended,
    "settle": settle_ended,
    "recon": recon_ended,
}

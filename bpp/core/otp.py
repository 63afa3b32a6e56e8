"""The customer's one-time password while the worker stands at the door: issued, renewed, tried (decision 14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bpp.core.command import Advanced, Command
from bpp.core.record import save, with_visit
from bpp.core.world import World
from bpp.errors import IncorrectOtp
from bpp.orders.model import Fulfillment, Order
from bpp.orders.otp import Otp, matches, next_serial, token
from bpp.orders.states import Stage
from bpp.storage.ports import Timer, Work
from catalog.moments import later_than

WAITED_FOR = timedelta(hours=12)
"""How long after its slot a visit that never began is still waited for: a night later nobody stands at the door, and
somebody forgot to say how it ended. Each further token would be one more on_status to the buyer app, without end."""


class OverrideNeeded(Exception):
    """Too many wrong tokens: only a supervisor's override with a reason starts the job now."""


async def first_otp(order: Order, visit: Fulfillment, work: Work, world: World) -> Fulfillment:
    """The visit with the token that stands from the arrival on."""
    return await _next(order, visit, 0, work, world)


async def wrong_otp(order: Order, visit: Fulfillment, command: Command, work: Work, world: World) -> Advanced | None:
    """None when the job may start; else the answer to a wrong or late token, which counts.

    Raises OverrideNeeded when the tokens are used up and no supervisor says otherwise.
    """
    otp = visit.otp
    if command.override:
        return None
    if otp is None or otp.tries >= world.rules.otp_attempts:
        raise OverrideNeeded
    right = matches(token(world.otp_secret, order.ref, visit.id, otp.serial), command.otp)
    if right and world.now < otp.valid_to:
        return None
    fresh = await _next(order, visit, otp.tries + 1, work, world)
    changed = with_visit(order, fresh, world)
    failed = replace(command, reason="incorrect OTP" if not right else "expired OTP")
    saved = await save(changed, order, failed, work, world)
    error = IncorrectOtp("the OTP was incorrect; a new one was sent" if not right else "the OTP had expired")
    return Advanced(order=saved, callback="on_status", error=error, refused=True)


async def renew(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """The customer asks for another token: the next serial. The wrong tries so far stay counted."""
    visit = order.visit
    fresh = await _next(order, visit, visit.otp.tries if visit.otp else 0, work, world)
    changed = with_visit(order, fresh, world)
    return Advanced(order=await save(changed, order, command, work, world), callback="on_status")


async def renew_lapsed(order: Order, serial: int, work: Work, world: World) -> Advanced | None:
    """The token ran out while the worker waits: the next serial.

    None when the timer is out of date, and when no token would be of use: the tries are used up, or the slot ended
    long ago. From then on there is another one only when the customer asks for it (``renew``).
    """
    visit = order.visit
    if visit.stage is not Stage.ARRIVED or visit.otp is None or visit.otp.serial != serial:
        return None
    if visit.otp.tries >= world.rules.otp_attempts or world.now - visit.slot.end > WAITED_FOR:
        return None
    fresh = await _next(order, visit, visit.otp.tries, work, world)
    changed = with_visit(order, fresh, world)
    return Advanced(order=await work.orders.save(changed), callback="on_status")


def current_token(order: Order, visit: Fulfillment, secret: bytes, at: datetime) -> str | None:
    """The token in force for a visit at a moment; None where none is, as between a token's end and its successor."""
    if visit.otp is None or not visit.otp.valid_from <= at < visit.otp.valid_to:
        return None
    return token(secret, order.ref, visit.id, visit.otp.serial)


async def _next(order: Order, visit: Fulfillment, tries: int, work: Work, world: World) -> Fulfillment:
    serial = next_serial(world.otp_secret, order.ref, visit.id, visit.otp.serial if visit.otp else visit.otp_after)
    since = later_than(None, world.now)  # whole milliseconds, as it is told: else it would be told in its last one
    until = since + world.rules.otp_ttl
    await work.timers.set(Timer(kind="otp", subject=order.ref, due_at=until, serial=serial))
    return replace(visit, otp=Otp(serial=serial, valid_from=since, valid_to=until, tries=tries))

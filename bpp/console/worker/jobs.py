"""A worker's jobs of the day, each with what is needed on the way and at the door; of the next days only the time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bpp.console.language import msg
from bpp.console.page import Visit
from bpp.console.worker.whose import team, worker_at
from bpp.core.advance import allowed_events
from bpp.core.locate import not_told
from bpp.core.pay import collected
from bpp.core.privacy import read_order
from bpp.core.world import World
from bpp.orders.assignment import local_day
from bpp.orders.model import Fulfillment, LineItem, Order, Proposal
from bpp.orders.states import TERMINAL, Actor, Event, Stage
from bpp.people.model import Role
from bpp.storage.ports import Work
from catalog.availability import KOLKATA, horizon
from catalog.model import ON_SITE, Gps, Offering
from catalog.money import ZERO, Money, total
from catalog.quote import charges

FORGOTTEN_AFTER = timedelta(days=2)
"""How long a visit that nobody has ended stays on the page."""
DAYS_TO_COME = timedelta(days=6)
WAY = (Event.DEPART, Event.ARRIVE, Event.START, Event.COMPLETE)
"""What is pressed one after the other."""
STATES: Mapping[Stage, str] = {
    Stage.PENDING: msg("Nobody is sent yet"),
    Stage.ASSIGNED: msg("To come"),
    Stage.EN_ROUTE: msg("On the way"),
    Stage.ARRIVED: msg("At the door"),
    Stage.STARTED: msg("Work is going on"),
    Stage.COMPLETED: msg("Done"),
    Stage.CANCELLED: msg("Cancelled"),
}
QUOTATIONS: Mapping[str, str] = {
    "open": msg("waits for the customer's yes"),
    "accepted": msg("the customer said yes"),
    "rejected": msg("the customer said no"),
    "expired": msg("the time to answer is over"),
    "withdrawn": msg("withdrawn"),
}
"""What became of extra work that was asked for."""
LATER: Mapping[Event, Event] = {Event.ARRIVE: Event.DEPART, Event.COMPLETE: Event.START}
"""What may be pressed without network after what: the customer gets the OTP only when the arrival has been sent."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is to be done: the offering where the catalog has it still, else the line of the order."""

    what: Offering | LineItem
    count: int


@dataclass(frozen=True, slots=True)
class Extra:
    """Extra work that was asked for at the site, and what became of it."""

    title: str
    price: Money
    state: str
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A visit as its worker needs it. ``now`` is the next step, ``later`` what may follow it without network.

    ``collect`` is the money to take at the door, ``tries`` how many OTPs may still be tried. Of a visit that is over
    nothing is told of the customer.
    """

    ref: str
    number: str
    visit_id: str
    stage: Stage
    accepted: bool
    start: datetime
    end: datetime
    pieces: tuple[Piece, ...]
    price: Money
    collect: Money
    name: str
    phone: str
    address: str
    area_code: str
    gps: Gps | None
    tries: int
    now: Event | None
    later: tuple[Event, ...]
    quotable: bool
    leavable: bool
    followed: bool
    by_app: bool
    extras: tuple[Extra, ...]

    @property
    def over(self) -> bool:
        """Whether nothing is left to be done."""
        return self.stage in TERMINAL


@dataclass(frozen=True, slots=True)
class Coming:
    """A visit of the days to come: when, what and about where."""

    start: datetime
    pieces: tuple[Piece, ...]
    area_code: str


async def read_today(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The day of a worker."""
    worker = await worker_at(visit, work, world)
    today = horizon(world.now, 1)
    booked = await visits_between(worker.id, today.start - FORGOTTEN_AFTER, today.end + DAYS_TO_COME, work)
    day = local_day(world.now)
    own = [(order, one) for order, one in booked if _of_day(one, day)]
    jobs = [await _seen(order, one, visit, work, world) for order, one in own]
    jobs.sort(key=lambda one: (one.over, one.stage is Stage.ASSIGNED, one.start, one.ref))
    coming = [Coming(one.slot.start, _pieces(order, one, world), one.area_code) for order, one in booked
              if local_day(one.slot.start) > day]  # fmt: skip
    return {
        "worker": worker,
        "jobs": jobs,
        "coming": sorted(coming, key=lambda one: one.start),
        "day": day,
        "states": STATES,
        "quotations": QUOTATIONS,
        "own": visit.person.role is Role.WORKER,
        "otp_seconds": int(world.rules.otp_ttl.total_seconds()),
        "failed": visit.path.get("ref", ""),
        "wrong_otp": any(one.code == "incorrect_otp" for one in visit.problems),
    }


async def visits_between(
    worker_id: str, first: datetime, last: datetime, work: Work
) -> list[tuple[Order, Fulfillment]]:
    """The visits for which a worker's time is booked between two moments, in the order of their refs."""
    refs = await work.slots.booked_of(worker_id, first, last)
    found = []
    for ref in sorted({await work.assignments.order_of(one) for one in refs}):
        order = await work.orders.get(ref)
        if order is not None:
            found += [(order, one) for one in order.fulfillments if _booked(order, one, worker_id, refs)]
    return found


def _booked(order: Order, visit: Fulfillment, worker_id: str, refs: Collection[str]) -> bool:
    return order.slot_ref(visit) in refs and worker_id in team(visit)


def _of_day(visit: Fulfillment, day: date) -> bool:
    """Whether a visit stands on the page of a day: it takes time of it, or began before and nobody has ended it."""
    first, last = local_day(visit.slot.start), (visit.slot.end - timedelta(minutes=1)).astimezone(KOLKATA).date()
    return first <= day <= last or (first < day and visit.stage not in TERMINAL)


async def _seen(order: Order, one: Fulfillment, visit: Visit, work: Work, world: World) -> Job:
    if one.stage not in TERMINAL:
        order = await read_order(order, visit.caller.reader, work, world)
        one = next(each for each in order.fulfillments if each.id == one.id)
    return job_of(order, one, world)


def job_of(order: Order, visit: Fulfillment, world: World) -> Job:
    """A visit of an order as its worker needs it."""
    over = visit.stage in TERMINAL
    possible = allowed_events(order, Actor.SELLER, visit)
    steps = [step for step in WAY if step in possible] if order.visit.id == visit.id else []
    now = steps[0] if steps else None
    person, contact, place = (
        {} if over else visit.customer.get(key) or {} for key in ("person", "contact", "location")
    )
    extras = [one for one in order.proposals if one.visit is None] if not over else []
    return Job(
        ref=order.ref,
        number=order.order_id,
        visit_id=visit.id,
        stage=visit.stage,
        accepted=order.accepted,
        start=visit.slot.start,
        end=visit.slot.end,
        pieces=_pieces(order, visit, world),
        price=_price(order, visit),
        collect=to_collect(order, visit, world),
        name=str(person.get("name") or ""),
        phone=str(contact.get("phone") or ""),
        address=str(place.get("address") or ""),
        area_code=visit.area_code,
        gps=None if over else visit.gps,
        tries=max(world.rules.otp_attempts - visit.otp.tries, 0) if visit.otp else 0,
        now=now,
        later=tuple(event for event in LATER if now is not None and LATER[event] == now),
        quotable=Event.REQUOTE in possible and order.visit.id == visit.id and visit.stage is Stage.STARTED,
        leavable=Event.REASSIGN in possible,
        followed=order.visit.id == visit.id and not not_told(order, world),
        by_app=order.channel in {"ondc", "app", "portal"},
        extras=tuple(map(_extra, extras)),
    )


def to_collect(order: Order, visit: Fulfillment, world: World) -> Money:
    """What the worker takes at the door: what counts as paid once the visit is done, and is not yet."""
    pairs = zip(order.payments, collected(order, visit, world).payments, strict=True)
    return total(now.amount for before, now in pairs if before.status != now.status and now.type == ON_SITE)


def _price(order: Order, visit: Fulfillment) -> Money:
    agreed = charges(order.quote)
    return total(agreed.get(item, ZERO) for item in {one.item_id for one in order.of_visit(visit)})


def _pieces(order: Order, visit: Fulfillment, world: World) -> tuple[Piece, ...]:
    return tuple(Piece(world.catalog.offerings.get(one.item_id, one), one.count) for one in order.of_visit(visit))


def _extra(one: Proposal) -> Extra:
    title = ", ".join(item.name for item in one.items)
    return Extra(title, total(line.amount for line in one.lines), one.state, one.valid_until)

"""The board of orders: what waits for the provider's word and how long, and the visits of today, to come and past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from bpp.console.language import msg
from bpp.console.page import Page, Visit
from bpp.console.provider.common import OWNERS, asked_again, known_as, provider_of
from bpp.console.reach import sees_order
from bpp.console.tickets.rows import Row, row
from bpp.core.selection import visit_of
from bpp.core.world import World
from bpp.operator.routes import Query
from bpp.operator.ticket_views import summary
from bpp.operator.tickets import RUNNING
from bpp.orders.assignment import local_day
from bpp.orders.model import Order
from bpp.orders.states import TERMINAL, Stage
from bpp.parties.workforce import hindrances
from bpp.people.model import Role
from bpp.storage.ports import Work
from bpp.storage.ports_issues import TicketFilter
from bpp.storage.ports_orders import VisitsOf
from catalog.availability import Horizon
from catalog.model import Provider, Worker
from catalog.places import District, district

AHEAD = 30
"""Days that the board looks ahead, and back."""
MOST = 200
"""Visits that are shown at once."""
SEARCHED = 2_000
"""Visits among which those of one worker are looked for."""
LONG = timedelta(days=365)

STAGES: Mapping[Stage, str] = {
    Stage.PENDING: msg("Nobody is sent yet"),
    Stage.ASSIGNED: msg("Worker is set"),
    Stage.EN_ROUTE: msg("On the way"),
    Stage.ARRIVED: msg("Reached the door"),
    Stage.STARTED: msg("At work"),
    Stage.COMPLETED: msg("Done"),
    Stage.CANCELLED: msg("Cancelled"),
}
"""How a visit stands, in a word or two."""
LOOKS: Mapping[Stage, str] = {
    Stage.PENDING: "warn",
    Stage.COMPLETED: "good",
    Stage.CANCELLED: "bad",
}
WHEN: Mapping[str, str] = {
    "today": msg("Today"),
    "coming": msg("The next 30 days"),
    "past": msg("The last 30 days"),
}
CHANGEABLE = frozenset({Stage.PENDING, Stage.ASSIGNED})
"""Until a worker sets off another can be sent."""


class BoardQuery(Query):
    """Which visits."""

    when: Literal["today", "coming", "past"] = "today"
    stage: Stage | None = None
    worker: str | None = Field(default=None, max_length=64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An order on the board: ``until`` is when the time to accept it ends, ``team`` who may be sent."""

    order: Order
    what: Sequence[tuple[Any, int]]
    place: District | None
    worker: str
    until: datetime | None
    left: str
    team: Sequence[tuple[str, str]]

    @property
    def changeable(self) -> bool:
        """Whether another worker may be sent."""
        return self.order.accepted and self.order.visit.stage in CHANGEABLE


async def read_board(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """New orders with the time left, and the visits asked for."""
    provider, query = provider_of(visit, world), visit.query
    start = Horizon(local_day(world.now), 1).start
    spans = {
        "today": (start, start + timedelta(days=1)),
        "coming": (start + timedelta(days=1), start + timedelta(days=1 + AHEAD)),
        "past": (start - timedelta(days=AHEAD), start),
    }
    awaited = VisitsOf(provider_id=provider.id, first=start - LONG, last=start + LONG, waiting=True, limit=MOST)
    waiting = [one for one in await work.orders.visits_of(awaited) if sees_order(visit.person, one)]
    due = await work.timers.due("acceptance", [one.ref for one in waiting])
    first, last = spans[query.when]
    stages = frozenset({query.stage}) if query.stage else frozenset()
    limit = SEARCHED if query.worker else MOST + len(waiting)
    which = VisitsOf(provider_id=provider.id, first=first, last=last, stages=stages, limit=limit + 1)
    found = await work.orders.visits_of(which)
    fitting = [one for one in found if not _awaits(one) and query.worker in (None, *_team_of(one))]
    shown = [one for one in fitting if sees_order(visit.person, one)][:MOST]
    team = world.catalog.workers_of.get(provider.id, ())
    return {
        "provider": provider,
        "team": [(one.id, known_as(one, visit)) for one in team],
        "waiting": [
            _card(one, provider, visit, world, due.get(one.ref))
            for one in sorted(waiting, key=lambda one: due.get(one.ref, one.visit.slot.start))
        ],
        "cards": [_card(one, provider, visit, world) for one in shown],
        "counts": Counter(one.visit.stage for one in shown),
        "more": len(found) > limit or len(fitting) > MOST,
        "query": query,
        "asked": asked_again(query),
        "stages": STAGES,
        "looks": LOOKS,
        "when": WHEN,
        "reasons": REASONS,
    }


async def read_board_page(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The board, and for its owner the complaint that must be resolved first."""
    return {**await read_board(visit, work, world), "complaint": await _first_due(visit, work, world)}


async def _first_due(visit: Visit, work: Work, world: World) -> Row | None:
    if visit.person.role is not Role.PROVIDER:  # others have the inbox for that
        return None
    which = TicketFilter(statuses=RUNNING, provider_id=visit.person.provider_id, ours=False, by="due", limit=1)
    return next((row(summary(one, world), world.now) for one in await work.issues.find(which)), None)


def _awaits(order: Order) -> bool:
    return not order.accepted and order.cancellation is None


def _team_of(order: Order) -> Sequence[str]:
    visit = order.visit
    return [one.worker_id for one in ((visit.assignee, *visit.crew) if visit.assignee else visit.crew)]


def _card(order: Order, provider: Provider, visit: Visit, world: World, until: datetime | None = None) -> Card:
    under_way = order.visit
    sent = under_way.assignee
    stored = world.catalog.workers.get(sent.worker_id) if sent else None
    items = [one for one in order.of_visit(under_way) if not one.parent_item_id] or list(order.of_visit(under_way))
    return Card(
        order=order,
        what=[(world.catalog.offerings.get(one.item_id, one), one.count) for one in items],
        place=district(under_way.district) if under_way.district else None,
        worker=known_as(stored, visit) if stored else "",
        until=until,
        left=_left(until, world.now) if until else "",
        team=_suited(order, provider, visit, world) if under_way.stage not in TERMINAL else (),
    )


def _left(until: datetime, now: datetime) -> str:
    """Minutes and seconds, as the script counts them down."""
    minutes, seconds = divmod(max(int((until - now).total_seconds()), 0), 60)
    return f"{minutes}:{seconds:02}"


def _suited(order: Order, provider: Provider, visit: Visit, world: World) -> Sequence[tuple[str, str]]:
    """The workers against whom nothing stands for the visit under way; whether they are free the core decides."""
    wanted = visit_of(order, provider, order.visit)
    job = wanted.job(local_day(order.visit.slot.start))
    team: Sequence[Worker] = world.catalog.workers_of.get(provider.id, ())
    return [(one.id, known_as(one, visit)) for one in team if not hindrances(one, job)]


REASONS: Mapping[str, str] = {
    "002": msg("Nobody is free"),
    "024": msg("More orders than we can do"),
    "018": msg("We do not serve this place"),
    "023": msg("Outside our working hours"),
    "016": msg("Accident, rain or strike"),
    "022": msg("A technical problem"),
    "005": msg("Another reason"),
}
"""Why a provider may refuse an order (``bpp.orders.reasons``), in words."""

BOARD = "/provider/{provider}/orders"
PAGES = (
    Page(
        path=BOARD,
        name="provider-orders",
        title=msg("Orders"),
        roles=OWNERS,
        read=read_board_page,
        template="provider_board.html",
        query=BoardQuery,
    ),
    Page(
        path=f"{BOARD}/live",
        name="provider-orders-live",
        title=msg("Orders"),
        roles=OWNERS,
        read=read_board,
        template="provider_board_live.html",
        query=BoardQuery,
        part=True,
    ),
)

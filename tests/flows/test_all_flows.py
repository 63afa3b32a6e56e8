"""The nine flows of the services specification, and the select without a slot, in every domain on both databases.

Each flow is the list of its steps; what a step must bring is in ``tests/support/walk.py``. Every callback that either
buyer app received must have been signed and valid, too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.clock import FakeClock
from tests.support.conversation import check_conversation
from tests.support.network import Network, running_network
from tests.support.walk import Walk


@dataclass(frozen=True, kw_only=True)
class Trade:
    """What customers of a domain ask for: a job, a cook or several jobs, and a visit after which more is quoted for."""

    service: str
    several: str
    survey: str
    work: tuple[str, str]
    choices: Mapping[str, int] = field(default_factory=dict)
    """What is chosen with a service that is sold with choices; without any, several items are ordered."""
    visits: timedelta = timedelta(hours=5)
    """How far ahead a visit is that shall be moved: the demonstration's terms allow it until four hours before."""


LUNCH = 12
TRADES = {
    "ONDC:SRV10": Trade(
        service="refrigerator check",
        several="air conditioner",
        survey="refrigerator check",
        work=("New compressor with gas", "4200.00"),
    ),
    "ONDC:SRV11": Trade(
        service="tap repair",
        several="cook on demand",
        choices={"AMIN-COOK-PERSON": 2, "AMIN-COOK-DAL": 1, "AMIN-COOK-ROTI": 1},
        survey="painting consultation",
        work=("Two rooms painted", "9000.00"),
    ),
    "ONDC:SRV12": Trade(
        service="haircut",
        several="hair",
        survey="makeup",
        work=("Makeup for five guests", "7500.00"),
    ),
}
Flow = Callable[[Walk, Trade], Awaitable[None]]


async def booking(walk: Walk, trade: Trade) -> None:
    await walk.search(trade.service)
    await walk.select()
    await walk.init()
    await walk.confirm()
    await walk.status("Pending")
    await walk.depart()
    await walk.arrive()
    await walk.start()
    await walk.complete()


async def schedule_reselection(walk: Walk, trade: Trade) -> None:
    await walk.search(trade.service)
    free = await walk.select_in_vain()
    await walk.select(free)
    await walk.init()
    await walk.confirm()
    await walk.status("Pending")
    await walk.carry_out()


async def cook_on_demand_or_several_items(walk: Walk, trade: Trade) -> None:
    await walk.search(trade.several)
    if trade.choices:
        walk.choose(trade.choices)
    else:
        walk.add()
    await walk.select(walk.at(LUNCH))
    await walk.init()
    await walk.confirm()
    await walk.status("Pending")
    await walk.carry_out()


async def otp_expired_and_regenerated(walk: Walk, trade: Trade) -> None:
    await walk.book(trade.service)
    await walk.status("Pending")
    await walk.depart()
    await walk.arrive()
    await walk.otp_lapses()
    await walk.wrong_otp()
    await walk.start()
    await walk.complete()


async def consultation_and_quotation(walk: Walk, trade: Trade) -> None:
    await walk.book(trade.survey)
    await walk.status("Pending")
    await walk.carry_out()
    await walk.quote_for(*trade.work, minutes=120)
    await walk.take_quotation()
    await walk.carry_out()


async def consultation_with_schedule_reselection(walk: Walk, trade: Trade) -> None:
    await walk.search(trade.survey)
    free = await walk.select_in_vain()
    await walk.select(free)
    await walk.init()
    await walk.confirm()
    await walk.status("Pending")
    await walk.carry_out()
    await walk.quote_for(*trade.work, minutes=120)
    await walk.take_quotation()
    await walk.carry_out()


async def cancelled_by_the_buyer(walk: Walk, trade: Trade) -> None:
    await walk.book(trade.service)
    await walk.cancel()


async def cancelled_by_the_merchant(walk: Walk, trade: Trade) -> None:
    await walk.book(trade.service)
    await walk.cancelled_by_seller()


async def schedule_reselection_after_confirmation(walk: Walk, trade: Trade) -> None:
    await walk.search(trade.service)
    late = [one for one in walk.offer.starts if one > walk.network.clock() + trade.visits]
    await walk.select(late[0])
    await walk.init()
    await walk.confirm()
    await walk.reschedule(late[2])
    await walk.status("Pending")
    await walk.carry_out()


async def schedule_not_provided(walk: Walk, trade: Trade) -> None:
    await walk.search(trade.service)
    await walk.select_without_a_slot()
    await walk.select()
    await walk.init()
    await walk.confirm()


FLOWS: tuple[Flow, ...] = (
    booking,
    schedule_reselection,
    cook_on_demand_or_several_items,
    otp_expired_and_regenerated,
    consultation_and_quotation,
    consultation_with_schedule_reselection,
    cancelled_by_the_buyer,
    cancelled_by_the_merchant,
    schedule_reselection_after_confirmation,
    schedule_not_provided,
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def network(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """The real server on each database, with the demonstration catalog."""
    url: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
    async with running_network(url, tmp_path, clock) as running:
        yield running
        check_conversation(running)


@pytest.mark.parametrize("domain", TRADES)
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
async def test_the_flow_runs_from_search_to_its_end(network: Network, flow: Flow, domain: str) -> None:
    await flow(Walk(network=network, domain=domain), TRADES[domain])

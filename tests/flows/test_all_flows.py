"""The nine flows of the services specification, and the select without a slot, in every domain on both databases.

Each flow is the list of its steps; what a step must bring is in ``tests/support/walk.py``. Every callback that either
buyer app received must have been signed and valid, too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import FakeClock
from tests.support.conversation import check_conversation
from tests.support.network import Network, running_network
from tests.support.walk import Walk


@dataclass(frozen=True, kw_only=True)
class Made:
    """A service that is made to a customer's choice: how it is asked for, and what is chosen with it.

    ``offering_id`` is given the ``categories`` and ``customizations`` over the operator API first, where there are any.
    """

    words: str
    choices: Mapping[str, int]
    offering_id: str = ""
    categories: tuple[dict[str, Any], ...] = ()
    customizations: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trade:
    """What customers of a domain ask for: a job, one made to their choice, and a visit after which more is quoted for."""

    service: str
    made: Made
    survey: str
    work: tuple[str, str]
    visits: timedelta = timedelta(hours=5)
    """How far ahead a visit is that shall be moved: the demonstration's terms allow it until four hours before."""


def category(key: str, code: str, **more: Any) -> dict[str, Any]:
    """A mandatory category of what can be chosen, as the operator API takes it."""
    name = code.replace("_", " ").capitalize()
    return {"id": key, "name": name, "name_hi": name, "code": code, "mandatory": True, **more}


def choice(key: str, category_id: str, price: str, **more: Any) -> dict[str, Any]:
    """A choice in a category, as the operator API takes it."""
    name = key.rpartition("-")[2].capitalize()
    return {
        "id": key,
        "category_ids": [category_id],
        "name": name,
        "name_hi": name,
        "short_desc": name,
        "price": price,
        **more,
    }


LUNCH = 12
COOK = Made(words="cook on demand", choices={"AMIN-COOK-PERSON": 2, "AMIN-COOK-DAL": 1, "AMIN-COOK-ROTI": 1})
CLEANING = Made(
    words="air conditioner cleaning",
    choices={"AC-SPLIT": 1, "AC-FILTER": 2},
    offering_id="GOMTI-ACCLEAN",
    categories=(
        category("AC-KIND", "KIND", max_selection=1),
        category("AC-PARTS", "PARTS", seq=2, mandatory=False, max_selection=2),
    ),
    customizations=(
        choice("AC-SPLIT", "AC-KIND", "150.00", minutes=15),
        choice("AC-WINDOW", "AC-KIND", "0.00"),
        choice("AC-FILTER", "AC-PARTS", "249.50", max_count=4, type="add_on"),
    ),
)
HAIRCUT = Made(
    words="haircut",
    choices={"CUT-LAYERS": 1, "CUT-WASH": 1},
    offering_id="HAZRAT-CUT",
    categories=(
        category("CUT-STYLE", "STYLE", max_selection=1, starts="11:00", ends="17:00"),
        category("CUT-EXTRAS", "EXTRAS", seq=2, mandatory=False),
    ),
    customizations=(
        choice("CUT-PLAIN", "CUT-STYLE", "0.00"),
        choice("CUT-LAYERS", "CUT-STYLE", "120.00", minutes=20, attributes={"length": "shoulder"}),
        choice("CUT-WASH", "CUT-EXTRAS", "79.00", minutes=10, type="add_on"),
    ),
)
TRADES = {
    "ONDC:SRV10": Trade(
        service="refrigerator check",
        made=CLEANING,
        survey="refrigerator check",
        work=("New compressor with gas", "4200.00"),
    ),
    "ONDC:SRV11": Trade(
        service="tap repair",
        made=COOK,
        survey="painting consultation",
        work=("Two rooms painted", "9000.00"),
    ),
    "ONDC:SRV12": Trade(
        service="haircut",
        made=HAIRCUT,
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


async def cook_on_demand(walk: Walk, trade: Trade) -> None:
    """The flow of everything that is sold with customisations."""
    made = trade.made
    if made.offering_id:
        await walk.sell_with(made.offering_id, made.categories, made.customizations)
    await walk.search(made.words)
    walk.choose(made.choices)
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
    cook_on_demand,
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

"""An office in which money moves, on databases of each kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.load import CatalogData
from catalog.model import Provider
from catalog.money import Money
from tests.support.catalog_builders import a_provider, a_worker, an_offering
from tests.support.clock import FakeClock
from tests.support.couriers import worlds_of
from tests.support.office import Office

GSTIN = "09AAACX0000A1Z5"
MAY_2025 = datetime(2025, 5, 5, 3, 30, tzinfo=UTC)
"""While the commission was ten per cent."""
OpenOffice = Callable[..., Awaitable[Office]]


@pytest.fixture
def open_office(storage: Any, clock: FakeClock) -> OpenOffice:
    """An office with one provider, who is registered unless a test says otherwise, and a repair for 499 rupees."""

    async def opened(
        day: datetime = MAY_2025, *, provider: Provider | None = None, price: str = "499.00", **offering: Any
    ) -> Office:
        clock.set(day)
        kinds = ("PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT")
        data = CatalogData(
            providers=(provider or a_provider(gstin=GSTIN),),
            offerings=(an_offering(price=Money.parse(price), payment_types=kinds, **offering),),
            workers=(a_worker(), a_worker(id="W2")),
        )
        await storage.run(lambda work: work.directory.seed(data))
        return Office(storage=storage, worlds=worlds_of(clock), clock=clock)

    return opened

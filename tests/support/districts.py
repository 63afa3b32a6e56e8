"""A district with something in every list of its officer: bookings, searches in vain, papers, applications, a review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bpp.orders.states import Stage
from bpp.storage.ports import Work
from bpp.storage.ports_demand import Reason, Unserved
from tests.support.clock import MONDAY_MORNING
from tests.support.network import Network
from tests.support.order_builders import a_seller, a_visit, an_order

LUCKNOW, KANPUR = "162", "157"
TODAY = date(2026, 11, 23)
APPLICATION: dict[str, Any] = {
    "kind": "firm",
    "name": "Newcomer Demo Services",
    "name_hi": "न्यूकमर डेमो सर्विसेज",
    "short_desc": "Plumbing and cleaning",
    "contact": "Demo Person",
    "phone": "9000000777",
    "email": "newcomer@example.in",
    "address": "Demo House 9, Gomti Nagar",
    "city": "Lucknow",
    "area_code": "226010",
    "gps": "26.864330,81.000650",
    "districts": [LUCKNOW],
    "services": ["SM-PLB", "SM-HCL"],
    "papers": [{"id": "REG-1", "type": "Registration certificate", "desc": "Registered firm"}],
}
SEARCHES: tuple[tuple[str, str, str, Reason, int], ...] = (
    (LUCKNOW, "226010", "SM-COK", "no_provider", 9),
    (LUCKNOW, "226016", "SM-PLB", "no_slot", 4),
    (LUCKNOW, "", "", "no_service", 2),
    (KANPUR, "208001", "SM-DRV", "no_provider", 7),
)
"""District, pincode, service, why in vain, how often."""
CHANNELS = ("ondc", "call_centre", "portal", "ondc", "csc", "ondc", "app")


@dataclass(frozen=True, kw_only=True)
class Busy:
    """What was made: an application and a completed booking with its review, both of Lucknow."""

    application: str
    reviewed: str


async def a_busy_district(network: Network) -> Busy:
    """Fill Lucknow, and a little of Kanpur, over the network, by the operator API, and with orders of before."""
    confirmed, _ = await network.completed()
    ref = await network.ref(confirmed)
    given = {"rater": "phone", "provider": 1, "feedback": "बहुत देर से आए"}
    assert (await network.call("POST", f"/orders/{ref}/rating", given))[0] == 200
    status, made = await network.call("POST", "/empanelments", APPLICATION)
    assert status == 201, made
    await fill(network)
    return Busy(application=made["id"], reviewed=ref)


async def fill(network: Network) -> None:
    """Orders of the weeks before, and searches in vain."""

    async def unit(work: Work) -> None:
        for number in range(60):
            at = MONDAY_MORNING - timedelta(days=number // 2, hours=number % 5)
            order = an_order(
                ref=f"OLD-{number}",
                order_id=f"SM-OLD-{number:04}",
                channel=CHANNELS[number % len(CHANNELS)],
                seller=a_seller(provider_id="P-GOMTI" if number % 3 else "P-AMIN"),
                fulfillments=(
                    a_visit(
                        stage=list(Stage)[number % 7],
                        district=KANPUR if number % 10 == 9 else LUCKNOW,
                        otp=None,
                        area_code="226010",
                    ),
                ),
            )
            assert await work.orders.add(order, at)
        for district, area_code, service, reason, count in SEARCHES:
            for number in range(count):
                await work.demand.count(
                    Unserved(
                        day=TODAY - timedelta(days=number),
                        hour=10,
                        channel="ondc",
                        district=district,
                        area_code=area_code,
                        service_id=service,
                        reason=reason,
                    )
                )

    await network.context.storage.run(unit)

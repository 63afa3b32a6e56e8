"""What the benchmark of the console takes for found is what the page shows."""

from __future__ import annotations

from bpp.bench.cockpit import BOX, FOUND
from bpp.people.model import Role
from tests.support.console import signed_in


async def test_the_mark_by_which_a_run_knows_what_was_found_is_that_of_offers_and_orders_alone(network):
    confirmed = await network.booked()
    async with signed_in(network, Role.OPERATOR) as visitor:
        order = await visitor.get(f"{BOX}?q={confirmed.transaction_id}")
        offer = await visitor.get(f"{BOX}?q=tap+repair&pincode=226010")
        nothing = await visitor.get(f"{BOX}?q=9811111111")

    assert [FOUND.decode() in page.text for page in (order, offer, nothing)] == [True, True, False]

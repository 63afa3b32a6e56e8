"""Faults of money and references in orders, as the rules of beckn_schemas find them."""

from __future__ import annotations

from tests.conformance.planted import Changes, Planted, says

PLANTED: tuple[Planted, ...] = (
    Planted(
        name="a rupee too many",
        check="quote_sum",
        seller=Changes("on_select", says("message.order.quote.price.value", "9999.00")),
    ),
)

"""Faults of money and references in orders, as the rules of beckn_schemas find them."""

from __future__ import annotations

from tests.conformance.planted import Changes, Planted, says

ORDER = "message.order"
LINE = f"{ORDER}.quote.breakup[0]"
PAYMENT = f"{ORDER}.payments[0]"
BOTH_FEES = {"amount": {"value": "0.00"}, "percentage": "10"}


def _plant(check: str, name: str, action: str, path: str, value: object) -> Planted:
    return Planted(name=name, check=check, seller=Changes(action, says(path, value)))


PLANTED: tuple[Planted, ...] = (
    _plant("line_tags", "a line of no known type", "on_select", f"{LINE}.tags[0].list[0].value", "service"),
    _plant("quote_sum", "a rupee too many", "on_select", f"{ORDER}.quote.price.value", "9999.00"),
    _plant("quote_sign", "tax paid back", "on_init", f"{ORDER}.quote.breakup[1].price.value", "-30.36"),
    _plant("line_arithmetic", "another unit price", "on_init", f"{LINE}.item.price.value", "100.00"),
    _plant("line_item", "a line of something else", "on_confirm", f"{LINE}.item.id", "GOMTI-FAN"),
    _plant("line_count", "a line of two", "on_select", f"{LINE}.item.quantity.selected.count", 2),
    _plant("offers", "an offer that takes nothing off", "on_select", f"{ORDER}.offers", [{"id": "GOMTI-FLAT50"}]),
    _plant("payments_sum", "a payment of one rupee", "on_init", f"{PAYMENT}.params.amount", "1.00"),
    _plant("payment_tags", "a fee of neither kind", "on_init", f"{PAYMENT}.tags[2].list[0].value", "rupees"),
    _plant("payment_transaction", "paid and not", "on_confirm", f"{PAYMENT}.status", "NOT-PAID"),
    _plant("payment_due", "paid before the work", "on_confirm", f"{PAYMENT}.type", "ON-FULFILLMENT"),
    _plant("payment_link", "a link to pay the buyer app", "on_init", f"{PAYMENT}.url", "https://pay.example.in/1"),
    _plant("order_references", "a dangling id", "on_select", f"{ORDER}.items[0].fulfillment_ids", ["F-9"]),
    _plant("distinct_ids", "one payment twice", "on_confirm", f"{ORDER}.payments", lambda found: found * 2),
    _plant(
        "cancellation_fee",
        "an amount and a percentage",
        "on_init",
        f"{ORDER}.cancellation_terms[0].cancellation_fee",
        BOTH_FEES,
    ),
    _plant("seller_refunds", "nothing given back", "on_status", f"{ORDER}.cancellation", {"cancelled_by": "PRODUCER"}),
)

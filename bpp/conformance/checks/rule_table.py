"""The rules of ``beckn_schemas.invariants`` as they are demanded of others: each as a sentence, and how strictly.

WARNING: where the specification is silent or contradicts itself, and only good practice says so (ADR 0033).
"""

from __future__ import annotations

from collections.abc import Mapping

from bpp.conformance.check import Severity

TITLES: Mapping[str, str] = {
    "null": "No key has the value null",
    "message_id": "A callback that nobody asked for has a UUID as its message_id",
    "serviceability_codes": "A serviceability tag has location, category, type, val and unit, each once",
    "serviceability_unit": "Serviceability is 10 km, 11 pincode, 12 country or 13 geojson, with a val of that kind",
    "serviceability_category": "A serviceability tag names a category of the context's domain",
    "serviceability_location": "A serviceability tag names a location of its provider",
    "item_category": "An item's category is one of the context's domain",
    "item_ids": "An item's id belongs to no other item of the catalog",
    "catalog_references": "Whatever fulfillment, payment, location, parent or category an item names is in the catalog",
    "catalog_price": "A service costs more than nothing, and no more than its struck-off price",
    "item_tags": "Reschedule terms have their four codes, and an attribute says customization or add_on",
    "schedule_order": "Offered times are sorted, and none is there twice",
    "schedule_future": "Offered times lie after context.timestamp",
    "schedule_range": "Offered times lie inside the range of their schedule, which ends after it begins",
    "schedule_weekday": "Offered times lie on the weekdays that the schedule names, as in India",
    "schedule_holiday": "No offered time lies on a holiday, as in India",
    "category_tags": "A group of choices says how to choose in the tag selection or schedule, with its codes",
    "category_tree": "Groups of choices have ids of their own, and are parts of groups that are no parts themselves",
    "customization_parent": "A customisation belongs to a service of the same provider",
    "category_choices": "A group has as many customisations as must be chosen from it",
    "offer_validity": "An offer is not over, and names categories of this domain or of its provider",
    "offer_tags": "An offer's tags say what it takes off, with the codes of their kind",
    "line_tags": "A line of the quote is an item, customization, tax, discount, misc or refund",
    "quote_sum": "The lines of the quote sum to its price, to the paisa",
    "quote_sign": "Charges are not negative, discounts and refunds not positive, and the price not below nothing",
    "line_arithmetic": "An item's line is the price of one unit times the count",
    "line_item": "A line of the quote belongs to an item of the order",
    "line_count": "Every item has its line, with the count that was ordered",
    "offers": "Every offer of the order has a discount line, and is there once",
    "payments_sum": "The amounts of the payments sum to the price of the quote",
    "payment_tags": "A payment has Settlement_Counterparty, Settlement_Details and Buyer_Finder_Fee with their codes",
    "payment_transaction": "A payment has a transaction_id if and only if it is PAID",
    "payment_due": "What is paid ON-FULFILLMENT is NOT-PAID until the work is completed",
    "payment_link": "A link for payment stands only where the seller app collects and is not paid yet",
    "order_references": "Every fulfillment and payment that an item names is in the order",
    "distinct_ids": "Fulfillments and payments have ids of their own",
    "cancellation_fee": "A cancellation fee is an amount or a percentage, not both",
    "seller_refunds": "Where the seller cancels, nothing is kept but the price of visits that were completed",
    "order_times": "An order's updated_at is later than created_at and not later than context.timestamp",
    "customer_stop": "A fulfillment has one stop of type end",
    "worker_stop": "A fulfillment has a stop of type start, with the worker's name from on_confirm on",
    "slot_range": "A slot ends after it begins",
    "one_slot": "The stops of a fulfillment show the same slot",
    "slot_day": "The days of a slot name its weekday in India",
    "slot_label": "A slot is confirmed, or rejected beside error 90001",
    "alternatives": "Error 90001 comes with times that can be had",
    "slot_future": "No slot is confirmed that begins before context.timestamp",
    "serviceability_state": "Every on_select says Serviceable, or Non-serviceable beside error 30009 or 30010",
    "confirmed": "Every on_confirm says ACCEPTED or CREATED, and Pending",
    "status_fits": "The order's status follows from the states of its fulfillments",
    "departed": "The start stop is stamped from In-Transit on, and not before",
    "finished": "The end stop is stamped if and only if the visit is Completed, later than the departure",
    "authorization": "A one-time password is shown before the start alone, and while it is valid",
    "wrong_otp": "Error 90002 leaves the visit At-Location",
    "invoice": "An order has an invoice if and only if it is completed",
    "cancelled": "A cancelled order says CANCELLED, and no other has a cancellation",
}

LENIENT = frozenset(
    {
        "item_ids",  # protocol 1.0: receivers key items by provider and item
        "category_tags",  # the specification's own examples differ in them
        "category_tree",
        "category_choices",
        "offer_validity",  # protocol 4.17: attributes, enums and examples name three sets of codes
        "offer_tags",
        "offers",
        "payment_link",  # protocol 6: business requirements, not the specification
        "slot_day",  # protocol 4.6: ignored on input
    }
)
"""The rules that are good practice."""


def severity_of(rule: str) -> Severity:
    """How strictly a rule is demanded of others."""
    return Severity.WARNING if rule in LENIENT else Severity.ERROR

"""What a reviewer finds in the messages of a certified third party, by hand: each row with its reason.

The messages themselves are not in this repository (``../shared/traffic/mystore-seller``). A finding that no row names
is a false alarm of a check or a fault that was overlooked here; a row that nothing finds is a check that went blind.
"""

from __future__ import annotations

from dataclasses import dataclass

FLOWS = ("buyer_cancel", "completion", "consultation", "reschedule", "schedule_reselection", "seller_cancel")
CARRIED_OUT = ("completion", "consultation", "reschedule", "schedule_reselection")
STATES = ("on_status_pending", "on_status_in_transit", "on_status_at_location", "on_status_completed")


def said_in(flows: tuple[str, ...], *messages: str) -> frozenset[str]:
    """These messages of these flows."""
    return frozenset(f"{flow}/{message}" for flow in flows for message in messages)


ON_SEARCH = said_in(FLOWS, "on_search")
ON_SELECT_REJECTED = said_in(("schedule_reselection",), "on_select_reject")
ON_SELECT_CONFIRMED = said_in(tuple(one for one in FLOWS if one != "schedule_reselection"), "on_select") | said_in(
    ("schedule_reselection",), "on_select_confirm"
)
ON_SELECT = ON_SELECT_REJECTED | ON_SELECT_CONFIRMED
ON_INIT = said_in(FLOWS, "on_init")
ON_STATUS = said_in(CARRIED_OUT, *STATES)
WITH_FEE = (
    ON_INIT
    | said_in(FLOWS, "on_confirm")
    | ON_STATUS
    | said_in(("buyer_cancel", "seller_cancel"), "on_cancel")
    | said_in(("consultation", "reschedule"), "on_update")
)
QUOTED = said_in(("consultation",), "on_update", "on_status_completed")
RESCHEDULED = said_in(("reschedule",), "on_update")


@dataclass(frozen=True, kw_only=True)
class Known:
    """``check`` finds something at ``path`` (without the numbers of elements) in ``messages``, and rightly: ``why``."""

    check: str
    path: str
    messages: frozenset[str]
    why: str


_ITEM = "message.catalog.providers[].items[]"
_VISIT = "message.order.fulfillments[]"
_PAYMENT = "message.order.payments[]"

KNOWN: tuple[Known, ...] = (
    # The catalog
    Known(
        check="shape_enum",
        path="message.catalog.fulfillments[].type",
        messages=ON_SEARCH,
        why="Buyer-Fulfilled and Seller-Fulfilled are retail's; services have Home-Service and Store-Service",
    ),
    Known(
        check="catalog_references",
        path=f"{_ITEM}.location_ids[]",
        messages=ON_SEARCH,
        why="items say L1, the provider's only location has another id",
    ),
    Known(
        check="schedule_future",
        path=f"{_ITEM}.time.schedule.times",
        messages=ON_SEARCH,
        why="the first start lies sixteen hours before the catalog was made",
    ),
    Known(
        check="schedule_order",
        path=f"{_ITEM}.time.schedule.times",
        messages=ON_SEARCH,
        why="of some 1,400 starts only 179 are distinct, and they are not sorted",
    ),
    Known(
        check="required_on_search_message_catalog_providers_items_base_time_range",
        path=f"{_ITEM}.time.range",
        messages=ON_SEARCH,
        why="the schedule has no horizon, which the specification requires",
    ),
    Known(
        check="required_on_search_message_catalog_providers_descriptor_code",
        path="message.catalog.providers[].descriptor.code",
        messages=ON_SEARCH,
        why="a provider's descriptor has no code",
    ),
    Known(
        check="required_on_search_message_catalog_providers_time",
        path="message.catalog.providers[].time",
        messages=ON_SEARCH,
        why="simple buyer apps look for times at the provider",
    ),
    Known(
        check="required_on_search_message_catalog_providers_items_base_descriptor_code",
        path=f"{_ITEM}.descriptor.code",
        messages=ON_SEARCH,
        why="an item's descriptor has no code",
    ),
    Known(
        check="required_on_search_message_catalog_providers_items_base_descriptor_short_desc",
        path=f"{_ITEM}.descriptor.short_desc",
        messages=ON_SEARCH,
        why="an item's descriptor has a long description only",
    ),
    Known(
        check="required_on_search_message_catalog_providers_items_base_parent_item_id",
        path=f"{_ITEM}.parent_item_id",
        messages=ON_SEARCH,
        why="an item that has no parent says so with an empty text",
    ),
    Known(
        check="days_spelling",
        path=f"{_ITEM}.time.days",
        messages=ON_SEARCH,
        why="01,02,... where weekdays are 1 to 7",
    ),
    Known(
        check="serviceability_once",
        path="message.catalog.providers[].tags[]",
        messages=ON_SEARCH,
        why="the whole country is said once for each category",
    ),
    # Choosing
    Known(
        check="slot_future",
        path=f"{_VISIT}.stops[].time.range.start",
        messages=ON_SELECT_CONFIRMED,
        why="the confirmed visit was to begin hours before it was confirmed",
    ),
    Known(
        check="serviceability_state",
        path=f"{_VISIT}.state.descriptor.code",
        messages=ON_SELECT,
        why="on_select does not say Serviceable",
    ),
    Known(
        check="alternatives",
        path="message.order.items[].time",
        messages=ON_SELECT_REJECTED,
        why="a refused time comes without those that can be had",
    ),
    Known(
        check="rejected_but_priced",
        path="message.order.quote.price.value",
        messages=ON_SELECT_REJECTED,
        why="the quote of a refused time is emptied to 0.00",
    ),
    # Agreeing
    Known(
        check="required_on_init_message_order_locations",
        path="message.order.locations",
        messages=ON_INIT,
        why="on_init names the provider's location at the provider only",
    ),
    Known(
        check="finder_fee_spelling",
        path=f"{_PAYMENT}.tags[].list[].descriptor.code",
        messages=WITH_FEE,
        why="Buyer_finder_fee_type, where the protocol writes Buyer_Finder_Fee_Type",
    ),
    # Being carried out
    Known(
        check="answer_message_id",
        path="context.message_id",
        messages=said_in(("completion",), "on_status_pending"),
        why="a status is answered with a message_id of its own",
    ),
    Known(
        check="order_times",
        path="message.order.updated_at",
        messages=ON_STATUS,
        why="the order was changed a tenth of a second after the message that tells it",
    ),
    Known(
        check="otp_shown",
        path=f"{_VISIT}.stops[].authorization",
        messages=said_in(CARRIED_OUT, "on_status_at_location"),
        why="no one-time password is ever sent",
    ),
    Known(
        check="invoice",
        path="message.order.documents",
        messages=said_in(("schedule_reselection",), "on_status_completed"),
        why="one completed order has no invoice; the three others have",
    ),
    Known(
        check="label_spelling",
        path="message.order.documents[].label",
        messages=said_in(("completion", "consultation", "reschedule"), "on_status_completed"),
        why="Invoice, where others write INVOICE",
    ),
    Known(
        check="required_on_status_message_order_fulfillments_rateable",
        path=f"{_VISIT}.rateable",
        messages=ON_STATUS,
        why="on_status leaves out whether the visit may be rated",
    ),
    # A further quotation
    Known(
        check="shape_enum",
        path=f"{_VISIT}.state.descriptor.code",
        messages=said_in(("consultation",), "on_update"),
        why="Packed is a state of retail's",
    ),
    Known(
        check="line_item",
        path="message.order.quote.breakup[].item.id",
        messages=QUOTED,
        why="a line is of an item that the order does not have",
    ),
    Known(
        check="line_count",
        path="message.order.quote.breakup[].item.quantity.selected.count",
        messages=QUOTED,
        why="the line counts two where the item counts one",
    ),
    *(
        Known(
            check=f"required_{callback}_message_order_payments_params_{key}",
            path=f"{_PAYMENT}.params.{key}",
            messages=said_in(("consultation",), message),
            why="the second payment does not say where it is to go",
        )
        for callback, message in (("on_update", "on_update"), ("on_status", "on_status_completed"))
        for key in ("bank_account_number", "virtual_payment_address")
    ),
    Known(
        check="quotation_taken",
        path=_PAYMENT,
        messages=said_in(("consultation",), "on_status_completed"),
        why="the second payment was paid with the update and is NOT-PAID for ever",
    ),
    # Another time
    Known(
        check="moved_ahead",
        path=f"{_VISIT}.stops[].time.range.start",
        messages=RESCHEDULED,
        why="the visit is moved to a time that is past",
    ),
    Known(
        check="reschedule_fee",
        path="message.order.quote.price.value",
        messages=RESCHEDULED,
        why="the terms say 100.00 for another time, and the price stays",
    ),
    Known(
        check="reschedule_fee",
        path="message.order.payments",
        messages=RESCHEDULED,
        why="the terms say 100.00 for another time, and nobody is asked to pay it",
    ),
    Known(
        check="required_on_update_message_order_updated_at",
        path="message.order.updated_at",
        messages=RESCHEDULED,
        why="an order that was changed does not say when",
    ),
    Known(
        check="required_on_update_message_order_created_at",
        path="message.order.created_at",
        messages=RESCHEDULED,
        why="an order does not say when it was made",
    ),
    # Cancelling
    Known(
        check="cancel_fee",
        path="message.order.quote.price.value",
        messages=said_in(("buyer_cancel",), "on_cancel"),
        why="the terms say 50.00 while pending, and nothing is charged",
    ),
    Known(
        check="required_on_cancel_message_order_created_at",
        path="message.order.created_at",
        messages=said_in(("seller_cancel",), "on_cancel"),
        why="an order does not say when it was made",
    ),
)

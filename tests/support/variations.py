"""One field of real traffic missing or spelled in another way: the table of what counterparts vary.

``at`` is a path below the message's root, where ``[]`` is each element of a list; ``value`` is put there, DELETE takes
the field out, and a function makes the new value of the old. ``source`` is the section of the protocol reference that
calls the field optional or drifting. ``flow`` is the cheapest of the six flows in which it occurs; a few rows run in
the dearer ones, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Literal

from bpp.sandbox.moments import wire_time
from tests.support.conversation import moment
from tests.support.json_edit import DELETE
from tests.support.replay import Json, times_of

CANCEL, DONE, MOVE, VISIT = "buyer_cancel_flow", "completion_flow", "reschedule_flow", "consultation_flow"
AGAIN, GIVEN_UP = "schedule_reselection_flow", "seller_cancel_flow"
IST = timezone(timedelta(hours=5, minutes=30))

ORDER = "message.order"
INTENT = "message.intent"
STOP = f"{ORDER}.fulfillments[].stops[]"
ITEM = f"{ORDER}.items[]"
PAYMENT = f"{ORDER}.payments[]"
COUNT = f"{ITEM}.quantity.selected.count"
Then = Literal["", "rating", "track", "support"]
FEES = ("Buyer_finder_fee_type", "Buyer_finder_fee_amount")


@dataclass(frozen=True, kw_only=True)
class Variation:
    """A change, applied to the messages of ``actions``, or of every action where none is named."""

    name: str
    source: str
    change: Callable[[Json], int]
    """Edits a message in place; how many places it found."""
    actions: frozenset[str] = frozenset()
    flow: str = CANCEL
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    then: Then = ""
    """What follows the flow: a message that none of the six has."""

    def applies_to(self, message: Json) -> bool:
        """Whether a message is one of those that are changed."""
        return not self.actions or message["context"]["action"] in self.actions


def put(at: str, value: Any) -> Callable[[Json], int]:
    """A change of one place, or of each like it."""

    def change(message: Json) -> int:
        *path, last = at.replace("[]", ".[]").split(".")
        found = 0
        for holder in holders(message, path):
            keys = range(len(holder)) if last == "[]" else [last]
            for key in list(keys):
                found += _put(holder, key, value)
        return found

    return change


def both(*changes: Callable[[Json], int]) -> Callable[[Json], int]:
    """Several changes that make one form together."""
    return lambda message: sum(change(message) for change in changes)


def _put(holder: Any, key: Any, value: Any) -> int:
    there = isinstance(holder, list) or key in holder
    if value is DELETE:
        return int(there and holder.pop(key, None) is not None)
    if callable(value):
        if not there:
            return 0
        value = value(holder[key])
    holder[key] = value
    return 1


def holders(value: Any, path: list[str]) -> Iterator[Any]:
    """The objects or lists at a path."""
    if not path:
        yield value
    elif path[0] == "[]":
        for part in value:
            yield from holders(part, path[1:])
    elif path[0] in value:
        yield from holders(value[path[0]], path[1:])


def times(write: Callable[[datetime], str]) -> Callable[[Json], int]:
    """Every time of a message written in another way."""

    def change(message: Json) -> int:
        times_of(message, write)
        return 1

    return change


def fee_codes(kind: str, amount: str, /, **values: Any) -> Callable[[Json], int]:
    """The finder fee of a search or a payment under other codes, and with other values where some are given."""
    names = {FEES[0]: ("kind", kind), FEES[1]: ("amount", amount)}

    def change(message: Json) -> int:
        found = 0
        groups = [*message["message"].get("intent", {}).get("tags", ())]
        for payment in message["message"].get("order", {}).get("payments", ()):
            groups += payment.get("tags", ())
        for group in groups:
            for entry in group["list"]:
                meant, code = names.get(entry["descriptor"]["code"], ("", ""))
                if code:
                    entry["descriptor"]["code"] = code
                    entry["value"] = values.get(meant, entry["value"])
                    found += 1
        return found

    return change


def shifted(key: str, **step: float) -> Callable[[Json], int]:
    """The start or the end of the slot moved."""
    return put(f"{STOP}.time.range.{key}", lambda text: wire_time(moment(text) + timedelta(**step)))


def exchanged(gps: str) -> str:
    """``lon,lat``."""
    return ",".join(reversed(gps.split(",")))


def metres_away(gps: str) -> str:
    """The same quarter, most of a kilometre off: as far as between the search and the select of the real flows."""
    lat, lon = (float(part) for part in gps.split(","))
    return f"{lat + 0.006:.6f},{lon - 0.004:.6f}"


def first_with_the_rest_as_junk(payments: list[Any]) -> list[Any]:
    """A second element that says nothing."""
    return [*payments, {"params": {"transaction_id": "TXN-junk"}, "status": "NOT-PAID"}]


def of(
    source: str, actions: str = "", flow: str = CANCEL, then: Then = "", /, **changes: Callable[[Json], int]
) -> list[Variation]:
    """Rows of one section, each named by its keyword."""
    return [
        Variation(
            name=f"{actions.replace(' ', ',') or 'all'}: {name.replace('_', ' ')}",
            source=source,
            change=change,
            actions=frozenset(actions.split()),
            flow=flow,
            then=then,
        )
        for name, change in changes.items()
    ]


def inverted(range_: Json) -> Json:
    """An end five days before the start."""
    return {"start": range_["start"], "end": wire_time(moment(range_["start"]) - timedelta(days=5))}


def yesterdays(range_: Json) -> Json:
    """A range that has nothing to do with the selection, and runs backwards."""
    start = moment(range_["start"])
    return {"start": wire_time(start - timedelta(days=1)), "end": wire_time(start - timedelta(days=2))}


def rated(**said: Any) -> Callable[[Json], int]:
    """A rating of the same subject in other words."""
    return put("message.ratings[]", lambda one: {"id": one["id"], **said})


BARE: Json = {"type": "end"}

VARIATIONS: tuple[Variation, ...] = (
    # The context
    *of(
        "1.0 bap_uri",
        bap_uri_without_slash=put("context.bap_uri", lambda uri: uri.rstrip("/")),
        bpp_uri_with_slash=put("context.bpp_uri", lambda uri: f"{uri}/"),
        bpp_uri_missing=put("context.bpp_uri", DELETE),
    ),
    *of(
        "1.0 ttl",
        ttl_without_T=put("context.ttl", "P30S"),
        ttl_of_days_after_T=put("context.ttl", "PT5D"),
        ttl_of_a_day=put("context.ttl", "P1D"),
        ttl_of_minutes=put("context.ttl", "PT10M"),
        ttl_missing=put("context.ttl", DELETE),
        ttl_empty=put("context.ttl", ""),
        ttl_null=put("context.ttl", lambda _: None),
    ),
    *of(
        "1.0 message_id",
        message_id_that_is_no_UUID=put("context.message_id", lambda old: f"h463nwj-{old[-12:]}"),
        message_id_of_digits=put("context.message_id", lambda old: f"17552812{old[-12:]}"),
    ),
    *of(
        "2 message_id; 7 an update with the confirm's id",
        "confirm update",
        MOVE,
        one_message_id_for_both=put("context.message_id", lambda _: "the-same-for-both"),
    ),
    *of("1.0 context", transaction_id_that_is_no_UUID=put("context.transaction_id", lambda old: f"T/{old[-12:]} #1")),
    *of(
        "1.0 timestamps",
        times_without_milliseconds=times(lambda when: when.strftime("%Y-%m-%dT%H:%M:%SZ")),
        times_with_microseconds=times(lambda when: when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
        times_in_India=times(lambda when: when.astimezone(IST).isoformat(timespec="milliseconds")),
        times_in_India_without_milliseconds=times(lambda when: when.astimezone(IST).isoformat(timespec="seconds")),
        times_with_an_offset_of_zero=times(lambda when: when.isoformat(timespec="milliseconds")),
    ),
    *of(
        "1.0 context; 5.3",
        location_missing=put("context.location", DELETE),
        location_empty=put("context.location", lambda _: {}),
        city_missing=put("context.location.city", DELETE),
        country_missing=put("context.location.country", DELETE),
        city_with_a_name=put("context.location.city.name", "Lucknow"),
        city_of_another_place=put("context.location.city.code", "std:080"),
        city_anywhere=put("context.location.city.code", "*"),
        unknown_keys_in_the_context=put("context.core_version", "2.0.0"),
    ),
    # Places, amounts, counts
    *of(
        "1.0 gps",
        gps_after_a_space=put(f"{STOP}.location.gps", lambda gps: gps.replace(",", ", ")),
        gps_of_five_decimals=put(f"{STOP}.location.gps", lambda gps: ",".join(p[:-1] for p in gps.split(","))),
        gps_with_trailing_zeros=put(f"{STOP}.location.gps", lambda gps: ",".join(f"{p}000" for p in gps.split(","))),
        gps_exchanged=put(f"{STOP}.location.gps", exchanged),
    ),
    *of(
        "1.0 gps",
        "search",
        gps_exchanged=put(f"{INTENT}.fulfillment.stops[].location.gps", exchanged),
        gps_after_a_space=put(f"{INTENT}.fulfillment.stops[].location.gps", lambda gps: gps.replace(",", " , ")),
    ),
    *of("1.0 gps", "init confirm", gps_written_anew=put(f"{STOP}.location.gps", lambda gps: f"{gps}1")),
    *of(
        "1.0 money",
        "confirm",
        amounts_as_numbers=both(
            put(f"{PAYMENT}.params.amount", float), put(f"{ORDER}.quote.price.value", lambda text: int(float(text)))
        ),
        amounts_of_one_decimal=both(
            put(f"{PAYMENT}.params.amount", lambda text: text[:-1]),
            put(f"{ORDER}.quote.price.value", lambda text: text[:-1]),
        ),
        amounts_in_whole_rupees=both(
            put(f"{PAYMENT}.params.amount", lambda text: text.partition(".")[0]),
            put(f"{ORDER}.quote.price.value", lambda text: text.partition(".")[0]),
        ),
        amounts_of_three_decimals=put(f"{PAYMENT}.params.amount", lambda text: f"{text}0"),
        lines_with_a_negative_zero=put(f"{ORDER}.quote.breakup[].price.value", "-0.00"),
    ),
    *of(
        "1.0 counts",
        count_as_text=put(COUNT, "1"),
        count_missing=put(COUNT, DELETE),
        selected_missing=put(f"{ITEM}.quantity.selected", DELETE),
        quantity_missing=put(f"{ITEM}.quantity", DELETE),
    ),
    # Words and codes
    *of(
        "1.0 order.status",
        "confirm",
        status_in_title_case=put(f"{ORDER}.status", "Created"),
        status_in_small_letters=put(f"{ORDER}.status", "created"),
        status_of_the_answer=put(f"{ORDER}.status", "ACCEPTED"),
        status_of_the_core_schema=put(f"{ORDER}.status", "ACTIVE"),
        status_missing=put(f"{ORDER}.status", DELETE),
    ),
    *of(
        "1.0 fulfillment.state.code",
        "update",
        MOVE,
        state_in_capitals=put(f"{ORDER}.fulfillments[].state.descriptor.code", "PENDING"),
        state_of_retail=put(f"{ORDER}.fulfillments[].state.descriptor.code", "Packed"),
        state_missing=put(f"{ORDER}.fulfillments[].state", DELETE),
    ),
    *of(
        "1.0 finder fee",
        fee_without_prefix=fee_codes("finder_fee_type", "finder_fee_amount"),
        fee_as_we_write_it=fee_codes("Buyer_Finder_Fee_Type", "Buyer_Finder_Fee_Amount"),
        fee_in_capitals=fee_codes("BUYER_FINDER_FEE_TYPE", "BUYER_FINDER_FEE_AMOUNT"),
        fee_as_percentage=fee_codes(*FEES, kind="percentage"),
        fee_as_a_number=fee_codes(*FEES, amount=3),
        fee_of_rupees=fee_codes(*FEES, kind="amount", amount="15"),
        fee_that_cannot_be_read=fee_codes(*FEES, kind="share", amount="some"),
    ),
    *of(
        "1.0 category ids",
        "search",
        category_wildcard=put(f"{INTENT}.category", {"id": "SRV11-*"}),
        category_code_for_id=put(f"{INTENT}.category", {"code": "SRV11-1030"}),
        category_in_hexadecimal=put(f"{INTENT}.category", {"id": "SRV11-101E"}),
        category_in_small_letters=put(f"{INTENT}.category", {"id": "srv11-1030"}),
        category_of_the_item=put(f"{INTENT}.item", {"category": {"id": "SRV11-1030"}}),
        category_code_of_the_item=put(f"{INTENT}.item", {"category": {"code": "SRV11-101E"}}),
        categories_of_the_item=put(f"{INTENT}.item", {"category_ids": ["SRV11-1030", "SRV11-*"]}),
        category_empty=put(f"{INTENT}.category", {"id": ""}),
        category_without_id=put(f"{INTENT}.category", {}),
    ),
    *of(
        "1.0 category ids",
        "select init confirm",
        wildcard_as_an_items_category=put(f"{ITEM}.category_ids", ["SRV11-*"]),
        hexadecimal_category_of_an_item=put(f"{ITEM}.category_ids", ["SRV11-101E"]),
        dummy_category_of_an_item=put(f"{ITEM}.category_ids", ["SRV11-xxxx"]),
        no_categories_of_an_item=put(f"{ITEM}.category_ids", []),
    ),
    *of(
        "1.0 location ids",
        "select init confirm",
        location_L1=put(f"{ORDER}.provider.locations[].id", "L1"),
        location_of_a_random_id=put(f"{ORDER}.provider.locations[].id", "5b2bb1a3-4a8b-4a76-9d7a-0f0f61a7c3f1"),
        location_of_digits=put(f"{ORDER}.provider.locations[].id", "87"),
        locations_missing=put(f"{ORDER}.provider.locations", DELETE),
        locations_empty=put(f"{ORDER}.provider.locations", []),
        location_without_id=put(f"{ORDER}.provider.locations", [{}]),
    ),
    *of("1.0 location ids", "init", location_other_than_selected=put(f"{ORDER}.provider.locations[].id", "87")),
    *of("1.3; 7", "select", location_ids_missing=put(f"{ITEM}.location_ids", DELETE)),
    *of(
        "1.0 unknown extra keys",
        quote_with_an_id=put(f"{ORDER}.quote.id", "Q-of-the-buyer-app"),
        form_data=put(f"{ORDER}.xinput", {"form": {"url": "https://a.example/f", "data": {"a": ["b", 1, True]}}}),
        unknown_keys_beside_the_message=put("message.x-extra", {"any": [1, {"deep": "text"}]}),
        unknown_keys_in_the_order=put(f"{ORDER}.x-extra", {"any": [1, {"deep": "text"}]}),
        unknown_keys_in_the_items=put(f"{ITEM}.x-extra", "text"),
    ),
    # search
    *of(
        "1.1",
        "search",
        tags_missing=put(f"{INTENT}.tags", DELETE),
        tags_empty=put(f"{INTENT}.tags", []),
        payment_missing=put(f"{INTENT}.payment", DELETE),
        payment_of_the_seller=put(f"{INTENT}.payment", {"type": "ON-FULFILLMENT", "collected_by": "BPP"}),
        fulfillments_in_a_list=lambda message: both(
            put(f"{INTENT}.fulfillments", [message["message"]["intent"]["fulfillment"]]),
            put(f"{INTENT}.fulfillment", DELETE),
        )(message),
        fulfillment_missing=put(f"{INTENT}.fulfillment", DELETE),
        fulfillment_without_type=put(f"{INTENT}.fulfillment.type", DELETE),
        stop_without_type=put(f"{INTENT}.fulfillment.stops[].type", DELETE),
        tracking_said=put(f"{INTENT}.fulfillment", lambda one: {**one, "tracking": False}),
        pincode_missing=put(f"{INTENT}.fulfillment.stops[].location.area_code", DELETE),
        coordinates_missing=put(f"{INTENT}.fulfillment.stops[].location.gps", DELETE),
        item_by_name=put(f"{INTENT}.item", {"descriptor": {"name": "FAN Repair"}}),
        item_without_name=put(f"{INTENT}.item", {"descriptor": {"name": ""}}),
        item_empty=put(f"{INTENT}.item", {}),
        recipient_named=both(put("context.bpp_id", "bpp.sandbox.example"), put("context.bpp_uri", "http://a.example")),
        recipient_empty=both(put("context.bpp_id", ""), put("context.bpp_uri", lambda uri: uri)),
        time_with_days=put(
            f"{INTENT}.fulfillment.stops[].time",
            {
                "label": "selected",
                "range": {"start": "2026-11-23T03:30:00.000Z", "end": "2026-12-30T12:30:00Z"},
                "days": "4",
            },
        ),
    ),
    # select
    *of(
        "1.3",
        "select",
        quantity_of_the_provider=both(
            put(f"{ORDER}.provider.quantity", {"selected": {"count": 1}}), put(f"{ITEM}.quantity", DELETE)
        ),
        quantity_in_both_places=put(f"{ORDER}.provider.quantity", {"selected": {"count": 1}}),
        parent_empty=put(f"{ITEM}.parent_item_id", ""),
        parent_that_we_do_not_have=put(f"{ITEM}.parent_item_id", "PI1"),
        tags_missing=put(f"{ORDER}.fulfillments[].tags", DELETE),
        tracking_said=put(f"{ORDER}.fulfillments[]", lambda one: {**one, "tracking": False}),
        payments_missing=put(f"{ORDER}.payments", DELETE),
        payments_empty=put(f"{ORDER}.payments", []),
        payment_with_collector=put(f"{PAYMENT}.collected_by", "BAP"),
        type_missing=put(f"{ORDER}.fulfillments[].type", DELETE),
        type_of_retail=put(f"{ORDER}.fulfillments[].type", "Buyer-Fulfilled"),
        stop_without_type=put(f"{STOP}.type", DELETE),
        stop_of_the_worker_first=put(
            f"{ORDER}.fulfillments[].stops", lambda stops: [{"type": "start", "location": {"gps": "26.8,80.9"}}, *stops]
        ),
        label_missing=put(f"{STOP}.time.label", DELETE),
        days_missing=put(f"{STOP}.time.days", DELETE),
        days_wrong=put(f"{STOP}.time.days", "9"),
        days_as_a_number=put(f"{STOP}.time.days", 4),
        days_with_leading_zeros=put(f"{STOP}.time.days", "01,02"),
        days_in_a_list=put(f"{STOP}.time.days", ["4"]),
        end_missing=put(f"{STOP}.time.range.end", DELETE),
        end_empty=put(f"{STOP}.time.range.end", ""),
        end_before_the_start=put(f"{STOP}.time.range", inverted),
        end_at_the_start=put(f"{STOP}.time.range", lambda one: {**one, "end": one["start"]}),
        end_an_hour_later=shifted("end", hours=1),
        start_with_the_sellers_seconds=shifted("start", seconds=11, milliseconds=613),
        pincode_missing=put(f"{STOP}.location.area_code", DELETE),
        place_with_an_address=put(f"{STOP}.location.address", "House 2"),
        terms_echoed=put(f"{ORDER}.cancellation_terms", [{"fulfillment_state": {"descriptor": {"code": "Pending"}}}]),
    ),
    *of(
        "1.3 select's place differs from search's",
        "select init confirm",
        another_place_nearby=put(f"{STOP}.location.gps", metres_away),
    ),
    # init
    *of(
        "1.5",
        "init",
        fulfillments_empty=put(f"{ORDER}.fulfillments", []),
        fulfillments_missing=put(f"{ORDER}.fulfillments", DELETE),
        fulfillment_without_stops=put(f"{ORDER}.fulfillments[].stops", []),
        fulfillment_without_id=put(f"{ORDER}.fulfillments[].id", DELETE),
        fulfillment_of_another_id=put(f"{ORDER}.fulfillments[].id", "F1"),
        fulfillment_without_type=put(f"{ORDER}.fulfillments[].type", DELETE),
        stop_without_type=put(f"{STOP}.type", DELETE),
        tax_id_empty=put(f"{ORDER}.billing.tax_id", ""),
        tax_id_missing=put(f"{ORDER}.billing.tax_id", DELETE),
        tax_id_null=put(f"{ORDER}.billing.tax_id", lambda _: None),
        email_empty=put(f"{ORDER}.billing.email", ""),
        email_missing=put(f"{ORDER}.billing.email", DELETE),
        emails_empty_everywhere=both(
            put(f"{ORDER}.billing.email", ""), put(f"{STOP}.contact", lambda one: {"phone": one["phone"], "email": ""})
        ),
        state_by_number=put(f"{ORDER}.billing.state", {"name": "12"}),
        state_missing=put(f"{ORDER}.billing.state", DELETE),
        city_missing=put(f"{ORDER}.billing.city", DELETE),
        address_missing=put(f"{ORDER}.billing.address", DELETE),
        name_missing=put(f"{ORDER}.billing.name", DELETE),
        time_missing=put(f"{STOP}.time", DELETE),
        slot_of_yesterday=put(f"{STOP}.time.range", yesterdays),
        contact_missing=put(f"{STOP}.contact", DELETE),
        pincode_missing=put(f"{STOP}.location.area_code", DELETE),
        place_missing=put(f"{STOP}.location", DELETE),
        payments_missing=put(f"{ORDER}.payments", DELETE),
        payment_without_collector=put(f"{PAYMENT}.collected_by", DELETE),
        items_with_places_and_categories=both(
            put(f"{ITEM}.location_ids", ["L1"]), put(f"{ITEM}.category_ids", ["SRV11-*"])
        ),
        items_without_fulfillment=put(f"{ITEM}.fulfillment_ids", DELETE),
        items_of_another_fulfillment=put(f"{ITEM}.fulfillment_ids", ["F1"]),
    ),
    # confirm
    *of(
        "1.6",
        "confirm",
        id_missing=put(f"{ORDER}.id", DELETE),
        slot_of_yesterday_and_backwards=put(f"{STOP}.time.range", yesterdays),
        time_missing=put(f"{STOP}.time", DELETE),
        stops_missing=put(f"{ORDER}.fulfillments[].stops", []),
        fulfillments_missing=put(f"{ORDER}.fulfillments", DELETE),
        fulfillments_empty=put(f"{ORDER}.fulfillments", []),
        customer_person=put(f"{STOP}.customer", {"person": {"name": "Buyer"}}),
        person=put(f"{STOP}.person", {"name": "Buyer"}),
        worker_first=put(
            f"{ORDER}.fulfillments[].stops", lambda stops: [{"type": "start", "person": {"name": "Worker"}}, *stops]
        ),
        two_starts=put(
            f"{ORDER}.fulfillments[].stops",
            lambda stops: [*stops, {"type": "start"}, {"type": "start", "instructions": {"name": "Bring tools"}}],
        ),
        billing_missing=put(f"{ORDER}.billing", DELETE),
        quote_missing=put(f"{ORDER}.quote", DELETE),
        breakup_missing=put(f"{ORDER}.quote.breakup", DELETE),
        ttl_of_the_quote=put(f"{ORDER}.quote.ttl", "PT5D"),
        terms_missing=put(f"{ORDER}.cancellation_terms", DELETE),
        created_at_missing=put(f"{ORDER}.created_at", DELETE),
        updated_at_missing=put(f"{ORDER}.updated_at", DELETE),
        created_at_long_ago=put(f"{ORDER}.created_at", "2023-02-03T08:00:00.000Z"),
        form_submitted=put(
            f"{ORDER}.xinput", {"form": {"url": "https://a.example/f", "submission_id": "S"}, "status": "SUCCESS"}
        ),
        payment_of_another_id=put(f"{PAYMENT}.id", "686d14884201b3201ab38f03P"),
        payment_without_id=put(f"{PAYMENT}.id", DELETE),
        payment_without_tags=put(f"{PAYMENT}.tags", DELETE),
        payment_without_amount=put(f"{PAYMENT}.params.amount", DELETE),
        payment_without_collector=put(f"{PAYMENT}.collected_by", DELETE),
        not_paid_with_an_empty_transaction=both(
            put(f"{PAYMENT}.status", "NOT-PAID"), put(f"{PAYMENT}.params.transaction_id", "")
        ),
        not_paid_without_a_transaction=both(
            put(f"{PAYMENT}.status", "NOT-PAID"), put(f"{PAYMENT}.params.transaction_id", DELETE)
        ),
        not_paid_without_params=both(put(f"{PAYMENT}.status", "NOT-PAID"), put(f"{PAYMENT}.params", DELETE)),
        payment_without_status=both(put(f"{PAYMENT}.status", DELETE), put(f"{PAYMENT}.params.transaction_id", DELETE)),
        items_with_categories=put(f"{ITEM}.category_ids", ["SRV11-*"]),
        items_without_fulfillment=put(f"{ITEM}.fulfillment_ids", DELETE),
    ),
    *of("7 a second, junk payment", "confirm", junk_payment=put(f"{ORDER}.payments", first_with_the_rest_as_junk)),
    # cancel
    *of(
        "1.8",
        "cancel",
        reason_in_words=put("message.cancellation_reason_id", "cancel"),
        reason_of_the_example=put("message.cancellation_reason_id", "012"),
        reason_of_two_digits=put("message.cancellation_reason_id", "01"),
        reason_unknown=put("message.cancellation_reason_id", "I have changed my mind"),
        reason_in_the_descriptor=both(
            put("message.descriptor", {"code": "002", "short_desc": "Not needed"}),
            put("message.cancellation_reason_id", DELETE),
        ),
        reason_empty_but_in_the_descriptor=both(
            put("message.descriptor", {"code": "002"}), put("message.cancellation_reason_id", "")
        ),
    ),
    # update
    *of(
        "1.9 update_target; 4.35",
        "update",
        MOVE,
        target_as_a_word=put("message.update_target", "fulfillments"),
        target_as_a_path=put("message.update_target", "message.order.fulfillments"),
        target_below_the_order=put("message.update_target", ["order.fulfillments"]),
        target_in_a_list=put("message.update_target", ["fulfillments"]),
        target_with_an_index=put("message.update_target", "order.fulfillments[0].stops"),
        target_before_a_comma=put("message.update_target", "fulfillments,"),
    ),
    *of(
        "1.9",
        "update",
        MOVE,
        range_backwards=put(f"{STOP}.time.range", inverted),
        end_missing=put(f"{STOP}.time.range.end", DELETE),
        days_missing=put(f"{STOP}.time.days", DELETE),
        label_missing=put(f"{STOP}.time.label", DELETE),
        fulfillment_without_id=put(f"{ORDER}.fulfillments[].id", DELETE),
        only_the_end_stop=put(f"{ORDER}.fulfillments[].stops", lambda stops: [s for s in stops if s["type"] == "end"]),
        end_stop_first=put(f"{ORDER}.fulfillments[].stops", lambda stops: list(reversed(stops))),
        nothing_but_the_fulfillment=put(ORDER, lambda order: {key: order[key] for key in ("id", "fulfillments")}),
        status_missing=put(f"{ORDER}.status", DELETE),
        payments_of_another_amount=put(f"{PAYMENT}.params.amount", "1.00"),
    ),
    *of(
        "1.9 update_target; 4.35",
        "update",
        VISIT,
        target_as_a_word=put("message.update_target", "payments"),
        target_below_the_order=put("message.update_target", "order.payments"),
    ),
    *of(
        "1.9; 1.5 payments.id",
        "update",
        VISIT,
        payments_of_other_ids=put(f"{PAYMENT}.id", lambda old: old.replace("-", "")),
        payments_without_ids=put(f"{PAYMENT}.id", DELETE),
        only_the_new_payment=put(f"{ORDER}.payments", lambda payments: payments[1:]),
        amounts_as_numbers=put(f"{PAYMENT}.params.amount", float),
        amounts_missing=put(f"{PAYMENT}.params.amount", DELETE),
        types_missing=put(f"{PAYMENT}.type", DELETE),
        status_in_title_case=put(f"{ORDER}.status", "Accepted"),
        status_missing=put(f"{ORDER}.status", DELETE),
        quote_missing=put(f"{ORDER}.quote", DELETE),
        nothing_but_the_payments=put(ORDER, lambda order: {key: order[key] for key in ("id", "payments")}),
    ),
    # A select that is rejected, and another one
    *of(
        "1.3; 3",
        "select",
        AGAIN,
        end_missing=put(f"{STOP}.time.range.end", DELETE),
        end_before_the_start=put(f"{STOP}.time.range", inverted),
        end_at_the_start=put(f"{STOP}.time.range", lambda one: {**one, "end": one["start"]}),
        start_with_the_sellers_seconds=shifted("start", seconds=11, milliseconds=613),
        start_in_India=put(f"{STOP}.time.range.start", lambda text: moment(text).astimezone(IST).isoformat()),
        label_missing=put(f"{STOP}.time.label", DELETE),
        days_wrong=put(f"{STOP}.time.days", "9"),
    ),
    *of(
        "1.5; 1.6",
        "init confirm",
        AGAIN,
        slot_of_yesterday_and_backwards=put(f"{STOP}.time.range", yesterdays),
        time_missing=put(f"{STOP}.time", DELETE),
        fulfillments_empty=put(f"{ORDER}.fulfillments", []),
    ),
    # An order that the seller gives up
    *of(
        "1.6; 1.8",
        "confirm",
        GIVEN_UP,
        id_missing=put(f"{ORDER}.id", DELETE),
        status_in_title_case=put(f"{ORDER}.status", "Created"),
        created_at_long_ago=put(f"{ORDER}.created_at", "2023-02-03T08:00:00.000Z"),
        slot_of_yesterday_and_backwards=put(f"{STOP}.time.range", yesterdays),
        payment_of_another_id=put(f"{PAYMENT}.id", "686d14884201b3201ab38f03P"),
        not_paid_with_an_empty_transaction=both(
            put(f"{PAYMENT}.status", "NOT-PAID"), put(f"{PAYMENT}.params.transaction_id", "")
        ),
        junk_payment=put(f"{ORDER}.payments", first_with_the_rest_as_junk),
    ),
    # rating, track, support
    *of(
        "1.10; 4.38",
        "rating",
        DONE,
        "rating",
        the_key_of_the_schema=rated(rating_category="Item", value="4"),
        the_key_of_a_buyer_app=rated(ratingCategory="item", value="5"),
        a_number_as_value=rated(rating_category="ITEM", value=4),
    ),
    *of(
        "1.10",
        "track",
        CANCEL,
        "track",
        callback_url=put("message.callback_url", "https://buyer.sandbox.example/ondc/on_track"),
        callback_url_of_another_host=put("message.callback_url", "https://tracking.example/hook?order=1"),
        callback_url_empty=put("message.callback_url", ""),
        callback_url_null=put("message.callback_url", None),
    ),
    *of(
        "1.10",
        "support",
        CANCEL,
        "support",
        ref_id_of_the_item=put("message.support.ref_id", "GOMTI-TAP"),
        ref_id_of_nothing=put("message.support.ref_id", "5b2bb1a3-4a8b-4a76-9d7a-0f0f61a7c3f1"),
        ref_id_empty=put("message.support.ref_id", ""),
        ref_id_missing=put("message.support.ref_id", DELETE),
        ref_id_null=put("message.support.ref_id", lambda _: None),
        number_to_call_back=put("message.support.callback_phone", "9800000000"),
        number_with_a_prefix=put("message.support.callback_phone", "+91 98000 00000"),
        every_key=put(
            "message.support",
            lambda one: {**one, "callback_phone": "", "phone": "", "email": "", "url": "https://a.example/help"},
        ),
    ),
    # How it comes
    Variation(name="a query", source="7", change=lambda _: 1, query="?scenario=service-completion"),
    Variation(name="an empty header", source="7", change=lambda _: 1, headers={"environment": ""}),
)
"""Everything that the protocol reference calls optional or drifting, one at a time."""

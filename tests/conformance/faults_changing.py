"""Faults of rescheduling, quotations and cancellation."""

from __future__ import annotations

from tests.conformance.faults_visits import asked, refuses
from tests.conformance.faulty_seller import Json, Story
from tests.conformance.planted import Changes, Planted, in_state, says
from tests.support.json_edit import DELETE, edited

_ORDER = "message.order"
_VISIT = f"{_ORDER}.fulfillments[0]"
_REASON = f"{_ORDER}.cancellation.reason.descriptor.code"


def _base_items(document: Json) -> list[Json]:
    return [item for one in document["message"]["catalog"]["providers"] for item in one["items"] if "time" in item]


def _fee_in_terms(document: Json, story: Story) -> Json:
    for item in _base_items(document):
        for group in item["tags"]:
            for entry in group["list"] if group["descriptor"]["code"] == "reschedule_terms" else ():
                if entry["descriptor"]["code"] == "reschedule_fee":
                    entry["value"] = "100.00"
    return document


def _booked(story: Story) -> set[str]:
    made = [one for one in story.callbacks if one["context"]["action"] == "on_confirm"]
    visits = [one["message"]["order"]["fulfillments"][0] for one in made]
    return {stop["time"]["range"]["start"] for visit in visits for stop in visit["stops"] if stop["type"] == "end"}


def _never_free_again(document: Json, story: Story) -> Json:
    for item in _base_items(document):
        times = item["time"]["schedule"]["times"]
        item["time"]["schedule"]["times"] = [one for one in times if one not in _booked(story)]
    return document


def _still_offered(document: Json, story: Story) -> Json:
    for item in _base_items(document):
        times = item["time"]["schedule"]["times"]
        item["time"]["schedule"]["times"] = sorted({*times, *_booked(story)})
    return document


def _quote_untouched(document: Json, story: Story) -> Json:
    quote = story.callback("on_confirm")["message"]["order"]["quote"]
    changed: Json = edited(document, f"{_ORDER}.quote.breakup", quote["breakup"])
    return changed


def _waits(document: Json) -> bool:
    return bool(document["message"]["order"]["status"] == "PENDING")


def _answers_quote(document: Json) -> bool:
    return not _waits(document)


def _is_cancelled(document: Json) -> bool:
    return bool(document["message"]["order"]["status"] == "CANCELLED")


PLANTED: tuple[Planted, ...] = (
    Planted(
        name="not confirmed",
        check="moved_as_wanted",
        seller=Changes("on_update", says(f"{_VISIT}.stops[1].time.label", "selected")),
        scenario="reschedule",
    ),
    Planted(
        name="moved to the past",
        check="moved_ahead",
        seller=Changes("on_update", says(f"{_VISIT}.stops[1].time.range.start", "2026-11-20T04:30:00.000Z")),
        scenario="reschedule",
    ),
    Planted(
        name="another day than wanted",
        check="moved_as_wanted",
        seller=Changes("on_update", says(f"{_VISIT}.stops[1].time.range.start", "2026-11-23T04:30:00.000Z")),
        scenario="reschedule",
    ),
    Planted(
        name="count of the copy",
        check="move_keeps_the_rest",
        seller=Changes("on_update", says(f"{_ORDER}.items[0].quantity.selected.count", 7)),
        scenario="reschedule_refused",
    ),
    Planted(
        name="amount of the copy",
        check="move_keeps_the_rest",
        seller=Changes("on_update", says(f"{_ORDER}.payments[0].params.amount", "1.00")),
        scenario="reschedule_refused",
    ),
    Planted(
        name="fee of the terms not charged",
        check="reschedule_fee",
        seller=Changes("on_search", _fee_in_terms),
        scenario="reschedule",
    ),
    Planted(
        name="fee that no terms name",
        check="reschedule_fee",
        seller=Changes("on_update", says(f"{_ORDER}.quote.price.value", "999.00")),
        scenario="reschedule",
    ),
    Planted(
        name="anything moved",
        check="move_refused",
        seller=Changes("on_update", says("error", DELETE), where=refuses),
        scenario="reschedule_refused",
    ),
    Planted(
        name="moved by itself",
        check="slot_kept",
        seller=Changes(
            "on_status",
            says(f"{_VISIT}.stops[1].time.range.start", "2026-11-24T04:30:00.000Z"),
            where=in_state("In-Transit"),
        ),
    ),
    Planted(
        name="moved by a payment",
        check="slot_kept",
        seller=Changes("on_update", asked(says(f"{_VISIT}.stops[1].time.range.start", "2026-11-24T04:30:00.000Z"))),
        scenario="quotation_and_time",
    ),
    Planted(
        name="moved by what was refused",
        check="slot_kept",
        seller=Changes(
            "on_update", says(f"{_VISIT}.stops[1].time.range.start", "2026-11-24T04:30:00.000Z"), where=refuses
        ),
        scenario="reschedule_refused",
    ),
    Planted(
        name="time lost",
        check="time_free_again",
        seller=Changes("on_search", _never_free_again),
        scenario="freed_times",
    ),
    Planted(
        name="time sold twice",
        check="time_taken",
        seller=Changes("on_search", _still_offered),
        scenario="freed_times",
    ),
    Planted(
        name="taken before the word",
        check="quotation_pending",
        seller=Changes("on_update", says(f"{_ORDER}.status", "ACCEPTED"), where=_waits),
        scenario="consultation_refused",
    ),
    Planted(
        name="agreed line gone",
        check="quotation_keeps_lines",
        seller=Changes("on_update", says(f"{_ORDER}.quote.breakup[0]", DELETE), where=_waits),
        scenario="consultation_refused",
    ),
    Planted(
        name="paid before the word",
        check="quotation_payments",
        seller=Changes("on_update", says(f"{_ORDER}.payments[1].status", "PAID"), where=_waits),
        scenario="consultation_refused",
    ),
    Planted(
        name="one payment of all",
        check="quotation_payments",
        seller=Changes("on_update", says(f"{_ORDER}.payments[1]", DELETE), where=_waits),
        scenario="consultation_refused",
    ),
    Planted(
        name="no payment of its own",
        check="quotation_items",
        seller=Changes("on_update", says(f"{_ORDER}.items[1].payment_ids", DELETE), where=_waits),
        scenario="consultation_refused",
    ),
    Planted(
        name="no item of its own",
        check="line_item",
        seller=Changes("on_update", says(f"{_ORDER}.items[1]", DELETE), where=_waits),
        scenario="consultation_refused",
    ),
    Planted(
        name="word not heard",
        check="quotation_answered",
        seller=Changes("on_update", says(f"{_ORDER}.status", "PENDING"), where=_answers_quote),
        scenario="consultation_refused",
    ),
    Planted(
        name="payment forgotten",
        check="quotation_taken",
        seller=Changes("on_status", says(f"{_ORDER}.payments[1].status", "NOT-PAID")),
        scenario="quotation_and_time",
    ),
    Planted(
        name="dearer all the same",
        check="quotation_refused",
        seller=Changes("on_update", says(f"{_ORDER}.quote.price.value", "9099.00"), where=_answers_quote),
        scenario="consultation_refused",
    ),
    Planted(
        name="visit still to come",
        check="visits_cancelled",
        seller=Changes("on_cancel", says(f"{_VISIT}.state.descriptor.code", "Pending")),
        scenario="buyer_cancel",
    ),
    Planted(
        name="seller for buyer",
        check="cancelled_by",
        seller=Changes("on_cancel", says(f"{_ORDER}.cancellation.cancelled_by", "PRODUCER")),
        scenario="buyer_cancel",
    ),
    Planted(
        name="buyer for seller",
        check="cancelled_by",
        seller=Changes("on_cancel", says(f"{_ORDER}.cancellation.cancelled_by", "CONSUMER")),
        scenario="seller_cancel",
    ),
    Planted(
        name="another reason",
        check="cancel_reason_told",
        seller=Changes("on_cancel", says(_REASON, "005")),
        scenario="buyer_cancel",
    ),
    Planted(
        name="fee of the terms not kept",
        check="cancel_fee",
        seller=Changes("on_cancel", says(f"{_ORDER}.quote.price.value", "0.00")),
        scenario="cancel_under_way",
    ),
    Planted(
        name="fee that no terms name",
        check="cancel_fee",
        seller=Changes("on_cancel", says(f"{_ORDER}.quote.price.value", "20.00")),
        scenario="buyer_cancel",
        domain="ONDC:SRV12",
    ),
    Planted(
        name="quote untouched",
        check="refund_lines",
        seller=Changes("on_cancel", _quote_untouched),
        scenario="seller_cancel",
    ),
    Planted(
        name="lines gone",
        check="refund_lines",
        seller=Changes("on_cancel", says(f"{_ORDER}.quote.breakup[0]", DELETE)),
        scenario="buyer_cancel",
    ),
    Planted(
        name="payment undone",
        check="cancel_keeps_payments",
        seller=Changes("on_cancel", says(f"{_ORDER}.payments[0].status", "NOT-PAID")),
        scenario="buyer_cancel",
    ),
    Planted(
        name="reason unknown",
        check="cancel_reason_accepted",
        seller=Changes("on_cancel", says("error", {"code": "30012", "message": "unknown reason"})),
        scenario="cancel_reasons",
    ),
    Planted(
        name="no reason wanted",
        check="cancel_reason_wanted",
        seller=Changes("on_cancel", says("error", DELETE), where=refuses),
        scenario="cancel_reasons",
    ),
    Planted(
        name="cancelled after the end",
        check="cancel_over_refused",
        seller=Changes("on_cancel", says("error", DELETE), where=refuses),
        scenario="cancel_under_way",
    ),
    Planted(
        name="refunded again",
        check="refund_once",
        seller=Changes("on_cancel", says(f"{_ORDER}.quote.breakup[2].price.value", "-500.00"), where=refuses),
        scenario="cancel_under_way",
    ),
    Planted(
        name="goes on",
        check="nothing_after_cancel",
        seller=Changes("on_status", says(f"{_ORDER}.status", "IN-PROGRESS"), where=_is_cancelled),
        scenario="cancel_under_way",
    ),
    Planted(
        name="term of a shop",
        check="shape_enum",
        seller=Changes(
            "on_init",
            says(f"{_ORDER}.cancellation_terms[1].fulfillment_state.descriptor.code", "Out-For-Delivery"),
        ),
    ),
)

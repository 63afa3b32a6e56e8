"""Faults of times and states in orders, as the rules of beckn_schemas find them."""

from __future__ import annotations

from tests.conformance.faults_visits import PAST, has_token, refuses
from tests.conformance.planted import Changes, Planted, in_state, says
from tests.support.json_edit import DELETE

FUTURE = "2030-01-01T00:00:00.000Z"
_ORDER = "message.order"
_VISIT = f"{_ORDER}.fulfillments[0]"
_STATE = f"{_VISIT}.state.descriptor.code"
_LEAVES, _COMES = f"{_VISIT}.stops[0]", f"{_VISIT}.stops[1]"
_COMES_FIRST = _LEAVES
"""In an on_select, where nobody is named yet, the customer's stop is the only one."""
_DEPARTED = in_state("In-Transit")

PLANTED: tuple[Planted, ...] = (
    Planted(
        name="updated tomorrow",
        check="order_times",
        seller=Changes("on_status", says(f"{_ORDER}.updated_at", FUTURE), where=_DEPARTED),
    ),
    Planted(
        name="nowhere to go", check="customer_stop", seller=Changes("on_status", says(_COMES, DELETE), where=_DEPARTED)
    ),
    Planted(
        name="nobody named",
        check="worker_stop",
        seller=Changes("on_status", says(f"{_LEAVES}.person", DELETE), where=_DEPARTED),
    ),
    Planted(
        name="ends before it begins",
        check="slot_range",
        seller=Changes("on_status", says(f"{_COMES}.time.range.end", PAST), where=_DEPARTED),
    ),
    Planted(
        name="two times",
        check="one_slot",
        seller=Changes("on_status", says(f"{_LEAVES}.time.range.end", FUTURE), where=_DEPARTED),
    ),
    Planted(
        name="another weekday", check="slot_day", seller=Changes("on_select", says(f"{_COMES_FIRST}.time.days", "7"))
    ),
    Planted(
        name="not confirmed",
        check="slot_label",
        seller=Changes("on_status", says(f"{_COMES}.time.label", "selected"), where=_DEPARTED),
    ),
    Planted(
        name="no other times",
        check="alternatives",
        seller=Changes("on_update", says(f"{_ORDER}.items[0].time", DELETE), where=refuses),
        scenario="reschedule_refused",
    ),
    Planted(
        name="time in the past",
        check="slot_future",
        seller=Changes("on_select", says(f"{_COMES_FIRST}.time.range.start", PAST)),
    ),
    Planted(
        name="not served", check="serviceability_state", seller=Changes("on_select", says(_STATE, "Non-serviceable"))
    ),
    Planted(
        name="in progress at once",
        check="confirmed",
        seller=Changes("on_confirm", says(f"{_ORDER}.status", "IN-PROGRESS")),
    ),
    Planted(
        name="accepted on the way",
        check="status_fits",
        seller=Changes("on_status", says(f"{_ORDER}.status", "ACCEPTED"), where=_DEPARTED),
    ),
    Planted(
        name="departure without a time",
        check="departed",
        seller=Changes("on_status", says(f"{_LEAVES}.time.timestamp", DELETE), where=_DEPARTED),
    ),
    Planted(
        name="end without a time",
        check="finished",
        seller=Changes("on_status", says(f"{_COMES}.time.timestamp", DELETE), where=in_state("Completed")),
    ),
    Planted(
        name="run out",
        check="authorization",
        seller=Changes("on_status", says(f"{_COMES}.authorization.valid_to", PAST), where=has_token),
    ),
    Planted(
        name="sent back",
        check="wrong_otp",
        seller=Changes("on_status", says(_STATE, "In-Transit"), where=refuses),
        scenario="re_otp",
    ),
    Planted(
        name="no invoice",
        check="invoice",
        seller=Changes("on_status", says(f"{_ORDER}.documents", DELETE), where=in_state("Completed")),
    ),
    Planted(
        name="accepted all the same",
        check="cancelled",
        seller=Changes("on_cancel", says(f"{_ORDER}.status", "ACCEPTED")),
        scenario="buyer_cancel",
    ),
)

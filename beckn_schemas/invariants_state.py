"""Rules of time and state in an order.

Source: protocol 1.4, 1.7 (the table), 4.18 to 4.26, assertions 16 to 19 and 29 to 49.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from beckn_schemas.invariants_base import MADE, ORDERED, Callback, Finding, Rule, instant, state, weekday

_ORDER: Final = "message.order"
_SELECT: Final = frozenset({"on_select"})
_MOVING: Final = frozenset({"In-Transit", "At-Location", "Completed"})
_NOT_SERVED: Final = frozenset({"30009", "30010"})


def _order_times(callback: Callback) -> Iterator[Finding]:
    order = callback.order
    if not {"created_at", "updated_at"} <= order.keys():
        return
    if instant(order["updated_at"]) <= instant(order["created_at"]):
        yield f"{_ORDER}.updated_at", "later than created_at"
    if instant(order["updated_at"]) > callback.now:
        yield f"{_ORDER}.updated_at", "not later than context.timestamp"


def _customer_stop(callback: Callback) -> Iterator[Finding]:
    for path, visit in callback.visits:
        if sum(stop["type"] == "end" for stop in visit["stops"]) != 1:
            yield f"{path}.stops", "one stop of type end"


def _worker_stop(callback: Callback) -> Iterator[Finding]:
    for path, visit in callback.visits:
        starts = [stop for stop in visit["stops"] if stop["type"] == "start"]
        if not starts and not callback.error_code:
            yield f"{path}.stops", "a stop of type start"
        named = (callback.action == "on_confirm" and not callback.error_code) or state(visit) in _MOVING
        if named and not any("person" in stop for stop in starts):
            yield f"{path}.stops", "the worker's name in the stop of type start"


def _customer_contact(callback: Callback) -> Iterator[Finding]:
    for path, stop, _ in callback.ends:
        if "contact" not in stop and not callback.error_code:
            yield f"{path}.contact", "the customer's contact"


def _slot_range(callback: Callback) -> Iterator[Finding]:
    for stops in (callback.starts, callback.ends):
        for path, stop, _ in stops:
            slot = stop["time"].get("range")
            if slot is not None and instant(slot["end"]) <= instant(slot["start"]):
                yield f"{path}.time.range", "an end after the start"


def _one_slot(callback: Callback) -> Iterator[Finding]:
    for _, visit in callback.visits:
        ranges = {tuple(sorted(s["time"]["range"].items())) for s in visit["stops"] if "range" in s.get("time", {})}
        if len(ranges) > 1:
            yield f"{_ORDER}.fulfillments", "the same slot at both stops"


def _slot_day(callback: Callback) -> Iterator[Finding]:
    for path, stop, _ in callback.ends:
        time = stop["time"]
        if "days" in time and "range" in time and time["days"] != weekday(instant(time["range"]["start"])):
            yield f"{path}.time.days", "the weekday of the slot in India"


def _slot_label(callback: Callback) -> Iterator[Finding]:
    for path, stop, _ in callback.ends:
        label = stop["time"].get("label")
        if not callback.error_code and (label != "confirmed" or "range" not in stop["time"]):
            yield f"{path}.time", "the slot, with label confirmed"
        if callback.action == "on_select" and callback.error_code and label == "confirmed":
            yield f"{path}.time.label", "no confirmation beside an error"
        if callback.action in {"on_select", "on_init"} and callback.error_code == "90001" and label != "rejected":
            yield f"{path}.time.label", "rejected"


def _alternatives(callback: Callback) -> Iterator[Finding]:
    if callback.error_code != "90001" or callback.action == "on_confirm":
        return
    for path, item in callback.items:
        if "time" not in item:
            yield f"{path}.time", "the alternatives: time.schedule.times"


def _slot_future(callback: Callback) -> Iterator[Finding]:
    for path, stop, _ in callback.ends:
        time = stop["time"]
        if time.get("label") == "confirmed" and "range" in time and instant(time["range"]["start"]) <= callback.now:
            yield f"{path}.time.range.start", "a time after context.timestamp"


def _serviceability(callback: Callback) -> Iterator[Finding]:
    for path, visit in callback.visits:
        served = state(visit) == "Serviceable"
        if served == (callback.error_code in _NOT_SERVED):
            yield f"{path}.state.descriptor.code", "Serviceable, or Non-serviceable beside 30009 or 30010"


def _confirmed(callback: Callback) -> Iterator[Finding]:
    if callback.error_code:
        return
    if callback.status not in {"ACCEPTED", "CREATED"}:  # CREATED where the provider's word follows
        yield f"{_ORDER}.status", "ACCEPTED or CREATED"
    for path, visit in callback.visits:
        if state(visit) != "Pending":
            yield f"{path}.state.descriptor.code", "Pending"


def _status_fits(callback: Callback) -> Iterator[Finding]:
    states = {state(visit) for _, visit in callback.visits}
    if not states or not callback.status:
        return
    match callback.status:
        case "COMPLETED":
            fits = "Completed" in states and states <= {"Completed", "Cancelled"}
        case "CANCELLED":
            fits = "Cancelled" in states and states <= {"Completed", "Cancelled"}
        case "CREATED":
            fits = states == {"Pending"}
        case "ACCEPTED":
            fits = "Pending" in states and states <= {"Pending", "Completed", "Cancelled"}
        case "IN-PROGRESS":
            fits = not states <= {"Completed", "Cancelled"}
        case _:  # PENDING: a requote waits, whatever is under way
            fits = states != {"Cancelled"}
    if not fits:
        yield f"{_ORDER}.status", "a status that follows from the fulfillments' states"


def _departed(callback: Callback) -> Iterator[Finding]:
    for path, stop, visit in callback.starts:
        stamped = "timestamp" in stop["time"]
        if state(visit) in _MOVING and not stamped:
            yield f"{path}.time.timestamp", "when the worker set off"
        elif state(visit) == "Pending" and stamped:
            yield f"{path}.time.timestamp", "nothing before the worker set off"
        if stamped and instant(stop["time"]["timestamp"]) > callback.now:
            yield f"{path}.time.timestamp", "not later than context.timestamp"


def _finished(callback: Callback) -> Iterator[Finding]:
    for path, stop, visit in callback.ends:
        ended = stop["time"].get("timestamp")
        if (state(visit) == "Completed") != (ended is not None):
            yield f"{path}.time.timestamp", "one if and only if the visit is Completed"
        if ended is None:
            continue
        begun = [s["time"]["timestamp"] for s in visit["stops"] if s["type"] == "start" and "timestamp" in s["time"]]
        if instant(ended) > callback.now or any(instant(ended) <= instant(start) for start in begun):
            yield f"{path}.time.timestamp", "later than the departure and not later than context.timestamp"


def _authorization(callback: Callback) -> Iterator[Finding]:
    for path, stop, visit in callback.ends:
        token = stop.get("authorization")
        if token is None:
            continue
        if state(visit) != "At-Location":
            yield f"{path}.authorization", "none but At-Location"
        elif not instant(token["valid_from"]) <= callback.now < instant(token["valid_to"]):
            yield f"{path}.authorization", "valid at context.timestamp"


def _wrong_otp(callback: Callback) -> Iterator[Finding]:
    visits = [state(visit) for _, visit in callback.visits]
    if callback.error_code == "90002" and visits and "At-Location" not in visits:
        yield f"{_ORDER}.fulfillments", "the state At-Location beside 90002"


def _invoice(callback: Callback) -> Iterator[Finding]:
    if callback.status and (callback.status == "COMPLETED") != ("documents" in callback.order):
        yield f"{_ORDER}.documents", "an invoice if and only if the order is completed"


def _cancelled(callback: Callback) -> Iterator[Finding]:
    if callback.action == "on_cancel" and not callback.error_code and callback.status != "CANCELLED":
        yield f"{_ORDER}.status", "CANCELLED"
    if "cancellation" in callback.order and callback.status != "CANCELLED":
        yield f"{_ORDER}.cancellation", "none unless the order is cancelled"


STATE_RULES: Final[tuple[Rule, ...]] = (
    Rule("order_times", MADE, "assertion 29; protocol 1.0; protocol 4.23", _order_times),
    Rule("customer_stop", ORDERED, "protocol 1.4; protocol 1.6", _customer_stop),
    Rule("worker_stop", MADE, "assertion 30; protocol 7", _worker_stop),
    Rule("customer_contact", MADE, "assertion 30; protocol 7", _customer_contact),
    Rule("slot_range", ORDERED, "protocol 4.4; protocol 1.3", _slot_range),
    Rule("one_slot", MADE, "assertion 44; protocol 1.9", _one_slot),
    Rule("slot_day", ORDERED, "protocol 4.6", _slot_day),
    Rule("slot_label", ORDERED, "assertion 16; assertion 17; protocol 1.4", _slot_label),
    Rule("alternatives", ORDERED, "assertion 17; assertion 28; assertion 45", _alternatives),
    Rule("slot_future", _SELECT, "assertion 17; protocol 1.3", _slot_future),
    Rule("serviceability_state", _SELECT, "assertion 16; assertion 22", _serviceability),
    Rule("confirmed", frozenset({"on_confirm"}), "assertion 29; protocol 1.6", _confirmed),
    Rule("status_fits", MADE, "assertion 37; assertion 49; protocol 1.7", _status_fits),
    Rule("departed", MADE, "assertion 38; protocol 1.7", _departed),
    Rule("finished", MADE, "assertion 38; protocol 1.7; protocol 4.22", _finished),
    Rule("authorization", MADE, "assertion 40; protocol 1.7; protocol 4.26", _authorization),
    Rule("wrong_otp", frozenset({"on_status"}), "assertion 41", _wrong_otp),
    Rule("invoice", MADE, "assertion 39; protocol 1.7; protocol 4.20", _invoice),
    Rule("cancelled", MADE, "assertion 49; protocol 1.8", _cancelled),
)

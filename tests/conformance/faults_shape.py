"""Faults of shape and of spelling. Those of required paths are in ``lost_paths.py``."""

from __future__ import annotations

from tests.conformance.faulty_seller import Honest
from tests.conformance.planted import Change, Changes, Planted, in_state, says

_ORDER = "message.order"
_VISIT = f"{_ORDER}.fulfillments[0]"
_FEE = f"{_ORDER}.payments[0].tags[2].list[0]"


def _status(change: Change, state: str = "In-Transit") -> Honest:
    return Changes("on_status", change, where=in_state(state))


PLANTED: tuple[Planted, ...] = (
    Planted(
        name="a count in words",
        check="shape_type",
        seller=_status(says(f"{_ORDER}.items[0].quantity.selected.count", "one")),
    ),
    Planted(
        name="a state of retail",
        check="shape_enum",
        seller=_status(says(f"{_VISIT}.state.descriptor.code", "Packed")),
    ),
    Planted(
        name="no fulfillments",
        check="shape_empty",
        seller=_status(says(f"{_ORDER}.fulfillments", [])),
    ),
    Planted(
        name="an invoice without an address",
        check="shape_pattern",
        seller=_status(says(f"{_ORDER}.documents[0].url", "invoice.pdf"), "Completed"),
    ),
    Planted(
        name="three decimals",
        check="shape_money",
        seller=_status(says(f"{_ORDER}.quote.price.value", "499.001")),
    ),
    Planted(
        name="nothing, but less",
        check="shape_money",
        seller=_status(says(f"{_ORDER}.quote.breakup[0].price.value", "-0.00")),
    ),
    Planted(
        name="a naive time",
        check="shape_timestamp",
        seller=_status(says(f"{_ORDER}.updated_at", "2026-11-23T03:30:00.000")),
    ),
    Planted(
        name="a time in India",
        check="shape_timestamp",
        seller=_status(says(f"{_ORDER}.updated_at", "2026-11-23T09:00:00.000+05:30")),
    ),
    Planted(
        name="a duration in words",
        check="shape_duration",
        seller=_status(says(f"{_ORDER}.quote.ttl", "one day")),
    ),
    Planted(
        name="longitude first",
        check="gps_order",
        seller=_status(says(f"{_VISIT}.stops[0].location.gps", "80.999000,26.850000")),
    ),
    Planted(
        name="one number",
        check="shape_gps",
        seller=_status(says(f"{_VISIT}.stops[0].location.gps", "26.850000")),
    ),
    Planted(
        name="an eighth day",
        check="shape_days",
        seller=_status(says(f"{_VISIT}.stops[1].time.days", "8")),
    ),
    Planted(
        name="days after the T",
        check="duration_iso",
        seller=_status(says(f"{_ORDER}.quote.ttl", "PT1D")),
    ),
    Planted(
        name="a zero before the day",
        check="days_spelling",
        seller=Changes("on_search", says("message.catalog.providers[0].items[0].time.days", lambda days: f"0{days}")),
    ),
    Planted(
        name="one area twice",
        check="serviceability_once",
        seller=Changes("on_search", says("message.catalog.providers[0].tags", lambda tags: [*tags, tags[0]])),
    ),
    Planted(
        name="In_Transit",
        check="state_spelling",
        seller=_status(says(f"{_VISIT}.state.descriptor.code", "In_Transit")),
    ),
    Planted(
        name="in_progress",
        check="status_spelling",
        seller=_status(says(f"{_ORDER}.status", "in_progress")),
    ),
    Planted(
        name="Invoice",
        check="label_spelling",
        seller=_status(says(f"{_ORDER}.documents[0].label", "Invoice"), "Completed"),
    ),
    Planted(
        name="Buyer_finder_fee_type",
        check="finder_fee_spelling",
        seller=_status(says(f"{_FEE}.descriptor.code", "Buyer_finder_fee_type")),
    ),
    Planted(
        name="percentage",
        check="finder_fee_percent",
        seller=_status(says(f"{_FEE}.value", "percentage")),
    ),
)

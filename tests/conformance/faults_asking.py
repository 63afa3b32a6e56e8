"""Faults of rating, tracking and support."""

from __future__ import annotations

from tests.conformance.faults_visits import refuses
from tests.conformance.planted import Changes, Planted, says
from tests.support.json_edit import DELETE

PLANTED: tuple[Planted, ...] = (
    Planted(
        name="rating refused",
        check="rating_answered",
        seller=Changes("on_rating", says("error", {"code": "50003", "message": "not rated"})),
        scenario="questions",
    ),
    Planted(
        name="no message",
        check="rating_answered",
        seller=Changes("on_rating", says("message", DELETE)),
        scenario="questions",
    ),
    Planted(
        name="rating of 6 taken",
        check="rating_value_refused",
        seller=Changes("on_rating", says("error", DELETE), where=refuses),
        scenario="questions",
    ),
    Planted(
        name="rating of the weather taken",
        check="rating_category_refused",
        seller=Changes("on_rating", says("error", DELETE), where=refuses),
        scenario="questions",
    ),
    Planted(
        name="status of its own making",
        check="track_answered",
        seller=Changes("on_track", says("message.tracking.status", "moving")),
        scenario="questions",
    ),
    Planted(
        name="followed where nobody is",
        check="track_answered",
        seller=Changes("on_track", says("message.tracking.status", "active")),
        scenario="questions",
    ),
    Planted(
        name="another reference",
        check="support_answered",
        seller=Changes("on_support", says("message.support.ref_id", "O-OTHER")),
        scenario="questions",
    ),
    Planted(
        name="no telephone",
        check="support_answered",
        seller=Changes("on_support", says("message.support.phone", DELETE)),
        scenario="questions",
    ),
)
